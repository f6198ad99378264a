"""Reads, differentiates and updates only the rows of large tables that a step uses.

A small batch reads few rows of the gram table. Only these are differentiated, clipped and updated,
as a table of their own, so the cost of a step does not grow with the table. This is exact for
optimizers that leave rows without a gradient unchanged (`optimizers.ROW_LOCAL`). The gram table is
read in place, and its rows get only their change (`models.rows.sum_moved_rows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.data.examples import Examples
from lvmh_jax.models.rows import IN_BOUNDS

Tree = TypeVar("Tree")
Plan = tuple[np.ndarray, ...]
PREFIX = 128  # block length of a prefix sum
MANY = 0.3  # share of a table's rows above which writing the whole table is as fast (docs/log.md)


class Bounds(NamedTuple):
    """Upper bounds over all steps of a run, whose arrays need a fixed shape; 0 is unknown.

    Attributes:
      grams: number of distinct rows of the gram table, including padding.
      words: number of words in phrases and contexts.
    """

    grams: int = 0
    words: int = 0


NO_BOUNDS = Bounds()


def find_used(
    ids: tuple[jax.Array, ...], table_rows: int, most: int
) -> tuple[jax.Array, tuple[jax.Array, ...]]:
    """Lists the rows that a step reads, and renumbers its ids accordingly.

    Args:
      ids: int32 rows of the table; row 0 is padding.
      table_rows: V.
      most: U, an upper bound of the number of distinct rows, including padding.

    Returns: int32 rows_U, distinct and ascending from 0, filled up with V, V + 1, ...; and for each
      array of `ids` the int32 positions in rows_U.
    """
    used_V = jnp.zeros(table_rows, bool).at[0].set(True)
    for each in ids:
        used_V = used_V.at[each.reshape(-1)].set(True)
    before_V = count_before(used_V)
    rows_U = list_true(used_V, before_V, most)
    rows_U = jnp.where(rows_U < table_rows, rows_U, table_rows + jnp.arange(most, dtype="int32"))
    return rows_U, tuple(before_V[each] for each in ids)


def list_true(is_true_N: jax.Array, before_N: jax.Array, most: int) -> jax.Array:
    """Positions of the true elements; int32 [most], ascending, filled up with N.

    Takes a quarter of the time of `jnp.nonzero` on a CPU, and half of its compile time
    (docs/log.md).

    Args:
      is_true_N: bool.
      before_N: from `count_before`.
      most: upper bound of the number of true elements.
    """
    number = len(is_true_N)
    place_N = jnp.where(is_true_N, before_N, most)
    found_U = jnp.full(most, number, "int32")
    return found_U.at[place_N].set(jnp.arange(number, dtype="int32"), mode="drop")


def count_before(is_true_N: jax.Array) -> jax.Array:
    """Number of true elements before each element; int32 [N].

    Within blocks it is a product with a triangle of ones, exact in float32 up to 2**24, because XLA
    has no fast prefix sum on a CPU.

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
    """Reduces some tables, and the optimizer's state of their rows, to the given rows.

    Args:
      tree: parameters, or the state of an optimizer.
      rows: int32 rows of each table by name; rows past its end are padding.
      sizes: number of rows of each whole table.
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


def add_rows(table_VD: jax.Array, rows_U: jax.Array, moved_UD: jax.Array) -> jax.Array:
    """Adds to some rows of a table; padding rows past its end must have zeros to add.

    A few rows are updated in place, one by one; with many, the whole table is rewritten, which uses
    several threads.
    """
    most = len(rows_U)
    if most < MANY * len(table_VD):
        # If XLA dropped padding rows, it would mask loads and stores at addresses past the table's
        # end, where a page may be missing and each access costs a fault. So they point at row 0.
        place = table_VD.at[jnp.where(rows_U < len(table_VD), rows_U, 0)]
        return place.add(moved_UD, mode=IN_BOUNDS, wrap_negative_indices=False)
    place_V = jnp.full(len(table_VD), most, "int32")
    place_V = place_V.at[rows_U].set(jnp.arange(most, dtype="int32"), mode="drop")
    moved_VD = moved_UD.at[place_V].get(mode="clip")
    return table_VD + jnp.where((place_V < most)[:, None], moved_VD, 0.0)


def _find_table(
    path: Any, leaf: Any, rows: Mapping[str, jax.Array], sizes: Mapping[str, int]
) -> str | None:
    keys = {getattr(key, "key", None) for key in path}
    shape = np.shape(leaf)
    names = [name for name in rows if name in keys and shape[:1] == (sizes[name],)]
    return names[0] if len(shape) == 2 and names else None


def bound_plans(examples: Examples, plans: Iterable[Plan], most_grams: int) -> Bounds:
    """Upper bounds of the gram-table rows and words that any step of some epochs reads.

    Args:
      examples: the training examples.
      plans: batch plans of the epochs (`plan_batches`).
      most_grams: above this number of rows, 0 is returned for it.
    """
    phrases, other, around_MR = examples.phrases, examples.unlabelled, examples.contexts_MR
    drawn_from = (phrases.tokens_NT, other.tokens_NT, around_MR)
    words = [(each > 0).sum(1) for each in drawn_from]
    told = (examples.table.grams_VF, phrases.pairs_NT, other.pairs_NT)
    table_rows = 1 + max(int(each.max(initial=0)) for each in told)
    grams, most_words = 1, 1  # at least one, because an empty array cannot be gathered from
    for alias_SBK, _, *drawn in plans:
        rows = [alias_SBK, *drawn]
        counts = [
            count[at].sum((1, 2)) for count, at in zip(words, rows, strict=True) if len(count)
        ]
        most_words = max(most_words, int(np.sum(counts, axis=0).max(initial=0)))
        for step in range(len(alias_SBK)):
            if grams > most_grams:
                break
            grams = max(grams, _count_used(examples, [each[step] for each in rows], table_rows))
    return Bounds(grams if grams <= most_grams else 0, most_words)


def _count_used(examples: Examples, rows: Sequence[np.ndarray], table_rows: int) -> int:
    """Number of distinct gram-table rows that a step reads without dropout, including padding."""
    grams_VF = examples.table.grams_VF
    tokens = (examples.phrases.tokens_NT, examples.unlabelled.tokens_NT, examples.contexts_MR)
    pairs = (examples.phrases.pairs_NT, examples.unlabelled.pairs_NT)
    # Distinct tokens first: a step has many tokens several times, each with a dozen grams.
    is_said_V, is_used_V = np.zeros(len(grams_VF), bool), np.zeros(table_rows, bool)
    is_used_V[0] = True
    for each, at in zip(tokens, rows, strict=True):
        if len(each):
            is_said_V[each[at.reshape(-1)]] = True
    for each, at in zip(pairs, rows[:2], strict=True):
        if len(each):
            is_used_V[each[at.reshape(-1)]] = True
    is_used_V[grams_VF[is_said_V]] = True
    return int(np.count_nonzero(is_used_V))
