"""Measures seconds, memory and notes/s of the commands, and that two runs give the same bytes.

    python benchmarks/speed.py --workspace ../shared/data/clienteling

Every figure is of a fresh process of the real command line, start-up included unless it says
otherwise. "Cold" is an empty compile cache; the disk's cache and Python's byte code are warm.
Writes its section of benchmarks/RESULTS.md; exit code 6 when two equal runs differ in a byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections
from lvmh_jax.errors import LvmhError, NotFoundError, QualityGateError

LOOKS = 10  # starts of `--help` and `list`: cheap, so many
DETECTIONS = 3  # warm runs of `detect`, of which the median counts
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux KiB
Row = tuple[str, str, str]


@dataclass(frozen=True)
class Finished:
    """A successful command: its output, wall seconds, and peak memory."""

    stdout: str
    seconds: float
    peak_rss_bytes: int

    @property
    def payload(self) -> dict[str, Any]:
        """The result object of a run with `--json`."""
        return json.loads(self.stdout.splitlines()[-1])


def run_cli(*words: str | Path, cache: Path | None = None) -> Finished:
    """Runs `python -m lvmh_jax WORDS` of this checkout in a fresh process.

    Args:
      words: the command line.
      cache: folder of compiled programs; None leaves the user's.

    Raises:
      LvmhError: the command failed.
    """
    command = [sys.executable, "-m", "lvmh_jax", *map(str, words)]
    environment = dict(os.environ)
    if cache is not None:
        environment["LVMH_COMPILE_CACHE"] = str(cache)
        environment.pop("JAX_COMPILATION_CACHE_DIR", None)  # jax's own would win
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=sections.ROOT, env=environment, stdout=out, stderr=err
        )
        try:
            # wait4 measures this child alone; RUSAGE_CHILDREN is the maximum of all so far.
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        said = err.read().decode(errors="replace").strip()
        if process.returncode:
            reason = said.splitlines()[-1] if said else "it said nothing"
            raise LvmhError(f"`lvmh-jax {words[0]}` ended with {process.returncode}: {reason}")
        return Finished(out.read().decode(), seconds, usage.ru_maxrss * RSS_UNIT)


def without_gold(workspace: Path, into: Path) -> Path:
    """Makes a workspace of the same notes and lexicon, without its gold files."""
    (into / "data").mkdir(parents=True)
    for name in ("taxonomy", "data/processed"):
        (into / name).symlink_to(workspace / name, target_is_directory=True)
    return into


def require_workspace(workspace: Path) -> Path:
    """The absolute path of a workspace.

    Raises:
      NotFoundError: there is none; the measured data is not part of this repository.
    """
    wanted = workspace / "data" / "processed" / "notes_clean.parquet"
    if not wanted.is_file():
        fix = "get the owners' folder `shared` next to the checkout, or say where the data is"
        raise NotFoundError("No data found", where=str(wanted), fix=fix)
    return workspace.resolve()


def digest_weights(model: str | Path) -> dict[str, str]:
    """sha256 of every array file of a model: encoder, embeddings, scorer."""
    files = sorted(Path(model).glob("*.safetensors"))
    if not files:  # nothing to compare must not read as "the same"
        raise NotFoundError("no array files in the model", where=str(model))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def differing(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """Names of the files whose bytes differ, or that only one model has.

    >>> differing({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"})
    ['b', 'c']
    """
    names = sorted(first.keys() | second.keys())
    return [name for name in names if first.get(name) != second.get(name)]


def measure_demo(scratch: Path) -> tuple[list[Row], list[str]]:
    """Trains on the demo workspace cold and warm; then how fast the light commands start.

    Returns: the rows, and the files in which the two models differ.
    """
    cache, runs = scratch / "cache-demo", []
    for name in ("cold", "warm"):
        _tell(f"train, demo workspace, {name}")
        models = scratch / f"demo-{name}"
        words = ("train", "--workspace", sections.ROOT, "--models-dir", models)
        runs.append(run_cli(*words, "--json", "--quiet", cache=cache))
    cold, warm = (digest_weights(run.payload["model_path"]) for run in runs)
    differ = differing(cold, warm)
    rows = [
        _seconds_and_memory("`train`, demo workspace, cold", runs[0]),
        _seconds_and_memory("`train`, demo workspace, warm", runs[1]),
        (f"the same bytes twice: {', '.join(cold)}", "yes" if not differ else "no", ""),
    ]
    for words in (("--help",), ("list", "--models-dir", scratch / "demo-cold")):
        _tell(f"{words[0]}, {LOOKS} times")
        times = [run_cli(*words).seconds for _ in range(LOOKS)]
        span = f"{min(times):.3f} to {max(times):.3f} s"
        median = f"{statistics.median(times):.3f} s"
        rows.append((f"`{words[0]}`, median of {LOOKS}", median, span))
    return rows, differ


def measure_workspace(workspace: Path, scratch: Path) -> list[Row]:
    """Trains without gold on a workspace, then detects there."""
    plain = without_gold(workspace, scratch / "plain")
    folders = ("--workspace", plain, "--models-dir", scratch / "models", "--json", "--quiet")
    _tell(f"train, {workspace.name} without gold, cold")
    trained = run_cli("train", *folders, cache=scratch / "cache-train")
    detect = ("detect", *folders, "--model-path", trained.payload["model_path"])
    detect += ("--output", scratch / "note_concepts.csv")
    _tell(f"detect, {workspace.name}")
    cache = scratch / "cache-detect"  # not that of `train`, which holds what both compile
    cold = [run_cli(*detect, cache=cache)]
    warm = [run_cli(*detect, cache=cache) for _ in range(DETECTIONS)]
    look_up = [run_cli(*detect, "--dictionary-only", cache=cache) for _ in range(DETECTIONS)]
    mode, notes = trained.payload["metrics"]["learned_matches"], cold[0].payload["notes"]
    name = f"`detect`, {workspace.name}, {notes:,} notes"
    return [
        _seconds_and_memory(f"`train`, {workspace.name} without gold, cold", trained),
        _detection(f"{name}, {mode}, cold", cold),
        _detection(f"{name}, {mode}, warm, median of {DETECTIONS}", warm),
        _detection(f"{name}, `--dictionary-only`, median of {DETECTIONS}", look_up),
    ]


def _seconds_and_memory(name: str, run: Finished) -> Row:
    return (name, f"{run.seconds:.1f} s", f"peak RSS {run.peak_rss_bytes / 1e9:.2f} GB")


def _detection(name: str, runs: Sequence[Finished]) -> Row:
    rate = statistics.median(run.payload["notes_per_second"] for run in runs)
    wall = statistics.median(run.seconds for run in runs)
    peak = max(run.peak_rss_bytes for run in runs) / 1e9
    return (name, f"{rate:,.0f} notes/s", f"process {wall:.1f} s, peak RSS {peak:.2f} GB")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def measure(workspace: Path) -> tuple[str, list[str]]:
    """Runs all measurements of this script.

    Returns: the table, and the files in which two equal runs differ.
    """
    with tempfile.TemporaryDirectory(prefix="lvmh-speed-") as folder:
        scratch = Path(folder)
        demo, differ = measure_demo(scratch)
        rows = [*demo, *measure_workspace(workspace, scratch)]
    return sections.markdown_table(("what", "figure", "beside it"), rows), differ


def make_body(start: str, table: str) -> str:
    """The section in Markdown."""
    return f"""## Speed

{start}

{table}

Each line is a fresh process of the command line, start-up included. notes/s are the command's own:
first note read to last row written. Cold: empty compile cache. Default settings, size base.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--workspace",
        type=Path,
        default=sections.ROOT.parent / "shared" / "data" / "clienteling",
        help="notes to train on and to detect in (default: ../shared/data/clienteling)",
    )
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()
    try:
        workspace = require_workspace(options.workspace)
        start = sections.describe_run("benchmarks/speed.py", given, out)
        table, differ = measure(workspace)
        body = make_body(start, table)
        sys.stdout.write(body)
        sections.write_section(out, "speed", body)
        if differ:
            raise QualityGateError(f"two runs with one seed differ in {', '.join(differ)}")
    except LvmhError as error:
        sys.stderr.write(f"Error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
