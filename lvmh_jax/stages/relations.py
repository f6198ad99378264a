"""What goes with what: concepts that clients hold together, and concepts that are alike.

Two things that n1 and n2 of N clients have, and n12 both: lift = n12 N / (n1 n2). Whether two
concepts go together more than chance makes them is asked of clients as they are, some with many
concepts and some with few (`stages.activity`); the lift, as everywhere, is that of the counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.records import Concept
from lvmh_jax.stages.activity import fit_activity
from lvmh_jax.stages.aggregate import count_holders

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
TOGETHER, ALIKE, SEGMENT = "co-occurrence", "embedding", "segment"
Z95 = 1.959963984540054  # the normal distribution's 97.5 % point
NEAREST = 3  # alike concepts that are listed for each
MOST_EVEN = 100  # times the clients there are: the tail of many more takes scipy seconds a pair
BLOCK = 1024  # concepts compared with all at a time


@dataclass(frozen=True)
class Relation:
    """A line of `relations.csv`.

    Attributes:
      source, target: concept ids; the target of kind `segment` is a segment's name.
      n_clients: clients who have both.
      lift, ci_low, ci_high: with a 95 % interval; None where one of the two has no client, the
        interval also where nobody has both, and for a segment.
      q_value: false discovery rate at which the pair is found; None where it was not tested, as a
        segment never is.
      similarity: cosine of the mean vectors of their aliases; None for a segment.
    """

    source: str
    target: str
    kind: str
    n_clients: int
    lift: float | None
    ci_low: float | None
    ci_high: float | None
    q_value: float | None
    similarity: float | None


def relate_concepts(
    holds_MC: sparse.csr_matrix,
    concepts: Sequence[Concept],
    vectors_CD: NDArray[np.float32],
    *,
    min_clients: int,
    max_q: float,
) -> list[Relation]:
    """Concepts that go together over clients, the surest first.

    Every pair of concepts that `min_clients` hold each is tested, and counts in the false
    discovery rate: chosen by what the pair has in common, the tests would flatter themselves
    (Bourgon, Gentleman and Huber, 2010). What chance makes of a pair depends on how many concepts
    each client has.

    Args:
      holds_MC: ones where a client holds a concept.
      concepts: the columns.
      vectors_CD: float32 unit vectors.
      min_clients: that hold each of the two, and both of them.
      max_q: the highest false discovery rate to list.
    """
    clients = holds_MC.shape[0]
    held_C = count_holders(holds_MC)
    kept = np.flatnonzero(held_C >= min_clients)
    part = holds_MC[:, kept]
    both = sparse.triu(part.T @ part, k=1).tocoo()
    first_E, second_E = kept[both.row], kept[both.col]
    tests = len(kept) * (len(kept) - 1) // 2
    both_E = both.data.astype(np.int64)
    expected_E = fit_activity(holds_MC).expect_both(first_E, second_E)
    even_E = count_even(expected_E, held_C[first_E], held_C[second_E], clients)
    q_E = adjust(find_chance(both_E, held_C[first_E], held_C[second_E], even_E), tests)
    lift_E, low_E, high_E = measure_lift(both_E, held_C[first_E], held_C[second_E], clients)
    cosine_E = np.einsum("ed,ed->e", vectors_CD[first_E], vectors_CD[second_E])
    found = np.flatnonzero((q_E <= max_q) & (both_E >= min_clients) & (lift_E > 1))
    return [
        Relation(
            source=concepts[first_E[e]].concept_id,
            target=concepts[second_E[e]].concept_id,
            kind=TOGETHER,
            n_clients=int(both_E[e]),
            lift=float(lift_E[e]),
            ci_low=float(low_E[e]),
            ci_high=float(high_E[e]),
            q_value=float(q_E[e]),
            similarity=float(cosine_E[e]),
        )
        for e in found[np.lexsort((second_E[found], first_E[found], -lift_E[found], q_E[found]))]
    ]


def list_alike(
    holds_MC: sparse.csr_matrix,
    concepts: Sequence[Concept],
    vectors_CD: NDArray[np.float32],
    *,
    min_similarity: float,
) -> list[Relation]:
    """Each concept's nearest ones by vector, the nearest pairs first; nothing is tested.

    Args:
      holds_MC: ones where a client holds a concept.
      concepts: the columns.
      vectors_CD: float32 unit vectors.
      min_similarity: the lowest cosine to list.
    """
    clients, held_C = holds_MC.shape[0], count_holders(holds_MC)
    pairs = dict(_find_nearest(vectors_CD, min_similarity))
    columns = holds_MC.tocsc()
    relations = []
    for (first, second), cosine in sorted(pairs.items(), key=lambda item: (-item[1], item[0])):
        shared = int(columns[:, first].multiply(columns[:, second]).sum())
        both, one, other = (np.array([n]) for n in (shared, held_C[first], held_C[second]))
        lift, low, high = (float(each[0]) for each in measure_lift(both, one, other, clients))
        known = bool(held_C[first] and held_C[second])
        relations.append(
            Relation(
                source=concepts[first].concept_id,
                target=concepts[second].concept_id,
                kind=ALIKE,
                n_clients=shared,
                lift=lift if known else None,
                ci_low=low if shared else None,
                ci_high=high if shared else None,
                q_value=None,
                similarity=cosine,
            )
        )
    return relations


def count_even(expected_E: Reals, one_E: Ints, other_E: Ints, clients: int) -> Ints:
    """Among how many clients, were they all alike, chance would make as many have both; int64 [E].

    At most `MOST_EVEN` times as many as there are.

    >>> few, many = np.array([2.0, 0.0]), np.array([10, 3])
    >>> count_even(few, many, np.array([20, 3]), 50).tolist()
    [100, 5000]
    """
    even_E = np.minimum(one_E * other_E / np.maximum(expected_E, 1e-12), MOST_EVEN * clients)
    least_E = np.maximum(one_E, other_E)
    return np.maximum(np.floor(even_E).astype(np.int64), least_E)


def find_chance(both_E: Ints, one_E: Ints, other_E: Ints, clients: int | Ints) -> Reals:
    """Chance that as many have both if the two had nothing to do with each other.

    Fisher's exact test, one-sided: the upper tail of the hypergeometric distribution.

    >>> find_chance(np.array([3]), np.array([3]), np.array([3]), 6).round(3).tolist()
    [0.05]
    """
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.sf(both_E - 1, clients, one_E, other_E), np.float64)


def measure_lift(
    both_E: Ints, one_E: Ints, other_E: Ints, clients: int
) -> tuple[Reals, Reals, Reals]:
    """Lift with its 95 % interval; nan where nobody has one of the two, or both.

    The interval is that of log lift by the delta method on multinomial counts (Agresti,
    Categorical Data Analysis, section 16.1), whose terms add up to
    1/n12 - 1/n1 - 1/n2 + 1/N + 2 (lift - 1) / N.
    """
    both, one, other = (np.asarray(n, np.float64) for n in (both_E, one_E, other_E))
    with np.errstate(divide="ignore", invalid="ignore"):
        lift = both * clients / (one * other)
        variance = 1 / both - 1 / one - 1 / other + 1 / clients + 2 * (lift - 1) / clients
        reach = np.exp(Z95 * np.sqrt(np.maximum(variance, 0)))
        low, high = lift / reach, lift * reach
    nobody = np.broadcast_to(both == 0, lift.shape)
    return lift, np.where(nobody, np.nan, low), np.where(nobody, np.nan, high)


def adjust(chance_E: Reals, tests: int) -> Reals:
    """False discovery rates (Benjamini and Hochberg, 1995).

    As `scipy.stats.false_discovery_control`, but the tests whose chance is 1, those of pairs that
    nobody has, need not be there: `tests` counts them.

    >>> adjust(np.array([0.01, 0.04]), 4).tolist()
    [0.04, 0.08]
    """
    order = np.argsort(chance_E)
    scaled = chance_E[order] * tests / np.arange(1, len(chance_E) + 1)
    q_E = np.empty(len(chance_E))
    q_E[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q_E


def _find_nearest(
    vectors_CD: NDArray[np.float32], least: float
) -> Iterator[tuple[tuple[int, int], float]]:
    count = min(NEAREST, len(vectors_CD) - 1)
    for start in range(0, len(vectors_CD) if count > 0 else 0, BLOCK):
        cosine_BC = vectors_CD[start : start + BLOCK] @ vectors_CD.T
        rows = np.arange(len(cosine_BC))
        cosine_BC[rows, rows + start] = -np.inf
        best_BK = np.argpartition(-cosine_BC, count - 1, axis=1)[:, :count]
        for row in rows.tolist():
            for other in best_BK[row].tolist():
                if cosine_BC[row, other] >= least:
                    pair = (min(row + start, other), max(row + start, other))
                    yield pair, float(cosine_BC[row, other])
