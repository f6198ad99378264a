"""What a run says while it runs: a live bar on a terminal, plain lines elsewhere, all to stderr.

The clock of the project lives here: nothing that learns or decides reads it. A closed stderr
silences the progress and never stops the work.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self, TextIO, cast

MAX_LINES = 12  # of plain progress, without the last: a log stays readable at any number of epochs
REFRESH_S = 0.1  # a bar drawn more often costs more than it tells
AHEAD = 4  # times its first step's notes a run works off before that step leaves the rate
BREAKS = dict.fromkeys(map(ord, "\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029"), " ")


def one_line(text: str) -> str:
    """A text that stays on its line and cannot steer the terminal.

    >>> one_line("two" + chr(10) + "lines")
    'two lines'
    """
    flat = text.replace("\r\n", "\n").translate(BREAKS)
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in flat
    )


class _Screen:
    """A stream that may be closed, or never was open: what is written then is lost, quietly.

    Rich must not see the closed pipe either: it would end the process, and stdout with it.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        if self._stream is not None:
            escaped = text.encode(self.encoding, "backslashreplace").decode(self.encoding)
            with self._losing():
                self._stream.write(escaped)
        return len(text)

    def flush(self) -> None:
        if self._stream is not None:
            with self._losing():
                self._stream.flush()

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except (OSError, ValueError):
            return False

    @contextlib.contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):  # ValueError: the file object was closed
            self._stream = None


class _View(Protocol):
    """How progress is shown."""

    def show(self, done: int, text: str) -> None: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


class Progress:
    """Progress, remarks and warnings of a run.

    Args:
      stream: where to write, usually `sys.stderr`; None is silent.
      quiet: warnings only.
      verbose: every step a line, and details.
      clock: seconds, for tests.

    >>> import io
    >>> out = io.StringIO()
    >>> with Progress(out) as progress:
    ...     progress.start("epoch", 2)
    ...     progress.advance(1, loss=0.5)
    ...     progress.advance(2, loss=0.25)
    >>> out.getvalue().splitlines()[-1]
    'epoch 2/2  loss 0.250'
    """

    def __init__(
        self,
        stream: TextIO | None,
        quiet: bool = False,
        verbose: bool = False,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._screen = _Screen(stream)
        self._quiet, self._verbose, self._clock = quiet, verbose, clock
        self._view: _View | None = None
        self._said: set[str] = set()
        self._what, self._total = "", 0
        self._marks: list[tuple[float, int, float]] = []  # clock, done, examples

    def start(self, what: str, total: int) -> None:
        """Begins `total` steps of something, as `start("epoch", 30)`."""
        self.stop()
        self._what, self._total = what, total
        self._marks = [(self._clock(), 0, 0.0)]
        if self._quiet:
            return
        if self._screen.isatty() and os.environ.get("TERM") != "dumb":
            self._view = _Bar(self._screen, total, self._clock)
        else:
            self._view = _Lines(self._screen, total, every=self._verbose)

    def advance(self, done: int, **figures: float) -> None:
        """Tells that `done` of the steps are behind us.

        Args:
          done: steps behind us, all told.
          **figures: shown by name; `examples`, the count so far, becomes examples a second,
            or notes a second where the steps are notes.
        """
        if self._view is None:
            return
        examples = figures.pop("examples", math.nan)
        self._marks = [*self._marks[:2], (self._clock(), done, examples)]
        head = f"{self._what} {done}/{self._total}" if self._total else f"{self._what} {done}"
        parts = [head, *(f"{key.replace('_', ' ')} {_number(figures[key])}" for key in figures)]
        self._view.show(done, one_line("  ".join([*parts, *self._pace()])))

    def stop(self) -> None:
        """Ends the steps; the last figures stay visible."""
        view, self._view = self._view, None
        if view is not None:
            view.close()

    def say(self, text: str) -> None:
        """A remark; silent with `quiet`."""
        if not self._quiet:
            self._write(text)

    def detail(self, text: str) -> None:
        """A remark for those who asked for `verbose`."""
        if self._verbose:
            self.say(text)

    def warn(self, text: str) -> None:
        """A warning, also with `quiet`; the same one is given once."""
        if text not in self._said:
            self._said.add(text)
            self._write(f"Warning: {text}")

    def __enter__(self) -> Self:
        """Usable as a context, so that no failure leaves a bar on the terminal."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stops."""
        self.stop()

    def _pace(self) -> list[str]:
        """Rate, and time left, which the first epoch cannot tell: most of it is compilation."""
        now, done, examples = self._marks[-1]
        # Notes are worked on ahead: few more tell how long it took to wait, not to work.
        least = AHEAD * self._marks[1][1] if examples == done else 0
        if len(self._marks) == 3 and done - self._marks[1][1] >= least:
            then, done_then, examples_then = self._marks[1]
        else:
            then, done_then, examples_then = self._marks[0]
        spent_s = now - then
        parts = []
        if spent_s > 0 and examples > examples_then:
            # An epoch has many examples; where a step is one, it has a name of its own.
            counted = f"{self._what}s" if examples == done else "examples"
            parts.append(f"{(examples - examples_then) / spent_s:,.0f} {counted}/s")
        # The first epoch compiles, so the others take far less time.
        told = examples == done or len(self._marks) == 3
        if told and spent_s > 0 and done_then < done < self._total:
            left_s = spent_s / (done - done_then) * (self._total - done)
            parts.append(f"{_duration(left_s)} left")
        return parts

    def _write(self, text: str) -> None:
        if self._view is None:
            _write_line(self._screen, one_line(text))
        else:
            self._view.say(one_line(text))


class _Lines:
    """At most `MAX_LINES` lines, evenly spaced, and the last."""

    def __init__(self, screen: _Screen, total: int, *, every: bool) -> None:
        self._screen, self._total = screen, total
        self._stride = 1 if every else max(1, math.ceil(total / MAX_LINES))
        self._next, self._held = 1, ""

    def show(self, done: int, text: str) -> None:
        self._held = text
        if done >= self._next or done == self._total:
            self._next = done + self._stride
            self.close()

    def say(self, text: str) -> None:
        _write_line(self._screen, text)

    def close(self) -> None:
        if self._held:
            self.say(self._held)
            self._held = ""


class _Bar:
    """A live bar, drawn by our calls and by no thread, which would trip over a closed stream."""

    def __init__(self, screen: _Screen, total: int, clock: Callable[[], float]) -> None:
        from rich.console import Console  # 0.1 s that a quiet run need not pay
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        columns = [BarColumn(bar_width=24), TextColumn("{task.description}", markup=False)]
        self._bar: Any = RichProgress(
            *columns,
            console=Console(file=cast(TextIO, screen), force_terminal=True),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._clock, self._drawn_s = clock, -math.inf
        self._bar.start()
        self._task = self._bar.add_task("", total=total or None)

    def show(self, done: int, text: str) -> None:
        due = self._clock() - self._drawn_s >= REFRESH_S
        self._bar.update(self._task, completed=done, description=text, refresh=due)
        if due:
            self._drawn_s = self._clock()

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def close(self) -> None:
        self._bar.stop()


def _write_line(screen: _Screen, text: str) -> None:
    screen.write(text + "\n")
    screen.flush()


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
