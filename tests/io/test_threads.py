"""Threads change neither the order nor the errors of what they work on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from lvmh_jax.io.threads import map_in_order


def test_results_come_in_the_order_of_the_items() -> None:
    def wait(turn: int) -> int:
        time.sleep(0.02 if turn % 2 == 0 else 0.0)  # odd ones overtake the even ones before them
        return turn

    assert list(map_in_order(wait, range(12), threads=3)) == list(range(12))


def test_items_are_worked_on_at_once() -> None:
    both = threading.Barrier(2, timeout=10)
    assert sorted(map_in_order(lambda _: both.wait(), range(2), threads=2)) == [0, 1]


def test_one_thread_is_the_callers() -> None:
    assert set(map_in_order(lambda _: threading.get_ident(), range(3), threads=1)) == {
        threading.get_ident()
    }


def test_a_stream_is_read_no_further_than_needed() -> None:
    read: list[int] = []

    def stream() -> Iterator[int]:
        for item in range(100):
            read.append(item)
            yield item

    results = map_in_order(str, stream(), threads=3)
    assert next(results) == "0"
    assert len(read) <= 4
    results.close()  # type: ignore[attr-defined]


def test_an_error_comes_in_its_turn_and_ends_the_work() -> None:
    begun: list[int] = []

    def refuse(turn: int) -> int:
        begun.append(turn)
        if turn == 2:
            raise ValueError("two")
        return turn

    results = map_in_order(refuse, range(1000), threads=2)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert len(begun) < 10
