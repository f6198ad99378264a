"""Where batches are worked on: in threads of this process, in other processes, or on a cluster.

A way of running is a row of `RUNNERS`. Whatever the way, a worker loads once what it works with,
and what was made of the batches comes back in their order: the results are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeAlias, TypeVar

from lvmh_jax.errors import UsageError, nearest_name
from lvmh_jax.io.pool import WorkerPool
from lvmh_jax.io.raypool import RayPool
from lvmh_jax.io.runtime import count_cores, sees_accelerator
from lvmh_jax.io.threads import map_in_order

Given = TypeVar("Given")
Made = TypeVar("Made")

# What loading has to say (warnings), and the function to work with. It is pickled for a worker.
Load: TypeAlias = Callable[[], tuple[list[str], Callable[[Given], Made]]]
Map: TypeAlias = Callable[[Iterable[Given]], Iterator[Made]]
# Opens workers as `open_runner` does; what has to end with them is left to the stack.
Runner: TypeAlias = Callable[
    [Load[Any, Any], int, int | None, ExitStack], tuple[list[str], Map[Any, Any]]
]

POOL = "pool"
RAY = "ray"

MANY_NOTES = 20_000  # from which on starting processes pays (docs/log.md)
MOST_BY_DEFAULT = 4  # each holds the model, half a gigabyte: who has the memory asks for more


def open_runner(
    load: Load[Given, Made],
    runner: str,
    workers: int | None,
    notes: int,
    stack: ExitStack,
    threads: int | None = None,
) -> tuple[list[str], Map[Given, Made]]:
    """Has workers ready.

    Args:
      load: called once in each worker.
      runner: a key of `RUNNERS`.
      workers: how many, 1 or more; None is what `choose_workers` says.
      notes: of the whole run, of which some may be done already.
      stack: leaving it ends them.
      threads: of a lone worker; None as many as pay where numpy and XLA do the work, 1 where
        Python itself does, one thread at a time.

    Returns: what the first worker had to say, and the map of its function over a stream of items,
      which is read no further than needed.

    Raises:
      UsageError: there is no such runner.
      Exception: what `load` raised.
    """
    if runner not in RUNNERS:
        raise UsageError(f"no runner named {runner!r}", fix=nearest_name(runner, RUNNERS))
    if workers is None:
        workers = choose_workers(notes) if runner == POOL else 1
    return RUNNERS[runner](load, workers, threads, stack)


def choose_workers(notes: int) -> int:
    """How many processes work on so many notes, where nobody said: of many one a core.

    On an accelerator one does: processes would have to share it.
    """
    if notes < MANY_NOTES or sees_accelerator():
        return 1
    return min(count_cores(), MOST_BY_DEFAULT)


def _open_pool(
    load: Load[Given, Made], workers: int, threads: int | None, stack: ExitStack
) -> tuple[list[str], Map[Given, Made]]:
    """Threads here for one worker, spawned processes for more."""
    if workers == 1:
        said, work = load()
        return said, partial(map_in_order, work, threads=threads)
    pool: WorkerPool[Given, Made] = stack.enter_context(WorkerPool(load, workers))
    return pool.said, pool.map


def _open_ray(
    load: Load[Given, Made], workers: int, _threads: int | None, stack: ExitStack
) -> tuple[list[str], Map[Given, Made]]:
    """Actors on a Ray cluster, on one of this machine where none runs."""
    pool: RayPool[Given, Made] = stack.enter_context(RayPool(load, workers))
    return pool.said, pool.map


RUNNERS: dict[str, Runner] = {POOL: _open_pool, RAY: _open_ray}
