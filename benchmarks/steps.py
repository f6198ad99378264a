"""Times train steps: the product's own jitted call beside the eager loop of `torch_twin.py`.

Both show the same batches of the demo workspace. Nothing is timed before the two first losses
agree. Rounds take turns, for the neighbours on a machine come and go.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import numpy as np
import torch

from benchmarks import sections, torch_twin
from lvmh_jax.config import Settings
from lvmh_jax.data.examples import Examples
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.errors import QualityGateError
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models import build_model
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import prepare_examples
from lvmh_jax.train.fit import (
    FitState,
    make_course,
    make_material,
    make_optimizer,
    plan_batches,
    start_fit,
)
from lvmh_jax.train.mesh import ONE_DEVICE
from lvmh_jax.train.step import Batch, Material, list_batch, make_batch_loss

TOLERANCE = 1e-4  # between the first losses of the two programs
ROWS, ROW_ALIASES = (16, 256), (16, 1)  # batch sizes, and aliases of a row
# Steps of a timed call at most. `train` makes one call an epoch, which copies the state once; in
# calls of 20 steps that copy was an eighth of our time at large, 16 rows of 1 (docs/log.md).
MOST_STEPS = 200
# A case ends after so many rounds; or after two, so many seconds behind the first, which has all.
ROUNDS, BUDGET_S = 5, 40.0
HOPELESS = 1.5  # times the fastest twin's seconds: from here on one round is enough
OURS, PLAIN, PACKED = "ours", "PyTorch, plain", "packed"
FIGURES = ("median", "ratio", "of medians")
HEAD = ("batch", f"{OURS}, best", "median", f"{PLAIN}, best", *FIGURES, f"{PACKED}, best", *FIGURES)
# Beside neighbours that want the cores too, waiting for a second thread costs more than it brings.
ONE_THREAD = ", one thread"
Calls = dict[str, Callable[[], np.ndarray]]


@dataclass(frozen=True)
class Case:
    """One row of the table of steps: a preset, rows per batch, aliases per row."""

    size: str
    rows: int
    row_aliases: int

    @property
    def name(self) -> str:
        """Name in the table."""
        return f"{self.size}, {self.rows} rows of {self.row_aliases}"

    @property
    def settings(self) -> Settings:
        """Settings of a training run with this batch."""
        rows = f"train.aliases_per_row={self.row_aliases}"
        return make_settings(self.size, batch_size=self.rows, assignments=[rows])


class Bench:
    """Training arrays, and calls on them to time.

    Attributes:
      prepare: settings to examples; called once for each number of buckets.
      concepts: of the lexicon.
    """

    def __init__(self, prepare: Callable[[Settings], Examples], concepts: int) -> None:
        self.prepare, self.concepts = prepare, concepts
        self.examples: dict[int, Examples] = {}

    def open(self, settings: Settings) -> tuple[Examples, FitState, tuple[np.ndarray, ...]]:
        """Returns the examples, the first state, and the plan of the first epoch."""
        buckets = settings.model.buckets
        if buckets not in self.examples:
            self.examples[buckets] = self.prepare(settings)
        examples = self.examples[buckets]
        fit = start_fit(examples, self.concepts, settings)
        return examples, fit, plan_batches(examples, settings.train, 0)

    def make_calls(self, settings: Settings, most_steps: int) -> tuple[Calls, float]:
        """Warm calls by name, ours first, and the aliases that each shows.

        Args:
          settings: of a run of `train`.
          most_steps: of a call, where an epoch has more.
        """
        examples, fit, plan = self.open(settings)
        plan = tuple(each[:most_steps] for each in plan)
        optimizer = make_optimizer(examples, settings.train)
        course = make_course(examples, self.concepts, settings, optimizer, ONE_DEVICE)
        calls: Calls = {OURS: lambda: course.run(fit.state, Batch(*plan))[1]}
        calls[OURS]()  # compiles it; the twins need one step to warm up
        batches = torch_twin.to_batches(plan)
        for variant in torch_twin.VARIANTS:
            twin = make_twin(fit.state.params, course.material, settings, variant)
            # The schedule of few steps is all warm-up; a rate costs the same whatever it is.
            loop = torch_twin.Loop(twin, lambda step: 1.0)
            loop.run(batches[:1])
            calls[variant.name] = partial(run_on, torch.get_num_threads(), loop, batches)
            calls[variant.name + ONE_THREAD] = partial(run_on, 1, loop, batches)
        return calls, float(plan[1].sum())

    def check_twins(self, settings: Settings) -> float:
        """The largest difference between our first loss and a twin's, dropout off.

        Raises:
          QualityGateError: it is above the tolerance, so the two are not the same model.
        """
        settings = replace(settings, train=replace(settings.train, gram_dropout=0.0))
        examples, fit, plan = self.open(settings)
        plan, material = tuple(each[:1] for each in plan), make_material(examples)
        batch = Batch(*(each[0] for each in plan))
        ours = measure_loss(fit.state.params, material, batch, settings, self.concepts)
        (tensors,) = torch_twin.to_batches(plan)
        differences = []
        for variant in torch_twin.VARIANTS:
            with torch.no_grad():
                loss, _ = make_twin(fit.state.params, material, settings, variant)(*tensors)
            differences.append(abs(float(loss) - ours))
        # `max` would let a loss pass that is not a number.
        if not all(each <= TOLERANCE for each in differences):
            raise QualityGateError(
                f"the first losses of ours and PyTorch differ by {differences} at {settings.size}",
                expected=f"at most {TOLERANCE:g}",
                fix="mend benchmarks/torch_twin.py: it no longer is the same model",
            )
        return max(differences)


def measure_loss(
    params: Any, material: Material, batch: Batch, settings: Settings, concepts: int
) -> float:
    """Our loss on a batch."""
    batch_loss = make_batch_loss(build_model(settings.model, concepts), settings.train)
    key = tuple(jax.random.key_data(jax.random.key(0)))
    listed = list_batch(material, batch, key, settings.train.gram_dropout)
    return float(jax.jit(batch_loss)(params, material, batch, *listed)[0].mean())


def make_twin(
    params: Any, material: Material, settings: Settings, variant: torch_twin.Variant
) -> torch_twin.Twin:
    """Builds a twin with copies of our parameters and arrays."""
    arrays = {name: np.asarray(array) for name, array in material._asdict().items()}
    return torch_twin.Twin(jax.tree.map(np.asarray, params), arrays, settings, variant)


def run_on(threads: int, loop: torch_twin.Loop, batches: Sequence[Any]) -> np.ndarray:
    """Runs a twin's steps with a given number of threads, and restores the number."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return loop.run(batches)
    finally:
        torch.set_num_threads(before)


