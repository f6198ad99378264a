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
from lvmh_jax.models.rows import sum_moved_rows
from lvmh_jax.train.losses import Key, count_correct, cross_entropy, mix_bits
from lvmh_jax.train.optimizers import ROW_LOCAL
from lvmh_jax.train.sampling import ClassSample, sample_classes
from lvmh_jax.train.state import TrainState
from lvmh_jax.train.tables import NO_BOUNDS, Bounds, add_rows, find_used, put_rows, take_rows
from lvmh_jax.train.words import Places, Words, list_words


class Material(NamedTuple):
    """All training arrays, on the device; a step gathers its rows from them.

    Axes: V tokens of F grams each; A aliases, U unlabelled phrases, M contexts; T tokens of a
    phrase, R of a context; H near concepts of each of C, 0 with the softmax over all classes. Ids
    are int32, `rarity_V` is float32. The two switches are float32 [], 0 if there is nothing to draw
    from, else 1.
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
    """Row numbers into `Material`: each of B rows has K aliases, D unlabelled phrases and contexts.

    int32, except float32 `weight_BK`, which is 0 for aliases that only pad their row.
    """

    alias_BK: jax.Array
    weight_BK: jax.Array
    unlabelled_BD: jax.Array
    context_BD: jax.Array


class Read(NamedTuple):
    """What a step reads from the gram table, if only those rows have a gradient.

    Attributes:
      table_VD: float32, the whole table.
      ids: int32 rows of the table.
      places: int32, the same rows, as rows of the smaller parameter that has the gradient.
    """

    table_VD: jax.Array
    ids: tuple[jax.Array, ...]
    places: tuple[jax.Array, ...]


def list_batch(
    material: Material, batch: Batch, key: Key, rate: float, most_words: int = 0
) -> tuple[Places, Words]:
    """Lists the words of a batch: of its aliases, its unlabelled phrases and its contexts.

    Args:
      material: arrays that the batch refers to.
      batch: row numbers.
      key: dropout key of the step.
      rate: gram dropout rate.
      most_words: upper bound of the words in the batch; 0 lists every place.

    Returns: the places where phrases and contexts may have words, and the words.
    """
    tokens_BNT = (material.alias_AT[batch.alias_BK], material.unlabelled_UT[batch.unlabelled_BD])
    pairs_BNT = (
        material.alias_pairs_AT[batch.alias_BK],
        material.unlabelled_pairs_UT[batch.unlabelled_BD],
    )
    places = Places(
        jnp.concatenate(tokens_BNT, 1),
        jnp.concatenate(pairs_BNT, 1),
        material.context_MR[batch.context_BD],
    )
    words = list_words(places, material.grams_VF, material.rarity_V, key, rate, most_words)
    return places, words


def make_key(state: TrainState) -> Key:
    """Dropout key of a step, from its number: a resumed run draws like an unbroken one."""
    step = state.step.astype("uint32")
    return mix_bits(state.key[0], state.key[1], step, jnp.zeros_like(step))[:2]


def _compare(
    apply: Callable[..., jax.Array], sample: ClassSample | None, inputs: jax.Array, method: str
) -> jax.Array:
    """Logits over all classes, or over a sample with the weights that correct for the others."""
    if sample is None:
        return apply(inputs, method=method)
    return apply(inputs, sample.rows_S1, method=method) + sample.weight_S1[None, :]


def _find_places(sample: ClassSample | None, labels_N: jax.Array) -> jax.Array:
    """Columns of the labels among the compared classes."""
    return labels_N if sample is None else sample.place_C1[labels_N]


def _draw_classes(
    state: TrainState, material: Material, batch: Batch, concepts: int, wanted: int
) -> ClassSample:
    """Draws the classes of a step: those of its aliases and contexts, near ones, random ones."""
    key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.step)
    alias_L = material.concept_A[batch.alias_BK].reshape(-1)
    context_L = material.concept_M[batch.context_BD].reshape(-1)
    near_H = material.near_CH[alias_L].reshape(-1)
    return sample_classes(key, jnp.append(alias_L, context_L), near_H, concepts, wanted)


def make_batch_loss(
    model: Any, settings: TrainSettings, parts: int = 1
) -> Callable[..., tuple[jax.Array, Any]]:
    """Builds the loss of a batch.

    Args:
      model: module built from a row of `models.MODELS`.
      settings: weights of the losses.
      parts: number of devices that the rows of a batch are split over.

    Returns: `(params, material, batch, places, words, sample, read) -> (loss_B, sums)`, where the
      sums over the batch are loss, rows, right aliases and aliases. With `sample` None the softmax
      is over all classes; with `read` None the gram table is a parameter like the others.
    """

    def batch_loss(
        params: Any,
        material: Material,
        batch: Batch,
        places: Places,
        words: Words,
        sample: ClassSample | None = None,
        read: Read | None = None,
    ) -> tuple[jax.Array, tuple[jax.Array, ...]]:
        apply = lambda *args, method: model.apply({"params": params}, *args, method=method)  # noqa: E731
        compare = partial(_compare, apply, sample)
        known, phrases = batch.alias_BK.shape[1], places.phrases_BNT.shape[1]
        if read is None:
            sums_WD, pairs_WD = apply(words.ids, parts, method="look_up")
        else:
            sums_WD, pairs_WD = sum_moved_rows(params["table"], *read)
        tokens_WD = apply(sums_WD, words.grams_WF, words.rarity_W, method="weigh")
        tokens_WD += model.settings.pair_weight * pairs_WD
        sums_BMD = places.sum_words(tokens_WD, words.row_W)
        flat = lambda each: each.reshape(-1, each.shape[-1])  # noqa: E731
        vectors_ND = apply(flat(sums_BMD[:, :phrases]), method="project")
        logits_BNC = compare(vectors_ND, "score").reshape(len(sums_BMD), phrases, -1)
        labels_BK = _find_places(sample, material.concept_A[batch.alias_BK])
        nothing_BD = jnp.full_like(batch.unlabelled_BD, logits_BNC.shape[-1] - 1)
        loss_BN = cross_entropy(logits_BNC, jnp.concatenate([labels_BK, nothing_BD], 1))
        logits_DC = compare(flat(sums_BMD[:, phrases:])[:, None], "score_context")
        labels_BD = _find_places(sample, material.concept_M[batch.context_BD])
        context_B = cross_entropy(logits_DC, labels_BD.reshape(-1)).reshape(labels_BD.shape).mean(1)
        # An alias that only fills its row has weight 0.
        alias_B, nil_B = (loss_BN[:, :known] * batch.weight_BK).mean(1), loss_BN[:, known:].mean(1)
        total_B = alias_B + settings.nil_weight * material.has_unlabelled * nil_B
        total_B += settings.context_weight * material.has_contexts * context_B
        right = count_correct(logits_BNC[:, :known], labels_BK, batch.weight_BK)
        shown = batch.weight_BK.sum()
        return total_B, (alias_B.sum(), shown / known, right, shown)

    return batch_loss


def make_train_step(
    model: Any,
    settings: TrainSettings,
    optimizer: optax.GradientTransformation,
    *,
    parts: int = 1,
    most: Bounds = NO_BOUNDS,
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Builds the pure update `(state, material, batch) -> (state, metrics_4)`.

    The metrics are float32 sums over the batch: loss, rows, right aliases, aliases.

    Args:
      model: module built from a row of `models.MODELS`.
      settings: settings of the step.
      optimizer: from `build_optimizer`, with the same settings.
      parts: number of devices that the rows of a batch are split over.
      most: upper bounds of the words in a batch and of the gram-table rows that it reads. If the
        latter is 0 (unknown), the whole table has a gradient.
    """
    is_local = settings.optimizer in ROW_LOCAL
    takes_grams = is_local and 0 < most.grams < model.settings.buckets
    # An untied context layer has an output per concept, so a step cannot read only some classes.
    wanted, rate = settings.sampled_concepts, settings.gram_dropout
    takes_classes = is_local and wanted and model.settings.tied_contexts
    sizes = {"table": model.settings.buckets, "classes": model.concepts + 1}

    def train_step(
        state: TrainState, material: Material, batch: Batch
    ) -> tuple[TrainState, jax.Array]:
        sample = _draw_classes(state, material, batch, model.concepts, wanted) if wanted else None
        places, words = list_batch(material, batch, make_key(state), rate, most.words)
        rows: dict[str, Any] = {}
        read: Read | None = None
        if takes_grams:
            rows["table"], at = find_used(words.ids, sizes["table"], most.grams)
            read = Read(state.params["table"], words.ids, at)
        if takes_classes and sample is not None:
            rows["classes"], sample = sample.rows_S1, sample._replace(rows_S1=None)
        batch_loss = make_batch_loss(_cut_model(model, rows), settings, parts)

        def objective(params: Any) -> tuple[jax.Array, jax.Array]:
            if "classes" in rows:
                params = params | {"bias": params["bias"][rows["classes"]]}
            losses_B, sums = batch_loss(params, material, batch, places, words, sample, read)
            return losses_B.mean(), jnp.stack(sums)

        whole = state.params, state.opt_state
        params, opt_state = take_rows(whole, rows, sizes)
        if read is not None:
            params["table"] = jnp.zeros_like(params["table"])
        (_, sums), grads = jax.value_and_grad(objective, has_aux=True)(params)
        updates, opt_state = optimizer.update(grads, opt_state, params)
        stepped = optax.apply_updates(params, updates)
        params, opt_state = put_rows(whole, (stepped, opt_state), rows, sizes)
        if read is not None:
            params["table"] = add_rows(read.table_VD, rows["table"], stepped["table"])
        return TrainState(state.step + 1, params, opt_state, state.key), sums

    return train_step


def _cut_model(model: Any, rows: Mapping[str, jax.Array]) -> Any:
    """The model with tables reduced to the given rows."""
    if "table" in rows:
        model = model.clone(settings=replace(model.settings, buckets=len(rows["table"])))
    return model.clone(concepts=len(rows["classes"]) - 1) if "classes" in rows else model


def make_epoch(
    step: Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]],
) -> Callable[[TrainState, Material, Batch], tuple[TrainState, jax.Array]]:
    """Folds the step over the leading axis of the batches, for one jitted call per epoch."""

    def epoch(
        state: TrainState, material: Material, batches: Batch
    ) -> tuple[TrainState, jax.Array]:
        return jax.lax.scan(lambda carry, batch: step(carry, material, batch), state, batches)

    return epoch
