"""Python's cycle collector, where it would look again and again at what stays anyway."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator

# Objects made since the last search for cycles. Libraries and notes are a million objects that
# stay, and at Python's 700 a short training spends a twentieth of its time in looking through them.
GARBAGE = 50_000


def relax_collector() -> None:
    """Has it look around less often, for the life of a process."""
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])


def spare_loaded() -> None:
    """Takes what there is out of its sight: a look at a model and its libraries takes .1 s."""
    gc.freeze()


@contextlib.contextmanager
def pause_collector() -> Iterator[None]:
    """Leaves it out of work that makes millions of objects and no cycle.

    It looks through all of them again and again: a fifth of the time of reading 100,000 concepts.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
