"""Trains the encoder of a run: epochs, progress, checkpoints, and going on after a stop."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from lvmh_jax.config import Settings, to_dict
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import InvalidInputError, ResumeRefusedError
from lvmh_jax.io.checkpoints import restore_checkpoint, save_checkpoint
from lvmh_jax.io.hosts import ALONE, Hosts
from lvmh_jax.io.manifest import read_json, write_json
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import list_devices
from lvmh_jax.train.fit import EpochRecord, FitState, fit_encoder, start_fit
from lvmh_jax.train.mesh import Layout, make_layout
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
EPOCHS_BETWEEN = 10  # a save costs a third of an epoch of the demo

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
    return {"configuration": to_dict(settings), "inputs": dict(digests)}


def begin_run(part: Path, run: dict[str, Any], *, resumed: bool) -> None:
    """Writes what the run is, or compares it with what it was.

    Raises:
      ResumeRefusedError: a setting or an input differs; the message names it.
    """
    path = part / RUN
    never_began = not path.exists() and not (part / CHECKPOINTS).exists()
    if not resumed or never_began:
        write_json(path, run)
        return
    if not path.exists():
        raise InvalidInputError(f"{RUN} is missing", where=str(part), fix="train anew")
    different = _list_differences(read_json(path), run)
    if different:
        raise ResumeRefusedError(
            f"not the interrupted run's: {', '.join(different)}",
            where=str(part),
            fix="give the same options and inputs, or train anew without --resume",
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
) -> Trained:
    """Runs the epochs that are left, and keeps the best model.

    Args:
      examples: the same on all hosts.
      concepts: of the lexicon.
      settings: `train.seeds` says how many models are trained.
      part: the run's folder; None on a host that writes nothing.
      progress: of the epochs.
      hosts: that train together. What the leader restores goes to all.

    Raises:
      UsageError: the batch does not divide over the devices of several hosts.
      LvmhError: the loss is not a number.
    """
    train, given = settings.train, (examples, concepts, settings)
    layout = choose_layout(settings, progress, hosts)
    members = list_members(train)
    shown = int((~examples.held_A).sum()) * len(members)
    # Not a population of one: its program would differ, and so would the last bits of a model.
    if len(members) == 1:
        fit = _restore(part, start_fit(*given), progress, hosts)
        progress.start("epoch", train.epochs)
        fit = _run_epochs(fit_encoder(*given, fit, layout), fit, part, progress, shown)
        return Trained(_collect(fit, layout), train.seed, {})
    models = _restore(part, start_population(*given, members), progress, hosts)
    progress.start("epoch", train.epochs)
    epochs = fit_population(*given, models, members, layout)
    models = _run_epochs(epochs, models, part, progress, shown)
    best = models.best
    report = describe_population(models, members)
    return Trained(_collect(models.member(best), layout), members[best].seed, report)


def choose_layout(settings: Settings, progress: Progress, hosts: Hosts) -> Layout:
    """How the run uses the devices that are there; says where some stay idle.

    Raises:
      UsageError: the batch does not divide over the devices of several hosts.
    """
    devices, train = list_devices(), settings.train
    layout = make_layout(
        devices,
        train.batch_size,
        members=train.seeds,
        hosts=hosts.count,
        at_once=count_at_once(settings, devices[0].platform),
    )
    if layout.used < len(devices):
        progress.warn(
            f"{layout.used} of {len(devices)} devices work: a batch of {train.batch_size} rows "
            "divides over no more; give --batch-size a multiple of them"
        )
    return layout


def _run_epochs(
    epochs: Iterable[Fit], fit: Fit, part: Path | None, progress: Progress, shown: int
) -> Fit:
    saved = fit.done
    try:
        for fit in epochs:
            progress.advance(fit.done, **fit.figures, examples=float(shown * fit.done))
            if fit.done - saved >= EPOCHS_BETWEEN:
                saved = fit.done  # first, for a save that fails is not to be tried again below
                _save(part, fit)
    except BaseException:  # Ctrl-C, a loss that is no number, a host that is gone
        if fit.done > saved:
            _save(part, fit)
        raise
    finally:
        progress.stop()
    if fit.done > saved or not saved:
        _save(part, fit)
    return fit


def _collect(fit: FitState, layout: Layout) -> FitState:
    state, best_params = layout.collect((fit.state, fit.best_params))
    return FitState(state, best_params, fit.history)


def _tree(fit: FitState | Population) -> dict[str, Any]:
    return {"state": fit.state, "best": fit.best_params}


def _save(part: Path | None, fit: FitState | Population) -> None:
    if part is not None:
        extra = {"history": _to_json(fit.history)}
        save_checkpoint(part / CHECKPOINTS, fit.done, _tree(fit), extra, keep=1)


def _restore(part: Path | None, fit: Fit, progress: Progress, hosts: Hosts) -> Fit:
    """The fit as the leader finds it on its disk, or as it is given where there is none."""
    tree, history = _tree(fit), None
    restored = restore_checkpoint(part / CHECKPOINTS, tree) if part is not None else None
    if restored is not None:
        for warning in restored.warnings:
            progress.warn(warning)
        tree, history = restored.state, restored.extra["history"]
    history = json.loads(hosts.gather(json.dumps(history).encode())[0])
    if history is None:
        return fit
    tree = hosts.copy_from_leader(tree)
    fit = replace(fit, state=tree["state"], best_params=tree["best"], history=_from_json(history))
    progress.say(f"going on after epoch {fit.done}")
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
