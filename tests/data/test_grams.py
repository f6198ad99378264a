"""Hashed character grams, against counts of slices."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data import grams
from lvmh_jax.data.grams import GRAM_SPACE, count_grams, keep_grams
from lvmh_jax.data.likeness import LONGEST_WORD

SIZES = (2, 3, 4)
words = st.lists(st.text("ab é婚\U0001f45c", max_size=7), max_size=5)


def list_slices(word: str) -> Counter[str]:
    text = f" {word[:LONGEST_WORD]} "
    return Counter(
        text[i : i + size] for size in SIZES for i in range(max(len(text) - size, 0) + 1)
    )


@given(words)
def test_each_slice_has_a_column_and_its_count(batch: list[str]) -> None:
    counts = count_grams(batch, SIZES)
    assert counts.shape == (len(batch), GRAM_SPACE)
    column_of: dict[str, int] = {}
    for row, word in enumerate(batch):
        expected = list_slices(word)
        assert sorted(counts[row].data.tolist()) == sorted(expected.values())
        for gram, count in expected.items():
            alone = (
                count_grams([gram[1:-1]], (4,)) if len(gram) == 4 and gram[::3] == "  " else None
            )
            if alone is not None:  # a word of two letters is one gram of four
                column_of[gram] = int(alone.indices[0])
                assert counts[row, column_of[gram]] == count


def test_a_word_has_the_same_columns_beside_any_other() -> None:
    alone = count_grams(["a"], SIZES)
    beside = count_grams(["a", "x" * 30], SIZES)[0]
    assert (alone != beside).nnz == 0
    assert alone.sum() == 4


def test_letters_in_another_order_are_other_grams() -> None:
    left, right = count_grams(["abcd", "abdc"], (4,))
    shared = set(left.indices.tolist()) & set(right.indices.tolist())
    assert not shared


def test_long_words_count_as_far_as_they_are_read() -> None:
    long = "x" * (LONGEST_WORD - 1)
    counts = count_grams([long + "ab", long + "ac"], (3,))
    assert (counts[0] != counts[1]).nnz == 0


def test_parts_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [f"word{number}" for number in range(7)]
    whole = count_grams(batch, SIZES)
    monkeypatch.setattr(grams, "PART", 3)
    assert (count_grams(batch, SIZES) != whole).nnz == 0


def test_columns_are_spread() -> None:
    counts = count_grams([f"{left}{right}" for left in "abcdefgh" for right in "ijklmnop"], (2,))
    used = np.unique(counts.indices)
    assert len(used) == 64 + 8 + 8
    assert np.ptp(used) > GRAM_SPACE // 2


@given(words, words)
def test_grams_that_count_have_the_columns_they_are_given(batch, others) -> None:
    grams = np.unique(count_grams(others, SIZES).indices)
    kept = count_grams(batch, SIZES, keep_grams(grams))
    assert (kept != count_grams(batch, SIZES)[:, grams]).nnz == 0
