"""One run at a time on an output, in this process and in others."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lvmh_jax.errors import UsageError
from lvmh_jax.io.locks import hold_output
from lvmh_jax.io.outputs import OutputError

HOLD = """
import sys
from pathlib import Path
from lvmh_jax.io.locks import hold_output
with hold_output(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    output = tmp_path / "new" / "found.csv"
    refused = rf"found\.csv: another run is writing it \(process {os.getpid()}\); wait for its end"
    with hold_output(output):
        with pytest.raises(UsageError, match=refused), hold_output(output):
            pass
        with hold_output(output.with_name("other.csv")):
            pass
    with hold_output(output):
        pass
    assert os.listdir(tmp_path) == []  # neither a lock nor a folder that was made for one


def test_another_process_is_refused_and_its_death_frees(tmp_path: Path) -> None:
    output = tmp_path / "found.csv"
    words = [sys.executable, "-c", HOLD, str(output)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, text=True, **pipes) as other:
        assert other.stdout.readline() == "held\n"
        refused = rf"another run is writing it \(process {other.pid}\)"
        with pytest.raises(UsageError, match=refused), hold_output(output):
            pass
        other.kill()
        other.wait()
    with hold_output(output):
        done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert f"another run is writing it (process {os.getpid()})" in done.stderr
    assert os.listdir(tmp_path) == []


def test_an_error_within_frees_too(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), hold_output(tmp_path / "found.csv"):
        raise RuntimeError
    with hold_output(tmp_path / "found.csv"):
        pass


def test_where_a_file_system_has_no_locks_runs_are_not_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    check_not_kept_apart(tmp_path)


def test_where_a_system_has_no_locks_runs_are_not_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lvmh_jax.io.locks.sys.platform", "win32")
    check_not_kept_apart(tmp_path)


def check_not_kept_apart(folder: Path) -> None:
    left = folder / f".found.csv.{os.getpid()}.part"
    left.touch()
    with hold_output(folder / "found.csv"), hold_output(folder / "found.csv"):
        assert left.exists()  # it may be another run's
    assert os.listdir(folder) == [left.name]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"), hold_output(tmp_path / "file/x"):
        pass
