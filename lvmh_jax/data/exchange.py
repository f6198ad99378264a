"""Work that several processes do in parts, and what they tell each other of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")


class Peers(Protocol):
    """The processes of a run, seen from one of them. `gather` is called by all or by none."""

    @property
    def index(self) -> int:
        """This process, from 0."""

    @property
    def count(self) -> int:
        """All processes."""

    def gather(self, part: bytes) -> list[bytes]:
        """The parts of all processes, in their order."""


class Alone:
    """One process, which has nobody to tell."""

    index: int = 0
    count: int = 1

    def gather(self, part: bytes) -> list[bytes]:
        """Its own part."""
        return [part]


ALONE = Alone()


def own_part(items: Sequence[T], peers: Peers) -> Sequence[T]:
    """The run of items that is this process's to work on; together the parts are all, in order."""
    first, last = (len(items) * place // peers.count for place in (peers.index, peers.index + 1))
    return items[first:last]


def gather_counts(counts: Sequence[int], peers: Peers) -> list[NDArray[np.int64]]:
    """The numbers of all processes, one array each."""
    parts = peers.gather(np.array(counts, "<i8").tobytes())
    return [np.frombuffer(part, "<i8").astype(np.int64) for part in parts]


def gather_items(
    items: Sequence[T], peers: Peers, pack: Callable[[T], Any], unpack: Callable[[Any], T]
) -> list[T]:
    """The items of all processes, in order; `pack` makes JSON values of them.

    One process gets its own back, unpacked by nobody.
    """
    if peers.count == 1:
        return list(items)
    parts = peers.gather(json.dumps([pack(item) for item in items]).encode())
    return [unpack(each) for part in parts for each in json.loads(part)]
