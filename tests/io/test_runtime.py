"""What the machine has, and signals that wait."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from lvmh_jax.io import runtime
from lvmh_jax.io.runtime import count_cores, hold_signals, sees_accelerator


def test_cores_are_those_that_this_process_may_use() -> None:
    before = os.sched_getaffinity(0)
    assert count_cores() == len(before)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert count_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_an_accelerator_is_seen_by_its_file_unless_jax_may_not_use_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAX_PLATFORMS", raising=False)
    monkeypatch.setattr(runtime, "ACCELERATORS", (f"{tmp_path}/nvidia[0-9]*",))
    (tmp_path / "nvidiactl").touch()
    assert not sees_accelerator()
    (tmp_path / "nvidia0").touch()
    assert sees_accelerator()
    monkeypatch.setenv("JAX_PLATFORMS", "cpu")
    assert not sees_accelerator()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_held_signal_comes_when_what_it_waited_for_is_done(number: signal.Signals) -> None:
    done: list[str] = []

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    def work() -> None:
        with hold_signals():
            signal.raise_signal(number)
            done.append("all of it")

    before = signal.signal(number, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
        assert done
        assert signal.getsignal(number) is interrupt
    finally:
        signal.signal(number, before)


def test_outside_the_main_thread_no_signal_is_touched() -> None:
    handlers = []

    def work() -> None:
        with hold_signals():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
