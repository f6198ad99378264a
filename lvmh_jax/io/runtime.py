"""The environment of a run: its clock, its compile cache and its devices."""

from __future__ import annotations

import contextlib
import glob
import os
import platform
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from lvmh_jax.errors import UsageError

if TYPE_CHECKING:
    import jax

PACKAGES = ("lvmh-jax", "jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy", "scipy")
ACCELERATORS = ("/dev/nvidia[0-9]*", "/dev/dxg", "/dev/kfd", "/dev/accel*", "/dev/vfio/[0-9]*")
PLUGINS = (
    "jax_cuda12_plugin",
    "jax_cuda13_plugin",
    "jax_rocm60_plugin",
    "jax_rocm7_plugin",
    "libtpu",
)
QUOTA = Path("/sys/fs/cgroup/cpu.max")
CACHE_SWITCH = "LVMH_COMPILE_CACHE"  # a folder, or "off"


def read_clock() -> float:
    """Seconds of a clock that never goes back."""
    return time.monotonic()


class _Use:
    """Where jax was used first; a module's only state, for a fork copies it as it does jax's."""

    process = 0


def allow_jax() -> None:
    """Is called before jax is used, at first or again; costs a comparison.

    Raises:
      UsageError: the process was forked from one that used jax. A fork copies the locks of its
        threads but not them, so whatever is computed would wait for ever.
    """
    here = os.getpid()
    if here != (_Use.process or here):
        raise UsageError(
            "this process was forked after JAX was used",
            expected="a process that was spawned, as multiprocessing.get_context('spawn') does",
            fix="multiprocessing.set_start_method('spawn') does so for all, or load the model in "
            "the forked processes alone",
        )
    _Use.process = here


def list_devices() -> list[jax.Device]:
    """The devices of all hosts, in one order on every host.

    Raises:
      UsageError: there is none of the kind that JAX_PLATFORMS asks for.
    """
    import jax

    try:
        return jax.devices()
    # jax asserts that some backend came up; a name that it does not know is a RuntimeError.
    except (AssertionError, RuntimeError) as error:
        wanted = os.environ.get("JAX_PLATFORMS", "")
        if not wanted:
            raise
        raise UsageError(
            f"no device for JAX_PLATFORMS={wanted}",
            fix="unset it, or install jax for that device: pip install 'jax[cuda]' or 'jax[tpu]'",
        ) from error


def cache_folder() -> Path | None:
    """Where compiled programs are kept between runs; None when switched off."""
    chosen = os.environ.get(CACHE_SWITCH, "")
    if chosen.lower() == "off":
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "lvmh-jax" / "xla"


def enable_compile_cache() -> None:
    """Lets jax keep compiled programs; a cache that cannot be written is done without."""
    import jax

    # Of trainings that start together one reads what another is writing, and compiles instead.
    warnings.filterwarnings(
        "ignore", message="Error (reading|writing) persistent compilation cache"
    )
    # The user's own, or the tests'.
    if getattr(jax.config, "jax_compilation_cache_dir", None):
        return
    folder = cache_folder()
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@contextlib.contextmanager
def stop_on_sigterm() -> Iterator[None]:
    """Lets SIGTERM end a run as Ctrl-C does: what was learnt is saved first.

    It is what a scheduler sends before it takes a machine away. Outside the main thread, where
    signals are not ours, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def hold_signals() -> Iterator[None]:
    """Lets Ctrl-C and SIGTERM wait for the end of what must not stop halfway.

    One that has no handler of Python's, as SIGTERM outside `stop_on_sigterm`, ends the process as
    before. Outside the main thread, where signals never arrive, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    try:
        # Each is given back whatever happens: the first that comes then may raise.
        with contextlib.ExitStack() as stack:
            for number in (signal.SIGINT, signal.SIGTERM):
                before = signal.getsignal(number)
                if callable(before):
                    stack.callback(signal.signal, number, before)
                    signal.signal(number, lambda number, frame: held.append(number))
            yield
    finally:
        if held:
            signal.raise_signal(held[0])


def count_cores() -> int:
    """CPU cores that this process may use, by its affinity and the quota of its container."""
    is_linux = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if is_linux else os.cpu_count() or 1
    try:
        quota, period = QUOTA.read_text().split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return cores


def sees_accelerator() -> bool:
    """Whether jax will find a GPU or a TPU, without asking it: it would take its memory."""
    hiding = {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    if any(os.environ.get(name) == value for name, value in hiding.items()):
        return False
    return any(map(find_spec, PLUGINS)) and any(map(glob.glob, ACCELERATORS))


def read_version() -> str:
    """Of this package; empty in a checkout that is not installed."""
    try:
        return version("lvmh-jax")
    except PackageNotFoundError:
        return ""


def describe_runtime() -> dict[str, object]:
    """Versions, backend and devices, for `metadata.json`."""
    import jax

    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            continue
    return {
        "package_versions": versions,
        "backend": jax.default_backend(),
        "devices": [device.device_kind for device in jax.devices()],
    }
