"""Sums of rows of a table: the one operation that most of a train step's time goes to.

A gather of N rows of F grams, summed, and its gradient as one scatter, are what XLA makes of
`table[ids].sum(-2)`; on a CPU it writes N F rows to memory both ways. Gram by gram nothing is
written but sums: forward a twentieth of the time, backward a sixth (docs/log.md). The grams are
loops: unrolled they are as fast, and each of sixteen is compiled.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

Arrays = tuple[jax.Array, ...]
IN_BOUNDS = "promise_in_bounds"
BLOCK = 1024  # sums: what is gathered for them stays in the cache


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def sum_rows(table_VD: jax.Array, ids: Arrays, parts: int = 1) -> Arrays:
    """Sums rows of a table; row 0 is padding and counts for nothing.

    Args:
      table_VD: float32.
      ids: int32 arrays [..., F] of rows, each below V: several, so that their gradients are
        collected in one table.
      parts: of the first axis, whose gradients are collected apart and then added: the devices
        that the axis is split over, each of which then talks once.

    Returns: float32 sums [..., D], one for each of `ids`.
    """
    return tuple(_sum_grams(table_VD, each, parts) for each in ids)


@jax.custom_vjp
def sum_moved_rows(moved_UD: jax.Array, table_VD: jax.Array, ids: Arrays, places: Arrays) -> Arrays:
    """Sums rows of a table as `sum_rows`, where only some may move, and have not yet.

    The rows are read where they are, but the gradient is that of a table of the moving ones, so
    that none has to be taken out and put back.

    Args:
      moved_UD: how far they moved: zeros, to be differentiated by.
      table_VD: float32; has no gradient.
      ids: as for `sum_rows`.
      places: int32, of the same shapes: the same rows as rows of `moved_UD`.
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
    # On several devices a block would have to come from one of them.
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
    """First grams, second grams...: each in one axis, where XLA is fastest by far; ids_FN."""
    # What is fused into a gather is computed once a gram: the random bits of dropout, for one.
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
    # The longest last: it is in its loop that row 0 is cleared for good.
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
        # Padding, here rather than at the end: there XLA fuses it into what comes next, as a
        # question asked for every number of the table.
        return table_VD.at[0].set(0.0)

    return jax.lax.fori_loop(0, len(ids_FN), add, table_VD)


sum_rows.defvjp(_forward, _backward)
