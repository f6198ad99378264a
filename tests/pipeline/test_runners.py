"""Where batches are worked on changes nothing of what is made of them."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from lvmh_jax.errors import UsageError
from lvmh_jax.pipeline import runners
from lvmh_jax.pipeline.detect import Choice, count_threads
from lvmh_jax.pipeline.runners import (
    MANY_NOTES,
    MOST_BY_DEFAULT,
    POOL,
    choose_workers,
    open_runner,
)
from tests.pipeline.workshop import run


def load_pairs() -> tuple[list[str], object]:
    """Tells once, and pairs each item with the process that had it."""
    return ["loaded"], pair


def pair(item: int) -> tuple[int, int]:
    return item, os.getpid()


def worked_on(workers: int) -> tuple[list[str], list[tuple[int, int]]]:
    with ExitStack() as stack:
        said, work = open_runner(load_pairs, POOL, workers, 0, stack)
        return said, list(work(iter(range(20))))


def test_one_worker_is_this_process_and_two_are_others() -> None:
    said, pairs = worked_on(1)
    assert said == ["loaded"]
    assert pairs == [(item, os.getpid()) for item in range(20)]
    said, pairs = worked_on(2)
    assert said == ["loaded"]
    assert [item for item, _ in pairs] == list(range(20))
    others = {process for _, process in pairs}
    assert os.getpid() not in others
    for process in others:  # leaving the stack ended them
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.parametrize(
    ("notes", "cores", "has_accelerator", "expected"),
    [
        (MANY_NOTES, 2, False, 2),
        (MANY_NOTES, 64, False, MOST_BY_DEFAULT),
        (MANY_NOTES, 1, False, 1),
        (MANY_NOTES - 1, 2, False, 1),
        (10 * MANY_NOTES, 64, True, 1),
    ],
)
def test_many_notes_have_a_process_a_core(
    monkeypatch: pytest.MonkeyPatch,
    notes: int,
    cores: int,
    has_accelerator: bool,
    expected: int,
) -> None:
    monkeypatch.setattr(runners, "count_cores", lambda: cores)
    monkeypatch.setattr(runners, "sees_accelerator", lambda: has_accelerator)
    assert choose_workers(notes) == expected
    opened: list[tuple[int, int | None]] = []
    row = lambda load, *given: opened.append(given[:2]) or ([], map)  # noqa: E731
    monkeypatch.setitem(runners.RUNNERS, POOL, row)
    with ExitStack() as stack:
        open_runner(load_pairs, POOL, None, notes, stack)
        open_runner(load_pairs, POOL, 7, notes, stack, threads=1)
    assert opened == [(expected, None), (7, 1)]


def test_looking_up_has_one_thread() -> None:
    looking_up = Choice(Path("m"), dictionary_only=True)
    assert (count_threads(Choice(Path("m"))), count_threads(looking_up)) == (None, 1)


def test_the_threads_of_a_lone_worker_are_those_that_were_asked_for() -> None:
    def load() -> tuple[list[str], object]:
        return [], lambda _: threading.get_ident()

    with ExitStack() as stack:
        _, alone = open_runner(load, POOL, 1, 0, stack, threads=1)
        assert set(alone(range(3))) == {threading.get_ident()}


def test_help_tells_the_default() -> None:
    told = run("detect", "--help").stdout
    assert f"from {MANY_NOTES:,} notes on" in " ".join(told.split())
    assert f"at most {MOST_BY_DEFAULT}" in " ".join(told.split())


def test_an_unknown_runner_is_told_with_the_known_ones() -> None:
    with ExitStack() as stack, pytest.raises(UsageError, match=r"'pol'; did you mean 'pool'\?"):
        open_runner(load_pairs, "pol", 1, 0, stack)
