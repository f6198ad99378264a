"""Numbers for strings, in the order in which they first appear."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


class Numbers(dict[str, int]):
    """Gives each new key the next number when it is looked up."""

    def __missing__(self, key: str) -> int:
        number = self[key] = len(self)
        return number


def number_keys(keys: Iterable[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different keys in order of appearance, and which of them each is; int64.

    >>> number_keys(["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    numbers = Numbers()
    number_N = np.fromiter(map(numbers.__getitem__, keys), np.int64)
    return list(numbers), number_N
