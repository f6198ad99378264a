"""Fits mention scorers: all folds and members at once, by `jax.vmap` over models.

A member is a seed, and a fold hides its notes from a model, so that every candidate of the fitting
data has scores from models that did not see its note (cross-fitting). The shipped scorer is the
mean over all models of its kind.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from lvmh_jax.config import ScorerSettings
from lvmh_jax.models.scorer import MentionScorer, gate_polarity

BATCH = 512
SILENT = 1e-6
RECALLED_STD = 2.0  # logs of counts, a rate and a log share
Floats = NDArray[np.float32]
Array = TypeVar("Array", Floats, jax.Array)


class ScorerTargets(NamedTuple):
    """What the scorer learns from, per candidate.

    Attributes:
      features_NF: raw features.
      overlap_N: how well the span fits a gold span of the concept, in [0, 1].
      negated_N: 1 where that gold span is negated.
      fold_N: fold of the candidate's note.
      recalled_GNM: the last M features as the models of each fold are to see them, then as those
        that see all; None where they are the same for all.
      is_recalled_N: True where nothing but the memory called a candidate up. Such a one exists for
        those models alone that may see an annotation of its wording: the first recalled feature.
      denied_N: whether a cue denies the candidate; None takes all for denied.
    """

    features_NF: Floats
    overlap_N: Floats
    negated_N: Floats
    fold_N: NDArray[np.int64]
    recalled_GNM: Floats | None = None
    is_recalled_N: NDArray[np.bool_] | None = None
    denied_N: NDArray[np.bool_] | None = None


class ScorerFit(NamedTuple):
    """Fitted models, stacked along a leading axis G = groups x members.

    Attributes:
      params_G: parameters.
      group_G: the fold that a model did not see; -1 where it saw all.
      mean_F, std_F: the standardisation of the features.
    """

    params_G: Any
    group_G: NDArray[np.int64]
    mean_F: Floats
    std_F: Floats


def fit_scorers(targets: ScorerTargets, settings: ScorerSettings, seed: int) -> ScorerFit:
    """Fits `members` models for each fold left out, and as many on everything."""
    folds = [*np.unique(targets.fold_N).tolist(), -1]
    group_G = np.repeat(np.array(folds, np.int64), settings.members)
    mean_F, std_F, last = _find_scale(targets)
    features_NF = standardise(targets.features_NF, mean_F, std_F)
    recalled_GNM = targets.recalled_GNM
    if recalled_GNM is None:
        recalled_GNM = np.zeros((len(folds), len(features_NF), 0), np.float32)
    recalled_GNM = standardise(recalled_GNM, mean_F[last:], std_F[last:])
    weight_GN = (targets.fold_N[None, :] != group_G[:, None]).astype(np.float32)
    weight_GN *= np.repeat(_list_visible(targets, len(folds)), settings.members, axis=0)
    denied_N = np.ones(len(features_NF), bool) if targets.denied_N is None else targets.denied_N
    keys_G = jax.random.split(jax.random.key(seed), len(group_G))
    kind_G = np.repeat(np.arange(len(folds)), settings.members)
    fit = jax.jit(jax.vmap(_make_fit(settings), in_axes=(0, 0, 0, None, None, None, None, None)))
    params_G = fit(
        keys_G,
        jnp.asarray(weight_GN),
        jnp.asarray(kind_G),
        jnp.asarray(features_NF[:, :last]),
        jnp.asarray(recalled_GNM),
        jnp.asarray(targets.overlap_N),
        jnp.asarray(targets.negated_N),
        jnp.asarray(denied_N),
    )
    return ScorerFit(jax.tree.map(np.asarray, params_G), group_G, mean_F, std_F)


def _list_visible(targets: ScorerTargets, kinds: int) -> NDArray[np.bool_]:
    """Which candidates exist for the models of each fold; bool [folds + 1, N]."""
    visible_GN = np.ones((kinds, len(targets.fold_N)), bool)
    if targets.recalled_GNM is not None and targets.is_recalled_N is not None:
        visible_GN = ~targets.is_recalled_N[None, :] | (targets.recalled_GNM[:, :, 0] > 0)
    return visible_GN


def _find_scale(targets: ScorerTargets) -> tuple[Floats, Floats, int]:
    """Mean and deviation of each feature, and which is the first recalled one."""
    features_NF, recalled_GNM = targets.features_NF, targets.recalled_GNM
    last = features_NF.shape[1] - (0 if recalled_GNM is None else recalled_GNM.shape[2])
    if targets.is_recalled_N is not None:
        features_NF = features_NF[~targets.is_recalled_N]
    mean_F, spread_F = features_NF.mean(0), features_NF.std(0)
    # A feature that never varied says nothing: its weight is as it was drawn.
    std_F = np.where(spread_F > SILENT, spread_F + 1e-3, 1 / SILENT).astype(np.float32)
    # Recalled ones depend on the annotation of all folds, so their own scale would tell of it.
    mean_F[last:], std_F[last:] = 0.0, RECALLED_STD
    return mean_F, std_F, last


def standardise(features_NF: Array, mean_F: Array, std_F: Array) -> Array:
    """Features to zero mean and unit deviation, clipped: a new corpus may lie far outside."""
    ready_NF: Array = ((features_NF - mean_F) / std_F).clip(-5, 5)
    return ready_NF


def scorer_loss(
    logits_N2: jax.Array, overlap_N: jax.Array, negated_N: jax.Array, weight_N: jax.Array
) -> jax.Array:
    """Cross-entropy of overlap, and of negation where there is a mention."""
    mention_N = optax.sigmoid_binary_cross_entropy(logits_N2[:, 0], overlap_N)
    negated = optax.sigmoid_binary_cross_entropy(logits_N2[:, 1], negated_N) * overlap_N
    return ((mention_N + negated) * weight_N).sum() / jnp.maximum(weight_N.sum(), 1.0)


def _make_fit(settings: ScorerSettings) -> Any:
    model: Any = MentionScorer(settings.hidden)
    optimizer = optax.adamw(
        optax.cosine_decay_schedule(settings.learning_rate, settings.steps),
        weight_decay=settings.weight_decay,
    )

    def fit_one(
        key: jax.Array,
        weight_N: jax.Array,
        kind: jax.Array,
        features_NF: jax.Array,
        recalled_GNM: jax.Array,
        overlap_N: jax.Array,
        negated_N: jax.Array,
        denied_N: jax.Array,
    ) -> Any:
        start_key, draw_key = jax.random.split(key)
        see = lambda rows: jnp.concatenate([features_NF[rows], recalled_GNM[kind, rows]], -1)  # noqa: E731
        params = model.init(start_key, see(jnp.zeros(1, "int32")))

        def step(carry: tuple[Any, Any], number: jax.Array) -> tuple[tuple[Any, Any], None]:
            params, opt_state = carry
            draw = jax.random.fold_in(draw_key, number)
            rows_B = jax.random.randint(draw, (BATCH,), 0, len(features_NF))

            def loss(params: Any) -> jax.Array:
                logits_B2 = gate_polarity(model.apply(params, see(rows_B)), denied_N[rows_B])
                return scorer_loss(
                    logits_B2, overlap_N[rows_B], negated_N[rows_B], weight_N[rows_B]
                )

            updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state, params)
            return (optax.apply_updates(params, updates), opt_state), None

        carry = (params, optimizer.init(params))
        (params, _), _ = jax.lax.scan(step, carry, jnp.arange(settings.steps))
        return params

    return fit_one
