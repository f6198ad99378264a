"""Measures a model: on gold where there is some, else on aliases hidden from training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lvmh_jax.calibrate.fit import GOLD_DEV_CROSSVAL
from lvmh_jax.calibrate.gold import hash_note
from lvmh_jax.calibrate.hidden import measure_heldout
from lvmh_jax.data.excerpts import quote_place
from lvmh_jax.display.plots import draw_figures
from lvmh_jax.errors import NotFoundError
from lvmh_jax.evaluate.basis import (
    HELD_OUT,
    LEAST_MENTIONS,
    count_mentions,
    is_measurable,
    read_decided,
)
from lvmh_jax.evaluate.bootstrap import bootstrap_interval
from lvmh_jax.evaluate.calibration import expected_calibration_error, make_reliability_table
from lvmh_jax.evaluate.heldout import HeldOutScore
from lvmh_jax.evaluate.metrics import (
    Score,
    count_per_note,
    measure_coverage,
    score_by_bucket,
    score_by_language,
    score_denied,
    score_mentions,
)
from lvmh_jax.evaluate.mistakes import list_mistakes, measure_curve
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.outputs import write_mentions
from lvmh_jax.io.pictures import require_picture, write_picture
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.reports import write_mistakes
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.pipeline.loading import unpack
from lvmh_jax.records import AFFIRMED, GoldNote, Mention, Note, Workspace


@dataclass(frozen=True)
class Measured:
    """Figures, and the mentions they were counted on."""

    figures: dict[str, Any]
    mentions: list[Mention]


def evaluate(
    model_path: Path,
    workspace_dir: Path,
    *,
    split: str = "dev",
    predictions: Path | None = None,
    dictionary_only: bool = False,
    errors: bool | Path = False,
    include_text: bool = False,
    plot: Path | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Measures a model on a workspace.

    Args:
      model_path: of the model.
      workspace_dir: with the notes.
      split: of the gold.
      predictions: also write the rows that were scored.
      dictionary_only: measure the dictionary alone.
      errors: list the mistakes under `errors`; into the file where one is named.
      include_text: quote notes as they are written.
      plot: a picture to draw, `.svg` or `.png`.
      progress: of the work.

    Raises:
      NotFoundError: no data, or no gold of the split that was asked for, or to list errors by.
      UsageError: the picture cannot be drawn.
    """
    if plot is not None:
        require_picture(plot)
    contents = read_model(model_path)
    workspace = read_workspace(workspace_dir, splits=(split,))
    _require_gold(workspace, split, listing=bool(errors))
    model = unpack(contents, model_path, progress.warn)
    if dictionary_only:
        model = replace(model, detector=model.detector.dictionary_only())
    measured = measure_model(model, workspace, split, progress)
    if predictions is not None:
        clients = {note.note_id: note.client_id for note in workspace.notes}
        write_mentions(predictions, measured.mentions, clients)
    result = {
        **measured.figures,
        "decision": _tell_decision(contents.metadata, dictionary_only=dictionary_only),
        "warnings": list(workspace.warnings),
    }
    if errors:
        labels = {each.concept_id: each.label for each in model.detector.concepts}
        listed = list(
            _tell_mistakes(workspace, split, measured.mentions, labels, include_text=include_text)
        )
        if isinstance(errors, Path):
            write_mistakes(errors, listed)
        result["errors"] = listed
    if plot is not None:
        write_picture(plot, draw_figures(model_path.resolve().name, measured.figures))
    return result


def _require_gold(workspace: Workspace, split: str, *, listing: bool) -> None:
    """Raises NotFoundError where there is no gold of a split that was asked for, or to list by."""
    if split != "dev" and split not in workspace.gold:
        raise NotFoundError(
            f"no gold of split {split!r}",
            where=f"data/gold/{split}.jsonl",
            fix="annotate some notes, or leave --split out",
        )
    if listing and split not in workspace.gold:
        raise NotFoundError(
            "no annotated notes to compare with",
            where=f"data/gold/{split}.jsonl",
            fix="annotate some notes, or leave --errors out",
        )


