"""Fits note-level heads, all folds at once: which concepts a note has, judged by the whole note.

A head is one logistic regression per concept over a bag of hashed grams and signs. Each model is
fitted without the notes of one fold, so that every note is scored by a model that did not see it;
the shipped model sees all notes. Where the scores are features of a scorer, the scorer of a fold
must not see that fold through them, so models without pairs of folds are fitted too (stacked
generalization: Wolpert, Neural Networks 5(2), 1992). Bags are sparse and batches dense: each batch
is scattered once, for all models.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lvmh_jax.config import NoteHeadSettings

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
ALL = -1  # the group of the model that saw every fold


class NoteTargets(NamedTuple):
    """Training data of a head, per note.

    Attributes:
      ids_NT, values_NT: padded bags (`data.bags.pad_rows`).
      width: V, the number of columns; id V is padding.
      labels_NC: float32, 1 where the concept holds.
      fold_N: int64 fold of the note.
    """

    ids_NT: NDArray[np.int32]
    values_NT: Floats
    width: int
    labels_NC: Floats
    fold_N: NDArray[np.int64]


class NoteHeadFit(NamedTuple):
    """Fitted models, one for each of G groups.

    Attributes:
      kernel_GVC, bias_GC: float32 weights.
      group_G: int64 fold that each model did not see; -1 if it saw all.
    """

    kernel_GVC: Floats
    bias_GC: Floats
    group_G: Ints


class CrossFit(NamedTuple):
    """Models fitted without one fold, and the cross-fitted logits of the notes.

    Attributes:
      fit: the models that one fold or none is hidden from.
      logits_GNC: float32 logits of note n by a model that saw neither its fold nor fold
        `fit.group_G[g]`.
    """

    fit: NoteHeadFit
    logits_GNC: Floats


def fit_note_heads(targets: NoteTargets, settings: NoteHeadSettings, seed: int) -> CrossFit:
    """Fits a model without each fold, without each pair of folds, and on everything."""
    folds = np.unique(targets.fold_N).tolist()
    hidden = [(fold, fold) for fold in folds] + [(ALL, ALL)] + list(combinations(folds, 2))
    hidden_G2 = np.array(hidden, np.int64)
    weight_GN = (targets.fold_N != hidden_G2[:, :, None]).all(1).astype(np.float32)
    fit = jax.jit(partial(_fit_all, settings, targets.width))
    arrays = (weight_GN, targets.ids_NT, targets.values_NT, targets.labels_NC)
    params_G = fit(jax.random.key(seed), *map(jnp.asarray, arrays))["params"]
    kernel_GVC, bias_GC = np.asarray(params_G["kernel"]), np.asarray(params_G["bias"])
    singles = len(folds) + 1
    logits_GNC = np.zeros((singles, *targets.labels_NC.shape), np.float32)
    for model, pair in enumerate(hidden):
        for group, fold in {pair, pair[::-1]} if ALL not in pair else set():
            rows = np.flatnonzero(targets.fold_N == fold)
            said = _score(targets, rows, kernel_GVC[model], bias_GC[model])
            logits_GNC[folds.index(group), rows] = said
            if group == fold:
                logits_GNC[-1, rows] = said
    single = NoteHeadFit(kernel_GVC[:singles], bias_GC[:singles], hidden_G2[:singles, 0])
    return CrossFit(single, logits_GNC)


def _score(targets: NoteTargets, rows: Ints, kernel_VC: Floats, bias_C: Floats) -> Floats:
    """Logits of some notes."""
    ids_NT, values_NT = targets.ids_NT[rows], targets.values_NT[rows]
    length_N = (ids_NT < targets.width).sum(1)
    begin_N = np.concatenate([[0], np.cumsum(length_N)])
    there_NT = ids_NT < targets.width
    bags_NV = csr_array(
        (values_NT[there_NT], ids_NT[there_NT], begin_N), shape=(len(rows), targets.width)
    )
    logits_NC: Floats = bags_NV @ kernel_VC + bias_C
    return logits_NC


def note_loss(
    logits_BC: jax.Array, labels_BC: jax.Array, weight_B: jax.Array, kernel_VC: jax.Array, l2: float
) -> jax.Array:
    """Binary cross-entropy summed over concepts, averaged over notes by weight, plus L2 penalty.

    The sum makes each concept an independent regression.
    """
    loss_B = optax.sigmoid_binary_cross_entropy(logits_BC, labels_BC).sum(-1)
    seen = jnp.maximum(weight_B.sum(), 1.0)
    return (loss_B * weight_B).sum() / seen + 0.5 * l2 * (kernel_VC**2).sum()


def _fit_all(
    settings: NoteHeadSettings,
    width: int,
    key: jax.Array,
    weight_GN: jax.Array,
    ids_NT: jax.Array,
    values_NT: jax.Array,
    labels_NC: jax.Array,
) -> Any:
    concepts = labels_NC.shape[1]
    model = nn.Dense(concepts, kernel_init=nn.initializers.zeros)
    rate = optax.cosine_decay_schedule(settings.learning_rate, settings.steps)
    optimizer = optax.adam(rate)

    def start(weight_N: jax.Array) -> Any:
        params: Any = model.init(key, jnp.zeros((1, width)))
        # The bias starts at the base rate, because most concepts are rare.
        held_C = (labels_NC * weight_N[:, None]).sum(0) + 1.0
        odds_C = jnp.log(held_C) - jnp.log(jnp.maximum(weight_N.sum() - held_C, 1.0))
        return {"params": {**params["params"], "bias": odds_C}}

    def update(params: Any, state: Any, bag_BV: jax.Array, labels_BC: Any, weight_B: Any) -> Any:
        def loss(params: Any) -> jax.Array:
            logits_BC: Any = model.apply(params, bag_BV)
            kernel_VC = params["params"]["kernel"]
            return note_loss(logits_BC, labels_BC, weight_B, kernel_VC, settings.l2)

        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        return optax.apply_updates(params, updates), state

    def step(carry: Any, number: jax.Array) -> tuple[Any, None]:
        params_G, state_G = carry
        draw = jax.random.fold_in(key, number)
        rows_B = jax.random.randint(draw, (settings.batch_size,), 0, len(ids_NT))
        blank_BV = jnp.zeros((settings.batch_size, width))
        place_B1 = jnp.arange(settings.batch_size)[:, None]
        bag_BV = blank_BV.at[place_B1, ids_NT[rows_B]].add(values_NT[rows_B], mode="drop")
        every = jax.vmap(update, in_axes=(0, 0, None, None, 0))
        return every(params_G, state_G, bag_BV, labels_NC[rows_B], weight_GN[:, rows_B]), None

    params_G = jax.vmap(start)(weight_GN)
    carry = (params_G, jax.vmap(optimizer.init)(params_G))
    (params_G, _), _ = jax.lax.scan(step, carry, jnp.arange(settings.steps))
    return params_G
