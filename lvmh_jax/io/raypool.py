"""Workers on a Ray cluster that work on a stream in order, as those of `io.pool` do on one machine.

The stream is Ray Data's: a source of numbers, and a pool of actors that map each number to what
was made of its item. The items themselves wait in an actor beside the driver, the feed, until
their result has arrived here. Hence:

- memory is bounded: the feed holds a few items a worker, whatever the length of the stream;
- each item counts once: results are taken in the order of their numbers, which the driver checks;
  when a worker is lost, the stream begins anew at the first number whose result is not here, and
  the feed still has its item;
- any notes file will do, read and checked once, by the reader of every other command. Workers
  need the model folder, not the notes. The driver reads far faster than many workers detect.

Nothing of an item is in a log: what a worker raises comes back as a value, never through Ray.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar
from uuid import uuid4

from lvmh_jax.errors import LvmhError
from lvmh_jax.io.pool import AHEAD, WorkerTraceback, portable
from lvmh_jax.io.raycluster import connect, import_ray
from lvmh_jax.io.runtime import read_version

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST_FAILURES = 3  # without a result between them
LOAD_S = 600.0  # until a worker has loaded: a cluster may have to start a machine for it
FEWER = "there may not be enough memory: try fewer --workers, or see `ray status`"


class RayPool(Generic[Given, Made]):
    """Workers of a Ray cluster; use it as a context, which ends them however it is left.

    Args:
      load: called once in each worker; returns what it has to say (warnings) and the function to
        work with. It is pickled, as are items and results.
      workers: how many actors at most, each with a CPU; while machines are missing there are fewer.

    Raises:
      Exception: what `load` raised.
      UsageError, NotFoundError: no extra `ray`, or no cluster at RAY_ADDRESS.
      LvmhError: no worker could load, or workers have another version of this package.

    Attributes:
      said: what a worker had to say.
      repeated: how many items were begun more than once, known when `map` has ended.
    """

    def __init__(
        self, load: Callable[[], tuple[list[str], Callable[[Given], Made]]], workers: int
    ) -> None:
        self._stack = ExitStack()
        self._workers, self.repeated = workers, 0
        try:
            self._ray = self._stack.enter_context(connect(workers))
            # Bytes, for a worker has to set its environment before it imports what they name.
            self._load = Loading(os.getcwd(), self._ray.cloudpickle.dumps(load))
            self.said: list[str] = self._try_out()
        except BaseException:
            self.close()
            raise

    def map(self, items: Iterable[Given]) -> Iterator[Made]:
        """Yields the function of each item in the order of the items, whoever is free working.

        Args:
          items: read no further than needed: a bounded number is under way.

        Raises:
          Exception: what the function raised, of the same type.
          LvmhError: the cluster failed, or did not return each item once.
        """
        name = uuid4().hex
        feed = self._ray.remote(_Feed).options(name=name, **self._beside_driver()).remote()
        numbered, ended = enumerate(items), False
        given = due = 0
        answers = self._read_answers(name)
        try:
            while True:
                while not ended and given - due < AHEAD * self._workers:
                    item = next(numbered, None)
                    ended = item is None
                    if item is None:
                        feed.end.remote(given)
                    else:
                        feed.put.remote(item[0], pickle.dumps(item[1]))
                        given += 1
                answer = next(answers, None)
                if answer is None:
                    break
                feed.drop.remote(due)
                due += 1
                yield _unpack(pickle.loads(answer))
            _require_number(due, given if ended else -1)
            self.repeated = self._ray.get(feed.count_repeated.remote())
        finally:
            answers.close()
            self._ray.kill(feed)

    def close(self) -> None:
        """Ends the workers, and the cluster if it was started here."""
        self._stack.close()

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
        self.close()

    def _try_out(self) -> list[str]:
        """Loads once on the cluster, so that what is wrong is told before a note is read."""
        from ray.exceptions import RayError

        task = self._ray.remote(_load_once).options(num_cpus=1, max_retries=1)
        try:
            answer = self._ray.get(task.remote(self._load), timeout=LOAD_S)
        except RayError as error:
            raise _explain(error) from error
        said, version = _unpack(answer)
        if version != read_version():
            raise LvmhError(
                f"workers have lvmh-jax {version or 'of no version'}, this is {read_version()}",
                fix="install the same one on every machine of the cluster",
            )
        return said

    def _read_answers(self, feed: str) -> Generator[bytes]:
        """What the cluster makes of the items of a feed, in order, whatever it loses meanwhile.

        Raises:
          LvmhError: it failed again and again over the same item.
        """
        from ray.exceptions import RayError

        due = failures = 0
        while True:
            try:
                for number, answer in self._open_stream(feed, due):
                    _require_number(number, due)
                    due, failures = due + 1, 0
                    yield answer
                return
            except RayError as error:
                failures += 1
                if failures == MOST_FAILURES:
                    raise _explain(error) from error

    def _open_stream(self, feed: str, first: int) -> Iterator[tuple[int, bytes]]:
        """Number and answer of each item from `first` on."""
        data = self._ray.data
        context = data.DataContext.get_current().copy()
        context.enable_progress_bars = False
        context.execution_options.preserve_order = True
        # A row is a block: with the 128 MiB that blocks have else, results would wait for others.
        context.target_max_block_size = 1
        with data.DataContext.current(context), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of `max_restarts`, see the range in setup.cfg
            numbers = data.read_datasource(
                _make_source(feed, first), override_num_blocks=1, **self._beside_driver()
            )
            made = numbers.map_batches(
                _Worker,
                fn_constructor_args=(feed, self._load),
                batch_size=None,
                batch_format="pyarrow",
                num_cpus=1,
                # Ray would have its items wait until it finds a place to start again, and there may
                # be none: the loss ends the stream, which then begins anew with who is there.
                max_restarts=0,
                compute=data.ActorPoolStrategy(
                    min_size=1, max_size=self._workers, initial_size=self._workers
                ),
            )
        blocks = made.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
        return (
            (number, answer)
            for block in (block.to_pydict() for block in blocks)
            for number, answer in zip(block["number"], block["answer"], strict=True)
        )

    def _beside_driver(self) -> dict[str, Any]:
        here = self._ray.get_runtime_context().get_node_id()
        return {"num_cpus": 0, "label_selector": {"ray.io/node-id": here}}


def _explain(error: Exception) -> LvmhError:
    """A failure of the cluster by its kind: Ray's words may hold what its workers said."""
    from ray.exceptions import GetTimeoutError

    cause = getattr(error, "cause", None) or error
    if isinstance(error, GetTimeoutError):
        return LvmhError(
            f"no worker of the Ray cluster was ready within {LOAD_S:.0f} s",
            fix="see `ray status`: is a CPU free?",
        )
    if isinstance(cause, ModuleNotFoundError):
        return LvmhError(
            f"workers of the Ray cluster have no module {cause.name}",
            fix="install the same lvmh-jax on every machine of the cluster",
        )
    return LvmhError(f"the Ray cluster failed ({type(cause).__name__})", fix=FEWER)


