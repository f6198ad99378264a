"""Spans that the encoder takes for a concept: all n-grams of the notes are asked.

Most are none and many were met before, so an n-gram passes three sieves: is it known, may it be a
concept at all (without the sum of a softmax), and which ones is it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.detect.candidates import Candidates, from_concepts
from lvmh_jax.detect.encode import PhraseEncoder, Tokens
from lvmh_jax.detect.index import MOST_RANKED, AliasIndex
from lvmh_jax.detect.spans import gather_phrases, hash_spans, list_spans
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]


def rank_spans(
    stream: NoteStream,
    tokens_VD: Tokens,
    index: AliasIndex,
    encoder: PhraseEncoder,
    settings: DetectSettings,
) -> Candidates:
    """The best concepts of each span, where they are likely enough.

    Args:
      stream: the notes.
      tokens_VD: vectors of the tokens of its table.
      index: the lexicon; remembers what is found of wordings.
      encoder: what was learned.
      settings: of spans, and how likely a concept has to be.
    """
    first_S, last_S = list_spans(stream, settings.max_words, settings.max_chars)
    names_U, sample_U, which_S = np.unique(
        hash_spans(stream, first_S, last_S), return_index=True, return_inverse=True
    )
    best = min(settings.concepts_per_span, MOST_RANKED)
    terms = (best, settings.min_probability)
    found_UC, known_U = index.ranked.recall(names_U, terms)
    new = np.flatnonzero(~known_U)
    if len(new):
        first, last = first_S[sample_U[new]], last_S[sample_U[new]]
        found_UC[new] = _rank(stream, first, last, tokens_VD, encoder, terms)
        index.ranked.add(names_U[new], found_UC[new], terms)
    sure_UK = np.asarray(found_UC[:, MOST_RANKED:] >= settings.min_probability)
    hits_S = np.flatnonzero(sure_UK[which_S, 0])  # the best concept comes first
    row, rank = np.nonzero(sure_UK[which_S[hits_S]])
    span = hits_S[row]
    concept = found_UC[which_S[span], rank].astype(np.int64)
    return from_concepts(stream, first_S[span], last_S[span], concept)


def _rank(
    stream: NoteStream,
    first_U: Ints,
    last_U: Ints,
    tokens_VD: Tokens,
    encoder: PhraseEncoder,
    terms: tuple[int, float],
) -> Reals:
    """Concepts and, behind them, probabilities of wordings; 0 where a concept is not likely."""
    best, least = terms
    phrases = gather_phrases(stream, first_U, last_U, PHRASE_TOKENS)
    may = np.flatnonzero(encoder.screen(tokens_VD, phrases, least))
    found_UC = np.zeros((len(phrases), 2 * MOST_RANKED))
    if len(may):
        top = encoder.rank_concepts(tokens_VD, phrases.take(may), best)
        width = top.concepts_NK.shape[1]
        found_UC[may, :width] = top.concepts_NK
        found_UC[may, MOST_RANKED : MOST_RANKED + width] = top.probabilities_NK
    return found_UC
