"""A run that was stopped goes on as if it had not been, or says why it does not."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import Result

from lvmh_jax.io.artefact import ModelContents
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.tracking import EVENTS, METRICS, TRACKING
from lvmh_jax.pipeline.train import train
from tests.generators import LEXICON
from tests.pipeline.workshop import (
    TRAIN,
    Shop,
    answer_of,
    failure_of,
    read_json,
    read_tree,
    run,
    tiny_settings,
)

METADATA = "metadata.json"


class Broken(Progress):
    """Progress at which somebody presses Ctrl-C: at its start, an epoch, or a remark."""

    def __init__(self, at: str) -> None:
        super().__init__(None)
        self._at = at

    def start(self, what: str, total: int) -> None:
        if self._at == f"start of {what}":
            raise KeyboardInterrupt(self._at)
        super().start(what, total)

    def advance(self, done: int, **figures: float) -> None:
        if self._at == f"epoch {done}":
            raise KeyboardInterrupt(self._at)
        super().advance(done, **figures)

    def say(self, text: str) -> None:
        if self._at == "fitting" and "fitting" in text:
            raise KeyboardInterrupt(self._at)
        super().say(text)


def interrupt(root: Path, models: Path, at: str) -> Path:
    """Trains until `at`, and returns the part folder that is left."""
    with pytest.raises(KeyboardInterrupt, match=at):
        train(root, models, tiny_settings(), progress=Broken(at))
    (part,) = models.iterdir()
    assert part.name.startswith(".concept_model_tiny_")
    assert part.name.endswith(".part")
    return part


@pytest.fixture(scope="module")
def stopped(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models folder of a run that was stopped after its first epoch."""
    models = tmp_path_factory.mktemp("stopped")
    interrupt(shop.root, models, "epoch 1")
    return models


def resume(shop: Shop, models: Path, *words: str) -> tuple[str | Path, ...]:
    return (*TRAIN, "--workspace", shop.root, "--models-dir", models, "--resume", "last", *words)


def check_equal(left: Path, right: Path) -> None:
    arrays = sorted(path.name for path in left.glob("*.safetensors"))
    assert arrays == sorted(path.name for path in right.glob("*.safetensors"))
    for name in arrays:
        assert (left / name).read_bytes() == (right / name).read_bytes(), name
    for key in ("training_history", "epochs_run", "best_epoch", "validation"):
        assert read_json(left / METADATA)[key] == read_json(right / METADATA)[key], key


def test_a_resumed_run_ends_like_an_unbroken_one(shop: Shop, tmp_path: Path) -> None:
    interrupt(shop.root, tmp_path, "epoch 1")
    model = Path(answer_of(*resume(shop, tmp_path))["model_path"])
    assert list(tmp_path.iterdir()) == [model]  # no part folder is left
    check_equal(model, shop.model)
    assert (model / "scorer.safetensors").exists()
    # The epochs after the last checkpoint were trained, and logged, twice.
    assert figures_of(model) == figures_of(shop.model)
    events = (model / TRACKING / EVENTS).read_bytes()
    assert len(events) == len((shop.model / TRACKING / EVENTS).read_bytes())


def figures_of(model: Path) -> list[dict]:
    """The lines of a log without their times."""
    rows = [json.loads(line) for line in (model / METRICS).read_text("utf-8").splitlines()]
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def test_a_run_can_be_stopped_behind_its_epochs(shop: Shop, tmp_path: Path) -> None:
    part = interrupt(shop.root, tmp_path, "fitting")
    assert (part / "checkpoints").exists()
    words = (*TRAIN, "--workspace", shop.root, "--models-dir", tmp_path, "--resume", part)
    check_equal(Path(answer_of(*words)["model_path"]), shop.model)


def test_a_stopped_run_keeps_a_checkpoint_and_is_no_model(stopped: Path) -> None:
    (part,) = stopped.iterdir()
    assert len(list((part / "checkpoints").glob("*.json"))) == 1
    assert answer_of("list", "--models-dir", stopped)["models"] == []
    line = failure_of(run("detect", "--model-path", part, "--models-dir", stopped), 3)
    assert "is a run that is not finished" in line
    assert "--resume" in line


