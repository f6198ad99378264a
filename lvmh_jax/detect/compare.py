"""Compares wordings with concepts: by the encoder, by the nearest alias, and in writing.

What comes of it depends on the wording and the concept alone, so it is remembered: notes say the
same things again and again.
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
    """What pairs of a wording and a concept have in common; [P].

    Attributes:
      own_P: log-probability of the concept by the encoder,
      other_P: the highest of another one,
      nil_P: that of "no known concept".
      alias_P: int64, the concept's nearest alias by the encoder, -1 where it has none,
      cosine_P: and its cosine.
      grams_P: cosine of the written n-grams to its nearest alias,
      other_grams_P: and to that of the best other concept.
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
    """Compares the wording of each candidate with its concept, each pair once.

    Args:
      stream: the notes.
      tokens_VD: vectors of the tokens of its table.
      candidates: of these notes.
      keys_N: names of their wordings, by `hash_spans`.
      index: the lexicon.
      encoder: what was learned.
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
    """Compares pairs that are all different; columns are those of `Comparison`."""
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
