"""Decides whether a note-level head ships: compares spans alone with spans and head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.annotate import Annotated
from lvmh_jax.calibrate.confidence import Decoded, count_pairs, f1_of
from lvmh_jax.calibrate.gate import NoteLevel, decide_note_level
from lvmh_jax.calibrate.gold import WIDE, decode_annotated
from lvmh_jax.calibrate.notehead import (
    Curve,
    FittedHead,
    Silent,
    calibrate_head,
    extend_curve,
    list_silent,
    make_bags,
    measure_union,
)
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.notehead import NoteHead
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.records import GoldNote, Note

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Judged:
    """Annotated notes with their candidates; `fold_B` is set if the models were fitted on them."""

    notes: Sequence[Note]
    gold: Sequence[GoldNote]
    seen: Annotated
    fold_B: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class HeadChoice:
    """The head, if it ships or informs spans, its figures, and the precision curve with it."""

    head: NoteHead | None
    level: NoteLevel
    curve: Curve


def choose_head(
    detector: ConceptDetector,
    scorer: Scorer,
    fitted: Judged,
    judges: Judged | None,
    protocol: str,
    fitted_head: FittedHead,
    margin: float,
) -> HeadChoice:
    """Calibrates a head on annotated notes, and measures it on the notes of the decision.

    Args:
      detector: detector of the spans, which take precedence.
      scorer: the scorer that ships with the detector.
      fitted: notes that the head was fitted on, with folds.
      judges: notes that decide; None if the cross-fitted scores of `fitted` do.
      protocol: name of the protocol.
      fitted_head: the head fitted on `fitted`.
      margin: minimum gain in F1.
    """
    concepts, logits_BK = len(detector.concepts), fitted_head.logits_GBK[-1]
    spans = _decode(detector, scorer, fitted, scorer.thresholds)
    head = calibrate_head(fitted_head.head, logits_BK, spans, concepts)
    silent = list_silent(head, logits_BK, spans, concepts)
    judged = judges or fitted
    if judges is not None:
        logits_BK = head.score(make_bags(detector, head.space, judges.notes, judges.seen))
    f1_without, f1_with = _measure(detector, scorer, head, judged, logits_BK)
    level = replace(
        decide_note_level(f1_without, f1_with, margin, protocol),
        gold_notes=len(fitted.notes),
        concepts=len(head.concept_K),
    )
    curve = _draw_curve(detector, scorer, fitted, head, silent) if level.ships else []
    return HeadChoice(head if level.ships else head.silence(), level, curve)


def _measure(
    detector: ConceptDetector, scorer: Scorer, head: NoteHead, judged: Judged, logits_BK: Floats
) -> tuple[float, float]:
    """F1 of spans alone, and of spans and head."""
    spans = _decode(detector, scorer, judged, scorer.thresholds)
    silent = list_silent(head, logits_BK, spans, len(detector.concepts))
    return f1_of(count_pairs(spans)), measure_union(spans, silent, head.threshold)


def _draw_curve(
    detector: ConceptDetector, scorer: Scorer, fitted: Judged, head: NoteHead, silent: Silent
) -> Curve:
    wide = _decode(detector, scorer, fitted, WIDE)
    confidence_M = scorer.calibration.confidence(wide.logit_M, wide.exact_M)
    return extend_curve(wide, confidence_M, silent, head.threshold)


def _decode(
    detector: ConceptDetector, scorer: Scorer, judged: Judged, limits: Thresholds
) -> Decoded:
    seen, fold_B = judged.seen, judged.fold_B
    group_N = None if fold_B is None else fold_B[seen.candidates.note_N]
    return decode_annotated(detector, judged.notes, judged.gold, seen, scorer, group_N, limits)
