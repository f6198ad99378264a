"""`embed` and `keywords` in several processes, and interrupted: the same bytes as in one go."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyarrow import parquet

from lvmh_jax.detect import detector
from lvmh_jax.io.manifest import write_manifest
from lvmh_jax.pipeline import resuming
from lvmh_jax.pipeline.keywords import (
    FILES,
    Listener,
    pack_mention,
    unpack_mention,
)
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.records import ML_ENHANCED, NEGATED, Mention
from tests.generators import CANDIDATES, NOTES, write_file, write_notes
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


@dataclass(frozen=True)
class Stage:
    """A command, what it writes to within a folder, and where its parts are."""

    name: str
    output: str
    files: tuple[str, ...]
    parts: str

    def words(self, root: Path, model: Path, folder: Path, *more: str) -> tuple[str | Path, ...]:
        base = (self.name, "--workspace", root, "--model-path", model)
        return (*base, "--output", folder / self.output, *more)


STAGES = {
    "embed": Stage("embed", "v.parquet", ("v.parquet",), ".v.parquet.parts"),
    "keywords": Stage("keywords", "", FILES, ".candidates.csv.parts"),
}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    return STAGES[request.param]


@pytest.fixture
def place(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shop's workspace, to be changed, and batches that cut its notes in three."""
    monkeypatch.setattr(detector, "BATCH_NOTES", BATCH)
    monkeypatch.setattr(resuming, "PART_NOTES", BATCH)
    for folder in ("data/processed", "taxonomy"):
        shutil.copytree(shop.root / folder, tmp_path / "place" / folder)
    return tmp_path / "place"


@pytest.fixture(scope="module")
def unbroken() -> dict[str, dict[str, bytes]]:
    return {}


@pytest.fixture
def whole(
    shop: Shop, place: Path, stage: Stage, unbroken: dict[str, dict[str, bytes]], tmp_path: Path
) -> dict[str, bytes]:
    """What a run that nothing stops writes, in the same batches; made once."""
    if stage.name not in unbroken:
        run_well(*stage.words(place, shop.model, tmp_path / "whole"))
        unbroken[stage.name] = read_tree(tmp_path / "whole")
        assert sorted(unbroken[stage.name]) == sorted(stage.files)
    return unbroken[stage.name]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def interrupted(
    shop: Shop, stage: Stage, place: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str | Path, ...]:
    """The command of a run that was stopped in its second batch, behind one part."""
    words = stage.words(place, shop.model, out)
    with monkeypatch.context() as patched:
        Interrupted(patched, 2)
        line = failure_of(run(*words), 130)
    assert "25 notes are done; run the same command with --resume to go on" in line
    assert os.listdir(out) == [stage.parts]
    return words


# Several processes.


def test_two_processes_write_the_bytes_of_one(
    shop: Shop, stage: Stage, place: Path, whole: dict[str, bytes], out: Path
) -> None:
    answer = answer_of(*stage.words(place, shop.model, out, "--workers", "2"))
    assert read_tree(out) == whole
    assert answer["notes_resumed"] == 0


def test_a_model_is_not_sent_to_a_worker(shop: Shop) -> None:
    listener = Listener(shop.model, load_model(shop.model, pytest.fail))
    sent = pickle.loads(pickle.dumps(listener))
    assert (sent.model_path, sent.model) == (shop.model, None)


def test_a_part_keeps_a_mention_whole() -> None:
    """Confidences are added up over notes: rounded as in `note_concepts.csv` they would drift."""
    mention = Mention("n1", "handbag", "sac", 3, 6, 0.12345678901234566, ML_ENHANCED, NEGATED)
    assert unpack_mention(pack_mention(mention)) == mention


# Interrupted.


def test_a_resumed_run_ends_with_the_same_bytes(
    interrupted: tuple[str | Path, ...], whole: dict[str, bytes], out: Path
) -> None:
    assert answer_of(*interrupted, "--resume")["notes_resumed"] == BATCH
    assert read_tree(out) == whole


def drop_a_note(place: Path) -> None:
    table = parquet.read_table(place / NOTES)
    parquet.write_table(table.slice(1), place / NOTES)


def drop_a_candidate(place: Path) -> None:
    lines = (place / CANDIDATES).read_text(encoding="utf-8").splitlines(keepends=True)
    (place / CANDIDATES).write_text("".join(lines[:-1]), encoding="utf-8")


REFUSED: dict[str, list[tuple[Callable[[Path], None] | None, tuple[str, ...], str]]] = {
    "embed": [(drop_a_note, (), "notes")],
    "keywords": [
        (drop_a_note, (), "notes"),
        (drop_a_candidate, (), "candidates"),
        (lambda place: (place / CANDIDATES).unlink(), (), "candidates"),
        (None, ("--min-confidence", "0.6"), "options"),
        (None, ("--min-notes", "2"), "options"),
    ],
}


def test_another_run_is_refused_and_loses_nothing(
    interrupted: tuple[str | Path, ...], stage: Stage, place: Path, out: Path
) -> None:
    before, parts = read_tree(place), read_tree(out)
    for change, more, told in REFUSED[stage.name]:
        if change is not None:
            change(place)
        line = failure_of(run(*interrupted, *more, "--resume"), 5)
        assert f"{stage.parts}: the interrupted run had another {told};" in line
        assert read_tree(out) == parts
        for name, content in before.items():
            write_file(place, name, content)


def test_another_model_is_refused_and_a_copy_is_not(
    interrupted: tuple[str | Path, ...], shop: Shop, whole: dict[str, bytes], out: Path
) -> None:
    copied = copy_model(shop, out.parent)
    same = [copied if word == shop.model else word for word in interrupted]
    write_file(copied, "README.md", "another one")
    write_manifest(copied)
    assert "another model" in failure_of(run(*same, "--resume"), 5)
    shutil.rmtree(copied)
    copy_model(shop, out.parent)
    assert answer_of(*same, "--resume")["notes_resumed"] == BATCH
    assert read_tree(out) == whole


def test_the_parts_of_another_command_are_refused(
    shop: Shop, place: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = ("--workspace", place, "--model-path", shop.model, "--output", out / "v.parquet")
    with monkeypatch.context() as patched:
        Interrupted(patched, 2)
        failure_of(run("detect", *rest), 130)
    assert "another options" in failure_of(run("embed", *rest, "--resume"), 5)


def test_an_invalid_file_leaves_nothing(shop: Shop, stage: Stage, place: Path, out: Path) -> None:
    rows = parquet.read_table(place / NOTES).to_pylist()
    assert len(rows) == NOTE_COUNT
    write_notes(place, [*rows, rows[0]])
    assert "note_id" in failure_of(run(*stage.words(place, shop.model, out)), 3)
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_killed_run_goes_on(
    shop: Shop, stage: Stage, tmp_path: Path, out: Path, workers: str
) -> None:
    for folder in ("data/processed", "taxonomy"):
        shutil.copytree(shop.root / folder, tmp_path / "many" / folder)
    write_many(shop, tmp_path / "many", NOTES)
    words = stage.words(tmp_path / "many", shop.model, out, "--workers", workers)
    kill_behind_a_part(words, out / stage.parts)
    assert not any((out / file).exists() for file in stage.files)
    other = str(3 - int(workers))  # of no account to what is found
    answer = answer_of(*words, "--workers", other, "--resume")
    assert answer["notes_resumed"] >= resuming.PART_NOTES
    run_well(*stage.words(tmp_path / "many", shop.model, tmp_path / "whole"))
    assert read_tree(out) == read_tree(tmp_path / "whole")
