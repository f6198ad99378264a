"""Training targets of the scorer: candidates compared with gold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.records import GoldNote

MIN_OVERLAP = 0.3  # minimum intersection over union with a gold span to express the same thing


@dataclass(frozen=True)
class Targets:
    """Targets of N candidates.

    Attributes:
      overlap_N: float32 intersection over union with the best gold span of its concept, or 0.
      negated_N: float32, 1 if that gold span is negated.
    """

    overlap_N: NDArray[np.float32]
    negated_N: NDArray[np.float32]


def make_targets(
    candidates: Candidates, gold_B: Sequence[GoldNote | None], row_of: Mapping[str, int]
) -> Targets:
    """Compares candidates with the gold of their notes.

    A note annotated without spans says which concepts hold but not where, so any candidate of such
    a concept counts as its mention.

    Args:
      candidates: candidates of a batch of notes.
      gold_B: annotation of each note of the batch, or None.
      row_of: concept id to row; concepts outside the lexicon are ignored.
    """
    spans: dict[tuple[int, int], list[tuple[int, int, bool]]] = {}
    anywhere: set[tuple[int, int]] = set()
    for note, gold in enumerate(gold_B):
        if gold is None:
            continue
        for span in gold.spans:
            if span.concept_id in row_of:
                key = (note, row_of[span.concept_id])
                spans.setdefault(key, []).append((span.start, span.end, span.negated))
        if not gold.spans:
            anywhere |= {(note, row_of[c]) for c in gold.concepts if c in row_of}
    overlap_N = np.zeros(len(candidates), np.float32)
    negated_N = np.zeros(len(candidates), np.float32)
    keys = zip(candidates.note_N.tolist(), candidates.concept_N.tolist(), strict=True)
    for row, key in enumerate(keys):
        if key in anywhere:
            overlap_N[row] = 1.0
        begin, stop = int(candidates.start_N[row]), int(candidates.end_N[row])
        for start, end, negated in spans.get(key, ()):
            inside = min(end, stop) - max(start, begin)
            share = inside / (max(end, stop) - min(start, begin))
            if share >= MIN_OVERLAP and share > overlap_N[row]:
                overlap_N[row], negated_N[row] = share, negated
    return Targets(overlap_N, negated_N)
