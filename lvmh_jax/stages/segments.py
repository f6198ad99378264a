"""Clients to segments: k-means in the concepts' main directions, their number chosen and judged.

Of clients as rows of concept weights, the first k singular directions are kept and the rows brought
to length 1; k segments are sought there. That is where the centres of k groups lie, while most of
the noise does not (Kannan, Salmasian and Vempala, 2008): measured in docs/log.md.

First it is asked whether there are segments at all (`stages.chance`): where shuffled clients reach
what the clients show, all are one segment, unless a number was given. The number is the one with
the highest

    (silhouette - silhouette of shuffled clients) x stability

or, where no clients are clearer than shuffled ones, with the least negative difference alone: times
stability the least stable number would win.

Silhouette: how much nearer clients are to their own segment than to the next (Rousseeuw, 1987).
Shuffled clients: concepts traded between clients, so that nothing goes together and what a larger
number gains by itself is taken off (after Tibshirani, Walther and Hastie, 2001).
Stability: how far fits on random halves of the clients agree (Ben-Hur, Elisseeff and Guyon,
2002), as adjusted Rand index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.stages.chance import Chance, compare_with_chance, shuffle_clients
from lvmh_jax.stages.directions import (
    Floats,
    Ints,
    count_different,
    find_directions,
    measure_silhouette,
    normalize_rows,
    to_unit,
)

MOST = 12  # segments that are tried: more, nobody remembers
CLIENTS_EACH = 5  # at least, on average, for a number to be tried
TRIAL_RUNS = 6  # fits on halves of the clients, for each number
HALF = 0.5
RUNS = 10  # seeds that the reported stability compares
VOTES = 20  # fits on halves that confidence counts
STARTS = 8  # of a fit that is kept; a trial has fewer
TRIAL_STARTS = 3
LARGE = 20_000  # clients, from which a fit goes through batches
JUDGED = 3  # shuffles whose silhouette is measured, for each number
NOWHERE = -1  # the segment of a client with nothing to segment by


@dataclass(frozen=True)
class Trial:
    """How well a number of segments fits."""

    clusters: int
    silhouette: float
    shuffled: float
    stability: float

    @property
    def score(self) -> float:
        """What the choice goes by."""
        gain = self.silhouette - self.shuffled
        return gain * max(self.stability, 0.0) if gain > 0 else gain


@dataclass(frozen=True)
class Segments:
    """Segments of clients, the largest first.

    Attributes:
      label_M: int64 segment of each client; -1 for one with nothing to segment by.
      confidence_M: float64 share of fits on halves of the clients that put it there; 0 at -1.
      clusters: how many.
      stability: mean adjusted Rand index between fits of all clients from other seeds; None where
        there is nothing to choose.
      silhouette, shuffled: of the clients, and the mean of shuffled ones; None likewise.
      chance: how many shuffles reach what the clients show; None where clients are too few to tell.
      trials: what the choice compared, or would have; empty where the number was given.
    """

    label_M: Ints
    confidence_M: NDArray[np.float64]
    clusters: int
    stability: float | None = None
    silhouette: float | None = None
    shuffled: float | None = None
    chance: Chance | None = None
    trials: tuple[Trial, ...] = ()


def segment_clients(weight_MC: sparse.csr_matrix, clusters: int | None, seed: int) -> Segments:
    """Finds segments.

    Args:
      weight_MC: float64 rows of any length (`aggregate.weigh_concepts`); empty ones for clients
        with nothing to segment by.
      clusters: how many, or None to choose: 1 where chance shows as much. There are never more
        than different clients.
      seed: the same one gives the same segments.
    """
    import sklearn.cluster  # noqa: F401 - first: only libraries that are loaded can be limited
    from threadpoolctl import threadpool_limits

    # One thread adds in one order, so every machine finds the same; and these are small problems,
    # on which threads that wait for each other on a busy machine take eighty times as long.
    with threadpool_limits(1):
        return _segment(sparse.csr_matrix(weight_MC), clusters, seed)


def _segment(weight_MC: sparse.csr_matrix, clusters: int | None, seed: int) -> Segments:
    placed = np.flatnonzero(np.diff(weight_MC.indptr) > 0)
    label_M = np.full(weight_MC.shape[0], NOWHERE, np.int64)
    confidence_M = np.zeros(len(label_M))
    given_NC = weight_MC[placed]
    inside_NC = normalize_rows(given_NC)
    different = count_different(inside_NC)
    most = min(MOST, different - 1, len(placed) // CLIENTS_EACH)
    chance = compare_with_chance(given_NC, most, seed)
    trials: tuple[Trial, ...] = ()
    if clusters is None:
        trials = try_numbers(given_NC, most, seed)
        best = choose_trial(trials)
        clusters = 1 if best is None or chance is None or not chance.is_beaten else best.clusters
    count = min(clusters, different)
    if count < 2:
        label_M[placed], confidence_M[placed] = 0, 1.0
        return Segments(label_M, confidence_M, count, chance=chance, trials=trials)
    space_NK = find_directions(inside_NC, count, seed)[:, :count]
    label_N, stability = _fit_seeds(space_NK, count, seed)
    label_M[placed] = label_N
    confidence_M[placed] = _count_agreeing(inside_NC, label_N, count, seed)
    found = int(label_N.max()) + 1  # fewer than asked for where clients differ in rounding alone
    silhouette = measure_silhouette(to_unit(space_NK), label_N)
    tried = {trial.clusters: trial.shuffled for trial in trials}
    shuffled = tried.get(count) or _judge_all(_mix(given_NC, count, seed), count, seed)
    return Segments(
        label_M, confidence_M, found, stability, silhouette, shuffled, chance=chance, trials=trials
    )


def choose_trial(trials: Sequence[Trial]) -> Trial | None:
    """The number that fits best; None where none was tried."""
    return max(trials, key=lambda trial: trial.score, default=None)


def try_numbers(weight_MC: sparse.csr_matrix, most: int, seed: int) -> tuple[Trial, ...]:
    """Judges every number of segments from 2 up to `most`; rows may have any length."""
    if most < 2:
        return ()
    unit_MC = normalize_rows(weight_MC)
    space_MK = find_directions(unit_MC, most, seed)
    mixed = _mix(weight_MC, most, seed)
    halves = [draw_half(unit_MC, most, seed + run) for run in range(TRIAL_RUNS)]
    trials = []
    for clusters in range(2, most + 1):
        runs = [half.place(clusters) for half in halves]
        silhouette = _judge(space_MK[:, :clusters], clusters, seed)
        shuffled = _judge_all(mixed, clusters, seed)
        trials.append(Trial(clusters, silhouette, shuffled, compare_runs(runs)))
    return tuple(trials)


def _mix(weight_MC: sparse.csr_matrix, most: int, seed: int) -> list[Floats]:
    """Shuffles of the clients, along `most` directions of their own."""
    tables = shuffle_clients(weight_MC, JUDGED, seed)
    return [find_directions(normalize_rows(table), most, seed) for table in tables]


@dataclass(frozen=True)
class Half:
    """A random half of the clients, and all clients along its directions, space_MK."""

    space_MK: Floats
    part: Ints
    seed: int

    def place(self, clusters: int) -> Ints:
        """Fits the half, and places all clients; int64 label_M."""
        rows_MK = self.space_MK[:, :clusters]
        model = _fit(rows_MK, clusters, self.seed, TRIAL_STARTS, self.part)
        return np.asarray(model.predict(to_unit(rows_MK)), np.int64)


def draw_half(weight_MC: sparse.csr_matrix, most: int, seed: int) -> Half:
    """Draws a half and finds its `most` strongest directions."""
    draw = np.random.default_rng(seed)
    size = max(round(HALF * weight_MC.shape[0]), min(most, weight_MC.shape[0]))
    part = np.sort(draw.choice(weight_MC.shape[0], size, replace=False))
    return Half(find_directions(weight_MC, most, seed, part), part, seed)


def compare_runs(runs: Sequence[Ints]) -> float:
    """Mean adjusted Rand index over pairs of labellings (Hubert and Arabie, 1985)."""
    from sklearn.metrics import adjusted_rand_score

    pairs = list(combinations(runs, 2))
    return float(np.mean([adjusted_rand_score(a, b) for a, b in pairs])) if pairs else 1.0


def order_by_size(label_M: Ints) -> Ints:
    """Numbers the segments from the largest down; of equal ones the first to appear comes first.

    >>> order_by_size(np.array([2, 0, 0, 1, 1])).tolist()
    [2, 0, 0, 1, 1]
    """
    names, first, counts = np.unique(label_M, return_index=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank_of = np.empty(int(names.max()) + 1, np.int64)
    rank_of[names[order]] = np.arange(len(names))
    return rank_of[label_M]


def _fit_seeds(space_MK: Floats, clusters: int, seed: int) -> tuple[Ints, float]:
    """The tightest of several fits, and how far all agree."""
    runs = [_fit(space_MK, clusters, seed + run, STARTS) for run in range(RUNS)]
    best = min(runs, key=lambda model: model.inertia_)
    labels = [np.asarray(model.labels_, np.int64) for model in runs]
    return order_by_size(labels[runs.index(best)]), compare_runs(labels)


def _count_agreeing(
    weight_MC: sparse.csr_matrix, label_M: Ints, clusters: int, seed: int
) -> Floats:
    """Share of fits on halves that put each client into its segment, the segments matched."""
    from scipy.optimize import linear_sum_assignment

    agreeing_M = np.zeros(len(label_M))
    for run in range(VOTES):
        other_M = draw_half(weight_MC, clusters, seed + run).place(clusters)
        shared_GG = np.zeros((clusters, clusters), np.int64)
        np.add.at(shared_GG, (other_M, label_M), 1)
        _, meant_G = linear_sum_assignment(shared_GG, maximize=True)
        agreeing_M += meant_G[other_M] == label_M
    return agreeing_M / VOTES


def _fit(space_MK: Floats, clusters: int, seed: int, starts: int, part: Ints | None = None) -> Any:
    """Fits a part of the clients, or all where the part holds too few different ones."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    rows_MK = to_unit(space_MK)
    if part is not None and count_different(rows_MK[part]) >= clusters:
        rows_MK = rows_MK[part]
    clusters = min(clusters, count_different(rows_MK))
    if len(rows_MK) > LARGE:
        model = MiniBatchKMeans(clusters, n_init=starts, random_state=seed, batch_size=4096)
    else:
        model = KMeans(clusters, n_init=starts, random_state=seed)
    return model.fit(rows_MK)


def _judge(space_MK: Floats, clusters: int, seed: int) -> float:
    """Silhouette of a quick fit."""
    labels = _fit(space_MK, clusters, seed, TRIAL_STARTS).labels_
    return measure_silhouette(to_unit(space_MK), np.asarray(labels, np.int64))


def _judge_all(spaces: Sequence[Floats], clusters: int, seed: int) -> float:
    """Mean over several tables of clients, in as many directions as segments."""
    return float(np.mean([_judge(space_MK[:, :clusters], clusters, seed) for space_MK in spaces]))
