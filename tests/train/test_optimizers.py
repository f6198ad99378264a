"""What every row of `OPTIMIZERS` and `SCHEDULES` has to do."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lvmh_jax.config import TrainSettings
from lvmh_jax.errors import UsageError
from lvmh_jax.train.optimizers import (
    EPSILON,
    OPTIMIZERS,
    ROW_LOCAL,
    build_optimizer,
    rowwise_adagrad,
    scale_by_adam,
)
from lvmh_jax.train.schedules import ENDLESS, SCHEDULES, build_schedule

CONSTANT = optax.constant_schedule(1.0)


def make_params():
    rng = np.random.default_rng(0)
    shapes = {"table": (5, 3), "dense": (3, 2), "bias": (2,)}
    return {name: jnp.asarray(rng.normal(size=size), "float32") for name, size in shapes.items()}


def quadratic(params):
    return 0.5 * sum((leaf**2).sum() for leaf in jax.tree.leaves(params))


def run_updates(optimizer, params, *grads):
    """The last of several updates; jitted, for eager optimizers compile operation by operation."""

    @jax.jit
    def run(params, grads):
        state = optimizer.init(params)
        for each in grads:
            updates, state = optimizer.update(each, state, params)
        return updates, state

    return run(params, grads)


@pytest.fixture(params=OPTIMIZERS)
def settings(request) -> TrainSettings:
    return TrainSettings(optimizer=request.param, learning_rate=0.0005)


def test_steps_reduce_a_loss_without_recompiling_or_changing_the_state_shape(settings) -> None:
    optimizer = build_optimizer(settings, CONSTANT)
    params = make_params()
    state = optimizer.init(params)
    traces = []

    @jax.jit
    def step(params, state):
        traces.append(1)
        updates, state = optimizer.update(jax.grad(quadratic)(params), state, params)
        return optax.apply_updates(params, updates), state

    def describe(tree):
        return jax.tree.structure(tree), [(x.shape, x.dtype) for x in jax.tree.leaves(tree)]

    losses, before = [float(quadratic(params))], describe((params, state))
    for _ in range(3):
        params, state = step(params, state)
        losses.append(float(quadratic(params)))
        assert describe((params, state)) == before
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0]
    assert len(traces) == 1


@pytest.mark.parametrize("factor", [0.0, 0.5])
def test_the_schedule_scales_the_whole_update(settings, factor) -> None:
    params = make_params()
    grads = params  # of `quadratic`

    def update(schedule):
        return run_updates(build_optimizer(settings, schedule), params, grads)[0]

    whole, part = update(CONSTANT), update(optax.constant_schedule(factor))
    for name in params:
        np.testing.assert_allclose(part[name], factor * whole[name], rtol=1e-6)
        assert (np.asarray(whole[name]) != 0).all()


def check_clipping(settings) -> None:
    """A huge gradient is clipped before it moves anything, and before it is remembered."""
    params = make_params()
    grads = params  # of `quadratic`
    norm = float(optax.tree.norm(grads))
    optimizer = build_optimizer(replace(settings, clip_norm=0.5), CONSTANT)
    huge = jax.tree.map(lambda x: 1e6 * x, grads)
    clipped = jax.tree.map(lambda x: x * (0.5 / norm), grads)
    # The first update tells of one that remembers nothing, the second of one that divides by it.
    for then in ((), (jax.tree.map(lambda x: 0.01 * x, grads),)):
        ours, theirs = (run_updates(optimizer, params, each, *then)[0] for each in (huge, clipped))
        for name in params:
            np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-4)


def test_a_huge_gradient_is_clipped(settings) -> None:
    check_clipping(settings)


@pytest.mark.parametrize("build", [optax.sgd, optax.adam, optax.adagrad])
def test_an_optimizer_that_takes_no_factor_is_told(monkeypatch, build) -> None:
    monkeypatch.setitem(OPTIMIZERS, "new", lambda settings: build(settings.learning_rate))
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        check_clipping(TrainSettings(optimizer="new"))


def test_rowwise_adagrad_equals_a_loop_over_rows() -> None:
    rng = np.random.default_rng(1)
    rate, steps = 0.3, 4
    grads_SVD = rng.normal(size=(steps, 4, 3)).astype(np.float32)
    grads_SVD[:, 2] = 0  # a row that nothing touches
    grads_SVD[1:, 3] = 0  # and one that only the first step does
    params = {"table": jnp.ones((4, 3), "float32")}
    expected, sums = np.ones((4, 3)), np.full(4, EPSILON)
    optimizer = rowwise_adagrad(rate)
    state = optimizer.init(params)
    for step in range(steps):
        updates, state = optimizer.update({"table": jnp.asarray(grads_SVD[step])}, state)
        params = optax.apply_updates(params, updates)
        for row in range(4):
            sums[row] += np.mean(grads_SVD[step, row].astype(np.float64) ** 2)
            expected[row] -= rate * grads_SVD[step, row] / np.sqrt(sums[row])
        np.testing.assert_allclose(params["table"], expected, rtol=1e-5)
        np.testing.assert_allclose(state.sums["table"][:, 0], sums, rtol=1e-5)
        if step == 0:
            moved_once = np.asarray(params["table"][3])
    np.testing.assert_array_equal(params["table"][2], 1.0)
    np.testing.assert_array_equal(params["table"][3], moved_once)


@pytest.mark.parametrize("name", sorted(ROW_LOCAL))
def test_a_row_without_a_gradient_does_not_move(name) -> None:
    # `tables.add_rows` adds the rows that only fill its shape to row 0.
    optimizer = build_optimizer(TrainSettings(optimizer=name, weight_decay=0.1), CONSTANT)
    params = make_params()
    state = optimizer.init(params)
    for row in (1, 2):
        grads = jax.tree.map(jnp.zeros_like, params)
        grads["table"] = grads["table"].at[row].set(0.5)
        steps, state = optimizer.update(grads, state, params)
        moved = np.asarray(steps["table"] != 0).any(1)
        assert moved.tolist() == [place == row for place in range(len(moved))]


def test_adam_is_that_of_optax_and_takes_a_factor() -> None:
    params, factor = make_params(), 0.25
    rng = np.random.default_rng(2)
    ours, theirs = scale_by_adam(), optax.scale_by_adam()
    our_state, their_state = ours.init(params), theirs.init(params)
    gradient = {name: rng.normal(size=leaf.shape) for name, leaf in params.items()}
    for scale in (1.0, 1e-8, 1e4, 0.0):  # eps counts where gradients are tiny
        grads = {name: jnp.asarray(scale * each, "float32") for name, each in gradient.items()}
        scaled = jax.tree.map(lambda x: factor * x, grads)
        our_steps, our_state = ours.update(grads, our_state, params, factor=factor)
        their_steps, their_state = theirs.update(scaled, their_state, params)
        jax.tree.map(partial(np.testing.assert_allclose, rtol=2e-5), our_steps, their_steps)
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-5), our_state, their_state)


def test_only_the_table_goes_by_rows() -> None:
    params = make_params()
    grads = {**jax.tree.map(jnp.zeros_like, params), "table": params["table"]}
    settings = TrainSettings(optimizer="rowwise", weight_decay=0.0)
    updates, state = run_updates(build_optimizer(settings, CONSTANT), params, grads)
    assert (np.asarray(updates["table"]) != 0).all()
    assert not updates["dense"].any()
    # One float a row for the table, and no moments of Adam's.
    shapes = [leaf.shape for leaf in jax.tree.leaves(state)]
    assert shapes.count((5, 1)) == 1
    assert (5, 3) not in shapes
    assert shapes.count((3, 2)) == 2


def test_sampled_classes_go_by_rows_and_at_their_own_rate() -> None:
    table = jnp.ones((5, 3), "float32")
    params = {"table": table, "classes": table, "dense": jnp.ones((3, 2), "float32")}
    settings = TrainSettings(weight_decay=0.0, table_rate=200.0, class_rate=50.0, clip_norm=1e9)
    for sampled, has_rows in ((0, False), (7, True)):
        optimizer = build_optimizer(replace(settings, sampled_concepts=sampled), CONSTANT)
        updates, state = run_updates(optimizer, params, params)
        shapes = [leaf.shape for leaf in jax.tree.leaves(state)]
        assert shapes.count((5, 1)) == 1 + has_rows
        ratio = updates["table"] / updates["classes"]
        assert bool(jnp.allclose(ratio, 4.0)) == has_rows


def test_an_unknown_optimizer_is_refused_with_the_likely_one() -> None:
    with pytest.raises(UsageError, match=r"no optimizer named 'adm'; did you mean 'adam'\?"):
        build_optimizer(TrainSettings(optimizer="adm"), CONSTANT)


@pytest.mark.parametrize("steps", [1, 2, 3, 40])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_is_a_factor_between_0_and_1_that_peaks_at_1(name, steps) -> None:
    schedule = build_schedule(name, steps, 0.1)
    factors = np.array([schedule(step) for step in range(steps + 3)])
    assert np.isfinite(factors).all()
    assert (factors >= -1e-6).all()
    assert (factors <= 1 + 1e-6).all()
    assert factors.max() == pytest.approx(1.0, abs=1e-6)
    peak = int(factors.argmax())
    assert (np.diff(factors[peak:]) <= 1e-6).all()
    assert (np.diff(factors[: peak + 1]) >= -1e-6).all()


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_ends_at_nothing_or_is_named_as_one_that_does_not(name) -> None:
    ends = float(build_schedule(name, 50, 0.1)(50)) == pytest.approx(0.0, abs=1e-4)
    told = "let it end at 0, or add its name to ENDLESS"
    assert ends == (name not in ENDLESS), f"schedule {name!r}: {told} (train/schedules.py)"


def test_constant_stays() -> None:
    schedule = build_schedule("constant", 50, 0.1)
    assert [float(schedule(step)) for step in (0, 25, 50, 99)] == [1.0] * 4


def test_warmup_rises_in_a_line_over_its_share_of_the_steps() -> None:
    schedule = build_schedule("warmup_cosine", 100, 0.1)
    rising = [float(schedule(step)) for step in range(11)]
    np.testing.assert_allclose(rising, np.linspace(0, 1, 11), atol=1e-6)
    middle = float(schedule(55))  # half way down a cosine
    assert middle == pytest.approx(0.5, abs=1e-6)


def test_without_warmup_the_first_step_has_the_peak_rate() -> None:
    assert float(build_schedule("warmup_cosine", 100, 0.0)(0)) == 1.0


def test_a_run_of_one_step_learns_something() -> None:
    assert float(build_schedule("warmup_cosine", 1, 0.05)(0)) > 0


def test_an_unknown_schedule_is_refused_with_the_likely_one() -> None:
    with pytest.raises(UsageError, match=r"no schedule named 'cosin'; did you mean 'cosine'\?"):
        build_schedule("cosin", 10, 0.1)
