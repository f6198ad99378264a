"""What commands print: one JSON object for scripts, or plain text that lines up for people."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from lvmh_jax.errors import UsageError

if TYPE_CHECKING:
    from lvmh_jax.io.progress import Progress


@dataclass(frozen=True, slots=True)
class Output:
    """How a command speaks: results on stdout, progress and warnings on stderr."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False

    def progress(self) -> Progress:
        """Progress on stderr; use it as a context, so that a failure leaves no bar behind."""
        from lvmh_jax.io.progress import Progress

        return Progress(sys.stderr, self.quiet, self.verbose)

    def starting(self) -> AbstractContextManager[None]:
        """The context in which a command imports its libraries: Ctrl-C there ends it cleanly."""
        from lvmh_jax.cli.startup import leave_on_interrupt

        return leave_on_interrupt(as_json=self.as_json)

    def result(self, payload: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Prints the result: `payload` as the last line of stdout with `--json`, else `lines`.

        Raises:
          UsageError: it cannot be written (a full disk); a reader that left is BrokenPipeError.
        """
        from lvmh_jax.config import SCHEMA_VERSION

        if not self.as_json:
            _echo("\n".join(lines))
            return
        # ASCII escapes: no encoding of the terminal fails, and no U+2028 splits the line.
        _echo(json.dumps({"schema_version": SCHEMA_VERSION, **_plain(payload)}))


def figure(value: object) -> str:
    """A figure for people: three decimals, its 95 % interval where it has one, `-` for none.

    >>> figure({"value": 0.8125, "ci_low": 0.75, "ci_high": 0.9})
    '0.812 [0.750, 0.900]'
    >>> figure(None)
    '-'
    """
    value = _plain(value)
    if isinstance(value, dict):
        if "value" not in value:
            return ", ".join(f"{key} {figure(each)}" for key, each in value.items())
        text, low, high = figure(value["value"]), value.get("ci_low"), value.get("ci_high")
        return text if low is None or high is None else f"{text} [{figure(low)}, {figure(high)}]"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
    return "-" if value is None else str(value)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns.

    >>> table([("", "f1"), ("model", "0.812")])
    ['       f1', 'model  0.812']
    """
    count = max((len(row) for row in rows), default=0)
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(count)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]


def _echo(text: str) -> None:
    """Prints what the terminal's encoding has, and escapes the rest: a label never stops a run."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror or type(error).__name__})",
            where="standard output",
            fix="send it to a place with space and permission to write",
        ) from error


def _plain(value: Any) -> Any:
    """JSON values only: paths become text, numpy's numbers ours, and what is not finite null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
