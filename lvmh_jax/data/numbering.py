"""Numbers strings in the order of their first appearance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import count

import numpy as np
from numpy.typing import NDArray


def begin_numbers(*first: str) -> defaultdict[str, int]:
    """Creates a dict that gives a new key the next number on look-up.

    Args:
      first: keys with the first numbers.
    """
    numbered = {key: number for number, key in enumerate(first)}
    return defaultdict(count(len(first)).__next__, numbered)


def number_keys(keys: Iterable[str]) -> tuple[list[str], NDArray[np.int64]]:
    """Numbers keys: the distinct keys in order of appearance, and the int64 number of each key.

    >>> number_keys(["b", "a", "b"])
    (['b', 'a'], array([0, 1, 0]))
    """
    numbers = begin_numbers()
    number_N = np.fromiter(map(numbers.__getitem__, keys), np.int64)
    return list(numbers), number_N
