"""Trains the encoder of a run: epochs, progress, checkpoints, and going on after a stop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from lvmh_jax.config import Settings, to_dict
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import NO_ROOM, InvalidInputError, ResumeRefusedError
from lvmh_jax.io.checkpoints import restore_checkpoint
from lvmh_jax.io.hosts import ALONE, RESUME, Hosts
from lvmh_jax.io.manifest import read_json, write_json
from lvmh_jax.io.outputs import cannot_write
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import list_devices, read_version, stop_on_sigterm
from lvmh_jax.io.saving import CheckpointWriter, Mark
from lvmh_jax.io.tracking import EpochLog
from lvmh_jax.train.fit import (
    EpochRecord,
    FitState,
    Within,
    fit_encoder,
    make_course,
    make_optimizer,
    start_fit,
)
from lvmh_jax.train.mesh import Layout, choose_shards, make_layout
from lvmh_jax.train.population import (
    Population,
    count_at_once,
    describe_population,
    fit_population,
    list_members,
    start_population,
)

RUN = "run.json"
CHECKPOINTS = "checkpoints"
TABLE_COPIES = 4  # tables, the best ones, gradients and updates

Fit = TypeVar("Fit", FitState, Population)


class Trained(NamedTuple):
    """A trained encoder.

    Attributes:
      fit: of the model that is kept, on the default device.
      seed: of that model.
      population: figures of all models, for `metadata.json`; empty where only one was trained.
    """

    fit: FitState
    seed: int
    population: Mapping[str, Any]


def describe_run(settings: Settings, digests: Mapping[str, str]) -> dict[str, Any]:
    """What has to be the same for a run to go on, and on all hosts of a run."""
    configuration = to_dict(settings)
    del configuration["checkpoint"]  # when states are saved does not change them
    return {"configuration": configuration, "version": read_version(), "inputs": dict(digests)}


@contextmanager
def telling_of_room(part: Path | None) -> Iterator[None]:
    """Says of a disk that is full where, and how to go on.

    Raises:
      UsageError: what the run wrote could not be written to its end.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM or part is None:
            raise
        raise cannot_write(part, error, f"make space, then {RESUME}") from error


def begin_run(part: Path, run: dict[str, Any], *, resumed: bool) -> None:
    """Writes what the run is, or compares it with what it was.

    Raises:
      ResumeRefusedError: a setting or an input differs; the message names it.
      UsageError: it cannot be written.
    """
    path = part / RUN
    never_began = not path.exists() and not (part / CHECKPOINTS).exists()
    if not resumed or never_began:
        with telling_of_room(part):
            write_json(path, run)
        return
    if not path.exists():
        raise InvalidInputError(f"{RUN} is missing", where=str(part), fix="train without --resume")
    different = _list_differences(read_json(path), run)
    if different:
        raise ResumeRefusedError(
            f"not the interrupted run's: {', '.join(different)}",
            where=str(part),
            fix="give the same options and inputs, or train without --resume",
        )


def check_same_run(run: Mapping[str, Any], hosts: Hosts) -> None:
    """Makes sure that all hosts train the same model on the same data.

    Raises:
      InvalidInputError: a setting or an input differs; the message names it.
    """
    first, *others = hosts.gather(json.dumps(run).encode())
    for index, other in enumerate(others, start=1):
        different = _list_differences(json.loads(first), json.loads(other))
        if different:
            raise InvalidInputError(
                f"process {index} has another {different[0]} than process 0",
                fix="give all processes the same options and the same workspace",
            )


def train_encoder(
    examples: Examples,
    concepts: int,
    settings: Settings,
    part: Path | None,
    progress: Progress,
    hosts: Hosts = ALONE,
    log: EpochLog | None = None,
) -> Trained:
    """Runs the epochs that are left, and keeps the best model.

    Args:
      examples: the same on all hosts.
      concepts: of the lexicon.
      settings: `train.seeds` says how many models are trained.
      part: the run's folder; None on a host that writes nothing.
      progress: of the epochs.
      hosts: that train together. What the leader restores goes to all.
      log: of the epochs; that of the part folder unless it is given.

    Raises:
      UsageError: the batch does not divide over the devices of several hosts.
      LvmhError: the loss is not a number.
    """
    train, given = settings.train, (examples, concepts, settings)
    log = log or EpochLog(part)
    layout = choose_layout(settings, concepts, progress, hosts)
    members = list_members(train)
    shown = int((~examples.held_A).sum())
    shown = min(shown, train.aliases_per_epoch or shown) * len(members)
    # Not a population of one: its program would differ, and so would the last bits of a model.
    if len(members) == 1:
        course = make_course(*given, make_optimizer(examples, train), layout)
        started = start_fit(*given, course if layout.mesh is None else None)
        fit = _restore(part, started, progress, hosts)
        progress.start("epoch", train.epochs)
        epochs = fit_encoder(*given, fit, layout, course)
        fit = _run(epochs, fit, part, settings, progress, shown, log)
        return Trained(_collect(fit, layout), train.seed, {})
    models = _restore(part, start_population(*given, members), progress, hosts)
    progress.start("epoch", train.epochs)
    called = fit_population(*given, models, members, layout)
    models = _run(called, models, part, settings, progress, shown, log)
    best = models.best
    report = describe_population(models, members)
    return Trained(_collect(models.member(best), layout), members[best].seed, report)


