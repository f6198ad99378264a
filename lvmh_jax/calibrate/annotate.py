"""Annotated notes as the scorer sees them: candidates, features, targets, and their memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.notehead import FittedHead
from lvmh_jax.calibrate.targets import Targets, make_targets
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.detector import ConceptDetector, batch_notes
from lvmh_jax.detect.memory import MentionMemory, remember
from lvmh_jax.detect.notehead import NoteView
from lvmh_jax.detect.scorer import ALL_NOTES
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import GoldNote, Note

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Annotated:
    """The candidates of annotated notes, with features and targets."""

    candidates: Candidates
    features_NF: Floats
    keys_N: NDArray[np.uint64]
    targets: Targets


def annotate(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    fold_B: Ints | None = None,
) -> Annotated:
    """Proposes candidates for annotated notes and compares them with gold.

    Args:
      detector: proposes.
      notes: the annotated notes.
      gold: their annotation.
      fold_B: the fold of each note that its memory is not to look at.
    """
    gold_of = {each.note_id: each for each in gold}
    row_of = {concept.concept_id: row for row, concept in enumerate(detector.concepts)}
    parts = []
    for batch in batch_notes(notes):
        part = [notes[row] for row in batch]
        found = detector.propose(part, None if fold_B is None else fold_B[list(batch)])
        targets = make_targets(
            found.candidates, [gold_of.get(note.note_id) for note in part], row_of
        )
        shifted = replace(found.candidates, note_N=found.candidates.note_N + batch.start)
        parts.append(Annotated(shifted, found.features_NF, found.keys_N, targets))
    names = Candidates.__dataclass_fields__
    return Annotated(
        Candidates(
            *(np.concatenate([getattr(p.candidates, name) for p in parts]) for name in names)
        ),
        np.concatenate([p.features_NF for p in parts]),
        np.concatenate([p.keys_N for p in parts]),
        Targets(
            np.concatenate([p.targets.overlap_N for p in parts]),
            np.concatenate([p.targets.negated_N for p in parts]),
        ),
    )


def remember_gold(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    fold_B: Ints,
    folds: int,
) -> MentionMemory:
    """Counts what annotated notes say of their wordings, by fold."""
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
    """What other notes say of candidates, as the models of each fold see it: without its notes too.

    Args:
      memory: None where none of it is to be looked at.
      seen: the candidates.
      fold_N: of each one's note.
      folds: F.
      fitted: a head that informs the scorer.

    Returns: recalled_GNM, G = F + 1, for the models of each fold and for those of all.
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
