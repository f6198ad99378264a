"""Counts annotated wordings by fold, and looks them up without leaking a fold's annotation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.annotate import Annotated
from lvmh_jax.calibrate.notehead import FittedHead
from lvmh_jax.detect.detector import ConceptDetector, batch_notes
from lvmh_jax.detect.memory import MentionMemory, remember
from lvmh_jax.detect.notehead import NoteView
from lvmh_jax.detect.scorer import ALL_NOTES
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import GoldNote, Note

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def remember_gold(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    fold_B: Ints,
    folds: int,
) -> MentionMemory:
    """Counts the wordings of annotated notes, by fold."""
    gold_of = {each.note_id: each for each in gold}
    row_of = {concept.concept_id: row for row, concept in enumerate(detector.concepts)}
    parts = []
    for batch in batch_notes(notes):
        part = [notes[row] for row in batch]
        stream = make_stream([note.text for note in part], detector.encoder.settings.buckets)
        parts.append((stream, [gold_of.get(note.note_id) for note in part], fold_B[list(batch)]))
    return remember(parts, row_of, folds, detector.settings)


def recall_by_fold(
    memory: MentionMemory | None,
    seen: Annotated,
    fold_N: Ints,
    folds: int,
    fitted: FittedHead | None = None,
) -> Floats | None:
    """Memory features of candidates, as the models of each fold may see them.

    For the models of a fold, both that fold and the candidate's own are excluded.

    Args:
      memory: counts by fold; None if the memory is not used.
      seen: the candidates.
      fold_N: int64 fold of each candidate's note.
      folds: F.
      fitted: a head that informs the scorer.

    Returns: float32 recalled_GNM with G = F + 1: for the models of each fold, then for those of all
      folds. None without a memory.
    """
    if memory is None:
        return None
    note_N, concept_N = seen.candidates.note_N, seen.candidates.concept_N
    parts = []
    for group, also in enumerate((*range(folds), ALL_NOTES)):
        recalled = memory.recall(seen.keys_N, concept_N, fold_N, also)
        if fitted is not None:
            view = NoteView(fitted.logits_GBK[group], fitted.head.concept_K)
            recalled = view.inform(recalled, note_N, concept_N)
        parts.append(recalled.stack())
    return np.stack(parts)
