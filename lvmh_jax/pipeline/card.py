"""What a model folder says of its model: `metadata.json` for programs, `README.md` for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from lvmh_jax.calibrate.gate import Decision
from lvmh_jax.config import SCHEMA_VERSION, Settings, to_dict
from lvmh_jax.data.examples import Examples
from lvmh_jax.evaluate.basis import (
    HELD_OUT,
    adds_to,
    count_mentions,
    is_measurable,
    read_decided,
    tell_decided,
    tell_few,
    tell_good_accuracy,
)
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.runtime import describe_runtime
from lvmh_jax.pipeline.encoder import Trained
from lvmh_jax.records import Workspace
from lvmh_jax.train.fit import FitState

READ_ACCURACY = (
    "accuracy is measured on aliases hidden from training, so it tells what to expect on wordings "
    "that the lexicon does not list; accuracy on trained aliases is high for any model and says "
    "nothing"
)


def describe_model(
    workspace: Workspace,
    settings: Settings,
    examples: Examples,
    trained: Trained,
    model: TrainedModel,
    validation: Mapping[str, Any],
    redacted: Mapping[str, Any],
) -> dict[str, Any]:
    """The keys of `metadata.json`: the pipeline's first, then ours."""
    return {
        **_pipeline_keys(workspace, settings, examples, trained.fit),
        "schema_version": SCHEMA_VERSION,
        **_training_keys(workspace, examples, trained),
        **describe_runtime(),
        "inputs": dict(workspace.digests),
        "configuration": to_dict(settings),
        "validation": dict(validation),
        "learned_matches": {
            "mode": model.decision.mode,
            "decided_on": model.decision.protocol,
            "why_off": model.decision.why_off,
            "f1": model.decision.f1,
            "mentions": _count_deciding(model.decision, workspace),
            "scorer": model.scorer_source,
            "note_level": _note_level(model),
        },
        "thresholds": _thresholds(model),
        "pii_report": dict(redacted),
    }


def _pipeline_keys(
    workspace: Workspace, settings: Settings, examples: Examples, fit: FitState
) -> dict[str, Any]:
    """The keys that other stages of the pipeline read."""
    best, history = fit.best, fit.history
    return {
        "model_type": "concept_detector",
        "size": settings.size,
        "embedding_dim": settings.model.width,
        "epochs": settings.train.epochs,
        "batch_size": settings.train.batch_size,
        "learning_rate": settings.train.learning_rate,
        "num_concepts": len(workspace.lexicon.concepts),
        "num_training_examples": examples.count,
        "training_date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "best_loss": best.loss if best else None,
        "final_accuracy": best.accuracy if best else None,
        "training_history": {
            "epochs": [record.epoch + 1 for record in history],
            "loss": [record.loss for record in history],
            "accuracy": [record.accuracy for record in history],
            "train_loss": [record.train_loss for record in history],
            "train_accuracy": [record.train_accuracy for record in history],
        },
    }


def _training_keys(workspace: Workspace, examples: Examples, trained: Trained) -> dict[str, Any]:
    """What ran, and on what it was measured."""
    held, fit = examples.held_A, trained.fit
    population = {"population": dict(trained.population)} if trained.population else {}
    return {
        "epochs_run": len(fit.history),
        "best_epoch": fit.best.epoch + 1 if fit.best else None,
        "measured_on": "aliases held out from training"
        if held.any()
        else "training aliases: none could be held out",
        "num_aliases": len(held),
        "num_aliases_held_out": int(held.sum()),
        "num_notes": workspace.total_notes,
        "num_notes_read": len(workspace.notes),
        "num_notes_held_out": len(examples.held_notes),
        "seed": trained.seed,
        **population,
    }


def _population_lines(population: Mapping[str, Any] | None) -> list[str]:
    if not population:
        return []
    accuracy = population["final_accuracy"]
    return [
        f"| chosen by loss from | {len(population['seeds'])} seeds, whose accuracy is"
        f" {accuracy['mean']:.3f}, standard deviation {accuracy['std']:.3f} |"
    ]


