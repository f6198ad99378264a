"""Windows of words that softly express an alias, for many notes at once, without a Python loop.

Every word of a note calls up the aliases that hold a similar word; hits of one alias in one
sentence are sorted by position, and every run of hits within a window's length is scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.softindex import SoftIndex

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

MIN_CONTRIBUTION = 0.02
MIN_COVERAGE = 0.45
MIN_SCORE = 0.45
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

    def take(self, rows: NDArray[np.generic]) -> Windows:
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


def find_windows(
    index: SoftIndex, stream: TermStream, evidence_UW: sparse.csr_matrix, max_terms: int
) -> Windows:
    """All windows of up to `max_terms` terms that cover an alias well enough, best alias each."""
    position_H, alias_H, word_H, evidence_H, share_H = _join_hits(index, stream, evidence_UW)
    order = np.lexsort((position_H, alias_H, stream.sentence_P[position_H]))
    hits = [each[order] for each in (position_H, alias_H, word_H, evidence_H, share_H)]
    return _scan_runs(stream, *hits, max_terms)


def _join_hits(
    index: SoftIndex, stream: TermStream, evidence_UW: sparse.csr_matrix
) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    """Positions x similar alias words x their aliases, as parallel arrays."""
    rows = evidence_UW.indptr
    count_P = np.diff(rows)[stream.word_P]
    position = np.repeat(np.arange(len(stream.word_P)), count_P)
    entry = _ranges(rows[stream.word_P], count_P)
    word, evidence = evidence_UW.indices[entry].astype(np.int64), evidence_UW.data[entry]
    starts = index.postings.indptr
    count = np.diff(starts)[word]
    entry = _ranges(starts[word], count)
    position, evidence, word = (np.repeat(x, count) for x in (position, evidence, word))
    alias, share = index.postings.indices[entry].astype(np.int64), index.postings.data[entry]
    keep = evidence * share >= MIN_CONTRIBUTION
    return position[keep], alias[keep], word[keep], evidence[keep], share[keep]


def _ranges(starts: NDArray[np.integer], counts: NDArray[np.integer]) -> Ints:
    """Concatenates range(start, start + count)."""
    total = int(counts.sum())
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return np.arange(total) + offsets


def _scan_runs(
    stream: TermStream,
    position: Ints,
    alias: Ints,
    word: Ints,
    evidence: Floats,
    share: Floats,
    max_terms: int,
) -> Windows:
    """Scores the runs that start at each hit and end at each of the hits after it."""
    hits = len(position)
    weight_P = stream.weight_U[stream.word_P]
    upto_P = np.concatenate([[0.0], np.cumsum(weight_P, dtype=np.float64)])
    group = stream.sentence_P[position]
    matched_weight = weight_P[position] * evidence
    covered = np.zeros(hits, np.float32)
    matched = np.zeros(hits, np.float32)
    words = np.zeros(hits, np.int64)
    alive = np.ones(hits, bool)
    found = []
    for ahead in range(min(max_terms + 2, hits)):
        i = np.flatnonzero(alive[: hits - ahead])
        j = i + ahead
        same = (alias[i] == alias[j]) & (group[i] == group[j])
        same &= position[j] - position[i] < max_terms
        alive[:] = False
        i, j = i[same], j[same]
        alive[i] = True
        repeated = np.zeros(len(i), bool)
        for between in range(ahead):
            repeated |= word[i + between] == word[j]
        covered[i] += np.where(repeated, 0.0, evidence[j] * share[j])
        words[i] += ~repeated
        fresh = (ahead == 0) | (position[j] != position[j - 1])
        matched[i] += np.where(fresh, matched_weight[j], 0.0)
        span = (upto_P[position[j] + 1] - upto_P[position[i]]).astype(np.float32)
        cover, tight = covered[i], np.minimum(matched[i] / np.maximum(span, 1e-6), 1.0)
        score = 2 * cover * tight / np.maximum(cover + tight, 1e-6)
        good = (cover >= MIN_COVERAGE) & (score >= MIN_SCORE)
        found.append(
            (position[i], position[j], alias[i], cover, tight, score, words[i].copy(), good)
        )
    columns = [
        np.concatenate([run[c][run[-1]] for run in found]) if found else np.zeros(0)
        for c in range(7)
    ]
    return Windows(*columns)
