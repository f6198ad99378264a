"""Parts of an interrupted detection: what counts of them, and for which run."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError, ResumeRefusedError
from lvmh_jax.io.outputs import Row
from lvmh_jax.io.parts import RUN, PartFolder, identify_run

RUN_A = {"model": "m1", "notes": "n1", "lexicon": None, "options": {"least": 0.5}}
FIRST: list[Row] = [
    ("N1", "C1", "handbag", "sac \r\n, à", 0, 3, 0.1234567890123, "rule-based", "affirmed"),
    ("N2", "", "gift", "", None, None, 1.0, "ml-enhanced", "negated"),
]
SECOND: list[Row] = [("N9", "N9", "handbag", "sac", 1, 4, 0.5, "rule-based", "affirmed")]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output of which two parts and an empty one are finished."""
    parts = PartFolder(tmp_path / "found.csv")
    parts.begin(RUN_A)
    for rows, notes in ((FIRST, 10), (SECOND, 20), ([], 5)):
        parts.add(rows, notes)
    assert parts.notes == 35
    return tmp_path / "found.csv"


def resumed(output: Path, run: dict = RUN_A) -> PartFolder:
    parts = PartFolder(output)
    parts.resume(run)
    return parts


def test_parts_come_back_as_they_were(output: Path) -> None:
    parts = resumed(output)
    assert parts.notes == 35
    assert list(parts.rows()) == FIRST + SECOND
    parts.add(SECOND, 7)
    again = resumed(output)
    assert (again.notes, list(again.rows())) == (42, FIRST + SECOND + SECOND)
    parts.drop()
    assert not parts.exists()
    assert list(output.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"model": "m2"}, "another model"),
        ({"notes": "n2", "lexicon": "l"}, "another notes and other lexicon"),
        ({"options": {"least": 0.6}}, "another options"),
    ],
)
def test_another_run_is_refused_and_loses_nothing(output: Path, change: dict, told: str) -> None:
    with pytest.raises(ResumeRefusedError, match=told):
        resumed(output, RUN_A | change)
    assert resumed(output).notes == 35


def test_a_damaged_part_ends_what_counts(output: Path) -> None:
    folder = PartFolder(output).path
    second = folder / "000001.parquet"
    second.write_bytes(second.read_bytes()[:-1])
    parts = resumed(output)
    assert (parts.notes, list(parts.rows())) == (10, FIRST)
    parts.add(SECOND, 20)
    assert resumed(output).notes == 30
    (folder / "000000.parquet").unlink()
    assert resumed(output).notes == 0


@pytest.mark.parametrize("document", ["", "[]", '{"run": {}}', '{"run": 1, "parts": []}', "\x00"])
def test_a_broken_list_of_parts_counts_for_nothing(output: Path, document: str) -> None:
    (PartFolder(output).path / RUN).write_text(document)
    assert resumed(output).notes == 0


def test_parts_of_another_run_go_with_the_first_part_of_this_one(output: Path) -> None:
    parts = PartFolder(output)
    parts.begin(RUN_A | {"model": "m2"})
    assert resumed(output).notes == 35
    parts.add(SECOND, 3)
    assert sorted(file.name for file in parts.path.iterdir()) == ["000000.parquet", RUN]


def test_a_part_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    parts = PartFolder(tmp_path / "found.csv")
    parts.path.write_text("in the way")
    parts.begin(RUN_A)
    with pytest.raises(LvmhError, match=r"\.found\.csv\.parts: cannot be written"):
        parts.add(FIRST, 1)
    assert parts.notes == 0


def test_a_run_is_known_by_its_files_and_options(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    files = [model / "manifest.json", tmp_path / "notes.csv", tmp_path / "lexicon.json"]
    for file in files:
        file.write_text("1")
    first = identify_run(model, files[1], files[2], {"least": 0.5})
    for name, file in zip(("model", "notes", "lexicon"), files, strict=True):
        file.write_text("2")
        other = identify_run(model, files[1], files[2], {"least": 0.5})
        assert [key for key in first if first[key] != other[key]] == [name]
        file.write_text("1")
    assert identify_run(model, files[1], None, {})["lexicon"] is None
    with pytest.raises(InvalidInputError, match=r"absent\.csv"):
        identify_run(model, tmp_path / "absent.csv", None, {})
