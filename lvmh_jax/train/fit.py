"""Fits the encoder: an epoch is one or a few jitted calls; the best epoch by validation is kept.

`fit_encoder` is a generator: it yields the whole state after every call, so that the caller can
draw a progress bar, save a checkpoint, or stop. It reads neither clock nor disk, and the same
inputs on one CPU give the same bytes. `population` trains several models with the same parts.
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
from lvmh_jax.data.batches import count_steps, plan_epochs
from lvmh_jax.data.examples import Examples
from lvmh_jax.errors import LvmhError
from lvmh_jax.models import build_model
from lvmh_jax.train.grounding import find_near_concepts, start_from_aliases
from lvmh_jax.train.mesh import ONE_DEVICE, Layout
from lvmh_jax.train.optimizers import build_optimizer
from lvmh_jax.train.precision import find_precision
from lvmh_jax.train.programs import PLAIN, Early, choose_options, compile_fast
from lvmh_jax.train.schedules import build_schedule
from lvmh_jax.train.state import TrainState, copy_arrays, init_state
from lvmh_jax.train.step import Batch, Material, make_epoch, make_train_step
from lvmh_jax.train.tables import NO_BOUNDS, Bounds, bound_plans
from lvmh_jax.train.validate import Validation, make_validate, make_validation

# Share of the gram table up to which a step differentiates only the rows that it reads; above, the
# whole table (docs/log.md).
WORTH_TAKING = 0.5
CALMER = "train again with a smaller --learning-rate or train.clip_norm"
FEW_EPOCHS = 2  # a run this short takes less time than compiling an optimised program


@dataclass(frozen=True)
class EpochRecord:
    """What one epoch measured, on held-out aliases and on the aliases trained on.

    Attributes:
      epoch: its number, from 0.
      loss, accuracy: on held-out aliases; on those trained on if none are held out.
      train_loss, train_accuracy: during training, with dropout.
    """

    epoch: int
    loss: float
    accuracy: float
    train_loss: float
    train_accuracy: float


@dataclass(frozen=True)
class Within:
    """Progress within an unfinished epoch: its steps so far, and the sums of their metrics."""

    steps: int = 0
    sums: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)

    def add(self, sums_S4: np.ndarray) -> Within:
        """The progress after further steps, by the float64 sums_S4 of `Course.run`."""
        return Within(self.steps + len(sums_S4), tuple((self.sums + sums_S4.sum(0)).tolist()))


@dataclass(frozen=True)
class FitState:
    """A fit after some epochs, or within one: everything needed to continue it."""

    state: TrainState
    best_params: Any
    history: tuple[EpochRecord, ...] = field(default=())
    within: Within = Within()

    @property
    def best(self) -> EpochRecord | None:
        """The epoch with the lowest validation loss, the first of equals; None before any."""
        return find_best(self.history)

    @property
    def done(self) -> int:
        """Number of finished epochs."""
        return len(self.history)

    @property
    def figures(self) -> dict[str, float]:
        """Validation loss and accuracy of the last epoch, for a progress bar."""
        return {"loss": self.history[-1].loss, "accuracy": self.history[-1].accuracy}


@dataclass(frozen=True)
class Course:
    """The compiled calls of an epoch, and the arrays on the device that every epoch reads."""

    run_epoch: Early
    run_validation: Early
    material: Material
    validation: Validation
    has_held: bool

    def begin(self, state: TrainState, batches: Batch) -> None:
        """Starts compiling both calls for arguments of these shapes, on one device."""
        self.run_epoch.begin(state, self.material, batches)
        self.run_validation.begin(state.params, self.material, self.validation)

    def run(self, state: TrainState, batches: Batch) -> tuple[TrainState, np.ndarray]:
        """Trains some steps; `state` is not donated and stays usable.

        Args:
          state: to start from.
          batches: with a leading axis of steps.

        Returns: the state after them, and float64 sums_S4: for each step its sums over the batch of
          loss, rows, right aliases and aliases. In a population they have a leading axis of models.
        """
        # The jitted call donates its state, and what was yielded belongs to the caller.
        state, sums = self.run_epoch(copy_arrays(state), self.material, batches)
        # On CPU, several processes hang if two calls with collectives are under way at once.
        jax.block_until_ready(state)
        return state, np.asarray(sums, np.float64)

    def measure(self, state: TrainState) -> tuple[np.ndarray, np.ndarray]:
        """Loss and accuracy on held-out aliases; float32 [], or [models] in a population."""
        loss, accuracy = self.run_validation(state.params, self.material, self.validation)
        return np.asarray(loss), np.asarray(accuracy)

    def record(
        self, epoch: int, sums: Sequence[float], loss: float, accuracy: float
    ) -> EpochRecord:
        """The record of one model's epoch; without held-out aliases it has training's figures.

        Args:
          epoch: its number, from 0.
          sums: over its steps, as `run` gives them.
          loss: on held-out aliases.
          accuracy: on held-out aliases.

        Raises:
          LvmhError: the loss is not a number.
        """
        lost, rows, right, aliases = sums
        train_loss, train_accuracy = lost / max(rows, 1), right / max(aliases, 1)
        if not self.has_held:
            loss, accuracy = train_loss, train_accuracy
        if not np.isfinite(loss):
            raise LvmhError(f"the loss is not a number after epoch {epoch + 1}", fix=CALMER)
        return EpochRecord(epoch, loss, accuracy, train_loss, train_accuracy)


def check_steps(sums_S4: np.ndarray, before: int) -> None:
    """Makes sure that the loss of every step is finite.

    Args:
      sums_S4: of one model, as `Course.run` gives them.
      before: number of steps of the run before these.

    Raises:
      LvmhError: the loss of a step is not finite; the message numbers steps from 1.
    """
    bad_S = ~np.isfinite(sums_S4[:, 0])
    if bad_S.any():
        step = before + int(bad_S.argmax()) + 1
        raise LvmhError(f"the loss is not a number at step {step}", fix=CALMER)


def split_calls(steps: int, done: int, at_once: int) -> list[slice]:
    """Divides the remaining steps of an epoch into jitted calls of `at_once` steps; 0 is all.

    >>> split_calls(10, 4, 4), split_calls(10, 0, 0)
    ([slice(4, 8, None), slice(8, 10, None)], [slice(0, 10, None)])
    """
    at_once = at_once or steps
    return [slice(start, min(start + at_once, steps)) for start in range(done, steps, at_once)]


def make_material(examples: Examples, near_CH: jax.Array | None = None) -> Material:
    """Puts the training arrays on the device; an empty one gets a row that is never drawn."""
    # `jnp.asarray` would compile a program for every shape.
    near_CH = jnp.zeros((1, 0), "int32") if near_CH is None else near_CH
    unlabelled, contexts = examples.unlabelled, examples.contexts_MR

    def at_least_one(rows: np.ndarray) -> jax.Array:
        return jax.device_put(rows if len(rows) else np.zeros((1, *rows.shape[1:]), rows.dtype))

    return Material(
        grams_VF=jax.device_put(examples.table.grams_VF),
        rarity_V=jax.device_put(examples.rarity_V),
        alias_AT=jax.device_put(examples.phrases.tokens_NT),
        alias_pairs_AT=jax.device_put(examples.phrases.pairs_NT),
        concept_A=jax.device_put(examples.concept_A.astype(np.int32)),
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
    """Builds `(seed, arrays) -> params`, and the arrays, which all models of a population share."""
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


def start_fit(
    examples: Examples, concepts: int, settings: Settings, course: Course | None = None
) -> FitState:
    """Initialises the parameters and the optimizer's state.

    Args:
      examples: to learn from.
      concepts: C, the number of lexicon concepts.
      settings: of the run.
      course: of `make_course`, on one device; compilation of its calls starts here.
    """
    init, arrays = make_init(examples, concepts, settings)
    train = settings.train
    optimizer = make_optimizer(examples, train)

    def start(seed: int, arrays: Any) -> TrainState:
        return init_state(init(seed, arrays), optimizer, seed)

    # As one program: op by op, the zeros of an optimizer's state would be thirty programs.
    lowered = compile_fast(start, PLAIN, static_argnums=0).lower(train.seed, arrays)
    if course is not None:
        plan = plan_batches(examples, train, 0)
        first = split_calls(len(plan[0]), 0, train.steps_per_call)[0]
        course.begin(lowered.out_info, Batch(*(jax.device_put(each[first]) for each in plan)))
    state = lowered.compile()(arrays)
    return FitState(state, copy_arrays(state.params))


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
    """Prepares the calls and arrays of an epoch; nothing is compiled before the first call."""
    model = build_model(settings.model, concepts)
    quick = build_model(settings.model, concepts, find_precision(settings.train.precision))
    most = NO_BOUNDS
    if layout.used == 1 and not layout.stacked:
        most = _bound_steps(examples, settings)
    step = make_train_step(quick, settings.train, optimizer, parts=layout.parts, most=most)
    options = choose_options(settings.train.epochs, FEW_EPOCHS)
    return Course(
        Early(layout.compile_epoch(make_epoch(step), options)),
        Early(layout.compile_validation(make_validate(model))),
        layout.share(make_material(examples, _find_near(examples, concepts, settings))),
        layout.share(make_validation(examples.held_A, settings.train.validated_aliases)),
        bool(examples.held_A.any()),
    )


def _bound_steps(examples: Examples, settings: Settings) -> Bounds:
    """The most words and table rows that any step of the run reads.

    Taken over all epochs, because a step has one shape, also in a run that is resumed.
    """
    train = settings.train
    plans = map(make_plan(examples, train), range(train.epochs))
    return bound_plans(examples, plans, int(WORTH_TAKING * settings.model.buckets))


def _find_near(examples: Examples, concepts: int, settings: Settings) -> jax.Array | None:
    """Concepts with similar aliases, by the untrained encoder; int32 near_CH, or None if unused."""
    train = settings.train
    if not train.near_concepts:
        return None
    grounded = replace(settings, train=replace(train, start_from_aliases=True))
    init, arrays = make_init(examples, concepts, grounded)

    def find(arrays: Any) -> jax.Array:
        # Always seed 0, so that all models of a population have the same near concepts.
        return find_near_concepts(init(0, arrays)["classes"], train.near_concepts)

    return jax.jit(find)(arrays)


def fit_encoder(
    examples: Examples,
    concepts: int,
    settings: Settings,
    fit: FitState,
    layout: Layout = ONE_DEVICE,
    course: Course | None = None,
) -> Iterator[FitState]:
    """Yields the fit after each jitted call, until all epochs ran or patience is spent.

    Args:
      examples: to learn from.
      concepts: C, the number of lexicon concepts.
      settings: of the run.
      fit: to start from: of `start_fit`, or one that was yielded before.
      layout: on which devices the arrays are.
      course: of `make_course`, if it was made before.

    Raises:
      LvmhError: the loss is not finite; the last good state was yielded before.
    """
    train = settings.train
    if course is None:
        course = make_course(examples, concepts, settings, make_optimizer(examples, train), layout)
    state, best_params = layout.place_state((fit.state, fit.best_params))
    fit = replace(fit, state=state, best_params=best_params)
    plan_of = make_plan(examples, train)
    while not is_over(fit.history, train):
        plan = plan_of(fit.done)
        steps = len(plan[0])
        for part in split_calls(steps, fit.within.steps, train.steps_per_call):
            batches = Batch(*layout.split_rows(tuple(each[part] for each in plan)))
            state, sums_S4 = course.run(fit.state, batches)
            check_steps(sums_S4, fit.done * steps + part.start)
            fit = replace(fit, state=state, within=fit.within.add(sums_S4))
            if part.stop < steps:
                yield fit
        fit = _end_epoch(fit, course)
        yield fit


def _end_epoch(fit: FitState, course: Course) -> FitState:
    loss, accuracy = course.measure(fit.state)
    seen = course.record(fit.done, fit.within.sums, float(loss), float(accuracy))
    improved = fit.best is None or seen.loss < fit.best.loss
    best_params = copy_arrays(fit.state.params) if improved else fit.best_params
    return FitState(fit.state, best_params, (*fit.history, seen))


def find_best(history: Sequence[EpochRecord]) -> EpochRecord | None:
    """The record with the lowest validation loss, the first of equals; None without records."""
    return min(history, key=lambda record: record.loss, default=None)


def is_over(history: Sequence[EpochRecord], train: TrainSettings) -> bool:
    """Whether all epochs ran, or the last `patience` of them did not lower the validation loss."""
    best = find_best(history)
    is_stuck = best is not None and len(history) - 1 - best.epoch >= train.patience
    return len(history) >= train.epochs or is_stuck


def plan_batches(examples: Examples, train: TrainSettings, epoch: int) -> tuple[np.ndarray, ...]:
    """The fields of `Batch` for one epoch, each with a leading axis of steps."""
    return make_plan(examples, train)(epoch)


def make_plan(examples: Examples, train: TrainSettings) -> Callable[[int], tuple[np.ndarray, ...]]:
    """Builds `epoch -> fields of Batch`, as `plan_batches` gives them."""
    plan_of = plan_epochs(
        np.flatnonzero(~examples.held_A),
        examples.concept_A,
        batch_size=train.batch_size,
        aliases_per_row=train.aliases_per_row,
        unlabelled=len(examples.unlabelled),
        contexts=len(examples.concept_M),
        drawn_per_alias=train.unlabelled_per_alias,
        seed=train.seed,
        most=train.aliases_per_epoch,
    )

    def plan(epoch: int) -> tuple[np.ndarray, ...]:
        drawn = plan_of(epoch)
        return drawn.alias_SBK, drawn.weight_SBK, drawn.unlabelled_SBU, drawn.context_SBM

    return plan
