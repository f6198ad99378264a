"""`train --seeds` and `--distributed` as the command line sees them."""

from __future__ import annotations

from pathlib import Path

from lvmh_jax.errors import UsageError
from lvmh_jax.io.hosts import Hosts
from tests.cli.conftest import MODEL
from tests.cli.results import error_of, json_of

POPULATION = {
    "seeds": [7, 8, 9],
    "kept_seed": 8,
    "epochs_run": [2, 2, 2],
    "final_accuracy": {"mean": 0.6, "std": 0.01, "values": [0.59, 0.6, 0.61]},
    "best_loss": {"mean": 2.25, "std": 0.5, "values": [2.75, 1.75, 2.25]},
}
RESULT = {
    "model_path": Path("models") / MODEL,
    "metrics": {"final_accuracy": 0.6, "population": POPULATION},
}


def test_seeds_are_passed_on(run, fake, presets) -> None:
    fake("train", RESULT)
    assert run("train", "--seed", "7", "--seeds", "3").exit_code == 0
    assert presets[0]["seeds"] == 3
    assert run("train").exit_code == 0
    assert presets[1]["seeds"] is None


def test_people_read_mean_spread_and_what_is_kept(run, fake) -> None:
    fake("train", RESULT)
    *_, seeds, accuracy, loss, f1 = run("train", "--seeds", "3").stdout.splitlines()
    assert seeds.split(maxsplit=1) == ["seeds", "7 to 9; 8 has the best loss"]
    assert accuracy.endswith("0.600, std 0.010: 0.590 0.600 0.610")
    assert loss.endswith("2.250, std 0.500: 2.750 1.750 2.250")
    assert f1.split(maxsplit=2)[2] == "not measured: f1 is of seed 8 alone"


def test_scripts_get_all_of_it(run, fake) -> None:
    fake("train", RESULT)
    assert json_of(run("train", "--json"))["metrics"]["population"] == POPULATION


def test_a_run_that_stopped_early_says_why(run, fake) -> None:
    epochs = {"epochs_run": 10, "epochs_planned": 30, "epochs_kept": 2}
    fake("train", {"model_path": Path("m"), "metrics": epochs})
    (line,) = run("train").stdout.splitlines()[1:]
    assert line.split(maxsplit=2)[2] == (
        "10 of 30, epoch 2 kept: stopped early, no lower loss in the 8 after it (train.patience)"
    )
    assert json_of(run("train", "--json"))["metrics"] == epochs


def test_nobody_is_joined_without_being_asked(run, fake) -> None:
    calls = fake("train", RESULT)
    assert run("train").exit_code == 0
    assert calls[0][1]["hosts"].count == 1


def test_distributed_joins_and_only_the_leader_prints(run, fake, monkeypatch) -> None:
    class Other(Hosts):
        index, count = 1, 2

    calls = fake("train", {})
    monkeypatch.setattr("lvmh_jax.io.hosts.join_hosts", Other)
    result = run("train", "--distributed", "--json")
    assert (result.exit_code, result.output) == (0, "")
    assert calls[0][1]["hosts"].count == 2


def test_distributed_without_others_is_one_line(run, fake, monkeypatch) -> None:
    def join():
        raise UsageError("nobody", fix="set JAX_PROCESS_ID")

    monkeypatch.setattr("lvmh_jax.io.hosts.join_hosts", join)
    calls = fake("train", {})
    result = run("train", "--distributed")
    assert result.exit_code == 2
    assert error_of(result) == "Error: nobody; set JAX_PROCESS_ID"
    assert calls == []
