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
ALIAS_STEP = 2.0**-50  # times ten million it is less than what parts float32 scores from .2 on


@dataclass(frozen=True)
class Candidates:
    """Rows sorted by note, span and concept; one row a (span, concept).

    Attributes:
      note_N, first_N, last_N: note of the batch, and tokens of its stream.
      start_N, end_N: offsets in the note.
      concept_N: row of the concept.
      alias_N: row of the alias that called the concept up; -1 from the encoder.
      exact_N: 1 where the dictionary matches the span.
      recalled_N: 1 where nothing but the memory of annotated notes called it up.
      support_N: how many aliases of the concept the soft index found there.
      coverage_ND: soft score, alias coverage, span coverage, words matched; zeros where none.
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
        """The candidates at some rows."""
        return Candidates(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def drop(self, rows: Ints) -> Candidates:
        """The candidates at all other rows; itself if there are none to drop."""
        return self.take(np.delete(np.arange(len(self)), rows)) if len(rows) else self


def from_hits(stream: NoteStream, hits_B: Sequence[Sequence[Hit]], concept_A: Ints) -> Candidates:
    """Dictionary matches as candidates: one a concept that shares the alias."""
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
    """Soft matches as candidates: none with a placeholder, nor over a comma.

    Args:
      stream: some notes.
      windows: of them.
      concept_A: concept of each alias.
      parted_A: whether an alias has a comma itself, as "hair, long": it may match over one.
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
    """Spans that the encoder takes for a concept."""
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
    """Joins candidates, one row a (span, concept): exact wins the alias, soft scores are kept."""
    names = Candidates.__dataclass_fields__
    joined = Candidates(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))
    if not len(joined):
        return joined
    length_N = joined.end_N - joined.start_N
    order, heads = sort_and_group(joined.note_N, joined.start_N, length_N, joined.concept_N)
    top = order[heads]
    # Nearly all are alone.
    size_G = np.diff(heads, append=len(order))
    several = np.flatnonzero(size_G > 1)
    if not len(several):
        return joined.take(top)
    rows = order[np.repeat(size_G > 1, size_G)]
    at = np.cumsum(size_G[several]) - size_G[several]
    soft = joined.coverage_ND[rows]
    # A sum in float64 tells all float32 scores apart, and which of two equal ones has the lower
    # alias: the order in which they come depends on the notes beside.
    worth = 2.0 * joined.exact_N[rows] + soft[:, 0] - ALIAS_STEP * joined.alias_N[rows]
    top[several] = rows[find_tops(worth, at)]
    merged = joined.take(top)
    for column, values in enumerate(np.ascontiguousarray(soft.T)):  # along an axis it is slow
        merged.coverage_ND[several, column] = np.maximum.reduceat(values, at)
    merged.support_N[several] = np.add.reduceat(joined.support_N[rows], at)
    merged.recalled_N[several] = np.minimum.reduceat(joined.recalled_N[rows], at)
    return merged


def keep_best_per_span(candidates: Candidates, most: int) -> Candidates:
    """Drops the weakest concepts of a span beyond `most`; exact ones are always kept.

    Args:
      candidates: rows of a span, that is of its offsets, stand together.
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
