"""Sorting and grouping of integers, the hot spots of detection.

Rows of several columns are packed into one integer, which numpy sorts many times faster than
columns. The sort is stable (timsort), because the data of detection has long sorted runs. Sorting
with vector instructions is no faster on it, and four times slower on AMD's Zen 4 (docs/log.md).
`group_equal` gets unsorted data and uses the default sort.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
MOST_BITS = 63


class Groups(NamedTuple):
    """Groups of equal keys.

    Attributes:
      sample_U: int64 first row of each distinct key, in key order.
      group_N: int64 group of each row, an index into `sample_U`.
    """

    sample_U: Ints
    group_N: Ints


def sort_by(*column_N: Ints) -> Ints:
    """Stable order by several columns, the first one most significant; int64.

    Args:
      column_N: int64 columns without negative values.

    >>> sort_by(np.array([1, 0, 1]), np.array([5, 9, 2])).tolist()
    [1, 2, 0]
    """
    key_N = _pack(column_N)
    if key_N is None:
        return np.lexsort(column_N[::-1])
    return np.argsort(key_N, kind="stable")


def group_equal(key_N: NDArray[Any]) -> Groups:
    """Groups rows by key, like `np.unique` with `return_index` and `return_inverse`.

    Args:
      key_N: integers of any dtype.

    >>> group_equal(np.array([7, 5, 7]))
    Groups(sample_U=array([1, 0]), group_N=array([1, 0, 1]))
    """
    order = np.argsort(key_N)
    sorted_N = key_N[order]
    new_N = np.ones(len(order), bool)
    new_N[1:] = sorted_N[1:] != sorted_N[:-1]
    head_U = np.flatnonzero(new_N)
    group_N = np.empty(len(order), np.int64)
    group_N[order] = np.cumsum(new_N) - 1
    # The sort is not stable, and the row that represents a group must not depend on the machine.
    sample_U = np.minimum.reduceat(order, head_U) if len(order) else order
    return Groups(sample_U, group_N)


def sort_and_group(*column_N: Ints) -> tuple[Ints, Ints]:
    """Order by several columns as in `sort_by`, and the starts of runs of equal rows in it.

    >>> order, heads = sort_and_group(np.array([1, 0, 1]), np.array([5, 9, 5]))
    >>> order.tolist(), heads.tolist()
    ([1, 0, 2], [0, 1])
    """
    key_N = _pack(column_N)
    if key_N is None:
        order = np.lexsort(column_N[::-1])
        return order, find_heads(*(each[order] for each in column_N))
    order = np.argsort(key_N, kind="stable")
    return order, find_heads(key_N[order])


def _pack(column_N: Sequence[Ints]) -> Ints | None:
    """Packs rows of several columns into one order-preserving integer; None if it is too large."""
    widths = [int(each.max(initial=0)) + 1 for each in column_N]
    if math.prod(widths) > 1 << MOST_BITS:
        return None
    key_N = column_N[0]
    for each, width in zip(column_N[1:], widths[1:], strict=True):
        key_N = key_N * width + each
    return key_N


def find_heads(*key_N: NDArray[Any]) -> Ints:
    """Starts of runs of equal keys; int64.

    >>> find_heads(np.array([4, 4, 7, 4]), np.array([1, 1, 1, 1])).tolist()
    [0, 2, 3]
    """
    new_N = np.zeros(len(key_N[0]), bool)
    new_N[:1] = True
    for each in key_N:
        new_N[1:] |= each[1:] != each[:-1]
    return np.flatnonzero(new_N)


def find_tops(value_N: NDArray[Any], head_G: Ints) -> Ints:
    """First row with the highest value in each group, given the starts of the groups; int64.

    >>> find_tops(np.array([1.0, 3.0, 3.0, 2.0]), np.array([0, 3])).tolist()
    [1, 3]
    """
    size_G = np.diff(head_G, append=len(value_N))
    top_G = np.maximum.reduceat(value_N, head_G) if len(head_G) else value_N
    at_T = np.flatnonzero(value_N == np.repeat(top_G, size_G))
    if len(at_T) == len(head_G):
        return at_T
    tops: Ints = at_T[np.searchsorted(at_T, head_G)]
    return tops


def find_sorted(
    sorted_K: NDArray[np.generic], wanted_N: NDArray[np.generic]
) -> tuple[Ints, NDArray[np.bool_]]:
    """Looks up values in a sorted array: their rows (0 if missing), and whether they exist.

    >>> rows, known = find_sorted(np.array([2, 5]), np.array([5, 3]))
    >>> rows.tolist(), known.tolist()
    ([1, 0], [True, False])
    """
    if not len(sorted_K):
        return np.zeros(len(wanted_N), np.int64), np.zeros(len(wanted_N), bool)
    row_N = np.minimum(np.searchsorted(sorted_K, wanted_N), len(sorted_K) - 1)
    known_N = sorted_K[row_N] == wanted_N
    return np.where(known_N, row_N, 0), known_N


def list_ranges(begin_N: NDArray[Any], count_N: NDArray[Any]) -> Ints:
    """Concatenates the ranges [begin, begin + count); int64.

    >>> list_ranges(np.array([7, 3]), np.array([1, 2])).tolist()
    [7, 3, 4]
    """
    before_N = np.cumsum(count_N) - count_N
    ranges: Ints = np.repeat(begin_N - before_N, count_N) + np.arange(int(count_N.sum()))
    return ranges


def order_of_floats(value_N: NDArray[np.float32]) -> Ints:
    """Integers below 2^31 in the order of non-negative floats: their bit patterns; int64.

    >>> bits = order_of_floats(np.array([0.0, 1e-30, 0.5, 2.0], np.float32))
    >>> bool((np.diff(bits) > 0).all())
    True
    """
    return np.maximum(np.asarray(value_N, np.float32), 0).view(np.int32).astype(np.int64)
