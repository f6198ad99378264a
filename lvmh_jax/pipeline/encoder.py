"""Trains the encoder of a run: epochs, progress, checkpoints, and going on after a stop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lvmh_jax.config import Settings, to_dict
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import InvalidInputError, ResumeRefusedError
from lvmh_jax.io.checkpoints import restore_checkpoint, save_checkpoint
from lvmh_jax.io.manifest import read_json, write_json
from lvmh_jax.io.progress import Progress
from lvmh_jax.train.fit import EpochRecord, FitState, fit_encoder, start_fit

RUN = "run.json"
CHECKPOINTS = "checkpoints"
EPOCHS_BETWEEN = 10  # a save costs a third of an epoch of the demo


def describe_run(settings: Settings, digests: Mapping[str, str]) -> dict[str, Any]:
    """What has to be the same for a run to go on."""
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
    before, now = _flat(read_json(path)), _flat(run)
    different = [key for key in sorted(before | now) if before.get(key) != now.get(key)]
    if different:
        raise ResumeRefusedError(
            f"not the interrupted run's: {', '.join(different)}",
            where=str(part),
            fix="give the same options and inputs, or train anew without --resume",
        )


def train_encoder(
    examples: Examples, concepts: int, settings: Settings, part: Path, progress: Progress
) -> FitState:
    """Runs the epochs that are left, and returns the fit with its best parameters."""
    fit = _restore(part, start_fit(examples, concepts, settings), progress)
    progress.start("epoch", settings.train.epochs)
    shown = int((~examples.held_A).sum())
    saved = len(fit.history)
    try:
        for state in fit_encoder(examples, concepts, settings, fit):
            fit = state
            last, done = fit.history[-1], len(fit.history)
            progress.advance(
                done, loss=last.loss, accuracy=last.accuracy, examples=float(shown * done)
            )
            if done - saved >= EPOCHS_BETWEEN:
                _save(part, fit)
                saved = done
    except KeyboardInterrupt:
        _save(part, fit)
        raise
    finally:
        progress.stop()
    if len(fit.history) > saved or not saved:
        _save(part, fit)
    return fit


def _tree(fit: FitState) -> dict[str, Any]:
    return {"state": fit.state, "best": fit.best_params}


def _save(part: Path, fit: FitState) -> None:
    history = [asdict(record) for record in fit.history]
    save_checkpoint(part / CHECKPOINTS, len(history), _tree(fit), {"history": history}, keep=1)


def _restore(part: Path, fit: FitState, progress: Progress) -> FitState:
    restored = restore_checkpoint(part / CHECKPOINTS, _tree(fit))
    if restored is None:
        return fit
    for warning in restored.warnings:
        progress.warn(warning)
    history = tuple(EpochRecord(**record) for record in restored.extra["history"])
    progress.say(f"going on after epoch {len(history)}")
    return FitState(restored.state["state"], restored.state["best"], history)


def _flat(value: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(value, Mapping):
        return {prefix: value}
    flat: dict[str, object] = {}
    for key, each in value.items():
        flat |= _flat(each, f"{prefix}.{key}" if prefix else str(key))
    return flat
