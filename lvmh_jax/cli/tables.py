"""Tables for people: ruled and coloured on a terminal, plain aligned text everywhere else.

What is piped stays as it is without a terminal, so that `grep` and `awk` need know one form.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Literal

from lvmh_jax.cli.output import table

if TYPE_CHECKING:
    from rich.table import Table

GAP = 3  # between columns, at most
ROOM = 12  # characters that a cell over several lines has at least
Row = Sequence[str]


def show_table(
    head: Row,
    rows: Sequence[Row],
    *,
    numbers: Collection[int] = (),
    wraps: Collection[int] = (),
    best: Collection[int] = (),
    titles: Collection[int] = (),
) -> list[str]:
    """A table as lines.

    Args:
      head: names of the columns.
      rows: cells; a missing one is empty.
      numbers: columns to align right on a terminal.
      wraps: columns whose cells may take several lines; others never do, whatever the width.
      best: rows to print in bold and colour on a terminal.
      titles: rows that name what follows.
    """
    if not is_terminal():
        return table([head, *rows])
    # Here, for `--help` and pipes have no use for it.
    from rich import box
    from rich.table import Table
    from rich.text import Text

    ruled = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    least = _measure([head, *rows], wraps)
    for column, name in enumerate(head):
        side: Literal["left", "right"] = "right" if column in numbers else "left"
        # Folded and never cut: a name is there to be copied.
        fixed = column not in wraps
        ruled.add_column(
            Text(name), justify=side, overflow="fold", min_width=least[column], no_wrap=fixed
        )
    for number, row in enumerate(rows):
        style = "bold green" if number in best else "bold" if number in titles else ""
        # As Text: what stands in brackets is a word of a note, not rich's markup.
        ruled.add_row(*(Text(cell) for cell in row), style=style)
    return _print(ruled, sum(least) + GAP * len(head))


def _print(ruled: Table, least: int) -> list[str]:
    """The lines of a table, as wide as the terminal, or as it has to be."""
    from rich.console import Console

    width = max(os.get_terminal_size(sys.stdout.fileno()).columns, least)
    screen = io.StringIO()
    plain = "NO_COLOR" in os.environ
    Console(file=screen, force_terminal=True, no_color=plain, width=width).print(ruled)
    return [line.rstrip() for line in screen.getvalue().splitlines() if line.strip()]


def _measure(rows: Sequence[Row], wraps: Collection[int]) -> list[int]:
    """The cells that each column needs at least."""
    from rich.cells import cell_len

    longest = [max(cell_len(r[c]) for r in rows if c < len(r)) for c in range(len(rows[0]))]
    return [min(each, ROOM) if c in wraps else each for c, each in enumerate(longest)]


def is_terminal() -> bool:
    """Whether stdout is a terminal that says how wide it is."""
    try:
        return (
            sys.stdout is not None
            and sys.stdout.isatty()
            and os.get_terminal_size(sys.stdout.fileno()).columns > 0
        )
    except (OSError, ValueError):
        return False
