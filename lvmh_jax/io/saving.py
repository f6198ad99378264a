"""Saves the state of a run while it goes on: when it is due, one at a time, in a thread.

The arrays of a state that training yielded are never donated, so they can be read while the next
steps run. A save that was begun ends, whatever happens to the run, unless the process is killed;
and that leaves the checkpoint before it (see `checkpoints`).
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from lvmh_jax.config import CheckpointSettings
from lvmh_jax.io.checkpoints import save_checkpoint
from lvmh_jax.io.runtime import hold_signals, read_clock


class Mark(NamedTuple):
    """How far a run has come: steps of the optimizer, and whole epochs."""

    step: int
    epochs: int


class CheckpointWriter:
    """Writes the checkpoints of one run; without a folder it writes none."""

    def __init__(self, folder: Path | None, settings: CheckpointSettings, begun: Mark) -> None:
        """Counts from where the run begins or goes on.

        Args:
          folder: of all checkpoints; None on a host that writes nothing.
          settings: when to save, and how many to keep.
          begun: what is saved already, or nothing to save.
        """
        self._folder, self._settings = folder, settings
        self._saved, self._saved_s = begun, read_clock()
        self._pool = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def is_due(self, now: Mark) -> bool:
        """Whether the settings ask for a save."""
        wanted = self._settings
        epochs, steps = now.epochs - self._saved.epochs, now.step - self._saved.step
        minutes = (read_clock() - self._saved_s) / 60
        return (
            0 < wanted.every_epochs <= epochs
            or 0 < wanted.every_steps <= steps
            or (0 < wanted.every_minutes <= minutes and steps > 0)
        )

    def begin(self, now: Mark, tree: Any, extra: dict[str, Any]) -> None:
        """Begins a save, once the one before it is done, unless this state is saved.

        Raises:
          OSError: the save before it failed.
        """
        self.wait()
        if self._folder is None or now == self._saved:
            return
        given = (self._folder, now.step, tree, extra, self._settings.keep)
        # An interrupt between these lines would count a state as saved that no thread has got.
        with hold_signals():
            # First, for a save that fails is not to be tried again.
            self._saved, self._saved_s = now, read_clock()
            self._under_way = self._pool.submit(save_checkpoint, *given)

    def wait(self) -> None:
        """Returns when what was begun is on disk.

        Raises:
          OSError: it could not be written.
        """
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def close(self) -> None:
        """Waits, and ends the thread."""
        try:
            self.wait()
        finally:
            self._pool.shutdown()
