"""Soft matching: windows of note words that express an alias, for a whole batch of notes.

Each word of a note retrieves the aliases that have a similar word. Hits of one alias in one
sentence are sorted by position, and every run of hits within the maximum window is scored. A hit
that is the only one of its alias in a sentence (two of three are) is scored directly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.softindex import SoftIndex
from lvmh_jax.data.sorting import list_ranges

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

MIN_CONTRIBUTION = 0.02
# Share of the minimum score that a window must cover of its alias. An inflected word of three
# covers .3; at .85 the demo has a fiftieth more of its concepts among the candidates (docs/log.md).
LEAST_COVERED = 0.85
BINS = 1 << 20
ROUNDING = 1e-4
# Weight of a word that no alias uses: it still makes a span longer, but is often a function word.
UNKNOWN_SHORT, UNKNOWN_LONG = 0.3, 0.8


@dataclass(frozen=True)
class TermStream:
    """The index words of a batch of notes.

    Attributes:
      word_P: int64 row of the distinct word at each position.
      sentence_P: int64 sentence number, unique in the batch; windows stay inside one sentence.
      weight_U: float32 weight of each distinct word, in (0, 1].
    """

    word_P: Ints
    sentence_P: Ints
    weight_U: Floats


@dataclass(frozen=True)
class Windows:
    """Scored windows and the alias that each expresses.

    Attributes:
      first_N, last_N: int64 first and last position in the stream of index words, inclusive.
      alias_N: int64 row of the alias.
      alias_coverage_N, span_coverage_N: float32 weighted share of the alias, and of the window,
        that the other covers.
      score_N: float32 harmonic mean of the two.
      words_N: int64 number of alias words matched.
    """

    first_N: Ints
    last_N: Ints
    alias_N: Ints
    alias_coverage_N: Floats
    span_coverage_N: Floats
    score_N: Floats
    words_N: Ints

    def take(self, rows: NDArray[Any]) -> Windows:
        """Returns the windows at the given rows (indices or a bool mask)."""
        return Windows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def weigh_words(index: SoftIndex, words: list[str]) -> Floats:
    """Weight of each distinct word in a span; float32."""
    return np.array(
        [
            index.rarity_W[index.word_row[word]]
            if word in index.word_row
            else (UNKNOWN_SHORT if len(word) <= 3 and word.isalpha() else UNKNOWN_LONG)
            for word in words
        ],
        np.float32,
    )


class _Hits(NamedTuple):
    """Note words that softly match a word of an alias, in the order of their positions.

    Attributes:
      group_H: int64 id of the (sentence, alias).
      position_H: int64 position in the stream of index words.
      alias_H, word_H: int64 rows of the alias and of its word.
      gain_H: float32 share of the alias that the match covers.
      evidence_H: float32 sharpened similarity of the two words.
    """

    group_H: Ints
    position_H: Ints
    alias_H: Ints
    word_H: Ints
    gain_H: Floats
    evidence_H: Floats

    def take(self, rows: Ints) -> _Hits:
        return _Hits(*(getattr(self, name)[rows] for name in self._fields))


def find_windows(
    index: SoftIndex,
    stream: TermStream,
    evidence_UW: sparse.csr_matrix,
    max_terms: int,
    min_coverage: float,
) -> Windows:
    """Finds all windows of up to `max_terms` terms that cover an alias well enough, in any order.

    Args:
      index: index of the aliases.
      stream: index words of some notes.
      evidence_UW: float32, sharpened similarity of each distinct word to each alias word.
      max_terms: length of the longest window.
      min_coverage: minimum score; a window must cover `LEAST_COVERED` times it of its alias.
    """
    hits, is_alone_H = _join_hits(index, stream, evidence_UW, LEAST_COVERED * min_coverage)
    weight_P = stream.weight_U[stream.word_P]
    alone = _score_alone(hits.take(np.flatnonzero(is_alone_H)), weight_P, min_coverage)
    others = hits.take(np.flatnonzero(~is_alone_H))
    # A stable sort keeps the hits of a group in the order of their positions.
    others = others.take(np.argsort(others.group_H, kind="stable"))
    found = [alone, *_scan_runs(others, weight_P, max_terms, min_coverage)]
    names = Windows.__dataclass_fields__
    return Windows(*(np.concatenate([getattr(part, n) for part in found]) for n in names))


def _join_hits(
    index: SoftIndex, stream: TermStream, evidence_UW: sparse.csr_matrix, least: float
) -> tuple[_Hits, NDArray[np.bool_]]:
    """Joins positions, similar alias words and their aliases; keeps hits of well-covered groups.

    Returns: the hits, and bool, which of them are certainly alone in their (sentence, alias) group.
    """
    posting_V, word_V, evidence_V, begin_U = _list_postings(index, evidence_UW)
    alias_V = index.postings.indices[posting_V].astype(np.int64)
    gain_V = evidence_V * index.postings.data[posting_V]
    count_P = np.diff(begin_U)[stream.word_P]
    at_H = list_ranges(begin_U[stream.word_P], count_P)
    # Hits of one alias in one sentence form a group; only these can share a window.
    group_H = np.repeat(stream.sentence_P * index.postings.shape[1], count_P) + alias_V[at_H]
    gain_H = gain_V[at_H]
    covered_H = _bound_covered(group_H, gain_H)
    enough = np.flatnonzero(covered_H >= least - ROUNDING)
    position_H = np.repeat(np.arange(len(count_P)), count_P)[enough]
    at_H, gain_H = at_H[enough], gain_H[enough]
    columns = alias_V[at_H], word_V[at_H], gain_H, evidence_V[at_H]
    return _Hits(group_H[enough], position_H, *columns), covered_H[enough] == gain_H


def _list_postings(
    index: SoftIndex, evidence_UW: sparse.csr_matrix
) -> tuple[Ints, Ints, Floats, Ints]:
    """Relevant postings of each distinct word: posting, alias word, evidence, and first row."""
    starts = index.postings.indptr
    count = np.diff(starts)[evidence_UW.indices]
    posting = list_ranges(starts[evidence_UW.indices], count)
    evidence = np.repeat(evidence_UW.data, count)
    kept_V = np.flatnonzero(evidence * index.postings.data[posting] >= MIN_CONTRIBUTION)
    word_V = np.repeat(evidence_UW.indices, count)[kept_V].astype(np.int64)
    end_E = np.concatenate([[0], np.cumsum(count)])
    begin_U = np.searchsorted(kept_V, end_E[evidence_UW.indptr])
    return posting[kept_V], word_V, evidence[kept_V], begin_U


def _bound_covered(group_H: Ints, gain_H: Floats) -> NDArray[np.float64]:
    """Upper bound of how much the hits of a group cover of the alias together; float64 [H].

    Args:
      group_H: int64 group of each hit.
      gain_H: float32, above 0; so a bound equal to a hit's gain means that the hit is alone.
    """
    # Groups that share a bin are added up, so the bound may be too high but never too low.
    # Groups that share a bin are taken together, which may be too much but never too little.
    bin_H = group_H & (BINS - 1)
    covered_H: NDArray[np.float64] = np.bincount(bin_H, gain_H, minlength=BINS)[bin_H]
    return covered_H


def _score_alone(hits: _Hits, weight_P: Floats, min_coverage: float) -> Windows:
    """Scores windows of a single hit, the most frequent case."""
    weight_H = weight_P[hits.position_H]
    tight_H, score_H = _score(hits.gain_H, weight_H * hits.evidence_H, weight_H)
    place = hits.position_H
    columns = (hits.gain_H, tight_H, score_H, np.ones(len(place), np.int64))
    found = Windows(place, place, hits.alias_H, *columns)
    return found.take(_list_enough(hits.gain_H, score_H, min_coverage))


def _score(covered: Floats, matched: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Coverage of the window by the alias, and its harmonic mean with that of the alias."""
    tight: Floats = np.minimum(matched / np.maximum(weight, 1e-6), 1.0)
    score: Floats = 2 * covered * tight / np.maximum(covered + tight, 1e-6)
    return tight, score


