"""Spans that the encoder takes for a concept: all n-grams of the notes are asked.

Notes repeat themselves, so what was found of an n-gram is remembered.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.detect.candidates import Candidates, from_concepts
from lvmh_jax.detect.encode import PhraseEncoder, Tokens
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.detect.spans import Spans, gather_phrases
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


class Embedded(NamedTuple):
    """Vectors of wordings that were met for the first time, for whoever asks about them next.

    Attributes:
      names_W: of them, by `hash_spans`, rising.
      vectors_WD: unit vectors.
    """

    names_W: NDArray[np.uint64]
    vectors_WD: Floats


def rank_spans(
    stream: NoteStream,
    spans: Spans,
    tokens_VD: Tokens,
    index: AliasIndex,
    encoder: PhraseEncoder,
    settings: DetectSettings,
) -> tuple[Candidates, Embedded]:
    """The best concepts of each span, where they are likely enough; and new wordings' vectors.

    Args:
      stream: the notes.
      spans: of them.
      tokens_VD: vectors of the tokens of its table.
      index: the lexicon; remembers what is found of wordings.
      encoder: what was learned.
      settings: how many concepts of a span, and how likely they have to be.
    """
    first_S, last_S, name_S, sample_U, which_S = spans
    names_U = name_S[sample_U]
    best = min(settings.concepts_per_span, index.concepts)
    found_UC, known_U = index.ranked.recall(names_U, 2 * best)
    new = np.flatnonzero(~known_U)
    vectors_WD = np.zeros((0, encoder.settings.width), np.float32)
    if len(new):
        first, last = first_S[sample_U[new]], last_S[sample_U[new]]
        phrases = gather_phrases(stream, first, last, PHRASE_TOKENS)
        vectors_WD = encoder.embed_phrases(tokens_VD, phrases)
        found_UC[new] = _rank(vectors_WD, encoder, best)
        index.ranked.add(names_U[new], found_UC[new])
    sure_UK = np.asarray(found_UC[:, best:] >= settings.min_probability)
    hits_S = np.flatnonzero(sure_UK[which_S, 0])  # the best concept comes first
    row, rank = np.nonzero(sure_UK[which_S[hits_S]])
    span = hits_S[row]
    concept = found_UC[which_S[span], rank].astype(np.int64)
    found = from_concepts(stream, first_S[span], last_S[span], concept)
    return found, Embedded(names_U[new], vectors_WD)


def _rank(vectors_WD: Floats, encoder: PhraseEncoder, best: int) -> Floats:
    """Concepts of wordings, best first, and behind them their probabilities."""
    top = encoder.rank_concepts(vectors_WD, best)
    # As in every row of a `NameTable`, a concept's row is a float32.
    return np.concatenate([top.concepts_NK.astype(np.float32), top.probabilities_NK], axis=1)
