"""The processes of a distributed run: how they meet, what they exchange, how they end.

Process 0 leads: it alone writes, decides and prints. The others train along and wait for it.

    leader fails     tells its exit code; the others leave with it, wherever they are
    another fails    tells why, after a moment in which the leader's failure may turn out the cause;
                     the leader says so, saves what it has and leaves
    one is killed    jax notices a closed connection at once, a silent one after 100 s, and ends all

Nothing here is imported by a run of one process but `Hosts` itself.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, TypeVar

from lvmh_jax.data.exchange import Alone
from lvmh_jax.errors import LvmhError, UsageError

ENVIRONMENT = ("JAX_COORDINATOR_ADDRESS", "JAX_NUM_PROCESSES", "JAX_PROCESS_ID")
OUTCOME, FAILED, LEFT, SIZE = (f"lvmh_jax/{key}" for key in ("outcome", "failed", "left", "size"))
TICK_MS = 500  # between looks for a failure while waiting for a key
GRACE_S = 10  # for the leader to tell of a failure that is the cause of ours
LEAVING_S = 5  # for the others to leave before the leader does
DONE = "0"
GONE, RESUME = "another process is gone", "go on with --resume last and the same options"
LOST = ("UNKNOWN: Gloo", "INTERNAL: NCCL", "UNAVAILABLE", "ABORTED", "CANCELLED")
Tree = TypeVar("Tree")


class Hosts(Alone):
    """One process alone."""

    @property
    def leads(self) -> bool:
        """Whether this process writes and prints."""
        return self.index == 0

    def copy_from_leader(self, tree: Tree) -> Tree:
        """The leader's arrays, on every process; all give arrays of the same shapes."""
        return tree

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Encloses a run: no process outlives a failure of another."""
        yield


ALONE = Hosts()


class JoinedHosts(Hosts):
    """One process of several, after `join_hosts`."""

    def __init__(self, index: int, count: int, client: Any) -> None:
        self.index, self.count = index, count
        self._client = client
        self._calls = 0
        self._released = threading.Event()

    def gather(self, part: bytes) -> list[bytes]:
        """The parts of all processes, in their order; all have to call it.

        Raises:
          LvmhError: on the leader, where another process has failed; with its exit code.
        """
        import numpy as np
        from jax.experimental import multihost_utils

        # The sizes go by the coordinator, where a process that has failed can tell so; in a
        # collective call the others would wait for it.
        self._calls += 1
        key = f"{SIZE}/{self._calls}"
        self._client.key_value_set(f"{key}/{self.index}", str(len(part)))
        sizes = [int(self._wait(f"{key}/{index}")) for index in range(self.count)]
        padded = np.zeros(max(*sizes, 1), np.uint8)
        padded[: len(part)] = np.frombuffer(part, np.uint8)
        parts = multihost_utils.process_allgather(padded)
        return [parts[index, :size].tobytes() for index, size in enumerate(sizes)]

    def copy_from_leader(self, tree: Tree) -> Tree:
        """The leader's arrays as numpy's, on every process; all give arrays of the same shapes."""
        from jax.experimental import multihost_utils

        copied: Tree = multihost_utils.broadcast_one_to_all(tree)
        return copied

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Encloses a run: no process outlives a failure of another, and all end at once.

        Raises:
          LvmhError: on the leader, where another process has failed; with its exit code.
        """
        import jax

        if not self.leads:
            threading.Thread(target=self._follow, daemon=True).start()
        try:
            yield
        except BaseException as error:
            cause = self._find_cause(error)
            # At exit jax would wait for the others, which wait for us in the middle of a step.
            atexit.register(_leave, _exit_code(cause))
            if cause is error:
                raise
            raise cause from error
        if self.leads:
            self._client.key_value_set(OUTCOME, DONE)
        else:
            self._released.wait()
        jax.distributed.shutdown()

    def _find_cause(self, error: BaseException) -> BaseException:
        """Tells the others of a failure; on the leader it may turn out to be one of theirs."""
        if self.leads:
            cause = self._failure() or (LvmhError(GONE, fix=RESUME) if _is_lost(error) else error)
            self._client.key_value_set(OUTCOME, str(_exit_code(cause)))
            self._wait_for_leaving()
            return cause
        # A failure of the leader breaks our connection too: then `_follow` ends this process.
        time.sleep(GRACE_S)
        told = str(error) if isinstance(error, LvmhError) else type(error).__name__
        self._client.key_value_set(f"{FAILED}/{self.index}", f"{_exit_code(error)} {told}")
        return error

    def _follow(self) -> None:
        """Waits for the leader's outcome; a failure ends this process, even within a step."""
        outcome = self._wait(OUTCOME)
        if outcome != DONE:
            self._client.key_value_set(f"{LEFT}/{self.index}", "")
            _leave(int(outcome))
        self._released.set()

    def _wait(self, key: str) -> str:
        """The value of a key, once there is one."""
        import jax

        while True:
            try:
                return str(self._client.blocking_key_value_get(key, TICK_MS))
            except jax.errors.JaxRuntimeError as error:
                if "DEADLINE_EXCEEDED" not in str(error):
                    raise
            failure = self._failure() if self.leads else None
            if failure is not None:
                raise failure

    def _failure(self) -> LvmhError | None:
        """What the first of the other processes that failed told."""
        for key, told in sorted(self._client.key_value_dir_get(FAILED)):
            code, _, text = told.partition(" ")
            failure = LvmhError(f"process {key.rpartition('/')[2]} failed: {text}")
            failure.exit_code = int(code)
            return failure
        return None

    def _wait_for_leaving(self) -> None:
        """Gives the others time to leave: the coordinator they talk to ends with this process."""
        until_s = time.monotonic() + LEAVING_S
        while time.monotonic() < until_s:
            gone = len(self._client.key_value_dir_get(LEFT))
            gone += len(self._client.key_value_dir_get(FAILED))
            if gone >= self.count - 1:
                return
            time.sleep(0.05)


