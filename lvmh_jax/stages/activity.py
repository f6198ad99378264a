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
MOST_RAKED = 3  # concepts of a client (docs/log.md)
BLOCK_CELLS = 1 << 20  # kinds x pairs at once
ROUNDS, CLOSE = 500, 1e-6  # of the fit, and of what a round still moves where it ends


@dataclass(frozen=True)
class Activity:
    """The null model of a table of clients by concepts; K kinds of clients, by how many they have.

    Attributes:
      clients_K: int64 clients of each kind.
      weight_KC, spread_KC: float64; the chance of two concepts is the product of their weights,
        less that of their spreads.
    """

    clients_K: Ints
    weight_KC: Reals
    spread_KC: Reals

    def expect_both(self, first_E: Ints, second_E: Ints) -> Reals:
        """Clients who would hold both of two concepts; float64 [E]."""
        expected_E = np.empty(len(first_E))
        block = max(BLOCK_CELLS // max(len(self.clients_K), 1), 1)
        for start in range(0, len(first_E), block):
            part = slice(start, start + block)
            first, second = first_E[part], second_E[part]
            both_KE = self.weight_KC[:, first] * self.weight_KC[:, second]
            both_KE -= self.spread_KC[:, first] * self.spread_KC[:, second]
            expected_E[part] = self.clients_K @ np.maximum(both_KE, 0.0)
        return expected_E


def fit_activity(holds_MC: sparse.csr_matrix) -> Activity:
    """Fits the chances to how many concepts clients have, and clients concepts.

    The chance of a client and a concept is x y / (1 + x y), x of the client and y of the concept,
    so that both sums are right: the bipartite configuration model (Saracco et al., Scientific
    Reports 5:10595, 2015; as a test of pairs, New Journal of Physics 19:053022, 2017).

    Args:
      holds_MC: ones where a client holds a concept.
    """
    degree_M = np.asarray(holds_MC.sum(1)).ravel().astype(np.float64)
    held_C = np.asarray(holds_MC.sum(0)).ravel().astype(np.float64)
    degree_K, clients_K = np.unique(degree_M, return_counts=True)
    share_KC = fit_shares(degree_K, clients_K, held_C)
    return Activity(clients_K, *_pair(degree_K, share_KC))


def _pair(degree_K: Reals, share_KC: Reals) -> tuple[Reals, Reals]:
    """Weights and spreads of pairs: a client has d concepts, so two of them exclude each other.

    By the product of their variances over about the sum of all (Hajek, Annals of Mathematical
    Statistics 35(4), 1964), so that the pairs of a client add up to d (d - 1). Of up to
    `MOST_RAKED` concepts that is far off where some are popular; there the chances of pairs are
    raked, so that beside each there are d - 1 others (Deming and Stephan, Annals of Mathematical
    Statistics 11(4), 1940).
    """
    variance_KC = share_KC * (1 - share_KC)
    sum_K1 = _floor(variance_KC.sum(1, keepdims=True))
    apart_K1 = _floor(sum_K1 - (variance_KC**2).sum(1, keepdims=True) / sum_K1)
    weight_KC, spread_KC = share_KC.copy(), variance_KC / np.sqrt(apart_K1)
    few = degree_K <= MOST_RAKED
    weight_KC[few] *= _rake_pairs(degree_K[few], share_KC[few])
    spread_KC[few] = 0.0
    return weight_KC, spread_KC


def _rake_pairs(degree_K: Reals, share_KC: Reals) -> Reals:
    """Factors with which the pairs of each concept add up to its chance times d - 1."""
    others_K1 = np.maximum(degree_K - 1, 0)[:, None]
    factor_KC = np.sqrt(others_K1 / _floor(degree_K)[:, None]) * np.ones_like(share_KC)
    for _ in range(ROUNDS):
        weight_KC = share_KC * factor_KC
        beside_KC = _floor(weight_KC.sum(1, keepdims=True) - weight_KC)
        # Half of the way, as a logarithm: the whole of it would swing for ever.
        before_KC, factor_KC = factor_KC, np.sqrt(factor_KC * others_K1 / beside_KC)
        if np.abs((factor_KC - before_KC) * share_KC).max(initial=0.0) < CLOSE:
            break
    return factor_KC


def fit_shares(degree_K: Reals, clients_K: Ints, held_C: Reals) -> Reals:
    """Chance that a client of each kind holds a concept, by both sums; float64 share_KC."""
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
