"""Whether a confidence of 0.8 is right 8 times in 10: reliability table and calibration error.

Bins hold equally many mentions, not equal ranges: confidences crowd near 0 and 1, and a range
with three mentions in it says nothing.
Source: Nguyen and O'Connor, arXiv:1508.05154, section 4.1 (adaptive binning).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BINS = 15

ArrayLike = npt.NDArray[Any] | Sequence[float] | Sequence[bool]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Mentions of similar confidence.

    Attributes:
      low: smallest confidence in the bin.
      high: largest confidence in the bin.
      count: mentions in the bin.
      confidence: their mean confidence.
      accuracy: share of them that is right; calibrated means equal to `confidence`.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float

    def to_dict(self) -> dict[str, float]:
        """JSON-ready."""
        return asdict(self)


def expected_calibration_error(
    confidence_N: ArrayLike, correct_N: ArrayLike, bins: int = BINS
) -> float | None:
    """Averages |accuracy - confidence| over bins of equal mass.

    Args:
      confidence_N: confidences in [0, 1].
      correct_N: whether each was right, bool or 0 and 1.
      bins: fewer are used when there are fewer mentions.

    Returns: a share in [0, 1], in any order of mentions the same; None without any mention, for
      then nothing was measured.

    Raises:
      ValueError: arrays of different length, a confidence outside [0, 1], or no bin.

    >>> expected_calibration_error([0.5, 0.5, 0.5, 0.5], [True, False, True, False])
    0.0
    """
    table = make_reliability_table(confidence_N, correct_N, bins)
    total = sum(each.count for each in table)
    if not total:
        return None
    return sum(each.count * abs(each.accuracy - each.confidence) for each in table) / total


def make_reliability_table(
    confidence_N: ArrayLike, correct_N: ArrayLike, bins: int = BINS
) -> tuple[ReliabilityBin, ...]:
    """Groups mentions by confidence into bins of equal mass, lowest first.

    Arguments and errors are those of `expected_calibration_error`.
    """
    scores_N = np.asarray(confidence_N, np.float64)
    right_N = np.asarray(correct_N, np.float64)
    _check(scores_N, right_N, bins)
    # Equal confidences may fall on both sides of a border. Each then stands for its whole tie, or
    # the table would depend on the order in which the mentions came.
    _, tie_N, ties = np.unique(scores_N, return_inverse=True, return_counts=True)
    right_N = (np.bincount(tie_N, weights=right_N) / ties)[tie_N] if len(tie_N) else right_N
    order_N = np.argsort(scores_N, kind="stable")
    rows = [chunk for chunk in np.array_split(order_N, bins) if len(chunk)]
    return tuple(
        ReliabilityBin(
            low=float(scores_N[row[0]]),
            high=float(scores_N[row[-1]]),
            count=len(row),
            confidence=float(scores_N[row].mean()),
            accuracy=float(right_N[row].mean()),
        )
        for row in rows
    )


def _check(scores_N: npt.NDArray[np.float64], right_N: npt.NDArray[np.float64], bins: int) -> None:
    if scores_N.ndim != 1 or scores_N.shape != right_N.shape:
        raise ValueError(f"shapes {scores_N.shape} and {right_N.shape}; expected two equal lengths")
    if len(scores_N) and not (scores_N.min() >= 0 and scores_N.max() <= 1):
        raise ValueError("a confidence is outside [0, 1]")
    if bins < 1:
        raise ValueError(f"bins is {bins}; expected 1 or more")