def _tell_decision(metadata: Mapping[str, Any], *, dictionary_only: bool) -> dict[str, Any] | None:
    """What decided what ships; None of a dictionary that was asked for, and where it is unknown."""
    decided = None if dictionary_only else read_decided(metadata)
    return None if decided is None else decided.to_dict()


def _tell_mistakes(
    workspace: Workspace,
    split: str,
    mentions: Sequence[Mention],
    labels: Mapping[str, str],
    *,
    include_text: bool,
) -> Iterator[dict[str, Any]]:
    """Each mistake with its words; of one without a place there are none."""
    notes = {note.note_id: note for note in workspace.notes}
    for each in list_mistakes(workspace.gold[split], mentions):
        note = notes[each.note_id]
        words = sentence = ""
        if each.start is not None and each.end is not None:
            words, sentence = quote_place(
                note.text, each.start, each.end, include_text=include_text
            )
        yield {
            "kind": "missed" if each.missed else "wrong",
            "note_id": each.note_id,
            "language": note.language,
            "concept_id": each.concept_id,
            "label": labels.get(each.concept_id, ""),
            "start": each.start,
            "end": each.end,
            "words": words,
            "confidence": each.confidence,
            "sentence": sentence,
        }


def measure_model(
    model: TrainedModel, workspace: Workspace, split: str, progress: Progress
) -> Measured:
    """Figures of a model on gold of a split, else on hidden aliases; it says which.

    `measurable` says whether the `mentions` that there were to find are enough to tell figures.
    """
    measure = _measure_gold if workspace.gold.get(split) else _measure_heldout
    measured = measure(model, workspace, split, progress)
    mentions = count_mentions(measured.figures)
    basis = {"mentions": mentions, "measurable": is_measurable(mentions)}
    return Measured({**measured.figures, **basis}, measured.mentions)


def _measure_gold(
    model: TrainedModel, workspace: Workspace, split: str, progress: Progress
) -> Measured:
    gold = workspace.gold[split]
    wanted = {each.note_id for each in gold}
    notes = [note for note in workspace.notes if note.note_id in wanted]
    detector = model.detector
    folds = [model.fold_of.get(hash_note(note)) for note in notes]
    # A note that fitted the scorer is scored by the models that did not see it.
    crossed = detector.scorer is not None and any(fold is not None for fold in folds)
    groups = [-1 if fold is None else fold for fold in folds] if crossed else None
    mentions = detector.detect(notes, groups)
    alone = detector.dictionary_only().detect(notes)
    scores, denied = score_mentions(gold, mentions), score_denied(gold, mentions)
    counts_N3 = count_per_note(gold, mentions)
    figures: dict[str, Any] = {
        "protocol": GOLD_DEV_CROSSVAL if crossed and split == "dev" else f"gold-{split}",
        **_with_intervals(scores.note_level.to_dict(), counts_N3),
        "macro_f1": scores.macro_f1,
        "span_strict": scores.to_dict()["span_strict"],
        "span_relaxed": scores.to_dict()["span_relaxed"],
        "denied": denied.to_dict() if denied.gold else None,
        "dictionary": score_mentions(gold, alone).to_dict(),
        **_measure_calibration(gold, mentions),
        "precision_recall": [asdict(each) for each in measure_curve(gold, mentions)],
        "by_bucket": _each(
            score_by_bucket(gold, mentions, {c.concept_id: c.bucket for c in detector.concepts})
        ),
        "by_language": _each(
            score_by_language(gold, mentions, {n.note_id: n.language for n in notes})
        ),
        "coverage": measure_coverage(gold, [c.concept_id for c in detector.concepts]).to_dict(),
        "notes": len(notes),
    }
    progress.detail(f"{len(mentions)} mentions in {len(notes)} notes")
    return Measured(figures, mentions)


