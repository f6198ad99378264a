"""The export that `prepare` is timed on is one that it reads."""

from __future__ import annotations

import csv
from pathlib import Path

from benchmarks import prepare
from lvmh_jax.data.privacy import find_personal
from tests.conftest import REPOSITORY

MARKS = ("@example.com", "Tel. +33", "Mme Durand")


def test_an_export_has_the_columns_and_personal_data_in_one_note_of_five(tmp_path: Path) -> None:
    out = tmp_path / "export.csv"
    prepare.write_export(50, REPOSITORY / "taxonomy" / "lexicon_v1.json", out)
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == prepare.COLUMNS
    assert len({row["ID"] for row in rows}) == 50
    assert all(find_personal(row["Transcription"]) for row in rows[::5])
    added = [any(mark in row["Transcription"] for mark in MARKS) for row in rows]
    assert added == [number % 5 == 0 for number in range(50)]
    assert list(tmp_path.iterdir()) == [out]


def test_a_size_is_measured_and_written(tmp_path: Path, capsys) -> None:
    out = tmp_path / "RESULTS.md"
    out.write_text("# Results\n", encoding="utf-8")
    assert prepare.main(["--notes", "50", "--out", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("| 50 |")]
    assert int(line.split("|")[5]) >= 10