def join_hosts() -> JoinedHosts:
    """Meets the other processes of the run; before anything else is asked of jax.

    The environment says who they are: that of SLURM, GKE, Cloud TPU or Open MPI, as jax reads it,
    or `ENVIRONMENT`.

    Raises:
      UsageError: the environment names no other processes, or not in numbers.
      LvmhError: they did not come.
    """
    import jax

    _, count, index = (os.environ.get(name, "") for name in ENVIRONMENT)
    # Its notifier swallows SIGTERM, which then stops nobody.
    jax.config.update("jax_enable_preemption_service", False)
    try:
        jax.distributed.initialize(
            num_processes=int(count) if count else None,
            process_id=int(index) if index else None,
        )
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"--distributed, and the environment does not say with whom ({error})",
            fix=f"start it by SLURM, on GKE or Cloud TPU, or set {', '.join(ENVIRONMENT)}",
        ) from None
    except RuntimeError as error:
        raise LvmhError(f"the processes of the run did not meet ({_first_line(error)})") from None
    _silence_stdout()
    return JoinedHosts(jax.process_index(), jax.process_count(), _client())


def _client() -> Any:
    """The coordinator's store of keys. Orbax reaches for it too: jax has no public door to it."""
    from jax._src import distributed

    return distributed.global_state.client


def _silence_stdout() -> None:
    """Keeps stdout for results: Gloo prints there, from C++, that it is connected."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    sys.stdout = ours


def _exit_code(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return 130
    return error.exit_code if isinstance(error, LvmhError) else 1


def _is_lost(error: BaseException) -> bool:
    """Whether it is jax's way to say that a connection broke; the status comes first."""
    return isinstance(error, RuntimeError | ValueError) and str(error).startswith(LOST)


def _leave(code: int) -> None:
    """Ends the process without the farewell that would wait for the others."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
