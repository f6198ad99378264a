"""Training states on disk, by Orbax, proven by sha256 before they are used.

    checkpoints/12/state/         Orbax
    checkpoints/12/contents.json  step, shape and dtype of each leaf, and the caller's `extra`
    checkpoints/12.json           manifest of the folder above, written last: without it, no step

Orbax alone restores a flipped bit without a word, lists a step whose metadata a power loss emptied,
and casts to the dtype of the target. So a step counts once its manifest is there, and is restored
only when every byte and every leaf agree.

Of the processes of a distributed run one saves and restores, alone, states that it holds whole; so
they are those of a run on any number of processes and devices.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import jax
import numpy as np

from lvmh_jax.config import SCHEMA_VERSION
from lvmh_jax.errors import InvalidInputError, ResumeRefusedError
from lvmh_jax.io import manifest
from lvmh_jax.io.runtime import hold_signals

if TYPE_CHECKING:
    import orbax.checkpoint as ocp

PyTree: TypeAlias = Any

STATE = "state"
CONTENTS = "contents.json"
SPARE_BYTES = 1 << 20  # files of Orbax's besides the arrays, a block each at least
_SYSTEM = re.compile(r"os_error_code='(\d+)'")


class Restored(NamedTuple):
    """A checkpoint that was restored.

    Attributes:
      step: the step that was saved.
      state: of the structure, shapes, dtypes and shardings of the target.
      extra: what the caller saved beside the state.
      warnings: a line for each newer step that could not be used.
    """

    step: int
    state: PyTree
    extra: dict[str, Any]
    warnings: list[str]


def save_checkpoint(
    folder: Path, step: int, state: PyTree, extra: dict[str, Any], keep: int = 2
) -> None:
    """Saves a state and returns when it is on disk, whole; Ctrl-C counts after that.

    Steps from `step` on are replaced: they belong to a branch that a resumed run has left.

    Args:
      folder: of all checkpoints of a run; made when it is not there.
      step: 0 or more.
      state: arrays and numbers; Orbax cannot save an array without elements.
      extra: JSON values, as the history and the best figures.
      keep: newest steps that stay, at least 1.

    Raises:
      OSError: it cannot be written, as on a full disk.
    """
    if keep < 1 or step < 0:
        raise ValueError(f"keep is {keep} and step is {step}: expected at least 1 and 0")
    with hold_signals():  # Ctrl-C would leave Orbax halfway, which then fails the exit too
        _save(folder.resolve(), step, state, extra, keep)  # Orbax takes absolute paths only


def _save(folder: Path, step: int, state: PyTree, extra: dict[str, Any], keep: int) -> None:
    for old in _steps(folder, whole=False):
        if old >= step:
            _drop(folder, old)
    target = folder / str(step)
    target.mkdir(parents=True)
    state = jax.tree.map(_plain, state)
    _require_space(target, state)
    with _as_system_error(), _quiet(), _open_orbax() as checkpointer:
        checkpointer.save(target / STATE, state)
        checkpointer.wait_until_finished()
    contents = {
        "schema_version": SCHEMA_VERSION,
        "step": step,
        "leaves": _describe_leaves(state),
        "extra": extra,
    }
    manifest.write_json(target / CONTENTS, contents)
    manifest.write_json(folder / f"{step}.json", manifest.make_manifest(target, any_suffix=True))
    whole = _steps(folder, whole=True)
    for old in _steps(folder, whole=False):
        if old not in whole[-keep:]:
            _drop(folder, old)


def _require_space(folder: Path, state: PyTree) -> None:
    """Raises OSError before Orbax would: its threads print a traceback each."""
    size = sum(getattr(leaf, "nbytes", 8) for leaf in jax.tree.leaves(state))
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextlib.contextmanager
def _as_system_error() -> Iterator[None]:
    """Turns what tensorstore says of a failed write, a ValueError, into the system's own error."""
    try:
        yield
    except ValueError as error:
        if found := _SYSTEM.search(str(error)):
            raise OSError(int(found[1]), os.strerror(int(found[1]))) from error
        raise


