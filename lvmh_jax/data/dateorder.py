"""Decides from all dates of a column whether they are written day first or month first.

Most dates can be read either way, such as 04/05/2026. One with a single valid reading, such as
03/25/2026, decides for the whole column, since one program wrote it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lvmh_jax.data.rawnotes import parse_date

ORDERS = {"dmy": False, "mdy": True}  # as `--date-order` names them; whether the month is first


@dataclass(frozen=True)
class DateOrder:
    """The date order of a column, and the evidence for it.

    Attributes:
      month_first: whether 01/02/2026 is January 2.
      both: number of dates that are valid, but different, in both orders.
      day_only: number of dates that are valid only day first.
      month_only: number of dates that are valid only month first.
    """

    month_first: bool = False
    both: int = 0
    day_only: int = 0
    month_only: int = 0

    @property
    def missed(self) -> int:
        """Number of dates that are invalid in this order but valid in the other."""
        return self.day_only if self.month_first else self.month_only

    @property
    def is_told(self) -> bool:
        """Whether any date determines the order."""
        return bool(self.day_only or self.month_only)


def judge_dates(written: Iterable[str], told: str | None = None) -> DateOrder:
    """Decides the order of a column; day first without evidence, or if there is evidence for both.

    Args:
      written: its cells.
      told: `dmy` or `mdy` if the user specified it.

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
