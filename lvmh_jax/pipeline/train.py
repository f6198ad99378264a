"""Trains a model: workspace to model folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lvmh_jax.calibrate.fit import choose_scorer
from lvmh_jax.calibrate.gold import hash_note
from lvmh_jax.calibrate.linking import calibrate_linking
from lvmh_jax.config import Settings, TrainSettings
from lvmh_jax.data.batches import count_steps
from lvmh_jax.data.examples import Examples, choose_held_aliases, make_examples
from lvmh_jax.data.gold import describe_outside
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import build_index
from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.errors import InvalidInputError, QualityGateError, UsageError
from lvmh_jax.evaluate.basis import HELD_OUT, read_decided
from lvmh_jax.io.artefact import ModelContents, finish_model, write_model
from lvmh_jax.io.default_scorer import load_default_scorer
from lvmh_jax.io.export import TrainedModel, pack_model
from lvmh_jax.io.frequencies import keep_frequencies
from lvmh_jax.io.gate import check_allowed, check_lexicon
from lvmh_jax.io.hosts import ALONE, Hosts
from lvmh_jax.io.mlflowrun import MlflowRun
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.reports import REPORT
from lvmh_jax.io.runs import describe_due, final_folder, find_part, new_part_folder
from lvmh_jax.io.runtime import enable_compile_cache, read_clock
from lvmh_jax.io.tracking import EpochLog
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models import build_model
from lvmh_jax.models.presets import fit_to_lexicon
from lvmh_jax.pipeline.card import describe_model, write_card
from lvmh_jax.pipeline.draft import Drafted, Drafting, renew
from lvmh_jax.pipeline.encoder import (
    RUN,
    Trained,
    begin_run,
    check_same_run,
    choose_layout,
    describe_run,
    telling_of_room,
    train_encoder,
)
from lvmh_jax.pipeline.evaluate import measure_model
from lvmh_jax.pipeline.report import LATER, write_page
from lvmh_jax.pipeline.samples import sample_examples
from lvmh_jax.records import Alias, Note, Workspace
from lvmh_jax.train.fit import FitState
from lvmh_jax.train.optimizers import build_optimizer
from lvmh_jax.train.precision import find_precision
from lvmh_jax.train.schedules import build_schedule


@dataclass(frozen=True)
class Run:
    """A run that began: its data, and where it writes; None where another host does."""

    workspace: Workspace
    aliases: tuple[Alias, ...]
    settings: Settings
    part: Path | None
    started_s: float
    allowed_concepts: Collection[str] = ()


def train(
    workspace_dir: Path,
    models_dir: Path,
    settings: Settings,
    *,
    resume: str | None = None,
    dry_run: bool = False,
    allow_alias: Collection[str] = (),
    mlflow: str | None = None,
    progress: Progress,
    hosts: Hosts = ALONE,
) -> dict[str, Any]:
    """Trains a model and writes its folder.

    Of several hosts all train, and the leader alone decides and writes. With `mlflow`, an address
    or "" for MLflow's own setting, figures go there too.

    Returns: `model_path` and `metrics`, nothing where another host leads; for a dry run `plan`, and
    nothing is written.

    Raises:
      NotFoundError, InvalidInputError: no data, or broken data, or not the same on all hosts.
      ResumeRefusedError: the interrupted run had other options or data.
      QualityGateError: personal data in an alias of a concept that `allow_alias` does not name.
      UsageError: the model cannot be written (no space).
    """
    started_s = read_clock()
    part = find_part(resume, models_dir) if resume and hosts.leads else None
    workspace = read_workspace(workspace_dir, most_notes=settings.train.most_notes)
    lexicon = workspace.lexicon
    for warning in (*workspace.warnings, *describe_outside(workspace.gold, lexicon.row_of)):
        progress.warn(warning)
    aliases = list_aliases(lexicon)
    if not aliases:
        raise InvalidInputError(
            "no concept has an alias or a label to learn from",
            where="taxonomy/lexicon_v1.json",
            fix="add aliases",
        )
    check_lexicon(lexicon, check_allowed(lexicon, allow_alias))
    check_names(settings)
    check_batch(settings, len(aliases))
    concepts = len(lexicon.concepts)
    settings = shorten_calls(fit_to_lexicon(settings, concepts))
    if dry_run:
        return {"plan": plan_run(workspace, aliases, settings, models_dir)}
    enable_compile_cache()
    keep_frequencies()
    description = describe_run(settings, workspace.digests)
    check_same_run(description, hosts)
    choose_layout(settings, concepts, progress, hosts)  # what it refuses leaves no folder behind
    wanted = mlflow is not None and hosts.leads
    tracker = MlflowRun(mlflow or "", settings, progress.warn) if wanted else None
    if hosts.leads:
        if part is None:
            part, _ = new_part_folder(models_dir, settings.size, datetime.now())
        begin_run(part, description, resumed=resume is not None)
    run = Run(workspace, aliases, settings, part, started_s, allow_alias)
    with telling_of_room(part), EpochLog(part, tracker) as log:
        result = _train(run, progress, hosts, log)
        log.finish(result.get("metrics", {}))
    return result


def check_names(settings: Settings) -> None:
    """Raises UsageError when a setting names no row of its table."""
    build_model(settings.model, 1)
    build_optimizer(settings.train, build_schedule(settings.train.schedule, 2, 0.0))
    find_precision(settings.train.precision)


def check_batch(settings: Settings, aliases: int) -> None:
    """Raises UsageError for a batch that was asked to be larger than the data.

    The default may be: a small lexicon fills only some of its rows.
    """
    train = settings.train
    rows = max(-(-aliases // train.aliases_per_row), TrainSettings().batch_size)
    if train.batch_size > rows:
        raise UsageError(
            f"a batch of {train.batch_size:,} rows of {train.aliases_per_row} aliases is larger "
            f"than the data: the lexicon has {aliases:,}",
            fix=f"give --batch-size {rows} or less",
        )


def shorten_calls(settings: Settings) -> Settings:
    """Ends a jitted call wherever `checkpoint.every_steps` asks for a save.

    Raises:
      UsageError: several models are trained; a call of theirs is an epoch.
    """
    wanted, train = settings.checkpoint.every_steps, settings.train
    if wanted and train.seeds > 1:
        raise UsageError(
            f"checkpoint.every_steps is {wanted}",
            expected="0 with --seeds: several models are saved between epochs",
        )
    if not wanted or 0 < train.steps_per_call <= wanted:
        return settings
    return replace(settings, train=replace(train, steps_per_call=wanted))


def plan_run(
    workspace: Workspace, aliases: Sequence[Alias], settings: Settings, models_dir: Path
) -> dict[str, Any]:
    """What a run would do, in figures."""
    train = settings.train
    rng = np.random.default_rng([train.seed, 0])
    held = int(choose_held_aliases(aliases, train.holdout_aliases, rng).sum())
    steps = count_steps(
        len(aliases) - held, train.batch_size, train.aliases_per_row, train.aliases_per_epoch
    )
    return {
        "size": settings.size,
        **({"seeds": train.seeds} if train.seeds > 1 else {}),
        "embedding_dim": settings.model.width,
        "notes": workspace.total_notes,
        "concepts": len(workspace.lexicon.concepts),
        "aliases": len(aliases),
        "aliases_held_out": held,
        "gold_notes": {name: len(gold) for name, gold in workspace.gold.items()},
        "epochs": train.epochs,
        "steps_an_epoch": steps,
        "writes_to": str(models_dir),
    }


def prepare_examples(
    workspace: Workspace, aliases: Sequence[Alias], settings: Settings, hosts: Hosts = ALONE
) -> Examples:
    """The training examples of a workspace; each host reads a part of the notes."""
    return make_examples(
        aliases,
        workspace.notes,
        workspace.candidates,
        len(workspace.lexicon.concepts),
        buckets=settings.model.buckets,
        holdout_aliases=settings.train.holdout_aliases,
        holdout_notes=settings.train.holdout_notes,
        seed=settings.train.seed,
        peers=hosts,
    )


def _train(run: Run, progress: Progress, hosts: Hosts, log: EpochLog) -> dict[str, Any]:
    with Drafting(run.workspace, run.aliases, run.settings) as drafting:
        return _train_beside(run, drafting, progress, hosts, log)


def _train_beside(
    run: Run, drafting: Drafting, progress: Progress, hosts: Hosts, log: EpochLog
) -> dict[str, Any]:
    settings, lexicon = run.settings, run.workspace.lexicon
    if run.part is not None:
        drafting.begin()
    examples = prepare_examples(run.workspace, run.aliases, settings, hosts)
    if not examples.held_A.any():
        progress.warn(
            "no concept has two aliases, so none could be held out: loss and accuracy are "
            "those of training"
        )
    concepts = len(lexicon.concepts)
    drafting.hide(examples.held_A)
    trained = train_encoder(examples, concepts, settings, run.part, progress, hosts, log)
    if run.part is None:
        return {}
    progress.say("fitting what the detector decides by")
    model = _build_model(run, examples, trained.fit, drafting)
    if model.decision.protocol == HELD_OUT:
        progress.say(
            "no gold: what ships was decided on mentions of hidden aliases, which cannot see false "
            "matches elsewhere; ten annotated notes would show them (`lvmh-jax review export`)"
        )
    if model.decision.why_off:
        progress.warn(f"learned matches are off: {model.decision.why_off}")
    return _write(run, run.part, examples, trained, model, progress, drafting.find)


def build_dictionary(
    workspace: Workspace,
    aliases: Sequence[Alias],
    settings: Settings,
    fit: FitState,
    drafted: Drafted | None = None,
) -> ConceptDetector:
    """The detector of a trained encoder before any scorer: the dictionary alone."""
    concepts = workspace.lexicon.concepts
    encoder = PhraseEncoder(settings.model, len(concepts), fit.best_params)
    if drafted is None:
        index = build_index(aliases, len(concepts), encoder)
    else:
        index = renew(drafted, encoder)
    return ConceptDetector(
        concepts=concepts,
        index=index,
        encoder=encoder,
        scorer=None,
        dictionary_precision=0.0,
        settings=settings.detect,
    )


def _build_model(run: Run, examples: Examples, fit: FitState, drafting: Drafting) -> TrainedModel:
    settings, notes = run.settings, run.workspace.notes
    detector = build_dictionary(run.workspace, run.aliases, settings, fit, drafting.wait())
    held_notes: list[Note] = [notes[row] for row in sorted(examples.held_notes)]
    with ThreadPoolExecutor(1) as beside:  # the scorer's steps hold no lock of Python's
        linking = beside.submit(_calibrate_linking, detector, examples, drafting)
        choice = choose_scorer(
            detector,
            notes,
            run.workspace.gold,
            load_default_scorer(),
            examples.held_A,
            held_notes,
            settings.scorer,
            settings.train.seed,
            settings.notehead,
        )
    return TrainedModel(
        detector=choice.detector,
        settings=settings,
        linking=linking.result(),
        held_A=examples.held_A,
        held_notes=frozenset(hash_note(note) for note in held_notes),
        fold_of=choice.fold_of,
        curve=choice.curve,
        decision=choice.decision,
        scorer_source=choice.source,
    )


def _calibrate_linking(
    detector: ConceptDetector, examples: Examples, drafting: Drafting
) -> LinkCalibration:
    drafted = drafting.wait_hidden()
    hidden = None if drafted is None else renew(drafted, detector.encoder)
    return calibrate_linking(detector.index, detector.encoder, examples.held_A, hidden)


def _write(
    run: Run,
    part: Path,
    examples: Examples,
    trained: Trained,
    model: TrainedModel,
    progress: Progress,
    find: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    measured = measure_model(model, run.workspace, "dev", progress)
    validation = measured.figures
    samples, redacted = sample_examples(
        run.workspace, run.aliases, examples, include_text=run.settings.privacy.include_text
    )
    metadata = describe_model(
        run.workspace, run.settings, examples, trained, model, validation, redacted
    )
    metadata["wall_time_s"] = round(read_clock() - run.started_s, 1)
    final = final_folder(part)
    contents = pack_model(model, metadata, samples, write_card(final.name, metadata))
    write_page(part, model, contents, run.workspace, measured, progress, find)
    scan = _save(run, part, contents, progress)
    if named := scan["concepts_with_names"]:
        progress.warn(
            f"a name or an address in an alias: {len(named)} of the concepts (first: {named[0]}); "
            "see `lvmh-jax doctor --rule personal-name`"
        )
    finish_model(part, final)
    if due := describe_due(final.parent):
        progress.warn(due)
    return {"model_path": str(final), "metrics": _sum_up(trained, model, metadata)}


def _save(run: Run, part: Path, contents: ModelContents, progress: Progress) -> dict[str, Any]:
    """Writes the model; a report that the gate refuses is left out of it."""
    try:
        return write_model(part, contents, obsolete=(RUN,), allowed_concepts=run.allowed_concepts)
    except QualityGateError:
        if not (part / REPORT).exists():
            raise
    (part / REPORT).unlink()
    scan = write_model(part, contents, obsolete=(RUN,), allowed_concepts=run.allowed_concepts)
    progress.warn(f"{REPORT} would have held personal data and was left out: {LATER}")
    return scan


def _sum_up(trained: Trained, model: TrainedModel, metadata: dict[str, Any]) -> dict[str, Any]:
    """What `train` prints."""
    best, validation = trained.fit.best, metadata["validation"]
    metrics = {
        "protocol": validation["protocol"],
        "f1": validation["f1"],
        "dictionary_f1": validation["dictionary"]["f1"],
        "mentions": validation["mentions"],
        "measurable": validation["measurable"],
        "learned_matches": model.decision.mode,
        "final_accuracy": metadata["final_accuracy"],
        "best_loss": metadata["best_loss"],
        "train_accuracy": best.train_accuracy if best else math.nan,
        "epochs_run": metadata["epochs_run"],
        "epochs_planned": metadata["epochs"],
        "epochs_kept": metadata["best_epoch"],
        "wall_time_s": metadata["wall_time_s"],
    }
    if decided := read_decided(metadata):
        metrics["decision"] = decided.to_dict()
    if trained.population:
        metrics["population"] = trained.population
    return metrics
