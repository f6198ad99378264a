"""Measures training: steps against PyTorch, whole commands against fastText and MedCAT.

    python benchmarks/training.py --peers-python ../peers/bin/python

Steps: the product's own jitted call on the demo workspace beside the eager loop of `torch_twin.py`,
which has the same parameters and loss (checked to 1e-4 before anything is timed) and reads its
table in three ways; rounds take turns, for the neighbours on a machine come and go. Commands: fresh
processes, start-up included; "cold" is an empty compile cache. `--quick` is a smoke run: tiny, few
rounds, written nowhere.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from benchmarks.quality import run_scorer
from benchmarks.speed import RSS_UNIT, require_workspace
from lvmh_jax.errors import LvmhError, NotFoundError

SHARED = sections.ROOT.parent / "shared"
TURNS = 5  # of the shortest run and MedCAT's, which are compared
PEERS = {"fastText": ("run_fasttext.py", "fasttext"), "MedCAT": ("run_medcat.py", "medcat")}
COMMAND_HEAD = ("what", "wall s", "CPU s", "compiling s", "peak RSS", "dev F1")
NOTHING, COLD, TRAINING = "-", "cold", ", training with start-up"
COMPILED = re.compile(r"Finished XLA compilation of .* in ([\d.]+) sec")


@dataclass(frozen=True)
class Ended:
    """A successful process: its output, seconds and peak memory."""

    stdout: str
    stderr: str
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON object of its last line."""
        return json.loads(self.stdout.splitlines()[-1])

    @property
    def compiling_s(self) -> float:
        """Seconds that jax says it compiled, or read from its cache.

        >>> said = "W: Finished XLA compilation of jit(f) in 1.25 sec"
        >>> Ended("", said, 9.0, 9.0, 0).compiling_s
        1.25
        """
        return sum(map(float, COMPILED.findall(self.stderr)))


