"""Sums of rows of a table: the operation that takes most of a train step's time.

XLA compiles `table[ids].sum(-2)` to a gather of N x F rows and its gradient to one scatter; on a
CPU both write all N x F rows to memory. Here the F grams are a loop that only writes sums, which
takes a twentieth of the time forward and a sixth backward (docs/log.md). Unrolling the loop is no
faster, and would compile its body sixteen times.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

Arrays = tuple[jax.Array, ...]
IN_BOUNDS = "promise_in_bounds"
BLOCK = 1024  # sums at once: the rows gathered for them fit the cache


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def sum_rows(table_VD: jax.Array, ids: Arrays, parts: int = 1) -> Arrays:
    """Sums rows of a table; row 0 is padding and adds nothing.

    Args:
      table_VD: float32.
      ids: int32 arrays [..., F] of rows, each below V. Passing several at once collects their
        gradients in one table.
      parts: devices that the first axis is split over. The gradients of each part are collected
        apart and then added, so that there is one exchange per device.

    Returns: float32 sums [..., D], one for each array of `ids`.
    """
    return tuple(_sum_grams(table_VD, each, parts) for each in ids)


@jax.custom_vjp
def sum_moved_rows(moved_UD: jax.Array, table_VD: jax.Array, ids: Arrays, places: Arrays) -> Arrays:
    """Sums rows of a table as `sum_rows` does, with a gradient for the rows that are read only.

    The rows are read from the whole table, and the gradient is that of a small table with just the
    rows that a step may change, so none has to be copied out and back.

    Args:
      moved_UD: float32 zeros: the change of those rows, to differentiate by.
      table_VD: float32; gets no gradient.
      ids: as for `sum_rows`.
      places: int32, with the shapes of `ids`: the same rows, numbered as rows of `moved_UD`.

    Returns: as `sum_rows`.
    """
    del moved_UD, places
    return tuple(_sum_grams(table_VD, each, 1) for each in ids)


def _forward_moved(moved_UD: jax.Array, table_VD: jax.Array, ids: Arrays, places: Arrays) -> Any:
    return sum_moved_rows(moved_UD, table_VD, ids, places), (moved_UD, places)


def _backward_moved(kept: Any, gradients: Arrays) -> tuple[jax.Array, None, None, None]:
    moved_UD, places = kept
    return _collect(jnp.zeros_like(moved_UD), places, gradients), None, None, None


sum_moved_rows.defvjp(_forward_moved, _backward_moved)


def _sum_grams(table_VD: jax.Array, ids: jax.Array, parts: int) -> jax.Array:
    ids_NF = ids.reshape(-1, ids.shape[-1])
    number, width = len(ids_NF), table_VD.shape[1]
    # Across devices, each block would have to be gathered from a single one.
    if parts > 1 or number <= 2 * BLOCK:
        return _sum_block(table_VD, ids_NF).reshape(*ids.shape[:-1], width)
    block = -(-number // -(-number // BLOCK))
    ids_NF = jnp.pad(ids_NF, ((0, -number % block), (0, 0)))
    blocks_PKF = ids_NF.reshape(-1, block, ids.shape[-1])
    sums_ND = jax.lax.map(partial(_sum_block, table_VD), blocks_PKF).reshape(-1, width)
    return sums_ND[:number].reshape(*ids.shape[:-1], width)


def _sum_block(table_VD: jax.Array, ids_NF: jax.Array) -> jax.Array:
    ids_FN = _turn(ids_NF)

    def add(gram: jax.Array, sums_ND: jax.Array) -> jax.Array:
        rows_N = ids_FN[gram]
        found_ND = table_VD.at[rows_N].get(mode=IN_BOUNDS, wrap_negative_indices=False)
        return sums_ND + jnp.where((rows_N > 0)[:, None], found_ND, 0.0)

    sums_ND = jnp.zeros((len(ids_NF), table_VD.shape[1]), table_VD.dtype)
    return jax.lax.fori_loop(0, len(ids_FN), add, sums_ND)


def _turn(ids: jax.Array) -> jax.Array:
    """Turns ids_NF into ids_FN, so that each step of the loop reads one contiguous row."""
    # The barrier keeps XLA from fusing the producer (such as dropout's random bits) into the loop,
    # where it would be computed once per gram.
    return jax.lax.optimization_barrier(ids.reshape(-1, ids.shape[-1]).T)


def _forward(table_VD: jax.Array, ids: Arrays, parts: int) -> tuple[Arrays, Any]:
    return sum_rows(table_VD, ids, parts), (table_VD, ids)


def _backward(parts: int, kept: Any, gradients: Arrays) -> tuple[jax.Array, None]:
    table_VD, ids = kept
    collect = partial(_collect, jnp.zeros_like(table_VD))
    if parts == 1:
        return collect(ids, gradients), None
    ids, gradients = jax.tree.map(
        lambda each: each.reshape(parts, -1, *each.shape[1:]), (ids, gradients)
    )
    return jax.vmap(collect)(ids, gradients).sum(0), None


def _collect(table_VD: jax.Array, ids: Arrays, gradients: Arrays) -> jax.Array:
    # The array with most grams comes last: its loop clears row 0 for good.
    order = sorted(zip(ids, gradients, strict=True), key=lambda pair: pair[0].shape[-1])
    for each, gradient in order:
        gradient_ND = jax.lax.optimization_barrier(gradient.reshape(-1, gradient.shape[-1]))
        table_VD = _scatter_grams(table_VD, each, gradient_ND)
    return table_VD


def _scatter_grams(table_VD: jax.Array, ids: jax.Array, gradient_ND: jax.Array) -> jax.Array:
    ids_FN = _turn(ids)

    def add(gram: jax.Array, table_VD: jax.Array) -> jax.Array:
        place = table_VD.at[ids_FN[gram]]
        table_VD = place.add(gradient_ND, mode=IN_BOUNDS, wrap_negative_indices=False)
        # Padding is cleared here: after the loop XLA would fuse the clearing into the next
        # operation, as a test for every element of the table.
        return table_VD.at[0].set(0.0)

    return jax.lax.fori_loop(0, len(ids_FN), add, table_VD)


sum_rows.defvjp(_forward, _backward)