def _list_enough(covered: Floats, score: Floats, min_coverage: float) -> Ints:
    return np.flatnonzero((covered >= LEAST_COVERED * min_coverage) & (score >= min_coverage))


def _scan_runs(
    hits: _Hits, weight_P: Floats, max_terms: int, min_coverage: float
) -> Iterator[Windows]:
    """Scores the runs from each hit to each of the hits after it.

    One pass per run length: all runs of one hit, then of two, and so on, with running sums per
    start.

    Args:
      hits: sorted by group and position.
      weight_P: float32 weight of the word at each position.
      max_terms: length of the longest window.
      min_coverage: minimum score.
    """
    position, gain_H = hits.position_H, hits.gain_H
    # Ascending; within a group it differs by less than `max_terms` for hits that fit one window.
    run = hits.group_H * (len(weight_P) + max_terms) + position
    upto_P = np.concatenate([[0.0], np.cumsum(weight_P, dtype=np.float64)])
    meant_H = weight_P[position] * hits.evidence_H
    start = np.arange(len(position))
    covered, matched, words = np.zeros_like(gain_H), np.zeros_like(gain_H), np.zeros_like(start)
    # A word may match several words of an alias, so a run can have more hits than terms.
    for ahead in count():
        inside = np.flatnonzero(start + ahead < len(position))
        inside = inside[run[start[inside] + ahead] - run[start[inside]] < max_terms]
        if not len(inside):
            return
        start = start[inside]
        end = start + ahead
        gained = _best_before(hits.word_H, gain_H, start, ahead)
        meant = _best_before(position, meant_H, start, ahead)
        covered = covered[inside] + np.maximum(gain_H[end] - gained, 0.0)
        matched = matched[inside] + np.maximum(meant_H[end] - meant, 0.0)
        words = words[inside] + (gained == 0)
        weight = (upto_P[position[end] + 1] - upto_P[position[start]]).astype(np.float32)
        tight, score = _score(covered, matched, weight)
        kept = _list_enough(covered, score, min_coverage)
        first = start[kept]
        places = position[first], position[first + ahead], hits.alias_H[first]
        yield Windows(*places, covered[kept], tight[kept], score[kept], words[kept])


def _best_before(key_H: Ints, value_H: Floats, start: Ints, ahead: int) -> Floats:
    """Best value among a run's earlier hits with the same key as its last hit; 0 without any."""
    best = np.zeros(len(start), np.float32)
    last = key_H[start + ahead]
    for at in (start + between for between in range(ahead)):
        best = np.maximum(best, np.where(key_H[at] == last, value_H[at], 0.0))
    return best