def _thresholds(model: TrainedModel) -> dict[str, Any]:
    scorer = model.detector.scorer
    if scorer is None:
        names = ("keep_exact", "add_learned", "overlapping", "note_level")
        limits = dict.fromkeys(names)
        return {**limits, "link": model.linking.threshold}
    head = model.detector.note_head
    return {
        "keep_exact": scorer.thresholds.keep_exact,
        "add_learned": scorer.thresholds.add_learned,
        "overlapping": scorer.thresholds.overlapping,
        "note_level": head.threshold if head and head.speaks else None,
        "link": model.linking.threshold,
    }


def _note_level(model: TrainedModel) -> dict[str, Any] | None:
    """What decided about the note-level head, and whether the scorer of spans looks at it."""
    level, head = model.decision.note_level, model.detector.note_head
    return {**asdict(level), "informs": head is not None and head.informs} if level else None


def _count_deciding(decision: Decision, workspace: Workspace) -> int:
    """How many mentions, or concepts of annotated notes, there were to find."""
    if decision.protocol == HELD_OUT:
        return int(decision.f1["mentions"])
    splits = [name for name in ("train", "dev") if name in decision.protocol.split("-")]
    return sum(len(note.concepts) for name in splits for note in workspace.gold.get(name, ()))


def _describe_note_level(level: Mapping[str, Any] | None) -> str:
    if level is None:
        return "off: too few annotated notes to fit them"
    informs = "; what whole notes say informs spans, too" if level["informs"] else ""
    return (
        f"{'on' if level['ships'] else 'off'}: F1 {level['f1_with']:.3f} with them,"
        f" {level['f1_without']:.3f} without, on {level['protocol']}{informs}"
    )


def _figure_lines(metadata: Mapping[str, Any]) -> Iterator[str]:
    """F1, or that there was too little to measure it on, and what decided where that is more."""
    validation, decided = metadata["validation"], read_decided(metadata)
    mentions = count_mentions(validation)
    if is_measurable(mentions):
        f1, alone = validation["f1"], validation["dictionary"]
        yield (
            f"| F1 ({validation['protocol']}) | {f1['value']:.3f}"
            f" [{f1['ci_low']:.3f}, {f1['ci_high']:.3f}] |"
        )
        yield f"| F1 of the dictionary alone | {alone['f1']:.3f} |"
    else:
        yield f"| F1 ({validation['protocol']}) | {tell_few(mentions)} |"
    if adds_to(decided, validation["protocol"], mentions):
        yield f"| F1 that decided what ships ({decided.protocol}) | {tell_decided(decided)} |"


def write_card(name: str, metadata: Mapping[str, Any]) -> str:
    """The model card: what it is, how good, on what, and what it must not be used for."""
    learned = metadata["learned_matches"]
    good = tell_good_accuracy(metadata["num_concepts"])
    lines = [
        f"# {name}",
        "",
        "A concept detector of `lvmh-jax`: finds the concepts of a lexicon in client notes, with",
        "evidence span, confidence and polarity.",
        "",
        "| | |",
        "|---|---|",
        f"| preset | {metadata['size']}, {metadata['embedding_dim']}-dim |",
        f"| lexicon | {metadata['num_concepts']} concepts, {metadata['num_aliases']} aliases |",
        f"| notes | {metadata['num_notes']} |",
        f"| trained | {metadata['training_date']}, {metadata['epochs_run']} of"
        f" {metadata['epochs']} epochs, seed {metadata['seed']} |",
        *_population_lines(metadata.get("population")),
        f"| accuracy on hidden aliases | {metadata['final_accuracy']:.3f} |",
        *_figure_lines(metadata),
        f"| learned matches | {learned['mode']}, decided on {learned['decided_on']} |",
        f"| concepts without a span | {_describe_note_level(learned['note_level'])} |",
        f"| texts in `training_examples.json` | {metadata['pii_report']['texts']} |",
        "",
        f"How to read it: {READ_ACCURACY}{'; ' if good else ''}{good}.",
        "",
        "## Use",
        "",
        "    from lvmh_jax import Detector",
        "    mentions = Detector.load(PATH_OF_THIS_FOLDER).detect([text])",
        "",
        "## Limits",
        "",
        "Found concepts are evidence for a person to check, not facts about a client. Some",
        "(allergies, diets) are health or belief data under GDPR Art. 9. Texts here are redacted",
        "by pattern, which is not anonymisation.",
        "",
    ]
    return "\n".join(lines)