def open_demo() -> Bench:
    """Loads the demo workspace for timing."""
    read = read_workspace(sections.ROOT)
    aliases = list_aliases(read.lexicon)
    prepare = partial(prepare_examples, read, aliases)
    return Bench(prepare, len(read.lexicon.concepts))


def time_calls(
    calls: Calls, rounds: int = ROUNDS, budget_s: float = BUDGET_S
) -> dict[str, list[float]]:
    """Times calls in turns; seconds of each.

    A twin far slower than the fastest one of its kind is timed once, as it would take most of the
    time.
    """
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    end_s = math.inf
    for done in range(rounds):
        if done == 1:
            end_s = time.perf_counter() + budget_s
        if done >= 2 and time.perf_counter() > end_s:
            break
        for name, call in calls.items():
            if done and name != OURS:
                like = find_fastest(seconds, is_packed=PACKED in name)
                if min(seconds[name]) > HOPELESS * min(seconds[like]):
                    continue
            call()  # whoever had the turn before left its own data in the caches
            started_s = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - started_s)
    return seconds


def find_fastest(seconds: Mapping[str, Sequence[float]], *, is_packed: bool) -> str:
    """The PyTorch variant with the best call, of the plain or of the packed ones.

    >>> seconds = {"ours": [0.1], "dense": [3.0, 2.0], "sparse": [2.5], "dense, packed": [1.0]}
    >>> find_fastest(seconds, is_packed=False), find_fastest(seconds, is_packed=True)
    ('dense', 'dense, packed')
    """
    alike = [name for name in seconds if name != OURS and (PACKED in name) is is_packed]
    return min(alike, key=lambda name: min(seconds[name]))


def step_cells(seconds: Mapping[str, Sequence[float]], aliases: float) -> list[str]:
    """Aliases/s of ours and the fastest twins, their ratios, and aliases/s of every twin."""
    ours, ours_median = min(seconds[OURS]), statistics.median(seconds[OURS])
    cells = [f"{aliases / each:,.0f}" for each in (ours, ours_median)]
    for is_packed in (False, True):
        times = seconds[find_fastest(seconds, is_packed=is_packed)]
        best, median = min(times), statistics.median(times)
        cells += [f"{aliases / each:,.0f}" for each in (best, median)]
        cells += [f"{best / ours:.2f}", f"{median / ours_median:.2f}"]
    best_of = {name: f"{aliases / min(times):,.0f}" for name, times in seconds.items()}
    names = [variant.name for variant in torch_twin.VARIANTS]
    return cells + [f"{best_of[name]} / {best_of[name + ONE_THREAD]}" for name in names]


def measure_steps(sizes: Sequence[str], rounds: int) -> tuple[str, float]:
    """Table of steps on the demo workspace, and the largest difference of the first losses."""
    bench, rows = open_demo(), []
    worst = max(bench.check_twins(Case(size, 16, 16).settings) for size in sizes)
    for row_aliases in ROW_ALIASES:
        for size in sizes:
            for number in ROWS:
                case = Case(size, number, row_aliases)
                sys.stderr.write(f"steps, {case.name}\n")
                calls, aliases = bench.make_calls(case.settings, MOST_STEPS)
                rows.append([case.name, *step_cells(time_calls(calls, rounds), aliases)])
    variants = [f"{variant.name} / one thread" for variant in torch_twin.VARIANTS]
    return sections.markdown_table((*HEAD, *variants), rows), worst
