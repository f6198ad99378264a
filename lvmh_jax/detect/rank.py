"""Ranks concepts for the spans of notes with the encoder, and selects likely candidates.

Results are cached per wording, because notes repeat themselves. The encoder skips an n-gram that
begins or ends with a word as common as "the" with which no alias begins or ends, or that has no
word similar to one of the lexicon's. A span is dropped if a span one word shorter is as likely:
such spans were a third of all candidates, and useless (docs/log.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.detect.candidates import Candidates, from_concepts
from lvmh_jax.detect.encode import PhraseEncoder, Tokens
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.detect.spans import Spans, gather_phrases
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


class Borders(NamedTuple):
    """Tokens with which a mention may begin, and with which it may end; bool [T]."""

    begins_T: Bools
    ends_T: Bools


class Ranking(NamedTuple):
    """The encoder's best K concepts of each distinct span, best first.

    Attributes:
      concepts_UK: int64 rows of concepts.
      probabilities_UK: float32; 0 for spans that the encoder did not rank.
    """

    concepts_UK: Ints
    probabilities_UK: Floats

    def bound(self, span_N: Ints, concept_N: Ints) -> Floats:
        """Upper bound of the probability of concepts; exact for those among the best K.

        Args:
          span_N: int64 rows of distinct spans.
          concept_N: int64 concept for each.
        """
        listed_NK = self.concepts_UK[span_N] == concept_N[:, None]
        probability_NK = self.probabilities_UK[span_N]
        own_N = np.where(listed_NK, probability_NK, 0.0).max(1, initial=0.0)
        most_N: Floats = np.where(listed_NK.any(1), own_N, probability_NK[:, -1])
        return most_N


def find_borders(stream: NoteStream, index: AliasIndex, zipf_V: Floats, common: float) -> Borders:
    """Tokens where mentions may begin and end: not at a common word, unless an alias does.

    Args:
      stream: the notes.
      index: index of the lexicon's aliases.
      zipf_V: float32 Zipf frequency of each form in the stream's table.
      common: Zipf frequency from which a form is common. Characters of scripts without spaces are
        exempt, because they are not words.
    """
    rare_V = zipf_V < common
    begin_V, end_V = (
        np.array(list(map(known.__contains__, stream.table.forms)), bool)
        for known in (index.first_forms, index.last_forms)
    )
    begins_V, ends_V = rare_V | begin_V, rare_V | end_V
    row = stream.row_T
    return Borders(begins_V[row] | stream.unspaced_T, ends_V[row] | stream.unspaced_T)


def hear_tokens(stream: NoteStream, evidence_UW: sparse.csr_matrix) -> Bools:
    """Tokens of words that resemble a word of the lexicon, and all unspaced characters; bool [T].

    Unspaced characters always pass: their index words are pairs, which depend on the neighbouring
    character, but the result for a span must not depend on its surroundings.

    Args:
      stream: the notes.
      evidence_UW: float32 similarity of each distinct word to each word of the lexicon.
    """
    heard_P = (np.diff(evidence_UW.indptr) > 0)[stream.word_P]
    heard_T = stream.unspaced_T.copy()
    heard_T[stream.first_P[heard_P]] = True
    return heard_T


def choose_spans(
    stream: NoteStream,
    spans: Spans,
    borders: Borders,
    heard_T: Bools | None,
    written: Candidates,
    most_words: int,
) -> Bools:
    """Selects the distinct spans that the encoder ranks; bool [U].

    Args:
      stream: the notes.
      spans: spans of the notes.
      borders: tokens where a mention may begin and end.
      heard_T: bool, tokens of which a span must contain one; None for no such condition.
      written: candidates whose spans are always selected.
      most_words: maximum length of the other spans, unless they begin in a script without spaces.
    """
    first_U, last_U = spans.first_S[spans.sample_U], spans.last_S[spans.sample_U]
    asked_U: Bools = borders.begins_T[first_U] & borders.ends_T[last_U]
    asked_U &= (last_U - first_U < most_words) | stream.unspaced_T[first_U]
    if heard_T is not None:
        upto = np.concatenate([[0], np.cumsum(heard_T)])
        asked_U &= upto[last_U + 1] > upto[first_U]
    row_N = spans.find(written.first_N, written.last_N)
    asked_U[spans.group_S[row_N[row_N >= 0]]] = True
    return asked_U


def rank_spans(
    stream: NoteStream,
    spans: Spans,
    asked_U: Bools,
    tokens_VD: Tokens,
    index: AliasIndex,
    encoder: PhraseEncoder,
    most: int,
) -> Ranking:
    """Ranks the most likely concepts of distinct spans.

    Args:
      stream: the notes.
      spans: spans of the notes.
      asked_U: bool, the distinct spans to rank.
      tokens_VD: float32 token vectors of the stream's table.
      index: index of the lexicon's aliases, which caches the results.
      encoder: the trained encoder.
      most: number of concepts per span.
    """
    best = min(most, index.concepts)
    asked = np.flatnonzero(asked_U)
    names_U = spans.name_S[spans.sample_U]
    found_UC = np.zeros((len(names_U), 2 * best), np.float32)
    found_UC[asked], known_A = index.ranked.recall(names_U[asked], 2 * best)
    new = asked[~known_A]
    if len(new):
        sample = spans.sample_U[new]
        phrases = gather_phrases(stream, spans.first_S[sample], spans.last_S[sample], PHRASE_TOKENS)
        top = encoder.rank_concepts(tokens_VD, phrases, best)
        # A `NameTable` stores float32 only, so concept rows are stored as float32 too.
        ranked = top.concepts_NK.astype(np.float32), top.probabilities_NK
        found_UC[new] = np.concatenate(ranked, axis=1)
        index.ranked.add(names_U[new], found_UC[new])
    return Ranking(found_UC[:, :best].astype(np.int64), found_UC[:, best:])


def list_likely(
    stream: NoteStream,
    spans: Spans,
    ranking: Ranking,
    borders: Borders,
    settings: DetectSettings,
) -> Candidates:
    """Candidates whose probability is high enough and higher than that of a shorter span.

    Args:
      stream: the notes.
      spans: spans of the notes.
      ranking: concepts of the distinct spans.
      borders: tokens where a shorter span may begin and end.
      settings: minimum probability, and whether shorter spans are compared (`tight`).
    """
    sure_UK: Bools = ranking.probabilities_UK >= settings.min_probability
    sure_UK &= ranking.probabilities_UK > 0
    if settings.tight:
        likely = np.flatnonzero(sure_UK[:, 0])  # the best concept comes first
        sure_UK[likely] &= ~_say_with_less(spans, ranking, borders, likely)
    sure_U: Bools = np.any(sure_UK, axis=1)
    hits_S = np.flatnonzero(sure_U[spans.group_S])
    row, rank = np.nonzero(sure_UK[spans.group_S[hits_S]])
    span = hits_S[row]
    concept = ranking.concepts_UK[spans.group_S[span], rank]
    return from_concepts(stream, spans.first_S[span], spans.last_S[span], concept)


def _say_with_less(spans: Spans, ranking: Ranking, borders: Borders, distinct: Ints) -> Bools:
    """Whether the span one word shorter at either end is as likely for each concept; bool [A, K].

    If the shorter span cannot begin or end there, the next word is cut off too.
    """
    first_A, last_A = (each[spans.sample_U[distinct]] for each in (spans.first_S, spans.last_S))
    concepts_AK, probabilities_AK = (
        ranking.concepts_UK[distinct],
        ranking.probabilities_UK[distinct],
    )
    as_likely_AK = np.zeros(concepts_AK.shape, bool)
    next_T, before_T = _list_next(borders.begins_T), _list_before(borders.ends_T)
    for begin_A, end_A in ((next_T[first_A + 1], last_A), (first_A, before_T[last_A])):
        row_A = spans.find(begin_A, end_A)
        inner_A = spans.group_S[row_A]
        for rank in range(concepts_AK.shape[1]):
            same_AK = ranking.concepts_UK[inner_A, rank, None] == concepts_AK
            same_AK &= ranking.probabilities_UK[inner_A, rank, None] >= probabilities_AK
            as_likely_AK |= same_AK & (row_A >= 0)[:, None]
    return as_likely_AK


def _list_next(may_T: Bools) -> Ints:
    """First permitted token at or after each position; T if there is none."""
    place_T = np.where(may_T, np.arange(len(may_T)), len(may_T))
    return np.append(np.minimum.accumulate(place_T[::-1])[::-1], len(may_T))


def _list_before(may_T: Bools) -> Ints:
    """Last permitted token before each position; -1 if there is none."""
    place_T = np.where(may_T, np.arange(len(may_T)), -1)
    return np.insert(np.maximum.accumulate(place_T), 0, -1)


def drop_unsupported(
    written: Candidates, spans: Spans, ranking: Ranking, settings: DetectSettings
) -> Candidates:
    """Drops partial matches of the soft index that the encoder does not support.

    Args:
      written: dictionary matches, which are always kept, and soft matches.
      spans: spans of the notes; a match longer than these counts as unsupported.
      ranking: concepts of the distinct spans.
      settings: thresholds of coverage and probability.
    """
    weak = np.flatnonzero(
        (written.coverage_ND[:, 0] < settings.min_coverage_alone) & (written.exact_N == 0)
    )
    row_W = spans.find(written.first_N[weak], written.last_N[weak])
    likely_W = ranking.bound(spans.group_S[row_W], written.concept_N[weak])
    kept_N = np.ones(len(written), bool)
    kept_N[weak] = (row_W >= 0) & (likely_W >= settings.min_support)
    return written.take(np.flatnonzero(kept_N))
