from __future__ import annotations

import hashlib
import time
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from benchmarks.split_gold import split_lines
from lvmh_jax.errors import InvalidInputError, NotFoundError
from lvmh_jax.io.inspection import read_parts
from lvmh_jax.io.suggestions import read_document
from lvmh_jax.io.workspace import (
    read_lexicon_file,
    read_notes_file,
    read_notes_of,
    read_workspace,
    stream_notes,
)
from lvmh_jax.records import LANGUAGES, Candidate, GoldNote, GoldSpan, Note
from tests.conftest import REPOSITORY
from tests.generators import (
    CANDIDATE_HEADER,
    CANDIDATES,
    GOLD_DEV,
    LEXICON,
    LEXICON_TABLE,
    NOTES,
    TINY_GOLD,
    TINY_LEXICON,
    make_workspace,
    tiny_notes,
    write_file,
    write_parquet,
)


def test_a_sound_workspace_reads_whole_and_without_a_warning(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, gold={"dev": [TINY_GOLD]})
    workspace = read_workspace(root)
    assert workspace.warnings == ()
    assert len(workspace.notes) == 50
    assert workspace.notes[0] == Note(
        note_id="N1",
        client_id="C_N1",
        text="Cliente fidèle, cherche un sac à main noir.",
        language="FR",
        date="2026-01-08",
        length="short",
    )
    assert [concept.concept_id for concept in workspace.lexicon.concepts] == list(TINY_LEXICON)
    assert workspace.candidates == (
        Candidate("noir", ("FR",), 2, 0.5, ("N1", "N2")),
        Candidate("budget", ("EN", "FR"), 1, 0.4, ("N2",)),
    )
    span = GoldSpan(8, 13, "colour_black")
    assert workspace.gold == {"dev": (GoldNote("N2", (span,), ("colour_black",)),)}
    text = next(note.text for note in workspace.notes if note.note_id == "N2")
    assert text[span.start : span.end] == "BLACK"


def test_digests_are_of_the_files(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, gold={"train": [TINY_GOLD]})
    digests = read_workspace(root).digests
    assert digests == {
        name: hashlib.sha256((root / name).read_bytes()).hexdigest()
        for name in (NOTES, LEXICON, CANDIDATES, "data/gold/train.jsonl")
    }


def test_no_gold_file_is_opened_that_was_not_asked_for(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, gold={"train": [TINY_GOLD]})
    write_file(root, "data/gold/test.jsonl", "not JSON: reading it would raise")
    assert set(read_workspace(root).gold) == {"train"}
    assert read_workspace(root, splits=()).gold == {}
    with pytest.raises(InvalidInputError, match=r"data/gold/test\.jsonl:1: not valid JSON"):
        read_workspace(root, splits=("test",))


# What is accepted, with a warning.


def test_few_notes(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, notes=tiny_notes())
    assert read_workspace(root).warnings == (
        f"{NOTES}: 5 notes are few: figures will be unstable below 50",
    )


def test_no_candidates(tmp_path: Path) -> None:
    workspace = read_workspace(make_workspace(tmp_path, candidates=None))
    assert workspace.candidates == ()
    assert workspace.warnings == (f"{CANDIDATES}: not there; no keyword candidates",)


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (CANDIDATE_HEADER, "it holds no candidate"),
        (CANDIDATE_HEADER + ",FR,1,0.5,\n\na,FR,,,\n", "1 rows without a candidate: skipped"),
    ],
)
def test_odd_candidates(tmp_path: Path, content: str, warning: str) -> None:
    workspace = read_workspace(make_workspace(tmp_path, candidates=content))
    assert workspace.warnings == (f"{CANDIDATES}: {warning}",)


def test_null_texts_unknown_languages_and_clients(tmp_path: Path) -> None:
    rows = tiny_notes(10)
    rows[0] |= {"text": None, "date": None, "client_id": None, "language": "fr "}
    rows[1] |= {"text": " ", "language": "EL"}
    rows[2] |= {"language": "a note that slipped into this column"}
    rows[3] |= {"language": None}
    for row, day in zip(rows[4:], ("2026-13-01", "08/01/2026", "2026-12-31", ""), strict=False):
        row["date"] = day
    workspace = read_workspace(make_workspace(tmp_path, notes=rows))
    assert workspace.notes[0] == Note("N1", "N1", "", "FR", length="short")
    assert workspace.notes[1].text == " "
    assert workspace.warnings == (
        f"{NOTES}: 2 of 50 notes have no text",
        f"{NOTES}: 1 of 50 notes have no client_id: their note_id stands in",
        f"{NOTES}: 2 of 50 notes have a date that is not YYYY-MM-DD",
        f"{NOTES}: 3 of 50 notes are in unknown languages: EL, 2 other or empty",
    )


