"""Compares wordings with concepts: encoder score, nearest alias, character n-grams.

The result depends only on the wording and the concept, so it is cached: notes repeat themselves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.data.sorting import group_equal
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.encode import PhraseEncoder, Tokens
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.detect.spans import MIX, gather_phrases
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]


class Comparison(NamedTuple):
    """Comparison of P pairs of wording and concept; float32 unless noted.

    Attributes:
      own_P: log-probability of the concept by the encoder.
      other_P: highest log-probability of another concept.
      nil_P: log-probability of "no known concept".
      alias_P: int64 row of the concept's nearest alias by the encoder; -1 without aliases.
      cosine_P: cosine with that alias.
      grams_P: cosine of character n-grams with the concept's nearest alias.
      other_grams_P: cosine of character n-grams with the nearest alias of another concept.
    """

    own_P: Floats
    other_P: Floats
    nil_P: Floats
    alias_P: Ints
    cosine_P: Floats
    grams_P: Floats
    other_grams_P: Floats


def compare_candidates(
    stream: NoteStream,
    tokens_VD: Tokens,
    candidates: Candidates,
    keys_N: Keys,
    index: AliasIndex,
    encoder: PhraseEncoder,
) -> Comparison:
    """Compares the wording of each candidate with its concept, each distinct pair once.

    Args:
      stream: the notes.
      tokens_VD: float32 token vectors of its table.
      candidates: candidates in these notes.
      keys_N: uint64 hashes of their wordings (`hash_spans`).
      index: index of the lexicon's aliases, which caches the results.
      encoder: the trained encoder.
    """
    named_N = (keys_N + candidates.concept_N.astype(np.uint64)) * MIX
    sample_P, pair_N = group_equal(named_N)
    names_P = named_N[sample_P]
    values_P, known_P = index.compared.recall(names_P, len(Comparison._fields))
    new = np.flatnonzero(~known_P)
    if len(new):
        asked = candidates.take(sample_P[new])
        named = keys_N[sample_P[new]]
        values_P[new] = _compare(stream, tokens_VD, asked, named, index, encoder)
        index.compared.add(names_P[new], values_P[new])
    own, other, nil, alias, cosine, grams, other_grams = values_P[pair_N].T
    return Comparison(own, other, nil, alias.astype(np.int64), cosine, grams, other_grams)


def _compare(
    stream: NoteStream,
    tokens_VD: Tokens,
    candidates: Candidates,
    keys_P: Keys,
    index: AliasIndex,
    encoder: PhraseEncoder,
) -> Floats:
    """Compares distinct pairs; float32 [P, C] with the columns of `Comparison`."""
    c = candidates
    sample_U, row_P = group_equal(keys_P)
    order = np.argsort(row_P, kind="stable")
    phrases = gather_phrases(stream, c.first_N[sample_U], c.last_N[sample_U], PHRASE_TOKENS)
    vectors_UD = encoder.embed_phrases(tokens_VD, phrases)
    pairs = row_P[order], c.concept_N[order]
    own, other, nil = encoder.compare_concepts(vectors_UD, *pairs)
    alias, cosine = index.find_nearest(vectors_UD, *pairs)
    grams, other_grams = index.grams.compare(stream.table.forms, phrases.tokens_NT, *pairs)
    columns = (own, other, nil, alias.astype(np.float32), cosine, grams, other_grams)
    values_PC = np.empty((len(order), len(columns)), np.float32)
    values_PC[order] = np.stack(columns, axis=1)
    return values_PC
