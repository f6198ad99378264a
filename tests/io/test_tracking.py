"""Logs of a training: as other programs read them, and each epoch once whatever happened."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from lvmh_jax.config import Settings
from lvmh_jax.errors import LvmhError, UsageError
from lvmh_jax.io.mlflowrun import MlflowRun, list_numbers
from lvmh_jax.io.tracking import (
    EVENTS,
    METRICS,
    TRACKING,
    EpochLog,
    cut_events,
    encode_event,
    encode_record,
)

# Written by tensorboardX 2.6.5: a version at 1.5 s, and loss/hidden_aliases = 0.1 at step 300.
GOLDEN = bytes.fromhex(
    "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
    "2a00000000000000ae8d91f509000000000000044010ac022a1c0a1a0a136c6f73732f6869646465"
    "6e5f616c696173657315cdcccc3d6cd8f5bc"
)


def make_rows(count: int) -> list[dict[str, float]]:
    figures = {"accuracy": 0.5, "train_loss": 2.0, "train_accuracy": 0.25}
    return [{"epoch": epoch, "loss": 1 / epoch, **figures} for epoch in range(1, count + 1)]


def run_epochs(folder: Path, done: int, last: int, tracker: Any = None) -> None:
    with EpochLog(folder, tracker) as log:
        log.begin(make_rows(done))
        for epoch in range(done + 1, last + 1):
            log.update(make_rows(epoch))


def read_epochs(folder: Path) -> list[int]:
    return [json.loads(line)["epoch"] for line in (folder / METRICS).read_bytes().splitlines()]


def steps_of(folder: Path) -> list[int]:
    """The step of each record, by cutting the file at every step."""
    data = (folder / TRACKING / EVENTS).read_bytes()
    sizes = [len(cut_events(data, step)[0]) for step in range(10)]
    assert sizes[-1] == len(data)
    return [step for step in range(1, 10) if sizes[step] > sizes[step - 1]]


def test_events_are_those_of_the_reference() -> None:
    first = encode_record(encode_event(1.5, 0, {}))
    second = encode_record(encode_event(2.5, 300, {"loss/hidden_aliases": 0.1}))
    assert first + second == GOLDEN
    assert cut_events(GOLDEN, 300) == (GOLDEN, 300)
    assert cut_events(GOLDEN, 299) == (first, 0)


@pytest.mark.parametrize("place", range(len(GOLDEN)))
def test_a_flipped_bit_ends_the_events_before_it(place: int) -> None:
    data = bytearray(GOLDEN)
    data[place] ^= 4
    kept, _ = cut_events(bytes(data), 300)
    assert kept == (GOLDEN[:40] if place >= 40 else b"")


def test_epochs_are_there_while_the_run_goes_on(tmp_path: Path) -> None:
    with EpochLog(tmp_path) as log:
        log.begin([])
        for epoch in (1, 2, 3):
            log.update(make_rows(epoch))
            assert read_epochs(tmp_path) == steps_of(tmp_path) == list(range(1, epoch + 1))
        log.update(make_rows(3))
    assert read_epochs(tmp_path) == [1, 2, 3]


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_a_run_that_goes_on_has_each_epoch_once(done: int, tmp_path: Path) -> None:
    run_epochs(tmp_path, 0, 3)
    before = (tmp_path / METRICS).read_bytes().splitlines()
    # Killed while it wrote: a half line, a half record.
    for path in (tmp_path / METRICS, tmp_path / TRACKING / EVENTS):
        path.write_bytes(path.read_bytes() + path.read_bytes()[:20])
    run_epochs(tmp_path, done, 5)
    assert read_epochs(tmp_path) == steps_of(tmp_path) == [1, 2, 3, 4, 5]
    assert (tmp_path / METRICS).read_bytes().splitlines()[:done] == before[:done]


def test_a_log_that_is_lost_is_made_again_without_its_times(tmp_path: Path) -> None:
    run_epochs(tmp_path, 2, 3)
    rows = [json.loads(line) for line in (tmp_path / METRICS).read_bytes().splitlines()]
    assert [row["seconds"] is None for row in rows] == [True, True, False]
    assert rows[1]["loss"] == 0.5
    assert steps_of(tmp_path) == [1, 2, 3]


def test_models_of_a_population_have_a_line_each(tmp_path: Path) -> None:
    rows = [{"epoch": 1, "loss": 0.5, "seed": seed} for seed in (7, 8)]
    with EpochLog(tmp_path) as log:
        log.begin([])
        log.update(rows)
    read = [json.loads(line) for line in (tmp_path / METRICS).read_bytes().splitlines()]
    assert [(row["epoch"], row["seed"]) for row in read] == [(1, 7), (1, 8)]
    assert b"loss/hidden_aliases/seed_8" in (tmp_path / TRACKING / EVENTS).read_bytes()


def test_a_host_that_does_not_lead_writes_nothing(tmp_path: Path) -> None:
    with EpochLog(None) as log:
        log.begin([])
        log.update(make_rows(1))
    assert list(tmp_path.iterdir()) == []


# MLflow.


class Server:
    """An MLflow client in memory, with the calls of the real one that we use."""

    def __init__(self) -> None:
        self.metrics: dict[str, list[SimpleNamespace]] = {}
        self.params: dict[str, float] = {}
        self.statuses: list[str] = []
        self.runs: list[str] = []
        self.fails = False

    def MlflowClient(self, tracking_uri: str | None) -> Server:
        self.uri = tracking_uri
        return self

    def get_experiment_by_name(self, name: str) -> None:
        if self.fails:
            raise ConnectionError("https://user:secret@host")

    def create_experiment(self, name: str) -> str:
        return "1"

    def create_run(self, experiment_id: str, run_name: str) -> SimpleNamespace:
        self.runs.append(run_name)
        return SimpleNamespace(info=SimpleNamespace(run_id="ab" * 16))

    def update_run(self, run_id: str, status: str) -> None:
        self.statuses.append(status)

    def get_run(self, run_id: str) -> SimpleNamespace:
        return SimpleNamespace(data=SimpleNamespace(metrics=dict(self.metrics)))

    def get_metric_history(self, run_id: str, name: str) -> list[SimpleNamespace]:
        return self.metrics[name]

    def log_param(self, run_id: str, key: str, value: float) -> None:
        self.params[key] = value

    def log_metric(self, run_id: str, name: str, value: float, when: int, step: int) -> None:
        if self.fails:
            raise ConnectionError("https://user:secret@host")
        self.metrics.setdefault(name, []).append(SimpleNamespace(step=step, value=value))

    def set_terminated(self, run_id: str, status: str) -> None:
        self.statuses.append(status)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    module = ModuleType("mlflow")
    module.MlflowClient = made.MlflowClient  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    return made


def make_part(folder: Path) -> Path:
    part = folder / ".concept_model_tiny_20261123_010203.part"
    part.mkdir()
    return part


def test_mlflow_gets_numbers_and_each_epoch_once(server: Server, tmp_path: Path) -> None:
    part = make_part(tmp_path)
    told: list[str] = []
    with suppress(KeyboardInterrupt):
        with EpochLog(part, MlflowRun("http://host", Settings(), told.append)) as log:
            log.begin([])
            log.update(make_rows(1))
            log.update(make_rows(2))
            raise KeyboardInterrupt
    with EpochLog(part, MlflowRun("", Settings(), told.append)) as log:
        log.begin(make_rows(1))
        log.update(make_rows(2))
        log.update(make_rows(3))
        log.finish({"f1": 0.7, "protocol": "gold-dev", "loss": float("nan")})
    assert [each.step for each in server.metrics["loss"]] == [1, 2, 3]
    assert server.metrics["model_f1"][0].value == 0.7
    assert "model_protocol" not in server.metrics
    assert server.runs == ["concept_model_tiny_20261123_010203"]
    assert server.statuses == ["KILLED", "RUNNING", "FINISHED"]
    assert server.params == list_numbers(Settings())
    assert all(isinstance(value, int | float) for value in server.params.values())
    assert told == []


def test_a_server_that_is_lost_stops_nothing_and_is_told_once(
    server: Server, tmp_path: Path
) -> None:
    part = make_part(tmp_path)
    told: list[str] = []
    with EpochLog(part, MlflowRun("", Settings(), told.append)) as log:
        log.begin([])
        server.fails = True
        log.update(make_rows(1))
        log.update(make_rows(2))
    assert read_epochs(part) == [1, 2]
    assert told == ["MLflow is lost (ConnectionError); training goes on without it"]


def test_a_server_that_is_not_there_is_told_without_its_address(server: Server) -> None:
    server.fails = True
    with pytest.raises(LvmhError, match="MLflow cannot be reached") as told:
        MlflowRun("https://user:secret@host", Settings(), print)
    assert "secret" not in str(told.value)


def test_without_mlflow_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[mlflow\]'` in the checkout"):
        MlflowRun("", Settings(), print)
