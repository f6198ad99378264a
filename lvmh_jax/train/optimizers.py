"""Optimizers: one row of `OPTIMIZERS` each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lvmh_jax.config import TrainSettings
from lvmh_jax.errors import UsageError, nearest_name

EPSILON = 1e-6


class RowwiseState(NamedTuple):
    """Per row, the sum of the mean squared gradients; one float32 per row."""

    sums: Any


def rowwise_adagrad(learning_rate: float) -> optax.GradientTransformation:
    """Adagrad with one accumulator per row of a table; applies the `factor` of `clip_lengths`.

    Source: row-wise Adagrad of DLRM, Mudigere et al., arXiv:2104.05158, section 4.1.2. Rows
    without a gradient do not move. Costs 2.4 to 3 times less than Adam on the table (FINDINGS A3).
    """

    def init(params: Any) -> RowwiseState:
        return RowwiseState(jax.tree.map(lambda x: jnp.full((len(x), 1), EPSILON, x.dtype), params))

    def update(
        updates: Any, state: RowwiseState, params: Any = None, *, factor: Any = 1.0, **_: Any
    ) -> tuple[Any, RowwiseState]:
        del params
        # The factor is applied to the sums: scaling the gradient first would write the whole table
        # once more (docs/log.md).
        sums = jax.tree.map(
            lambda total, grad: total + factor**2 * (sum_squares(grad) / grad.shape[-1])[:, None],
            state.sums,
            updates,
        )
        steps = jax.tree.map(
            lambda grad, total: grad * (-learning_rate * factor / jnp.sqrt(total)), updates, sums
        )
        return steps, RowwiseState(sums)

    return optax.GradientTransformationExtraArgs(init, update)


def sum_squares(grad: jax.Array) -> jax.Array:
    """Sums the squares over the last axis."""
    return (grad**2).sum(-1)


def _rowwise(settings: TrainSettings) -> optax.GradientTransformation:
    tables = {"table": settings.table_rate}
    if settings.sampled_concepts:
        tables["classes"] = settings.class_rate
    transforms = {
        name: rowwise_adagrad(rate * settings.learning_rate) for name, rate in tables.items()
    }
    return optax.multi_transform(
        {**transforms, "rest": _adam(settings)},
        lambda params: {name: name if name in tables else "rest" for name in params},
    )


def _adam(settings: TrainSettings) -> optax.GradientTransformation:
    return optax.chain(
        scale_by_adam(),
        optax.add_decayed_weights(settings.weight_decay),
        optax.scale_by_learning_rate(settings.learning_rate),
    )


def scale_by_adam(
    b1: float = 0.9, b2: float = 0.999, eps: float = 1e-8
) -> optax.GradientTransformation:
    """`optax.scale_by_adam` with both bias corrections combined in one factor.

    Optax divides each moment by its correction, so an update has three divisions instead of one,
    and the divisions, not memory, took most of the time (docs/log.md). Applies the `factor` of
    `clip_lengths`.
    Source: Kingma and Ba, arXiv:1412.6980, the end of section 2, with `eps` as in algorithm 1.
    """

    def init(params: Any) -> optax.ScaleByAdamState:
        return optax.scale_by_adam(b1, b2, eps).init(params)

    def update(
        updates: Any, state: Any, params: Any = None, *, factor: Any = 1.0, **_: Any
    ) -> tuple[Any, Any]:
        del params
        count = optax.safe_increment(state.count)
        mean = jax.tree.map(
            lambda grad, mean: b1 * mean + (1 - b1) * (factor * grad), updates, state.mu
        )
        square = jax.tree.map(
            lambda grad, square: b2 * square + (1 - b2) * (factor * grad) ** 2, updates, state.nu
        )
        root = jnp.sqrt(1 - b2**count)
        rate = root / (1 - b1**count)
        steps = jax.tree.map(
            lambda mean, square: rate * mean / (jnp.sqrt(square) + eps * root), mean, square
        )
        return steps, optax.ScaleByAdamState(count, mean, square)

    return optax.GradientTransformationExtraArgs(init, update)


def clip_lengths(most: Any, inner: optax.GradientTransformation) -> optax.GradientTransformation:
    """Clips by the global norm like `optax.clip_by_global_norm`, but `inner` does the scaling.

    Args:
      most: maximum global norm of the gradients.
      inner: must multiply gradients by the extra argument `factor`. This cannot be checked, as
        Optax accepts extra arguments everywhere; an optimizer that ignores it is not clipped.
    """
    inner = optax.with_extra_args_support(inner)

    def update(updates: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        # Row by row, as in `rowwise_adagrad`: with the barrier, XLA shares one sum instead of
        # reading the table twice.
        rows = [sum_squares(jnp.atleast_1d(grad)) for grad in jax.tree.leaves(updates)]
        length = jnp.sqrt(sum(each.sum() for each in jax.lax.optimization_barrier(rows)))
        factor = jnp.where(length < most, 1.0, most / length)
        return inner.update(updates, state, params, factor=factor)

    return optax.GradientTransformation(inner.init, update)


# name -> build(settings); the schedule and clipping (`clip_lengths`) are added around it
OPTIMIZERS: dict[str, Callable[[TrainSettings], optax.GradientTransformation]] = {
    "rowwise": _rowwise,
    "adam": _adam,
}

# Optimizers that leave rows without a gradient unchanged, so that a step may update some rows only.
ROW_LOCAL = {"rowwise"}


def build_optimizer(
    settings: TrainSettings, schedule: optax.Schedule
) -> optax.GradientTransformation:
    """Builds clipping, the named optimizer, and the schedule as a factor.

    Raises:
      UsageError: no such optimizer.
    """
    if settings.optimizer not in OPTIMIZERS:
        raise UsageError(
            f"no optimizer named {settings.optimizer!r}",
            fix=nearest_name(settings.optimizer, OPTIMIZERS),
        )
    return optax.chain(
        clip_lengths(settings.clip_norm, OPTIMIZERS[settings.optimizer](settings)),
        optax.scale_by_schedule(schedule),
    )