def test_a_note_that_would_be_taken_for_a_client_is_told(tmp_path: Path) -> None:
    rows = tiny_notes(10)
    rows[0] |= {"client_id": None}  # of note N1
    rows[7] |= {"client_id": "N1"}
    workspace = read_workspace(make_workspace(tmp_path, notes=rows))
    assert workspace.warnings == (
        f"{NOTES}: 1 of 50 notes have no client_id: their note_id stands in",
        f"{NOTES}: 1 of 50 notes without client_id have the id of a client: two people are taken "
        "for one; give those notes a client_id",
    )


def test_a_byte_order_mark(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, gold={"dev": [TINY_GOLD]})
    for name in (LEXICON, CANDIDATES, GOLD_DEV):
        write_file(root, name, b"\xef\xbb\xbf" + (root / name).read_bytes())
    workspace = read_workspace(root)
    assert len(workspace.candidates) == 2
    assert workspace.warnings == ()  # Excel's "CSV UTF-8" has one always
    assert read_parts(root).warnings == []
    assert read_parts(root).remarks == [
        f"{name}: a byte order mark (BOM) stands before the text: ignored"
        for name in (LEXICON, CANDIDATES, GOLD_DEV)
    ]


def test_columns_that_are_not_text_are_converted(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    count = range(50)
    columns = {
        "note_id": pa.array(count),
        "client_id": pa.array([None if n == 1 else float(n) for n in count], from_pandas=True),
        "date": pa.array([datetime(2026, 1, 8, 10, 30)] * 50),
        "duration": pa.array([True] * 50),
        "language": pa.array(["FR"] * 50).dictionary_encode(),
        "length": pa.nulls(50),
        "text": pa.array([b"caf\xc3\xa9"] * 50),
    }
    write_parquet(root, NOTES, columns)
    workspace = read_workspace(root)
    assert workspace.notes[0] == Note("0", "0", "café", "FR", "2026-01-08", "true")
    assert workspace.notes[1].client_id == "1"
    assert workspace.warnings[0] == (
        f"{NOTES}: read as text: note_id (int64), client_id (double), date (timestamp[us]), "
        "duration (bool), text (binary)"
    )


def test_a_day_column(tmp_path: Path) -> None:
    columns = {"note_id": ["a"], "text": ["b"], "date": pa.array([date(2026, 1, 8)])}
    notes, _ = read_notes_file(write_parquet(tmp_path, "n.parquet", columns))
    assert notes[0].date == "2026-01-08"


def test_gold_of_other_notes(tmp_path: Path) -> None:
    rows = [TINY_GOLD, {"note_id": "elsewhere", "spans": [], "concepts": []}]
    root = make_workspace(tmp_path, gold={"train": rows[:1], "dev": rows, "more": rows[1:]})
    workspace = read_workspace(root, splits=("train", "dev", "more"))
    assert set(workspace.gold) == {"train", "dev"}
    assert workspace.warnings == (
        f"{GOLD_DEV}: 1 of 2 gold notes are not among the notes: skipped",
        f"{GOLD_DEV}: 1 notes are in split train too: scores on one are not free of the other",
        "data/gold/more.jsonl: 1 of 1 gold notes are not among the notes: skipped",
    )


def test_the_lexicon_may_be_a_table(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    (root / LEXICON).unlink()
    write_file(
        root,
        LEXICON_TABLE,
        "concept_id,label,aliases,languages,freq_notes,examples,rule\n"
        'handbag,Handbag,"sac à main|bolso",FR|ES,3,N1|N2,bucket=intent\n',
    )
    workspace = read_workspace(root)
    assert workspace.lexicon.concepts[0].aliases == ("sac à main", "bolso")
    assert workspace.lexicon.concepts[0].freq_notes == 3
    assert LEXICON_TABLE in workspace.digests
    assert workspace.warnings == ()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("concept_id,aliases,label\nbag,tote|sac,x\nill,flu,Ill\n", ""),  # says the same
        ("concept_id,aliases\nbag,tote\nwatch,w\n", "differs in 3 concepts"),
        ("concept_id,aliases,sensitive\nbag,sac|tote,\nill,flu,yes\n", "differs in 1 concept"),
        ("concept_id,label\nbag,x\n", "cannot be read"),
    ],
)
def test_of_a_document_and_a_table_it_is_told_which_is_read(
    tmp_path: Path, table: str, told: str
) -> None:
    lexicon = {"bag": {"aliases": ["sac", "tote"]}, "ill": {"aliases": ["flu"]}}
    buckets = {"bucket": "other"}
    root = make_workspace(tmp_path, lexicon={key: lexicon[key] | buckets for key in lexicon})
    write_file(root, LEXICON_TABLE, table)
    workspace = read_workspace(root)
    assert [one.aliases for one in workspace.lexicon.concepts] == [("sac", "tote"), ("flu",)]
    assert LEXICON_TABLE not in workspace.digests
    assert list(workspace.warnings) == [
        f"{LEXICON}: it is read, and not {LEXICON_TABLE}, which is there too and {told}: delete or "
        "rename the one that is not meant"
        for told in [told]
        if told
    ]
    assert read_parts(root).warnings == list(workspace.warnings)


