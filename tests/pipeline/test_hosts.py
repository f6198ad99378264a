"""Real processes that train together on loopback, and what happens when one of them does not."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.hosts import ENVIRONMENT
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import train
from tests.conftest import REPOSITORY
from tests.generators import make_workspace
from tests.pipeline.test_resume import Broken
from tests.pipeline.workshop import answer_of, read_json

# gloo on CPU may wait for ever for a process that is gone: nothing here may.
LIMIT = ("timeout", "--foreground", "-k", "10", "240")
WORDS = ("train", "--size", "tiny", "--epochs", "3", "--json")
LONG = ("train", "--size", "tiny", "--epochs", "9000", "--set", "train.patience=9000", "-v")

pytestmark = pytest.mark.slow


class Cluster:
    """Processes that know each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: list[subprocess.Popen] = []

    def start(self, *words_of: Sequence[str | Path]) -> None:
        """One process for each sequence of words, the leader first."""
        self.running = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        for index, words in enumerate(words_of):
            values = (f"127.0.0.1:{port}", str(len(words_of)), str(index))
            environment = {
                **os.environ,
                **dict(zip(ENVIRONMENT, values, strict=True)),
                "PYTHONPATH": str(REPOSITORY),
                "JAX_PLATFORMS": "cpu",
            }
            command = [*LIMIT, sys.executable, "-m", "lvmh_jax", *map(str, words), "--distributed"]
            with self.log(index, "out").open("w") as out, self.log(index, "err").open("w") as err:
                self.running.append(
                    subprocess.Popen(
                        command, env=environment, cwd=self.folder, stdout=out, stderr=err
                    )
                )

    def log(self, index: int, name: str) -> Path:
        return self.folder / f"{index}.{name}"

    def read(self, index: int, name: str = "err") -> str:
        return self.log(index, name).read_text()

    def wait(self) -> list[int]:
        """The exit codes; 124 is one that would not end."""
        return [process.wait() for process in self.running]

    def wait_for_epoch(self, epoch: int) -> None:
        """Until the leader has told of an epoch."""
        until_s = time.monotonic() + 200
        while f"epoch {epoch}/" not in self.read(0):
            assert time.monotonic() < until_s, self.read(0)
            assert self.running[0].poll() is None, self.read(0)
            time.sleep(0.05)

    def kill(self, index: int) -> None:
        """Kills the process itself, not the `timeout` around it."""
        pid = self.running[index].pid
        (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path)
    yield cluster
    for process in cluster.running:
        if process.poll() is None:
            process.terminate()
            process.wait()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("hosts") / "shop")


