"""The rows of large tables that a step touches: taken out of the state, and put back.

A small batch reads few rows of the gram table. Taken out as a table of their own, only they are
differentiated, clipped and updated, so a step does not grow with the table. That is exact where the
optimizer moves no row without a gradient (`optimizers.ROW_LOCAL`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.data.examples import Examples
from lvmh_jax.data.features import TokenTable

Tree = TypeVar("Tree")
Plan = tuple[np.ndarray, ...]


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
    place_V = jnp.cumsum(used_V) - 1
    rows_U = jnp.nonzero(used_V, size=most, fill_value=table_rows)[0].astype("int32")
    return rows_U, tuple(place_V[each].astype("int32") for each in ids)


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


def bound_rows(examples: Examples, plans: Iterable[Plan], most: int) -> int:
    """The most rows of the gram table that a step of some epochs can read, padding being one.

    Args:
      examples: what the steps draw from.
      plans: of the epochs, as `plan_batches` gives them; none is drawn behind one that reads more.
      most: rows above which the answer is 0.
    """
    table, phrases = examples.table, examples.phrases
    known_A = count_grams(table, phrases.tokens_NT) + (phrases.pairs_NT > 0).sum(1)
    other = examples.unlabelled
    other_U = count_grams(table, other.tokens_NT) + (other.pairs_NT > 0).sum(1)
    around_M = count_grams(table, examples.contexts_MR)
    largest = 1
    for alias_SBK, _, unlabelled_SBD, context_SBD in plans:
        drawn = ((known_A, alias_SBK), (other_U, unlabelled_SBD), (around_M, context_SBD))
        parts = [count[rows].sum((1, 2)) for count, rows in drawn if len(count)]
        largest = max(largest, 1 + int(np.sum(parts, axis=0).max(initial=0)))
        if largest > most:
            return 0
    return largest
