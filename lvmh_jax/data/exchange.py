"""Exchange of partial results between the processes of a run."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Peers(Protocol):
    """The processes of a run, seen from one of them. `gather` must be called by all or by none."""

    @property
    def index(self) -> int:
        """Index of this process, from 0."""

    @property
    def count(self) -> int:
        """Number of processes."""

    def gather(self, part: bytes) -> list[bytes]:
        """Collects the parts of all processes, in their order."""


class Alone:
    """A single process, with nothing to exchange."""

    index: int = 0
    count: int = 1

    def gather(self, part: bytes) -> list[bytes]:
        """Returns its own part."""
        return [part]


ALONE = Alone()


def own_part(items: Sequence[T], peers: Peers) -> Sequence[T]:
    """The run of items that this process handles; the parts of all processes are all items."""
    first, last = (len(items) * place // peers.count for place in (peers.index, peers.index + 1))
    return items[first:last]


def gather_counts(counts: Sequence[int], peers: Peers) -> list[NDArray[np.int64]]:
    """Collects the numbers of all processes; one int64 array each."""
    parts = peers.gather(np.array(counts, "<i8").tobytes())
    return [np.frombuffer(part, "<i8").astype(np.int64) for part in parts]


def gather_items(
    items: Sequence[T], peers: Peers, pack: Callable[[T], Any], unpack: Callable[[Any], T]
) -> list[T]:
    """Collects the items of all processes, in order; `pack` converts an item to a JSON value.

    A single process returns its items unchanged.
    """
    if peers.count == 1:
        return list(items)
    parts = peers.gather(json.dumps([pack(item) for item in items]).encode())
    return [unpack(each) for part in parts for each in json.loads(part)]
