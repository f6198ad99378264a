"""Validation: linking accuracy and loss on aliases hidden from training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.train.grounding import embed_aliases, embed_tokens, split_rows
from lvmh_jax.train.step import Material

BLOCK = 256  # held-out aliases; BLOCK x PART scores fit the cache
PART = 4096  # shown aliases, or concepts, that a block is compared with at once
UNIT = 1e-12  # epsilon of the normalisation, as in `NgramEncoder`


class Validation(NamedTuple):
    """Rows of held-out aliases in padded blocks, and of the shown ones in parts.

    Attributes:
      held_NB: int32 rows of held-out aliases.
      weight_NB: float32, 0 at padding.
      shown_SP: int32 rows of shown aliases, -1 at padding.
    """

    held_NB: jax.Array
    weight_NB: jax.Array
    shown_SP: jax.Array


class Nearest(NamedTuple):
    """Best score so far of each held-out alias, and the first concept that reached it."""

    score_NB: jax.Array
    concept_NB: jax.Array


def make_validation(held_A: np.ndarray, most: int = 0) -> Validation:
    """Divides the alias rows into held-out blocks and shown parts.

    Args:
      held_A: bool, which aliases are held out.
      most: maximum number of held-out aliases, taken at even distances; 0 is no limit.
    """
    held, shown = np.flatnonzero(held_A), np.flatnonzero(~held_A)
    if 0 < most < len(held):
        held = held[np.arange(most) * len(held) // most]
    held_NB = _pad_rows(held, BLOCK, -1)
    return Validation(
        jax.device_put(np.maximum(held_NB, 0)),
        jax.device_put((held_NB >= 0).astype(np.float32)),
        jax.device_put(_pad_rows(shown, min(PART, max(len(shown), 1)), -1)),
    )


def _pad_rows(rows: np.ndarray, size: int, padding: int) -> np.ndarray:
    padded = np.full(max(1, -(-len(rows) // size)) * size, padding, np.int32)
    padded[: len(rows)] = rows
    return padded.reshape(-1, size)


def link_scores(
    logits_NC: jax.Array, cosine_NA: jax.Array, concept_A: jax.Array, scale: jax.Array
) -> jax.Array:
    """Mean of the cosines with the concept and with its nearest alias; float32 scores_NC.

    Nearest alias is better than one vector per concept if a concept has few aliases; with many the
    two are equal, and their mean is best (FINDINGS A1).
    """
    concepts = logits_NC.shape[-1] - 1
    nearest_CN = jax.ops.segment_max(cosine_NA.T, concept_A, num_segments=concepts)
    nearest_NC = jnp.maximum(nearest_CN.T, -1.0)
    return 0.5 * (logits_NC[:, :-1] / scale + nearest_NC)


def make_validate(model: Any) -> Callable[[Any, Material, Validation], tuple[jax.Array, jax.Array]]:
    """Builds `(params, material, validation) -> (loss, accuracy)`; 0 and 0 if none is held out.

    The loss is the cross-entropy over concepts and "none"; the accuracy is that of `link_scores`.
    Concepts and shown aliases are processed in parts, because all scores do not fit into memory:
    two thousand aliases against five million are 40 GB.
    """

    def validate(
        params: Any, material: Material, validation: Validation
    ) -> tuple[jax.Array, jax.Array]:
        tokens_VD = embed_tokens(model, params, material)

        def embed(rows_N: jax.Array) -> jax.Array:
            return embed_aliases(model, params, material, tokens_VD, rows_N)

        vectors_NBD = jax.lax.map(embed, validation.held_NB)
        labels_NB = material.concept_A[validation.held_NB]
        loss_NB, nearest = _compare_concepts(model, params, vectors_NBD, labels_NB)
        nearest = _compare_aliases(
            params, material.concept_A, validation.shown_SP, embed, vectors_NBD, nearest
        )
        right_NB = nearest.concept_NB == labels_NB
        count = jnp.maximum(validation.weight_NB.sum(), 1.0)
        loss, right = ((each * validation.weight_NB).sum() for each in (loss_NB, right_NB))
        return loss / count, right / count

    return validate


def _compare_concepts(
    model: Any, params: Any, vectors_NBD: jax.Array, labels_NB: jax.Array
) -> tuple[jax.Array, Nearest]:
    """Cross-entropy over all classes, and the best concept if no alias is compared."""

    def compare(carried: Any, part: tuple[jax.Array, jax.Array]) -> tuple[Any, None]:
        rows_P, weight_P = part

        def block(each: Any) -> Any:
            (highest_B, sum_B, label_B, nearest), vectors_BD, labels_B = each
            logits_PB = model.apply({"params": params}, vectors_BD, rows_P, method="score").T
            logits_PB = jnp.where(weight_P[:, None] > 0, logits_PB, -jnp.inf)
            top_B = jnp.maximum(highest_B, logits_PB.max(0))
            sum_B = sum_B * jnp.exp(highest_B - top_B) + jnp.exp(logits_PB - top_B[None, :]).sum(0)
            is_label_PB = (rows_P[:, None] == labels_B[None, :]) & (weight_P[:, None] > 0)
            label_B += jnp.where(is_label_PB, logits_PB, 0.0).sum(0)
            # "No known concept" is never linked to; -1 is the lowest cosine with an alias.
            known_P1 = (rows_P < model.concepts)[:, None]
            scores_PB = jnp.where(known_P1, logits_PB / params["scale"] - 1.0, -jnp.inf)
            return top_B, sum_B, label_B, _take_better(nearest, scores_PB, rows_P)

        return jax.lax.map(block, (carried, vectors_NBD, labels_NB)), None

    zeros_NB = jnp.zeros(labels_NB.shape)
    lowest_NB = jnp.full(labels_NB.shape, -jnp.inf)
    start = (lowest_NB, zeros_NB, zeros_NB, Nearest(lowest_NB, jnp.zeros_like(labels_NB)))
    classes = model.concepts + 1
    parts = split_rows(classes, min(PART, classes))
    (highest_NB, sum_NB, label_NB, nearest), _ = jax.lax.scan(compare, start, parts)
    return jnp.log(sum_NB) - (label_NB - highest_NB), nearest


def _compare_aliases(
    params: Any,
    concept_A: jax.Array,
    shown_SP: jax.Array,
    embed: Callable[[jax.Array], jax.Array],
    vectors_NBD: jax.Array,
    nearest: Nearest,
) -> Nearest:
    """Improves `nearest` by shown aliases; scores are sums of both cosines, twice `link_scores`."""

    def compare(nearest: Nearest, rows_P: jax.Array) -> tuple[Nearest, None]:
        concept_P = concept_A[rows_P]
        classes_PD = params["classes"][concept_P]
        units_PD = classes_PD / jnp.sqrt((classes_PD**2).sum(-1, keepdims=True) + UNIT)
        # The sum of two cosines is one product with the sum of the two unit vectors.
        both_PD = embed(rows_P) + units_PD
        bias_P = jnp.where(rows_P >= 0, params["bias"][concept_P] / params["scale"], -jnp.inf)

        def block(each: tuple[Nearest, jax.Array]) -> Nearest:
            nearest, vectors_BD = each
            return _take_better(nearest, both_PD @ vectors_BD.T + bias_P[:, None], concept_P)

        return jax.lax.map(block, (nearest, vectors_NBD)), None

    return jax.lax.scan(compare, nearest, shown_SP)[0]


def _take_better(nearest: Nearest, scores_PB: jax.Array, concept_P: jax.Array) -> Nearest:
    """Keeps the better of the previous best and further scores, for one block."""
    # XLA's argmax on a CPU is four times slower than a maximum and a minimum over columns.
    best_B = scores_PB.max(0)
    is_best_PB = scores_PB == best_B[None, :]
    first_B = jnp.where(is_best_PB, concept_P[:, None], jnp.iinfo("int32").max).min(0)
    score_B, concept_B = nearest
    first_B = jnp.where(best_B == score_B, jnp.minimum(first_B, concept_B), first_B)
    return Nearest(jnp.maximum(best_B, score_B), jnp.where(best_B >= score_B, first_B, concept_B))
