"""From any failure to one line on stderr and the exit code of the contract.

    LvmhError            its own code     click's errors   2
    KeyboardInterrupt    130              closed stdout    0, the reader has what it wanted
    out of memory        1, with advice   OSError          1, naming the path; of a full disk 2
    anything else        1, by the name of its type: the message might hold note text

A traceback is shown with `--debug` only; with `--json` the last line of stdout is the error.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import click

from lvmh_jax.errors import NO_ROOM, LvmhError

INTERRUPTED = 130
DEBUG = "run again with --debug for the traceback"
SMALLER = "use a smaller --batch-size, or --size base"
ROOM = "choose a place with space and permission to write"


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure as the user and a script see it."""

    code: int
    message: str
    hint: str = ""


def run_guarded(action: Callable[[], None], words: Sequence[str]) -> int:
    """Runs an action and reports what it raises.

    Args:
      action: what to run.
      words: the command line; it may be the very thing that is wrong, so it is only searched.

    Returns: the exit code.
    """
    options = words[: words.index("--")] if "--" in words else words
    try:
        action()
    except click.exceptions.Exit as leave:  # --help, --version
        return leave.exit_code
    except BrokenPipeError:
        _drop_stdout()
        return 0
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in options:
            _print_traceback(error)
        failure = describe(error)
        report(failure, as_json="--json" in options)
        return failure.code
    return 0


def describe(error: BaseException) -> Failure:
    """What to tell about an exception, without note text."""
    if isinstance(error, LvmhError):
        return Failure(error.exit_code, str(error), error.fix)
    if isinstance(error, click.ClickException):
        return _describe_usage(error)
    if isinstance(error, KeyboardInterrupt | click.Abort):
        hint = str(error)
        return Failure(INTERRUPTED, f"interrupted; {hint}" if hint else "interrupted", hint)
    # XLA has no type of its own for this; jaxlib raises a RuntimeError with the code in its text.
    if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
        return Failure(1, f"not enough memory; {SMALLER}", SMALLER)
    if isinstance(error, OSError):
        return _describe_system(error)
    return Failure(1, f"internal error: {type(error).__name__}; {DEBUG}", DEBUG)


def report(failure: Failure, *, as_json: bool) -> None:
    """Prints a failure: a line on stderr and, for scripts, a line of JSON on stdout."""
    from lvmh_jax.io.progress import one_line

    with contextlib.suppress(OSError, ValueError):
        click.echo(f"Error: {one_line(failure.message)}", err=True)
    if as_json:
        with contextlib.suppress(OSError, ValueError):
            click.echo(dump_failure(failure))


def dump_failure(failure: Failure) -> str:
    """A failure as the JSON object that scripts read."""
    from lvmh_jax.config import SCHEMA_VERSION

    # What to do is told once: a line for people ends with it.
    message = failure.message.removesuffix(failure.hint).rstrip("; ")
    told = {"code": failure.code, "message": message, "hint": failure.hint}
    return json.dumps({"schema_version": SCHEMA_VERSION, "error": told})


def _describe_system(error: OSError) -> Failure:
    reason = error.strerror or f"{type(error).__name__}; {DEBUG}"
    path = os.fsdecode(error.filename) if _is_path(error.filename) else ""
    if error.errno in NO_ROOM:  # what prints help has no path: it is standard output
        return Failure(2, f"{path or 'an output'}: cannot be written ({reason}); {ROOM}", ROOM)
    return Failure(1, f"{path}: {reason}" if path else reason)


def _describe_usage(error: click.ClickException) -> Failure:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "lvmh-jax"
    hint = f"see `{path} --help`"
    joint = " " if message.endswith("?") else "; "
    return Failure(2, message + joint + hint, hint)


def _is_path(value: object) -> bool:
    return isinstance(value, str | bytes | os.PathLike)


def _print_traceback(error: BaseException) -> None:
    import traceback

    with contextlib.suppress(OSError, ValueError):
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)


def _drop_stdout() -> None:
    """Lets Python flush at exit without a second complaint about the closed pipe."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
