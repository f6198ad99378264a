"""A lexicon that is large by decree: the whole way, from training to a linked phrase."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.io.progress import Progress
from lvmh_jax.models.presets import MANY_CONCEPTS
from tests.generators import make_workspace
from tests.pipeline.workshop import TRAIN, answer_of, make_shop, read_json, run_well

LARGE = ("--set", "train.full_softmax_below=2", "--set", "train.sampled_concepts=16")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("many"), "dev")


def test_a_large_lexicon_is_trained_saved_and_read_again(shop: Path) -> None:
    folders = ("--workspace", shop, "--models-dir", shop / "models")
    trained = answer_of(*TRAIN, *LARGE, *folders)
    configuration = read_json(Path(trained["model_path"]) / "metadata.json")["configuration"]
    for section, values in MANY_CONCEPTS.items():
        expected = values | ({"sampled_concepts": 16} if section == "train" else {})
        assert configuration[section].items() >= expected.items()
    first, second = answer_of("link", *folders, stdin="black leather bag\nnavy\n")["results"]
    assert len(first["concepts"]) == len(second["concepts"]) == 5


def test_a_plan_tells_the_steps_of_a_part(shop: Path) -> None:
    folders = ("--workspace", shop, "--models-dir", shop / "models")
    few = (*LARGE, "--set", "train.aliases_per_epoch=64", "--dry-run")
    plan = answer_of(*TRAIN, *few, *folders)["plan"]
    assert plan["steps_an_epoch"] == 2


def test_an_epoch_counts_the_aliases_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, counted = make_workspace(tmp_path), []
    monkeypatch.setattr(
        Progress, "advance", lambda self, done, **told: counted.append(told.get("examples"))
    )
    few = ("--set", "train.aliases_per_epoch=3")
    run_well("train", "--size", "tiny", "--epochs", "1", *few, "--workspace", root)
    assert counted[0] == 3
