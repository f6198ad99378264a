"""Scored candidates to mentions: the most confident first, and no two that overlap.

Greedy decoding equals dynamic programming here (FINDINGS C). Concepts that share an alias compete
for its span like all others; without a scorer to tell them apart, the dictionary names them all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.candidates import Candidates

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


def select_mentions(
    candidates: Candidates, confidence_N: Floats, eligible_N: NDArray[np.bool_]
) -> Ints:
    """Rows of the candidates that are the best of all that overlap them, in reading order.

    Only eligible candidates compete: one that its threshold rejects displaces nothing.
    """
    c = candidates
    rows = np.flatnonzero(eligible_N)
    order = rows[np.lexsort((c.start_N[rows] - c.end_N[rows], -confidence_N[rows]))]
    taken: dict[int, list[tuple[int, int]]] = {}
    chosen: list[int] = []
    note, start, end = (x[order].tolist() for x in (c.note_N, c.start_N, c.end_N))
    for row, n, a, b in zip(order.tolist(), note, start, end, strict=True):
        spans = taken.setdefault(n, [])
        if all(a >= y or b <= x for x, y in spans):
            spans.append((a, b))
            chosen.append(row)
    picked = np.array(chosen, np.int64)
    return picked[np.lexsort((c.start_N[picked], c.note_N[picked]))]


def pass_thresholds(
    confidence_N: Floats, exact_N: NDArray[Any], keep_exact: float, add_learned: float
) -> NDArray[np.bool_]:
    """Which candidates are confident enough for their kind; bool [N]."""
    return np.where(exact_N > 0, confidence_N >= keep_exact, confidence_N >= add_learned)