@pytest.fixture(scope="module")
def alone(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model of one process."""
    models = tmp_path_factory.mktemp("alone")
    words = (*WORDS[:-1], "--workspace", root, "--models-dir", models)
    return Path(answer_of(*words)["model_path"])


def check_same_model(model: Path, expected: Path) -> None:
    left, right = (read_json(each / "metadata.json") for each in (model, expected))
    for key in ("loss", "accuracy", "train_loss", "train_accuracy"):
        one, two = (each["training_history"][key] for each in (left, right))
        np.testing.assert_allclose(one, two, atol=1e-4, err_msg=key)
    assert left["num_training_examples"] == right["num_training_examples"]
    found, wanted = (read_model(each).arrays["weights"] for each in (model, expected))
    for name, array in wanted.items():
        np.testing.assert_allclose(found[name], array, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("count", [2, 4])
def test_processes_train_the_model_of_one(
    count: int, cluster: Cluster, root: Path, alone: Path
) -> None:
    words = (*WORDS, "--workspace", root, "--models-dir", "models")
    cluster.start(*[words] * count)
    assert cluster.wait() == [0] * count, cluster.read(0)
    (line,) = cluster.read(0, "out").splitlines()
    model = cluster.folder / json.loads(line)["model_path"]
    check_same_model(model, alone)
    assert len(read_json(model / "metadata.json")["devices"]) == count
    assert [path.name for path in (cluster.folder / "models").iterdir()] == [model.name]
    # Who does not lead says nothing.
    for index in range(1, count):
        assert cluster.read(index, "out") == cluster.read(index) == ""


def read_losses(models: Path) -> list[float]:
    """The losses so far of the run that is not finished."""
    (part,) = models.iterdir()
    newest = max((part / "checkpoints").glob("*/contents.json"), key=lambda p: int(p.parent.name))
    history = read_json(newest)["extra"]["history"]
    assert [record["epoch"] for record in history] == list(range(len(history)))
    return [record["loss"] for record in history]


def test_a_stopped_run_goes_on_with_another_number_of_processes(
    cluster: Cluster, root: Path, tmp_path: Path
) -> None:
    words = (*LONG, "--workspace", root, "--models-dir", "models")
    models, stopped = tmp_path / "models", 0
    # One goes on where two stopped, and two where that one did.
    for count in (2, 1, 2):
        cluster.start(*[(*words, *(("--resume", "last") if stopped else ()))] * count)
        cluster.wait_for_epoch(stopped + 10)
        cluster.running[0].send_signal(signal.SIGINT)
        assert cluster.wait() == [130] * count, cluster.read(0)
        said = cluster.read(0)
        assert "interrupted; go on with --resume last" in said, said
        assert stopped == 0 or f"going on after epoch {stopped}\n" in said
        losses = read_losses(models)
        assert len(losses) >= stopped + 10
        stopped = len(losses)
    settings = make_settings("tiny", epochs=9000, assignments=["train.patience=9000"])
    with pytest.raises(KeyboardInterrupt):
        train(root, tmp_path / "alone", settings, progress=Broken(f"epoch {stopped}"))
    np.testing.assert_allclose(losses, read_losses(tmp_path / "alone"), atol=1e-3)


def test_the_others_end_when_the_leader_is_killed(cluster: Cluster, root: Path) -> None:
    words = (*LONG, "--workspace", root, "--models-dir", "models")
    cluster.start(words, words)
    cluster.wait_for_epoch(10)
    cluster.kill(0)
    started_s = time.monotonic()
    leader, other = cluster.wait()
    assert leader in (137, -signal.SIGKILL)
    assert other not in (0, 124)
    assert time.monotonic() - started_s < 60


def test_the_leader_saves_and_ends_when_another_is_killed(
    cluster: Cluster, root: Path, tmp_path: Path
) -> None:
    words = (*LONG, "--workspace", root, "--models-dir", "models")
    cluster.start(words, words)
    cluster.wait_for_epoch(15)
    cluster.kill(1)
    started_s = time.monotonic()
    leader, other = cluster.wait()
    assert other in (137, -signal.SIGKILL)
    assert leader == 1
    assert time.monotonic() - started_s < 60
    assert "another process is gone; go on with --resume last" in cluster.read(0)
    assert len(read_losses(tmp_path / "models")) >= 10


def test_a_failure_of_one_is_a_failure_of_all(cluster: Cluster, root: Path) -> None:
    words = (*WORDS, "--workspace", root, "--models-dir", "models")
    # What only the leader finds, what all find, and what only another finds.
    (cluster.folder / "file").touch()
    cluster.start(*[(*words, "--models-dir", "file/models")] * 2)
    leader, other = cluster.wait()
    assert leader == other != 0
    assert "file" in cluster.read(0)
    assert cluster.read(1) == ""
    cluster.start(words, (*words, "--batch-size", "2"))
    assert cluster.wait() == [3, 3]
    assert "process 1 has another configuration.train.batch_size" in cluster.read(0)
    cluster.start(*[(*words, "--batch-size", "3")] * 2)
    assert cluster.wait() == [2, 2]
    assert "3 rows does not divide over 2 devices" in cluster.read(0)
    cluster.start(words, (*words, "--workspace", "nowhere"))
    assert cluster.wait() == [4, 4]
    assert "process 1 failed: nowhere: No data found" in cluster.read(0)
    assert "No data found" in cluster.read(1)
    assert not (cluster.folder / "models").exists()
