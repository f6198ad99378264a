"""Every failure that a user can cause or meet, with the exit code that a script sees.

    LvmhError                 1  internal error
    ├── UsageError            2  a wrong option or setting, or an output that cannot be written
    ├── InvalidInputError     3  a file is there, but empty, broken or not of the format
    ├── NotFoundError         4  no data, no such model
    ├── ResumeRefusedError    5  configuration or data differ from the run to be resumed
    └── QualityGateError      6  a figure is below its gate

Input that is accepted though it is not quite right is no failure: the command line prints a
warning, and Python code gets an LvmhWarning.

A message says what went wrong, where (file, line or key), what was expected and what to do next. It
never holds note text: notes are personal data, and errors end up in logs.
"""

from __future__ import annotations

import difflib
import errno
import sys
import warnings
from collections.abc import Iterable

# System errors of a write for which the user has to make room; they are no bugs.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class LvmhError(Exception):
    """Base of all expected failures; the command line prints one line and no traceback.

    Args:
      what: what went wrong, without note text.
      where: file, with a line or key where there is one.
      expected: what would have been right.
      fix: what to do next.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", expected: str = "", fix: str = "") -> None:
        self.what, self.where, self.expected, self.fix = what, where, expected, fix
        text = f"{where}: {what}" if where else what
        for more in (f"expected {expected}" if expected else "", fix):
            text += f"; {more}" if more else ""
        super().__init__(text)


class UsageError(LvmhError):
    """A wrong option, argument or setting, or an output that cannot be written."""

    exit_code = 2


class InvalidInputError(LvmhError):
    """An input file is there, but empty, broken or not of its format."""

    exit_code = 3


class NotFoundError(LvmhError):
    """A file, folder or model that was asked for is not there."""

    exit_code = 4


class ResumeRefusedError(LvmhError):
    """A run cannot go on, because its configuration or data differ."""

    exit_code = 5


class QualityGateError(LvmhError):
    """A measured figure is below the gate that the user set."""

    exit_code = 6


class LvmhWarning(UserWarning):
    """Something was accepted though it is not quite right; the work continues.

    It is issued through `warnings`, so `warnings.filterwarnings("error", category=LvmhWarning)`
    turns it into an error, and "ignore" silences it.
    """


def warn_caller(text: str) -> None:
    """Issues an LvmhWarning at the line outside this package that called into it.

    The default filter shows a warning once per line; at a line of ours, only the first caller would
    see it.
    """
    frame, level = sys._getframe(1), 2
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "lvmh_jax":
        frame, level = frame.f_back, level + 1
    warnings.warn(text, LvmhWarning, stacklevel=level)


def install_extra(name: str) -> str:
    """How to install an extra, for the `fix` of an error; this package is on no index.

    >>> install_extra("png")
    "run `pip install '.[png]'` in the checkout of lvmh-jax"
    """
    return f"run `pip install '.[{name}]'` in the checkout of lvmh-jax"


def nearest_name(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Which known name was probably meant, for the `fix` of an error.

    Args:
      name: the unknown name.
      known: all known names.
      prefix: put before the suggested name, so that the user can copy it.

    >>> nearest_name("linaer", ["linear", "mlp"])
    "did you mean 'linear'? known: linear, mlp"
    >>> nearest_name("xyz", ["linear", "mlp"])
    'known: linear, mlp'
    """
    names = list(known)
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean '{prefix}{close[0]}'? " if close else ""
    return f"{hint}known: {', '.join(names)}"
