"""Measures what K models trained at once cost against K trained one after the other.

    python benchmarks/population.py --members 8 --size tiny --epochs 2

Only learning is timed: parameters, compilation, epochs with their validation. Reading the workspace
and fitting the detector, which `train --seeds K` does once and K runs do K times, are left out, so
the ratio is the least that a user saves. Before each run jax forgets its programs, as a new process
would; "cold" starts from an empty folder of compiled programs and lets the second of the single
runs use what the first has left there, "warm" finds everything compiled. CPU seconds, of all cores,
tell more than those of the wall where others use the machine too. Prints, writes nothing.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import jax

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from lvmh_jax.config import Settings
from lvmh_jax.data.examples import Examples
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import prepare_examples
from lvmh_jax.train.fit import fit_encoder, start_fit
from lvmh_jax.train.mesh import Layout
from lvmh_jax.train.population import (
    count_at_once,
    fit_population,
    list_members,
    start_population,
)

Runs = Callable[[], None]
Times = tuple[float, float]  # wall and CPU


def use_cache(folder: str) -> None:
    """Uses a folder as compile cache, and clears the cache of the previous folder from memory."""
    from jax.experimental.compilation_cache import compilation_cache

    jax.config.update("jax_compilation_cache_dir", folder)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    compilation_cache.reset_cache()


def train_together(examples: Examples, concepts: int, settings: Settings) -> None:
    """Trains all members of the population at once."""
    jax.clear_caches()
    members = list_members(settings.train)
    population = start_population(examples, concepts, settings, members)
    layout = Layout(stacked=True, at_once=count_at_once(settings, jax.default_backend()))
    for _ in fit_population(examples, concepts, settings, population, members, layout):
        pass


def train_one_by_one(examples: Examples, concepts: int, settings: Settings) -> None:
    """Trains each member separately."""
    for member in list_members(settings.train):
        jax.clear_caches()
        alone = replace(settings, train=member)
        for _ in fit_encoder(examples, concepts, alone, start_fit(examples, concepts, alone)):
            pass


def measure(runs: Runs) -> Times:
    """Wall and CPU seconds of some runs."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    runs()
    return time.perf_counter() - wall_s, time.process_time() - cpu_s


def measure_pair(one_by_one: Runs, together: Runs, repeats: int) -> list[tuple[str, Times, Times]]:
    """Name and seconds of separate and joint training: cold, then warm, as medians."""
    seconds: dict[str, list[Times]] = {}
    with tempfile.TemporaryDirectory(prefix="lvmh-population-") as folder:
        for runs, name in ((one_by_one, "single"), (together, "population")):
            use_cache(f"{folder}/{name}")
            seconds[name] = [measure(runs)]
        # In turns, for the neighbours on this machine come and go.
        for _ in range(repeats):
            for runs, name in ((one_by_one, "single"), (together, "population")):
                use_cache(f"{folder}/{name}")
                seconds[name].append(measure(runs))
    single, population = seconds["single"], seconds["population"]
    warm = (_take_median(single[1:]), _take_median(population[1:]))
    return [("cold", single[0], population[0]), ("warm", *warm)]


def _take_median(times: Sequence[Times]) -> Times:
    wall_s, cpu_s = zip(*times, strict=True)
    return statistics.median(wall_s), statistics.median(cpu_s)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints a table."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--workspace", type=Path, default=sections.ROOT)
    parser.add_argument("--size", default="tiny", help="preset (default: tiny)")
    parser.add_argument("--epochs", type=int, default=2, help="(default: 2)")
    parser.add_argument("--members", type=int, default=8, help="models, K (default: 8)")
    parser.add_argument("--repeats", type=int, default=3, help="warm runs (default: 3)")
    options = parser.parse_args(given)
    members = options.members
    settings = make_settings(options.size, epochs=options.epochs, seeds=members)
    workspace = read_workspace(options.workspace)
    examples = prepare_examples(workspace, list_aliases(workspace.lexicon), settings)
    concepts = len(workspace.lexicon.concepts)
    found = measure_pair(
        lambda: train_one_by_one(examples, concepts, settings),
        lambda: train_together(examples, concepts, settings),
        options.repeats,
    )
    rows = [
        (
            f"{name}, {clock}",
            f"{alone:.1f} s",
            f"{at_once:.1f} s",
            f"{alone / at_once:.1f}",
        )
        for name, single, together in found
        for clock, alone, at_once in zip(("wall", "CPU"), single, together, strict=True)
    ]
    head = ("cache", f"{members} single runs", f"population of {members}", "ratio")
    start = sections.describe_run("benchmarks/population.py", given, sections.RESULTS)
    sys.stdout.write(f"{start}\n\n{sections.markdown_table(head, rows)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
