"""A few batches at once, in threads: what a batch spends in numpy, scipy and XLA holds no lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from lvmh_jax.io.runtime import count_cores

# Each batch under way holds its own arrays, and Python's own share runs one thread at a time.
MOST_THREADS = 4

Given = TypeVar("Given")
Made = TypeVar("Made")


def map_in_order(
    function: Callable[[Given], Made], items: Iterable[Given], threads: int | None = None
) -> Iterator[Made]:
    """Yields `function(item)` in the order of the items, a few of them worked on at once.

    Args:
      function: thread-safe; what it raises is raised here, in its turn.
      items: read no further than needed, so that they may be a stream.
      threads: None is a thread a core, four at most; of one, the work is done in the caller's.

    >>> list(map_in_order(abs, [-2, 1, -3]))
    [2, 1, 3]
    """
    threads = threads or min(count_cores(), MOST_THREADS)
    if threads == 1:
        yield from map(function, items)
        return
    pool = ThreadPoolExecutor(threads)
    under_way: deque[Future[Made]] = deque()
    try:
        for item in items:
            under_way.append(pool.submit(function, item))
            if len(under_way) >= threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        # After a failure or Ctrl-C nothing further begins; what runs ends within a batch.
        pool.shutdown(cancel_futures=True)
