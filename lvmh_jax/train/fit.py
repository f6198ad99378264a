"""Fits the encoder: epochs of one jitted call each, the best one by validation kept.

`fit_encoder` is a generator: after every epoch it yields the whole state, so that its caller may
draw a bar, save a checkpoint, or stop. It reads no clock and no disk; the same inputs on one CPU
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.config import Settings
from lvmh_jax.data.batches import count_steps, plan_epoch
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import LvmhError
from lvmh_jax.models import build_model
from lvmh_jax.train.optimizers import build_optimizer
from lvmh_jax.train.schedules import build_schedule
from lvmh_jax.train.state import TrainState, init_state
from lvmh_jax.train.step import Batch, Material, make_epoch, make_train_step
from lvmh_jax.train.validate import make_validate, make_validation


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch measured: on aliases held out, and, beside it, on those trained on."""

    epoch: int
    loss: float
    accuracy: float
    train_loss: float
    train_accuracy: float


@dataclass(frozen=True)
class FitState:
    """A fit after some epochs: everything that going on needs."""

    state: TrainState
    best_params: Any
    history: tuple[EpochRecord, ...] = field(default=())

    @property
    def best(self) -> EpochRecord | None:
        """The epoch of the lowest validation loss, the first of equals."""
        return min(self.history, key=lambda record: record.loss, default=None)


def make_material(examples: Examples) -> Material:
    """Puts the training arrays on the device; empty ones get one row that is never drawn."""
    unlabelled, contexts = examples.unlabelled, examples.contexts_MR

    def at_least_one(rows: np.ndarray) -> jax.Array:
        return jnp.asarray(rows if len(rows) else np.zeros((1, *rows.shape[1:]), rows.dtype))

    return Material(
        grams_VF=jnp.asarray(examples.table.grams_VF),
        rarity_V=jnp.asarray(examples.rarity_V),
        alias_AT=jnp.asarray(examples.phrases.tokens_NT),
        alias_pairs_AT=jnp.asarray(examples.phrases.pairs_NT),
        concept_A=jnp.asarray(examples.concept_A.astype(np.int32)),
        unlabelled_UT=at_least_one(unlabelled.tokens_NT),
        unlabelled_pairs_UT=at_least_one(unlabelled.pairs_NT),
        context_MR=at_least_one(contexts),
        concept_M=at_least_one(examples.concept_M.astype(np.int32)),
        has_unlabelled=jnp.float32(len(unlabelled) > 0),
        has_contexts=jnp.float32(len(contexts) > 0),
    )


def start_fit(examples: Examples, concepts: int, settings: Settings) -> FitState:
    """Initialises the parameters and the optimizer."""
    model = build_model(settings.model, concepts)
    optimizer = _optimizer(examples, settings)

    def init(grams_NTF: jax.Array) -> Any:
        shape = grams_NTF.shape[:2]
        zeros_NT = jnp.zeros(shape, "int32")
        key = jax.random.key(settings.train.seed)
        ones_NT = jnp.ones(shape, "float32")
        return model.init(key, grams_NTF, zeros_NT, ones_NT, method="initialise")["params"]

    params = jax.jit(init)(jnp.asarray(examples.table.grams_VF[None, :1]))
    state = init_state(params, optimizer, settings.train.seed)
    return FitState(state, jax.tree.map(jnp.copy, params))


def fit_encoder(
    examples: Examples, concepts: int, settings: Settings, fit: FitState
) -> Iterator[FitState]:
    """Yields the fit after each further epoch, until `epochs` ran or patience is spent.

    Raises:
      LvmhError: the loss is not a number; the state of the last good epoch was yielded before.
    """
    train = settings.train
    model = build_model(settings.model, concepts)
    step = make_train_step(model, train, _optimizer(examples, settings))
    run_epoch = jax.jit(make_epoch(step), donate_argnums=0)
    validate = jax.jit(make_validate(model))
    material, validation = make_material(examples), make_validation(examples.held_A)
    held_out = bool(examples.held_A.any())
    while len(fit.history) < train.epochs and not is_out_of_patience(fit, train.patience):
        epoch = len(fit.history)
        batches = _plan(examples, settings, epoch)
        # The epoch's call donates its state, and what was yielded stays the caller's.
        state, sums = run_epoch(jax.tree.map(jnp.copy, fit.state), material, batches)
        loss, accuracy = validate(state.params, material, validation)
        lost, rows, right, aliases = np.asarray(sums, np.float64).sum(0)
        seen = EpochRecord(
            epoch, 0.0, 0.0, float(lost / max(rows, 1)), float(right / max(aliases, 1))
        )
        seen = replace(
            seen,
            loss=float(loss) if held_out else seen.train_loss,
            accuracy=float(accuracy) if held_out else seen.train_accuracy,
        )
        if not np.isfinite([seen.loss, seen.train_loss]).all():
            raise LvmhError(
                f"the loss is not a number after epoch {epoch + 1}",
                fix="try a smaller --learning-rate, or a smaller train.clip_norm",
            )
        improved = fit.best is None or seen.loss < fit.best.loss
        best = jax.tree.map(jnp.copy, state.params) if improved else fit.best_params
        fit = FitState(state, best, (*fit.history, seen))
        yield fit


def is_out_of_patience(fit: FitState, patience: int) -> bool:
    """Whether the last `patience` epochs brought no better validation loss."""
    return fit.best is not None and len(fit.history) - 1 - fit.best.epoch >= patience


def _optimizer(examples: Examples, settings: Settings) -> Any:
    train = settings.train
    shown = int((~examples.held_A).sum())
    steps = count_steps(shown, train.batch_size, train.aliases_per_row) * train.epochs
    return build_optimizer(train, build_schedule(train.schedule, steps, train.warmup_share))


def _plan(examples: Examples, settings: Settings, epoch: int) -> Batch:
    train = settings.train
    plan = plan_epoch(
        np.flatnonzero(~examples.held_A),
        examples.concept_A,
        batch_size=train.batch_size,
        aliases_per_row=train.aliases_per_row,
        unlabelled=len(examples.unlabelled),
        contexts=len(examples.concept_M),
        drawn_per_alias=train.unlabelled_per_alias,
        seed=train.seed,
        epoch=epoch,
    )
    return Batch(
        jnp.asarray(plan.alias_SBK),
        jnp.asarray(plan.weight_SBK),
        jnp.asarray(plan.unlabelled_SBU),
        jnp.asarray(plan.context_SBM),
    )
