"""`train --seeds K`: what it tells of the K, and that it goes on after a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import orbax.checkpoint as ocp
import pytest

from lvmh_jax.config import Settings, from_dict
from lvmh_jax.io.artefact import read_model
from lvmh_jax.pipeline.train import train
from tests.generators import make_workspace
from tests.pipeline.test_resume import Broken, check_equal
from tests.pipeline.workshop import answer_of, failure_of, read_json, run

SEEDS = 2
FIRST = 3
WORDS = ("train", "--size", "tiny", "--epochs", "2", "--seed", str(FIRST), "--seeds", str(SEEDS))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("seeds") / "shop")


@pytest.fixture(scope="module")
def answer(root: Path) -> dict:
    return answer_of(*WORDS, "--workspace", root)


def settings_of(metadata: dict) -> Settings:
    return from_dict(metadata["configuration"])


def test_figures_of_all_are_told_and_the_best_by_loss_is_kept(answer: dict) -> None:
    metadata = read_json(Path(answer["model_path"]) / "metadata.json")
    population = metadata["population"]
    assert answer["metrics"]["population"] == population
    assert population["seeds"] == [FIRST, FIRST + 1]
    for key in ("final_accuracy", "best_loss"):
        spread = population[key]
        assert len(spread["values"]) == SEEDS
        assert spread["mean"] == pytest.approx(np.mean(spread["values"]), abs=1e-6)
        assert spread["std"] == pytest.approx(np.std(spread["values"], ddof=1), abs=1e-6)
    losses = population["best_loss"]["values"]
    kept = losses.index(min(losses))
    assert metadata["seed"] == population["kept_seed"] == FIRST + kept
    assert metadata["best_loss"] == answer["metrics"]["best_loss"] == losses[kept]
    assert metadata["final_accuracy"] == population["final_accuracy"]["values"][kept]
    assert metadata["training_history"]["loss"][metadata["best_epoch"] - 1] == losses[kept]
    assert settings_of(metadata).train.seeds == SEEDS


@pytest.mark.filterwarnings("ignore:Sharding info not provided")  # we only look
def test_the_folder_holds_the_kept_model(answer: dict) -> None:
    model = Path(answer["model_path"])
    (checkpoint,) = (path for path in (model / "checkpoints").iterdir() if path.is_dir())
    with ocp.PyTreeCheckpointer() as checkpointer:
        saved = np.asarray(checkpointer.restore(checkpoint / "state")["best"]["table"])
    population = answer["metrics"]["population"]
    kept = population["kept_seed"] - FIRST
    table = read_model(model).arrays["weights"]["table"]
    np.testing.assert_array_equal(table, saved[kept])
    assert (saved[1 - kept] != table).any()
    assert f"| {SEEDS} seeds, whose accuracy is" in (model / "README.md").read_text("utf-8")


def test_a_stopped_population_goes_on_to_the_same_bytes(
    answer: dict, root: Path, tmp_path: Path
) -> None:
    unbroken = Path(answer["model_path"])
    settings = settings_of(read_json(unbroken / "metadata.json"))
    with pytest.raises(KeyboardInterrupt, match="epoch 1"):
        train(root, tmp_path, settings, progress=Broken("epoch 1"))
    words = (*WORDS, "--workspace", root, "--models-dir", tmp_path, "--resume", "last")
    other = run(*words[:-4], "--models-dir", tmp_path, "--resume", "last", "--seeds", "3")
    assert "configuration.train.seeds" in failure_of(other, 5)
    resumed = answer_of(*words)
    check_equal(Path(resumed["model_path"]), unbroken)
    assert resumed["metrics"]["population"] == answer["metrics"]["population"]


def test_the_plan_names_the_seeds_where_there_are_several(root: Path) -> None:
    words = (*WORDS, "--workspace", root, "--dry-run")
    assert answer_of(*words)["plan"]["seeds"] == SEEDS
    assert "seeds" not in answer_of(*words, "--seeds", "1")["plan"]


def test_seeds_beyond_the_last_are_refused(root: Path) -> None:
    words = ("train", "--workspace", root, "--seed", str(2**32 - 1), "--seeds", "2", "--dry-run")
    assert "a seed is above 4294967295" in failure_of(run(*words), 2)
