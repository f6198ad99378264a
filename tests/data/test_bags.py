"""Notes as bags of hashed words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.bags import count_grams, fit_space, pad_rows, weigh_grams
from lvmh_jax.data.tokengrams import hash_gram

BUCKETS = 1 << 16
TEXTS = ["Navy bag, navy bag", "a NAVY ring", "婚礼 ring", ""]


def weigh(texts: list[str], least: int = 1, most: int = BUCKETS):
    counts = count_grams(texts, BUCKETS)
    return weigh_grams(counts, fit_space(counts, least, most))


def test_words_and_pairs_are_counted_whatever_their_case() -> None:
    counts = count_grams(TEXTS, BUCKETS).toarray()
    navy, pair = hash_gram("navy", BUCKETS), hash_gram("navy\tbag", BUCKETS)
    assert counts[:, navy].tolist() == [2, 1, 0, 0]
    assert counts[:, pair].tolist() == [2, 0, 0, 0]
    assert counts.sum(1).tolist() == [7, 5, 5, 0]
    assert not counts[:, 0].any()  # kept for padding


def test_a_space_keeps_words_of_enough_notes_and_the_most_frequent() -> None:
    counts = count_grams(TEXTS, BUCKETS)
    kept = {hash_gram(word, BUCKETS) for word in ("navy", "ring")}
    assert {*fit_space(counts, 2, 99).kept_V.tolist()} == kept
    assert len(fit_space(counts, 1, 3).kept_V) == 3
    assert kept <= {*fit_space(counts, 1, 3).kept_V.tolist()}
    assert len(fit_space(counts, 5, 99).kept_V) == 0


def test_weights_are_those_of_the_formula() -> None:
    (row,) = weigh(["navy navy bag", "bag"])[[0]].toarray()
    # navy twice, in one note of two; bag once, in both; "navy navy" and "navy bag" in one.
    rare, common = np.log(3 / 2) + 1, 1.0
    expected = np.array([(1 + np.log(2)) * rare, common, rare, rare])
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(np.sort(row[row > 0]), np.sort(expected), rtol=1e-6)


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_rows_have_unit_length_or_none(texts: list[str]) -> None:
    length = np.linalg.norm(weigh(texts).toarray(), axis=1)
    assert np.all(np.isclose(length, 1, atol=1e-5) | (length == 0))


@pytest.mark.parametrize("most", [2, 99])
def test_padding_keeps_the_heaviest(most: int) -> None:
    bags = weigh(TEXTS)
    ids_NT, values_NT = pad_rows(bags, most)
    assert ids_NT.shape == values_NT.shape == (4, min(most, 5))
    for row, dense in enumerate(bags.toarray()):
        real = ids_NT[row] < bags.shape[1]
        np.testing.assert_allclose(values_NT[row][real], dense[ids_NT[row][real]])
        assert not values_NT[row][~real].any()
        heaviest = np.sort(dense[dense > 0])[::-1][:most]
        np.testing.assert_allclose(np.sort(values_NT[row][real])[::-1], heaviest)


def test_notes_without_a_word_pad_to_one_empty_column() -> None:
    ids_NT, values_NT = pad_rows(weigh(["", "..."]), 9)
    assert ids_NT.shape == (2, 1)
    assert not values_NT.any()
