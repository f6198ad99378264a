"""Numbers for strings, in the order in which they first appear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count

import numpy as np
from numpy.typing import NDArray


def begin_numbers(*first: str) -> defaultdict[str, int]:
    """Gives a new key the next number when it is looked up.

    Args:
      first: have the first numbers.
    """
    numbered = {key: number for number, key in enumerate(first)}
    return defaultdict(count(len(first)).__next__, numbered)


def number_keys(keys: Iterable[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The different keys in order of appearance, and which of them each is; int64.

    >>> number_keys(["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    numbers = begin_numbers()
    number_N = np.fromiter(map(numbers.__getitem__, keys), np.int64)
    return list(numbers), number_N
