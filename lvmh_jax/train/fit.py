"""Fits the encoder: epochs of one jitted call each, the best one by validation kept.

`fit_encoder` is a generator: after every epoch it yields the whole state, so that its caller may
draw a bar, save a checkpoint, or stop. It reads no clock and no disk; the same inputs on one CPU
give the same bytes. `population` trains many models with the same parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lvmh_jax.config import Settings, TrainSettings
from lvmh_jax.data.batches import count_steps, plan_epoch
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import LvmhError
from lvmh_jax.models import build_model
from lvmh_jax.train.grounding import find_near_concepts, start_from_aliases
from lvmh_jax.train.mesh import ONE_DEVICE, Layout
from lvmh_jax.train.optimizers import build_optimizer
from lvmh_jax.train.schedules import build_schedule
from lvmh_jax.train.state import TrainState, copy_arrays, init_state
from lvmh_jax.train.step import Batch, Material, make_epoch, make_train_step
from lvmh_jax.train.validate import Validation, make_validate, make_validation


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
        return find_best(self.history)

    @property
    def done(self) -> int:
        """Epochs behind us."""
        return len(self.history)

    @property
    def figures(self) -> dict[str, float]:
        """The last epoch's, for a progress bar."""
        return {"loss": self.history[-1].loss, "accuracy": self.history[-1].accuracy}


@dataclass(frozen=True)
class Measured:
    """What an epoch gave, in numpy; each with a leading axis of models in a population.

    Attributes:
      state: after the epoch.
      sums_4: float64 sums of the steps: loss, rows, right aliases, aliases.
      loss, accuracy: on the aliases held out.
    """

    state: TrainState
    sums_4: np.ndarray
    loss: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class Course:
    """The compiled calls of an epoch, and the arrays on the device that every epoch reads."""

    run_epoch: Callable[..., Any]
    run_validation: Callable[..., Any]
    material: Material
    validation: Validation
    has_held: bool

    def run(self, state: TrainState, batches: Batch) -> Measured:
        """Trains one epoch and measures it; `state` stays usable."""
        # The epoch's call donates its state, and what was yielded stays the caller's.
        state, sums = self.run_epoch(copy_arrays(state), self.material, batches)
        # Several processes on CPU hang when two calls that talk are under way at once.
        jax.block_until_ready(state)
        loss, accuracy = self.run_validation(state.params, self.material, self.validation)
        sums_4 = np.asarray(sums, np.float64).sum(-2)
        return Measured(state, sums_4, np.asarray(loss), np.asarray(accuracy))

    def record(self, epoch: int, sums_4: np.ndarray, loss: float, accuracy: float) -> EpochRecord:
        """The record of one model's epoch; without held-out aliases training's figures stand in.

        Raises:
          LvmhError: the loss is not a number.
        """
        lost, rows, right, aliases = sums_4
        train_loss, train_accuracy = float(lost / max(rows, 1)), float(right / max(aliases, 1))
        if not self.has_held:
            loss, accuracy = train_loss, train_accuracy
        if not np.isfinite([loss, train_loss]).all():
            raise LvmhError(
                f"the loss is not a number after epoch {epoch + 1}",
                fix="try a smaller --learning-rate, or a smaller train.clip_norm",
            )
        return EpochRecord(epoch, loss, accuracy, train_loss, train_accuracy)


def make_material(examples: Examples, near_CH: jax.Array | None = None) -> Material:
    """Puts the training arrays on the device; empty ones get one row that is never drawn."""
    near_CH = jnp.zeros((1, 0), "int32") if near_CH is None else near_CH
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
        near_CH=near_CH,
        has_unlabelled=jnp.float32(len(unlabelled) > 0),
        has_contexts=jnp.float32(len(contexts) > 0),
    )


def make_init(
    examples: Examples, concepts: int, settings: Settings
) -> tuple[Callable[[Any, Any], Any], Any]:
    """Builds `(seed, arrays) -> params`, and the arrays: of all members of a population alike."""
    model = build_model(settings.model, concepts)
    arrays = (make_material(examples), jnp.asarray(~examples.held_A, "float32"))

    def init(seed: Any, arrays: tuple[Material, jax.Array]) -> Any:
        grams_NTF = arrays[0].grams_VF[None, :1]
        shape = grams_NTF.shape[:2]
        zeros_NT = jnp.zeros(shape, "int32")
        key = jax.random.key(seed)
        ones_NT = jnp.ones(shape, "float32")
        params = model.init(key, grams_NTF, zeros_NT, ones_NT, method="initialise")["params"]
        if settings.train.start_from_aliases:
            params = start_from_aliases(model, params, *arrays)
        return params

    return init, arrays


