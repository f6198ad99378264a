"""A connection to Ray: the cluster at RAY_ADDRESS, or one that is started here for a command."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

from lvmh_jax.errors import LvmhError, NotFoundError, UsageError, install_extra

ADDRESS = "RAY_ADDRESS"
CLIENT = "ray://"
ANSWER_S = 10.0
# Read when ray is imported. It would otherwise report its use to its makers, and print bars.
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    # It calls every actor pool of Ray Data an error: ray-project/ray#57733.
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}


def import_ray() -> Any:
    """The library, silent about its own use.

    Raises:
      UsageError: the extra is not installed.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    try:
        import ray
        import ray.data
    except ImportError:
        raise UsageError(
            "ray is not installed", fix=f"{install_extra('ray')}, or leave --runner out"
        ) from None
    _silence_data()
    return ray


def _silence_data() -> None:
    """Leaves its plans and times to the log of the session: they are no business of our stderr."""
    log = logging.getLogger("ray.data")
    for handler in [each for each in log.handlers if type(each) is not logging.FileHandler]:
        if isinstance(handler, logging.StreamHandler):
            log.removeHandler(handler)


@contextlib.contextmanager
def connect(workers: int) -> Iterator[Any]:
    """Ray, connected; what was connected or started here is left or ended.

    Args:
      workers: CPUs of a cluster that is started here. One at `RAY_ADDRESS` has its own, and a
        program that is connected already stays so.

    Yields:
      The module `ray`.

    Raises:
      UsageError: no extra, or an address of Ray Client.
      NotFoundError: nothing answers at `RAY_ADDRESS`.
      LvmhError: no cluster could be started.
    """
    address = os.environ.get(ADDRESS, "")
    if address.startswith(CLIENT):
        raise UsageError(
            "Ray Client cannot run this",
            where=ADDRESS,
            expected="HOST:6379 of a cluster, from a machine of it",
            fix="start the command there, for example with `ray job submit`",
        )
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    if address not in ("", "auto", "local"):
        _require_answer(address)
    with _same_sigterm(), _mute():
        _start(ray, address, workers)
    try:
        yield ray
    finally:
        with _same_sigterm():
            ray.shutdown()


def _require_answer(address: str) -> None:
    """Asks before Ray does, which would go on asking for minutes."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), ANSWER_S):
            pass
    except (OSError, ValueError, OverflowError) as error:
        raise _no_cluster(address, error) from error


def _no_cluster(address: str, error: Exception) -> NotFoundError:
    return NotFoundError(
        f"no Ray cluster answers ({type(error).__name__})",
        where=f"{ADDRESS}={address}",
        expected="HOST:6379, or auto",
    )


def _start(ray: Any, address: str, workers: int) -> None:
    quiet = {"logging_level": "ERROR", "log_to_driver": False}
    # Not "auto" by itself: it would also join the private cluster of another command.
    place = (
        {"address": address}
        if address
        else {"address": "local", "num_cpus": workers, "include_dashboard": False}
    )
    try:
        ray.init(**place, **quiet)
    except Exception as error:
        if address:
            raise _no_cluster(address, error) from error
        raise LvmhError(
            f"Ray did not start on this machine ({type(error).__name__})",
            fix="see /tmp/ray/session_latest/logs, or leave --runner out",
        ) from error


@contextlib.contextmanager
def _same_sigterm() -> Iterator[None]:
    """Keeps our handler: Ray puts one in its place that leaves without a word about --resume."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before if before is not None else signal.SIG_DFL)


@contextlib.contextmanager
def _mute() -> Iterator[None]:
    """Shuts stderr to the C++ of Ray, which tells there at what level it logs."""
    sys.stderr.flush()
    ours = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(ours, 2)
        os.close(ours)
        os.close(nowhere)
