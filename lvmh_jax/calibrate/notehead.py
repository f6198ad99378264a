"""Fits the note-level head on gold, calibrates it on concepts without a span, and measures it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from lvmh_jax.calibrate.annotate import Annotated
from lvmh_jax.calibrate.confidence import (
    Decoded,
    count_pairs,
    f1_of,
    fit_calibration,
    middle_of_best,
    precision_curve,
)
from lvmh_jax.config import NoteHeadSettings
from lvmh_jax.data.bags import BagSpace, count_note_grams, fit_space, pad_rows
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.detector import ConceptDetector, batch_notes
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.notehead import NoteHead, list_signs, mark_spoken
from lvmh_jax.detect.scorer import Calibration
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.records import Concept, GoldNote, Note
from lvmh_jax.train.notehead import NoteTargets, fit_note_heads

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Curve = list[tuple[float, float]]
LEAST_NOTES = 2  # minimum number of notes with a gram; one of a single note would only identify it
GRAMS_PER_NOTE = 2048  # an abstract has some thousand different ones
ENCODER_COLUMN = [feature.name for feature in FEATURES].index("encoder")
THRESHOLDS = np.round(np.linspace(0.05, 0.95, 37), 3)  # below one in twenty it is only a guess


class FittedHead(NamedTuple):
    """An uncalibrated head, with the cross-fitted logits of the notes it was fitted on.

    Attributes:
      head: the head.
      logits_GBK: float32 logits by models that saw neither a note's fold nor the g-th; in the last
        group, by models that did not see the note's fold.
    """

    head: NoteHead
    logits_GBK: Floats


@dataclass(frozen=True)
class Silent:
    """(note, concept) pairs that no span names, as scored by a head.

    Attributes:
      decoded: one row per pair, none negated; `gold` holds the gold of all pairs.
      confidence_M: float32 confidence by the head.
    """

    decoded: Decoded
    confidence_M: Floats


def fit_head(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Sequence[GoldNote],
    seen: Annotated,
    fold_B: Ints,
    settings: NoteHeadSettings,
    seed: int,
) -> FittedHead | None:
    """Fits a head on annotated notes; it is not yet calibrated, and names nothing.

    Args:
      detector: its lexicon; the head knows the concepts that enough notes have.
      notes: the annotated notes.
      gold: their annotation.
      seen: their candidates.
      fold_B: int64 fold of each note.
      settings: settings of the head.
      seed: seed of sampling.

    Returns: the head, or None if there are too few notes or concepts.
    """
    held_BC = _list_held(detector.concepts, notes, gold)
    frequency_C = held_BC.sum(0)
    ranked = np.argsort(-frequency_C, kind="stable")[: settings.max_concepts]
    concept_K = np.sort(ranked[frequency_C[ranked] >= settings.min_positive])
    if len(notes) < settings.min_notes or not len(concept_K):
        return None
    most = min(settings.features, max(2, settings.weights // len(concept_K)))
    space = _find_space(detector, notes, seen, most)
    if not len(space):
        return None
    ids_NT, values_NT = pad_rows(make_bags(detector, space, notes, seen), GRAMS_PER_NOTE)
    labels_NC = held_BC[:, concept_K].astype(np.float32)
    targets = NoteTargets(ids_NT, values_NT, len(space), labels_NC, fold_B)
    crossed = fit_note_heads(targets, settings, seed)
    head = NoteHead(space, crossed.fit, concept_K, Calibration(), OFF)
    return FittedHead(head, crossed.logits_GNC)


def _find_space(
    detector: ConceptDetector, notes: Sequence[Note], seen: Annotated, most: int
) -> BagSpace:
    """Selects the grams and signs that serve as features, at most `most`."""
    parts = []
    for batch in batch_notes(notes):
        stream = _make_stream(detector, notes, batch)
        counted = stream.table.forms, stream.row_T, stream.note_T
        parts.append(count_note_grams(*counted, len(batch)))
    return fit_space(
        csr_array(vstack(parts)), _list_signs(detector, notes, seen), LEAST_NOTES, most
    )


def make_bags(
    detector: ConceptDetector, space: BagSpace, notes: Sequence[Note], seen: Annotated
) -> csr_array:
    """Feature bags of annotated notes, the same as in detection; float32 [B, V].

    Args:
      detector: detector that generated their candidates.
      space: feature space of a head.
      notes: the annotated notes.
      seen: their candidates.
    """
    signs = _list_signs(detector, notes, seen)
    parts = []
    for batch in batch_notes(notes):
        stream = _make_stream(detector, notes, batch)
        own = csr_array(signs[batch.start : batch.stop])
        parts.append(space.make_bags(stream.table.forms, stream.row_T, stream.note_T, own))
    return csr_array(vstack(parts, format="csr"))


def _make_stream(detector: ConceptDetector, notes: Sequence[Note], batch: range) -> NoteStream:
    return make_stream([notes[row].text for row in batch], detector.encoder.settings.buckets)


def _list_signs(detector: ConceptDetector, notes: Sequence[Note], seen: Annotated) -> csr_array:
    encoder_N = seen.features_NF[:, ENCODER_COLUMN]
    return list_signs(seen.candidates, encoder_N, len(notes), len(detector.concepts))


def calibrate_head(head: NoteHead, logits_BK: Floats, spans: Decoded, concepts: int) -> NoteHead:
    """Fits calibration and threshold on (note, concept) pairs that no span names.

    Args:
      head: uncalibrated head (`fit_head`).
      logits_BK: float32 logits of the annotated notes, by models that did not see them.
      spans: mentions that the detector finds in them, at the thresholds that ship.
      concepts: number of concepts in the lexicon.
    """
    raw = list_silent(head, logits_BK, spans, concepts)
    head = replace(head, calibration=fit_calibration(raw.decoded))
    silent = replace(raw, confidence_M=_confide(head, raw.decoded))
    f1 = [measure_union(spans, silent, float(each)) for each in THRESHOLDS]
    return replace(head, threshold=middle_of_best(THRESHOLDS, f1))


def list_silent(head: NoteHead, logits_BK: Floats, spans: Decoded, concepts: int) -> Silent:
    """Lists all pairs that no span names, with the head's logit and confidence."""
    note_M, concept_M = np.divmod(spans.pair_M, concepts)
    spoken_BK = mark_spoken(note_M, concept_M, len(logits_BK), concepts, head.concept_K)
    note_M, place_M = np.nonzero(~spoken_BK)
    pair_M = note_M * concepts + head.concept_K[place_M]
    none_M = np.zeros(len(pair_M), bool)
    right_M = np.isin(pair_M, np.array(sorted(spans.gold), np.int64))
    logit_M = logits_BK[note_M, place_M]
    decoded = Decoded(pair_M, logit_M, none_M, none_M, right_M, spans.gold)
    return Silent(decoded, _confide(head, decoded))


