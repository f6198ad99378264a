"""What the machine has, and signals that wait."""

from __future__ import annotations

import os
import signal
import threading
import warnings
from pathlib import Path

import pytest

from lvmh_jax.io import runtime
from lvmh_jax.io.runtime import count_cores, hold_signals, sees_accelerator


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("max 100000", 8), ("400000 100000", 4), ("1600000 100000", 8), ("50000 100000", 1), ("", 8)],
)
def test_cores_are_those_that_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, quota: str, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(runtime, "QUOTA", tmp_path / "cpu.max")
    assert count_cores() == 8  # no such file
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    assert count_cores() == cores


def test_what_jax_says_of_its_cache_is_no_warning_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("jax.config.update", lambda *_: None)
    monkeypatch.setenv(runtime.CACHE_SWITCH, str(tmp_path))
    runtime.enable_compile_cache()
    warnings.warn("Error reading persistent compilation cache entry for 'jit_x'", stacklevel=1)
    with pytest.warns(UserWarning, match="another"):
        warnings.warn("another", stacklevel=1)


def test_without_affinity_all_cores_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    monkeypatch.setattr(runtime, "QUOTA", tmp_path / "cpu.max")
    assert count_cores() == 3


def test_an_accelerator_is_seen_by_its_file_unless_jax_may_not_use_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("JAX_PLATFORMS", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(runtime, "PLUGINS", ("nowhere_to_be_found",))
    (tmp_path / "nvidia1").touch()
    assert not sees_accelerator()
    (tmp_path / "nvidia1").unlink()
    monkeypatch.setattr(runtime, "PLUGINS", ("nowhere_to_be_found", "jax"))
    monkeypatch.setattr(runtime, "ACCELERATORS", (f"{tmp_path}/nvidia[0-9]*",))
    (tmp_path / "nvidiactl").touch()
    assert not sees_accelerator()
    (tmp_path / "nvidia0").touch()
    assert sees_accelerator()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not sees_accelerator()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
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


def test_a_signal_that_was_held_is_not_lost_with_an_error() -> None:
    def fail() -> None:
        with hold_signals():
            signal.raise_signal(signal.SIGINT)
            raise OSError

    with pytest.raises(KeyboardInterrupt):
        fail()


def test_handlers_come_back_although_the_first_that_does_raises() -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    real, before = signal.signal, signal.signal(signal.SIGTERM, interrupt)
    ours = signal.getsignal(signal.SIGINT)

    def restore(number: int, handler: object) -> object:
        result = real(number, handler)
        if handler is interrupt:
            signal.raise_signal(number)  # as one that comes the moment it is given back
        return result

    try:
        signal.signal = restore
        with pytest.raises(KeyboardInterrupt), hold_signals():
            pass
        assert signal.getsignal(signal.SIGINT) is ours
    finally:
        signal.signal = real
        signal.signal(signal.SIGTERM, before)


def test_outside_the_main_thread_no_signal_is_touched() -> None:
    handlers = []

    def work() -> None:
        with hold_signals():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
