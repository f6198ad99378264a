from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.train.losses import count_correct, drop_grams, weighted_cross_entropy

RNG = np.random.default_rng(0)
LOGITS_NC = RNG.normal(size=(6, 4)).astype(np.float32)
LABELS_N = np.array([0, 1, 2, 3, 0, 1])


@pytest.mark.parametrize("weights", [[1, 1, 1, 1, 1, 1], [1, 0, 0, 1, 0, 1], [0] * 6])
def test_cross_entropy_equals_a_loop(weights) -> None:
    losses = []
    for logits, label, weight in zip(LOGITS_NC.astype(np.float64), LABELS_N, weights, strict=True):
        if weight:
            losses.append(-np.log(np.exp(logits[label]) / np.exp(logits).sum()))
    found = weighted_cross_entropy(LOGITS_NC, LABELS_N, jnp.asarray(weights, "float32"))
    assert float(found) == pytest.approx(np.mean(losses) if losses else 0.0, rel=1e-5)


def test_what_weighs_nothing_has_no_gradient_even_at_infinity() -> None:
    weight_N = jnp.asarray([1.0, 0, 1, 0, 1, 1])
    extreme_NC = jnp.asarray(LOGITS_NC).at[1].set(jnp.asarray([3e38, -3e38, 0, 0]))
    grad_NC = np.asarray(jax.grad(weighted_cross_entropy)(extreme_NC, LABELS_N, weight_N))
    assert np.isfinite(grad_NC).all()
    np.testing.assert_array_equal((grad_NC != 0).any(1), weight_N > 0)


def test_the_best_concept_is_right_whatever_none_says() -> None:
    logits_NC = jnp.asarray([[1.0, 2, 9], [3, 1, 0], [0, 1, 9], [2, 0, 0]])
    weight_N = jnp.asarray([1.0, 1, 1, 0])
    assert float(count_correct(logits_NC, jnp.asarray([1, 0, 0, 0]), weight_N)) == 2.0


GRAMS = 400  # of a long word: so many that chance never hides them all
DRAWS = 300


@pytest.fixture(scope="module")
def phrases():
    """Of one long word, of two, of three, and of one word that has one gram; then padding."""
    grams_NTF, pairs_NT = np.zeros((4, 4, GRAMS), np.int32), np.zeros((4, 4), np.int32)
    for phrase in range(3):
        grams_NTF[phrase, : phrase + 1] = RNG.integers(1, 999, (phrase + 1, GRAMS))
        pairs_NT[phrase, 1 : phrase + 1] = 7
    grams_NTF[3, 0, 0] = 5
    return grams_NTF, pairs_NT


@pytest.fixture(scope="module")
def drop(phrases):
    keys = jax.random.split(jax.random.key(0), DRAWS)
    dropped = jax.jit(jax.vmap(drop_grams, in_axes=(0, None, None, None)))
    return lambda rate: [np.asarray(each) for each in dropped(keys, *phrases, rate)]


def test_rate_0_hides_nothing(phrases, drop) -> None:
    grams, pairs = drop(0.0)
    assert (grams == phrases[0]).all()
    assert (pairs == phrases[1]).all()


def test_a_rate_hides_that_share_and_changes_nothing_else(phrases, drop) -> None:
    rate = 0.3
    grams, pairs = drop(rate)
    assert ((grams == 0) | (grams == phrases[0])).all()
    assert ((pairs == 0) | (pairs == phrases[1])).all()
    has_word = grams.any(-1)
    assert has_word[:, 0, 0].all()  # the only word of a phrase stays
    several = has_word[:, 1:3][:, phrases[0][1:3].any(-1)]
    assert several.mean() == pytest.approx(1 - rate / 3, abs=0.03)
    assert (grams[:, 0, 0] > 0).mean() == pytest.approx(1 - rate, abs=0.01)
    # A pair goes by itself, and with its word.
    kept = pairs[:, 2, 1:3] > 0
    assert kept.mean() == pytest.approx((1 - rate) * (1 - rate / 3), abs=0.06)
    assert not kept[~has_word[:, 2, 1:3]].any()


def test_the_only_word_of_a_phrase_keeps_a_gram(drop) -> None:
    grams, _ = drop(0.3)
    assert grams[:, 3].any((1, 2)).all()
