"""Fits the scorer, its calibration and its thresholds on annotated notes, by cross-fitting."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.annotate import Annotated, annotate
from lvmh_jax.calibrate.confidence import (
    Decoded,
    choose_overlapping,
    choose_thresholds,
    count_pairs,
    draw_thresholds,
    f1_of,
    fit_calibration,
    precision_curve,
)
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gate import DENIALS, DICTIONARY
from lvmh_jax.calibrate.notehead import FittedHead
from lvmh_jax.calibrate.recall import recall_by_fold, remember_gold
from lvmh_jax.config import ScorerSettings
from lvmh_jax.detect.decode import OFF, pass_thresholds, select_likely
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.memory import MentionMemory
from lvmh_jax.detect.notehead import NoteHead
from lvmh_jax.detect.scorer import DENIED_COLUMN, Calibration, Scorer, Thresholds
from lvmh_jax.records import GoldNote, Note
from lvmh_jax.train.scorer import ScorerTargets, fit_scorers, join_targets

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
WIDE = Thresholds(keep_exact=0.0, add_learned=0.02)  # keeps nearly everything for calibration


@dataclass(frozen=True)
class GoldFit:
    """A scorer fitted on gold, with its cross-fitted figures.

    Attributes:
      scorer: the scorer.
      f1, dictionary_f1: note-level micro-F1 on notes that the scoring models did not see.
      curve: (confidence, precision), see `precision_curve`.
      dictionary_precision: share of dictionary matches that are right.
      annotated: the candidates it was fitted on.
      memory: counts of the notes' wordings.
      note_head: the head that informs the scorer; None without one.
    """

    scorer: Scorer
    f1: float
    dictionary_f1: float
    curve: list[tuple[float, float]]
    dictionary_precision: float
    annotated: Annotated
    memory: MentionMemory | None
    note_head: NoteHead | None = None


class NothingToLearnError(ValueError):
    """The annotated notes have no candidate: none of their words resembles one of the lexicon."""


def hash_note(note: Note) -> str:
    """Hash by which a model folder refers to a note: 16 hexadecimal digits of id and text.

    The text is part of it so that ids cannot be found by trying them out, and another note with
    the same id has another hash.
    """
    return hashlib.sha256(f"{note.note_id}\0{note.text}".encode(errors="replace")).hexdigest()[:16]


def hash_text(text: str) -> str:
    """Hash by which the shipped scorer recognises notes it was fitted on; 16 hexadecimal digits."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:16]


