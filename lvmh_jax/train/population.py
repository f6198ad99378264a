"""Trains several models at once, by `jax.vmap` over their states.

All members see the same notes and hide the same aliases, so their figures are comparable. They
differ in their states only: parameters and dropout key from the member's seed, and the optimizer's
hyperparameters (`INJECTED`), which Optax keeps in its state. Each member draws its own batches.
Several devices share the members, without any communication.

A member equals what `fit_encoder` gives for the same data, up to the order of floating-point sums.
When its patience runs out it is finished: it stays in the `vmap`, but its results are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lvmh_jax.config import Settings, TrainSettings
from lvmh_jax.data.examples import PHRASE_TOKENS, Examples
from lvmh_jax.data.tokengrams import GRAMS_PER_TOKEN
from lvmh_jax.errors import LvmhError, UsageError
from lvmh_jax.train.fit import (
    Course,
    EpochRecord,
    FitState,
    Within,
    check_steps,
    find_best,
    is_over,
    make_course,
    make_init,
    make_optimizer,
    make_plan,
)
from lvmh_jax.train.mesh import Layout
from lvmh_jax.train.state import TrainState, copy_arrays, init_state
from lvmh_jax.train.step import Batch

# Settings in which members may differ, because their values are arrays of the state.
INJECTED = ("learning_rate", "table_rate", "weight_decay", "clip_norm")
# On two cores with 8 models, a joint step takes .8 times as long as separate ones if the grams of a
# step take 4 MB, and 1.5 times if they take 250 MB and no longer fit the cache (docs/log.md).
CACHE_BYTES = 8 << 20
ONE_DEVICE = Layout(stacked=True)


@dataclass(frozen=True)
class Population:
    """The state of all fits; every array has a leading axis G of models.

    Attributes:
      state: training states.
      best_params: parameters of each model's best epoch.
      history: epoch records of each model; that of a finished one does not grow.
    """

    state: TrainState
    best_params: Any
    history: tuple[tuple[EpochRecord, ...], ...] = field(default=())

    @property
    def within(self) -> Within:
        """Always between epochs, because all models yield together at the end of an epoch."""
        return Within()

    @property
    def best(self) -> int:
        """Index of the model with the lowest validation loss, the first of equals."""
        losses = [found.loss if found else np.inf for found in map(find_best, self.history)]
        return int(np.argmin(losses))

    @property
    def done(self) -> int:
        """Number of epochs finished by the models that still run."""
        return max(map(len, self.history))

    @property
    def figures(self) -> dict[str, float]:
        """Mean figures over each model's last epoch, for a progress bar."""
        last = [records[-1] for records in self.history]
        return {
            "loss": float(np.mean([record.loss for record in last])),
            "accuracy": float(np.mean([record.accuracy for record in last])),
            "models": sum(len(records) == self.done for records in self.history),
        }

    def member(self, model: int) -> FitState:
        """Extracts one model as a single fit."""
        state, best = jax.tree.map(lambda leaf: leaf[model], (self.state, self.best_params))
        return FitState(state, best, self.history[model])


class Spread(NamedTuple):
    """A figure of several models: mean, sample standard deviation, and each value."""

    mean: float
    std: float
    values: list[float]


def measure_spread(values: Sequence[float]) -> Spread:
    """Mean and spread of two values or more.

    >>> measure_spread([0.5, 0.6, 0.7])
    Spread(mean=0.6, std=0.1, values=[0.5, 0.6, 0.7])
    """
    mean, std = np.mean(values), np.std(values, ddof=1)
    return Spread(round(float(mean), 6), round(float(std), 6), list(values))


def describe_population(population: Population, members: Sequence[TrainSettings]) -> dict[str, Any]:
    """Figures of all models at their best epochs, for `metadata.json`.

    The kept model is chosen by these very figures, so its own are optimistic; the means are not.
    """
    best = [find_best(records) for records in population.history]
    return {
        "seeds": [member.seed for member in members],
        "kept_seed": members[population.best].seed,
        "epochs_run": [len(records) for records in population.history],
        "final_accuracy": measure_spread([each.accuracy for each in best if each])._asdict(),
        "best_loss": measure_spread([each.loss for each in best if each])._asdict(),
    }


