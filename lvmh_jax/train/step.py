"""The pure train step of the encoder, and an epoch of it folded by `lax.scan`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from lvmh_jax.config import TrainSettings
from lvmh_jax.train.losses import count_correct, drop_grams, weighted_cross_entropy
from lvmh_jax.train.optimizers import ROW_LOCAL
from lvmh_jax.train.sampling import ClassSample, sample_classes
from lvmh_jax.train.state import TrainState
from lvmh_jax.train.tables import find_used, put_rows, take_rows


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


class Drawn(NamedTuple):
    """What a row reads: N phrases (its aliases, then unlabelled ones) and D contexts, as grams."""

    grams_NTF: jax.Array
    pairs_NT1: jax.Array
    around_DRF: jax.Array
    rarity_NT: jax.Array
    rarity_DR: jax.Array

    @property
    def ids(self) -> tuple[jax.Array, ...]:
        """What is to be looked up in the gram table."""
        return self.grams_NTF, self.pairs_NT1, self.around_DRF

    def replace_ids(self, ids: tuple[jax.Array, ...]) -> Drawn:
        """The same with other ids, 0 where there were none."""
        return self._replace(grams_NTF=ids[0], pairs_NT1=ids[1], around_DRF=ids[2])


def _make_row_loss(model: Any, settings: TrainSettings) -> Callable[..., tuple[jax.Array, Any]]:
    """Builds the loss of one row of a batch, of what was looked up for it."""

    def row_loss(
        params: Any,
        material: Material,
        row: Batch,
        drawn: Drawn,
        looked: tuple[jax.Array, ...],
        sample: ClassSample | None,
    ) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        apply = lambda *args, method: model.apply({"params": params}, *args, method=method)  # noqa: E731
        compare = partial(_compare, apply, sample)
        sums_NTD, pairs_NTD, around_DRD = looked
        tokens_NTD = apply(sums_NTD, drawn.grams_NTF, drawn.rarity_NT, method="weigh")
        vectors_ND = apply(tokens_NTD, pairs_NTD, method="compose")
        logits_NC = compare(vectors_ND, "score")
        known = row.alias_BK.shape[0]
        labels_K = _find_places(sample, material.concept_A[row.alias_BK])
        nothing_D = jnp.full(len(logits_NC) - known, logits_NC.shape[-1] - 1)
        alias = weighted_cross_entropy(logits_NC[:known], labels_K, row.weight_BK)
        nil = weighted_cross_entropy(
            logits_NC[known:], nothing_D, jnp.ones(len(nothing_D), "float32")
        )
        context_DRD = apply(around_DRD, drawn.around_DRF, drawn.rarity_DR, method="weigh")
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


def _draw_row(material: Material, row: Batch, key: jax.Array, settings: TrainSettings) -> Drawn:
    """Grams, pairs and rarity of a row's phrases, some hidden, and of its contexts."""
    tokens_NT = jnp.concatenate(
        [material.alias_AT[row.alias_BK], material.unlabelled_UT[row.unlabelled_BD]]
    )
    pairs_NT = jnp.concatenate(
        [material.alias_pairs_AT[row.alias_BK], material.unlabelled_pairs_UT[row.unlabelled_BD]]
    )
    grams_NTF, pairs_NT = drop_grams(
        key, material.grams_VF[tokens_NT], pairs_NT, settings.gram_dropout
    )
    around_DR = material.context_MR[row.context_BD]
    return Drawn(
        grams_NTF,
        pairs_NT[..., None],
        material.grams_VF[around_DR],
        material.rarity_V[tokens_NT],
        material.rarity_V[around_DR],
    )


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


def make_batch_loss(
    model: Any, settings: TrainSettings, parts: int = 1
) -> Callable[..., tuple[jax.Array, Any]]:
    """Builds the loss of a batch: that of its rows, mapped, with one look at the gram table.

    The map leaves the table out: mapped, its gradient would be a table for every row. The last
    argument of what is built is the step's sample of classes; None compares with all.

    Args:
      model: of `models.MODELS`.
      settings: of the losses.
      parts: devices that the rows are split over.
    """
    row_loss = _make_row_loss(model, settings)

    def batch_loss(
        params: Any,
        material: Material,
        batch: Batch,
        drawn: Drawn,
        sample: ClassSample | None = None,
    ) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        looked = model.apply({"params": params}, drawn.ids, parts, method="look_up")
        map_rows = jax.vmap(row_loss, in_axes=(None, None, 0, 0, 0, None))
        return map_rows(params, material, batch, drawn, looked, sample)

    return batch_loss


