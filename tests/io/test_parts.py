"""Parts of an interrupted run: what counts of them, and for which run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError, ResumeRefusedError
from lvmh_jax.io.outputs import Row
from lvmh_jax.io.parts import ROWS, RUN, VECTORS, PartFolder, identify_run
from lvmh_jax.io.tables import VectorBatch

RUN_A = {"model": "m1", "notes": "n1", "lexicon": None, "options": {"least": 0.5}}
FIRST: list[Row] = [
    ("N1", "C1", "handbag", "sac \r\n, à", 0, 3, 0.1234567890123, "rule-based", "affirmed"),
    ("N2", "", "gift", "", None, None, 1.0, "ml-enhanced", "negated"),
]
SECOND: list[Row] = [("N9", "N9", "handbag", "sac", 1, 4, 0.5, "rule-based", "affirmed")]


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output of which two parts and an empty one are finished."""
    parts = PartFolder(tmp_path / "found.csv", ROWS)
    parts.begin(RUN_A)
    for rows, notes in ((FIRST, 10), (SECOND, 20), ([], 5)):
        parts.add(rows, notes)
    assert parts.notes == 35
    return tmp_path / "found.csv"


def resumed(output: Path, run: dict = RUN_A) -> PartFolder[Row]:
    parts = PartFolder(output, ROWS)
    parts.resume(run)
    return parts


def test_parts_come_back_as_they_were(output: Path) -> None:
    parts = resumed(output)
    assert parts.notes == 35
    assert list(parts.items()) == FIRST + SECOND
    parts.add(SECOND, 7)
    again = resumed(output)
    assert (again.notes, list(again.items())) == (42, FIRST + SECOND + SECOND)
    parts.drop()
    assert not parts.exists()
    assert list(output.parent.iterdir()) == []


def test_vectors_come_back_bit_by_bit(tmp_path: Path) -> None:
    tiny = np.finfo(np.float32).smallest_subnormal
    vectors = np.array([[0.1, -0.0, tiny], [1.0, 2.0, 3.0], [0, 0, 0]], np.float32)
    parts = PartFolder(tmp_path / "v.parquet", VECTORS)
    parts.begin(RUN_A)
    parts.add([VectorBatch(["a", "b\n"], ["", "c"], vectors[:2])], 2)
    parts.add([VectorBatch(["é"], ["c"], vectors[2:])], 1)
    again = PartFolder(tmp_path / "v.parquet", VECTORS)
    again.resume(RUN_A)
    read = list(again.items())
    assert [name for each in read for name in each.note_ids] == ["a", "b\n", "é"]
    assert [name for each in read for name in each.client_ids] == ["", "c", "c"]
    joined = np.concatenate([each.vectors_BD for each in read])
    assert (joined.dtype, joined.tobytes()) == (np.float32, vectors.tobytes())


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


def test_what_a_killed_process_wrote_goes_with_resuming(output: Path) -> None:
    left = output.with_name(f".{output.name}.{os.getpid()}.part")
    other = output.with_name(f".{output.name}.{os.getpid() + 1}.part")
    left.touch()
    other.touch()
    with pytest.raises(ResumeRefusedError):
        resumed(output, RUN_A | {"model": "m2"})
    assert left.exists()
    assert resumed(output).notes == 35
    assert (left.exists(), other.exists()) == (False, True)


def test_a_damaged_part_ends_what_counts(output: Path) -> None:
    folder = PartFolder(output, ROWS).path
    second = folder / "000001.parquet"
    second.write_bytes(second.read_bytes()[:-1])
    parts = resumed(output)
    assert (parts.notes, list(parts.items())) == (10, FIRST)
    parts.add(SECOND, 20)
    assert resumed(output).notes == 30
    (folder / "000000.parquet").unlink()
    assert resumed(output).notes == 0


@pytest.mark.parametrize("document", ["", "[]", '{"run": {}}', '{"run": 1, "parts": []}', "\x00"])
def test_a_broken_list_of_parts_counts_for_nothing(output: Path, document: str) -> None:
    (PartFolder(output, ROWS).path / RUN).write_text(document)
    assert resumed(output).notes == 0


def test_parts_of_another_run_go_with_the_first_part_of_this_one(output: Path) -> None:
    parts = PartFolder(output, ROWS)
    parts.begin(RUN_A | {"model": "m2"})
    assert resumed(output).notes == 35
    parts.add(SECOND, 3)
    assert sorted(file.name for file in parts.path.iterdir()) == ["000000.parquet", RUN]


def test_a_part_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    parts = PartFolder(tmp_path / "found.csv", ROWS)
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
    named = {"notes": files[1], "lexicon": files[2]}
    first = identify_run(model, named, {"least": 0.5})
    for name, file in zip(("model", "notes", "lexicon"), files, strict=True):
        file.write_text("2")
        other = identify_run(model, named, {"least": 0.5})
        assert [key for key in first if first[key] != other[key]] == [name]
        file.write_text("1")
    assert identify_run(model, {"lexicon": None}, {})["lexicon"] is None
    with pytest.raises(InvalidInputError, match=r"absent\.csv"):
        identify_run(model, {"notes": tmp_path / "absent.csv"}, {})
