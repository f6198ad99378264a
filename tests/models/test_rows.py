"""Sums of table rows equal a gather and a sum, and so do their gradients."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.models import rows
from lvmh_jax.models.rows import sum_moved_rows, sum_rows
from lvmh_jax.train.tables import find_used

ROWS, WIDTH = 20, 4
RNG = np.random.default_rng(0)
TABLE = jnp.asarray(RNG.normal(size=(ROWS, WIDTH)), "float32")
# Two arrays of ids that share rows, some of them padding, with repeats within a sum.
IDS = tuple(jnp.asarray(RNG.integers(0, ROWS, shape), "int32") for shape in ((4, 3, 5), (4, 2, 1)))


@jax.jit
def sum_plainly(table_VD: jax.Array, ids: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
    return tuple(jnp.where((each > 0)[..., None], table_VD[each], 0.0).sum(-2) for each in ids)


def lose(sums: tuple[jax.Array, ...]) -> jax.Array:
    return sum((jnp.sin(each) * (1 + k)).sum() for k, each in enumerate(sums))


grad_plainly = jax.jit(jax.grad(lambda table: lose(sum_plainly(table, IDS))))


def test_sums_are_those_of_a_gather() -> None:
    summed = jax.jit(sum_rows)(TABLE, IDS)
    for found, expected in zip(summed, sum_plainly(TABLE, IDS), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_gradients_are_those_of_a_gather(parts: int) -> None:
    found = jax.jit(jax.grad(lambda table: lose(sum_rows(table, IDS, parts))))(TABLE)
    expected = np.asarray(grad_plainly(TABLE))
    found = np.asarray(found)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert not found[0].any()
    assert found[1:].any(1).sum() == len(set(np.concatenate([*map(np.ravel, IDS)])) - {0})


def test_padding_sums_to_zeros() -> None:
    (sums,) = sum_rows(TABLE, (jnp.zeros((2, 3), "int32"),))
    assert not sums.any()


def test_tables_of_several_models_are_mapped() -> None:
    tables = jnp.stack([TABLE, 2 * TABLE])
    grad = jax.jit(jax.grad(lambda table, ids: lose(sum_rows(table, ids))))
    found = jax.jit(jax.vmap(grad, in_axes=(0, None)))(tables, IDS)
    for table, each in zip(tables, found, strict=True):
        np.testing.assert_allclose(each, grad(table, IDS), atol=1e-5)


def test_sums_in_blocks_are_those_of_a_gather(monkeypatch) -> None:
    monkeypatch.setattr(rows, "BLOCK", 3)  # of 11 sums the last block has padding
    ids = (jnp.asarray(RNG.integers(0, ROWS, (11, 5)), "int32"),)
    (found,), (expected,) = jax.jit(sum_rows)(TABLE, ids), sum_plainly(TABLE, ids)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_rows_that_move_have_the_gradient_of_the_table() -> None:
    rows_U, places = jax.jit(find_used, static_argnums=(1, 2))(IDS, ROWS, ROWS)
    rows_U = np.asarray(rows_U)
    moved_UD = jnp.zeros((ROWS, WIDTH))
    sums = jax.jit(sum_moved_rows)(moved_UD, TABLE, IDS, places)
    for found, expected in zip(sums, sum_plainly(TABLE, IDS), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    grad = jax.jit(jax.grad(lambda moved: lose(sum_moved_rows(moved, TABLE, IDS, places))))
    grad_UD, grad_VD = np.asarray(grad(moved_UD)), np.asarray(grad_plainly(TABLE))
    is_used_U = rows_U < ROWS
    assert set(rows_U[is_used_U].tolist()) == {0, *np.concatenate([*map(np.ravel, IDS)]).tolist()}
    np.testing.assert_allclose(grad_UD[is_used_U], grad_VD[rows_U[is_used_U]], atol=1e-5)
