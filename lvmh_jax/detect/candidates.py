"""Candidates: (span, concept, alias) rows from the dictionary, the soft index and the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.matcher import Hit
from lvmh_jax.data.sorting import find_heads, find_tops, sort_and_group
from lvmh_jax.detect.stream import NoteStream
from lvmh_jax.detect.windows import Windows

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
# Prefers the lower alias row among equal scores. Even times ten million rows it is smaller than the
# gap between neighbouring float32 scores from .2 on.
ALIAS_STEP = 2.0**-50


@dataclass(frozen=True)
class Candidates:
    """Candidate table sorted by note, span and concept; one row per (span, concept).

    Attributes:
      note_N: int64 row of the note in the batch.
      first_N, last_N: int64 first and last token in the stream, both inclusive.
      start_N, end_N: int64 offsets in the note's text, half-open.
      concept_N: int64 row of the concept.
      alias_N: int64 row of the alias that produced the candidate; -1 if the encoder did.
      exact_N: int64, 1 where the dictionary matches the span.
      recalled_N: int64, 1 where only the memory of annotated notes produced the candidate.
      support_N: float32 number of the concept's aliases that the soft index found on this span.
      coverage_ND: float32 [N, 4] soft score, alias coverage, span coverage and number of matched
        words; zeros without a soft match.
    """

    note_N: Ints
    first_N: Ints
    last_N: Ints
    start_N: Ints
    end_N: Ints
    concept_N: Ints
    alias_N: Ints
    exact_N: Ints
    recalled_N: Ints
    support_N: Floats
    coverage_ND: Floats

    def __len__(self) -> int:
        """The number of candidates."""
        return len(self.note_N)

    def take(self, rows: NDArray[Any]) -> Candidates:
        """Returns the candidates at the given rows (indices or a bool mask)."""
        return Candidates(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def drop(self, rows: Ints) -> Candidates:
        """Returns the candidates without the given rows; `self` if there are none to drop."""
        return self.take(np.delete(np.arange(len(self)), rows)) if len(rows) else self


def from_hits(stream: NoteStream, hits_B: Sequence[Sequence[Hit]], concept_A: Ints) -> Candidates:
    """Converts dictionary matches to candidates; a shared alias gives one per concept.

    Args:
      stream: the batch of notes.
      hits_B: matches of each note.
      concept_A: int64 concept row of each alias.
    """
    rows = [
        (note, hit.start, hit.end, alias)
        for note, hits in enumerate(hits_B)
        for hit in hits
        for alias in hit.aliases
    ]
    note, start, end, alias = np.array(rows, np.int64).reshape(-1, 4).T
    low, high = stream.begin_B[note], stream.begin_B[note + 1]
    # Offsets of all notes on one axis, so that one search finds the tokens of every hit.
    reach = max((len(text) for text in stream.texts), default=0) + 1
    first = np.searchsorted(stream.note_T * reach + stream.end_T, note * reach + start, "right")
    last = np.searchsorted(stream.note_T * reach + stream.start_T, note * reach + end, "left") - 1
    keep = (first < high) & (last >= low) & (first <= last)
    soft = np.zeros((len(rows), 4), np.float32)
    none = np.zeros(len(rows), np.float32)
    ones, zeros = np.ones(len(rows), np.int64), np.zeros(len(rows), np.int64)
    found = Candidates(
        note, first, last, start, end, concept_A[alias], alias, ones, zeros, none, soft
    )
    return found.take(np.flatnonzero(keep))


def from_windows(
    stream: NoteStream, windows: Windows, concept_A: Ints, parted_A: Bools
) -> Candidates:
    """Converts soft matches to candidates, except those that hold a placeholder or cross a comma.

    Args:
      stream: the batch of notes.
      windows: soft matches in these notes.
      concept_A: int64 concept row of each alias.
      parted_A: bool, whether an alias itself contains a comma, such as "hair, long"; it may match
        across one.
    """
    first, last = stream.first_P[windows.first_N], stream.last_P[windows.last_N]
    is_whole_N = stream.clause_T[first] == stream.clause_T[last]
    is_whole_N |= parted_A[windows.alias_N]
    windows = windows.take(is_whole_N & stream.is_open(first, last))
    first, last = stream.first_P[windows.first_N], stream.last_P[windows.last_N]
    soft = np.stack(
        [
            windows.score_N,
            windows.alias_coverage_N,
            windows.span_coverage_N,
            windows.words_N.astype(np.float32),
        ],
        axis=1,
    ).astype(np.float32)
    alias = windows.alias_N
    return _from_tokens(stream, first, last, concept_A[alias], alias, soft)


def from_concepts(stream: NoteStream, first: Ints, last: Ints, concept: Ints) -> Candidates:
    """Converts spans to which the encoder assigns a concept; three parallel int64 arrays."""
    soft = np.zeros((len(first), 4), np.float32)
    return _from_tokens(stream, first, last, concept, np.full(len(first), -1, np.int64), soft)


def _from_tokens(
    stream: NoteStream, first: Ints, last: Ints, concept: Ints, alias: Ints, soft: Floats
) -> Candidates:
    return Candidates(
        note_N=stream.note_T[first],
        first_N=first,
        last_N=last,
        start_N=stream.start_T[first],
        end_N=stream.end_T[last],
        concept_N=concept,
        alias_N=alias,
        exact_N=np.zeros(len(first), np.int64),
        recalled_N=np.zeros(len(first), np.int64),
        support_N=(soft[:, 0] > 0).astype(np.float32),
        coverage_ND=soft,
    )


def merge_candidates(parts: Sequence[Candidates]) -> Candidates:
    """Joins candidate tables into one row per (span, concept).

    An exact match decides the alias, then the soft score. Soft scores of dropped rows are kept.
    """
    names = Candidates.__dataclass_fields__
    joined = Candidates(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
    if not len(joined):
        return joined
    length_N = joined.end_N - joined.start_N
    order, heads = sort_and_group(joined.note_N, joined.start_N, length_N, joined.concept_N)
    top = order[heads]
    # Nearly every (span, concept) occurs once, so only the repeated ones are reduced.
    size_G = np.diff(heads, append=len(order))
    several = np.flatnonzero(size_G > 1)
    if not len(several):
        return joined.take(top)
    rows = order[np.repeat(size_G > 1, size_G)]
    at = np.cumsum(size_G[several]) - size_G[several]
    soft = joined.coverage_ND[rows]
    # float64 keeps all float32 scores distinct. Ties go to the lower alias row, because the order
    # of the rows depends on the other notes in the batch.
    worth = 2.0 * joined.exact_N[rows] + soft[:, 0] - ALIAS_STEP * joined.alias_N[rows]
    top[several] = rows[find_tops(worth, at)]
    merged = joined.take(top)
    for column, values in enumerate(np.ascontiguousarray(soft.T)):  # reduceat on an axis is slow
        merged.coverage_ND[several, column] = np.maximum.reduceat(values, at)
    merged.support_N[several] = np.add.reduceat(joined.support_N[rows], at)
    merged.recalled_N[several] = np.minimum.reduceat(joined.recalled_N[rows], at)
    return merged


def keep_best_per_span(candidates: Candidates, most: int) -> Candidates:
    """Keeps at most `most` concepts per span; exact matches are always kept.

    Args:
      candidates: rows with the same offsets must be adjacent.
      most: 1 or more.
    """
    if not len(candidates):
        return candidates
    kept_N = candidates.exact_N > 0
    heads = find_heads(candidates.note_N, candidates.start_N, candidates.end_N)
    size_G = np.diff(heads, append=len(candidates))
    is_crowded_N = np.repeat(size_G > most, size_G)
    kept_N[~is_crowded_N] = True
    rows = np.flatnonzero(is_crowded_N)
    if len(rows):
        size_G = size_G[size_G > most]
        worth = 2.0 * candidates.exact_N[rows] + candidates.coverage_ND[rows, 0]
        for _ in range(most):
            tops = find_tops(worth, np.cumsum(size_G) - size_G)
            kept_N[rows[tops]] = True
            worth[tops] = -1.0
    return candidates.take(np.flatnonzero(kept_N))