def _measure_heldout(
    model: TrainedModel, workspace: Workspace, split: str, progress: Progress
) -> Measured:
    """On another workspace than the training one no note is held out by name: all count."""
    detector = model.detector
    held = [n for n in workspace.notes if hash_note(n) in model.held_notes]
    notes: Sequence[Note] = held or workspace.notes
    blind, mentions = measure_heldout(detector, model.held_A, notes)
    alone, _ = measure_heldout(detector.dictionary_only(), model.held_A, notes)
    progress.warn(f"{tell_basis(alone.total, len(notes))}; {_advise(model, split)}")
    figures: dict[str, Any] = {
        "protocol": HELD_OUT,
        **_with_intervals(blind.total.to_dict(), blind.counts_B3),
        "macro_f1": None,
        "span_strict": None,
        "span_relaxed": None,
        "denied": None,
        "dictionary": alone.total.to_dict(),
        "calibration_error": None,
        "reliability": [],
        "precision_recall": [],
        "by_bucket": {},
        "by_language": _by_language(notes, blind),
        "unjudged": blind.unjudged,
        "notes": len(notes),
    }
    return Measured(figures, mentions)


def tell_basis(alone: Score, notes: int) -> str:
    """On how much the figures rest, and what the dictionary's is worth beside them."""
    if not alone.gold:
        return "no mention of a held-out alias in the notes: nothing can be measured"
    mentions = "1 mention" if alone.gold == 1 else f"{alone.gold:,} mentions"
    if not is_measurable(alone.gold):
        return (
            f"nothing can be measured on {mentions} of hidden aliases in {notes:,} notes: "
            f"{LEAST_MENTIONS} are the least"
        )
    figure = "low" if alone.tp else "0"  # a shorter alias within a hidden one may name its concept
    return (
        f"the figures rest on {mentions} of hidden aliases in {notes:,} notes; that of the "
        f"dictionary is {figure} by construction, for these aliases are hidden from it"
    )


def _advise(model: TrainedModel, split: str) -> str:
    """What to do to be measured on annotated notes."""
    where = f"`lvmh-jax review import --split {split}`"
    if model.decision.protocol.startswith("gold-train"):
        return (
            "what data/gold/train.jsonl annotates decided what ships and measures nothing else: "
            f"annotate other notes and take them in with {where}"
        )
    return f"to measure on annotated notes, take some in with {where}"


def _by_language(notes: Sequence[Note], score: HeldOutScore) -> dict[str, Any]:
    languages = sorted({note.language for note in notes})
    figures = {}
    for language in languages:
        rows = [row for row, note in enumerate(notes) if note.language == language]
        part = HeldOutScore(score.counts_B3[rows], 0).total
        if part.gold:
            figures[language or "unknown"] = part.to_dict()
    return figures


def _with_intervals(
    figures: Mapping[str, float], counts_N3: np.ndarray[Any, Any]
) -> dict[str, Any]:
    intervals = bootstrap_interval(counts_N3)
    return {
        name: {
            "value": figures[name],
            "ci_low": intervals[name][0],
            "ci_high": intervals[name][1],
        }
        for name in ("precision", "recall", "f1")
    }


def _each(groups: Mapping[str, Any]) -> dict[str, Any]:
    return {name: scores.to_dict() for name, scores in groups.items()}


def _measure_calibration(gold: Sequence[GoldNote], mentions: Sequence[Mention]) -> dict[str, Any]:
    """How confidences of affirmed mentions agree with the concepts that hold for their notes."""
    held = {(each.note_id, concept) for each in gold for concept in each.concepts}
    affirmed = [mention for mention in mentions if mention.polarity == AFFIRMED]
    confidence = np.array([mention.confidence for mention in affirmed], np.float64)
    right = np.array([(m.note_id, m.concept_id) in held for m in affirmed], bool)
    bins = make_reliability_table(confidence, right)
    return {
        "calibration_error": expected_calibration_error(confidence, right),
        "reliability": [each.to_dict() for each in bins],
    }
