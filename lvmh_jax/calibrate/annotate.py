"""Candidates, features and targets of annotated notes: the training data of the scorer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.targets import Targets, make_targets
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.detector import ConceptDetector, batch_notes
from lvmh_jax.records import GoldNote, Note

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Annotated:
    """The N candidates of annotated notes.

    Attributes:
      candidates: candidates; `note_N` refers to all notes, not to a batch.
      features_NF: float32 features.
      keys_N: uint64 hash of each candidate's tokens.
      targets: what the scorer should predict.
    """

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
    """Generates candidates for annotated notes and compares them with gold.

    Args:
      detector: generates the candidates.
      notes: the annotated notes.
      gold: their annotation.
      fold_B: int64 fold of each note, excluded when the memory looks up its candidates.
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