def fit_on_gold(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    settings: ScorerSettings,
    seed: int,
    *,
    remembering: bool = True,
    others: Sequence[ConceptDetector] = (),
    prior: Scorer | None = None,
    fitted_head: FittedHead | None = None,
) -> GoldFit:
    """Fits scorer, calibration and thresholds; all figures are of models that did not see the note.

    Args:
      detector: the encoder and index that generate candidates.
      notes: the annotated notes, in any order; those without gold are ignored.
      gold: their annotation.
      settings: settings of the scorer.
      seed: seed of its members.
      remembering: whether the scorer may use the memory of annotated notes; False if it is meant
        for another workspace.
      others: more detectors that generate candidates, so that the scorer does not learn the errors
        of one encoder. Calibration and figures are those of `detector`. They have no memory.
      prior: a scorer that was fitted on none of these notes, as starting point of the fit and to
        shrink the thresholds towards.
      fitted_head: a head of the same notes and folds that informs the scorer; needs `remembering`.

    Raises:
      NothingToLearnError: no note has a candidate.
      ValueError: `others` together with `remembering`.
    """
    if others and remembering:
        raise ValueError("others have no memory: expected remembering=False with them")
    annotated = {each.note_id for each in gold}
    notes = [note for note in notes if note.note_id in annotated]
    folds = min(settings.folds, len(notes))
    fold_of = assign_folds(notes, gold, folds)
    fold_B = np.array([fold_of[note.note_id] for note in notes], np.int64)
    if remembering:
        detector = replace(detector, memory=remember_gold(detector, notes, gold, fold_B, folds))
    if fitted_head is not None:
        detector = replace(detector, note_head=replace(fitted_head.head, informs=True))
    seen = annotate(detector, notes, gold, fold_B)
    if not len(seen.candidates):
        raise NothingToLearnError("annotated notes without a candidate")
    fold_N = fold_B[seen.candidates.note_N]
    targets = [_make_targets(detector, seen, fold_N, folds, fitted_head)]
    for other in others:
        more = annotate(other, notes, gold, fold_B)
        targets.append(_make_targets(other, more, fold_B[more.candidates.note_N], folds))
    models = fit_scorers(join_targets(targets), settings, seed, prior.fit if prior else None)
    raw = Scorer(models, settings.hidden, Calibration(), Thresholds())
    decode = partial(decode_annotated, detector, notes, gold, seen)
    decoded = decode(raw, fold_N)
    scorer, confidence_M = _calibrate(raw, decoded, prior, gold)
    scorer, f1 = _let_overlap(scorer, lambda limits: decode(scorer, fold_N, limits))
    exact = look_up_pairs(detector, notes, gold)
    return GoldFit(
        scorer=scorer,
        f1=f1,
        dictionary_f1=f1_of(exact),
        curve=precision_curve(decoded, confidence_M),
        dictionary_precision=exact[0] / exact[1] if exact[1] else 0.0,
        annotated=seen,
        memory=detector.memory.keep(seen.keys_N) if detector.memory else None,
        note_head=detector.note_head,
    )


def _calibrate(
    raw: Scorer, decoded: Decoded, prior: Scorer | None, gold: Sequence[GoldNote]
) -> tuple[Scorer, Floats]:
    """Fits calibration and thresholds; returns the scorer and the confidence of the mentions."""
    calibration = fit_calibration(decoded)
    confidence_M = calibration.confidence(decoded.logit_M, decoded.exact_M)
    thresholds, _ = choose_thresholds(decoded, confidence_M)
    if prior is not None:
        thresholds = draw_thresholds(thresholds, prior.thresholds, count_annotated(gold))
    return replace(raw, calibration=calibration, thresholds=thresholds), confidence_M


def _let_overlap(scorer: Scorer, decode: Callable[[Thresholds], Decoded]) -> tuple[Scorer, float]:
    """Chooses the threshold for overlapping mentions; returns the scorer and its F1."""

    def measure(limit: float) -> float:
        return f1_of(count_pairs(decode(replace(scorer.thresholds, overlapping=limit))))

    limit = choose_overlapping(measure)
    limits = replace(scorer.thresholds, overlapping=limit)
    return replace(scorer, thresholds=limits), measure(limit)


def count_annotated(gold: Sequence[GoldNote]) -> int:
    """Number of distinct annotated (note, concept) pairs, affirmed or negated."""
    spans = {(each.note_id, span.concept_id) for each in gold for span in each.spans}
    return len(spans | {(each.note_id, concept) for each in gold for concept in each.concepts})


def _make_targets(
    detector: ConceptDetector,
    seen: Annotated,
    fold_N: Ints,
    folds: int,
    fitted_head: FittedHead | None = None,
) -> ScorerTargets:
    return ScorerTargets(
        seen.features_NF,
        seen.targets.overlap_N,
        seen.targets.negated_N,
        fold_N,
        recall_by_fold(detector.memory, seen, fold_N, folds, fitted_head),
        seen.candidates.recalled_N > 0,
        seen.features_NF[:, DENIED_COLUMN] > 0,
    )


