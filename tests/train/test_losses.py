from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lvmh_jax.train.losses import count_correct, cross_entropy, draw_uniform, drop_grams

RNG = np.random.default_rng(0)
LOGITS_NC = RNG.normal(size=(6, 4)).astype(np.float32)
LABELS_N = np.array([0, 1, 2, 3, 0, 1])


def test_cross_entropy_equals_a_loop() -> None:
    expected_N = [
        -np.log(np.exp(logits[label]) / np.exp(logits).sum())
        for logits, label in zip(LOGITS_NC.astype(np.float64), LABELS_N, strict=True)
    ]
    np.testing.assert_allclose(cross_entropy(LOGITS_NC, LABELS_N), expected_N, rtol=1e-5)
    found_MN = cross_entropy(LOGITS_NC.reshape(2, 3, 4), LABELS_N.reshape(2, 3))
    np.testing.assert_array_equal(found_MN.ravel(), cross_entropy(LOGITS_NC, LABELS_N))


def weigh(logits_NC, weight_N, loss) -> jax.Array:
    return (loss(logits_NC, LABELS_N) * weight_N).sum()


def test_its_gradient_is_that_of_optax() -> None:
    weight_N = jnp.asarray([1.0, 0.5, 2, 0, 1, -1])
    plain = optax.softmax_cross_entropy_with_integer_labels
    found_NC = jax.grad(weigh)(LOGITS_NC, weight_N, cross_entropy)
    np.testing.assert_allclose(found_NC, jax.grad(weigh)(LOGITS_NC, weight_N, plain), atol=1e-6)


def test_what_weighs_nothing_has_no_gradient_even_at_infinity() -> None:
    weight_N = jnp.asarray([1.0, 0, 1, 0, 1, 1])
    extreme_NC = jnp.asarray(LOGITS_NC).at[1].set(jnp.asarray([3e38, -3e38, 0, 0]))
    grad_NC = np.asarray(jax.grad(weigh)(extreme_NC, weight_N, cross_entropy))
    assert np.isfinite(grad_NC).all()
    np.testing.assert_array_equal((grad_NC != 0).any(1), weight_N > 0)


def test_the_best_concept_is_right_whatever_none_says() -> None:
    logits_NC = jnp.asarray([[1.0, 2, 9], [3, 1, 0], [0, 1, 9], [2, 0, 0]])
    weight_N = jnp.asarray([1.0, 1, 1, 0])
    assert float(count_correct(logits_NC, jnp.asarray([1, 0, 0, 0]), weight_N)) == 2.0


def test_the_first_of_equals_is_the_best() -> None:
    logits_NC, labels_N = jnp.asarray([[1.0, 1, 0]] * 3), jnp.asarray([0, 1, 2])
    for row, expected in enumerate([1.0, 0.0, 0.0]):
        one = slice(row, row + 1)
        assert float(count_correct(logits_NC[one], labels_N[one], jnp.ones(1))) == expected


def test_drawn_numbers_are_uniform_and_depend_on_key_and_place() -> None:
    place_W, draw = np.arange(4000), jax.jit(draw_uniform, static_argnums=2)
    drawn = {
        seed: np.asarray(draw(tuple(np.asarray([seed, 7], "uint32")), place_W, 18))
        for seed in (0, 1)
    }
    for each in drawn.values():
        assert each.shape == (4000, 18)
        assert (each >= 0).all()
        assert (each < 1).all()
        counts = np.histogram(each, 20, (0, 1))[0] / each.size
        np.testing.assert_allclose(counts, 1 / 20, atol=0.004)  # four standard errors
        # Neither the numbers of a place nor those of neighbours go together.
        both = np.concatenate([each[:-1], each[1:]], 1)
        likeness = np.corrcoef(both, rowvar=False) - np.eye(36)
        assert abs(likeness).max() < 0.08
    assert abs(np.corrcoef(drawn[0].ravel(), drawn[1].ravel())[0, 1]) < 0.02
    again = draw(tuple(np.asarray([0, 7], "uint32")), place_W[5:9], 18)
    np.testing.assert_array_equal(again, drawn[0][5:9])


GRAMS = 400  # of a long word: so many that chance never hides them all
DRAWS = 300
# Of a phrase of one long word, of two, of three, and of one word that has one gram; then padding.
WORDS = np.array([0, 1, 1, 2, 2, 2, 3, 4])


@pytest.fixture(scope="module")
def words():
    grams_WF = np.where(WORDS[:, None] < 3, RNG.integers(1, 999, (len(WORDS), GRAMS)), 0)
    grams_WF[WORDS == 3, 0] = 5
    pairs_W = np.array([0, 0, 7, 0, 7, 7, 0, 0])
    is_several_W = np.isin(WORDS, (1, 2))
    return grams_WF.astype(np.int32), pairs_W.astype(np.int32), is_several_W


@pytest.fixture(scope="module")
def drop(words):
    grams_WF, pairs_W, is_several_W = (np.concatenate([each] * DRAWS) for each in words)
    places = jnp.arange(len(pairs_W))
    key = tuple(jnp.asarray([3, 5], "uint32"))

    def run(rate, whole=False):
        is_whole_W = jnp.full(len(pairs_W), whole)
        given = (key, places, grams_WF, pairs_W, is_several_W, is_whole_W, rate)
        return [
            np.asarray(each).reshape(DRAWS, len(WORDS), *each.shape[1:])
            for each in drop_grams(*given)
        ]

    return run


@pytest.mark.parametrize(("rate", "whole"), [(0.0, False), (0.9, True)])
def test_rate_0_hides_nothing_and_what_is_whole_stays(words, drop, rate, whole) -> None:
    grams, pairs = drop(rate, whole)
    assert (grams == words[0]).all()
    assert (pairs == words[1]).all()


def test_a_rate_hides_that_share_and_changes_nothing_else(words, drop) -> None:
    rate = 0.3
    grams, pairs = drop(rate)
    assert ((grams == 0) | (grams == words[0])).all()
    assert ((pairs == 0) | (pairs == words[1])).all()
    has_word = grams.any(-1)
    assert has_word[:, 0].all()  # the only word of a phrase stays
    assert has_word[:, 1:6].mean() == pytest.approx(1 - rate / 3, abs=0.03)
    assert (grams[:, 0] > 0).mean() == pytest.approx(1 - rate, abs=0.01)
    # A pair goes by itself, and with its word.
    kept = pairs[:, 4:6] > 0
    assert kept.mean() == pytest.approx((1 - rate) * (1 - rate / 3), abs=0.06)
    assert not kept[~has_word[:, 4:6]].any()


def test_the_only_word_of_a_phrase_keeps_a_gram(drop) -> None:
    grams, _ = drop(0.3)
    assert grams[:, 6].any(1).all()