def run_process(command: Sequence[str | Path], **environment: str) -> Ended:
    """Runs a command in a fresh process.

    Raises:
      LvmhError: it failed; the message has its last line.
    """
    words, variables = list(map(str, command)), os.environ | environment
    # jax's own would win over ours, and a cold run would be warm.
    variables.pop("JAX_COMPILATION_CACHE_DIR", None)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started_s = time.perf_counter()
        process = subprocess.Popen(words, cwd=sections.ROOT, env=variables, stdout=out, stderr=err)
        try:
            # wait4 measures this child alone; RUSAGE_CHILDREN is the maximum of all so far.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall_s = time.perf_counter() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        said = []
        for stream in (out, err):
            stream.seek(0)
            said.append(stream.read().decode(errors="replace"))
    if process.returncode:
        last = (said[1].strip().splitlines() or ["it said nothing"])[-1]
        raise LvmhError(f"`{' '.join(words[:4])}` ended with {process.returncode}: {last}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return Ended(said[0], said[1], wall_s, cpu_s, usage.ru_maxrss * RSS_UNIT)


# Whole commands.


def measure_train(
    name: str, words: Sequence[str], workspace: Path, cache: Path, scratch: Path
) -> list[str]:
    """Runs `train` and evaluates the model on dev; returns a table row."""
    _tell(name)
    program = (sys.executable, "-m", "lvmh_jax")
    models = Path(tempfile.mkdtemp(dir=scratch))
    common = ("--workspace", workspace, "--models-dir", models, "--json", "--quiet")
    settings = {"LVMH_COMPILE_CACHE": str(cache), "JAX_LOG_COMPILES": "1"}
    run = run_process([*program, "train", *words, *common], **settings)
    found = models / "found.csv"
    model = ("--model-path", run.payload["model_path"], "--predictions", found, "--split", "dev")
    run_process([*program, "evaluate", *model, *common], **settings)
    return command_cells(name, run, _score(workspace, found), f"{run.compiling_s:.1f}")


def _score(workspace: Path, found: Path) -> str:
    """Note-level F1 on dev, by the scorer script that is used for all systems."""
    if not (SHARED / "tools" / "score.py").is_file():
        return NOTHING
    return f"{run_scorer(SHARED, workspace, found)['note_level']['f1']:.3f}"


def command_cells(name: str, run: Ended, f1: str, compiling: str = NOTHING) -> list[str]:
    """A line of the table of commands."""
    memory = f"{run.peak_rss_bytes / 1e9:.2f} GB"
    return [name, f"{run.wall_s:.1f}", f"{run.cpu_s:.1f}", compiling, memory, f1]


def measure_peer(name: str, python: Path, workspace: Path, scratch: Path) -> list[list[str]]:
    """Table rows of another system: its training alone, and its whole process."""
    _tell(name)
    found = scratch / f"{name}.csv"
    script = SHARED / "peers" / PEERS[name][0]
    # The owners' folder stays as it is.
    run = run_process([python, script, workspace, found], PYTHONDONTWRITEBYTECODE="1")
    spent_s = run.payload["tune_seconds"] + run.payload["detect_seconds"]
    return [
        [
            f"{name}{TRAINING}",
            f"{run.wall_s - spent_s:.1f}",
            *[NOTHING] * 3,
            _score(workspace, found),
        ],
        command_cells(f"{name}, with tuning and detection", run, NOTHING),
    ]


def measure_commands(workspace: Path, options: argparse.Namespace) -> str:
    """The table of whole commands."""
    where, tiny = workspace.name, ("--size", "tiny") if options.quick else ()
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory(prefix="lvmh-training-") as folder:
        scratch = Path(folder)
        sizes = ("tiny",) if options.quick else ("base", "large")[: 1 + options.large]
        for size in sizes:
            words, cache = ("--size", size), scratch / f"cache-{size}"
            for state in (COLD, "warm"):
                name = f"`train --size {size}`, {where}, {state}"
                rows.append(measure_train(name, words, workspace, cache, scratch))
        shortest: list[list[str]] = []
        peers: dict[str, list[list[list[str]]]] = {name: [] for name in PEERS}
        words = tiny or ("--size", "quick")
        for turn in range(1 if options.quick else TURNS):
            name = f"`train {' '.join(words)}`, {where}, {COLD}"
            cache = scratch / f"cache-short-{turn}"
            shortest.append(measure_train(name, words, workspace, cache, scratch))
            for name in PEERS if options.peers_python is not None else ():
                peers[name].append(measure_peer(name, options.peers_python, workspace, scratch))
        rows.append(take_median(shortest))
        for name, turns in peers.items():
            if turns:
                rows += [take_median(lines) for lines in zip(*turns, strict=True)]
            else:
                rows.append([f"{name}, not run", *[NOTHING] * 5])
    table = sections.markdown_table(COMMAND_HEAD, rows)
    return "\n\n".join([table, *compare_with_medcat(rows)])


def take_median(rows: Sequence[list[str]]) -> list[str]:
    """The row with the median wall time, with the range of all.

    >>> take_median([["a", "3.0", "9"], ["a", "1.0", "7"], ["a", "2.0", "8"]])
    ['a', '2.0 (1.0 to 3.0)', '8']
    """
    ordered = sorted(rows, key=lambda row: float(row[1]))
    name, wall, *others = ordered[len(ordered) // 2]
    spread = f" ({ordered[0][1]} to {ordered[-1][1]})" if len(ordered) > 1 else ""
    return [name, wall + spread, *others]


def compare_with_medcat(rows: Sequence[Sequence[str]]) -> list[str]:
    """Which cold runs beat MedCAT's dev F1 in no more than its training time; [] where none ran.

    >>> medcat = ["MedCAT, training with start-up", "40.0", "-", "-", "-", "0.690"]
    >>> compare_with_medcat([["`train`, cold", "39.0", "50", "9", "1 GB", "0.860"], medcat])
    ["MedCAT's dev F1 is passed in no more than its training time by: `train`, cold."]
    """
    others = [row for row in rows if row[0] == f"MedCAT{TRAINING}" and row[-1] != NOTHING]
    passed = [
        row[0]
        for row in rows
        for other in others
        if row[0].endswith(COLD)
        and float(row[-1]) > float(other[-1])
        and float(row[1].split()[0]) <= float(other[1].split()[0])
    ]
    names = "; ".join(passed) or "no run"
    return [f"MedCAT's dev F1 is passed in no more than its training time by: {names}."][
        : len(others)
    ]


def check_peers(python: Path | None) -> None:
    """Checks that the other systems can run, before the long measurement.

    Raises:
      NotFoundError: a runner or a package is missing.
    """
    if python is None:
        return
    fix = "see ../shared/peers/README.md, or leave --peers-python out"
    if not (SHARED / "peers").is_dir():
        raise NotFoundError("no runners of other systems", where=str(SHARED / "peers"), fix=fix)
    names = [package for _, package in PEERS.values()]
    looks = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n) is None])"
    try:
        found = subprocess.run([python, "-c", looks], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise NotFoundError("no Python to run", where=str(python), fix=fix) from None
    if found.stdout.strip() != "[]":
        raise NotFoundError(f"{found.stdout.strip()} missing", where=str(python), fix=fix)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def make_body(start: str, steps: str, worst: float, commands: str) -> str:
    """The section in Markdown."""
    return f"""## Training

{start}

Aliases/s of steps alone, demo workspace:

{steps}

`--batch-size` counts rows, 16 by default; a row is `train.aliases_per_row` aliases, 16 by default,
with half as many unlabelled phrases and contexts. With rows of 1 the batch is 16 or 256 aliases.
PyTorch {version("torch")}, eager, with its default of threads / with one: same parameters, losses
and dropout (the first losses differ by {worst:.1g} at most), row-wise Adagrad on the table, or
SparseAdam where it is sparse, AdamW on the rest. Plain: padded phrases and contexts, as it is first
written. Packed: it too lists the words that are there, the trick of our step. Ratio: ours through
the fastest of six, plain or packed; calls of an epoch, or of its first 200 steps, up to five each,
in turns, and one where a variant is 1.5 times slower than the fastest like it. Both leave out
drawing the plan of an epoch.

Whole commands:

{commands}

Fresh processes, start-up included. Cold: empty compile cache. Compiling: the sum of what jax logs,
on several cores at once. Peers: `../shared/peers`, default settings; training with start-up is the
process without tuning its thresholds and detecting, which it also does. Dev F1: note-level, by
`../shared/tools/score.py`, ours cross-validated, theirs with thresholds tuned on that same gold. Of
several walls: the median of runs in turns, with the lowest and the highest.
"""


def parse_options(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--workspace",
        type=Path,
        help="of the commands (default: ../shared/data/clienteling, or the demo)",
    )
    parser.add_argument("--peers-python", type=Path, help="of an environment with the peers")
    parser.add_argument("--large", action="store_true", help="whole commands at large too")
    parser.add_argument("--quick", action="store_true", help="smoke run: tiny, written nowhere")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(arguments)
    if options.peers_python is not None:
        # Not resolved: the link into a virtual environment is what makes it one.
        options.peers_python = options.peers_python.absolute()
    return options


def find_workspace(wanted: Path | None) -> Path:
    """The workspace of the commands; the demo, if `../shared` is absent."""
    usual = SHARED / "data" / "clienteling"
    return require_workspace(wanted or (usual if usual.is_dir() else sections.ROOT))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parse_options(given)
    out = options.out.resolve()
    try:
        if find_spec("torch") is None:
            raise NotFoundError("no torch", fix="pip install -e '.[bench]'")
        workspace = find_workspace(options.workspace)
        check_peers(options.peers_python)
        start = sections.describe_run("benchmarks/training.py", given, out)
        # Threads that wait for each other suffer most from neighbours, PyTorch's more than ours.
        start += f" Load average before: {os.getloadavg()[0]:.1f}."
        commands = measure_commands(workspace, options)
        sizes, rounds = (("tiny",), 1) if options.quick else (("base", "large"), 5)
        # Only now: a child starts with the memory of its parent, so that of jax and torch in this
        # process would be in the peaks of the commands.
        from benchmarks.steps import measure_steps

        steps, worst = measure_steps(sizes, rounds)
        body = make_body(start, steps, worst, commands)
        sys.stdout.write(body)
        if not options.quick:
            sections.write_section(out, "training", body)
    except LvmhError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
