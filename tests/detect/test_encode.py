"""The encoder's blocks: one program for tables of tokens of any size."""

from __future__ import annotations

import numpy as np

from lvmh_jax.data.features import encode_texts
from lvmh_jax.detect.encode import LEAST_TOKENS, hold_tokens
from tests.detect.builders import make_detector
from tests.train.test_programs import count_compiles

LENGTH = 4


def test_phrases_of_a_large_vocabulary_need_no_program_of_their_own() -> None:
    index, encoder = make_detector().index, make_detector().encoder
    buckets = encoder.settings.buckets
    texts = ["", *(f"word{row} of {row % 7}" for row in range(LEAST_TOKENS + 500)), "word3"]
    table, phrases = encode_texts(texts, buckets, LENGTH)
    assert len(table.row_of) > LEAST_TOKENS
    tokens_VD = encoder.embed_tokens(table, index.rarity.of_table(table))
    encoder.embed_phrases(tokens_VD[:9], encode_texts(["a"], buckets, LENGTH)[1])
    with count_compiles() as seen:
        vectors_ND = encoder.embed_phrases(tokens_VD, phrases)
    assert seen == []
    assert np.array_equal(vectors_ND, encoder.embed_phrases(hold_tokens(tokens_VD), phrases))
    assert not vectors_ND[0].any()


def test_the_best_concepts_of_phrases_are_those_of_their_vectors() -> None:
    index, encoder = make_detector().index, make_detector().encoder
    table, phrases = encode_texts(
        ["navy bag", "red", "a gift for her"], encoder.settings.buckets, LENGTH
    )
    tokens_VD = encoder.embed_tokens(table, index.rarity.of_table(table))
    top = encoder.rank_concepts(tokens_VD, phrases, encoder.concepts)
    row_P = np.repeat(np.arange(3), encoder.concepts)
    every_P = np.tile(np.arange(encoder.concepts), 3)
    vectors_ND = encoder.embed_phrases(tokens_VD, phrases)
    own_P, _, _ = encoder.compare_concepts(vectors_ND, row_P, every_P)
    sure_NC = np.exp(own_P).reshape(3, -1)
    np.testing.assert_allclose(
        np.take_along_axis(sure_NC, top.concepts_NK, 1), top.probabilities_NK, atol=1e-5
    )
    np.testing.assert_allclose(top.probabilities_NK, -np.sort(-sure_NC, axis=1), atol=1e-5)
