"""`prepare` from an export to a workspace that `train` reads."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lvmh_jax.data.privacy import find_personal
from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.rawcolumns import Told
from lvmh_jax.io.workspace import (
    CANDIDATES,
    LEXICON,
    LEXICON_TABLE,
    NOTES,
    read_notes_of,
    read_workspace,
)
from lvmh_jax.pipeline.prepare import prepare
from tests.demo import ROOT

EMAIL = "anna@zwv.example"


def run(raw: Path, workspace: Path, **options) -> dict:
    return prepare(raw, workspace, progress=Progress(None), **options)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's notes as an export, with an address in each."""
    notes, _ = read_notes_of(ROOT)
    path = tmp_path_factory.mktemp("raw") / "export.csv"
    with path.open("w", encoding="utf-16", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(["Identifiant", "Client", "Date", "Langue", "Transcription"])
        for note in notes:
            day = "/".join(reversed((note.date or "").split("-")))
            text = f"{note.text} {EMAIL}"
            writer.writerow([note.note_id, note.client_id, day, note.language.lower(), text])
    return path


@pytest.fixture(scope="module")
def prepared(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    workspace = tmp_path_factory.mktemp("workspace")
    return workspace, run(raw, workspace, told=Told(client="client"))


def test_notes_come_through(prepared: tuple[Path, dict]) -> None:
    workspace, result = prepared
    before, _ = read_notes_of(ROOT)
    after, warnings = read_notes_of(workspace)
    assert result["notes_written"] == len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert (new.note_id, new.client_id, new.date) == (old.note_id, old.client_id, old.date)
        assert new.language == old.language
        assert new.text.endswith("[EMAIL]")
    assert warnings == []


def test_no_personal_data_is_left(prepared: tuple[Path, dict]) -> None:
    workspace, result = prepared
    notes, _ = read_notes_of(workspace)
    assert result["redactions"]["EMAIL"] == len(notes)
    assert result["redactions"]["NAME"] > 20
    assert [found for note in notes for found in find_personal(note.text)] == []
    assert "zwv" not in (workspace / CANDIDATES).read_text(encoding="utf-8")


def test_a_workspace_reads_both_files(prepared: tuple[Path, dict], tmp_path: Path) -> None:
    shutil.copytree(prepared[0], tmp_path / "copy")
    (tmp_path / "copy" / LEXICON).parent.mkdir()
    shutil.copy(ROOT / LEXICON, tmp_path / "copy" / LEXICON)
    workspace = read_workspace(tmp_path / "copy")
    assert len(workspace.candidates) == prepared[1]["candidates"] > 100
    ids = {note.note_id for note in workspace.notes}
    for each in workspace.candidates:
        assert each.freq_notes >= 2
        assert 0 < each.avg_score <= 1
        assert 1 <= len(each.example_note_ids) <= 5
        assert ids.issuperset(each.example_note_ids)


def test_two_runs_give_the_same_bytes(prepared: tuple[Path, dict], raw: Path, tmp_path) -> None:
    run(raw, tmp_path, told=Told(client="Client"))
    for name in (NOTES, CANDIDATES):
        assert (tmp_path / name).read_bytes() == (prepared[0] / name).read_bytes()


def test_a_dry_run_tells_the_same_and_writes_nothing(
    prepared: tuple[Path, dict], raw: Path, tmp_path: Path
) -> None:
    result = run(raw, tmp_path / "none", told=Told(client="Client"), dry_run=True)
    changing = {"seconds", "notes_per_second", "outputs"}
    same = result.keys() - changing
    assert {key: result[key] for key in same} == {key: prepared[1][key] for key in same}
    assert result["outputs"] == []
    assert not (tmp_path / "none").exists()


CLIENTS_LATER = "".join(
    json.dumps({"ID": n, "Text": text} | ({"client_id": 2} if n in (1, 4) else {})) + "\n"
    for n, text in ((2, "two"), (3, "three"), (1, "one"), (4, "four"))
)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("ID,Client,Text\n2,,two\n3,,three\n1,2,one\n4,2,four\n", Told(client="Client")),
        ("ID,client_id,Text\n2,,two\n3,,three\n1,2,one\n4,2,four\n", Told()),
        (CLIENTS_LATER, Told()),
    ],
)
def test_a_note_without_client_is_given_to_nobody_else(
    tmp_path: Path, content: str, told: Told
) -> None:
    """Ids that are numbers name notes and clients; whose row comes first makes no difference."""
    raw = tmp_path / "export.csv"
    raw.write_text(content)
    result = run(raw, tmp_path, told=told)
    notes, _ = read_notes_of(tmp_path)
    owners = [(note.note_id, note.client_id) for note in notes]
    assert owners == [("2", "note:2"), ("3", "3"), ("1", "2"), ("4", "2")]
    (said,) = [line for line in result["warnings"] if "no client" in line]
    assert said.endswith(
        "2 notes name no client: each is its own client; 1 with the ID of a client as `note:` "
        "and the ID"
    )
    assert result["clients"] == 3
    assert len([line for line in result["warnings"] if "left empty" in line]) < 2