def draw_rows(
    material: Material, batch: Batch, keys_B: jax.Array, settings: TrainSettings
) -> Drawn:
    """What the rows of a batch read, each drawn by its key; a leading axis of rows."""
    draw = lambda row, key: _draw_row(material, row, key, settings)  # noqa: E731
    return jax.vmap(draw)(batch, keys_B)


def make_train_step(
    model: Any,
    settings: TrainSettings,
    optimizer: optax.GradientTransformation,
    *,
    parts: int = 1,
    most_grams: int = 0,
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Builds the pure update `(state, material, batch) -> (state, metrics_4)`.

    The metrics are sums over the batch: loss, rows, right aliases, aliases.

    Args:
      model: of `models.MODELS`.
      settings: of the step.
      optimizer: of `build_optimizer`, with the same settings.
      parts: devices that the rows of a batch are split over.
      most_grams: at least as many different rows of the gram table as a batch reads; 0 is any
        number, and then the whole table has a gradient.
    """
    is_local = settings.optimizer in ROW_LOCAL
    takes_grams = is_local and 0 < most_grams < model.settings.buckets
    # The dense layer of contexts has all concepts, so it has to be done without.
    takes_classes = is_local and settings.sampled_concepts and model.settings.tied_contexts
    sizes = {"table": model.settings.buckets, "classes": model.concepts + 1}

    def train_step(
        state: TrainState, material: Material, batch: Batch
    ) -> tuple[TrainState, jax.Array]:
        # fold_in(step), not split: a resumed run must draw the same dropout as an unbroken one.
        key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)
        keys_B = jax.random.split(key, batch.alias_BK.shape[0])
        wanted = settings.sampled_concepts
        sample = _draw_classes(key, material, batch, model.concepts, wanted) if wanted else None
        drawn = draw_rows(material, batch, keys_B, settings)
        rows: dict[str, Any] = {}
        if takes_grams:
            rows["table"], ids = find_used(drawn.ids, sizes["table"], most_grams)
            drawn = drawn.replace_ids(ids)
        if takes_classes and sample is not None:
            rows["classes"], sample = sample.rows_S1, sample._replace(rows_S1=None)
        batch_loss = make_batch_loss(_cut_model(model, rows), settings, parts)

        def objective(params: Any) -> tuple[jax.Array, jax.Array]:
            if "classes" in rows:
                params = params | {"bias": params["bias"][rows["classes"]]}
            losses_B, sums_B = batch_loss(params, material, batch, drawn, sample)
            return losses_B.mean(), jnp.stack([each.sum() for each in sums_B])

        whole = (state.params, state.opt_state)
        params, opt_state = take_rows(whole, rows, sizes)
        (_, sums), grads = jax.value_and_grad(objective, has_aux=True)(params)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        stepped = (optax.apply_updates(params, updates), opt_state)
        params, opt_state = put_rows(whole, stepped, rows, sizes)
        return TrainState(state.step + 1, params, opt_state, state.key), sums

    return train_step


def _cut_model(model: Any, rows: Mapping[str, jax.Array]) -> Any:
    """The model of so many rows of its tables."""
    if "table" in rows:
        model = model.clone(settings=replace(model.settings, buckets=len(rows["table"])))
    return model.clone(concepts=len(rows["classes"]) - 1) if "classes" in rows else model


def make_epoch(
    step: Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]],
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Folds the step over the leading axis of the batches: one jitted call an epoch."""

    def epoch(
        state: TrainState, material: Material, batches: Batch
    ) -> tuple[TrainState, jax.Array]:
        return jax.lax.scan(lambda carry, batch: step(carry, material, batch), state, batches)

    return epoch
