"""Whether the dates of a column are written day first or month first, told by all of them.

Most dates can be read either way: 04/05/2026. One of them that only one reading allows, 03/25/2026,
decides for its column, since one spreadsheet wrote it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lvmh_jax.data.rawnotes import parse_date

ORDERS = {"dmy": False, "mdy": True}  # as `--date-order` names them; whether the month is first


@dataclass(frozen=True)
class DateOrder:
    """How a column is read, and what speaks for it.

    Attributes:
      month_first: whether 01/02/2026 is the second of January.
      both: dates that are another day read the other way.
      day_only: that only day first makes dates.
      month_only: that only month first makes dates.
    """

    month_first: bool = False
    both: int = 0
    day_only: int = 0
    month_only: int = 0

    @property
    def missed(self) -> int:
        """How many dates are not understood that the other order would understand."""
        return self.day_only if self.month_first else self.month_only

    @property
    def is_told(self) -> bool:
        """Whether a date tells the order."""
        return bool(self.day_only or self.month_only)


def judge_dates(written: Iterable[str], told: str | None = None) -> DateOrder:
    """Decides for a column; day first where nothing speaks for another order, or both do.

    Args:
      written: its cells.
      told: `dmy` or `mdy`, where the user knows.

    >>> judge_dates(["04/05/2026", "03/25/2026", "", "2026-01-08"])
    DateOrder(month_first=True, both=1, day_only=0, month_only=1)
    >>> judge_dates(["25/03/2026", "03/25/2026"]).month_first
    False
    """
    counts: Counter[str] = Counter()
    for cell in written:
        day, month = parse_date(cell), parse_date(cell, month_first=True)
        if day != month:
            counts["both" if day and month else "day_only" if day else "month_only"] += 1
    is_american = counts["month_only"] > 0 and not counts["day_only"]
    return DateOrder(month_first=ORDERS[told] if told else is_american, **counts)
