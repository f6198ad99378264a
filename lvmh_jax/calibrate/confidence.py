"""Calibrates confidence as a probability and chooses the thresholds."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.decode import OFF, pass_thresholds
from lvmh_jax.detect.scorer import Calibration, Thresholds, split_logit
from lvmh_jax.evaluate.bootstrap import bootstrap_interval

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
PRUDENCE = 2.0  # standard errors of F1 given up for fewer false additions on unseen workspaces
RIDGE = 0.5  # in units of one example's weight; keeps the slope finite for separable data
LEAST_SLOPE = 0.05
PRIOR_PAIRS = 150  # weight of the prior, in annotated (note, concept) pairs
NORMAL_975 = 1.96  # standard errors from the mean to the end of a 95 % interval
LEAST_GAIN = 0.001  # minimum gain in F1 for allowing overlapping mentions


@dataclass(frozen=True)
class Decoded:
    """M mentions decoded from some notes, before any threshold.

    Attributes:
      pair_M: int64 id of the mention's (note, concept) pair.
      logit_M: float32 scorer logit.
      exact_M: bool, whether it is a dictionary match.
      negated_M: bool, whether it is predicted as negated; it then does not count for its note.
      right_M: bool, whether gold has the concept in the note, or, for a negated mention, has it
        negated at that place.
      gold: ids of the gold pairs; pairs without a candidate have ids of their own.
    """

    pair_M: NDArray[np.int64]
    logit_M: Floats
    exact_M: Bools
    negated_M: Bools
    right_M: Bools
    gold: Set[int]


def fit_calibration(decoded: Decoded) -> Calibration:
    """Fits both slopes, the offset and the weight of exact matches by penalised likelihood."""
    from scipy.optimize import minimize  # imported here: it takes .3 s that `--help` must not pay

    if not len(decoded.logit_M):
        return Calibration()
    lower, upper = split_logit(decoded.logit_M.astype(np.float64))
    right, exact = decoded.right_M.astype(np.float64), decoded.exact_M.astype(np.float64)
    design = np.stack([lower, upper, np.ones_like(lower), exact], axis=1)
    # Platt's smoothed targets: without them, confidence is too high on small data.
    high = (right.sum() + 1) / (right.sum() + 2)
    low = 1 / ((1 - right).sum() + 2)
    target = np.where(right > 0, high, low)
    start = np.array([1.0, 1.0, 0.0, 0.0])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value = design @ weights
        penalty = RIDGE / len(value)
        told = (np.logaddexp(0, value) - target * value).mean()
        slope = design.T @ (1 / (1 + np.exp(-value)) - target) / len(value)
        away = weights - start
        return float(told + penalty * (away**2).sum()), slope + 2 * penalty * away

    # A negative slope would reverse the ranking, which only noise in small data could suggest.
    bounds = [(LEAST_SLOPE, None), (LEAST_SLOPE, None), (None, None), (None, None)]
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x.tolist()
    return Calibration(slope=best[0], offset=best[2], exact=best[3], upper=best[1])


def count_pairs(decoded: Decoded, kept_M: Bools | None = None) -> tuple[int, int, int]:
    """Counts right, found and gold (note, concept) pairs, of all mentions or of the kept ones."""
    affirmed_M = ~decoded.negated_M if kept_M is None else kept_M & ~decoded.negated_M
    found = set(decoded.pair_M[affirmed_M].tolist())
    return len(found & decoded.gold), len(found), len(decoded.gold)


def f1_of(counts: tuple[int, int, int]) -> float:
    """F1 from the counts of right, found and gold pairs."""
    right, found, gold = counts
    return 2 * right / (found + gold) if right else 0.0


def choose_thresholds(decoded: Decoded, confidence_M: Floats) -> tuple[Thresholds, float]:
    """Chooses the thresholds with the highest note-level micro-F1; also returns that F1.

    Takes the middle of the best plateau, because its edges are more likely to be noise.
    """
    grid = np.round(np.linspace(0.0, 0.95, 39), 3)

    def f1(keep: float, add: float) -> float:
        kept = pass_thresholds(confidence_M, decoded.exact_M, keep, add)
        return f1_of(count_pairs(decoded, kept))

    keep, add = 0.0, OFF
    for _ in range(2):
        add = middle_of_best(grid, [f1(keep, value) for value in grid])
        keep = middle_of_best(grid, [f1(value, add) for value in grid])
    return Thresholds(keep, add), f1(keep, add)


def draw_thresholds(own: Thresholds, prior: Thresholds, pairs: int) -> Thresholds:
    """Shrinks thresholds that were chosen on few pairs towards those of a prior.

    Source: shrinkage of a mean towards its prior, Efron and Morris, JASA 70(350), 1975.

    >>> draw_thresholds(Thresholds(0.0, 0.2), Thresholds(0.2, 0.6), PRIOR_PAIRS)
    Thresholds(keep_exact=0.1, add_learned=0.4, overlapping=2.0)
    """
    share = pairs / (pairs + PRIOR_PAIRS)

    def between(chosen: float, elsewhere: float) -> float:
        return round(share * min(chosen, 1.0) + (1 - share) * min(elsewhere, 1.0), 3)

    return replace(
        own,
        keep_exact=between(own.keep_exact, prior.keep_exact),
        add_learned=between(own.add_learned, prior.add_learned),
    )


def choose_prudent(decoded: Decoded, confidence_M: Floats, limits: Thresholds, width: int) -> float:
    """Highest threshold for additions whose F1 is within `PRUDENCE` standard errors of the best.

    For notes of another workspace, where learned matches are wrong more often. Source: the 1-SE
    rule of Breiman et al., Classification and Regression Trees (1984), section 3.4.3, with
    `PRUDENCE` instead of one: one was too low on all three other workspaces (docs/log.md).

    Args:
      decoded: mentions of annotated notes; `pair_M` is note * width + concept.
      confidence_M: float32 confidence of each mention.
      limits: the thresholds with the best F1.
      width: number of concepts.
    """
    grid = np.round(np.arange(limits.add_learned, 0.95, 0.025), 3)
    gold_pairs = np.array(sorted(decoded.gold), np.int64)
    notes = 1 + int(max(decoded.pair_M.max(initial=0), gold_pairs.max(initial=0))) // width

    def count(least: float) -> NDArray[np.int64]:
        kept_M = pass_thresholds(confidence_M, decoded.exact_M, limits.keep_exact, least)
        found = np.unique(decoded.pair_M[kept_M & ~decoded.negated_M])
        right = found[np.isin(found, gold_pairs)]
        parts = (right, found, gold_pairs[gold_pairs >= 0])
        return np.stack([np.bincount(part // width, minlength=notes) for part in parts], axis=1)

    counts = [count(float(least)) for least in grid]
    low, high = bootstrap_interval(counts[0])["f1"]
    error = (high - low) / (2 * NORMAL_975)
    best = f1_of(tuple(counts[0].sum(0).tolist()))
    within = [f1_of(tuple(each.sum(0).tolist())) >= best - PRUDENCE * error for each in counts]
    return float(grid[np.flatnonzero(within)[-1]])


def choose_overlapping(measure: Callable[[float], float]) -> float:
    """Chooses the threshold for overlapping mentions; `OFF` unless F1 rises by `LEAST_GAIN`.

    Args:
      measure: note-level micro-F1 at a threshold.
    """
    grid = np.round(np.linspace(0.6, 0.95, 8), 3)  # higher than for mentions that do not overlap
    scores = [measure(float(limit)) for limit in grid]
    best = middle_of_best(grid, scores)
    gain = scores[grid.tolist().index(best)] - measure(OFF)
    return best if gain >= LEAST_GAIN else OFF


def middle_of_best(grid: NDArray[np.float64], scores: list[float]) -> float:
    """Middle of the highest plateau of the smoothed scores over a grid."""
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), [0.25, 0.5, 0.25], mode="valid")
    best = np.flatnonzero(smooth >= smooth.max() - 1e-9)
    return float(grid[best[len(best) // 2]])


def precision_curve(decoded: Decoded, confidence_M: Floats) -> list[tuple[float, float]]:
    """Pairs (confidence, precision of mentions from it up), ascending; for `--min-precision`."""
    order = np.argsort(-confidence_M, kind="stable")
    sure_M = confidence_M[order]
    precision_M = np.cumsum(decoded.right_M[order]) / np.arange(1, len(order) + 1)
    # Mentions with equal confidence share one precision, which counts all of them.
    ends = np.flatnonzero(np.append(sure_M[1:] != sure_M[:-1], True)[: len(order)])
    if not len(ends):
        return []
    steps = np.unique(np.linspace(0, len(ends) - 1, 101).astype(int))
    return [(float(sure_M[row]), float(precision_M[row])) for row in ends[steps][::-1]]
