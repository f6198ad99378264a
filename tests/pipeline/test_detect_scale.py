"""`detect` in several processes, and interrupted: the same bytes as in one go."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from lvmh_jax.detect import detector
from lvmh_jax.errors import UsageError
from lvmh_jax.io.locks import hold_output
from lvmh_jax.pipeline import resuming
from tests.generators import NOTES, json_lines, write_file, write_notes
from tests.pipeline.stopping import Interrupted, kill_behind_a_part, write_many
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    copy_model,
    failure_of,
    read_tree,
    run,
    run_well,
)

BATCH = 25  # of 60 notes: three batches
OUTPUT = "found.csv"
PARTS = f".{OUTPUT}.parts"


@pytest.fixture
def notes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(detector, "BATCH_NOTES", BATCH)
    return shop.root / NOTES


@pytest.fixture(scope="module")
def unbroken(shop: Shop) -> dict[str, bytes]:
    return {}


@pytest.fixture
def whole(shop: Shop, notes: Path, unbroken: dict[str, bytes], tmp_path: Path) -> bytes:
    """What a run that nothing stops writes, in the same batches; made once."""
    if "csv" not in unbroken:
        file = detected(shop, notes, tmp_path / "whole.csv")
        unbroken["csv"] = file.read_bytes()
        file.unlink()
    return unbroken["csv"]


def words_of(shop: Shop, notes: Path, output: Path, *more: str) -> tuple[str | Path, ...]:
    base = ("detect", "--workspace", shop.root, "--model-path", shop.model, "--notes", notes)
    return (*base, "--output", output, *more)


def detected(shop: Shop, notes: Path, output: Path, *more: str) -> Path:
    run_well(*words_of(shop, notes, output, *more))
    return output


# Several processes.


def test_two_processes_write_the_bytes_of_one(
    shop: Shop, notes: Path, whole: bytes, tmp_path: Path
) -> None:
    answer = answer_of(*words_of(shop, notes, tmp_path / OUTPUT, "--workers", "2"))
    assert (tmp_path / OUTPUT).read_bytes() == whole
    assert answer["notes"] == NOTE_COUNT
    assert answer["mentions"] == whole.count(b"\n") - 1 > NOTE_COUNT
    assert os.listdir(tmp_path) == [OUTPUT]


def test_a_failure_of_a_worker_is_one_line(shop: Shop, notes: Path, tmp_path: Path) -> None:
    lexicon = {"stranger": {"label": "S", "aliases": ["x"], "rule": "bucket=intent"}}
    strange = write_file(tmp_path, "strange.jsonl", json_lines([lexicon]))
    words = words_of(shop, notes, tmp_path / OUTPUT, "--workers", "2", "--lexicon", str(strange))
    assert "first stranger" in failure_of(run(*words), 3)
    assert os.listdir(tmp_path) == ["strange.jsonl"]


@pytest.mark.parametrize("given", ["0", "-1", "two", "257"])
def test_a_number_of_workers_is_checked_before_anything(given: str) -> None:
    assert run("detect", "--workers", given).exit_code == 2


# Interrupted.


@pytest.fixture
def interrupted(
    shop: Shop, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str | Path, ...]:
    """The command of a run that was stopped in its second batch, behind one part."""
    monkeypatch.setattr(resuming, "PART_NOTES", BATCH)
    words = words_of(shop, notes, tmp_path / OUTPUT)
    with monkeypatch.context() as patched:
        Interrupted(patched, 2)
        line = failure_of(run(*words), 130)
    assert "25 notes are done; run the same command with --resume to go on" in line
    assert os.listdir(tmp_path) == [PARTS]
    return words


def test_a_resumed_run_ends_with_the_same_bytes(
    interrupted: tuple[str | Path, ...], whole: bytes, tmp_path: Path
) -> None:
    answer = answer_of(*interrupted, "--resume")
    assert answer["notes_resumed"] == BATCH
    assert answer["mentions"] == whole.count(b"\n") - 1
    assert (tmp_path / OUTPUT).read_bytes() == whole
    assert os.listdir(tmp_path) == [OUTPUT]


def test_a_run_stopped_twice_goes_on_twice(
    interrupted: tuple[str | Path, ...],
    whole: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patched:
        Interrupted(patched, 2)  # the third batch: the second part is finished
        assert "50 notes are done" in failure_of(run(*interrupted, "--resume"), 130)
    assert answer_of(*interrupted, "--resume")["notes_resumed"] == 2 * BATCH
    assert (tmp_path / OUTPUT).read_bytes() == whole


def test_without_resume_a_run_starts_anew_and_says_so(
    interrupted: tuple[str | Path, ...], whole: bytes, tmp_path: Path
) -> None:
    result = run_well(*interrupted)
    assert "--resume would go on with" in result.stderr
    assert (tmp_path / OUTPUT).read_bytes() == whole
    assert os.listdir(tmp_path) == [OUTPUT]


def test_a_resumed_run_may_write_another_format(
    interrupted: tuple[str | Path, ...], whole: bytes, tmp_path: Path
) -> None:
    """The parts belong to a name, so another name starts at the first note."""
    words = [str(word).replace(OUTPUT, "found.parquet") for word in interrupted]
    assert answer_of(*words, "--resume")["notes_resumed"] == 0
    assert parquet.read_table(tmp_path / "found.parquet").num_rows == whole.count(b"\n") - 1
    assert sorted(os.listdir(tmp_path)) == [PARTS, "found.parquet"]


def test_another_run_is_refused(
    interrupted: tuple[str | Path, ...], shop: Shop, tmp_path: Path, notes: Path
) -> None:
    line = failure_of(run(*interrupted, "--resume", "--max-per-alias", "1"), 5)
    assert "the interrupted run had another options" in line
    turned = [word if word != notes else tmp_path / "other.parquet" for word in interrupted]
    parquet.write_table(parquet.read_table(notes).slice(1), tmp_path / "other.parquet")
    assert "another notes" in failure_of(run(*turned, "--resume"), 5)
    copied = copy_model(shop, tmp_path)
    same = [word if word != shop.model else copied for word in interrupted]
    # A model is known by what it is, not by where it lies.
    assert answer_of(*same, "--resume")["notes_resumed"] == BATCH


def test_an_invalid_file_leaves_nothing(
    shop: Shop, notes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "PART_NOTES", BATCH)
    table = parquet.read_table(notes)
    rows = [*table.to_pylist(), table.to_pylist()[0]]
    write_notes(tmp_path, rows, "twice.parquet")

    def refuse(*_: object) -> None:
        raise AssertionError("a model was loaded for ids that are no good")

    monkeypatch.setattr("lvmh_jax.pipeline.detect.open_runner", refuse)
    line = failure_of(run(*words_of(shop, tmp_path / "twice.parquet", tmp_path / OUTPUT)), 3)
    assert "note_id" in line
    assert "is in row 1 and again in row 61" in line
    assert sorted(os.listdir(tmp_path)) == ["twice.parquet"]


def test_a_run_on_an_output_that_another_writes_is_refused_at_once(
    interrupted: tuple[str | Path, ...], shop: Shop, whole: bytes, tmp_path: Path
) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(OUTPUT)
    before = read_tree(tmp_path)
    with hold_output(tmp_path / OUTPUT):
        for output in (tmp_path / OUTPUT, link):
            words = [output if word == tmp_path / OUTPUT else word for word in interrupted]
            line = failure_of(run(*words, "--resume"), 2)
            assert line.startswith(f"Error: {output}: another run is writing it (process ")
            assert "choose another --output" in line
        assert {name: read_tree(tmp_path)[name] for name in before} == before
    assert read_tree(tmp_path) == before
    assert answer_of(*interrupted, "--resume")["notes_resumed"] == BATCH
    assert (tmp_path / OUTPUT).read_bytes() == whole


def test_a_full_disk_says_how_to_go_on_behind_a_part(
    interrupted: tuple[str | Path, ...], whole: bytes, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("lvmh_jax.io.outputs._format_rows", refuse_for_space)
        line = failure_of(run(*interrupted, "--resume"), 2)
    assert line.startswith(f"Error: {tmp_path / OUTPUT}: cannot be written (No space left")
    assert "50 notes are done: run the same command with --resume to go on" in line
    assert answer_of(*interrupted, "--resume")["notes_resumed"] == 2 * BATCH
    assert (tmp_path / OUTPUT).read_bytes() == whole


def test_an_error_of_workers_is_no_want_of_space(
    interrupted: tuple[str | Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Any:
        raise UsageError("no worker answers", fix="start one")
        yield

    monkeypatch.setattr("lvmh_jax.pipeline.detect.work_through", refuse)
    line = failure_of(run(*interrupted, "--resume"), 2)
    assert line == "Error: no worker answers; start one"


def refuse_for_space(*_: object) -> str:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_a_killed_run_had_begun_to_write_goes(shop: Shop, notes: Path, tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    other = f".other.csv.{gone.pid}.part"
    alive = f".{OUTPUT}.{os.getppid()}.part"
    for name in (f".{OUTPUT}.{gone.pid}.part", f".{OUTPUT}.{os.getpid()}.part", alive, other):
        (tmp_path / name).write_text("x")
    detected(shop, notes, tmp_path / OUTPUT)
    assert sorted(os.listdir(tmp_path)) == sorted([alive, other, OUTPUT])


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_goes_on(shop: Shop, tmp_path: Path, workers: str) -> None:
    many = write_many(shop, tmp_path, "many.parquet")
    words = words_of(shop, many, tmp_path / OUTPUT, "--workers", workers)
    kill_behind_a_part(words, tmp_path / PARTS)
    assert not (tmp_path / OUTPUT).exists()
    assert answer_of(*words, "--resume")["notes_resumed"] >= resuming.PART_NOTES
    assert sorted(os.listdir(tmp_path)) == [OUTPUT, "many.parquet"]
    whole = detected(shop, many, tmp_path / "whole.csv")
    assert (tmp_path / OUTPUT).read_bytes() == whole.read_bytes()