class _Feed:
    """Items that have been given out and whose results have not arrived yet."""

    def __init__(self) -> None:
        self._items: dict[int, bytes] = {}
        self._begun: set[int] = set()
        self._dropped = self._repeated = 0
        self._total: int | None = None
        self._change = asyncio.Condition()

    async def put(self, number: int, item: bytes) -> None:
        async with self._change:
            self._items[number] = item
            self._change.notify_all()

    async def end(self, total: int) -> None:
        """Says how many there are: this may arrive before the last of them do."""
        async with self._change:
            self._total = total
            self._change.notify_all()

    async def has(self, number: int) -> bool:
        """Waits until an item is there, or has been; False where the stream ends before it."""
        async with self._change:
            await self._change.wait_for(lambda: self._knows(number) or number == self._total)
            return self._knows(number)

    async def take(self, number: int) -> bytes | None:
        """An item, or None where its result has arrived: nobody waits for another."""
        self._repeated += number in self._begun
        self._begun.add(number)
        return self._items.get(number)

    async def drop(self, number: int) -> None:
        self._items.pop(number, None)
        self._begun.discard(number)
        self._dropped = number + 1

    async def count_repeated(self) -> int:
        return self._repeated

    def _knows(self, number: int) -> bool:
        return number in self._items or number < self._dropped


def _make_source(feed: str, first: int) -> Any:
    """The numbers of a feed as a source of Ray Data, one a block, as they become known.

    A source whose process was lost gives the same numbers again.
    """
    import pyarrow as pa
    from ray.data.block import BlockMetadata
    from ray.data.datasource import Datasource, ReadTask

    def read() -> Iterator[Any]:
        ray = import_ray()
        number, has = first, ray.get_actor(feed).has
        while ray.get(has.remote(number)):
            yield pa.table({"number": [number]})
            number += 1

    class Numbers(Datasource):
        def estimate_inmemory_data_size(self) -> int | None:
            return None

        def get_read_tasks(self, parallelism: int, *args: Any, **options: Any) -> list[Any]:
            unknown = BlockMetadata(
                num_rows=None, size_bytes=None, input_files=None, exec_stats=None
            )
            return [ReadTask(read, unknown)]

    return Numbers()


class Loading(NamedTuple):
    """How a worker loads: relative paths are those of the driver, on a disk that both see."""

    folder: str
    load: bytes


class _Worker:
    """An actor: loads once, then answers number by number."""

    def __init__(self, feed: str, load: Loading) -> None:
        # By name: Ray warns of actors that hold a handle and may be started again.
        self._ray = import_ray()
        self._feed = self._ray.get_actor(feed)
        self._loaded = _answer(_unpickle_and_load, load)

    def __call__(self, table: Any) -> Any:
        import pyarrow as pa

        (number,) = table.column("number").to_pylist()
        item = self._ray.get(self._feed.take.remote(number))
        answer = self._loaded
        if answer[0]:
            _, function = answer[1]
            answer = (True, None) if item is None else _answer(_apply, function, item)
        made = pa.array([pickle.dumps(answer)], pa.large_binary())
        return pa.table({"number": pa.array([number], pa.int64()), "answer": made})


def _load_once(load: Loading) -> tuple[Any, ...]:
    return _answer(lambda: (_unpickle_and_load(load)[0], read_version()))


def _unpickle_and_load(load: Loading) -> tuple[list[str], Callable[[Any], Any]]:
    # Read when jax is imported, which unpickling does.
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"):
        os.environ.setdefault(name, "1")
    with contextlib.suppress(OSError):  # not there: what is read will say so
        os.chdir(load.folder)
    result: tuple[list[str], Callable[[Any], Any]] = pickle.loads(load.load)()
    return result


def _apply(function: Callable[[Any], Any], item: bytes) -> Any:
    return function(pickle.loads(item))


def _answer(action: Callable[..., Any], *given: Any) -> tuple[Any, ...]:
    """(True, what an action returned), or (False, what it raised, where)."""
    try:
        return True, action(*given)
    except Exception as error:
        return False, portable(error), "".join(traceback.format_exception(error))


def _unpack(answer: tuple[Any, ...]) -> Any:
    is_well, *rest = answer
    if not is_well:
        raise rest[0] from WorkerTraceback(rest[1])
    return rest[0]


def _require_number(number: int, due: int) -> None:
    if number != due:
        raise LvmhError(
            f"the Ray cluster returned batch {number} where {due} was due",
            fix="run again; please report this",
        )
