"""`lvmh-jax list`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure
from lvmh_jax.cli.tables import is_terminal, show_table
from lvmh_jax.errors import NotFoundError

if TYPE_CHECKING:
    from lvmh_jax.io.runs import ModelSummary

HEAD = ("", "model", "size", "concepts", "accuracy", "F1", "measured on", "trained")
DECIDED = "F1 that decided what ships"


@click.command(
    "list",
    epilog="""\b
Example:
  lvmh-jax list
  lvmh-jax list --models-dir /srv/models --json""",
)
@options.folders
@options.common
def command(output: Output, workspace: Path, models_dir: Path) -> None:
    """List the trained models, newest first.

    A star marks the best model: the one with the highest validated F1 among models with the same
    lexicon and protocol as the newest. A model with "retrain due", or one of version 0.2 that
    judged whole notes, is best only if all of these are such. Other models are listed but not
    ranked. A figure that rests on fewer than 20 mentions is shown as not measurable. A folder whose
    metadata or manifest is broken, or whose files are missing, added or of another size than
    written, gets a line that says so and is never the best; the contents of files are checked only
    when a model is loaded. Unfinished runs are listed below.
    """
    from lvmh_jax.io.runs import list_models, list_unfinished

    # No models yet is an answer; a folder that the user named and that is not there is a mistake.
    if not models_dir.is_dir():
        expected = workspace if models_dir == workspace / "models" else models_dir
        if not expected.is_dir():
            raise NotFoundError(
                "no such folder", where=str(expected), fix="check --workspace and --models-dir"
            )
    models, unfinished = list_models(models_dir), list_unfinished(models_dir)
    if not models:
        with output.progress() as progress:
            progress.say(f"no trained model in {models_dir}; make one with `lvmh-jax train`")
    payload = {
        "models": [asdict(model) for model in models],
        "unfinished": [{"name": part.name, "path": part} for part in unfinished],
    }
    if output.as_json or models or unfinished:
        output.result(payload, [*_lines(models), *_tell_unfinished(unfinished)])


def _lines(models: Sequence[ModelSummary]) -> Iterator[str]:
    if not models:
        return
    best = [row for row, model in enumerate(models) if model.is_best]
    more = any(model.decided_on for model in models)
    head = (*HEAD, DECIDED) if more else HEAD
    yield from show_table(head, list(map(_cells, models)), numbers=(3, 4), best=best)
    yield from (f"! {model.name}: {model.problem}" for model in models if model.problem)
    if any(model.is_best for model in models):
        yield "* best: what --model-path best takes"
        yield from _tell_higher(models)
    if any(model.retrain_due for model in models):
        yield "r retrain due: data of a client that it was trained on was erased"


def _cells(model: ModelSummary) -> tuple[str, ...]:
    """A row; its last cell is left out where what decided says no more than what was measured."""
    from lvmh_jax.evaluate.basis import tell_figure

    if model.problem:
        return ("!", model.name, "", "", "", "", "", "")
    decided = f"{figure(model.decided_f1)} {model.decided_on}" if model.decided_on else ""
    return (
        ("*" if model.is_best else "") + ("r" if model.retrain_due else ""),
        model.name,
        model.size or "-",
        figure(model.num_concepts),
        figure(model.final_accuracy),
        "-" if model.score is None else tell_figure(figure(model.score), model.mentions),
        model.protocol or "-",
        _show_date(model.training_date),
        *([decided] if decided else []),
    )


def _tell_higher(models: Sequence[ModelSummary]) -> Iterator[str]:
    """A line where a model that does not compare with the best has a higher figure."""
    best = next(model for model in models if model.is_best)
    if best.problem or best.told is None:
        return
    higher = [m for m in models if not m.problem and (m.told or 0.0) > best.told]
    if higher:
        first = max(higher, key=lambda model: model.told or 0.0)
        more = f", and {len(higher) - 1} more" if len(higher) > 1 else ""
        yield (
            f"not ranked, though the F1 is higher: {first.name} ({figure(first.score)}{more}), for "
            f"{_tell_apart(first, best)}"
        )


def _tell_apart(model: ModelSummary, best: ModelSummary) -> str:
    """Why a model does not compare with the best."""
    if model.protocol != best.protocol:
        return "it was measured with another protocol than the newest"
    if model.lexicon_sha256 != best.lexicon_sha256:
        return "it was measured with another lexicon than the newest"
    if model.head_unused and not model.retrain_due:
        return "part of it is not used any more, what it learned of whole notes"
    return "it learned from data of a client that was erased since"


def _tell_unfinished(parts: Sequence[Path]) -> Iterator[str]:
    """A line: Ctrl-C leaves a hidden folder a try, and each may hold hundreds of megabytes."""
    if not parts:
        return
    runs = "1 run" if len(parts) == 1 else f"{len(parts)} runs, the newest"
    folders = f"{shlex.quote(parts[0].parent.as_posix())}/.concept_model_*.part"
    yield (
        f"not finished: {runs} {parts[0].name}; `lvmh-jax train --resume last` with the same "
        f"options goes on; where no training is under way, `rm -r {folders}` removes what is left"
    )


def _show_date(date: str) -> str:
    """As `metadata.json` has it; to the minute on a terminal, where room is short."""
    return (date[:16].replace("T", " ") if is_terminal() else date) or "-"
