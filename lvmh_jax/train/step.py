"""The pure train step of the encoder, and an epoch of it folded by `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lvmh_jax.config import TrainSettings
from lvmh_jax.train.losses import count_correct, drop_grams, weighted_cross_entropy
from lvmh_jax.train.sampling import ClassSample, sample_classes
from lvmh_jax.train.state import TrainState


class Material(NamedTuple):
    """All training arrays, on the device; a step gathers its rows from them.

    V tokens, F grams each; A aliases, U unlabelled phrases, M contexts; T tokens a phrase,
    R a context; H concepts near to each of C, none where all classes are compared with. The two
    switches are 0 where there is nothing to draw from, else 1.
    """

    grams_VF: jax.Array
    rarity_V: jax.Array
    alias_AT: jax.Array
    alias_pairs_AT: jax.Array
    concept_A: jax.Array
    unlabelled_UT: jax.Array
    unlabelled_pairs_UT: jax.Array
    context_MR: jax.Array
    concept_M: jax.Array
    near_CH: jax.Array
    has_unlabelled: jax.Array
    has_contexts: jax.Array


class Batch(NamedTuple):
    """Rows of the material, B rows in a batch: K aliases, D unlabelled phrases and contexts."""

    alias_BK: jax.Array
    weight_BK: jax.Array
    unlabelled_BD: jax.Array
    context_BD: jax.Array


def make_row_loss(model: Any, settings: TrainSettings) -> Callable[..., tuple[jax.Array, Any]]:
    """Builds the loss of one row of a batch; the step maps it over the batch.

    Its last argument is the step's sample of classes; None compares with all.
    """

    def row_loss(
        params: Any,
        material: Material,
        row: Batch,
        key: jax.Array,
        sample: ClassSample | None = None,
    ) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        apply = lambda *args, method: model.apply({"params": params}, *args, method=method)  # noqa: E731
        compare = partial(_compare, apply, sample)
        vectors_ND = apply(*_draw_phrases(material, row, key, settings), method="__call__")
        logits_NC = compare(vectors_ND, "score")
        known = row.alias_BK.shape[0]
        labels_K = _find_places(sample, material.concept_A[row.alias_BK])
        nothing_D = jnp.full(len(logits_NC) - known, logits_NC.shape[-1] - 1)
        alias = weighted_cross_entropy(logits_NC[:known], labels_K, row.weight_BK)
        nil = weighted_cross_entropy(
            logits_NC[known:], nothing_D, jnp.ones(len(nothing_D), "float32")
        )
        around_DR = material.context_MR[row.context_BD]
        context_DRD = apply(
            material.grams_VF[around_DR], material.rarity_V[around_DR], method="embed_tokens"
        )
        context_DC = compare(context_DRD, "score_context")
        labels_D = _find_places(sample, material.concept_M[row.context_BD])
        context = weighted_cross_entropy(context_DC, labels_D, jnp.ones(len(labels_D), "float32"))
        # A row of padding counts for nothing; the others count by their aliases.
        share = row.weight_BK.mean()
        total = share * alias
        total += settings.nil_weight * material.has_unlabelled * nil
        total += settings.context_weight * material.has_contexts * context
        correct = count_correct(logits_NC[:known], labels_K, row.weight_BK)
        return total, (alias * share, share, correct, row.weight_BK.sum())

    return row_loss


def _draw_phrases(
    material: Material, row: Batch, key: jax.Array, settings: TrainSettings
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Grams, pairs and rarity of a row's aliases, then of its unlabelled phrases."""
    tokens_NT = jnp.concatenate(
        [material.alias_AT[row.alias_BK], material.unlabelled_UT[row.unlabelled_BD]]
    )
    pairs_NT = jnp.concatenate(
        [material.alias_pairs_AT[row.alias_BK], material.unlabelled_pairs_UT[row.unlabelled_BD]]
    )
    grams_NTF, pairs_NT = drop_grams(
        key, material.grams_VF[tokens_NT], pairs_NT, settings.gram_dropout
    )
    return grams_NTF, pairs_NT, material.rarity_V[tokens_NT]


def _compare(
    apply: Callable[..., jax.Array], sample: ClassSample | None, inputs: jax.Array, method: str
) -> jax.Array:
    """Logits over all classes, or over the sampled ones, each for those it stands for."""
    if sample is None:
        return apply(inputs, method=method)
    return apply(inputs, sample.rows_S1, method=method) + sample.weight_S1[None, :]


def _find_places(sample: ClassSample | None, labels_N: jax.Array) -> jax.Array:
    """Where the labels are among the classes that are compared with."""
    return labels_N if sample is None else sample.place_C1[labels_N]


def _draw_classes(
    key: jax.Array, material: Material, batch: Batch, concepts: int, wanted: int
) -> ClassSample:
    """The classes of a step: those of its aliases and contexts, near ones, and random ones."""
    alias_L = material.concept_A[batch.alias_BK].reshape(-1)
    context_L = material.concept_M[batch.context_BD].reshape(-1)
    # Not one of the keys that `split` makes for the rows.
    key = jax.random.fold_in(key, len(batch.alias_BK))
    near_H = material.near_CH[alias_L].reshape(-1)
    return sample_classes(key, jnp.append(alias_L, context_L), near_H, concepts, wanted)


def make_train_step(
    model: Any, settings: TrainSettings, optimizer: optax.GradientTransformation
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Builds the pure update `(state, material, batch) -> (state, metrics_4)`.

    The metrics are sums over the batch: loss, rows, right aliases, aliases.
    """
    row_loss = make_row_loss(model, settings)

    def train_step(
        state: TrainState, material: Material, batch: Batch
    ) -> tuple[TrainState, jax.Array]:
        # fold_in(step), not split: a resumed run must draw the same dropout as an unbroken one.
        key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)
        keys_B = jax.random.split(key, batch.alias_BK.shape[0])
        wanted = settings.sampled_concepts
        sample = _draw_classes(key, material, batch, model.concepts, wanted) if wanted else None

        def objective(params: Any) -> tuple[jax.Array, jax.Array]:
            losses_B, sums_B = jax.vmap(row_loss, in_axes=(None, None, 0, 0, None))(
                params, material, batch, keys_B, sample
            )
            return losses_B.mean(), jnp.stack([each.sum() for each in sums_B])

        (_, sums), grads = jax.value_and_grad(objective, has_aux=True)(state.params)
        updates, opt_state = optimizer.update(grads, state.opt_state, state.params)
        params = optax.apply_updates(state.params, updates)
        return TrainState(state.step + 1, params, opt_state, state.key), sums

    return train_step


def make_epoch(
    step: Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]],
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Folds the step over the leading axis of the batches: one jitted call an epoch."""

    def epoch(
        state: TrainState, material: Material, batches: Batch
    ) -> tuple[TrainState, jax.Array]:
        return jax.lax.scan(lambda carry, batch: step(carry, material, batch), state, batches)

    return epoch
