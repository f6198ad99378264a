"""Clients to segments: k-means in the concepts' main directions, their number chosen and judged.

Of clients as rows of concept weights, the first k singular directions are kept and the rows brought
to length 1; k segments are sought there. That is where the centres of k groups lie, while most of
the noise does not (Kannan, Salmasian and Vempala, 2008): measured in docs/log.md.

The number of segments is the one with the highest

    (silhouette - silhouette of shuffled clients) x stability

or, where no clients are clearer than shuffled ones, with the least negative difference alone: times
stability the least stable number would win.

Silhouette: how much nearer clients are to their own segment than to the next (Rousseeuw, 1987).
Shuffled clients: each concept dealt anew among the clients, so that nothing goes together and what
a larger number gains by itself is taken off (after Tibshirani, Walther and Hastie, 2001).
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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST = 12  # segments that are tried: more, nobody remembers
CLIENTS_EACH = 5  # at least, on average, for a number to be tried
TRIAL_RUNS = 6  # fits on halves of the clients, for each number
HALF = 0.5
RUNS = 10  # seeds that the reported stability compares
VOTES = 20  # fits on halves that confidence counts
STARTS = 8  # of a fit that is kept; a trial has fewer
TRIAL_STARTS = 3
LARGE = 20_000  # clients, from which a fit goes through batches
SAMPLE = 2_000  # clients that a silhouette compares pairwise
TINY = 1e-9  # of a row of length 1: below, what is left in a direction is rounding
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
      silhouette, shuffled: of the clients, and of shuffled ones; None likewise.
      trials: what the choice compared; empty where the number was given.
    """

    label_M: Ints
    confidence_M: NDArray[np.float64]
    clusters: int
    stability: float | None = None
    silhouette: float | None = None
    shuffled: float | None = None
    trials: tuple[Trial, ...] = ()


def segment_clients(weight_MC: sparse.csr_matrix, clusters: int | None, seed: int) -> Segments:
    """Finds segments.

    Args:
      weight_MC: float64 rows of length 1 (`aggregate.weigh_concepts`); empty ones for clients
        with nothing to segment by.
      clusters: how many, or None to choose. There are never more than different clients.
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
    inside_NC = weight_MC[placed]
    different = count_different(inside_NC)
    trials: tuple[Trial, ...] = ()
    if clusters is None:
        trials = try_numbers(inside_NC, min(MOST, different - 1, len(placed) // CLIENTS_EACH), seed)
        best = max(trials, key=lambda trial: trial.score, default=None)
        clusters = 1 if best is None else best.clusters
    count = min(clusters, different)
    if count < 2:
        label_M[placed], confidence_M[placed] = 0, 1.0
        return Segments(label_M, confidence_M, count)
    space_NK = find_directions(inside_NC, count, seed)[:, :count]
    label_N, stability = _fit_seeds(space_NK, count, seed)
    label_M[placed] = label_N
    confidence_M[placed] = _count_agreeing(inside_NC, label_N, count, seed)
    found = int(label_N.max()) + 1  # fewer than asked for where clients differ in rounding alone
    mixed_NK = find_directions(shuffle_clients(inside_NC, seed), count, seed)
    figures = _silhouette(to_unit(space_NK), label_N, seed), _judge(mixed_NK, count, seed)
    return Segments(label_M, confidence_M, found, stability, *figures, trials=trials)


def count_different(rows_NX: sparse.csr_matrix | Floats) -> int:
    """How many different rows there are, up to rounding.

    >>> count_different(np.array([[0.5, 1.0], [1.0, 0.5], [0.5, 1.0]]))
    2
    """
    # A random direction keeps different rows apart, and one column is quickly sorted.
    along_X = np.random.default_rng(0).normal(size=rows_NX.shape[1])
    return len(np.unique(np.round(rows_NX @ along_X, 6)))


def try_numbers(weight_MC: sparse.csr_matrix, most: int, seed: int) -> tuple[Trial, ...]:
    """Judges every number of segments from 2 up to `most`."""
    if most < 2:
        return ()
    space_MK = find_directions(weight_MC, most, seed)
    mixed_MK = find_directions(shuffle_clients(weight_MC, seed), most, seed)
    halves = [draw_half(weight_MC, most, seed + run) for run in range(TRIAL_RUNS)]
    trials = []
    for clusters in range(2, most + 1):
        runs = [half.place(clusters) for half in halves]
        rows_MK, mixed_rows_MK = space_MK[:, :clusters], mixed_MK[:, :clusters]
        figures = _judge(rows_MK, clusters, seed), _judge(mixed_rows_MK, clusters, seed)
        trials.append(Trial(clusters, *figures, stability=compare_runs(runs)))
    return tuple(trials)


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


def find_directions(
    weight_MC: sparse.csr_matrix, most: int, seed: int, part: Ints | None = None
) -> Floats:
    """Clients along the strongest singular directions of a part of them, strongest first.

    Returns: float64 rows_MK, columns of zeros where there are fewer directions.
    """
    from sklearn.utils.extmath import randomized_svd

    given = weight_MC if part is None else weight_MC[part]
    count = min(most, *given.shape)
    _, _, axes_KC = randomized_svd(given, count, n_iter=7, random_state=seed)
    return np.asarray(np.pad(weight_MC @ axes_KC.T, ((0, 0), (0, most - count))))


def shuffle_clients(weight_MC: sparse.csr_matrix, seed: int) -> sparse.csr_matrix:
    """Clients among whom each concept is dealt anew, with the weights it has."""
    draw = np.random.default_rng(seed)
    dealt = weight_MC.tocsc(copy=True)
    for low, high in zip(dealt.indptr[:-1], dealt.indptr[1:], strict=True):
        dealt.indices[low:high] = draw.choice(dealt.shape[0], high - low, replace=False)
    dealt.has_sorted_indices = False
    return sparse.csr_matrix(dealt)


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


def to_unit(space_MK: Floats) -> Floats:
    """Divides rows by their length; zeros stay zeros."""
    length_M1 = np.linalg.norm(space_MK, axis=1, keepdims=True)
    return np.asarray(space_MK / np.where(length_M1 > TINY, length_M1, np.inf))


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
    return _silhouette(to_unit(space_MK), np.asarray(labels, np.int64), seed)


def _silhouette(rows_MK: Floats, label_M: Ints, seed: int) -> float:
    """Over a sample; 0 where the sample holds one segment, or each client is one."""
    from sklearn.metrics import silhouette_score

    draw = np.random.default_rng(seed)
    size = min(len(label_M), SAMPLE)
    part = np.sort(draw.choice(len(label_M), size, replace=False))
    if not 1 < len(np.unique(label_M[part])) < size:
        return 0.0
    return float(silhouette_score(rows_MK[part], label_M[part], metric="cosine"))
