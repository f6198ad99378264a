from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.features import encode_phrases, encode_texts, hash_pair, make_token_table
from lvmh_jax.data.text import tokenize
from lvmh_jax.data.tokengrams import GRAMS_PER_TOKEN, hash_gram, list_grams
from tests.generators import texts

BUCKETS = 1024


@given(texts(), st.integers(2, 1 << 20))
def test_ids_are_in_range_and_only_padding_is_zero(text, buckets) -> None:
    table, phrases = encode_texts([text], buckets, 8)
    tokens = tokenize(text)
    assert table.grams_VF.dtype == phrases.tokens_NT.dtype == phrases.pairs_NT.dtype == np.int32
    assert not table.grams_VF[0].any()
    for (form, upper), row in list(table.row_of.items())[1:]:
        count = min(len(list_grams(form, upper)), GRAMS_PER_TOKEN)
        ids = table.grams_VF[row]
        assert (ids[:count] > 0).all()
        assert (ids < buckets).all()
        assert not ids[count:].any()
    kept = min(len(tokens), 8)
    assert ((phrases.tokens_NT[0] > 0) == (np.arange(8) < kept)).all()
    assert ((phrases.pairs_NT[0] > 0) == ((np.arange(8) > 0) & (np.arange(8) < kept))).all()
    assert (phrases.pairs_NT < buckets).all()


def test_a_row_of_the_table_holds_the_grams_of_its_token() -> None:
    table, phrases = encode_texts(["AS bag", "bag as"], BUCKETS, 3)
    assert table.row_of == {("", False): 0, ("as", True): 1, ("bag", False): 2, ("as", False): 3}
    for row, grams in ((1, list_grams("as", True)), (2, list_grams("bag")), (3, list_grams("as"))):
        expected = [hash_gram(gram, BUCKETS) for gram in grams]
        assert table.grams_VF[row].tolist() == expected + [0] * (GRAMS_PER_TOKEN - len(expected))
    assert phrases.tokens_NT.tolist() == [[1, 2, 0], [2, 3, 0]]


def test_a_long_word_keeps_its_first_grams_and_so_itself() -> None:
    form = "abcdefghijklmnopqrstuvwxyz"
    table, _ = encode_texts([form], BUCKETS, 1)
    expected = [hash_gram(gram, BUCKETS) for gram in list_grams(form)[:GRAMS_PER_TOKEN]]
    assert table.grams_VF[1].tolist() == expected
    assert table.grams_VF[1, 0] == hash_gram(f"<{form}>", BUCKETS)


def test_a_phrase_longer_than_its_row_keeps_its_first_tokens() -> None:
    long = [tokenize("one two three four five")]
    table = make_token_table(long[0], BUCKETS)
    cut = encode_phrases(long, table, BUCKETS, 3)
    whole = encode_phrases(long, table, BUCKETS, 5)
    assert (cut.tokens_NT == whole.tokens_NT[:, :3]).all()
    assert (cut.pairs_NT == whole.pairs_NT[:, :3]).all()


@given(st.lists(texts(), max_size=6), st.integers(1, 4))
def test_phrases_are_laid_out_token_by_token(phrases, length) -> None:
    tokens = [tokenize(text) for text in phrases]
    table = make_token_table((t for phrase in tokens for t in phrase), BUCKETS)
    found = encode_phrases(tokens, table, BUCKETS, length)
    for phrase, row_T, pair_T in zip(tokens, found.tokens_NT, found.pairs_NT, strict=True):
        kept = phrase[:length]
        rows = [table.row_of[token.form, token.upper] for token in kept]
        pairs = [hash_pair(a.form, b.form, BUCKETS) for a, b in pairwise(kept)]
        assert row_T.tolist() == rows + [0] * (length - len(kept))
        assert pair_T.tolist() == ([0, *pairs] + [0] * length)[:length]
    assert found.tokens_NT.shape == found.pairs_NT.shape == (len(phrases), length)
    assert found.tokens_NT.dtype == found.pairs_NT.dtype == np.int32


def test_pairs_tell_word_order() -> None:
    _table, phrases = encode_texts(["red bag", "bag red"], BUCKETS, 2)
    red, bag = tokenize("red bag")
    assert phrases.pairs_NT.tolist() == [
        [0, hash_pair(red.form, bag.form, BUCKETS)],
        [0, hash_pair(bag.form, red.form, BUCKETS)],
    ]
    assert hash_pair(red.form, bag.form, BUCKETS) == hash_gram("red\tbag", BUCKETS)
    assert phrases.pairs_NT[0, 1] != phrases.pairs_NT[1, 1]


def test_rows_of_phrases_are_taken_together() -> None:
    _, phrases = encode_texts(["a b", "", "c d e"], BUCKETS, 3)
    taken = phrases.take(np.array([2, 0]))
    assert len(taken) == 2
    assert (taken.tokens_NT == phrases.tokens_NT[[2, 0]]).all()
    assert (taken.pairs_NT == phrases.pairs_NT[[2, 0]]).all()


def test_no_texts_are_no_rows() -> None:
    table, phrases = encode_texts([], BUCKETS, 4)
    assert len(phrases) == 0
    assert phrases.tokens_NT.shape == phrases.pairs_NT.shape == (0, 4)
    assert table.grams_VF.shape == (1, GRAMS_PER_TOKEN)