def choose_layout(settings: Settings, concepts: int, progress: Progress, hosts: Hosts) -> Layout:
    """How the run uses the devices that are there; says where some stay idle.

    Raises:
      UsageError: the batch does not divide over the devices of several hosts, or the devices not
        by the shards.
    """
    devices, train = list_devices(), settings.train
    shards, width = train.shards, settings.model.width
    if not shards and train.seeds == hosts.count == 1:
        numbers = (settings.model.buckets + concepts) * width
        shards = choose_shards(4 * TABLE_COPIES * numbers, width, len(devices))
    layout = make_layout(
        devices,
        train.batch_size,
        members=train.seeds,
        hosts=hosts.count,
        at_once=count_at_once(settings, devices[0].platform),
        shards=shards or 1,
    )
    if layout.used < len(devices):
        progress.warn(
            f"{layout.used} of {len(devices)} devices work: a batch of {train.batch_size} rows "
            "divides over no more; give --batch-size a multiple of them"
        )
    return layout


def _run(
    fits: Iterable[Fit],
    fit: Fit,
    part: Path | None,
    settings: Settings,
    progress: Progress,
    shown: int,
    log: EpochLog,
) -> Fit:
    folder = part / CHECKPOINTS if part is not None else None
    # A run without a checkpoint saves at its end even where there was nothing left to train.
    begun = _mark(fit) if fit.history or fit.within.steps else Mark(-1, 0)
    writer = CheckpointWriter(folder, settings.checkpoint, begun)
    log.begin(_list_rows(fit, settings.train.seed))

    def save() -> None:
        writer.begin(_mark(fit), _tree(fit), _extra(fit))

    try:
        with stop_on_sigterm():
            for fit in fits:
                if not fit.within.steps:
                    log.update(_list_rows(fit, settings.train.seed))
                    examples = float(shown * fit.done)
                    progress.advance(fit.done, **fit.figures, examples=examples)
                if writer.is_due(_mark(fit)):
                    save()
        if settings.checkpoint.is_wanted:
            save()
    except BaseException:  # Ctrl-C, a loss that is no number, a host that is gone
        if _mark(fit).step > 0:
            save()
        raise
    finally:
        progress.stop()
        writer.close()
    return fit


def _mark(fit: FitState | Population) -> Mark:
    return Mark(int(np.max(np.asarray(fit.state.step))), fit.done)


def _list_rows(fit: FitState | Population, seed: int) -> list[dict[str, Any]]:
    """Each epoch as a line of its log counts it, from 1; with a seed where there are several."""
    if isinstance(fit, FitState):
        return [{**asdict(each), "epoch": each.epoch + 1} for each in fit.history]
    return [
        {**asdict(each), "epoch": each.epoch + 1, "seed": seed + model}
        for records in zip_longest(*fit.history)
        for model, each in enumerate(records)
        if each is not None
    ]


def _collect(fit: FitState, layout: Layout) -> FitState:
    state, best_params = layout.collect((fit.state, fit.best_params))
    return FitState(state, best_params, fit.history)


def _tree(fit: FitState | Population) -> dict[str, Any]:
    return {"state": fit.state, "best": fit.best_params}


def _extra(fit: FitState | Population) -> dict[str, Any]:
    return {"history": _to_json(fit.history), "within": asdict(fit.within)}


def _restore(part: Path | None, fit: Fit, progress: Progress, hosts: Hosts) -> Fit:
    """The fit as the leader finds it on its disk, or as it is given where there is none."""
    tree, extra = _tree(fit), None
    restored = restore_checkpoint(part / CHECKPOINTS, tree) if part is not None else None
    if restored is not None:
        for warning in restored.warnings:
            progress.warn(warning)
        tree, extra = restored.state, restored.extra
    extra = json.loads(hosts.gather(json.dumps(extra).encode())[0])
    if extra is None:
        return fit
    tree = hosts.copy_from_leader(tree)
    history = _from_json(extra["history"])
    fit = replace(fit, state=tree["state"], best_params=tree["best"], history=history)
    steps, sums = extra["within"]["steps"], extra["within"]["sums"]
    if isinstance(fit, FitState):
        fit = replace(fit, within=Within(steps, tuple(sums)))
    within = f" and {steps} steps" if steps else ""
    progress.say(f"going on after epoch {fit.done}{within}")
    return fit


def _to_json(history: Any) -> list[Any]:
    """Records as dicts, in the lists of their tuples."""
    return [asdict(each) if isinstance(each, EpochRecord) else _to_json(each) for each in history]


def _from_json(history: Any) -> tuple[Any, ...]:
    return tuple(
        EpochRecord(**each) if isinstance(each, Mapping) else _from_json(each) for each in history
    )


def _list_differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Dotted names of the values in which two runs differ."""
    left, right = _flat(before), _flat(now)
    return [key for key in sorted(left | right) if left.get(key) != right.get(key)]


def _flat(value: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(value, Mapping):
        return {prefix: value}
    flat: dict[str, object] = {}
    for key, each in value.items():
        flat |= _flat(each, f"{prefix}.{key}" if prefix else str(key))
    return flat