def refuse_for_space(*_: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def check_told_of_space(result: Result, models: Path) -> None:
    line = failure_of(result, 2)
    (part,) = models.iterdir()
    assert line.startswith(f"Error: {part}: cannot be written (No space left on device); make sp")
    assert "go on with --resume last" in line


def test_a_run_goes_on_however_often_its_model_cannot_be_written(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(part: Path, contents: ModelContents, **options: object) -> None:
        raise KeyboardInterrupt("writing")

    with monkeypatch.context() as patch:
        patch.setattr("lvmh_jax.pipeline.train.write_model", stop)
        with pytest.raises(KeyboardInterrupt, match="writing"):
            train(shop.root, tmp_path, tiny_settings(), progress=Progress(None))
        patch.setattr("lvmh_jax.pipeline.train.write_model", refuse_for_space)
        check_told_of_space(run(*resume(shop, tmp_path)), tmp_path)
    check_equal(Path(answer_of(*resume(shop, tmp_path))["model_path"]), shop.model)


def test_a_full_disk_at_a_checkpoint_says_where_and_how_to_go_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("lvmh_jax.pipeline.encoder.write_json", refuse_for_space)
        result = run(*TRAIN, "--workspace", shop.root, "--models-dir", tmp_path)
    check_told_of_space(result, tmp_path)
    assert run(*resume(shop, tmp_path)).exit_code == 0


def test_ctrl_c_says_how_to_go_on(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: Progress, what: str, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "start", stop)
    result = run(*TRAIN, "--workspace", shop.root, "--models-dir", tmp_path)
    line = failure_of(result, 130)
    assert "interrupted; go on with --resume last and the same options" in line


# Refusals: nothing changes, and the message names what differs.


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--seed", "1"), "configuration.train.seed"),
        (("--epochs", "3"), "configuration.train.epochs"),
        (("--set", "model.width=8"), "configuration.model.width"),
        (("--include-text",), "configuration.privacy.include_text"),
    ],
)
def test_other_options_are_refused_by_name(
    words: tuple[str, ...], name: str, shop: Shop, stopped: Path
) -> None:
    before = read_tree(stopped)
    line = failure_of(run(*resume(shop, stopped, *words)), 5)
    assert name in line
    assert "--resume" in line
    assert read_tree(stopped) == before


def test_other_data_are_refused_by_name(shop: Shop, stopped: Path, tmp_path: Path) -> None:
    root = tmp_path / "changed"
    shutil.copytree(shop.root, root, ignore=shutil.ignore_patterns("models"))
    lexicon = root / LEXICON
    lexicon.write_text(lexicon.read_text("utf-8") + "\n", encoding="utf-8")
    result = run(*TRAIN, "--workspace", root, "--models-dir", stopped, "--resume", "last")
    assert f"inputs.{LEXICON}" in failure_of(result, 5)


def test_nothing_to_resume_is_not_found(shop: Shop, tmp_path: Path) -> None:
    line = failure_of(run(*resume(shop, tmp_path / "models")), 4)
    assert "no unfinished run to resume" in line
    assert list(tmp_path.iterdir()) == []
    words = (*TRAIN, "--workspace", shop.root, "--resume", str(tmp_path / "absent"))
    assert "no such model folder" in failure_of(run(*words), 4)


def test_a_finished_model_cannot_be_resumed(shop: Shop) -> None:
    result = run(*TRAIN, "--workspace", shop.root, "--resume", shop.model)
    assert "nothing to resume" in failure_of(result, 2)


def test_the_newest_of_several_runs_is_resumed(shop: Shop, tmp_path: Path) -> None:
    # Both were stopped before they saved anything, so the newest starts from step 0.
    part = interrupt(shop.root, tmp_path, "start of epoch")
    assert not (part / "checkpoints").exists()
    (tmp_path / ".concept_model_tiny_20200101_000000.part").mkdir()
    newest = part.rename(tmp_path / ".concept_model_tiny_20990101_000000.part")
    model = Path(answer_of(*resume(shop, tmp_path))["model_path"])
    assert f".{model.name}.part" == newest.name
    check_equal(model, shop.model)
    assert [path.name for path in tmp_path.glob(".*")] == [
        ".concept_model_tiny_20200101_000000.part"
    ]
