"""A few processes that map a function over a stream, in order; each loads its model once.

Processes are spawned, never forked: jax has threads, and a fork copies their locks without them.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from lvmh_jax.errors import LvmhError
from lvmh_jax.io.collector import relax_collector, spare_loaded
from lvmh_jax.io.runtime import count_cores

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 4  # results per worker that may wait for the one that is due, if a batch is slow
# Consecutive items that a worker gets: neighbouring notes are alike, so what was looked up for one
# is cached for the next (docs/log.md).
IN_A_ROW = 4
CLOSE_S = 5.0


class WorkerPool(Generic[Given, Made]):
    """Worker processes; use it as a context manager, which always ends them.

    Args:
      load: called once in each worker; returns its warnings and the function to map. It is pickled,
        as are items and results.
      workers: number of processes.

    Raises:
      Exception: what `load` raised in the first worker that failed.

    Attributes:
      said: the warnings of the first worker.
    """

    def __init__(
        self, load: Callable[[], tuple[list[str], Callable[[Given], Made]]], workers: int
    ) -> None:
        self._processes: list[Any] = []
        self._pipes: list[Connection] = []
        try:
            with _without_interrupts():
                for _ in range(workers):
                    self._start(max(1, count_cores() // workers))
            for pipe in self._pipes:
                _send(pipe, load)
            answers: list[list[str]] = [_receive(pipe) for pipe in self._pipes]
        except BaseException:
            self.close(kill=True)
            raise
        self.said = answers[0]

    def map(self, items: Iterable[Given]) -> Iterator[Made]:
        """Yields the function's result for each item, in the order of the items.

        Args:
          items: read lazily: a bounded number of them is in progress at once.

        Raises:
          Exception: what the function raised, of the same type.
          LvmhError: a worker process ended.
        """
        shares = _Shares(items, len(self._pipes))
        idle, turn_of = dict(enumerate(self._pipes)), dict[Connection, tuple[int, int]]()
        made: dict[int, Made] = {}
        due = 0
        while True:
            # A worker gets its next item once it is idle, so neither pipe can fill up.
            for worker, pipe in list(idle.items()):
                if item := shares.take(worker, AHEAD * len(self._pipes) + due):
                    turn_of[idle.pop(worker)] = worker, item[0]
                    _send(pipe, item[1])
            if due in made:
                yield made.pop(due)
                due += 1
            elif turn_of:
                ready = set(wait(list(turn_of)))
                for pipe in [pipe for pipe in turn_of if pipe in ready]:
                    worker, place = turn_of.pop(pipe)
                    made[place] = _receive(pipe)
                    idle[worker] = pipe
            else:
                return

    def close(self, *, kill: bool = False) -> None:
        """Ends the workers; with `kill`, those still at work are terminated at once."""
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            if kill:
                process.terminate()
        for process in self._processes:
            process.join(CLOSE_S)
            if process.is_alive():
                process.kill()
                process.join()

    def __enter__(self) -> Self:
        """See the class."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the workers."""
        self.close(kill=error is not None)

    def _start(self, threads: int) -> None:
        spawn = get_context("spawn")
        ours, theirs = spawn.Pipe()
        self._pipes.append(ours)
        process = spawn.Process(target=_serve, args=(theirs, threads), daemon=True)
        process.start()
        self._processes.append(process)
        theirs.close()  # only the worker then has its end, so its death is an end of file for us


class _Shares(Generic[Given]):
    """Deals the items of a stream, with their places, to workers."""

    def __init__(self, items: Iterable[Given], workers: int) -> None:
        self._numbered = enumerate(items)
        self._own: list[deque[tuple[int, Given]]] = [deque() for _ in range(workers)]
        self._read = 0

    def take(self, worker: int, most: int) -> tuple[int, Given] | None:
        """The next item for a worker, or another worker's last if it may take none of the stream.

        Args:
          worker: number of an idle worker.
          most: number of items up to which the stream may be read.

        Returns: place and item; None if there is none now.
        """
        own = self._own[worker]
        if not own:
            own.extend(islice(self._numbered, max(0, min(IN_A_ROW, most - self._read))))
            self._read += len(own)
        if own:
            return own.popleft()
        fullest = max(self._own, key=len)
        return fullest.pop() if fullest else None


def _serve(pipe: Connection, threads: int) -> None:
    """A worker process: loads, then answers item by item until the pipe is closed."""
    # Set before numpy and jax are imported, which receiving `load` does. Otherwise each worker
    # would have a thread per core, and reserve most of an accelerator's memory.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ.setdefault(name, str(threads))
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    relax_collector()
    try:
        load: Callable[[], tuple[list[str], Callable[[Any], Any]]] = _hear(pipe)
        said, function = load()
        spare_loaded()
        _tell(pipe, (True, said))
        while True:
            _tell(pipe, (True, function(_hear(pipe))))
    except _NobodyThere:
        # Nothing is left to write, and an orderly exit of the loaded libraries takes .2 s.
        os._exit(0)
    except Exception as error:
        with contextlib.suppress(_NobodyThere):
            _tell(pipe, (False, portable(error), "".join(traceback.format_exception(error))))


class _NobodyThere(Exception):
    """The other end of a worker's pipe is closed: no more items, or the parent has ended."""


def _hear(pipe: Connection) -> Any:
    try:
        return pipe.recv()
    except (EOFError, OSError) as error:
        raise _NobodyThere from error


def _tell(pipe: Connection, answer: object) -> None:
    try:
        pipe.send(answer)
    except OSError as error:
        raise _NobodyThere from error


def portable(error: Exception) -> Exception:
    """The error itself, or one with the name of its type if it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(type(error).__name__)
    return error


class WorkerTraceback(Exception):
    """Where in a worker an error was raised, for `--debug`."""


def _send(pipe: Connection, item: object) -> None:
    # If the worker has ended, `_receive` reports it.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.send(item)


def _receive(pipe: Connection) -> Any:
    """The next answer of a worker; raises what it raised, or LvmhError where it has ended."""
    try:
        is_well, *answer = pipe.recv()
    except (EOFError, ConnectionResetError):
        raise LvmhError(
            "a worker process ended before its work was done",
            fix="there may not be enough memory: try fewer --workers",
        ) from None
    if not is_well:
        raise answer[0] from WorkerTraceback(answer[1])
    return answer[0]


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started within never see Ctrl-C; only the parent does, and it ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # The first spawn would start it, and it would unblock interrupts again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
