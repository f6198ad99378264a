"""Folds of annotated notes: notes that reveal each other's annotation share a fold."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from lvmh_jax.records import GoldNote, Note

Ints = NDArray[np.int64]
# Two notes with at least five concepts each that have half of all their concepts in common tell the
# same story: one client's, or a translation. With fewer concepts this happens by chance.
SAME_STORY, LEAST_TOLD = 0.5, 5
PART = 256  # notes compared with all others in one step; bounds memory


def assign_folds(notes: Sequence[Note], gold: Sequence[GoldNote], folds: int) -> dict[str, int]:
    """Assigns notes to folds; notes of one client or story share a fold.

    So the figures are of new clients and stories. A group larger than a fold is split: stories
    first, then clients. Groups are assigned largest first, ties by hash, each to the fold with the
    fewest notes. So folds are about even and do not depend on the order of the notes.

    Args:
      notes: annotated notes.
      gold: annotation of these notes, and possibly of others.
      folds: number of folds.

    Returns: note id to fold, from 0.
    """
    hashes = {note: hashlib.sha256(note.note_id.encode()).digest() for note in notes}
    ranked = sorted(hashes, key=lambda note: hashes[note])
    group_N = _find_groups(ranked, gold, max(len(ranked) // folds, 1))
    _, first_G, group_N = np.unique(group_N, return_index=True, return_inverse=True)
    size_G = np.bincount(group_N, minlength=len(first_G))
    taken, fold_G = [0] * folds, np.zeros(len(first_G), np.int64)
    for group in np.lexsort((first_G, -size_G)).tolist():
        fold_G[group] = taken.index(min(taken))
        taken[fold_G[group]] += int(size_G[group])
    return {note.note_id: int(fold_G[g]) for note, g in zip(ranked, group_N, strict=True)}


def _find_groups(notes: Sequence[Note], gold: Sequence[GoldNote], most: int) -> Ints:
    """Group of each note, of at most `most` notes: client and story, client alone, or itself."""
    first_of: dict[str, int] = {}
    names = [note.client_id or note.note_id for note in notes]
    client_N = np.array(
        [first_of.setdefault(name, row) for row, name in enumerate(names)], np.int64
    )
    group_N = _join_stories(notes, gold, client_N)
    for step, finer_N in enumerate((client_N, np.arange(len(notes))), 1):
        fits_N = np.bincount(group_N, minlength=1)[group_N] <= most
        group_N = np.where(fits_N, group_N, finer_N + step * len(notes))
    return group_N


def _join_stories(notes: Sequence[Note], gold: Sequence[GoldNote], client_N: Ints) -> Ints:
    """Groups of notes connected by a chain of shared clients and stories."""
    told_of = {each.note_id: sorted({*each.concepts}) for each in gold}
    told = [told_of.get(note.note_id, []) for note in notes]
    rows = np.array([row for row, each in enumerate(told) if len(each) >= LEAST_TOLD], np.int64)
    column_of: dict[str, int] = {}
    columns = [column_of.setdefault(c, len(column_of)) for row in rows.tolist() for c in told[row]]
    size_R = np.array([len(told[row]) for row in rows.tolist()], np.int64)
    ends = np.concatenate([[0], np.cumsum(size_R)])
    shape = (len(rows), len(column_of))
    holds_RC = csr_array((np.ones(len(columns), np.int64), columns, ends), shape=shape)
    group_N = client_N
    for start in range(0, len(rows), PART):
        shared = coo_array(holds_RC[start : start + PART] @ holds_RC.T)
        left, right = shared.row + start, shared.col
        same = shared.data >= SAME_STORY * (size_R[left] + size_R[right] - shared.data)
        # Joined block by block: with a small lexicon nearly all pairs may be similar.
        group_N = _join(group_N, rows[left[same]], rows[right[same]])
    return group_N


def _join(group_N: Ints, left: Ints, right: Ints) -> Ints:
    """Merges groups that are connected by pairs of notes; group ids stay below N."""
    notes = len(group_N)
    left, right = np.concatenate([np.arange(notes), left]), np.concatenate([group_N, right])
    pairs = coo_array((np.ones(len(left), bool), (left, right)), shape=(notes, notes))
    joined: Ints = connected_components(pairs, directed=False)[1].astype(np.int64)
    return joined
