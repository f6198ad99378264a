"""Notes and raw exports that are wrong, through the readers that commands read with."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from lvmh_jax.data.cleaning import NoteCleaner
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.rawfiles import open_raw
from lvmh_jax.io.workspace import read_notes_file, read_workspace
from tests.generators import GOLD_DEV, NOTES, write_file
from tests.malformed import tables

RAW = {
    "export.csv": tables.EXPORT_CSV_CASES,
    "export.jsonl": tables.EXPORT_LINES_CASES,
    "export.parquet": tables.EXPORT_PARQUET,
}
FILES = {"notes.csv": tables.CSV_CASES, "notes.jsonl": tables.LINES_CASES}


def read_raw(path: Path) -> None:
    """Reads an export as `prepare` does, row by row."""
    file = open_raw(path)
    cleaner = NoteCleaner(file.where)
    for row in file.rows():
        cleaner.clean(row)
    cleaner.refuse_conflicts()
    if not cleaner.tally.read:
        raise InvalidInputError("it holds no row", where=file.where)


@pytest.mark.parametrize("label", tables.NOTES_CASES)
def test_malformed_notes(label: str, workspace: Path, tried) -> None:
    content, stated = tables.NOTES_CASES[label]
    (workspace / GOLD_DEV).unlink()  # its offsets are those of other texts
    write_file(workspace, NOTES, content)
    assert tried(partial(read_workspace, workspace), NOTES) == stated


@pytest.mark.parametrize(
    ("name", "label"), [(name, label) for name, table in FILES.items() for label in table]
)
def test_malformed_notes_of_another_format(name: str, label: str, tmp_path: Path, tried) -> None:
    content, stated = FILES[name][label]
    path = write_file(tmp_path, name, content)
    assert tried(partial(read_notes_file, path), name) == stated


@pytest.mark.parametrize(
    ("name", "label"), [(name, label) for name, table in RAW.items() for label in table]
)
def test_a_malformed_export(name: str, label: str, tmp_path: Path, tried) -> None:
    content, stated = RAW[name][label]
    path = write_file(tmp_path, name, content)
    assert tried(partial(read_raw, path), name) == stated
