from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lvmh_jax.data.batches import plan_epochs
from lvmh_jax.models import build_model
from lvmh_jax.train.fit import make_material, start_fit
from lvmh_jax.train.step import Batch, list_batch, make_batch_loss, make_epoch, make_train_step
from lvmh_jax.train.tables import Bounds
from tests.train.fitting import CONCEPTS


def make_batches(examples, train, epoch=0) -> Batch:
    plan = plan_epochs(
        np.flatnonzero(~examples.held_A),
        examples.concept_A,
        batch_size=train.batch_size,
        aliases_per_row=train.aliases_per_row,
        unlabelled=len(examples.unlabelled),
        contexts=len(examples.concept_M),
        drawn_per_alias=train.unlabelled_per_alias,
        seed=0,
    )(epoch)
    arrays = (plan.alias_SBK, plan.weight_SBK, plan.unlabelled_SBU, plan.context_SBM)
    return Batch(*map(jnp.asarray, arrays))


# Plain gradient descent: clipping and Adagrad would hide the size of a gradient.
SGD = optax.sgd(0.1)


class Stepping:
    def __init__(self, fitting, state, settings=None) -> None:
        settings = settings or fitting.settings
        self.train = train = settings.train
        self.state = state.replace(opt_state=SGD.init(state.params))
        self.model = build_model(settings.model, CONCEPTS)
        near_CH = jnp.asarray([[1, 2], [2, 3], [3, 4], [4, 0], [0, 1]])
        self.material = make_material(fitting.examples, near_CH)
        # Of a whole epoch: its arrays have a leading axis of steps.
        self.batches = make_batches(fitting.examples, train)
        self.step = make_train_step(self.model, train, SGD)
        self.jitted = jax.jit(self.step)

    def batch_loss(self, params, material, batch, rate=0.0):
        """The mean over the rows, and the sums of the metrics."""
        key = tuple(jnp.zeros(2, "uint32"))
        listed = list_batch(material, batch, key, rate)
        losses_B, sums = make_batch_loss(self.model, self.train)(params, material, batch, *listed)
        return losses_B.mean(), sums

    def batch(self, number) -> Batch:
        return Batch(*(each[number] for each in self.batches))


@pytest.fixture(scope="module")
def stepping(fitting, run) -> Stepping:
    return Stepping(fitting, run[2].state)


def assert_close(left, right, tolerance) -> None:
    def compare(path, a, b):
        np.testing.assert_allclose(a, b, atol=tolerance, err_msg=jax.tree_util.keystr(path))

    jax.tree_util.tree_map_with_path(compare, left, right)


def test_a_step_counts_itself_and_moves_every_parameter_that_was_used(stepping) -> None:
    state, sums = stepping.jitted(stepping.state, stepping.material, stepping.batch(0))
    assert int(state.step) == int(stepping.state.step) + 1
    assert (state.key == stepping.state.key).all()
    for name, before in stepping.state.params.items():
        moved = jax.tree.map(
            lambda a, b: float(abs(np.asarray(a) - b).max()), before, state.params[name]
        )
        assert max(jax.tree.leaves(moved)) > 0, name
    loss, rows, right, aliases = np.asarray(sums).tolist()
    weight_BK = stepping.batch(0).weight_BK
    assert aliases == weight_BK.sum()
    assert rows == pytest.approx(float(weight_BK.mean(1).sum()))
    assert 0 <= right <= aliases
    assert loss > 0


@pytest.mark.slow  # eager, each of 200 operations is compiled by itself
def test_jit_equals_eager(stepping) -> None:
    batch = Batch(*(each[:1] for each in stepping.batch(0)))
    given = (stepping.state.params, stepping.material, batch)
    total, sums = jax.jit(stepping.batch_loss)(*given)
    eager_total, eager_sums = stepping.batch_loss(*given)
    # The same float32 operations, fused: they round differently in the last places.
    np.testing.assert_allclose([total, *sums], [eager_total, *eager_sums], atol=1e-5)


def test_a_batch_equals_a_loop_over_its_rows(fitting, stepping) -> None:
    train = replace(stepping.train, gram_dropout=0.0)
    batch, state = stepping.batch(1), stepping.state
    row_grad = jax.jit(jax.grad(stepping.batch_loss, has_aux=True))
    rows = [Batch(*(each[row : row + 1] for each in batch)) for row in range(len(batch.alias_BK))]
    found = [row_grad(state.params, stepping.material, row) for row in rows]
    grads = jax.tree.map(lambda *each: np.mean(each, 0), *(grad for grad, _ in found))
    expected = jax.tree.map(lambda x, grad: np.asarray(x) - 0.1 * grad, state.params, grads)
    step = jax.jit(make_train_step(stepping.model, train, SGD))
    stepped, sums = step(state, stepping.material, batch)
    assert_close(stepped.params, expected, 1e-5)
    sums_B4 = np.array([row_sums for _, row_sums in found])
    np.testing.assert_allclose(sums, sums_B4.sum(0), atol=1e-4)