def count_at_once(settings: Settings, platform: str) -> int:
    """Number of models to train in one `vmap`, for `make_layout`; 0 is all."""
    if platform != "cpu":
        return 0
    train = settings.train
    phrases = train.batch_size * train.aliases_per_row * (1 + train.unlabelled_per_alias)
    grams = phrases * PHRASE_TOKENS * GRAMS_PER_TOKEN
    most = max(1, int(CACHE_BYTES // (grams * settings.model.width * 4)))
    sizes = range(1, min(most, train.seeds) + 1)
    return max(size for size in sizes if train.seeds % size == 0)


def list_members(train: TrainSettings) -> list[TrainSettings]:
    """Settings of the members that `train.seeds` requests: seed, seed + 1 and so on."""
    return [replace(train, seed=train.seed + step) for step in range(train.seeds)]


def start_population(
    examples: Examples, concepts: int, settings: Settings, members: Sequence[TrainSettings]
) -> Population:
    """Initialises all members in one call.

    Raises:
      UsageError: the members differ in a setting other than the seed and `INJECTED`.
    """
    optimizer = _make_optimizer(examples, settings.train)
    init, arrays = make_init(examples, concepts, settings)

    def start(seed: jax.Array, rates: dict[str, jax.Array], arrays: Any) -> TrainState:
        state = init_state(init(seed, arrays), optimizer, seed)
        return replace(state, opt_state=state.opt_state._replace(hyperparams=rates))

    _check_members(members, settings.train)
    seed_G = jnp.asarray(np.array([member.seed for member in members], np.uint32))
    rates_G = {
        name: jnp.asarray([getattr(member, name) for member in members], "float32")
        for name in INJECTED
    }
    state = jax.jit(jax.vmap(start, in_axes=(0, 0, None)))(seed_G, rates_G, arrays)
    return Population(state, copy_arrays(state.params), ((),) * len(members))


def fit_population(
    examples: Examples,
    concepts: int,
    settings: Settings,
    population: Population,
    members: Sequence[TrainSettings],
    layout: Layout = ONE_DEVICE,
) -> Iterator[Population]:
    """Yields the population after each further epoch, until every member has ended.

    Args:
      examples: examples; hidden aliases and notes are the same for all members.
      concepts: C, the number of lexicon concepts.
      settings: settings that all members share.
      population: the state to continue from.
      members: settings of the G members, the same as at the start.
      layout: a `stacked` layout.

    Raises:
      LvmhError: the loss of a running member is not a number; the message names its seed.
    """
    optimizer = _make_optimizer(examples, settings.train)
    course = make_course(examples, concepts, settings, optimizer, layout)
    keep_better = jax.jit(_keep_better)
    arrays = layout.place_state((population.state, population.best_params))
    population = Population(*arrays, population.history)
    plans_of = [make_plan(examples, member) for member in members]
    while running := [
        g for g, records in enumerate(population.history) if not is_over(records, settings.train)
    ]:
        epoch = population.done
        plans = [plan_of(epoch) for plan_of in plans_of]
        stacked = tuple(map(np.stack, zip(*plans, strict=True)))
        state, sums_GS4 = course.run(population.state, Batch(*layout.split_rows(stacked)))
        figures = (sums_GS4, *course.measure(state))
        seen = {g: _record(course, figures, members[g], epoch, g) for g in running}
        improved_G = np.zeros(len(members), bool)
        for g, record in seen.items():
            best = find_best(population.history[g])
            improved_G[g] = best is None or record.loss < best.loss
        better_G = layout.place_state(improved_G)
        best_params = keep_better(better_G, state.params, population.best_params)
        history = tuple(
            (*records, seen[g]) if g in seen else records
            for g, records in enumerate(population.history)
        )
        population = Population(state, best_params, history)
        yield population


def _check_members(members: Sequence[TrainSettings], train: TrainSettings) -> None:
    free = {"seed", *INJECTED}
    for name in (spec.name for spec in fields(TrainSettings) if spec.name not in free):
        if any(getattr(member, name) != getattr(train, name) for member in members):
            raise UsageError(
                f"the members of a population differ in train.{name}",
                expected=f"differences in {', '.join(sorted(free))} alone",
            )


def _make_optimizer(examples: Examples, train: TrainSettings) -> optax.GradientTransformation:
    """The run's optimizer, with its hyperparameters in the state instead of the program."""

    def build(
        learning_rate: Any, table_rate: Any, weight_decay: Any, clip_norm: Any
    ) -> optax.GradientTransformation:
        rates = (learning_rate, table_rate, weight_decay, clip_norm)
        return make_optimizer(examples, replace(train, **dict(zip(INJECTED, rates, strict=True))))

    return optax.inject_hyperparams(build)(*(getattr(train, name) for name in INJECTED))


def _record(
    course: Course,
    figures: tuple[np.ndarray, np.ndarray, np.ndarray],
    member: TrainSettings,
    epoch: int,
    g: int,
) -> EpochRecord:
    sums_S4, loss, accuracy = (figure[g] for figure in figures)
    try:
        check_steps(sums_S4, epoch * len(sums_S4))
        return course.record(epoch, sums_S4.sum(0).tolist(), float(loss), float(accuracy))
    except LvmhError as error:
        raise LvmhError(f"{error.what} with seed {member.seed}", fix=error.fix) from None


def _keep_better(improved_G: jax.Array, params_G: Any, best_G: Any) -> Any:
    """Takes the new parameters of the models that improved, and the old ones of the others."""

    def choose(new: jax.Array, old: jax.Array) -> jax.Array:
        return jnp.where(improved_G.reshape(-1, *[1] * (new.ndim - 1)), new, old)

    return jax.tree.map(choose, params_G, best_G)
