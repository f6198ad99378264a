"""Runs several systems in turns, each in a fresh process: seconds, notes/s, memory.

Memory is the sum over a process and its children, read from /proc five times a second. Shared pages
count once per process, so the figure is an upper bound. Without /proc (macOS) it is that of the
process alone.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks import sections
from benchmarks.speed import RSS_UNIT
from lvmh_jax.errors import LvmhError

SAMPLE_S = 0.2
LIMIT_S = 3600.0  # of one process: a projection can be wrong
REASON_CHARS = 100
PEER_SECONDS = ("train_seconds", "detect_seconds")


@dataclass(frozen=True)
class Run:
    """One process that processed all notes.

    Attributes:
      notes_per_s: speed that the process reports, without start-up.
      process_s: wall seconds of the process.
      growing_s: reported seconds of learning and detection, which grow with the notes.
      peak_rss_bytes: peak memory of the process and its children together.
    """

    notes: int
    notes_per_s: float
    process_s: float
    growing_s: float
    peak_rss_bytes: int


@dataclass(frozen=True)
class Timing:
    """The runs of one system on the same notes: medians, and the largest memory."""

    runs: tuple[Run, ...]

    @property
    def notes(self) -> int:
        """Notes of each run."""
        return self.runs[0].notes

    @property
    def notes_per_s(self) -> float:
        """Median of its own figures."""
        return statistics.median(run.notes_per_s for run in self.runs)

    @property
    def process_s(self) -> float:
        """Median of the wall seconds."""
        return statistics.median(run.process_s for run in self.runs)

    @property
    def peak_rss_bytes(self) -> int:
        """Peak memory of the run that used most."""
        return max(run.peak_rss_bytes for run in self.runs)

    def project_s(self, notes: int) -> float:
        """Seconds of a process on more notes, if what grows does so in proportion.

        >>> Timing((Run(1_000, 50.0, 30.0, 20.0, 0),)).project_s(10_000)
        210.0
        """
        last = self.runs[-1]
        return last.process_s + last.growing_s * (notes / last.notes - 1)


@dataclass(frozen=True)
class Absent:
    """Reason why a figure is missing."""

    reason: str


Outcome: TypeAlias = Timing | Absent


@dataclass(frozen=True)
class System:
    """A name of the tables and a command, which is followed by workspace and output.

    Attributes:
      ours: a line of ours takes options, and its failure ends everything.
    """

    name: str
    words: tuple[str, ...]
    ours: bool

    def run_on(self, workspace: Path, scratch: Path, notes: int | None) -> Run:
        """Measures it in a fresh process.

        Raises:
          LvmhError: it failed, printed no figures, or worked on other than `notes` notes.
        """
        found = str(scratch / "found.csv")
        options = ("--workspace", str(workspace), "--output", found)
        ended = run_process([*self.words, *(options if self.ours else (str(workspace), found))])
        return read_run(ended, notes, ("seconds",) if self.ours else PEER_SECONDS)


@dataclass(frozen=True)
class Ended:
    """A successful process: its output, wall seconds, and peak memory with its children."""

    stdout: str
    seconds: float
    peak_rss_bytes: int

    @property
    def payload(self) -> dict[str, Any]:
        r"""The JSON object that it printed last.

        >>> Ended('loading\n{"notes": 2}\n', 1.0, 0).payload
        {'notes': 2}
        """
        for line in reversed(self.stdout.splitlines()):
            with contextlib.suppress(json.JSONDecodeError):
                if isinstance(found := json.loads(line), dict):
                    return found
        raise LvmhError("it printed no figures")


def read_run(ended: Ended, notes: int | None, growing: Sequence[str]) -> Run:
    """Combines the figures that a process reports with those measured from outside.

    Args:
      ended: the process; its last JSON object has `notes`, `notes_per_second` and the `growing`
        seconds.
      notes: expected number of notes; None to accept the reported one.
      growing: keys of the seconds that grow with the notes.
    """
    said = ended.payload
    missing = [key for key in ("notes", "notes_per_second", *growing) if key not in said]
    if missing:
        raise LvmhError(f"it printed no {missing[0]}")
    if notes not in (None, said["notes"]):
        raise LvmhError(f"it worked on {said['notes']} notes of {notes}")
    growing_s = sum(said[key] for key in growing)
    rate = float(said["notes_per_second"])
    return Run(said["notes"], rate, ended.seconds, growing_s, ended.peak_rss_bytes)


def run_process(command: Sequence[str], limit_s: float = LIMIT_S) -> Ended:
    """Runs a command in a fresh process, and samples the memory of it and its children.

    Raises:
      LvmhError: it failed or took too long; the message is its last line.
    """
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}  # the owners' folder stays as it is
    over, peaks = threading.Event(), [0]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=sections.ROOT, env=environment, stdout=out, stderr=err,
            start_new_session=True,  # so that its children can be ended with it
        )  # fmt: skip
        late = threading.Timer(limit_s, os.killpg, (process.pid, signal.SIGKILL))
        watch = threading.Thread(target=_watch, args=(process.pid, over, peaks), daemon=True)
        late.start()
        watch.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            seconds = time.perf_counter() - started_s
            late.cancel()
            over.set()
            watch.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode:
            said = err.read().decode(errors="replace").strip().splitlines()
            raise LvmhError(explain_end(process.returncode, said, seconds, limit_s))
        # wait4 sees the peak between two samples too, but of this process alone.
        peak = max(peaks[0], usage.ru_maxrss * RSS_UNIT)
        return Ended(out.read().decode(errors="replace"), seconds, peak)


def explain_end(code: int, said: Sequence[str], seconds: float, limit_s: float) -> str:
    """Explains in one line why a process failed.

    >>> explain_end(1, ["Traceback", "ModuleNotFoundError: No module named 'x'"], 1.0, 60.0)
    "ModuleNotFoundError: No module named 'x'"
    >>> explain_end(-9, ["loading"], 60.1, 60.0)
    'stopped after 60 s'
    >>> explain_end(-9, [], 5.0, 60.0)
    'ended with -9'
    """
    if seconds >= limit_s:
        return f"stopped after {limit_s:.0f} s"
    if not said or code < 0:  # a signal: what it said before is not why
        return f"ended with {code}"
    return said[-1].strip().removeprefix("Error: ")[:REASON_CHARS]


def _watch(pid: int, over: threading.Event, peaks: list[int]) -> None:
    while not over.is_set():
        peaks[0] = max(peaks[0], read_tree_rss_bytes(pid))
        over.wait(SAMPLE_S)


def read_tree_rss_bytes(pid: int, proc: Path = Path("/proc")) -> int:
    """Memory of a process tree; shared pages count once per process; 0 without /proc."""
    parents, pages = {}, {}
    for stat in proc.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):  # it ended meanwhile
            # The name before the bracket may hold blanks and brackets.
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
            number = int(stat.parent.name)
            parents[number], pages[number] = int(fields[1]), int(fields[21])
    tree = {pid}
    while more := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(pages.get(each, 0) for each in tree) * os.sysconf("SC_PAGE_SIZE")


def measure_in_turns(
    systems: Sequence[System], workspace: Path, notes: int | None, rounds: int
) -> dict[str, Outcome]:
    """Runs every system on the same notes, one after the other, in `rounds` rounds.

    Raises:
      LvmhError: one of ours failed; a failing peer is not tried again.
    """
    runs: dict[str, list[Run]] = {system.name: [] for system in systems}
    failed: dict[str, Outcome] = {}
    with tempfile.TemporaryDirectory(prefix="lvmh-throughput-") as scratch:
        for _, system in itertools.product(range(rounds), systems):
            if system.name in failed:
                continue
            sys.stderr.write(f"{system.name}: {workspace.name}, {notes or 'all'} notes\n")
            try:
                runs[system.name].append(system.run_on(workspace, Path(scratch), notes))
            except LvmhError as error:
                if system.ours:
                    raise LvmhError(f"{system.name}: {error}") from None
                failed[system.name] = Absent(f"failed: {error}")
    return {name: failed.get(name) or Timing(tuple(each)) for name, each in runs.items()}
