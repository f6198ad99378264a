"""Removes notes from the memory of annotated notes, as if they had never been counted.

Counts are sums over notes, so subtracting those of some notes leaves the memory of the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.sorting import find_sorted
from lvmh_jax.detect.memory import MentionMemory

Ints = NDArray[np.int64]


def withdraw(memory: MentionMemory, theirs: MentionMemory) -> MentionMemory:
    """Subtracts one memory from another; wordings that no other note has are removed.

    Args:
      memory: counts over all notes; wordings that are no candidate may be missing.
      theirs: counts over the notes to remove, with the same concepts and the same fold per note.
    """
    row_K, known_K = find_sorted(memory.keys_K, theirs.keys_K)
    seen_KF = _subtract(memory.seen_KF, row_K[known_K], theirs.seen_KF[known_K])
    key_P, concept_P = np.divmod(theirs.cell_P, max(memory.concepts, 1))
    cell_P, noted_P = find_sorted(memory.cell_P, row_K[key_P] * memory.concepts + concept_P)
    both_P = known_K[key_P] & noted_P
    right_PF = _subtract(memory.right_PF, cell_P[both_P], theirs.right_PF[both_P])
    cells = np.flatnonzero(right_PF.any(1))
    old_key, old_concept = np.divmod(memory.cell_P[cells], max(memory.concepts, 1))
    kept_K = np.asarray(seen_KF.any(axis=1))
    kept_K[old_key] = True
    new_row = np.cumsum(kept_K) - 1
    return MentionMemory(
        keys_K=memory.keys_K[kept_K],
        seen_KF=seen_KF[kept_K],
        cell_P=new_row[old_key] * memory.concepts + old_concept,
        right_PF=right_PF[cells],
        holds_CF=np.maximum(memory.holds_CF - theirs.holds_CF, 0),
        notes_F=np.maximum(memory.notes_F - theirs.notes_F, 0),
    )


def _subtract(counts_RF: Ints, rows: Ints, less_NF: Ints) -> Ints:
    """Subtracts counts at some unique rows; clipped at 0, as the annotation may have changed."""
    left = counts_RF.copy()
    left[rows] = np.maximum(left[rows] - less_NF, 0)
    return left
