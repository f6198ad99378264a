"""Scored candidates to mentions: the most confident first; what overlaps it is hardly ever another.

Greedy decoding equals dynamic programming here (FINDINGS C). Concepts that share an alias compete
for its span like all others; without a scorer to tell them apart, the dictionary names them all.
Two concepts may stand in words that they share only in part ("gift for my daughter, a doctor"):
such a second mention has a threshold of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.sorting import find_heads, find_tops, order_of_floats, sort_by
from lvmh_jax.detect.candidates import Candidates

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
OFF = 2.0  # a threshold that no confidence reaches
SUREST = order_of_floats(np.ones(1, np.float32))[0]
# Of the characters of two spans, how many they may share and still be two mentions. At a half the
# second one is more often another reading of the same words (docs/log.md).
MOST_SHARED = 1 / 3


def select_mentions(
    candidates: Candidates,
    confidence_N: Floats,
    eligible_N: NDArray[np.bool_],
    overlapping: float = OFF,
) -> Ints:
    """Rows of the candidates that are the best of all that overlap them, in reading order.

    Only eligible candidates compete: one that its threshold rejects displaces nothing.

    Args:
      candidates: of some notes.
      confidence_N: theirs.
      eligible_N: whether a candidate may be a mention at all.
      overlapping: confidence from which on one may overlap surer ones, of other concepts, with
        which it shares few characters.
    """
    c = candidates
    rows = _drop_hopeless(c, np.flatnonzero(eligible_N), confidence_N, overlapping)
    length = c.end_N[rows] - c.start_N[rows]
    unsure = np.maximum(SUREST - order_of_floats(confidence_N[rows]), 0)
    order = rows[sort_by(unsure, length.max(initial=0) - length)]
    # The characters that are taken in each note, a bit each: most candidates fall at this.
    taken: dict[int, int] = {}
    spans_of: dict[int, list[tuple[int, int, int]]] = {}
    whole: set[tuple[int, int]] = set()  # notes, and characters in them, that one mention has
    chosen: list[int] = []
    columns = (x[order].tolist() for x in (c.note_N, c.start_N, c.end_N, c.concept_N, confidence_N))
    for row, note, start, end, concept, sure in zip(order.tolist(), *columns, strict=True):
        mask = ((1 << (end - start)) - 1) << start
        before = taken.get(note, 0)
        if before & mask:
            if sure < overlapping or (note, mask) in whole:
                continue
            met = [each for each in spans_of[note] if start < each[1] and each[0] < end]
            if not _are_others(start, end, concept, met):
                continue
        taken[note] = before | mask
        whole.add((note, mask))
        spans_of.setdefault(note, []).append((start, end, concept))
        chosen.append(row)
    picked = np.array(chosen, np.int64)
    return picked[np.lexsort((c.end_N[picked], c.start_N[picked], c.note_N[picked]))]


def _drop_hopeless(c: Candidates, rows: Ints, confidence_N: Floats, overlapping: float) -> Ints:
    """Leaves out what cannot be chosen: where it stands, a surer one has the same characters.

    That one is chosen, or what keeps it out keeps this out as well; unless this may overlap.
    """
    if not len(rows):
        return rows
    sure = confidence_N[rows]
    hopeful = sure >= overlapping
    heads = find_heads(c.note_N[rows], c.start_N[rows], c.end_N[rows])
    hopeful[find_tops(sure, heads)] = True
    return rows[hopeful]


def _are_others(start: int, end: int, concept: int, met: list[tuple[int, int, int]]) -> bool:
    """Whether all that a span meets are mentions of something else, in other words."""
    for a, b, other in met:
        shared, whole = min(end, b) - max(start, a), max(end, b) - min(start, a)
        if other == concept or shared > MOST_SHARED * whole:
            return False
    return True


def pass_thresholds(
    confidence_N: Floats, exact_N: NDArray[Any], keep_exact: float, add_learned: float
) -> NDArray[np.bool_]:
    """Which candidates are confident enough for their kind; bool [N]."""
    return np.where(exact_N > 0, confidence_N >= keep_exact, confidence_N >= add_learned)