def test_dates_are_read_as_the_column_tells(tmp_path: Path) -> None:
    raw = tmp_path / "export.csv"
    raw.write_text("ID,Date,Text\n1,04/05/2026,one\n2,12/13/2026,two\n3,2026-01-08,three\n")
    dates = run(raw, tmp_path)["dates"]
    notes, _ = read_notes_of(tmp_path)
    assert [note.date for note in notes] == ["2026-04-05", "2026-12-13", "2026-01-08"]
    assert (dates["order"], dates["either_order"], dates["only_other_order"]) == (
        "month first",
        1,
        0,
    )


@pytest.mark.parametrize("name", [LEXICON, LEXICON_TABLE])
def test_names_of_the_lexicon_are_kept(tmp_path: Path, name: str) -> None:
    raw = tmp_path / "export.csv"
    raw.write_text("ID,Text\n1,Mme Durand porte Miss Dior\n2,Mme Rose aime Lady Dior\n")
    assert run(raw, tmp_path)["names_spared"] == 0
    (tmp_path / name).parent.mkdir()
    content = {
        LEXICON: '{"scent": {"label": "Perfume", "aliases": ["Miss Dior", "rose"]}}',
        LEXICON_TABLE: "concept_id,label,aliases,bucket\nscent,Perfume,Miss Dior|rose,other\n",
    }
    (tmp_path / name).write_text(content[name])
    result = run(raw, tmp_path, force=True)
    notes, _ = read_notes_of(tmp_path)
    assert [note.text for note in notes] == [
        "Mme [NAME] porte Miss Dior",
        "Mme [NAME] aime Lady [NAME]",
    ]
    assert (result["names_spared"], result["redactions"]) == (1, {"NAME": 3})
    (tmp_path / name).write_text("{" if name == LEXICON else "a\n1\n")
    with pytest.raises(InvalidInputError, match=rf"^{re.escape(str(tmp_path / name))}:"):
        run(raw, tmp_path, force=True)
    told = run(raw, tmp_path, force=True, keep_personal_data=True)["warnings"]
    assert any(each.startswith(f"{tmp_path / name}:") for each in told)


def test_nothing_is_replaced_without_force(raw: Path, tmp_path: Path) -> None:
    notes = tmp_path / NOTES
    notes.parent.mkdir(parents=True)
    notes.write_bytes(b"precious")
    with pytest.raises(UsageError, match="--force"):
        run(raw, tmp_path)
    assert notes.read_bytes() == b"precious"
    run(raw, tmp_path, force=True)
    assert pq.read_table(notes).num_rows == 80


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("A1,one\nA2,two\nA1,three\n", "ID 'A1' is in line 2 and again in line 4"),
        ("A1,one\n,two\n", r":3: the row has no ID"),
        ("A1,\nA2,  \n", "no note with text"),
        ("", "no note with text"),
        ("A1,one\nA2,two,three,four\n", "the row has 4 cells"),
    ],
)
def test_a_bad_row_leaves_nothing_behind(tmp_path: Path, rows: str, reason: str) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("ID,Transcription\n" + rows, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=reason):
        run(raw, tmp_path / "workspace")
    assert [path.name for path in tmp_path.rglob("*")] == ["raw.csv"]


def test_an_earlier_result_survives_a_bad_export(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("ID,Transcription\nA1,one\n", encoding="utf-8")
    run(raw, tmp_path)
    before = (tmp_path / NOTES).read_bytes()
    raw.write_text("ID,Transcription\nA1,one\nA1,two\n", encoding="utf-8")
    with pytest.raises(InvalidInputError, match="again in line 3"):
        run(raw, tmp_path, force=True)
    assert (tmp_path / NOTES).read_bytes() == before


def test_row_groups_keep_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lvmh_jax.io.prepared.GROUP_ROWS", 7)
    raw = tmp_path / "raw.csv"
    lines = [f"A{row:02},cuir {row}" for row in range(20)]
    raw.write_text("ID,Transcription\n" + "\n".join(lines), encoding="utf-8")
    run(raw, tmp_path, default_language="FR")
    file = pq.ParquetFile(tmp_path / NOTES)
    assert file.num_row_groups == 3
    assert file.read().column("note_id").to_pylist() == [f"A{row:02}" for row in range(20)]


def test_the_owners_exports(shared: Path, tmp_path: Path) -> None:
    result = run(shared / "data" / "raw" / "realistic_100.csv", tmp_path)
    assert (result["rows_read"], result["notes_written"]) == (100, 100)
    assert result["dates"]["unread"] == result["languages"]["not_understood"] == 0
    assert result["redactions"].keys() == {"NAME"}
