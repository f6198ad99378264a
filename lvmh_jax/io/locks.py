"""One run at a time on an output, whatever becomes of the one that has it.

The lock is flock's, which no dead process keeps, on `.OUTPUT.lock` beside the output. Where a
system or a file system has none, runs are not kept apart.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lvmh_jax.errors import UsageError
from lvmh_jax.io.outputs import cannot_write, find_target

if sys.platform != "win32":
    import fcntl

TEMPORARY = re.compile(r"\.(?P<name>.+)\.(?P<process>[0-9]{1,9})\.part")  # of `name_temporary`
MOST_DIGITS = 20  # of a number in a lock file: what is longer was never a process


@contextmanager
def hold_output(output: Path, *others: Path) -> Iterator[None]:
    """Keeps other runs off an output, and removes what killed ones had begun to write of it.

    Args:
      output: by which runs know each other; its folder is made, and goes again if it stays empty.
      others: files that a run on it writes, too.

    Raises:
      UsageError: another run is writing it, or nothing can be written there.
    """
    path = find_target(output)
    made = [folder for folder in path.absolute().parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _take_lock(path.with_name(f".{path.name}.lock"), output)
    except OSError as error:
        raise cannot_write(output, error) from error
    try:
        if lock is not None:
            for each in (output, *others):
                _drop_dead(find_target(each))
        yield
    finally:
        if lock is not None:
            with suppress(OSError):  # its name goes first: who opens it later makes another
                path.with_name(f".{path.name}.lock").unlink()
            os.close(lock)
        with suppress(OSError):
            for folder in made:
                folder.rmdir()


def _take_lock(path: Path, output: Path) -> int | None:
    """The open file that is locked; None where there are no locks."""
    if sys.platform == "win32":
        return None
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = os.read(handle, MOST_DIGITS).decode("ascii", "replace")
            os.close(handle)
            raise _is_taken(output, process) from None
        except OSError:  # a file system without locks
            os.close(handle)
            path.unlink(missing_ok=True)
            return None
        if _is_at(handle, path):
            os.ftruncate(handle, 0)
            os.write(handle, str(os.getpid()).encode())
            return handle
        os.close(handle)  # the run before removed it between our two lines


def _is_taken(output: Path, process: str) -> UsageError:
    by = f" (process {process})" if process.isdigit() else ""
    return UsageError(
        f"another run is writing it{by}",
        where=output.as_posix(),
        fix="wait for its end, or choose another --output",
    )


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _drop_dead(path: Path) -> None:
    """Removes temporary files of an output whose processes are gone; ours has written none yet."""
    for left in path.parent.iterdir():
        found = TEMPORARY.fullmatch(left.name)
        if found and found["name"] == path.name:
            process = int(found["process"])
            if process == os.getpid() or not lives(process):
                with suppress(OSError):
                    left.unlink()


def lives(process: int) -> bool:
    """Whether there is a process of that number; where that cannot be known, there is."""
    if sys.platform == "win32":  # there the call would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # somebody else's
        return True
    return True
