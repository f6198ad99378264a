"""Likeness in writing: against the product of plain TF-IDF rows."""

from __future__ import annotations

import numpy as np

from lvmh_jax.data.gramindex import GramIndex
from lvmh_jax.data.text import tokenize

ALIASES = ("silver wedding", "wedding anniversary", "leather bag", "bag")
CONCEPTS = np.array([0, 0, 1, 1])


def make_index() -> GramIndex:
    return GramIndex([tokenize(alias) for alias in ALIASES], CONCEPTS, 2)


def compare(phrases: list[str], concepts: list[int]) -> tuple[np.ndarray, np.ndarray]:
    tokens = [tokenize(phrase) for phrase in phrases]
    forms = ["", *dict.fromkeys(t.form for phrase in tokens for t in phrase)]
    rows = np.zeros((len(phrases), 4), np.int32)
    for row, phrase in enumerate(tokens):
        rows[row, : len(phrase)] = [forms.index(t.form) for t in phrase]
    return make_index().compare(forms, rows, np.arange(len(phrases)), np.array(concepts))


def test_an_alias_is_like_itself_and_order_does_not_count() -> None:
    own, other = compare(["leather bag", "bag leather", "wedding silver"], [1, 1, 0])
    np.testing.assert_allclose(own, 1.0, atol=1e-6)
    assert (other < 0.2).all()


def test_an_inflected_word_is_nearer_its_concept_than_another() -> None:
    own, other = compare(["weddings"], [0])
    assert own[0] > 0.3 > other[0]
    swapped = compare(["weddings"], [1])
    assert swapped[0][0] == other[0]
    assert swapped[1][0] == own[0]


def test_what_no_alias_is_like_scores_nothing() -> None:
    own, other = compare(["opera"], [0])
    assert own[0] == other[0] == 0


def test_an_empty_lexicon_answers() -> None:
    index = GramIndex([], np.zeros(0, np.int64), 1)
    assert index.score(["", "bag"], np.array([[1]], np.int32)).tolist() == [[0.0]]
