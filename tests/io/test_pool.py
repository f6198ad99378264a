"""Processes change neither the order nor the errors of what they work on, and none is left over."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from typing import Any

import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError
from lvmh_jax.io.collector import GARBAGE
from lvmh_jax.io.pool import AHEAD, IN_A_ROW, WorkerPool, _Shares
from lvmh_jax.records import Note
from tests.conftest import REPOSITORY

Work = tuple[list[str], Callable[[Any], Any]]


class Unsendable(Exception):
    """Cannot be made from its message alone, as unpickling would."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first)


def wait(turn: int) -> int:
    time.sleep(0.05 if turn % 2 == 0 else 0.0)  # odd ones overtake the even ones before them
    return turn


def tell_process(turn: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def tell_collector(turn: int) -> tuple[int, bool]:
    return gc.get_threshold()[0], gc.get_freeze_count() > 0


def fail(turn: int) -> int:
    if turn == 1:
        raise InvalidInputError("broken", where="n.csv:3", fix="mend it")
    if turn == 2:
        raise Unsendable("a note's text", "")
    if turn == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return turn


def load(function: Callable[[Any], Any]) -> Work:
    return ["loaded"], function


def refuse_to_load() -> Work:
    raise InvalidInputError("no model", where="m")


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool[int, int]]:
    with WorkerPool(partial(load, wait), 2) as pool:
        yield pool


def test_results_come_in_the_order_of_the_items(pool: WorkerPool[int, int]) -> None:
    assert pool.said == ["loaded"]
    assert list(pool.map(range(20))) == list(range(20))
    assert list(pool.map([])) == []


def test_a_stream_is_read_no_further_than_needed(pool: WorkerPool[int, int]) -> None:
    read: list[int] = []

    def stream() -> Iterator[int]:
        for item in range(100):
            read.append(item)
            yield item

    results = pool.map(stream())
    assert next(results) == 0
    time.sleep(0.3)
    assert next(results) == 1
    assert len(read) <= 2 * AHEAD + 2
    assert list(results) == list(range(2, 100))


def test_neighbours_are_of_one_worker() -> None:
    shares = _Shares("abcdefghijkl", 2)
    first, second = ([shares.take(worker, 12) for _ in range(IN_A_ROW)] for worker in (0, 1))
    assert first == [*enumerate("abcdefghijkl")][:IN_A_ROW]
    assert second == [*enumerate("abcdefghijkl")][IN_A_ROW : 2 * IN_A_ROW]


@pytest.mark.parametrize("items", [0, 1, IN_A_ROW, IN_A_ROW + 1, 3 * IN_A_ROW + 2])
def test_who_is_done_takes_the_last_of_another(items: int) -> None:
    shares = _Shares(range(items), 2)
    first = shares.take(0, items)  # and works on it until all else is done
    others = list(iter(lambda: shares.take(1, items), None))
    assert {first, *others} - {None} == {(place, place) for place in range(items)}
    assert len(others) == max(items - 1, 0)
    own = others[: max(items - IN_A_ROW, 0)]
    assert own == sorted(own)
    assert others[len(own) :] == sorted(others[len(own) :], reverse=True)


def test_no_more_is_read_for_a_worker_than_may_be() -> None:
    shares = _Shares(iter(range(9)), 2)
    assert [shares.take(0, 2) for _ in range(3)] == [(0, 0), (1, 1), None]
    assert shares.take(1, 3) == (2, 2)
    assert [shares.take(0, 5) for _ in range(3)] == [(3, 3), (4, 4), None]


def test_items_are_worked_on_in_other_processes_at_once() -> None:
    with WorkerPool(partial(load, tell_process), 2) as pool:
        pids = set(pool.map(range(8)))
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert not any(is_alive(pid) for pid in pids)


@pytest.mark.parametrize(
    ("turn", "kind", "message"),
    [
        (1, InvalidInputError, "n.csv:3: broken; mend it"),
        (2, RuntimeError, "^Unsendable$"),  # and nothing of what it said
        (3, LvmhError, "a worker process ended.*fewer --workers"),
    ],
)
def test_an_error_of_a_worker_is_raised_here(
    turn: int, kind: type[Exception], message: str
) -> None:
    pool: WorkerPool[int, int] = WorkerPool(partial(load, fail), 1)
    with pytest.raises(kind, match=message) as raised, pool:
        list(pool.map([0, turn]))
    assert type(raised.value) is kind
    assert not any(process.is_alive() for process in pool._processes)


def test_what_cannot_be_loaded_is_told_before_any_work() -> None:
    with pytest.raises(InvalidInputError, match="m: no model"):
        WorkerPool(refuse_to_load, 2)


SCRIPT = """
import sys, time
from functools import partial
from lvmh_jax.io.pool import WorkerPool
from tests.io.test_pool import load, tell_process
pool = WorkerPool(partial(load, tell_process), 2)
print(*{pid for pid in pool.map(range(8))}, flush=True)
with pool:
    for _ in pool.map(iter(int, 1)):
        pass
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_workers_end_with_their_parent(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    if number == signal.SIGINT:
        os.killpg(parent.pid, number)  # as a terminal does: to all of them
    else:
        parent.kill()
    _, said = parent.communicate(timeout=30)
    # The parent's own; a worker that was interrupted would add another.
    assert said.count("Traceback") == (number == signal.SIGINT)
    deadline = time.monotonic() + 10
    while any(map(is_alive, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, pids))


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody waited for has ended all the same."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_workers_do_not_search_what_they_loaded_for_garbage() -> None:
    with WorkerPool(partial(load, tell_collector), 1) as pool:
        assert list(pool.map([0])) == [(GARBAGE, True)]


def test_a_note_is_sent_whole() -> None:
    note = Note("n", "c", "navy", "EN", "2026-01-08", "3", "long")
    assert pickle.loads(pickle.dumps(note)) == note
    assert len(fields(Note)) == len(note.__reduce__()[1])
