"""Writes the report of a model, measured anew where a workspace is given."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import to_dict
from lvmh_jax.data.excerpts import quote_place
from lvmh_jax.data.inspection import Inspection
from lvmh_jax.data.lint import RULES, lint
from lvmh_jax.data.personal import kinds_in, redact_fully
from lvmh_jax.display.facts import Facts, Fresh, group_of
from lvmh_jax.display.report import render_report
from lvmh_jax.evaluate.basis import count_mentions, read_decided
from lvmh_jax.evaluate.confusion import (
    Confusion,
    count_errors,
    find_confusions,
    interval_of,
    score_concepts,
)
from lvmh_jax.evaluate.metrics import score_by_language
from lvmh_jax.io.artefact import ModelContents, read_model
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.manifest import write_bytes
from lvmh_jax.io.outputs import require_writable
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.reports import REPORT, add_report
from lvmh_jax.io.runs import final_folder
from lvmh_jax.io.tables import write_text
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import PRESETS
from lvmh_jax.pipeline.evaluate import Measured, measure_model
from lvmh_jax.pipeline.loading import unpack
from lvmh_jax.records import Concept, GoldNote, Mention, Workspace
from lvmh_jax.stages.aggregate import mark_sensitive

OPTIONS = ("epochs", "batch_size", "learning_rate", "seed")  # of `train`, besides --set
LATER = "make it with `lvmh-jax report` once the model is there"
MOST_LINTED = 2_000  # notes that rules look at: counts of a report, not `doctor`'s list of places
# These compare all pairs of aliases, or look up each word: seconds on 12,000 concepts.
COSTLY = frozenset({"near-duplicate", "stop-word"})
MANY_ALIASES = 20_000
OF_WORDS = frozenset({"fragment", "number-series", "short-alias"})  # they look at each word
OF_ALL_NOTES = frozenset({"never-fires", "lost-example"})  # of a part of the notes they say nothing


def report(
    model_path: Path, workspace_dir: Path | None, *, output: Path | None, progress: Progress
) -> dict[str, Any]:
    """Writes a page; into the model folder, with its manifest, unless an output is given.

    The page that training wrote says more than one without a workspace would, so it stays.

    Returns: `output, bytes, concepts`, `kept` (the page that was there), and `protocol` and `f1` as
      the page shows them: measured now, or saved by training.

    Raises:
      NotFoundError, InvalidInputError: as reading a model and a workspace.
      UsageError: the page cannot be written there.
    """
    own = model_path / REPORT
    kept = workspace_dir is None and output is None and own.exists()
    if not kept:
        require_writable(output or own)
    contents = read_model(model_path)
    model = unpack(contents, model_path, progress.warn)
    fresh = None
    if workspace_dir is not None:
        workspace = read_workspace(workspace_dir, splits=("dev",))
        command = _evaluation(model_path, workspace_dir)
        measured = measure_model(model, workspace, "dev", progress)
        fresh = describe_measured(model, workspace, measured, contents.metadata, command)
        fresh = replace(
            fresh,
            findings=count_findings(workspace),
            warnings=workspace.warnings,
            examples=quote_confusions(model, workspace, fresh.confusions),
        )
    figures = fresh.figures if fresh else group_of(contents.metadata, "validation")
    if not kept:
        vectors_CD = contents.arrays["embeddings"]["concepts"]
        page = render_page(model_path.resolve().name, model, contents.metadata, vectors_CD, fresh)
        if output is None or output.resolve() == own.resolve():
            add_report(model_path, page)
        else:
            write_text(output, page)
    written, decided = output or own, read_decided(contents.metadata)
    return {
        "output": str(written),
        "kept": kept,
        "bytes": written.stat().st_size,
        "concepts": len(model.detector.concepts),
        "protocol": figures.get("protocol"),
        "f1": figures.get("f1"),
        "mentions": count_mentions(figures),
        "decision": None if decided is None else decided.to_dict(),
    }


def write_page(
    part: Path,
    model: TrainedModel,
    contents: ModelContents,
    workspace: Workspace,
    measured: Measured,
    progress: Progress,
    find: Callable[[], dict[str, Any]],
) -> None:
    """Writes the page of a model in the making; a failure is told, and does not cost the model.

    Args:
      part: the folder of the run.
      model: that was trained.
      contents: of the folder to be; its metadata gets `data_findings`.
      workspace: that it was trained on.
      measured: of the validation.
      progress: is told what went wrong.
      find: what gives those findings.
    """
    try:
        metadata = contents.metadata
        metadata["data_findings"] = find()
        fresh = describe_measured(model, workspace, measured, metadata, "")
        # All inputs are the same, of course; and warnings may name notes.
        fresh = replace(fresh, same_inputs={}, warnings=())
        vectors_CD = contents.arrays["embeddings"]["concepts"]
        page = render_page(final_folder(part).name, model, metadata, vectors_CD, fresh)
        write_bytes(part / REPORT, page.encode())
    except Exception as error:  # hours of training are worth more than their page
        (part / REPORT).unlink(missing_ok=True)
        progress.warn(f"{REPORT} could not be written ({type(error).__name__}): {LATER}")


def render_page(
    name: str,
    model: TrainedModel,
    metadata: Mapping[str, Any],
    vectors_CD: NDArray[np.floating],
    fresh: Fresh | None,
) -> str:
    """The page of a model, of what is in memory.

    Args:
      name: of the model folder.
      model: whose concepts and precision curve are shown; labels are redacted.
      metadata: as `metadata.json` has it, or will have it.
      vectors_CD: float, of the concepts.
      fresh: what was measured on a workspace.
    """
    return render_report(
        Facts(
            name=name,
            metadata=metadata,
            concepts=[_without_names(each) for each in model.detector.concepts],
            vectors_CD=vectors_CD,
            command=training_command(metadata),
            curve=model.curve,
            fresh=fresh,
        )
    )


def _without_names(concept: Concept) -> Concept:
    """A lexicon may keep what identifies a person (--allow-alias); a page for all does not."""
    if not kinds_in(concept.label) and not kinds_in(concept.concept_id):
        return concept
    label, concept_id = redact_fully(concept.label), redact_fully(concept.concept_id)
    return replace(concept, label=label, concept_id=concept_id)


def count_findings(workspace: Workspace) -> dict[str, Any]:
    """How often each rule of `doctor` finds something, for those that are quick; no text."""
    notes = workspace.notes
    left_out = set(COSTLY)
    if sum(len(each.aliases) for each in workspace.lexicon.concepts) > MANY_ALIASES:
        left_out |= OF_WORDS
    if len(notes) > MOST_LINTED:
        notes = notes[:: -(-len(notes) // MOST_LINTED)]
        left_out |= OF_ALL_NOTES
    chosen = [name for name in RULES if name not in left_out]
    counts = Counter(each.rule for each in lint(Inspection(workspace.lexicon, notes), chosen))
    return {
        "rules": {name: counts[name] for name in chosen},
        "left_out": sorted(left_out),
        "notes": len(notes),
    }


def training_command(metadata: Mapping[str, Any]) -> str:
    """The command line that trains such a model: what differs from its preset is set."""
    configuration = metadata["configuration"]
    size = str(configuration["size"])
    words = ["lvmh-jax", "train", "--size", size]
    for name in OPTIONS:
        words += [f"--{name.replace('_', '-')}", str(configuration["train"][name])]
    preset = to_dict(PRESETS[size]) if size in PRESETS else {}
    for section, settings in configuration.items():
        if not isinstance(settings, Mapping):
            continue
        for name, value in settings.items():
            told = section == "train" and name in OPTIONS
            if not told and value != preset.get(section, {}).get(name, value):
                shown = value if isinstance(value, str) else json.dumps(value)
                words += ["--set", f"{section}.{name}={shown}"]
    return shlex.join(words)


def _evaluation(model_path: Path, workspace_dir: Path) -> str:
    words = ("lvmh-jax", "evaluate", "--model-path", str(model_path))
    return shlex.join([*words, "--workspace", str(workspace_dir)])


def describe_measured(
    model: TrainedModel,
    workspace: Workspace,
    measured: Measured,
    metadata: Mapping[str, Any],
    command: str,
) -> Fresh:
    """What was measured on dev gold or hidden aliases, in more detail; without any text of it.

    Args:
      model: that was measured.
      workspace: with the gold.
      measured: on it.
      metadata: of the model, for the digests of what it was trained on.
      command: that measures the same; "" where it is not to be told.
    """
    gold = workspace.gold.get("dev", ())
    language_of = {note.note_id: note.language for note in workspace.notes}
    wanted = {each.note_id for each in gold}
    annotated = [note for note in workspace.notes if note.note_id in wanted]
    alone = model.detector.dictionary_only().detect(annotated) if gold else []
    by_dictionary = score_by_language(gold, alone, language_of)
    return Fresh(
        command=command,
        figures=measured.figures,
        intervals=_intervals(model, gold, measured.mentions, language_of) if gold else {},
        dictionary_recall={
            language: scores.note_level.recall for language, scores in by_dictionary.items()
        },
        confusions=find_confusions(gold, measured.mentions),
        errors=count_errors(gold, measured.mentions),
        concepts=score_concepts(gold, measured.mentions),
        same_inputs={
            name: workspace.digests.get(name) == digest
            for name, digest in metadata.get("inputs", {}).items()
            if "gold/train" not in name
        },
    )


def quote_confusions(
    model: TrainedModel, workspace: Workspace, confusions: Sequence[Confusion]
) -> list[str]:
    """The sentence of each confusion, redacted; "" where a concept is sensitive.

    The workspace's lexicon may mark it since the model was trained.
    """
    text_of = {note.note_id: note.text for note in workspace.notes}
    concepts = mark_sensitive(model.detector.concepts, workspace.lexicon.concepts)
    hidden = {each.concept_id for each in concepts if each.sensitive}
    quoted = []
    for each in confusions:
        note_id, start, end = each.example
        is_told = not hidden & {each.gold, each.found}
        words = quote_place(text_of[note_id], start, end, include_text=False)[1] if is_told else ""
        quoted.append(words)
    return quoted


def _intervals(
    model: TrainedModel,
    gold: tuple[GoldNote, ...],
    mentions: list[Mention],
    language_of: Mapping[str, str],
) -> dict[str, dict[str, tuple[float, float]]]:
    """The 95 % interval of each bucket and language that gold names."""
    bucket_of = {each.concept_id: each.bucket for each in model.detector.concepts}
    by_bucket = {}
    for bucket in sorted({*bucket_of.values()}):
        part = [
            replace(n, concepts=tuple(c for c in n.concepts if bucket_of.get(c) == bucket))
            for n in gold
        ]
        found = [m for m in mentions if bucket_of[m.concept_id] == bucket]
        by_bucket[bucket] = interval_of(part, found)
    by_language = {}
    for language in sorted({language_of.get(n.note_id) or "unknown" for n in gold}):
        part = [n for n in gold if (language_of.get(n.note_id) or "unknown") == language]
        by_language[language] = interval_of(part, mentions)
    return {"by_bucket": by_bucket, "by_language": by_language}
