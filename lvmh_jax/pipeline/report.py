"""Writes the report of a model, measured anew where a workspace is given."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvmh_jax.config import to_dict
from lvmh_jax.display.facts import Facts, Fresh
from lvmh_jax.display.report import render_report
from lvmh_jax.evaluate.confusion import count_errors, find_confusions, interval_of
from lvmh_jax.evaluate.metrics import score_by_language
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.outputs import require_writable
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.reports import REPORT, add_report
from lvmh_jax.io.runtime import enable_compile_cache
from lvmh_jax.io.tables import write_text
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import PRESETS
from lvmh_jax.pipeline.evaluate import measure_model
from lvmh_jax.records import GoldNote, Mention, Workspace

OPTIONS = ("epochs", "batch_size", "learning_rate", "seed")  # of `train`, besides --set


def report(
    model_path: Path, workspace_dir: Path | None, *, output: Path | None, progress: Progress
) -> dict[str, Any]:
    """Writes a page; into the model folder, with its manifest, unless an output is given.

    Raises:
      NotFoundError, InvalidInputError: as reading a model and a workspace.
      UsageError: the page cannot be written there.
    """
    require_writable(output or model_path / REPORT)
    contents = read_model(model_path)
    enable_compile_cache()
    model = unpack_model(contents, str(model_path))
    fresh = None
    if workspace_dir is not None:
        workspace = read_workspace(workspace_dir, splits=("dev",))
        command = _evaluation(model_path, workspace_dir)
        fresh = _measure(model, workspace, contents.metadata, command, progress)
    page = render_report(
        Facts(
            name=model_path.resolve().name,
            metadata=contents.metadata,
            concepts=model.detector.concepts,
            vectors_CD=contents.arrays["embeddings"]["concepts"],
            command=training_command(contents.metadata),
            curve=model.curve,
            fresh=fresh,
        )
    )
    if output is None or output.resolve() == (model_path / REPORT).resolve():
        written = add_report(model_path, page)
    else:
        write_text(output, page)
        written = output
    figures = fresh.figures if fresh else {}
    return {
        "output": str(written),
        "bytes": len(page.encode()),
        "concepts": len(model.detector.concepts),
        "protocol": figures.get("protocol"),
        "f1": figures.get("f1"),
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


def _measure(
    model: TrainedModel,
    workspace: Workspace,
    metadata: Mapping[str, Any],
    command: str,
    progress: Progress,
) -> Fresh:
    measured = measure_model(model, workspace, "dev", progress)
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
        same_inputs={
            name: workspace.digests.get(name) == digest
            for name, digest in metadata.get("inputs", {}).items()
            if "gold/train" not in name
        },
        warnings=workspace.warnings,
    )


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
