"""Notes of every format, read alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.workspace import read_notes_file, read_workspace
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
        "and each note is its own client"
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
        ("n.csv", "note_id,date\na,b\n", r"n\.csv: missing column text; expected note_id, text"),
        ("n.csv", "note_id,text\n", r"n\.csv: it holds no note"),
        ("n.csv", "note_id,text\na,b\na,c\n", r"n\.csv: note_id 'a' is in row 1 and again in"),
        ("n.csv", "ID,Transcription\n1,b\n", r"n\.csv: missing columns .* run the pipeline"),
        ("n.jsonl", '{"note_id": "a"}\n', r"n\.jsonl:1: missing column text"),
        ("n.jsonl", '{"note_id": "a", "text": []}', r"n\.jsonl:1: key 'text' is a list"),
        ("n.jsonl", '{"note_id": true, "text": ""}', r"n\.jsonl:1: key 'note_id' is true or fal"),
        ("n.jsonl", '\n["a"]', r"n\.jsonl:2: the line is a list"),
        ("n.jsonl", "\n \n", r"n\.jsonl: it holds no note"),
        ("n.parquet", "note_id,text\na,b\n", r"n\.parquet: it cannot be read as parquet"),
        ("n.txt", "note_id,text\na,b\n", r"n\.txt: it cannot be read as parquet"),
    ],
)
def test_refused_notes_file(tmp_path: Path, name: str, content: str, message: str) -> None:
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
