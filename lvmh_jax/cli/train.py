"""`lvmh-jax train`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table
from lvmh_jax.config import MAX_SEED, Settings

DEFAULTS = Settings()


@click.command(
    "train",
    epilog="""\b
Example:
  lvmh-jax train --size base --epochs 30
  lvmh-jax train --workspace shop --set train.patience=12
  lvmh-jax train --seeds 5              how far do figures move with the seed?
  lvmh-jax train --resume last          go on with an interrupted run, same options""",
)
@click.option(
    "--size",
    default=DEFAULTS.size,
    metavar="base|large|quick|tiny",
    help="Preset: base (128-dim, fast), large (384-dim), quick (base for one epoch and with one "
    "scorer: a first look in half the time), or tiny (16-dim, to try commands with: no quality). "
    "Default: base.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    metavar="N",
    help="Passes over the lexicon's aliases, or over 16,384 of them where it has 4,000 concepts or "
    f"more (default: {DEFAULTS.train.epochs}).",
)
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    metavar="N",
    help=f"Concepts in a step (default: {DEFAULTS.train.batch_size}).",
)
@click.option(
    "--learning-rate",
    type=options.Number(0, min_open=True),
    metavar="RATE",
    help=f"Peak of the schedule (default: {DEFAULTS.train.learning_rate}).",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    metavar="N",
    help=f"The same seed gives the same weights (default: {DEFAULTS.train.seed}).",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    metavar="K",
    help="Train K models at once, from --seed and the K - 1 seeds after it; report mean and spread "
    "of their accuracy and loss on hidden aliases, and keep the one with the lowest loss. F1 is "
    "measured for that one only (default: 1).",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="SECTION.KEY=VALUE",
    help="Any other setting, such as train.patience=12; may be given several times.",
)
@click.option(
    "--include-text",
    is_flag=True,
    help="Keep note texts and client ids as they are in the model folder; they are personal data.",
)
@click.option(
    "--allow-alias",
    "allow_alias",
    multiple=True,
    metavar="CONCEPT",
    help="Save this concept despite personal data in its aliases; may be given several times. "
    "Without it, such a lexicon is refused with exit code 6.",
)
@click.option(
    "--resume",
    metavar="PATH|last",
    help="Go on with an interrupted run; give the same options as before.",
)
@click.option(
    "--distributed",
    is_flag=True,
    help="Train together with the other processes that SLURM, GKE, Cloud TPU or "
    "JAX_COORDINATOR_ADDRESS names; process 0 writes and prints.",
)
@click.option(
    "--mlflow",
    is_flag=False,
    flag_value="",
    metavar="[URI]",
    help="Also send figures and numeric settings to MLflow, at this address or where "
    "MLFLOW_TRACKING_URI says; needs the extra `mlflow`.",
)
@click.option(
    "--dry-run", is_flag=True, help="Check the workspace and show the plan; write nothing."
)
@options.folders
@options.common
def command(
    output: Output,
    workspace: Path,
    models_dir: Path,
    resume: str | None,
    dry_run: bool,
    distributed: bool,
    allow_alias: tuple[str, ...],
    mlflow: str | None,
    **preset: Any,
) -> None:
    """Train a detector on a workspace and write a model folder.

    Prints the folder and its figures. They are measured on aliases and notes that were hidden
    from training, so they show what to expect on wordings that the lexicon does not list.
    """
    from lvmh_jax.io.progress import Progress
    from lvmh_jax.models.presets import make_settings

    # Options that were not given stay None, so that the preset decides.
    preset["include_text"] = preset["include_text"] or None
    settings = make_settings(**preset)
    with output.starting():
        from lvmh_jax.io.hosts import ALONE, join_hosts
        from lvmh_jax.pipeline.train import train

    hosts = join_hosts() if distributed else ALONE
    shown = output.progress() if hosts.leads else Progress(None)
    with shown as progress, hosts.together():
        options.require_workspace(workspace)  # in here, so that a failure of one host ends all
        try:
            result = train(
                workspace,
                models_dir,
                settings,
                resume=resume,
                dry_run=dry_run,
                allow_alias=allow_alias,
                mlflow=mlflow,
                progress=progress,
                hosts=hosts,
            )
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_way_on(models_dir)) from None
    if hosts.leads:
        output.result(result, _lines(result))


def _way_on(models_dir: Path) -> str:
    """The hint after Ctrl-C: to resume, if the run had begun."""
    if any(models_dir.glob(".concept_model_*.part")):
        return "go on with --resume last and the same options"
    return ""


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    if "plan" in result:
        yield from _plan_lines(result["plan"])
        return
    yield f"model: {result['model_path']}"
    metrics = _tell_figures(result["metrics"])
    population = metrics.pop("population", None)
    planned, kept = metrics.pop("epochs_planned", None), metrics.pop("epochs_kept", None)
    if planned is not None:
        metrics["epochs_run"] = _tell_epochs(metrics["epochs_run"], planned, kept)
    rows = [(key.replace("_", " "), figure(value)) for key, value in metrics.items()]
    yield from table([*rows, *_population_rows(population or {})])


def _tell_figures(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Figures to print: words for those from too few mentions, and extra rows for what decided."""
    from lvmh_jax.evaluate.basis import adds_to, decided_of, tell_decided, tell_few, tell_protocol

    decided, mentions = decided_of(metrics), metrics.get("mentions")
    told: dict[str, Any] = {}
    for key, value in metrics.items():
        if key in ("mentions", "measurable", "decision"):
            continue
        few = key in ("f1", "dictionary_f1") and not metrics.get("measurable", True)
        told[key] = tell_few(mentions) if few else value
        if key == "learned_matches" and adds_to(decided, metrics.get("protocol"), mentions):
            told["decided_on"] = tell_protocol(decided.protocol)
            told["f1_that_decided"] = tell_decided(decided)
    return told


def _tell_epochs(ran: int, planned: int, kept: int | None) -> str:
    """How many epochs ran, which one is kept, and why no more ran: only patience ends a run early.

    >>> _tell_epochs(10, 30, 2)
    '10 of 30, epoch 2 kept: stopped early, no lower loss in the 8 after it (train.patience)'
    """
    told = f"{ran} of {planned}" + (f", epoch {kept} kept" if kept else "")
    if ran >= planned or not kept:
        return told
    return f"{told}: stopped early, no lower loss in the {ran - kept} after it (train.patience)"


def _population_rows(population: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rows on the spread over seeds; the other figures are of the kept model."""
    if not population:
        return
    seeds = population["seeds"]
    yield "seeds", f"{seeds[0]} to {seeds[-1]}; {population['kept_seed']} has the best loss"
    for key in ("final_accuracy", "best_loss"):
        spread = population[key]
        values = " ".join(figure(value) for value in spread["values"])
        yield (
            f"{key.replace('_', ' ')}, mean",
            f"{figure(spread['mean'])}, std {figure(spread['std'])}: {values}",
        )
    # Each F1 would need a scorer and its folds, which take most of the time of a training.
    yield "f1, mean", f"not measured: f1 is of seed {population['kept_seed']} alone"


def _plan_lines(plan: object) -> list[str]:
    if isinstance(plan, Mapping):
        rows = [
            (str(key).replace("_", " "), figure(value) or "none") for key, value in plan.items()
        ]
        return table(rows)
    if isinstance(plan, list | tuple):
        return [str(line) for line in plan]
    return [str(plan)]