def start_fit(examples: Examples, concepts: int, settings: Settings) -> FitState:
    """Initialises the parameters and the optimizer."""
    init, arrays = make_init(examples, concepts, settings)
    train = settings.train
    params = jax.jit(init, static_argnums=0)(train.seed, arrays)
    state = init_state(params, make_optimizer(examples, train), train.seed)
    return FitState(state, copy_arrays(params))


def make_optimizer(examples: Examples, train: TrainSettings) -> optax.GradientTransformation:
    """The optimizer of a run, with its schedule over all steps."""
    shown = int((~examples.held_A).sum())
    steps = train.epochs * count_steps(
        shown, train.batch_size, train.aliases_per_row, train.aliases_per_epoch
    )
    return build_optimizer(train, build_schedule(train.schedule, steps, train.warmup_share))


def make_course(
    examples: Examples,
    concepts: int,
    settings: Settings,
    optimizer: optax.GradientTransformation,
    layout: Layout,
) -> Course:
    """Prepares the calls and arrays of an epoch; nothing is compiled before the first."""
    model = build_model(settings.model, concepts)
    step = make_train_step(model, settings.train, optimizer)
    return Course(
        layout.compile_epoch(make_epoch(step)),
        layout.compile_validation(make_validate(model)),
        layout.share(make_material(examples, _find_near(examples, concepts, settings))),
        layout.share(make_validation(examples.held_A, settings.train.validated_aliases)),
        bool(examples.held_A.any()),
    )


def _find_near(examples: Examples, concepts: int, settings: Settings) -> jax.Array | None:
    """Concepts whose aliases look alike, whatever a run has learnt: int32 near_CH."""
    train = settings.train
    if not train.near_concepts:
        return None
    grounded = replace(settings, train=replace(train, start_from_aliases=True))
    init, arrays = make_init(examples, concepts, grounded)

    def find(arrays: Any) -> jax.Array:
        # Of one seed, so that all members of a population compare with the same.
        return find_near_concepts(init(0, arrays)["classes"], train.near_concepts)

    return jax.jit(find)(arrays)


def fit_encoder(
    examples: Examples,
    concepts: int,
    settings: Settings,
    fit: FitState,
    layout: Layout = ONE_DEVICE,
) -> Iterator[FitState]:
    """Yields the fit after each further epoch, until `epochs` ran or patience is spent.

    Raises:
      LvmhError: the loss is not a number; the state of the last good epoch was yielded before.
    """
    train = settings.train
    course = make_course(examples, concepts, settings, make_optimizer(examples, train), layout)
    state, best_params = layout.place_state((fit.state, fit.best_params))
    fit = replace(fit, state=state, best_params=best_params)
    while not is_over(fit.history, train):
        batches = Batch(*layout.split_rows(plan_batches(examples, train, fit.done)))
        measured = course.run(fit.state, batches)
        figures = (measured.sums_4, float(measured.loss), float(measured.accuracy))
        seen = course.record(fit.done, *figures)
        params = measured.state.params
        improved = fit.best is None or seen.loss < fit.best.loss
        best_params = copy_arrays(params) if improved else fit.best_params
        fit = FitState(measured.state, best_params, (*fit.history, seen))
        yield fit


def find_best(history: Sequence[EpochRecord]) -> EpochRecord | None:
    """The record of the lowest validation loss, the first of equals; None of none."""
    return min(history, key=lambda record: record.loss, default=None)


def is_over(history: Sequence[EpochRecord], train: TrainSettings) -> bool:
    """Whether all epochs ran, or the last `patience` brought no better validation loss."""
    best = find_best(history)
    is_stuck = best is not None and len(history) - 1 - best.epoch >= train.patience
    return len(history) >= train.epochs or is_stuck


def plan_batches(examples: Examples, train: TrainSettings, epoch: int) -> tuple[np.ndarray, ...]:
    """The fields of `Batch` for one epoch, each with a leading axis of steps."""
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
        most=train.aliases_per_epoch,
    )
    return plan.alias_SBK, plan.weight_SBK, plan.unlabelled_SBU, plan.context_SBM
