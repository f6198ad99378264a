"""Validation on aliases hidden from training: which concept do they link to?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.train.grounding import embed_aliases
from lvmh_jax.train.step import Material

BLOCK = 256


class Validation(NamedTuple):
    """Rows of the aliases held out, padded to whole blocks, and of those that are shown."""

    held_NB: jax.Array
    weight_NB: jax.Array
    shown_A: jax.Array


def make_validation(held_A: np.ndarray, most: int = 0) -> Validation:
    """Splits the alias rows; held-out rows come in blocks of one shape.

    Where more than `most` are held out (0: no limit), that many are taken, evenly spread.
    """
    held, shown = np.flatnonzero(held_A), np.flatnonzero(~held_A)
    if 0 < most < len(held):
        held = held[np.arange(most) * len(held) // most]
    blocks = max(1, -(-len(held) // BLOCK))
    padded = np.zeros(blocks * BLOCK, np.int32)
    padded[: len(held)] = held
    weight = (np.arange(len(padded)) < len(held)).astype(np.float32)
    return Validation(
        jnp.asarray(padded.reshape(blocks, BLOCK)),
        jnp.asarray(weight.reshape(blocks, BLOCK)),
        jnp.asarray(shown.astype(np.int32)),
    )


def link_scores(
    logits_NC: jax.Array, cosine_NA: jax.Array, concept_A: jax.Array, scale: jax.Array
) -> jax.Array:
    """Mean of the concept's cosine and of its nearest alias's; float32 scores_NC.

    A concept's set of aliases beats its one vector when aliases are few; with many the two tie,
    and together they are best (FINDINGS A1).
    """
    concepts = logits_NC.shape[-1] - 1
    nearest_CN = jax.ops.segment_max(cosine_NA.T, concept_A, num_segments=concepts)
    nearest_NC = jnp.maximum(nearest_CN.T, -1.0)
    return 0.5 * (logits_NC[:, :-1] / scale + nearest_NC)


def make_validate(model: Any) -> Callable[[Any, Material, Validation], tuple[jax.Array, jax.Array]]:
    """Builds `(params, material, validation) -> (loss, accuracy)`; 0 and 0 without held-out ones.

    The loss is the cross-entropy over concepts and "none"; the accuracy is that of `link_scores`.
    """

    def validate(
        params: Any, material: Material, validation: Validation
    ) -> tuple[jax.Array, jax.Array]:
        vectors_AD = embed_aliases(model, params, material)
        shown_AD = vectors_AD[validation.shown_A]
        concept_A = material.concept_A[validation.shown_A]

        def block(rows_weight: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
            rows_N, weight_N = rows_weight
            vectors_ND = vectors_AD[rows_N]
            logits_NC = model.apply({"params": params}, vectors_ND, method="score")
            labels_N = material.concept_A[rows_N]
            logs_NC = jax.nn.log_softmax(logits_NC)
            loss_N = -jnp.take_along_axis(logs_NC, labels_N[:, None], 1)[:, 0]
            scores_NC = link_scores(logits_NC, vectors_ND @ shown_AD.T, concept_A, params["scale"])
            right_N = scores_NC.argmax(-1) == labels_N
            return (loss_N * weight_N).sum(), (right_N * weight_N).sum()

        losses, rights = jax.lax.map(block, (validation.held_NB, validation.weight_NB))
        count = jnp.maximum(validation.weight_NB.sum(), 1.0)
        return losses.sum() / count, rights.sum() / count

    return validate
