"""Measures how training grows with the lexicon and with the notes: seconds, memory, steps/s.

    python benchmarks/scale.py --concepts 1000 10000 100000 1000000 --notes 10000 1000000

Each size is a process of its own, on synthetic data (five aliases a concept), so that its peak
memory is its own: it reads the workspace, prepares the examples and trains two epochs of the
encoder, the second of which is timed. Nothing here says how good a model is. Writes its section of
benchmarks/RESULTS.md and the picture beside it. With `--keep FILE` every size is written there as
it is measured, and one that is there is not measured again, whatever the commit: the section names
the commits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections, synthetic
from lvmh_jax.errors import LvmhError

ALIASES = 5  # of a concept
SYLLABLES = ("ba", "ke", "lo", "mi", "nu", "ra", "se", "ti", "vo", "za", "dri", "pla", "sto", "gre")
EPOCHS = 2
HEAD = (
    "concepts", "aliases", "notes", "read s", "prepare s", "first epoch s", "steps/s", "peak RSS",
)  # fmt: skip
PICTURE = "scale.svg"


def write_lexicon(path: Path, concepts: int, seed: int) -> None:
    """Writes a lexicon of made-up words concept by concept; always the same bytes."""
    rng = np.random.default_rng(seed)
    words = np.array(["".join(rng.choice(SYLLABLES, 3)) for _ in range(max(2000, concepts // 4))])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for row in range(concepts):
            drawn = words[rng.integers(0, len(words), (ALIASES, 3))]
            aliases = [f"{' '.join(three)} {row}" for three in drawn.tolist()]
            entry = {"label": aliases[0], "aliases": aliases, "languages": "EN", "freq_notes": 1,
                     "examples": [], "rule": "bucket=other"}  # fmt: skip
            stream.write("{" if not row else ",\n")
            stream.write(f"{json.dumps(f'C{row:07d}')}: {json.dumps(entry)}")
        stream.write("}")


def measure_one(workspace: Path, seed: int) -> dict[str, Any]:
    """Reads, prepares and trains in this process; seconds and bytes."""
    from lvmh_jax.data.lexicon import list_aliases
    from lvmh_jax.io.runtime import enable_compile_cache
    from lvmh_jax.io.workspace import read_workspace
    from lvmh_jax.models.presets import fit_to_lexicon, make_settings
    from lvmh_jax.pipeline.train import prepare_examples
    from lvmh_jax.train.fit import fit_encoder, plan_batches, start_fit

    enable_compile_cache()
    started_s = time.perf_counter()
    marks = []
    settings = make_settings("base", epochs=EPOCHS, seed=seed)
    read = read_workspace(workspace, most_notes=settings.train.most_notes)
    marks.append(time.perf_counter())
    aliases, concepts = list_aliases(read.lexicon), len(read.lexicon.concepts)
    settings = fit_to_lexicon(settings, concepts)
    settings = replace(settings, train=replace(settings.train, patience=EPOCHS))
    examples = prepare_examples(read, aliases, settings)
    marks.append(time.perf_counter())
    given = (examples, concepts, settings)
    for _ in fit_encoder(*given, start_fit(*given)):
        marks.append(time.perf_counter())
    steps = len(plan_batches(examples, settings.train, 0)[0])
    seconds = np.diff([started_s, *marks]).tolist()
    return {
        "concepts": concepts,
        "aliases": len(aliases),
        "notes": read.total_notes,
        "read_s": seconds[0],
        "prepare_s": seconds[1],
        "first_epoch_s": seconds[2],
        "steps_per_s": steps / seconds[3],
        "peak_rss_bytes": synthetic.read_peak_rss_bytes(),
        "load": os.getloadavg()[1],
    }


def measure_size(concepts: int, notes: int, seed: int) -> dict[str, Any]:
    """Generates the data of a size, and measures it in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="lvmh-scale-") as folder:
        lexicon, workspace = Path(folder, "lexicon.json"), Path(folder, "workspace")
        write_lexicon(lexicon, concepts, seed)
        make = [sys.executable, synthetic.__file__, "--lexicon", str(lexicon), "--notes"]
        _run([*make, str(notes), "--out", str(workspace), "--seed", str(seed)])
        lexicon.unlink()
        measure = [sys.executable, __file__, "--one", str(workspace), "--seed", str(seed)]
        return json.loads(_run(measure).splitlines()[-1])


class KeptSizes:
    """Sizes measured before, one JSON line each, so that an interruption loses only the last."""

    def __init__(self, path: Path | None, commit: str) -> None:
        """Reads results of any commit; None keeps nothing."""
        self._path, self._commit = path, commit
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        self._known = {tuple(each["key"]): each["result"] for each in map(json.loads, lines)}

    def measure(self, by: str, concepts: int, notes: int, seed: int) -> dict[str, Any]:
        """The result of a size, with its commit; measured if it is not in the file."""
        key = (by, concepts, notes, seed)
        if key not in self._known:
            result = {**measure_size(concepts, notes, seed), "commit": self._commit}
            self._known[key] = result
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as stream:
                    stream.write(f"{json.dumps({'key': key, 'result': result})}\n")
        sys.stderr.write(f"{self._known[key]}\n")
        return self._known[key]


def tell_commits(results: Sequence[dict[str, Any]], commit: str) -> str:
    """A sentence about rows that were measured at another commit; "" if there are none.

    >>> tell_commits([{"concepts": 10, "notes": 2000, "commit": "abc"}], "def")
    ' Measured before and kept: at abc 10 concepts with 2,000 notes.'
    """
    lines: dict[str, list[str]] = {}
    for each in results:
        line = f"{each['concepts']:,} concepts with {each['notes']:,} notes"
        lines.setdefault(each["commit"], []).append(line)
    told = "; ".join(f"at {at} {', '.join(of)}" for at, of in lines.items() if at != commit)
    return f" Measured before and kept: {told}." if told else ""


