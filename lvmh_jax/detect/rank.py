"""Spans that the encoder takes for a concept: the n-grams of the notes are asked.

Notes repeat themselves, so what was found of an n-gram is remembered. An n-gram is not asked where
it begins or ends with a word as common as "the", which no alias does, or where no word of it is
like one of the lexicon's. What a word less says as well is not taken: such spans were a third of
all candidates, and of no use (docs/log.md).
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
    """With which tokens of some notes a mention may begin, and with which it may end; bool [T]."""

    begins_T: Bools
    ends_T: Bools


class Ranking(NamedTuple):
    """What the encoder takes each distinct span for, best first; probability 0 where not asked.

    Attributes:
      concepts_UK: int64 rows of concepts.
      probabilities_UK: float32.
    """

    concepts_UK: Ints
    probabilities_UK: Floats

    def bound(self, span_N: Ints, concept_N: Ints) -> Floats:
        """How likely distinct spans are to be concepts; of concepts not listed, at most.

        Args:
          span_N: rows of distinct spans.
          concept_N: a concept for each.
        """
        listed_NK = self.concepts_UK[span_N] == concept_N[:, None]
        probability_NK = self.probabilities_UK[span_N]
        own_N = np.where(listed_NK, probability_NK, 0.0).max(1, initial=0.0)
        most_N: Floats = np.where(listed_NK.any(1), own_N, probability_NK[:, -1])
        return most_N


def find_borders(stream: NoteStream, index: AliasIndex, zipf_V: Floats, common: float) -> Borders:
    """Where mentions may begin and end: not with a common word, unless an alias does.

    Args:
      stream: the notes.
      index: the lexicon.
      zipf_V: how common each form of the stream's table is at large.
      common: Zipf frequency from which a form is common. Characters of scripts without spaces are
        no words, and may stand anywhere.
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
    """Which tokens are of a word that is like one of the lexicon's, or of no word at all; [T].

    What a character of a script without spaces is part of depends on the one beside it, and what is
    found in a span must not.

    Args:
      stream: the notes.
      evidence_UW: likeness of each distinct word of theirs to each word of the lexicon.
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
    """Which distinct spans the encoder is asked about; [U].

    Args:
      stream: some notes.
      spans: of them.
      borders: where they may begin and end.
      heard_T: tokens one of which they have to hold; None if any will do.
      written: spans to be asked about in any case.
      most_words: of the others, where they do not begin in a script without spaces.
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
    """The likeliest concepts of distinct spans.

    Args:
      stream: the notes.
      spans: of them.
      asked_U: which distinct ones to rank for.
      tokens_VD: vectors of the tokens of the stream's table.
      index: the lexicon; remembers what is found of wordings.
      encoder: what was learned.
      most: how many concepts of a span.
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
        # As in every row of a `NameTable`, a concept's row is a float32.
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
    """Spans and concepts that are likely enough, and likelier than with a word less.

    Args:
      stream: the notes.
      spans: of them.
      ranking: of the distinct ones.
      borders: where a span with a word less may begin and end.
      settings: how likely they have to be, and whether a word less matters.
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
    """Whether the span with a word less at an end is as likely each of a span's concepts; [A, K].

    At an end that cannot be one, the next word goes too.
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
    """The first token that may, from each on; T where none does, as behind the last."""
    place_T = np.where(may_T, np.arange(len(may_T)), len(may_T))
    return np.append(np.minimum.accumulate(place_T[::-1])[::-1], len(may_T))


def _list_before(may_T: Bools) -> Ints:
    """The last token that may before each; -1 where none does."""
    place_T = np.where(may_T, np.arange(len(may_T)), -1)
    return np.insert(np.maximum.accumulate(place_T), 0, -1)


def drop_unsupported(
    written: Candidates, spans: Spans, ranking: Ranking, settings: DetectSettings
) -> Candidates:
    """Leaves out what the soft index finds in part only, and the encoder not at all.

    Args:
      written: dictionary matches, which stay, and soft matches.
      spans: of the notes; what is longer than they are the encoder does not know.
      ranking: of the distinct ones.
      settings: what is enough by itself.
    """
    weak = np.flatnonzero(
        (written.coverage_ND[:, 0] < settings.min_coverage_alone) & (written.exact_N == 0)
    )
    row_W = spans.find(written.first_N[weak], written.last_N[weak])
    likely_W = ranking.bound(spans.group_S[row_W], written.concept_N[weak])
    kept_N = np.ones(len(written), bool)
    kept_N[weak] = (row_W >= 0) & (likely_W >= settings.min_support)
    return written.take(np.flatnonzero(kept_N))
