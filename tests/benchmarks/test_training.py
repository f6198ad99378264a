"""Training beside PyTorch: one model in two programs, calls in turns, processes measured alone."""

from __future__ import annotations

import doctest
import json
import resource
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import sections, training
from benchmarks.speed import RSS_UNIT
from lvmh_jax.errors import LvmhError, NotFoundError, QualityGateError
from tests.train.fitting import CONCEPTS, Fitting, quick_compiles


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(training).failed == 0


# Processes.


def test_a_process_is_measured_alone() -> None:
    # A child starts with what this process has, which the tests before may have made large.
    room = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT + 100_000_000
    code = f"import sys; x = bytearray({room}); print('{{}}'); sys.stderr.write('said')"
    large = training.run_process([sys.executable, "-c", code])
    small = training.run_process([sys.executable, "-c", "print(1); print('{\"a\": 2}')"])
    assert large.peak_rss_bytes > room > small.peak_rss_bytes
    assert large.stderr == "said"
    assert small.payload == {"a": 2}
    assert 0 < small.cpu_s


def test_a_failed_process_says_its_last_line() -> None:
    with pytest.raises(LvmhError, match=r"ended with 1: ValueError: here"):
        training.run_process([sys.executable, "-c", "raise ValueError('here')"])


def test_a_cold_run_does_not_find_the_users_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", "/somewhere")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    seen = training.run_process([sys.executable, "-c", code], LVMH_COMPILE_CACHE="here").payload
    assert "JAX_COMPILATION_CACHE_DIR" not in seen
    assert seen["LVMH_COMPILE_CACHE"] == "here"


def make_peers(folder: Path) -> Path:
    """An owners' folder in which every peer is a script that waits and prints its seconds."""
    (folder / "peers").mkdir()
    figures = {"train_seconds": 0.1, "tune_seconds": 0.2, "detect_seconds": 0.1}
    body = f"import time; time.sleep(.3); print({json.dumps(figures)!r})"
    for script, _ in training.PEERS.values():
        (folder / "peers" / script).write_text(body, encoding="utf-8")
    return folder


def test_a_peers_training_leaves_tuning_and_detection_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SHARED", make_peers(tmp_path))
    first, whole = training.measure_peer("MedCAT", Path(sys.executable), tmp_path, tmp_path)
    assert float(whole[1]) - float(first[1]) == pytest.approx(0.3, abs=0.11)  # rounded to 0.1
    assert len(first) == len(whole) == len(training.COMMAND_HEAD)
    assert first[-1] == training.NOTHING  # no scorer in that folder


