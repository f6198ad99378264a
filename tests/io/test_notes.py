"""Notes of every format, read alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.notes import sample_notes
from lvmh_jax.io.parquetfiles import _count_bytes
from lvmh_jax.io.workspace import read_notes_file, read_workspace, stream_notes
from lvmh_jax.records import Note
from tests.generators import (
    NOTES,
    TINY_GOLD,
    json_lines,
    make_workspace,
    note_row,
    texts,
    write_file,
    write_notes,
)


def test_notes_from_csv(tmp_path: Path) -> None:
    path = write_file(
        tmp_path, "n.csv", 'text,note_id,extra\n"two\nlines, one ""note""",a,x\n\nb,B,\n'
    )
    notes, warnings = read_notes_file(path)
    assert [(note.note_id, note.client_id, note.text) for note in notes] == [
        ("a", "a", 'two\nlines, one "note"'),
        ("B", "B", "b"),
    ]
    assert warnings == [
        "n.csv: no column client_id, date, duration, language, length: left empty, "
        "and each note is its own client, and what denies is told by the language of the text"
    ]


def test_notes_from_json_lines(tmp_path: Path) -> None:
    rows = [note_row("a", "x\u2028y", language="de"), {"note_id": 7, "text": None}]
    notes, warnings = read_notes_file(write_file(tmp_path, "n.jsonl", json_lines(rows)))
    assert notes[0] == Note("a", "C_a", "x\u2028y", "DE", "2026-01-08", length="short")
    assert notes[1] == Note("7", "7", "")
    assert len(warnings) == 3


def test_lone_surrogates_become_one_character_each(tmp_path: Path) -> None:
    path = write_file(tmp_path, "n.jsonl", '{"note_id": "a", "text": "x\\ud83d y \\ud83d\\udc5c"}')
    notes, _ = read_notes_file(path)
    assert notes[0].text == "x\ufffd y 👜"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "n.csv",
            "note_id,date\na,b\n",
            r"n\.csv: missing column text \(read with a comma .*; expected note_id, text",
        ),
        ("n.csv", "note_id,text\n", r"n\.csv: it holds no note"),
        ("n.csv", "note_id,text\na,b\na,c\n", r"n\.csv: note_id 'a' is in row 1 and again in"),
        ("n.csv", "ID,Transcription\n1,b\n", r"n\.csv: missing columns .* run `lvmh-jax prepare"),
        (
            "n.csv",
            "note_id;text\na;b\n",
            r"note_id, text \(read with a comma .* `lvmh-jax prepare FILE` reads exports",
        ),
        (
            "n.csv",
            "note_id,text\na,été\n".encode("cp1252"),
            r"UTF-8; `lvmh-jax prepare FILE` reads",
        ),
        ("n.jsonl", '{"note_id": "é"}'.encode("cp1252"), r"UTF-8; `lvmh-jax prepare FILE` reads"),
        ("n.jsonl", '{"note_id": "a"}\n', r"n\.jsonl:1: missing column text"),
        ("n.jsonl", '{"note_id": "a", "text": []}', r"n\.jsonl:1: key 'text' is a list"),
        ("n.jsonl", '{"note_id": true, "text": ""}', r"n\.jsonl:1: key 'note_id' is true or fal"),
        ("n.jsonl", '\n["a"]', r"n\.jsonl:2: the line is a list"),
        ("n.jsonl", "\n \n", r"n\.jsonl: it holds no note"),
        ("n.parquet", "note_id,text\na,b\n", r"n\.parquet: it cannot be read as parquet"),
        ("n.txt", "note_id,text\na,b\n", r"n\.txt: it cannot be read as parquet"),
    ],
)
def test_refused_notes_file(tmp_path: Path, name: str, content: str | bytes, message: str) -> None:
    path = write_file(tmp_path, name, content)
    with pytest.raises(InvalidInputError, match=message):
        read_notes_file(path, root=tmp_path)


def test_a_workspace_with_other_notes(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w", gold={"dev": [TINY_GOLD]})
    (root / NOTES).unlink()
    path = write_file(tmp_path, "other.csv", "note_id,text\nN2,Wants a BLACK one\n")
    workspace = read_workspace(root, notes_file=path)
    assert [note.text for note in workspace.notes] == ["Wants a BLACK one"]
    assert len(workspace.gold["dev"]) == 1
    assert path.as_posix() in workspace.digests


@settings(max_examples=40)
@given(st.lists(texts(), min_size=1, max_size=6), st.sampled_from(["parquet", "jsonl"]))
def test_texts_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, originals: list[str], suffix: str
) -> None:
    rows = [note_row(f"N{n}", text) for n, text in enumerate(originals)]
    root = tmp_path_factory.mktemp("texts")
    if suffix == "parquet":
        path = write_notes(root, rows, "n.parquet")
    else:
        path = write_file(root, "n.jsonl", json_lines(rows))
    assert [note.text for note in read_notes_file(path)[0]] == originals


def write_many(root: Path, ids: list[str], row_group: int) -> Path:
    table = pa.table({"note_id": ids, "text": [f"text of {each}" for each in ids]})
    path = root / "many.parquet"
    parquet.write_table(table, path, row_group_size=row_group)
    return path