@pytest.mark.parametrize("before", ["", "sep=;\n"])
def test_the_table_may_be_as_a_spreadsheet_saves_it(tmp_path: Path, before: str) -> None:
    root = make_workspace(tmp_path)
    (root / LEXICON).unlink()
    rows = "concept_id;label;aliases;freq_notes\nhandbag;Handbag;sac, petit|bolso;3\n"
    path = write_file(root, LEXICON_TABLE, before + rows)
    lexicon = read_workspace(root).lexicon
    assert lexicon.concepts[0].aliases == ("sac, petit", "bolso")
    assert read_lexicon_file(path)[0] == read_document(path)[1] == read_parts(root).lexicon
    assert read_lexicon_file(path)[0] == lexicon


@pytest.mark.parametrize("head", ["Concept_ID;Label;Aliases", "CONCEPT ID; label;aliases "])
def test_a_table_of_windows_with_names_in_capitals(tmp_path: Path, head: str) -> None:
    root = make_workspace(tmp_path)
    (root / LEXICON).unlink()
    rows = f"{head}\r\nhandbag;Sac;sac à main|besace beurrée\r\n"
    write_file(root, LEXICON_TABLE, rows.encode("cp1252"))
    workspace = read_workspace(root)
    assert workspace.lexicon.concepts[0].aliases == ("sac à main", "besace beurrée")
    (warning,) = [each for each in workspace.warnings if "UTF-8" in each]
    assert warning.startswith(f"{LEXICON_TABLE}: it is not UTF-8: read as cp1252 (save it as")
    write_file(root, LEXICON_TABLE, f"{head}\nsac;é;\n".encode() + b"\xe9;;\n")
    with pytest.raises(InvalidInputError, match=r"byte \d+ is not UTF-8.*; save it as UTF-8$"):
        read_workspace(root)
    write_file(root, LEXICON, '{"é": {"aliases": ["sac"]}}'.encode("cp1252"))
    with pytest.raises(InvalidInputError, match="byte 2 is not UTF-8"):
        read_workspace(root)


# What is not there.


@pytest.mark.parametrize("missing", [(NOTES,), (LEXICON,), (NOTES, LEXICON)])
def test_no_data(tmp_path: Path, missing: tuple[str, ...]) -> None:
    root = make_workspace(tmp_path)
    for name in missing:
        (root / name).unlink()
    with pytest.raises(NotFoundError, match=r"^No data found; looked for .*") as caught:
        read_workspace(root)
    message = str(caught.value)
    assert caught.value.exit_code == 4
    for name in (NOTES, LEXICON, LEXICON_TABLE):
        state = "missing" if name in (*missing, LEXICON_TABLE) else "found"
        assert f"{(root / name).as_posix()} ({state})" in message
    assert ("`lvmh-jax prepare EXPORT`" in message) == (NOTES in missing)
    assert "--workspace DIR" in message
    assert "\n" not in message


def test_a_notes_file_that_is_not_there(tmp_path: Path) -> None:
    root, path = make_workspace(tmp_path), tmp_path / "nowhere.csv"
    reads = (
        lambda: read_notes_file(path),
        lambda: read_workspace(root, notes_file=path),
        lambda: stream_notes(root, path),
    )
    for read in reads:
        with pytest.raises(NotFoundError, match=r"nowhere\.csv \(missing\); check .* --notes$"):
            read()


def test_notes_that_a_workspace_lacks_are_written_by_prepare(tmp_path: Path) -> None:
    for read in (read_notes_of, stream_notes):
        with pytest.raises(NotFoundError, match=r"`lvmh-jax prepare EXPORT`.*--workspace DIR$"):
            read(tmp_path)


# Real workspaces.


def test_the_demo_workspace() -> None:
    workspace = read_workspace(REPOSITORY)
    assert len(workspace.notes) == 80
    assert len(workspace.lexicon.concepts) == 230
    assert {split: len(notes) for split, notes in workspace.gold.items()} == {
        "train": 50,
        "dev": 30,
    }
    language_of = {note.note_id: note.language for note in workspace.notes}
    for notes in workspace.gold.values():
        assert {language_of[note.note_id] for note in notes} == set(LANGUAGES)
    assert workspace.warnings == ()
    lines = {
        split: (REPOSITORY / f"data/gold/{split}.jsonl").read_text("utf-8").splitlines()
        for split in ("train", "dev")
    }
    assert split_lines([*lines["dev"], *lines["train"]], language_of, 30) == lines


@pytest.mark.parametrize(
    ("name", "notes", "concepts"),
    [
        ("authored", 80, 230),
        ("clienteling", 2000, 230),
        ("origin", 2000, 1038),
        ("mabsa_hotel", 23616, 33),
        ("ncbi_disease_plus", 792, 11915),
        ("bc5cdr_train", 1500, 1308),
    ],
)
def test_shared_workspaces(shared: Path, name: str, notes: int, concepts: int) -> None:
    started = time.perf_counter()
    workspace = read_workspace(shared / "data" / name)
    assert (len(workspace.notes), len(workspace.lexicon.concepts)) == (notes, concepts)
    assert time.perf_counter() - started < 3
