"""`train` on several local devices, which XLA plays on one CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import train
from tests.conftest import REPOSITORY
from tests.generators import make_workspace
from tests.pipeline.test_hosts import check_same_model
from tests.pipeline.test_resume import Broken
from tests.pipeline.workshop import answer_of

pytestmark = pytest.mark.slow

WORDS = ("train", "--size", "tiny", "--epochs", "3")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("devices") / "shop")


def run_on(devices: int, *words: str | Path) -> tuple[dict, str]:
    """The answer and what was said, of a process with so many devices."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lvmh_jax", *map(str, words), "--json"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_several_devices_train_the_model_of_one(root: Path, tmp_path: Path) -> None:
    words = (*WORDS, "--workspace", root, "--models-dir")
    alone = Path(answer_of(*words, tmp_path / "alone")["model_path"])
    # A batch of four rows leaves one of three devices idle.
    answer, said = run_on(3, *words, tmp_path / "three")
    assert "2 of 3 devices work: a batch of 4 rows" in said
    check_same_model(Path(answer["model_path"]), alone)


def test_a_run_goes_on_with_another_number_of_devices(root: Path, tmp_path: Path) -> None:
    words = (*WORDS, "--workspace", root, "--models-dir")
    alone = Path(answer_of(*words, tmp_path / "alone")["model_path"])
    settings = make_settings("tiny", epochs=3)
    with pytest.raises(KeyboardInterrupt):
        train(root, tmp_path / "four", settings, progress=Broken("epoch 2"))
    answer, said = run_on(4, *words, tmp_path / "four", "--resume", "last")
    assert "going on after epoch 2" in said
    check_same_model(Path(answer["model_path"]), alone)


def test_a_population_is_divided_among_devices(root: Path, tmp_path: Path) -> None:
    words = (*WORDS, "--seeds", "2", "--workspace", root, "--models-dir")
    alone = answer_of(*words, tmp_path / "alone")
    answer, _ = run_on(4, *words, tmp_path / "four")
    check_same_model(Path(answer["model_path"]), Path(alone["model_path"]))
    found, expected = (each["metrics"]["population"] for each in (answer, alone))
    assert found["kept_seed"] == expected["kept_seed"]
    for key in ("best_loss", "final_accuracy"):
        np.testing.assert_allclose(found[key]["values"], expected[key]["values"], atol=1e-4)
