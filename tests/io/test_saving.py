"""Saves happen when the settings ask, one at a time, and their failures are told."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
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


def test_a_host_that_writes_nothing_saves_nothing(saves: list[int]) -> None:
    writer = CheckpointWriter(None, NEVER, NOTHING)
    writer.begin(Mark(1, 1), {}, {})
    writer.close()
    assert saves == []
