"""How many clients would have two things by chance, where some clients say more than others.

A client with many or long notes has more of everything, so among clients of all kinds every pair
of concepts goes together "more than chance": of some 2,900 pairs drawn apart from each other, for
2,000 clients of which few say much, Fisher's test finds up to a thousand (docs/log.md). Here chance
knows how many concepts each client has, and how many clients each concept.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
BLOCK_CELLS = 1 << 20  # kinds x pairs at once
ROUNDS, CLOSE = 500, 1e-6  # of the fit, and of what a round still moves where it ends


@dataclass(frozen=True)
class Activity:
    """The null model of a table of clients by concepts; K kinds of clients, by how many they have.

    Attributes:
      clients_K: int64 clients of each kind.
      share_KC: float64 chance that a client of a kind holds a concept.
    """

    clients_K: Ints
    share_KC: Reals

    def expect_both(self, first_E: Ints, second_E: Ints) -> Reals:
        """Clients who would hold both of two concepts; float64 [E].

        A client has as many concepts as it has, so two of them exclude each other a little: by the
        product of their variances over about the sum of all (Hajek, Annals of Mathematical
        Statistics 35(4), 1964), here so that all pairs of a client add up to d (d - 1).
        """
        spread_KC = self.share_KC * (1 - self.share_KC)
        sum_K = _floor(spread_KC.sum(1))
        excluded_K = self.clients_K / _floor(sum_K - (spread_KC**2).sum(1) / sum_K)
        expected_E = np.empty(len(first_E))
        block = max(BLOCK_CELLS // max(len(self.clients_K), 1), 1)
        for start in range(0, len(first_E), block):
            part = slice(start, start + block)
            first, second = first_E[part], second_E[part]
            both_E = self.clients_K @ (self.share_KC[:, first] * self.share_KC[:, second])
            less_E = excluded_K @ (spread_KC[:, first] * spread_KC[:, second])
            expected_E[part] = np.maximum(both_E - less_E, 0.0)
        return expected_E


def fit_activity(holds_MC: sparse.csr_matrix) -> Activity:
    """Fits the chances to how many concepts clients have, and clients concepts.

    The chance of a client and a concept is x y / (1 + x y), x of the client and y of the concept,
    so that both sums are right: the bipartite configuration model (Saracco et al., Scientific
    Reports 5:10595, 2015; as a test of pairs, New Journal of Physics 19:053022, 2017).

    Args:
      holds_MC: ones where a client holds a concept.
    """
    degree_M = np.asarray(holds_MC.sum(1)).ravel().astype(np.int64)
    held_C = np.asarray(holds_MC.sum(0)).ravel().astype(np.float64)
    degree_K, clients_K = np.unique(degree_M, return_counts=True)
    share_KC = _fit_shares(degree_K.astype(np.float64), clients_K, held_C)
    return Activity(clients_K, share_KC)


def _fit_shares(degree_K: Reals, clients_K: Ints, held_C: Reals) -> Reals:
    """Chances of kinds and concepts whose sums are the degrees; float64 share_KC."""
    total = max(held_C.sum(), 1.0)
    kind_K1, concept_C = degree_K[:, None] / np.sqrt(total), held_C / np.sqrt(total)
    share_KC = np.zeros((len(degree_K), len(held_C)))
    for _ in range(ROUNDS):
        concept_C = held_C / _floor(
            (clients_K[:, None] * kind_K1 / (1 + kind_K1 * concept_C)).sum(0)
        )
        kind_K1 = degree_K[:, None] / _floor(
            (concept_C / (1 + kind_K1 * concept_C)).sum(1, keepdims=True)
        )
        product_KC = kind_K1 * concept_C
        before_KC, share_KC = share_KC, product_KC / (1 + product_KC)
        if np.abs(share_KC - before_KC).max(initial=0.0) < CLOSE:
            break
    return share_KC


def _floor(sums: Reals) -> Reals:
    return np.maximum(sums, 1e-12)
