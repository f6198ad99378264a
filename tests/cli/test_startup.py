"""Ctrl-C while a command imports its libraries, and after that."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lvmh_jax.cli.output import Output
from tests.conftest import REPOSITORY

# Plays a library: Ctrl-C arrives in its import, and it swallows whatever is raised there.
STUBBORN = """\
import signal
try:
    signal.raise_signal(signal.SIGINT)
except BaseException as error:
    raise ImportError("numpy says so") from error
"""


def run_stubborn(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs `lvmh-jax` in a process where the pipeline of `doctor` is such a library."""
    (folder / "doctor.py").write_text(STUBBORN)
    script = (
        "import sys, types; pipeline = types.ModuleType('lvmh_jax.pipeline');"
        f"pipeline.__path__ = [{str(folder)!r}]; sys.modules['lvmh_jax.pipeline'] = pipeline;"
        f"from lvmh_jax.cli.main import main; main({list(words)!r})"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True
    )


def test_interrupt_in_an_import_ends_the_command(tmp_path: Path) -> None:
    done = run_stubborn(tmp_path, "doctor")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Error: interrupted\n")


def test_interrupt_in_an_import_is_told_to_scripts(tmp_path: Path) -> None:
    done = run_stubborn(tmp_path, "doctor", "--json")
    assert (done.returncode, done.stderr) == (130, "Error: interrupted\n")
    error = {"code": 130, "message": "interrupted", "hint": ""}
    assert json.loads(done.stdout) == {"schema_version": 1, "error": error}


def test_interrupts_are_pythons_own_after_the_imports(run, fake) -> None:
    handlers = []
    fake("doctor", KeyError())
    with Output().starting():
        handlers.append(signal.getsignal(signal.SIGINT))
    assert run("doctor").exit_code == 1
    assert handlers[0] is not signal.default_int_handler
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(ImportError, match="broken"), Output().starting():
        raise ImportError("broken")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_job_that_ignores_interrupts_goes_on_doing_so() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Output().starting():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_commands_run_in_a_thread(run, fake) -> None:
    fake("doctor", KeyError())
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run("doctor").exit_code))
    thread.start()
    thread.join()
    assert codes == [1]  # of the fake: signals can be set in the main thread only, which raises


def test_every_command_imports_its_pipeline_so() -> None:
    outside = []
    for path in sorted((REPOSITORY / "lvmh_jax" / "cli").glob("*.py")):
        tree = ast.parse(path.read_text())
        excused = {id(each) for block in ast.walk(tree) for each in _excused(block)}
        for node in ast.walk(tree):
            named = isinstance(node, ast.ImportFrom) and (node.module or "")
            if named and named.startswith("lvmh_jax.pipeline") and id(node) not in excused:
                outside.append(f"{path.name}:{node.lineno}")
    assert not outside


def _excused(block: ast.AST) -> list[ast.AST]:
    """What stands in `with output.starting():`, or is for the type checker alone."""
    is_guard = isinstance(block, ast.With) and ast.unparse(block.items[0]) == "output.starting()"
    is_typing = isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
    return list(ast.walk(block)) if is_guard or is_typing else []
