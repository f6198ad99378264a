"""Notes as bags of hashed grams and of signs."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from lvmh_jax.data.bags import SIGN_WEIGHT, SIZES, count_note_grams, fit_space, pad_rows
from lvmh_jax.data.grams import GRAM_SPACE, count_grams

NOTES = [["navy", "bow", "navy"], ["navy", "ring"], ["婚礼"], []]
SIGNS_NS = csr_array(np.array([[0.5, 0, 1], [0, 0, 1], [0, 0.2, 0], [0, 0, 0]], np.float32))


def number(notes: list[list[str]]):
    """The words of notes, the word of each token, and its note."""
    words = sorted({*chain.from_iterable(notes)}) or [""]
    word_T = np.array([words.index(word) for note in notes for word in note], np.int64)
    note_T = np.repeat(np.arange(len(notes)), [len(note) for note in notes])
    return words, word_T, note_T


def weigh(notes: list[list[str]], signs_NS: csr_array, least: int = 1, most: int = GRAM_SPACE):
    counts = count_note_grams(*number(notes), len(notes))
    return fit_space(counts, signs_NS, least, most).make_bags(*number(notes), signs_NS)


def no_signs(notes: int) -> csr_array:
    return csr_array((notes, 3), dtype=np.float32)


def test_a_note_has_the_grams_of_its_words() -> None:
    counts = count_note_grams(*number(NOTES), len(NOTES)).toarray()
    for note, row in zip(NOTES, counts, strict=True):
        expected = sum((count_grams([word], SIZES).toarray()[0] for word in note), 0 * row)
        np.testing.assert_array_equal(row, expected)


def test_a_space_keeps_what_enough_notes_have_and_the_most_frequent() -> None:
    counts = count_note_grams(*number(NOTES), len(NOTES))
    twice = fit_space(counts, SIGNS_NS, 2, 99)
    navy = count_grams(["navy"], SIZES).indices
    assert {*twice.grams_G.tolist()} == {*navy.tolist()}
    assert twice.signs_S.tolist() == [2]
    few = fit_space(counts, SIGNS_NS, 1, 4)
    assert few.signs_S.tolist() == [0, 2]  # of what is as frequent the first, half of it signs
    assert len(few.grams_G) == 2
    assert {*few.grams_G.tolist()} <= {*navy.tolist()}
    assert len(fit_space(counts, SIGNS_NS, 5, 99)) == 0


def test_weights_are_those_of_the_formula() -> None:
    counts = count_note_grams(*number(NOTES), len(NOTES)).toarray()
    counts = counts[:, counts.any(0)]
    rarity = np.log((1 + len(NOTES)) / (1 + (counts > 0).sum(0))) + 1
    expected = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * rarity
    expected /= np.maximum(np.linalg.norm(expected, axis=1, keepdims=True), 1e-9)
    np.testing.assert_allclose(weigh(NOTES, no_signs(4)).toarray(), expected, rtol=1e-5)


def test_signs_stand_behind_the_grams() -> None:
    bags = weigh(NOTES, SIGNS_NS).toarray()
    np.testing.assert_allclose(bags[:, -3:], SIGN_WEIGHT * SIGNS_NS.toarray())


@given(st.lists(st.lists(st.text(max_size=9), max_size=6), min_size=1, max_size=5))
def test_rows_have_unit_length_or_none(notes: list[list[str]]) -> None:
    length = np.linalg.norm(weigh(notes, no_signs(len(notes))).toarray(), axis=1)
    assert np.all(np.isclose(length, 1, atol=1e-5) | (length == 0))


@pytest.mark.parametrize("most", [2, 99])
def test_padding_keeps_the_heaviest(most: int) -> None:
    bags = weigh(NOTES, SIGNS_NS)
    ids_NT, values_NT = pad_rows(bags, most)
    longest = int(np.diff(bags.indptr).max())
    assert ids_NT.shape == values_NT.shape == (4, min(most, longest))
    for row, dense in enumerate(bags.toarray()):
        real = ids_NT[row] < bags.shape[1]
        np.testing.assert_allclose(values_NT[row][real], dense[ids_NT[row][real]])
        assert not values_NT[row][~real].any()
        heaviest = np.sort(dense[dense > 0])[::-1][:most]
        np.testing.assert_allclose(np.sort(values_NT[row][real])[::-1], heaviest)


def test_notes_without_a_word_pad_to_one_empty_column() -> None:
    ids_NT, values_NT = pad_rows(weigh([[], []], no_signs(2)), 9)
    assert ids_NT.shape == (2, 1)
    assert not values_NT.any()
