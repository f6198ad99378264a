"""A lexicon that is large by decree: the whole way, from training to a linked phrase."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.io.progress import Progress
from lvmh_jax.models.presets import MANY_CONCEPTS
from tests.pipeline.workshop import TRAIN, answer_of, make_shop, read_json

LARGE = ("--set", "train.full_softmax_below=2", "--set", "train.sampled_concepts=16")
FEW = ("--set", "train.aliases_per_epoch=64")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("many"), "dev")


def test_a_large_lexicon_is_trained_saved_and_read_again(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []
    monkeypatch.setattr(
        Progress, "advance", lambda self, done, **told: counted.append(told.get("examples"))
    )
    folders = ("--workspace", shop, "--models-dir", shop / "models")
    trained = answer_of(*TRAIN, *LARGE, *FEW, *folders)
    assert counted[0] == 64  # of the aliases, those that an epoch shows
    configuration = read_json(Path(trained["model_path"]) / "metadata.json")["configuration"]
    for section, values in MANY_CONCEPTS.items():
        changed = {"sampled_concepts": 16, "aliases_per_epoch": 64} if section == "train" else {}
        assert configuration[section].items() >= (values | changed).items()
    first, second = answer_of("link", *folders, stdin="black leather bag\nnavy\n")["results"]
    assert len(first["concepts"]) == len(second["concepts"]) == 5


def test_a_plan_tells_the_steps_of_a_part(shop: Path) -> None:
    folders = ("--workspace", shop, "--models-dir", shop / "models")
    plan = answer_of(*TRAIN, *LARGE, *FEW, "--dry-run", *folders)["plan"]
    assert plan["steps_an_epoch"] == 2
