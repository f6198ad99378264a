from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.train.losses import cross_entropy
from lvmh_jax.train.sampling import sample_classes

CONCEPTS, WANTED = 40, 12
LABELS_L = jnp.asarray([3, 7, 3, 21, 7])
NEAR_H = jnp.asarray([4, 7, 22, 4])
SURE = {3, 4, 7, 21, 22}
RNG = np.random.default_rng(0)
LOGITS_NC = RNG.normal(size=(6, CONCEPTS + 1)).astype(np.float32)
LABELS_N = np.array([3, 7, 21, CONCEPTS, 3, 7])


sample_jitted = jax.jit(sample_classes, static_argnums=(3, 4))


def draw(seed, labels_L=LABELS_L, near_H=NEAR_H, concepts=CONCEPTS, wanted=WANTED):
    return sample_jitted(jax.random.key(seed), labels_L, near_H, concepts, wanted)


def sampled_loss(logits_NC, labels_N, sample):
    logits_NS = logits_NC[:, sample.rows_S1] + sample.weight_S1[None, :]
    return cross_entropy(logits_NS, sample.place_C1[labels_N]).mean()


@pytest.fixture(scope="module")
def samples():
    many = jax.jit(jax.vmap(lambda key: sample_classes(key, LABELS_L, NEAR_H, CONCEPTS, WANTED)))
    return jax.tree.map(np.asarray, many(jax.random.split(jax.random.key(1), 4000)))


def test_labels_and_near_concepts_are_drawn_and_nothing_twice(samples) -> None:
    assert samples.rows_S1.shape == (4000, WANTED + 1)
    assert (samples.rows_S1[:, -1] == CONCEPTS).all()
    for rows_S1 in samples.rows_S1[:50]:
        assert len(set(rows_S1.tolist())) == WANTED + 1
        assert set(rows_S1.tolist()) >= SURE


def test_a_class_is_found_at_its_place(samples) -> None:
    for rows_S1, place_C1 in zip(samples.rows_S1[:50], samples.place_C1, strict=False):
        np.testing.assert_array_equal(rows_S1[place_C1[rows_S1]], rows_S1)


def test_the_others_are_drawn_alike_and_stand_for_all_that_are_left(samples) -> None:
    drawn_C = np.bincount(samples.rows_S1.ravel(), minlength=CONCEPTS + 1) / 4000
    sure_C = np.isin(np.arange(CONCEPTS + 1), [*SURE, CONCEPTS])
    assert (drawn_C[sure_C] == 1).all()
    left, random = CONCEPTS - len(SURE), WANTED - len(SURE)
    np.testing.assert_allclose(drawn_C[~sure_C], random / left, atol=0.04)
    is_sure_S1 = np.isin(samples.rows_S1, [*SURE, CONCEPTS])
    expected = np.where(is_sure_S1, 0, np.log(left / random))
    np.testing.assert_allclose(samples.weight_S1, expected, atol=1e-6)


def test_the_sum_over_a_sample_estimates_that_over_all_classes(samples) -> None:
    exponents_S1 = np.exp(LOGITS_NC[0][samples.rows_S1] + samples.weight_S1)
    assert exponents_S1.sum(1).mean() == pytest.approx(np.exp(LOGITS_NC[0]).sum(), rel=0.02)


@pytest.mark.parametrize("wanted", [CONCEPTS, 10 * CONCEPTS])
def test_with_all_classes_it_is_the_full_softmax(wanted) -> None:
    sample = draw(0, wanted=wanted)
    assert sorted(sample.rows_S1.tolist()) == list(range(CONCEPTS + 1))
    full = cross_entropy(LOGITS_NC, LABELS_N).mean()
    found = jax.jit(sampled_loss)(LOGITS_NC, LABELS_N, sample)
    assert float(found) == pytest.approx(float(full), rel=1e-6)


def test_a_key_decides() -> None:
    first, again, other = draw(5), draw(5), draw(6)
    np.testing.assert_array_equal(first.rows_S1, again.rows_S1)
    assert set(first.rows_S1.tolist()) != set(other.rows_S1.tolist())


def test_labels_come_before_near_concepts_and_those_before_random_ones() -> None:
    labels_L = jnp.arange(10)
    crowded = draw(0, labels_L, jnp.arange(10, 30), wanted=15)
    rows = set(crowded.rows_S1.tolist())
    assert rows >= set(range(10))
    assert rows <= {*range(30), CONCEPTS}
    assert not np.asarray(crowded.weight_S1).any()
    # More labels than were wanted: every one has its place.
    assert set(draw(0, jnp.arange(20), NEAR_H).rows_S1.tolist()) == {*range(20), CONCEPTS}
    assert len(draw(0, near_H=jnp.zeros(0, "int32")).rows_S1) == WANTED + 1