def test_a_stream_gives_the_notes_of_the_file_piece_by_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lvmh_jax.io.columns.PIECE_ROWS", 7)
    path = write_many(tmp_path, [str(i) for i in range(40)], 16)
    stream, warnings = stream_notes(tmp_path, path)
    pieces = list(stream)
    assert stream.total == 40
    assert max(map(len, pieces)) <= 7
    assert [note.note_id for piece in pieces for note in piece] == [str(i) for i in range(40)]
    assert [line.split(":")[0] for line in warnings] == ["many.parquet"]


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (["a", "b", "c", "d", "b"], r"'b' is in row 2 and again in row 5"),
        (["a", "anna@example.fr", "c", "anna@example.fr"], r"'\[EMAIL\]' is in row 2 and again"),
        (["a", "", "c", "d", None], r"null or empty in 2 of 5 rows, first in row 2"),
    ],
)
def test_ids_are_checked_across_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ids: list[str], says: str
) -> None:
    monkeypatch.setattr("lvmh_jax.io.columns.CHUNK_ROWS", 2)
    stream, _ = stream_notes(tmp_path, write_many(tmp_path, ids, 2))
    for read in (stream.check_ids, lambda: list(stream)):
        with pytest.raises(InvalidInputError, match=says):
            read()


def test_notes_whose_ids_were_checked_come_as_they_are(tmp_path: Path) -> None:
    stream, _ = stream_notes(tmp_path, write_many(tmp_path, list("abcde"), 2))
    stream.check_ids()
    assert [note.note_id for piece in stream for note in piece] == list("abcde")


@given(st.permutations(range(30)), st.integers(1, 40))
def test_a_sample_depends_on_the_notes_alone(order: list[int], most: int) -> None:
    notes = [Note(str(i), "c", "t") for i in range(30)]
    keep = {"3", "17"}
    whole = sample_notes([notes], most, keep)
    assert len(whole) == min(most + 2, 30) if most < 28 else len(whole) == 30
    assert keep <= {note.note_id for note in whole}
    assert [int(note.note_id) for note in whole] == sorted(int(n.note_id) for n in whole)
    shuffled = sample_notes([[notes[i]] for i in order], most, keep)
    assert {note.note_id for note in shuffled} == {note.note_id for note in whole}


def test_a_large_workspace_is_sampled_and_keeps_its_annotated_notes(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, gold={"dev": [TINY_GOLD]})
    everything = read_workspace(root)
    gold = {each.note_id for each in everything.gold["dev"]}
    some = read_workspace(root, most_notes=1)
    assert len(some.notes) == 1 + len(gold) < len(everything.notes) == some.total_notes
    assert gold <= {note.note_id for note in some.notes}
    assert some.gold == everything.gold
    assert any("notes are read, chosen by a hash" in line for line in some.warnings)


cells = st.lists(st.none() | st.sampled_from(["", "é", "navy", "婚礼"]), min_size=1, max_size=12)


@settings(max_examples=60, deadline=None)
@given(cells, st.sampled_from([pa.string(), pa.large_string(), "int8", "uint16", "int32"]))
def test_texts_are_read_however_a_file_keeps_them(tmp_path_factory, values, kind) -> None:
    path = tmp_path_factory.mktemp("kept") / "n.parquet"
    given_type = pa.dictionary(getattr(pa, kind)(), pa.string()) if isinstance(kind, str) else kind
    texts_N = pa.array(values, pa.string()).cast(given_type)
    ids = pa.array([f"n{row}" for row in range(len(values))])
    parquet.write_table(pa.table({"note_id": ids, "text": texts_N}), path)
    notes, warnings = read_notes_file(path)
    assert [note.text for note in notes] == [value or "" for value in values]
    assert not any("read as text" in warning for warning in warnings)


@given(cells.map(lambda values: [*values, "é"]), st.integers(0, 3), st.booleans())
def test_bytes_are_counted_as_if_texts_were_written_out(values, start, is_large) -> None:
    kind = pa.large_string() if is_large else pa.string()
    said = pa.array(values, kind).dictionary_encode()
    batch = pa.record_batch({"text": said}).slice(min(start, len(values) - 1))
    there = batch.column(0).to_pylist()
    assert _count_bytes(batch) == sum(len((text or "").encode()) for text in there)


def test_notes_are_read_without_what_takes_long_to_import(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    script = (
        "import sys; from pathlib import Path; from lvmh_jax.io.workspace import stream_notes\n"
        f"print(sum(map(len, stream_notes(Path({str(root)!r}))[0])))\n"
        "print({'pandas', 'pyarrow.compute'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    number, imported = done.stdout.splitlines()
    assert int(number) > 0
    assert imported == "set()"


def test_bytes_of_a_fixed_size_are_counted() -> None:
    values = pa.array([b"abc", b"def"], pa.binary(3))
    indices = pa.array([0, 1, 1, None], pa.int8())
    said = pa.DictionaryArray.from_arrays(indices, values)
    assert _count_bytes(pa.record_batch({"text": said})) == 9