def decode_annotated(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    seen: Annotated,
    scorer: Scorer,
    group_N: Ints | None,
    limits: Thresholds = WIDE,
) -> Decoded:
    """Scores and decodes annotated notes, and compares the mentions with gold.

    Args:
      detector: the detector whose concepts the candidates have.
      notes: the annotated notes.
      gold: their annotation.
      seen: their candidates.
      scorer: provides logits and confidence.
      group_N: int64 fold whose models score each candidate; None for the models that saw all.
      limits: thresholds; the default rejects next to nothing, as fitting calibration requires.
    """
    logits_N2 = scorer.score(seen.features_NF, group_N)
    found = seen.candidates
    confidence_N = scorer.calibration.confidence(logits_N2[:, 0], found.exact_N)
    eligible_N = pass_thresholds(confidence_N, found.exact_N, limits.keep_exact, limits.add_learned)
    rows = select_likely(found, confidence_N, eligible_N, logits_N2, limits.overlapping)
    width = len(detector.concepts)
    held = _gold_pairs(detector, notes, gold)
    negated_M = logits_N2[rows, 1] > 0
    pair_M = found.note_N[rows] * width + found.concept_N[rows]
    # An affirmed mention counts anywhere in its note; a negated one must be at the gold span.
    placed_M = (seen.targets.overlap_N[rows] > 0) & (seen.targets.negated_N[rows] > 0)
    right_M = np.where(negated_M, placed_M, np.isin(pair_M, np.array(sorted(held), np.int64)))
    return Decoded(
        pair_M=pair_M,
        logit_M=logits_N2[rows, 0],
        exact_M=found.exact_N[rows] > 0,
        negated_M=negated_M,
        right_M=right_M,
        gold=held,
    )


def look_up_pairs(
    detector: ConceptDetector, notes: Sequence[Note], gold: Sequence[GoldNote]
) -> tuple[int, int, int]:
    """Right, found and gold (note, concept) pairs of the dictionary alone."""
    found = {(m.note_id, m.concept_id) for m in detector.dictionary_only().detect(notes)}
    kept = {note.note_id for note in notes}
    held = {(g.note_id, c) for g in gold if g.note_id in kept for c in g.concepts}
    return len(found & held), len(found), len(held)


def measure_decisions(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    scorer: Scorer,
    group_of: dict[str, int] | None = None,
    seen: Annotated | None = None,
) -> dict[str, float]:
    """Measures the note-level F1 of every mode that may ship, for the gate.

    Returns: F1 under `dictionary`, `denials`, `additions` (alone), `removals` (alone) and `both`.
    """
    seen = annotate(detector, notes, gold) if seen is None else seen
    group_N = None
    if group_of is not None:
        groups = np.array([group_of[note.note_id] for note in notes], np.int64)
        group_N = groups[seen.candidates.note_N]
    limits = scorer.thresholds
    cases = {
        DENIALS: Thresholds(),
        "additions": replace(limits, keep_exact=0.0),
        "removals": Thresholds(limits.keep_exact, OFF),
        "both": limits,
    }
    f1 = {DICTIONARY: f1_of(look_up_pairs(detector, notes, gold))}
    for name, case in cases.items():
        decoded = decode_annotated(detector, notes, gold, seen, scorer, group_N, case)
        f1[name] = f1_of(count_pairs(decoded))
    return f1


def _gold_pairs(
    detector: ConceptDetector, notes: Sequence[Note], gold: Sequence[GoldNote]
) -> set[int]:
    """Ids of the gold (note, concept) pairs; concepts outside the lexicon get negative ids."""
    row_of = {concept.concept_id: row for row, concept in enumerate(detector.concepts)}
    place_of = {note.note_id: place for place, note in enumerate(notes)}
    pairs: set[int] = set()
    outside = 0
    for each in gold:
        for concept in each.concepts:
            if each.note_id not in place_of:
                continue
            if concept in row_of:
                pairs.add(place_of[each.note_id] * len(row_of) + row_of[concept])
            else:
                outside -= 1
                pairs.add(outside)
    return pairs
