"""Sampled softmax: which classes a step compares with, where there are too many for all.

The sample holds the concepts of the batch, concepts near to them (hard negatives), "no known
concept", and others at random. It has no class twice, so nothing is an accidental hit, and the
random ones stand for all that were not drawn.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp


class ClassSample(NamedTuple):
    """The classes of one step; S of C concepts, and "no known concept".

    Attributes:
      rows_S1: int32 classes, C ("no known concept") last; None where a model has these alone.
      weight_S1: float32 log of how many classes each stands for; to be added to the logits.
      place_C1: int32 place of each class in `rows_S1`; 0 where it was not drawn.
    """

    rows_S1: jax.Array | None
    weight_S1: jax.Array
    place_C1: jax.Array


def sample_classes(
    key: jax.Array, labels_L: jax.Array, near_H: jax.Array, concepts: int, wanted: int
) -> ClassSample:
    """Draws the classes that a batch is compared with.

    The partition function over the sample estimates the full one without bias: what is sure to be
    drawn counts once, and each random class counts for (C - sure) / drawn. With all classes drawn
    the loss is that of the full softmax.

    Args:
      key: PRNG key of the step.
      labels_L: int32 concepts of the batch, repeats allowed; all are drawn.
      near_H: int32 concepts that should be drawn; where they are too many some are not.
      concepts: C.
      wanted: concepts to draw; more where the labels need it.

    Returns: the sample; the same key and arguments give the same.

    Source: Jean et al., arXiv:1412.2007; the correction, Blanc and Rendle, arXiv:1712.00527.
    """
    drawn = min(concepts, max(wanted, labels_L.size))
    # One order of all concepts: random ones below 1, near ones by 1 above, labels on top.
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