def tell_load(results: Sequence[dict[str, Any]]) -> str:
    """A sentence about the load of the machine; "" if no row records it.

    >>> tell_load([{"load": 7.52}, {"load": 0.9}])
    ' Load of the machine (mean of five minutes) .9 to 7.5: above its cores seconds are high.'
    """
    loads = [each["load"] for each in results if "load" in each]
    if not loads:
        return ""
    least, most = (f"{each:.1f}".removeprefix("0") for each in (min(loads), max(loads)))
    return (
        f" Load of the machine (mean of five minutes) {least} to {most}: above its cores seconds "
        "are high."
    )


def _run(command: Sequence[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(sections.ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise LvmhError(f"`{command[1]}` ended with {done.returncode}: {said[-1] if said else ''}")
    return done.stdout


def fit_exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Slope of log value over log size: 1 is proportional growth, 0 is none.

    >>> round(fit_exponent([1, 10, 100], [2, 20, 200]), 3)
    1.0
    """
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def make_rows(results: Sequence[dict[str, Any]], by: str) -> list[tuple[str, ...]]:
    """One row per size, and one of exponents if there are three sizes or more."""
    rows: list[tuple[str, ...]] = [
        (
            f"{each['concepts']:,}",
            f"{each['aliases']:,}",
            f"{each['notes']:,}",
            f"{each['read_s']:.1f}",
            f"{each['prepare_s']:.1f}",
            f"{each['first_epoch_s']:.1f}",
            f"{each['steps_per_s']:.1f}",
            f"{each['peak_rss_bytes'] / 1e9:.2f} GB",
        )
        for each in results
    ]
    if len(results) > 2:
        sizes = [each[by] for each in results]
        names = ("read_s", "prepare_s", "first_epoch_s", "steps_per_s", "peak_rss_bytes")
        slopes = [f"{fit_exponent(sizes, [each[n] for each in results]):+.2f}" for n in names]
        rows.append((f"exponent by {by}", "", "", *slopes))
    return rows


def draw(
    path: Path, by_concepts: Sequence[dict[str, Any]], by_notes: Sequence[dict[str, Any]]
) -> None:
    """Draws seconds, steps/s and memory over both sizes, on logarithmic axes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams["svg.hashsalt"] = "lvmh-jax"  # else its ids are others every time
    figure, axes = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for axis, name, results in zip(
        axes, ("concepts", "notes"), (by_concepts, by_notes), strict=True
    ):
        sizes = [each[name] for each in results]
        axis.loglog(sizes, [e["read_s"] for e in results], "o-", label="read, s")
        axis.loglog(sizes, [e["prepare_s"] for e in results], "s-", label="prepare, s")
        axis.loglog(sizes, [e["steps_per_s"] for e in results], "^-", label="steps/s")
        memory = [e["peak_rss_bytes"] / 1e9 for e in results]
        axis.loglog(sizes, memory, "D--", label="peak memory, GB")
        axis.set_xlabel(name)
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})


def make_body(
    start: str, by_concepts: Sequence[dict[str, Any]], by_notes: Sequence[dict[str, Any]]
) -> str:
    """The section: how it was measured, the tables of both sizes, and the picture."""
    tables = "\n\n".join(
        sections.markdown_table(HEAD, make_rows(results, by))
        for by, results in (("concepts", by_concepts), ("notes", by_notes))
        if results
    )
    return f"""## Scale

{start}

{tables}

![seconds, steps/s and memory over concepts and notes]({PICTURE})

Each line is a process: it reads and checks the workspace, prepares the examples and trains two
epochs of the encoder; the first compiles, the second is timed. Exponents: slope of log value over
log size, 1 where it grows in proportion. From 4,000 concepts on the softmax is sampled and an epoch
shows 16,384 aliases, and steps/s include measuring it on 2,048 hidden aliases; beyond 100,000
concepts on 512, and near concepts are not looked for. Of more than 200,000 notes a sample is
learned from, and all are read.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _parse(given)
    if options.one is not None:
        sys.stdout.write(f"{json.dumps(measure_one(options.one, options.seed))}\n")
        return 0
    out, seed = options.out.resolve(), options.seed
    try:
        start = sections.describe_run("benchmarks/scale.py", given, out)
        commit = sections.read_commit(sections.ROOT, out)
        kept = KeptSizes(options.keep, commit)
        by_concepts = [kept.measure("concepts", n, 10_000, seed) for n in options.concepts]
        by_notes = [kept.measure("notes", 1_000, n, seed) for n in options.notes]
    except LvmhError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    results = [*by_concepts, *by_notes]
    start += f" Synthetic data.{tell_commits(results, commit)}{tell_load(results)}"
    body = make_body(start, by_concepts, by_notes)
    sys.stdout.write(body)
    sections.write_section(out, "scale", body)
    draw(out.with_name(PICTURE), by_concepts, by_notes)
    if out == sections.RESULTS:  # the documentation shows the results, picture and all
        copyfile(out.with_name(PICTURE), sections.ROOT / "docs" / PICTURE)
    return 0


def _parse(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    sizes = {"concepts": [1_000, 10_000, 100_000, 1_000_000],
             "notes": [10_000, 100_000, 1_000_000, 10_000_000]}  # fmt: skip
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", nargs="+", type=int, default=default, metavar="N")
    parser.add_argument("--seed", type=int, default=0, help="of data and training (default: 0)")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--keep", type=Path, help="file of sizes; those there are not redone")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    return parser.parse_args(given)


if __name__ == "__main__":
    sys.exit(main())
