"""Sampled softmax: the classes of a step, if there are too many to compare with all of them.

A sample holds the concepts of the batch, similar concepts (hard negatives), "no known concept",
and random others. No class occurs twice, so there are no accidental hits, and each random one
stands for several that were not drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp


class ClassSample(NamedTuple):
    """The S of C concepts that a step compares with, and "no known concept".

    Attributes:
      rows_S1: int32 classes, with C ("no known concept") last; None if the model has only these.
      weight_S1: float32 log of how many classes each stands for, to be added to the logits.
      place_C1: int32 position of each class in `rows_S1`; 0 if it was not drawn.
    """

    rows_S1: jax.Array | None
    weight_S1: jax.Array
    place_C1: jax.Array


def sample_classes(
    key: jax.Array, labels_L: jax.Array, near_H: jax.Array, concepts: int, wanted: int
) -> ClassSample:
    """Draws the classes that a batch is compared with.

    The sum over the sample is an unbiased estimate of the full softmax sum: classes that are always
    drawn count once, and each random one counts for (C - always drawn) / drawn. With all classes
    drawn the loss equals that of the full softmax.

    Args:
      key: PRNG key of the step.
      labels_L: int32 concepts of the batch, with repeats; all are drawn.
      near_H: int32 hard negatives; if there are too many, some are not drawn.
      concepts: C.
      wanted: number of concepts to draw; raised if the labels need more.

    Returns: the sample; deterministic given the key and arguments.

    Source: Jean et al., arXiv:1412.2007; the correction, Blanc and Rendle, arXiv:1712.00527.
    """
    drawn = min(concepts, max(wanted, labels_L.size))
    # One ranking of all concepts: random ones are in [0, 1), near ones 1 higher, labels on top.
    order_C = jax.random.uniform(key, (concepts,))
    is_near_C = jnp.zeros(concepts, bool).at[near_H].set(True)
    is_label_C = jnp.zeros(concepts, bool).at[labels_L].set(True)
    order_C = order_C + is_near_C + 2 * is_label_C
    top_S, rows_S = jax.lax.top_k(order_C, drawn)
    is_random_S = top_S < 1.0
    left = concepts - (is_near_C | is_label_C).sum()
    share = left / jnp.maximum(is_random_S.sum(), 1)
    weight_S = jnp.where(is_random_S, jnp.log(jnp.maximum(share, 1.0)), 0.0)
    rows_S1 = jnp.append(rows_S.astype("int32"), jnp.int32(concepts))
    place_C1 = (
        jnp.zeros(concepts + 1, "int32").at[rows_S1].set(jnp.arange(drawn + 1, dtype="int32"))
    )
    return ClassSample(rows_S1, jnp.append(weight_S, 0.0), place_C1)
