"""Many files replaced as one: all are written first, then a journal, then each is renamed.

Until the journal is there nothing has changed; from then on `finish` can complete the work after a
kill, as often as it takes. So a reader sees each file old or new, and a set that was begun ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from lvmh_jax.config import SCHEMA_VERSION
from lvmh_jax.errors import InvalidInputError, LvmhError, UsageError
from lvmh_jax.io.manifest import read_json, sync_folder, write_json
from lvmh_jax.io.outputs import require_writable

SUFFIX = ".forget"
MOVE, REMOVE = "move", "remove"


class Replacement:
    """New versions of files under temporary names, and files that are to go.

    Attributes:
      roots: the folders outside of which nothing is touched.
    """

    def __init__(self, journal: Path, roots: Iterable[Path]) -> None:
        """Nothing is written yet.

        Args:
          journal: the file that tells of a set under way.
          roots: as above.
        """
        self._journal = journal
        self.roots = [root.resolve() for root in roots]
        self._steps: list[tuple[str, Path, Path]] = []

    def write(
        self, path: Path, write: Callable[[Path], int | None], *, beside: Path | None = None
    ) -> int | None:
        """Has a new version of a file written; it is kept where `write` returns more than 0.

        Args:
          path: the file, which may be new.
          write: writes to the path that it is given, and returns how much changed.
          beside: a file or folder beside which the temporary one lies, where the file's own
            folder is to hold nothing else.

        Returns: what `write` returned.

        Raises:
          UsageError: no file can be written there.
        """
        anchor = beside or path
        name = anchor.name if beside is None else f"{anchor.name}.{len(self._steps)}"
        temporary = anchor.with_name(f".{name}{SUFFIX}")
        require_writable(path)
        try:
            count = write(temporary)
            if count and temporary.stat().st_size:
                _sync(temporary)
                self._steps.append((MOVE, temporary, path))
            elif count:  # our readers refuse an empty file
                temporary.unlink()
                self.remove(path)
        except BaseException as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            if isinstance(error, OSError):
                raise _cannot_write(path, error) from error
            raise
        if not count:
            temporary.unlink(missing_ok=True)
        return count

    def remove(self, path: Path) -> None:
        """Has a file or a folder removed with the others.

        Raises:
          UsageError: it may not be.
        """
        require_writable(path.parent / f".{path.name}{SUFFIX}")
        self._steps.append((REMOVE, path, path))

    def discard(self) -> None:
        """Drops what was written; nothing was replaced."""
        for kind, temporary, _ in self._steps:
            if kind == MOVE:
                temporary.unlink(missing_ok=True)
        self._steps.clear()

    def commit(self, told: str = "") -> None:
        """Replaces and removes, in the order in which it was asked for.

        Args:
          told: what is known to this run alone; the journal keeps it for who completes the set.

        Raises:
          LvmhError: a rename failed; `finish` goes on where it stopped.
        """
        steps = [[kind, *(str(p.absolute()) for p in paths)] for kind, *paths in self._steps]
        try:
            document = {"schema_version": SCHEMA_VERSION, "steps": steps, "told": told}
            write_json(self._journal, document)
        except BaseException as error:
            self._journal.unlink(missing_ok=True)
            self.discard()
            if isinstance(error, OSError):
                raise _cannot_write(self._journal, error) from error
            raise
        self._steps.clear()
        finish(self._journal, self.roots)


def finish(journal: Path, roots: Iterable[Path]) -> str | None:
    """Completes a set that was begun.

    Returns: what `commit` was given to tell; None where no set was begun.

    Raises:
      InvalidInputError: the journal is broken, or names a file outside of the roots.
      LvmhError: a file can be neither renamed nor removed.
    """
    if not journal.exists():
        return None
    allowed = [root.resolve() for root in roots]
    steps, told = _read_journal(journal)
    for kind, *names in steps:
        paths = [Path(name) for name in names]
        # A journal may come with a folder of somebody else's: it is no leave to touch any file.
        if not all(_is_below(path, allowed) for path in paths):
            raise InvalidInputError(
                "it names a file outside of the folders that were given",
                where=journal.as_posix(),
                fix="give the --models-dir and --outputs of the run that was cut off",
            )
        with _replacing(paths[1]):
            _take(kind, *paths)
    with _replacing(journal):
        journal.unlink()
    with contextlib.suppress(OSError):  # all is done: a failure here would leave `told` untold
        sync_folder(journal.parent)
    return told


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LvmhError(
            f"cannot be replaced ({error.strerror or type(error).__name__})",
            where=str(path),
            fix="make room and permission, and run the same command again: it goes on",
        ) from error


def drop_leftovers(folders: Iterable[Path], *, deep: bool = True) -> None:
    """Removes temporary files of a run that was killed before its journal was there.

    Args:
      folders: to look through; one that is not there has none.
      deep: what is below them, too.
    """
    for folder in folders:
        find = folder.rglob if deep else folder.glob
        for path in find(f".*{SUFFIX}") if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                path.unlink(missing_ok=True)


def _read_journal(journal: Path) -> tuple[list[list[str]], str]:
    """The steps, and what to tell: nothing where version 0.3.0 or an older one was cut off."""
    document: Any = read_json(journal)
    steps, told = None, None
    if isinstance(document, dict):
        steps, told = document.get("steps"), document.get("told", "")
    if isinstance(steps, list) and all(map(_is_step, steps)) and isinstance(told, str):
        return steps, told
    raise InvalidInputError("it is no journal of ours", where=journal.as_posix(), fix="delete it")


def _is_step(step: object) -> bool:
    is_words = isinstance(step, list) and all(isinstance(word, str) for word in step)
    return is_words and len(step) == 3 and step[0] in (MOVE, REMOVE)  # type: ignore[arg-type, index]


def _take(kind: str, source: Path, target: Path) -> None:
    if kind == MOVE:
        if source.exists():  # else it was renamed before the run was cut off
            os.replace(source, target)
    elif target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    if target.parent.is_dir():
        sync_folder(target.parent)


def _is_below(path: Path, roots: Iterable[Path]) -> bool:
    real = path.parent.resolve() / path.name
    return any(real.is_relative_to(root) for root in roots) and ".." not in path.parts


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _cannot_write(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot be written ({error.strerror or type(error).__name__})",
        where=path.as_posix(),
        fix="nothing was changed; make room and permission to write",
    )
