"""Whether clients have segments at all: compares them with shuffled clients.

Even random clients fall into clear and stable segments if the clearest of eleven numbers is taken.
So the clients are shuffled many times, and the number is chosen again in each shuffle, as it is for
the clients. What is compared is the share of all weight in the first k directions, in which k
segments are sought: by how many standard deviations it exceeds that of the shuffles, for the best
k. It is higher where concepts go together in groups of clients. It finds planted segments
that the silhouette misses, and needs no k-means (docs/log.md).

A shuffled client has as many concepts as before, and a concept as many clients. Shuffles that
ignore this do not resemble clients, of whom some say much or all say equally much, and chance would
pass for structure.

Sources: permutations in place of normal noise in parallel analysis, Buja and Eyuboglu,
Multivariate Behavioral Research 27(4), 1992; k chosen anew in each, after Tibshirani, Walther and
Hastie, 2001; p-values, Phipson and Smyth, 2010.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lvmh_jax.stages.directions import TINY, Floats, Ints, find_directions, normalize_rows

SHUFFLES = 99
SAMPLE = 1_000  # most clients compared: faint structure already shows among 200 (docs/log.md)
LEVEL = 0.05  # p up to which there are segments: noise passes one time in twenty
# Each trade separates half of the pairs of concepts that a client has: after ten, one pair in a
# thousand of the original remains; five from table to table leave three in a hundred.
FIRST_TRADES, TRADES = 10, 5


@dataclass(frozen=True)
class Chance:
    """How many of the shuffles show at least as much structure as the clients themselves."""

    shuffles: int
    reaching: int

    @property
    def p_value(self) -> float:
        """Probability of so few, if the clients were one of the shuffles.

        >>> Chance(99, 4).p_value
        0.05
        """
        return (self.reaching + 1) / (self.shuffles + 1)

    @property
    def is_beaten(self) -> bool:
        """Whether the clients show more structure than chance."""
        return self.p_value <= LEVEL


def compare_with_chance(weight_MC: sparse.csr_matrix, most: int, seed: int) -> Chance | None:
    """Compares clients with shuffled ones, over 2 to `most` directions; None where most is less.

    Args:
      weight_MC: float64 weights of concepts, rows of any length (`aggregate.weigh_concepts`).
      most: segments that would be tried.
      seed: of all shuffles.
    """
    if most < 2:
        return None
    draw = np.random.default_rng(seed)
    if weight_MC.shape[0] > SAMPLE:
        weight_MC = weight_MC[np.sort(draw.choice(weight_MC.shape[0], SAMPLE, replace=False))]
    tables = [weight_MC, *shuffle_clients(weight_MC, SHUFFLES, seed)]
    share_SK = np.stack([_sum_directions(table, most, seed) for table in tables])
    # The clients are one of the tables: without structure, they must not differ from the others.
    spread_K = share_SK.std(0)
    above_SK = (share_SK - share_SK.mean(0)) / np.where(spread_K > TINY, spread_K, np.inf)
    best_S = above_SK.max(1)
    return Chance(SHUFFLES, int(np.count_nonzero(best_S[1:] >= best_S[0] - TINY)))


def _sum_directions(weight_MC: sparse.csr_matrix, most: int, seed: int) -> Floats:
    """Share of the weight in the first 2, 3, ... directions; float64 share_K."""
    space_MK = find_directions(normalize_rows(weight_MC), most, seed)
    return np.asarray(np.cumsum((space_MK**2).sum(0))[1:] / weight_MC.shape[0])


def shuffle_clients(
    weight_MC: sparse.csr_matrix, count: int, seed: int
) -> Iterator[sparse.csr_matrix]:
    """Yields tables in which clients hold as many concepts, and concepts as many clients, as here.

    A concept keeps its weights. Clients meet in pairs and deal out again the concepts that only one
    of the two has; each table continues from the one before.

    Source: Carstens, Berger and Strona, "A unifying framework for fast randomization of ecological
      networks with fixed (node) degrees", MethodsX 5, 2018 (global curveball trades).
    """
    draw = np.random.default_rng(seed)
    cells = sparse.coo_matrix(weight_MC)
    row_E, column_E = cells.row.astype(np.int64), cells.col.astype(np.int64)
    for table in range(count):
        for _ in range(TRADES if table else FIRST_TRADES):
            row_E = _trade(row_E, column_E, cells.shape, draw)
        yield sparse.csr_matrix((cells.data, (row_E, column_E)), shape=cells.shape)


def _trade(row_E: Ints, column_E: Ints, shape: tuple[int, int], draw: np.random.Generator) -> Ints:
    """The client of each of E cells after all clients met in pairs; an odd one meets nobody."""
    # The smallest type: 16 bits are sorted by radix.
    pair_M = np.empty(shape[0], np.min_scalar_type(shape[0]))
    pair_M[draw.permutation(shape[0])] = np.arange(shape[0]) // 2
    cell_E = pair_M[row_E].astype(np.int64) * shape[1] + column_E
    order_E = np.argsort(cell_E)
    both_E = np.zeros(len(order_E) + 1, bool)
    both_E[1:-1] = cell_E[order_E][1:] == cell_E[order_E][:-1]
    single = order_E[~(both_E[1:] | both_E[:-1])]
    # Singles stand by pair. In random order, and by pair again, they go to the same clients.
    mixed = draw.permutation(single)
    mixed = mixed[np.argsort(pair_M[row_E[mixed]], kind="stable")]
    dealt_E = row_E.copy()
    dealt_E[mixed] = row_E[single]
    return dealt_E