def test_a_step_on_listed_words_is_that_on_all_places(stepping) -> None:
    batch = stepping.batch(0)
    key = tuple(np.zeros(2, "uint32"))
    places, _ = jax.jit(list_batch)(stepping.material, batch, key, 0.0)
    words = int((places.phrases_BNT > 0).sum() + (places.around_BDR > 0).sum())
    assert words < places.phrases_BNT.size
    # Dropout included: what is hidden depends on the place, not on where it stands in a list.
    expected, expected_sums = stepping.jitted(stepping.state, stepping.material, batch)
    for most in (words, words + 7):
        step = jax.jit(make_train_step(stepping.model, stepping.train, SGD, most=Bounds(0, most)))
        found, sums = step(stepping.state, stepping.material, batch)
        np.testing.assert_allclose(sums, expected_sums, rtol=1e-5)
        assert_close(found.params, expected.params, 1e-5)


def test_aliases_of_weight_0_change_nothing(stepping) -> None:
    batch = stepping.batch(0)
    unused_BK = np.arange(16).reshape(4, 4) % 3 == 0  # in rows that hold others, too
    batch = batch._replace(weight_BK=jnp.where(unused_BK, 0.0, 1.0))
    other = batch._replace(alias_BK=jnp.where(unused_BK, 0, batch.alias_BK))
    assert (other.alias_BK != batch.alias_BK).any()
    state, sums = stepping.jitted(stepping.state, stepping.material, batch)
    changed, changed_sums = stepping.jitted(stepping.state, stepping.material, other)
    np.testing.assert_array_equal(sums, changed_sums)
    assert_close(state.params, changed.params, 0)


@pytest.fixture(scope="module")
def large(fitting) -> Stepping:
    """With all that a large lexicon gets, and a sample of all classes."""
    model = replace(fitting.settings.model, tied_contexts=True, pair_weight=0.1)
    train = replace(fitting.settings.train, sampled_concepts=CONCEPTS, near_concepts=2)
    settings = replace(fitting.settings, model=model, train=train)
    return Stepping(fitting, start_fit(fitting.examples, CONCEPTS, settings).state, settings)


def test_with_all_classes_in_the_sample_a_step_is_that_of_the_full_softmax(large) -> None:
    full = jax.jit(make_train_step(large.model, replace(large.train, sampled_concepts=0), SGD))
    given = (large.state, large.material, large.batch(0))
    expected, expected_sums = full(*given)
    found, sums = large.jitted(*given)
    np.testing.assert_allclose(sums, expected_sums, rtol=1e-5)
    assert_close(found.params, expected.params, 1e-5)


def test_a_step_with_few_classes_is_a_function_of_its_state(large) -> None:
    few = replace(large.train, sampled_concepts=1, batch_size=1, aliases_per_row=1)
    step = jax.jit(make_train_step(large.model, few, SGD))
    batch = Batch(*(each[:1, :1] for each in large.batch(0)))
    state, sums = step(large.state, large.material, batch)
    again, again_sums = step(large.state, large.material, batch)
    jax.tree.map(np.testing.assert_array_equal, (state, sums), (again, again_sums))
    later = large.state.replace(step=large.state.step + 1)
    moved = [
        (np.asarray(each.params["classes"]) != np.asarray(large.state.params["classes"])).any(1)
        for each in (state, step(later, large.material, batch)[0])
    ]
    # At most the concepts of an alias and of a context, and "none".
    assert all(rows.sum() <= 3 for rows in moved)
    assert state.params["classes"].shape == large.state.params["classes"].shape


def test_models_of_a_population_draw_samples_of_their_own(large) -> None:
    few = replace(large.train, sampled_concepts=1, batch_size=1, aliases_per_row=1)
    step = make_train_step(large.model, few, SGD)
    batch = Batch(*(each[:1, :1] for each in large.batch(0)))
    states = [large.state.replace(step=large.state.step + at) for at in range(3)]
    stacked = jax.tree.map(lambda *each: jnp.stack(each), *states)
    found = jax.jit(jax.vmap(step, in_axes=(0, None, None)))(stacked, large.material, batch)
    for at, state in enumerate(states):
        expected = jax.jit(step)(state, large.material, batch)
        assert_close(jax.tree.map(lambda leaf, at=at: leaf[at], found), expected, 1e-5)


def test_another_step_number_draws_other_dropout(stepping) -> None:
    later = stepping.state.replace(step=stepping.state.step + 7)
    _, sums = stepping.jitted(stepping.state, stepping.material, stepping.batch(0))
    _, later_sums = stepping.jitted(later, stepping.material, stepping.batch(0))
    assert float(sums[0]) != float(later_sums[0])


def test_an_epoch_is_its_steps_in_order() -> None:
    def step(state, material, batch):
        return state * material + batch.alias_BK, state

    batches = Batch(*(jnp.arange(1.0, 4.0) for _ in Batch._fields))
    state, states_S = make_epoch(step)(jnp.asarray(1.0), 10.0, batches)
    assert (float(state), states_S.tolist()) == (1123.0, [1.0, 11.0, 112.0])


def test_without_notes_nothing_is_learnt_from_contexts(fitting, stepping) -> None:
    examples = fitting.make([])
    assert len(examples.concept_M) == 0
    batches = make_batches(examples, fitting.settings.train)
    grads, _ = jax.jit(jax.grad(stepping.batch_loss, has_aux=True))(
        stepping.state.params, make_material(examples), Batch(*(each[0] for each in batches))
    )
    for name in ("context_up", "context_down"):
        assert not any(leaf.any() for leaf in jax.tree.leaves(grads[name]))
