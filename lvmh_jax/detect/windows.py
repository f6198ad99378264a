"""Windows of words that softly express an alias, for many notes at once, without a Python loop.

Every word of a note calls up the aliases that hold a similar word; hits of one alias in one
sentence are sorted by position, and every run of hits within a window's length is scored.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.softindex import SoftIndex
from lvmh_jax.data.sorting import list_ranges, sort_stably

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

MIN_CONTRIBUTION = 0.02
# Share of the least score that a window covers of its alias: an inflected word of three covers .3,
# and at .85 the demo has a fiftieth more of its concepts among the candidates (docs/log.md).
LEAST_COVERED = 0.85
BINS = 1 << 20
ROUNDING = 1e-4
# A word no alias uses still makes a span longer; a short one is likely a function word.
UNKNOWN_SHORT, UNKNOWN_LONG = 0.3, 0.8


@dataclass(frozen=True)
class TermStream:
    """The index words of a batch of notes, one after another.

    Attributes:
      word_P: row of the distinct word at each position.
      sentence_P: sentence number, distinct over the batch; windows stay inside one.
      weight_U: how much a distinct word counts, in (0, 1].
    """

    word_P: Ints
    sentence_P: Ints
    weight_U: Floats


@dataclass(frozen=True)
class Windows:
    """Scored windows: terms [first, last] of a stream and the alias they express."""

    first_N: Ints
    last_N: Ints
    alias_N: Ints
    alias_coverage_N: Floats
    span_coverage_N: Floats
    score_N: Floats
    words_N: Ints

    def take(self, rows: NDArray[Any]) -> Windows:
        """The windows at some rows."""
        return Windows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def weigh_words(index: SoftIndex, words: list[str]) -> Floats:
    """How much each distinct word counts in a span."""
    return np.array(
        [
            index.rarity_W[index.word_row[word]]
            if word in index.word_row
            else (UNKNOWN_SHORT if len(word) <= 3 and word.isalpha() else UNKNOWN_LONG)
            for word in words
        ],
        np.float32,
    )


@dataclass(frozen=True)
class _Hits:
    """Words of the stream that softly match a word of an alias, sorted by sentence and alias."""

    position_H: Ints
    alias_H: Ints
    word_H: Ints
    evidence_H: Floats
    share_H: Floats

    def take(self, rows: NDArray[np.int64]) -> _Hits:
        return _Hits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def find_windows(
    index: SoftIndex,
    stream: TermStream,
    evidence_UW: sparse.csr_matrix,
    max_terms: int,
    min_coverage: float,
) -> Windows:
    """All windows of up to `max_terms` terms that cover an alias well enough.

    Args:
      index: the aliases.
      stream: the index words of some notes.
      evidence_UW: sharpened similarity of each distinct word to each alias word.
      max_terms: the longest window.
      min_coverage: the least score of a window; it covers LEAST_COVERED of that of its alias.
    """
    hits = _join_hits(index, stream, evidence_UW)
    # Of one alias and one sentence: they alone can be in one window.
    group_H = stream.sentence_P[hits.position_H] * len(index.aliases) + hits.alias_H
    enough_H = _can_cover(group_H, hits, LEAST_COVERED * min_coverage)
    hits, group_H = hits.take(enough_H), group_H[enough_H]
    # Stable: hits come in the order of their positions.
    hits = hits.take(sort_stably(group_H))
    return _scan_runs(stream, hits, max_terms, min_coverage)


def _can_cover(group_H: Ints, hits: _Hits, least: float) -> Ints:
    """Rows of the hits whose group, all together, covers enough of its alias."""
    # Groups that share a bin are taken together, which keeps too many but never drops one.
    bin_H = group_H & (BINS - 1)
    covered_K = np.bincount(bin_H, hits.evidence_H * hits.share_H, minlength=BINS)
    return np.flatnonzero(covered_K[bin_H] >= least - ROUNDING)


def _join_hits(index: SoftIndex, stream: TermStream, evidence_UW: sparse.csr_matrix) -> _Hits:
    """Positions x similar alias words x their aliases, as parallel arrays."""
    rows = evidence_UW.indptr
    count_P = np.diff(rows)[stream.word_P]
    entry = list_ranges(rows[stream.word_P], count_P)
    position = np.repeat(np.arange(len(stream.word_P)), count_P)
    word, evidence = evidence_UW.indices[entry].astype(np.int64), evidence_UW.data[entry]
    starts = index.postings.indptr
    count = np.diff(starts)[word]
    entry = list_ranges(starts[word], count)
    hits = _Hits(
        position_H=np.repeat(position, count),
        alias_H=index.postings.indices[entry].astype(np.int64),
        word_H=np.repeat(word, count),
        evidence_H=np.repeat(evidence, count),
        share_H=index.postings.data[entry],
    )
    return hits.take(np.flatnonzero(hits.evidence_H * hits.share_H >= MIN_CONTRIBUTION))


def _scan_runs(stream: TermStream, hits: _Hits, max_terms: int, min_coverage: float) -> Windows:
    """Scores the runs that start at each hit and end at each of the hits after it.

    One pass a distance: all runs of two hits, then of three, growing sums that are kept a start.
    """
    position, word = hits.position_H, hits.word_H
    weight_P = stream.weight_U[stream.word_P]
    upto_P = np.concatenate([[0.0], np.cumsum(weight_P, dtype=np.float64)])
    gain_H = hits.evidence_H * hits.share_H
    meant_H = weight_P[position] * hits.evidence_H
    covered_H, matched_H = np.zeros_like(gain_H), np.zeros_like(gain_H)
    words_H = np.zeros(len(position), np.int64)
    start = np.arange(len(position))
    found: list[Windows] = []
    # A word may match several words of an alias, so a run can have more hits than terms.
    for ahead in count():
        start = start[start + ahead < len(position)]
        start = start[_same_run(stream, hits, start, start + ahead, max_terms)]
        if found and not len(start):
            break
        end = start + ahead
        gained = _best_before(word, gain_H, start, ahead)
        meant = _best_before(position, meant_H, start, ahead)
        covered_H[start] += np.maximum(gain_H[end] - gained, 0.0)
        matched_H[start] += np.maximum(meant_H[end] - meant, 0.0)
        words_H[start] += gained == 0
        weight = (upto_P[position[end] + 1] - upto_P[position[start]]).astype(np.float32)
        cover = covered_H[start]
        tight = np.minimum(matched_H[start] / np.maximum(weight, 1e-6), 1.0)
        score = 2 * cover * tight / np.maximum(cover + tight, 1e-6)
        windows = Windows(
            position[start],
            position[end],
            hits.alias_H[start],
            cover,
            tight,
            score,
            words_H[start],
        )
        kept = (cover >= LEAST_COVERED * min_coverage) & (score >= min_coverage)
        found.append(windows.take(kept))
    names = Windows.__dataclass_fields__
    return Windows(*(np.concatenate([getattr(part, n) for part in found]) for n in names))


def _best_before(key_H: Ints, value_H: Floats, start: Ints, ahead: int) -> Floats:
    """The best value that the hits of a run before its last one have under the last one's key."""
    best = np.zeros(len(start), np.float32)
    last = key_H[start + ahead]
    for at in (start + between for between in range(ahead)):
        best = np.maximum(best, np.where(key_H[at] == last, value_H[at], 0.0))
    return best


def _same_run(
    stream: TermStream, hits: _Hits, start: Ints, end: Ints, max_terms: int
) -> NDArray[np.bool_]:
    """Whether two hits are of one alias, in one sentence, within a window's length."""
    sentence_H = stream.sentence_P[hits.position_H]
    same: NDArray[np.bool_] = hits.alias_H[start] == hits.alias_H[end]
    same &= sentence_H[start] == sentence_H[end]
    same &= hits.position_H[end] - hits.position_H[start] < max_terms
    return same
