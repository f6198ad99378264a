"""Runs the command line on wrong input, each command in a process of its own.

`python -m tests.malformed.commands` takes a JSON list of word lists on stdin. It loads what they
load, once, and forks for each: start-up is left out of the time, and its memory is in the peak.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.malformed.isolated import ROOT

LOADED = ("prepare", "detect", "train", "evaluate")


def run_commands(commands: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Runs each; exit code, both streams, peak of resident memory in MB, processor time."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.malformed.commands"],
        cwd=ROOT,
        input=json.dumps([list(map(str, words)) for words in commands]),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def _run(words: list[str], folder: Path) -> dict[str, Any]:
    from lvmh_jax.cli.main import main

    paths = [folder / "out", folder / "err"]
    child = os.fork()
    if not child:
        for path, handle in zip(paths, (1, 2), strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), handle)
        code = main(words, standalone_mode=False)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status, usage = os.wait4(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "out": paths[0].read_text(),
        "err": paths[1].read_text(),
        "peak_mb": usage.ru_maxrss // 1024,
        "cpu_s": usage.ru_utime + usage.ru_stime,
    }


if __name__ == "__main__":
    for name in LOADED:
        importlib.import_module(f"lvmh_jax.cli.{name}")
        importlib.import_module(f"lvmh_jax.pipeline.{name}")
    jobs = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as scratch:
        told = json.dumps([_run(words, Path(scratch)) for words in jobs])
    sys.stdout.write(told)