def restore_checkpoint(folder: Path, target: PyTree) -> Restored | None:
    """Restores the newest step that is whole; None where no step was ever finished.

    Args:
      folder: of all checkpoints of a run.
      target: the state of a run that starts, or its `jax.ShapeDtypeStruct`s.

    Raises:
      InvalidInputError: there are steps, and all are broken.
      ResumeRefusedError: the newest sound step is of another model than the target.
    """
    folder = folder.resolve()
    warnings: list[str] = []
    for step in reversed(_steps(folder, whole=True)):
        try:
            entries = manifest.read_entries(folder / f"{step}.json")
            manifest.check_files(folder / str(step), entries, any_suffix=True)
            contents = manifest.read_json(folder / str(step) / CONTENTS)
        except (InvalidInputError, OSError) as error:
            warnings.append(f"checkpoint of step {step} is broken and not used: {error}")
            continue
        state = _restore_state(folder / str(step), contents["leaves"], target)
        return Restored(step, state, contents["extra"], warnings)
    if warnings:
        raise InvalidInputError(
            f"no checkpoint can be restored ({warnings[0]})",
            where=str(folder),
            fix="delete this folder to start the run from step 0",
        )
    return None


def latest_step(folder: Path) -> int | None:
    """The newest step whose save was finished; its bytes are proven by `restore_checkpoint`."""
    return max(_steps(folder, whole=True), default=None)


def _restore_state(folder: Path, leaves: dict[str, Any], target: PyTree) -> PyTree:
    target = jax.tree.map(_plain, target)
    # Compared here, for Orbax would cast a dtype silently, and report a shape in forty lines.
    wanted = _describe_leaves(target)
    for name in sorted(leaves.keys() | wanted.keys()):
        if leaves.get(name) != wanted.get(name):
            raise ResumeRefusedError(
                f"the checkpoint has {leaves.get(name, 'nothing')} at {name}",
                where=str(folder),
                expected=str(wanted.get(name, "nothing")),
                fix="resume with the options and data of that run, or start a new one",
            )
    with _quiet(), _open_orbax() as checkpointer:
        # An abstract target, for without one a state cannot move to other devices.
        abstract = jax.tree.map(import_orbax().utils.to_shape_dtype_struct, target)
        return checkpointer.restore(folder / STATE, abstract)


def _describe_leaves(state: PyTree) -> dict[str, str]:
    """Path of each leaf to its dtype and shape, as `float32[3, 4]`."""
    found = {}
    for path, leaf in jax.tree_util.tree_leaves_with_path(state):
        dtype = leaf.dtype if hasattr(leaf, "dtype") else np.asarray(leaf).dtype
        found[jax.tree_util.keystr(path)] = f"{dtype}{list(np.shape(leaf))}"
    return found


def _plain(leaf: PyTree) -> PyTree:
    """What Orbax takes: no NumPy scalars, and of several processes' arrays this one's copy."""
    is_shared = isinstance(leaf, jax.Array) and jax.process_count() > 1
    return np.asarray(leaf) if isinstance(leaf, np.generic) or is_shared else leaf


def import_orbax() -> Any:
    """Orbax, imported where it is used: half a second that a run has to spare while it trains."""
    import orbax.checkpoint as ocp

    return ocp


def _open_orbax() -> ocp.StandardCheckpointer:
    """An Orbax checkpointer that waits for no other process: they do not save."""
    ocp = import_orbax()
    if jax.process_count() == 1:
        return ocp.StandardCheckpointer()
    me = jax.process_index()
    alone = ocp.options.MultiprocessingOptions(
        primary_host=me, active_processes={me}, barrier_sync_key_prefix=f"process_{me}"
    )
    return ocp.StandardCheckpointer(multiprocessing_options=alone)


def _steps(folder: Path, *, whole: bool) -> list[int]:
    """Steps in ascending order: those with a manifest, or every one with anything on disk."""
    if not folder.is_dir():
        return []
    names = {path.stem if path.suffix == ".json" else path.name for path in folder.iterdir()}
    steps = sorted(int(name) for name in names if name.isascii() and name.isdigit())
    return [step for step in steps if not whole or (folder / f"{step}.json").is_file()]


def _drop(folder: Path, step: int) -> None:
    # The manifest first: a crash in between leaves a step that does not count.
    (folder / f"{step}.json").unlink(missing_ok=True)
    shutil.rmtree(folder / str(step), ignore_errors=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keeps Orbax's remarks for its developers off the user's terminal."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