@pytest.mark.parametrize("python", ["/no/such/python", sys.executable])
def test_missing_peers_are_told_before_anything_runs(
    python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SHARED", make_peers(tmp_path))
    monkeypatch.setattr(training, "PEERS", {"MedCAT": ("run_medcat.py", "no_such_package")})
    with pytest.raises(NotFoundError, match=r"no Python to run|'no_such_package'"):
        training.check_peers(Path(python))
    training.check_peers(None)


def test_without_torch_or_data_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "RESULTS.md"
    monkeypatch.setattr(training, "find_spec", lambda name: None)
    assert training.main(["--out", str(out)]) == NotFoundError.exit_code
    assert ".[bench]" in capsys.readouterr().err
    monkeypatch.setattr(training, "find_spec", lambda name: name)
    words = ["--out", str(out), "--workspace", str(tmp_path / "nowhere")]
    assert training.main(words) == NotFoundError.exit_code
    assert "No data found" in capsys.readouterr().err
    assert not out.exists()


def test_a_clone_measures_on_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SHARED", tmp_path)
    assert training.find_workspace(None) == sections.ROOT


# The twin.


@pytest.fixture(scope="module", autouse=True)
def _quick_compiles():
    with quick_compiles():
        yield


@pytest.fixture(scope="module")
def steps():
    pytest.importorskip("torch", reason="the extra `bench`")
    from benchmarks import steps

    return steps


@pytest.fixture(scope="module")
def settings():
    tiny = Fitting().settings
    # No warm-up: ten steps must change the loss.
    train = replace(tiny.train, gram_dropout=0.0, schedule="constant")
    return replace(tiny, train=train)


@pytest.fixture(scope="module")
def bench(steps):
    return steps.Bench(lambda settings: Fitting().examples, CONCEPTS)


def test_examples_in_docstrings_of_steps(steps) -> None:
    assert doctest.testmod(steps).failed == 0


def test_the_first_losses_agree(bench, settings) -> None:
    assert bench.check_twins(settings) < 1e-5


def test_another_model_is_refused(bench, settings, steps, monkeypatch) -> None:
    monkeypatch.setattr(steps.torch_twin, "_unit", lambda x_ND: x_ND)
    with pytest.raises(QualityGateError, match="first losses"):
        bench.check_twins(settings)


def test_steps_under_one_optimizer_agree(steps, bench, settings, monkeypatch) -> None:
    twins, plan_batches = steps.torch_twin, steps.plan_batches

    def plan_one_batch(*given):
        return tuple(np.repeat(each[:1], 10, axis=0) for each in plan_batches(*given))

    monkeypatch.setattr(steps, "plan_batches", plan_one_batch)
    _, fit, plan = bench.open(settings)
    material = steps.make_material(Fitting().examples)
    calls, aliases = bench.make_calls(settings, len(plan[0]))
    ours_S4 = calls["ours"]()
    assert ours_S4[0, 0] > 2 * ours_S4[-1, 0]  # else an optimizer that does nothing would pass
    assert aliases == ours_S4[:, 3].sum()
    for variant in (each for each in twins.VARIANTS if each.kind != twins.SPARSE):
        twin = steps.make_twin(fit.state.params, material, settings, variant)
        theirs_S4 = twins.Loop(twin, lambda step: 1.0).run(twins.to_batches(plan))
        np.testing.assert_allclose(theirs_S4, ours_S4, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_sparse_twin_learns_and_moves_only_rows_it_read(
    steps, bench, settings, is_packed
) -> None:
    import torch

    twins = steps.torch_twin
    _, fit, plan = bench.open(settings)
    material = steps.make_material(Fitting().examples)
    before_VD = np.array(fit.state.params["table"])
    before_VD[0] = 0.0
    variant = twins.Variant(twins.SPARSE, is_packed)
    twin = steps.make_twin(fit.state.params, material, settings, variant)
    loop = twins.Loop(twin, lambda step: 1.0)
    batches = twins.to_batches(plan)[:1] * 20
    counts_S4 = loop.run(batches)
    assert counts_S4[-1, 0] < counts_S4[0, 0] / 2
    moved_V = (twin.table.detach().numpy() != before_VD).any(-1)
    assert 0 < moved_V.sum() < len(moved_V)
    assert not moved_V[0]
    assert twin.table.grad.is_sparse
    assert torch.isfinite(twin.table).all()


def test_gradients_are_clipped_as_optax_does(steps) -> None:
    import torch

    dense, rare = (torch.nn.Parameter(torch.zeros(4, 2)) for _ in range(2))
    dense.grad = torch.full((4, 2), 3.0)
    # Row 1 twice: its gradient is the sum, 4 and 4.
    rare.grad = torch.sparse_coo_tensor(
        [[1, 1]], torch.full((2, 2), 2.0), (4, 2), check_invariants=True
    )
    steps.torch_twin.clip_gradients([dense, rare], 1.0)
    length = (8 * 9 + 2 * 16) ** 0.5
    torch.testing.assert_close(dense.grad, torch.full((4, 2), 3 / length))
    torch.testing.assert_close(rare.grad.to_dense()[1], torch.full((2,), 4 / length))
    steps.torch_twin.clip_gradients([dense, rare], 2.0)
    torch.testing.assert_close(dense.grad, torch.full((4, 2), 3 / length))


def test_dropout_hides_as_ours_does(steps) -> None:
    import torch

    torch.manual_seed(0)
    grams_LF = torch.ones(4000, 4, dtype=torch.int64)
    grams_LF[1::2] = torch.tensor([1, 0, 0, 0])
    ones_L = torch.ones(4000, dtype=torch.int64)
    kept_LF, kept_L = steps.torch_twin.drop_grams(grams_LF, ones_L, ones_L > 0, 0.3)
    # A word is hidden at .1; its grams at .3 beside, unless it has one only.
    assert kept_LF[::2].float().mean() == pytest.approx(0.63, abs=0.03)
    assert kept_LF[1::2, 0].float().mean() == pytest.approx(0.9, abs=0.03)
    assert kept_L.float().mean() == pytest.approx(0.63, abs=0.03)


def test_slow_variants_are_not_waited_for(steps) -> None:
    import time

    counts = dict.fromkeys(("ours", "quick", "slow", "a, packed", "b, packed"), 0)

    def make_call(name: str, seconds: float):
        def call() -> None:
            counts[name] += 1
            time.sleep(seconds)

        return call

    waits = {"ours": 0.1, "quick": 0.02, "slow": 0.06, "a, packed": 0.001, "b, packed": 0.01}
    seconds = steps.time_calls({name: make_call(name, wait) for name, wait in waits.items()}, 3)
    assert {name: len(times) for name, times in seconds.items()} == {
        "ours": 3,
        "quick": 3,
        "slow": 1,
        "a, packed": 3,
        "b, packed": 1,
    }
    assert counts == {name: 2 * len(times) for name, times in seconds.items()}
    assert steps.find_fastest(seconds, is_packed=False) == "quick"


def test_the_fastest_twins_count_whatever_their_threads(steps) -> None:
    seconds = {"ours": [0.5, 0.7]}
    for number, variant in enumerate(steps.torch_twin.VARIANTS, start=1):
        one_thread = variant.name + steps.ONE_THREAD
        seconds |= {variant.name: [4.0 * number], one_thread: [1.0 * number, 3.0]}
    cells = steps.step_cells(seconds, 100.0)
    assert cells[:6] == ["200", "167", "100", "50", "2.00", "3.33"]
    assert cells[6:10] == ["33", "29", "6.00", "5.83"]
    assert cells[10] == "25 / 100"
    assert len(cells) == len(steps.HEAD) - 1 + len(steps.torch_twin.VARIANTS)


def test_threads_are_as_before(steps) -> None:
    import torch

    class Loop:
        def run(self, batches):
            return np.full(len(batches), torch.get_num_threads())

    before = torch.get_num_threads()
    assert steps.run_on(1, Loop(), [0, 0]).tolist() == [1, 1]
    assert torch.get_num_threads() == before
