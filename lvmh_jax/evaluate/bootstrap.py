"""How sure a score is: percentile bootstrap over notes, for one system or for two on one set.

Notes are the unit, not mentions: the mentions of a note share its author, topic and wording, so
resampling mentions would make the interval too narrow.
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Interval = tuple[float, float]

FIGURES = ("precision", "recall", "f1")
RESAMPLES = 1000
LEVEL = 0.95


def bootstrap_interval(
    counts_N3: Counts, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """Gives the 95 % interval of micro precision, recall and F1.

    Args:
      counts_N3: (tp, predicted, gold) of each note, as `metrics.count_per_note` makes them.
      seed: of the resampling; the same seed gives the same interval, in any order of notes.
      resamples: how many sets of N notes are drawn with replacement.

    Returns: figure name to (low, high).

    Raises:
      ValueError: no note, or another shape.

    >>> bootstrap_interval(np.array([[2, 2, 2], [1, 1, 1]]))["f1"]
    (1.0, 1.0)
    """
    _check_counts(counts_N3)
    totals_R3 = _resample(counts_N3, seed, resamples)
    return _intervals(_figures(totals_R3))


def bootstrap_difference(
    first_N3: Counts, second_N3: Counts, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """Gives the 95 % interval of (first - second) for two systems on the same notes.

    Both systems are scored on each resample, so what makes a note hard for both cancels. An
    interval that holds 0 says: these notes do not tell the two apart.

    Args:
      first_N3: (tp, predicted, gold) of each note, of the one system.
      second_N3: the same notes in the same order, of the other system.
      seed: of the resampling.
      resamples: how many sets of N notes are drawn with replacement.

    Returns: figure name to (low, high), each in [-1, 1].

    Raises:
      ValueError: no note, another shape, or rows that are not the same notes.
    """
    _check_counts(first_N3)
    _check_counts(second_N3)
    if first_N3.shape != second_N3.shape or not np.array_equal(first_N3[:, 2], second_N3[:, 2]):
        raise ValueError("the gold counts of the two systems differ; score both on the same notes")
    totals_R6 = _resample(np.hstack([first_N3, second_N3]), seed, resamples)
    return _intervals(_figures(totals_R6[:, :3]) - _figures(totals_R6[:, 3:]))


def _check_counts(counts_N3: Counts) -> None:
    if counts_N3.ndim != 2 or counts_N3.shape[1] != 3 or not len(counts_N3):
        raise ValueError(f"counts have shape {counts_N3.shape}; expected (notes >= 1, 3)")


def _resample(counts_NK: Counts, seed: int, resamples: int) -> Counts:
    """Sums the counts of N notes drawn with replacement, `resamples` times.

    Notes with equal counts are interchangeable, so the draw is a multinomial over the U distinct
    rows: exact, R x U cells instead of R x N, and blind to the order of the notes.
    """
    rows_UK, repeats_U = np.unique(counts_NK, axis=0, return_counts=True)
    share_U = repeats_U / len(counts_NK)
    times_RU = np.random.default_rng(seed).multinomial(len(counts_NK), share_U, size=resamples)
    totals_RK: Counts = times_RU @ rows_UK
    return totals_RK


def _figures(totals_R3: Counts) -> Floats:
    """Precision, recall and F1 of each resample; 0 where there is nothing to divide by."""
    tp_R, predicted_R, gold_R = totals_R3.T
    return np.stack(
        [
            tp_R / np.maximum(predicted_R, 1),  # tp is 0 wherever the divisor was
            tp_R / np.maximum(gold_R, 1),
            2 * tp_R / np.maximum(predicted_R + gold_R, 1),
        ],
        axis=1,
    )


def _intervals(values_R3: Floats) -> dict[str, Interval]:
    tail = 100 * (1 - LEVEL) / 2
    low_3, high_3 = np.percentile(values_R3, [tail, 100 - tail], axis=0)
    return {
        name: (float(low), float(high))
        for name, low, high in zip(FIGURES, low_3, high_3, strict=True)
    }
