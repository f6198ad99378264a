"""Reads what could exhaust the memory or break the interpreter, each in a process of its own.

`python -m tests.malformed.isolated` takes a JSON list of jobs on stdin and prints a list of what
happened. Each job runs in a fork, so its peak of memory is its own, and a crash is seen.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.io.tables import read_findings
from lvmh_jax.io.workspace import read_notes_file, read_workspace, stream_notes
from tests.malformed.fuzzing import try_format, try_model
from tests.malformed.outcomes import attempt
from tests.malformed.test_tables import read_raw

ROOT = Path(__file__).resolve().parents[2]


def _stream(path: Path) -> None:
    for _ in stream_notes(path.parent, path)[0]:
        pass


def _annotated(root: Path) -> None:
    read_workspace(root, most_notes=3)


READERS: dict[str, Callable[[Path], object]] = {
    "workspace": read_workspace,
    "sampled workspace": _annotated,
    "notes": read_notes_file,
    "note stream": _stream,
    "export": read_raw,
    "findings": read_findings,
}


def run_jobs(jobs: Sequence[tuple[str, Path, str]], hang_s: float = 300) -> list[dict[str, Any]]:
    """Runs (reader, path, name in the message) each; see `_answer` for what is told of it."""
    words = [(reader, str(path), name) for reader, path, name in jobs]
    done = subprocess.run(
        [sys.executable, "-m", "tests.malformed.isolated"],
        cwd=ROOT,
        input=json.dumps(words),
        capture_output=True,
        text=True,
        timeout=hang_s,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def run_many(form: str, folder: Path, seeds: range, model: Path | None = None) -> dict[str, Any]:
    """Tries random faults of a format in a process of its own; its outcome is counts, as JSON."""
    job = (f"many {form}", folder, f"{seeds.start} {seeds.stop} {model or ''}")
    (answer,) = run_jobs([job], hang_s=1800)
    return answer


def _try_many(form: str, folder: Path, words: str) -> str:
    first, last, *model = words.split(" ", 2)
    seeds = range(int(first), int(last))
    if form == "model":
        return json.dumps(try_model(Path(model[0]), folder, seeds))
    return json.dumps(try_format(form, folder, seeds))


def _work(reader: str, path: str, name: str) -> str:
    try:
        if reader.startswith("many "):
            return _try_many(reader.removeprefix("many "), Path(path), name)
        return attempt(lambda: READERS[reader](Path(path)), name)
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} in {place.name}: {str(error)[:400]}"


def _answer(job: tuple[str, str, str]) -> dict[str, Any]:
    """Outcome, peak of resident memory in MB and processor time of one job."""
    read_end, write_end = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if not child:
        os.close(read_end)
        # A reader that wants more than the machine has is stopped, not the machine.
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        os.write(write_end, _work(*job).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as stream:
        told = stream.read().decode()
    _, status, usage = os.wait4(child, 0)
    return {
        "outcome": told if status == 0 else f"ended by status {status}",
        "peak_mb": usage.ru_maxrss // 1024,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "wall_s": time.monotonic() - began,
    }


def tally(answers: Sequence[dict[str, Any]]) -> Counter[str]:
    """Counts of outcomes."""
    return Counter(str(answer["outcome"]) for answer in answers)


if __name__ == "__main__":
    import pyarrow.parquet  # noqa: F401  before the forks, as it is before any reading

    sys.stdout.write(json.dumps([_answer(tuple(job)) for job in json.load(sys.stdin)]))
