from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvmh_jax.data import wordings as module
from lvmh_jax.data.features import encode_phrases, make_token_table
from lvmh_jax.data.rarity import TokenRarity, make_rarity
from lvmh_jax.data.text import tokenize
from lvmh_jax.data.wordings import encode_wordings, read_wordings
from tests.generators import texts

BUCKETS = 1 << 12


@given(st.lists(texts(), max_size=8), st.integers(1, 6), st.sampled_from([1, 3, 100]))
@example(["d\xadog", "a\u200b b", "\ufeff"], 2, 1)
def test_columns_of_words_make_the_arrays_that_tokens_make(phrases, length, chunk) -> None:
    tokens = [tokenize(text) for text in phrases]
    expected_table = make_token_table((t for phrase in tokens for t in phrase), BUCKETS)
    expected = encode_phrases(tokens, expected_table, BUCKETS, length)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CHUNK", chunk)
        wordings = read_wordings(phrases)
        table = make_token_table(wordings.words, BUCKETS)
        found = encode_wordings(wordings, table, BUCKETS, length)
    assert wordings.count_P.tolist() == list(map(len, tokens))
    assert list(table.row_of) == list(expected_table.row_of)
    np.testing.assert_array_equal(found.tokens_NT, expected.tokens_NT)
    np.testing.assert_array_equal(found.pairs_NT, expected.pairs_NT)
    assert found.pairs_NT.dtype == found.tokens_NT.dtype == np.int32


@given(st.lists(st.tuples(texts(), st.integers(0, 3), st.booleans()), max_size=10))
def test_rarity_of_columns_is_that_of_tokens(phrases) -> None:
    shown = [(tokenize(text), concept) for text, concept, is_shown in phrases if is_shown]
    expected = TokenRarity([phrase for phrase, _ in shown], [concept for _, concept in shown], 4)
    wordings = read_wordings([text for text, _, _ in phrases])
    concept_P = np.array([concept for _, concept, _ in phrases], np.int64)
    shown_P = np.array([is_shown for _, _, is_shown in phrases], bool)
    found = make_rarity(wordings, concept_P, shown_P, 4)
    for word in wordings.words:
        assert found.of(word.form) == expected.of(word.form)
        assert found.knows(word.form) == expected.knows(word.form)
