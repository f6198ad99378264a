"""Ends a run over many notes, by Ctrl-C in this process or by SIGKILL in another."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from lvmh_jax.io import progress as progress_module
from tests.conftest import REPOSITORY
from tests.generators import NOTES, write_notes
from tests.pipeline.workshop import Shop

# Times the 60 notes of the shop: one part, and a rest that takes longer than a kill.
MANY = 220
CHARACTERS = 80  # of each, that are soon worked on


class Interrupted:
    """Ends a run with Ctrl-C when a batch is behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
        self.left = batch
        advance = progress_module.Progress.advance

        def count(told: Any, done: int, **figures: float) -> None:
            advance(told, done, **figures)
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt

        monkeypatch.setattr(progress_module.Progress, "advance", count)


def write_many(shop: Shop, root: Path, name: str) -> Path:
    """The beginnings of the shop's notes many times over, each with an id of its own."""
    rows = parquet.read_table(shop.root / NOTES).to_pylist()
    many = [
        {**row, "note_id": f"{row['note_id']}_{turn}", "text": row["text"][:CHARACTERS]}
        for turn in range(MANY)
        for row in rows
    ]
    return write_notes(root, many, name)


def kill_behind_a_part(words: tuple[str | Path, ...], parts: Path) -> None:
    """Runs a command in a process of its own, and kills it when its first part is finished."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lvmh_jax", *map(str, words)],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (parts / "run.json").exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
