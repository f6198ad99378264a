"""A step that sees only the rows it touches moves the same rows as far."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.models import build_model
from lvmh_jax.train import tables
from lvmh_jax.train.fit import make_material, make_optimizer, plan_batches, start_fit
from lvmh_jax.train.step import Batch, list_batch, make_train_step
from lvmh_jax.train.tables import (
    PREFIX,
    add_rows,
    bound_plans,
    count_before,
    find_used,
    list_true,
    put_rows,
    take_rows,
)
from tests.train.fitting import CONCEPTS

SIZES = {"table": 6, "classes": 3}
TREE = {
    "table": jnp.arange(12.0).reshape(6, 2),
    "classes": jnp.arange(6.0).reshape(3, 2),
    "bias": jnp.arange(3.0),
    "sums": {"table": jnp.arange(6.0)[:, None]},
}


def test_used_rows_are_found_once_and_named_by_place() -> None:
    ids = (jnp.asarray([[5, 0], [2, 5]]), jnp.asarray([[2]]))
    rows_U, places = jax.jit(find_used, static_argnums=(1, 2))(ids, 6, 5)
    assert rows_U.tolist() == [0, 2, 5, 9, 10]  # those behind the end are different too
    assert [each.tolist() for each in places] == [[[2, 0], [1, 2]], [[1]]]


@pytest.mark.parametrize("number", [1, PREFIX, 3 * PREFIX + 5])
def test_what_is_true_is_listed(number) -> None:
    is_true_N = jnp.asarray(np.random.default_rng(number).random(number) < 0.3).at[-1].set(True)
    expected = np.flatnonzero(is_true_N)
    before_N = count_before(is_true_N)
    np.testing.assert_array_equal(before_N[expected], np.arange(len(expected)))
    np.testing.assert_array_equal(list_true(is_true_N, before_N, len(expected)), expected)
    with_room = list_true(is_true_N, before_N, len(expected) + 2).tolist()
    assert with_room == [*expected, number, number]


def test_rows_that_were_taken_are_put_back_and_padding_is_not() -> None:
    rows = {"table": jnp.asarray([0, 4, 6, 6])}
    small = take_rows(TREE, rows, SIZES)
    assert small["table"].shape == (4, 2)
    assert small["sums"]["table"].tolist()[:2] == [[0.0], [4.0]]
    assert small["classes"] is TREE["classes"]
    stepped = jax.tree.map(lambda leaf: leaf + 100, small)
    found = put_rows(TREE, stepped, rows, SIZES)
    moved = np.asarray(found["table"] - TREE["table"]).all(1)
    assert moved.tolist() == [True, False, False, False, True, False]
    assert (found["sums"]["table"] - TREE["sums"]["table"])[:, 0].tolist() == [100, 0, 0, 0, 100, 0]
    assert (found["bias"] == TREE["bias"] + 100).all()


@pytest.mark.parametrize("many", [0.1, 1.0])
def test_rows_are_moved_and_zeros_behind_the_end_leave_all_as_it_is(many, monkeypatch) -> None:
    monkeypatch.setattr(tables, "MANY", many)
    rows_U = jnp.asarray([0, 4, 8, 9])
    moved_UD = jnp.asarray([[1.0, 2.0], [3.0, 4.0], [0.0, 0.0], [0.0, 0.0]])
    moved = add_rows(TREE["table"], rows_U, moved_UD) - TREE["table"]
    assert moved.tolist() == [[1, 2], [0, 0], [0, 0], [0, 0], [3, 4], [0, 0]]


def prepare(fitting, **changes):
    model = replace(fitting.settings.model, **changes.pop("model", {}))
    train = replace(fitting.settings.train, clip_norm=0.05, **changes)  # low, so that it bites
    settings = replace(fitting.settings, model=model, train=train)
    state = start_fit(fitting.examples, CONCEPTS, settings).state
    near_CH = jnp.asarray([[1, 2], [2, 3], [3, 4], [4, 0], [0, 1]])
    plan = plan_batches(fitting.examples, train, 0)
    return settings, state, make_material(fitting.examples, near_CH), plan


@pytest.mark.parametrize(
    "changes",
    [{}, {"model": {"tied_contexts": True}, "sampled_concepts": 2, "batch_size": 1}],
    ids=["grams", "grams and classes"],
)
def test_a_step_on_rows_is_the_step_on_tables(fitting, changes) -> None:
    settings, state, material, plan = prepare(fitting, **changes)
    train, optimizer = settings.train, make_optimizer(fitting.examples, settings.train)
    model = build_model(settings.model, CONCEPTS)
    most = bound_plans(fitting.examples, [plan], settings.model.buckets)
    assert 0 < most.grams < settings.model.buckets
    on_rows = jax.jit(make_train_step(model, train, optimizer, most=most))
    # Known to be row-local it would take the classes: of that name the optimizer is the same.
    on_tables = jax.jit(make_train_step(model, replace(train, optimizer="whole tables"), optimizer))
    found = expected = state
    for step in range(2):
        batch = Batch(*(jnp.asarray(each[step]) for each in plan))
        found, sums = on_rows(found, material, batch)
        expected, expected_sums = on_tables(expected, material, batch)
        np.testing.assert_allclose(sums, expected_sums, rtol=1e-4)
    for name, leaf in expected.params.items():
        jax.tree.map(
            lambda a, b, name=name: np.testing.assert_allclose(a, b, atol=2e-5, err_msg=name),
            found.params[name],
            leaf,
        )
    still = (np.asarray(found.params["table"]) == np.asarray(state.params["table"])).all(1)
    assert 0 < still.sum() < len(still)


def test_no_step_reads_more_than_the_bounds(fitting) -> None:
    settings, _, material, plan = prepare(fitting)
    most = bound_plans(fitting.examples, [plan], settings.model.buckets)
    grams, words, list_jitted = [], [], jax.jit(list_batch)
    for step in range(len(plan[0])):
        batch = Batch(*(jnp.asarray(each[step]) for each in plan))
        key = tuple(jnp.zeros(2, "uint32"))
        places, listed = list_jitted(material, batch, key, 0.0)
        grams.append(len(np.unique(np.concatenate([each.reshape(-1) for each in listed.ids]))))
        words.append(int((places.phrases_BNT > 0).sum() + (places.around_BDR > 0).sum()))
    assert most == (max(grams), max(words))


def test_where_a_step_reads_too_many_rows_their_number_is_0(fitting) -> None:
    _, _, _, plan = prepare(fitting)
    few, many = bound_plans(fitting.examples, [plan] * 2, 10), bound_plans(fitting.examples, [], 9)
    assert few.grams == 0
    assert few.words > 10
    assert many == (1, 1)
