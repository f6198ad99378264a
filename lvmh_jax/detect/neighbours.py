"""Compares each candidate with the candidates that overlap it.

"Anniversario matrimonio" contains "matrimonio", and the longer reading is better; a view of both is
needed to tell. Pairs of overlapping spans are listed once, without a Python loop over notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.sorting import find_heads, find_tops, sort_by
from lvmh_jax.detect.candidates import Candidates

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Neighbours:
    """Best score among the overlapping candidates, 0 without any; float32 [N] each.

    Attributes:
      around_own_N, around_other_N: over spans that contain it, of its own concept or another.
      inside_own_N, inside_other_N: over spans that it contains.
      across_other_N: over spans that overlap it, but neither contain it nor are contained.
    """

    around_own_N: Floats
    around_other_N: Floats
    inside_own_N: Floats
    inside_other_N: Floats
    across_other_N: Floats


def compare_neighbours(candidates: Candidates, worth_N: Floats) -> Neighbours:
    """Computes the best overlapping scores of each candidate.

    Args:
      candidates: of a batch of notes, sorted by span; one row per (span, concept).
      worth_N: float32 score in [0, 1] by which neighbours are compared.
    """
    c = candidates
    span_N, sample_S = _number_spans(c)
    first_S, last_S = c.first_N[sample_S], c.last_N[sample_S]
    left, right = list_overlaps(first_S, last_S)
    holds = last_S[left] >= last_S[right]
    held = (first_S[left] == first_S[right]) & ~holds
    across = ~holds & ~held
    inner = np.concatenate([right[holds], left[held]])
    outer = np.concatenate([left[holds], right[held]])
    both = np.concatenate([left[across], right[across]])
    others = np.concatenate([right[across], left[across]])
    two_S = _rank_two(sample_S, c.concept_N, worth_N)

    def best(of: Ints, seen: Ints) -> Floats:
        return _best_other(of, seen, two_S, span_N, c.concept_N)

    own_inner, own_outer = _list_nested_own(c)
    around_own_N, inside_own_N = np.zeros((2, len(c)), np.float32)
    np.maximum.at(around_own_N, own_inner, worth_N[own_outer])
    np.maximum.at(inside_own_N, own_outer, worth_N[own_inner])
    return Neighbours(
        around_own_N, best(inner, outer), inside_own_N, best(outer, inner), best(both, others)
    )


def list_overlaps(first_S: Ints, last_S: Ints) -> tuple[Ints, Ints]:
    """All pairs of overlapping spans, each once; the left one begins first, or at the same token.

    >>> left, right = list_overlaps(np.array([0, 1, 5]), np.array([2, 1, 6]))
    >>> left.tolist(), right.tolist()
    ([0], [1])
    """
    # Of two that begin together the longer comes first, so that the left one contains the right.
    length_S = last_S - first_S
    order = sort_by(first_S, length_S.max(initial=0) - length_S)
    end = np.searchsorted(first_S[order], last_S[order], "right")
    count = np.maximum(end - np.arange(len(order)) - 1, 0)
    left = np.repeat(np.arange(len(order)), count)
    begin = np.cumsum(count) - count
    right = left + 1 + np.arange(len(left)) - begin[left]
    return order[left], order[right]


def _number_spans(c: Candidates) -> tuple[Ints, Ints]:
    """Span id of each candidate, and the first candidate of each span; rows are sorted by span."""
    heads = find_heads(c.note_N, c.start_N, c.end_N)
    return np.repeat(np.arange(len(heads)), np.diff(heads, append=len(c))), heads


def _list_nested_own(c: Candidates) -> tuple[Ints, Ints]:
    """Pairs (inside, around) of nested candidates of one concept."""
    # Each concept is shifted to its own range, so that only its own spans overlap.
    shift_N = c.concept_N * (int(c.last_N.max(initial=0)) + 1)
    left, right = list_overlaps(c.first_N + shift_N, c.last_N + shift_N)
    holds = c.last_N[left] >= c.last_N[right]
    held = (c.first_N[left] == c.first_N[right]) & ~holds
    inner = np.concatenate([right[holds], left[held]])
    return inner, np.concatenate([left[holds], right[held]])


class _Two(NamedTuple):
    """Best score on each span, its concept, and the second-best score."""

    first_S: Floats
    concept_S: Ints
    second_S: Floats


def _rank_two(sample_S: Ints, concept_N: Ints, worth_N: Floats) -> _Two:
    if not len(sample_S):
        return _Two(worth_N, concept_N, worth_N)
    tops_S = find_tops(worth_N, sample_S)
    rest_N = worth_N.copy()
    rest_N[tops_S] = 0.0
    return _Two(worth_N[tops_S], concept_N[tops_S], np.maximum.reduceat(rest_N, sample_S))


def _best_other(of_P: Ints, seen_P: Ints, two_S: _Two, span_N: Ints, concept_N: Ints) -> Floats:
    """Best score of another concept over the `seen` spans of each candidate's span; float32 [N]."""
    spans = len(two_S.first_S)
    worth_P, concept_P = two_S.first_S[seen_P], two_S.concept_S[seen_P]
    top_S = np.zeros(spans, np.float32)
    np.maximum.at(top_S, of_P, worth_P)
    winner_S = np.full(spans, -1, np.int64)
    wins = worth_P == top_S[of_P]
    winner_S[of_P[wins]] = concept_P[wins]
    # Where a span's best candidate has the winning concept, its second best has another one.
    other_P = np.where(concept_P == winner_S[of_P], two_S.second_S[seen_P], worth_P)
    second_S = np.zeros(spans, np.float32)
    np.maximum.at(second_S, of_P, other_P)
    best_N: Floats = np.where(winner_S[span_N] == concept_N, second_S[span_N], top_S[span_N])
    return best_N
