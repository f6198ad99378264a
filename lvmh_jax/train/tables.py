"""The rows of large tables that a step touches: taken out of the state, and put back.

A small batch reads few rows of the gram table. Taken out as a table of their own, only they are
differentiated, clipped and updated, so a step does not grow with the table. That is exact where the
optimizer moves no row without a gradient (`optimizers.ROW_LOCAL`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.data.examples import Examples
from lvmh_jax.data.features import TokenTable

Tree = TypeVar("Tree")
Plan = tuple[np.ndarray, ...]
PREFIX = 128  # numbers in a row of a sum of prefixes


class Bounds(NamedTuple):
    """The most that a step of a run has to do with, for its arrays have one shape; 0: not known.

    Attributes:
      grams: different rows of the gram table, padding being one.
      words: of its phrases and contexts.
    """

    grams: int = 0
    words: int = 0


NO_BOUNDS = Bounds()


def find_used(
    ids: tuple[jax.Array, ...], table_rows: int, most: int
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """The rows that a step reads, and what it reads as places among them.

    Args:
      ids: int32 rows of the table; row 0 is padding.
      table_rows: V.
      most: U, at least as many as different rows are read, padding being one.

    Returns: int32 rows_U, rising from 0, then V where fewer are read; and the places of `ids`.
    """
    used_V = jnp.zeros(table_rows, bool).at[0].set(True)
    for each in ids:
        used_V = used_V.at[each.reshape(-1)].set(True)
    before_V = count_before(used_V)
    return list_true(used_V, before_V, most), tuple(before_V[each] for each in ids)


def list_true(is_true_N: jax.Array, before_N: jax.Array, most: int) -> jax.Array:
    """Where an array is true; int32 [most], rising, then N.

    A quarter of the time of `jnp.nonzero` on a CPU, and half of its compiling (docs/log.md).

    Args:
      is_true_N: bool.
      before_N: of `count_before`.
      most: at least as many as are true.
    """
    number = len(is_true_N)
    place_N = jnp.where(is_true_N, before_N, most)
    found_U = jnp.full(most, number, "int32")
    return found_U.at[place_N].set(jnp.arange(number, dtype="int32"), mode="drop")


def count_before(is_true_N: jax.Array) -> jax.Array:
    """How many are true before each; int32 [N].

    Within blocks as a product with a triangle of ones, exact in float32 up to 2**24: a CPU has no
    quick sum of many prefixes.

    >>> count_before(jnp.asarray([True, False, True, True])).tolist()
    [0, 1, 1, 2]
    """
    number = len(is_true_N)
    blocks = -(-number // PREFIX)
    ones_PK = jnp.pad(is_true_N, (0, blocks * PREFIX - number)).reshape(blocks, PREFIX)
    ones_PK = ones_PK.astype("float32")
    within_PK = ones_PK @ jnp.triu(jnp.ones((PREFIX, PREFIX), "float32"), 1)
    total_P = ones_PK.sum(1)
    before_P1 = (jnp.cumsum(total_P) - total_P)[:, None]
    return (within_PK + before_P1).reshape(-1)[:number].astype("int32")


def take_rows(tree: Tree, rows: Mapping[str, jax.Array], sizes: Mapping[str, int]) -> Tree:
    """A tree in which some tables, and what the optimizer keeps for each row, are rows of them.

    Args:
      tree: of params, or of an optimizer's state.
      rows: names of tables to int32 rows; those behind the end are never put back.
      sizes: rows of the whole tables.
    """

    def take(path: Any, leaf: Any) -> Any:
        name = _find_table(path, leaf, rows, sizes)
        return leaf.at[rows[name]].get(mode="clip") if name else leaf

    return jax.tree_util.tree_map_with_path(take, tree)


def put_rows(
    tree: Tree, small: Tree, rows: Mapping[str, jax.Array], sizes: Mapping[str, int]
) -> Tree:
    """The inverse of `take_rows`: `small`, with its tables written into those of `tree`."""

    def put(path: Any, whole: Any, part: Any) -> Any:
        name = _find_table(path, whole, rows, sizes)
        return whole.at[rows[name]].set(part, mode="drop") if name else part

    return jax.tree_util.tree_map_with_path(put, tree, small)


def _find_table(
    path: Any, leaf: Any, rows: Mapping[str, jax.Array], sizes: Mapping[str, int]
) -> str | None:
    keys = {getattr(key, "key", None) for key in path}
    shape = np.shape(leaf)
    names = [name for name in rows if name in keys and shape[:1] == (sizes[name],)]
    return names[0] if len(shape) == 2 and names else None


def count_grams(table: TokenTable, tokens_NT: np.ndarray) -> np.ndarray:
    """How many grams each phrase reads; int64 [N]."""
    grams_V = (table.grams_VF > 0).sum(1)
    return grams_V[tokens_NT].sum(1)


def bound_plans(examples: Examples, plans: Iterable[Plan], most_grams: int) -> Bounds:
    """The most rows of the gram table and words that a step of some epochs can read.

    Args:
      examples: what the steps draw from.
      plans: of the epochs, as `plan_batches` gives them.
      most_grams: rows above which their number is given as 0.
    """
    table, phrases, other = examples.table, examples.phrases, examples.unlabelled
    known_A2, other_U2 = (
        np.stack(
            [
                count_grams(table, each.tokens_NT) + (each.pairs_NT > 0).sum(1),
                (each.tokens_NT > 0).sum(1),
            ],
            -1,
        )
        for each in (phrases, other)
    )
    around_MR = examples.contexts_MR
    around_M2 = np.stack([count_grams(table, around_MR), (around_MR > 0).sum(1)], -1)
    largest_2 = np.array([0, 1])  # words: an array of none has no shape to be drawn from
    for alias_SBK, _, unlabelled_SBD, context_SBD in plans:
        drawn = ((known_A2, alias_SBK), (other_U2, unlabelled_SBD), (around_M2, context_SBD))
        parts = [count[rows].sum((1, 2)) for count, rows in drawn if len(count)]
        largest_2 = np.maximum(largest_2, np.sum(parts, axis=0).max(0, initial=0))
    grams, words = 1 + int(largest_2[0]), int(largest_2[1])
    return Bounds(grams if grams <= most_grams else 0, words)