def _confide(head: NoteHead, decoded: Decoded) -> Floats:
    return head.calibration.confidence(decoded.logit_M, decoded.exact_M)


def extend_curve(spans: Decoded, confidence_M: Floats, silent: Silent, threshold: float) -> Curve:
    """Precision curve of spans together with the concepts that the head adds.

    Args:
      spans: mentions behind the curve without the head.
      confidence_M: float32 confidence of these mentions.
      silent: pairs scored by the head.
      threshold: threshold of the head.
    """
    added_N = np.flatnonzero(silent.confidence_M >= threshold)
    more = silent.decoded
    both = Decoded(
        pair_M=np.concatenate([spans.pair_M, more.pair_M[added_N]]),
        logit_M=np.concatenate([spans.logit_M, more.logit_M[added_N]]),
        exact_M=np.concatenate([spans.exact_M, more.exact_M[added_N]]),
        negated_M=np.concatenate([spans.negated_M, more.negated_M[added_N]]),
        right_M=np.concatenate([spans.right_M, more.right_M[added_N]]),
        gold=spans.gold,
    )
    return precision_curve(both, np.concatenate([confidence_M, silent.confidence_M[added_N]]))


def measure_union(spans: Decoded, silent: Silent, threshold: float) -> float:
    """Note-level micro-F1 of spans together with what the head adds at a threshold."""
    right, found, gold = count_pairs(spans)
    added_M = silent.confidence_M >= threshold
    more = int(silent.decoded.right_M[added_M].sum())
    return f1_of((right + more, found + int(added_M.sum()), gold))


def _list_held(
    concepts: Sequence[Concept], notes: Sequence[Note], gold: Sequence[GoldNote]
) -> NDArray[np.bool_]:
    row_of = {concept.concept_id: row for row, concept in enumerate(concepts)}
    gold_of = {each.note_id: each for each in gold}
    held_BC = np.zeros((len(notes), len(concepts)), bool)
    for place, note in enumerate(notes):
        known = [row_of[name] for name in gold_of[note.note_id].concepts if name in row_of]
        held_BC[place, known] = True
    return held_BC
