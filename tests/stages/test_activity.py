"""Chance among clients who have more and fewer concepts, against drawing and against counting."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from lvmh_jax.stages import activity as module
from lvmh_jax.stages.activity import fit_activity, fit_shares

COUNT = 12
FIRST, SECOND = np.triu_indices(COUNT, 1)


def draw_holds(seed: int, clients: int = 400) -> np.ndarray:
    draw = np.random.default_rng(seed)
    times_M1 = draw.geometric(0.4, (clients, 1))
    return (draw.random((clients, COUNT)) < 1 - 0.85**times_M1).astype(np.int64)


def test_the_chances_add_up_to_what_clients_and_concepts_have() -> None:
    holds_MC = draw_holds(0)
    degree_K, clients_K = np.unique(holds_MC.sum(1), return_counts=True)
    share_KC = fit_shares(degree_K.astype(float), clients_K, holds_MC.sum(0).astype(float))
    assert np.allclose(share_KC.sum(1), degree_K, atol=0.03)  # nearly: one has all
    assert np.allclose(clients_K @ share_KC, holds_MC.sum(0), rtol=1e-3)


def test_what_is_expected_is_what_is_drawn_apart() -> None:
    pairs = [(draw_holds(seed).T @ draw_holds(seed))[FIRST, SECOND] for seed in range(60)]
    expected = [
        fit_activity(sparse.csr_matrix(draw_holds(seed))).expect_both(FIRST, SECOND)
        for seed in range(60)
    ]
    even = [np.outer(n, n)[FIRST, SECOND] / 400 for n in (draw_holds(s).sum(0) for s in range(60))]
    ratio = np.mean(pairs, 0) / np.mean(expected, 0)
    assert np.abs(ratio - 1).max() < 0.03
    assert (np.mean(pairs, 0) / np.mean(even, 0)).min() > 1.2  # as if all clients were alike


@pytest.mark.parametrize("size", [1, 2, 3, COUNT])
def test_every_choice_of_so_many_concepts_once(size: int) -> None:
    rows = [[int(c in chosen) for c in range(COUNT)] for chosen in combinations(range(COUNT), size)]
    holds_MC = np.array(rows)
    expected = fit_activity(sparse.csr_matrix(holds_MC)).expect_both(FIRST, SECOND)
    counted = (holds_MC.T @ holds_MC)[FIRST, SECOND]
    assert np.allclose(expected, counted, rtol=0.06, atol=0.02 * len(rows) / COUNT**2)


def draw_popular(sizes: dict[int, int]) -> np.ndarray:
    """Clients of some numbers of concepts, two of which are far more popular; else independent."""
    draw = np.random.default_rng(0)
    odds_C = np.array([20.0, 20.0, *draw.uniform(0.5, 2, COUNT - 2)])
    rows = []
    for size, clients in sizes.items():
        chosen = list(combinations(range(COUNT), size))
        weight = np.array([odds_C[[*each]].prod() for each in chosen])
        picks = draw.choice(len(chosen), clients, p=weight / weight.sum())
        rows += [np.isin(np.arange(COUNT), chosen[pick]) for pick in picks.tolist()]
    return np.array(rows).astype(np.int64)


@pytest.mark.parametrize(
    "sizes", [{1: 9000, 2: 3000, 3: 1000}, {1: 8000, 2: 400}, {3: 500, 5: 300}]
)
def test_popular_concepts_of_clients_with_few_are_expected_as_they_come(sizes) -> None:
    holds_MC = draw_popular(sizes)
    both = (holds_MC.T @ holds_MC)[FIRST, SECOND]
    expected = fit_activity(sparse.csr_matrix(holds_MC)).expect_both(FIRST, SECOND)
    assert (expected > 0).all()
    assert 0.9 < (both / expected)[both >= 20].mean() < 1.1
    assert np.abs(both - expected)[both >= 20].max() < 6 * np.sqrt(both.max())
    held = holds_MC.sum(0)
    plain = np.outer(held, held)[FIRST, SECOND] / len(holds_MC)
    assert np.abs(both - expected).sum() < np.abs(both - plain).sum() / 1.5


def test_pairs_may_be_asked_in_any_blocks(monkeypatch) -> None:
    activity = fit_activity(sparse.csr_matrix(draw_holds(0)))
    whole = activity.expect_both(FIRST, SECOND)
    monkeypatch.setattr(module, "BLOCK_CELLS", 100)
    assert np.allclose(activity.expect_both(FIRST, SECOND), whole, rtol=1e-12)


def test_clients_without_a_concept_and_concepts_without_a_client_are_no_obstacle() -> None:
    holds_MC = np.pad(draw_holds(1), ((5, 0), (0, 2)))
    expected = fit_activity(sparse.csr_matrix(holds_MC)).expect_both(FIRST, SECOND)
    alone = fit_activity(sparse.csr_matrix(draw_holds(1))).expect_both(FIRST, SECOND)
    assert np.allclose(expected, alone, rtol=1e-3)
    nothing = fit_activity(sparse.csr_matrix(np.zeros((0, COUNT), np.int64)))
    assert not nothing.expect_both(FIRST, SECOND).any()
