"""Saves happen when the settings ask, one at a time, and their failures are told."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from lvmh_jax.config import CheckpointSettings
from lvmh_jax.io import saving
from lvmh_jax.io.saving import CheckpointWriter, Mark

NEVER = CheckpointSettings(every_epochs=0)
NOTHING = Mark(-1, 0)


@pytest.fixture
def saves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps that were written, in the order in which their saves ended."""
    steps: list[int] = []

    def save(folder: Path, step: int, tree: Any, extra: Any, keep: int) -> None:
        steps.append(step)

    monkeypatch.setattr(saving, "save_checkpoint", save)
    return steps


@pytest.mark.parametrize(
    ("settings", "now", "expected"),
    [
        (NEVER, Mark(1000, 50), False),
        (replace(NEVER, every_epochs=10), Mark(90, 9), False),
        (replace(NEVER, every_epochs=10), Mark(100, 10), True),
        (replace(NEVER, every_steps=7), Mark(6, 0), False),
        (replace(NEVER, every_steps=7), Mark(7, 0), True),
        (replace(NEVER, every_minutes=1e-9), Mark(1, 0), True),
        (replace(NEVER, every_minutes=1e-9), Mark(0, 0), False),  # nothing new to save
        (replace(NEVER, every_minutes=60), Mark(5, 0), False),
    ],
)
def test_a_save_is_due_by_epochs_steps_or_minutes(
    tmp_path: Path, settings: CheckpointSettings, now: Mark, expected: bool
) -> None:
    writer = CheckpointWriter(tmp_path, settings, Mark(0, 0))
    assert writer.is_due(now) is expected
    writer.close()


def test_what_is_saved_is_counted_from_and_not_saved_again(
    tmp_path: Path, saves: list[int]
) -> None:
    writer = CheckpointWriter(tmp_path, replace(NEVER, every_steps=5), NOTHING)
    writer.begin(Mark(5, 1), {}, {})
    assert not writer.is_due(Mark(9, 1))
    assert writer.is_due(Mark(10, 1))
    writer.begin(Mark(5, 1), {}, {})
    writer.close()
    assert saves == [5]


def test_training_goes_on_while_a_state_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, ended = threading.Event(), []

    def save(folder: Path, step: int, tree: Any, extra: Any, keep: int) -> None:
        assert may_end.wait(10)
        ended.append(step)

    monkeypatch.setattr(saving, "save_checkpoint", save)
    writer = CheckpointWriter(tmp_path, NEVER, NOTHING)
    writer.begin(Mark(1, 0), {}, {})
    assert ended == []  # `begin` has returned
    may_end.set()
    writer.begin(Mark(2, 0), {}, {})  # waits for the first
    assert ended[0] == 1
    writer.close()
    assert ended == [1, 2]


def test_a_save_that_failed_is_told_at_the_next_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "save_checkpoint", fail)
    writer = CheckpointWriter(tmp_path, NEVER, NOTHING)
    writer.begin(Mark(1, 0), {}, {})
    with pytest.raises(OSError, match="No space left"):
        writer.close()


def press_at_line(wanted: int, writer: CheckpointWriter) -> bool:
    """Begins a save with Ctrl-C at one of the lines that this runs; False where it has fewer."""
    lines, before = count(1), sys.gettrace()

    def trace(frame: FrameType, event: str, given: Any) -> Any:
        if event == "line" and next(lines) == wanted:
            signal.raise_signal(signal.SIGINT)
        return trace

    sys.settrace(trace)
    try:
        writer.begin(Mark(5, 1), {}, {})
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return next(lines) > wanted


def test_ctrl_c_at_any_line_of_its_begin_loses_no_save(tmp_path: Path, saves: list[int]) -> None:
    handler = signal.getsignal(signal.SIGINT)
    for line in count(1):
        writer = CheckpointWriter(tmp_path, NEVER, NOTHING)
        try:
            was_pressed = press_at_line(line, writer)
            writer.begin(Mark(5, 1), {}, {})  # as a run does that ends
        finally:
            writer.close()
        assert signal.getsignal(signal.SIGINT) is handler, f"Ctrl-C at line {line}"
        assert saves == [5], f"Ctrl-C at line {line}"
        if not was_pressed:
            break
        saves.clear()
    assert line > len(saves)


def test_a_host_that_writes_nothing_saves_nothing(saves: list[int]) -> None:
    writer = CheckpointWriter(None, NEVER, NOTHING)
    writer.begin(Mark(1, 1), {}, {})
    writer.close()
    assert saves == []
