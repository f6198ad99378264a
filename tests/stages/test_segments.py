"""Segments: planted ones are found again, any number of clients is taken."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics import adjusted_rand_score

from benchmarks import planted
from lvmh_jax.stages.chance import LEVEL, SHUFFLES
from lvmh_jax.stages.profiles import NO_SEGMENTS, describe_segments
from lvmh_jax.stages.segments import (
    MOST,
    Trial,
    order_by_size,
    segment_clients,
)
from tests.stages.clients import CONCEPTS, IDS, draw_noise, weigh


@pytest.fixture(scope="module")
def case() -> planted.Planted:
    return planted.plant_segments(IDS, 150, 4, 0)


def test_planted_segments_are_found_and_counted(case: planted.Planted) -> None:
    found = segment_clients(weigh(case), None, 0)
    assert found.clusters == 4
    assert adjusted_rand_score(case.segment_M, found.label_M) > 0.8
    assert found.stability is not None
    assert found.stability > 0.95
    assert found.silhouette is not None
    assert found.shuffled is not None
    assert found.silhouette > found.shuffled + 0.1
    assert found.chance is not None
    assert (found.chance.shuffles, found.chance.reaching) == (SHUFFLES, 0)
    assert np.bincount(found.label_M).tolist() == sorted(np.bincount(found.label_M))[::-1]
    assert len(found.trials) == MOST - 1


def test_confidence_tells_right_from_wrong(case: planted.Planted) -> None:
    found = segment_clients(weigh(case), 4, 0)
    # Segments are numbered by size: the truth is, too, once it is renumbered.
    shared = np.zeros((4, 4), int)
    np.add.at(shared, (found.label_M, case.segment_M), 1)
    right = shared.argmax(1)[found.label_M] == case.segment_M
    assert found.confidence_M[right].mean() > found.confidence_M[~right].mean() + 0.1
    assert 0 <= found.confidence_M.min() <= found.confidence_M.max() <= 1


def test_the_same_seed_gives_the_same_segments(case: planted.Planted) -> None:
    first, second = (segment_clients(weigh(case), 3, 5) for _ in range(2))
    assert first.label_M.tolist() == second.label_M.tolist()
    assert first.confidence_M.tolist() == second.confidence_M.tolist()
    assert first.stability == second.stability


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_segments(seed: int) -> None:
    found = segment_clients(draw_noise(45, seed), None, 0)
    assert found.clusters == 1
    assert found.chance is not None
    assert found.chance.p_value > LEVEL
    assert found.trials  # what would have been chosen
    assert (found.silhouette, found.stability) == (None, None)
    assert set(found.label_M.tolist()) == {0}


def test_who_gives_a_number_gets_it_and_is_told_of_chance() -> None:
    found = segment_clients(draw_noise(45, 0), 3, 0)
    assert found.clusters == 3
    assert found.chance is not None
    assert not found.chance.is_beaten


def test_where_nothing_beats_shuffled_clients_the_least_stable_does_not_win() -> None:
    near, unstable = Trial(2, 0.15, 0.2, 0.9), Trial(5, 0.1, 0.2, 0.0)
    assert max(unstable, near, key=lambda trial: trial.score) is near
    good, better = Trial(3, 0.3, 0.2, 0.5), Trial(4, 0.3, 0.2, 0.8)
    assert near.score < Trial(6, 0.3, 0.2, -0.1).score < good.score < better.score


@pytest.mark.parametrize(("clients", "clusters"), [(1, 1), (2, 1), (3, 1), (9, 1)])
def test_few_clients_are_one_segment(clients: int, clusters: int) -> None:
    found = segment_clients(weigh(planted.plant_segments(IDS, clients, 2, 0)), None, 0)
    assert found.clusters == clusters
    assert found.label_M.tolist() == [0] * clients
    assert found.confidence_M.tolist() == [1.0] * clients
    assert found.stability is None


def test_clients_all_alike_are_one_segment_however_many_are_asked_for() -> None:
    rows = sparse.csr_matrix(np.tile([0.6, 0.8, 0.0], (20, 1)))
    for clusters in (None, 1, 3):
        found = segment_clients(rows, clusters, 0)
        assert (found.clusters, set(found.label_M.tolist())) == (1, {0})


def test_no_more_segments_than_different_clients() -> None:
    rows = np.eye(3)[[0, 0, 1, 1, 1, 2]]
    found = segment_clients(sparse.csr_matrix(rows), 5, 0)
    assert found.clusters == 3
    assert found.label_M.tolist() == [1, 1, 0, 0, 0, 2]


def test_a_client_without_a_concept_is_nowhere() -> None:
    rows = np.vstack([np.zeros(4), np.eye(4)[[0, 0, 0, 1, 1]]])
    found = segment_clients(sparse.csr_matrix(rows), 2, 0)
    assert found.label_M.tolist() == [-1, 0, 0, 0, 1, 1]
    assert found.confidence_M[0] == 0
    empty = segment_clients(sparse.csr_matrix((2, 4)), None, 0)
    assert (empty.clusters, empty.label_M.tolist()) == (0, [-1, -1])


def test_numbers_go_by_size_then_by_place() -> None:
    assert order_by_size(np.array([5, 5, 3, 9, 9, 9])).tolist() == [1, 1, 2, 0, 0, 0]


def test_profiles_name_what_is_over_represented() -> None:
    holds = np.zeros((10, 3), np.int64)
    holds[:, 0] = 1  # all hold it: no lift
    holds[:4, 1] = 1
    holds[[3, 4, 5, 6], 2] = 1
    label = np.array([0] * 5 + [1] * 5)
    first, second = describe_segments(sparse.csr_matrix(holds), label, CONCEPTS[:3])
    assert [(each.concept_id, each.clients, each.lift) for each in first.traits] == [
        ("c001", 4, 2.0)
    ]
    assert (first.name, first.clients, second.traits, second.name) == ("C 1", 5, (), "segment 1")


def test_a_name_that_describes_fewer_than_half_says_so() -> None:
    holds = np.zeros((20, 3), np.int64)
    holds[0:2, 0] = holds[2:4, 1] = 1  # of ten clients four hold one of the two
    holds[10:15, 2] = 1  # five of ten
    label = np.array([0] * 10 + [1] * 10)
    mixed, half = describe_segments(sparse.csr_matrix(holds), label, CONCEPTS[:3])
    assert (mixed.name, mixed.has_named, mixed.clients) == ("mixed: C 0, C 1", 4, 10)
    assert (half.name, half.has_named, half.clients) == ("C 2", 5, 10)


def test_who_holds_both_named_concepts_counts_once() -> None:
    holds = sparse.csr_matrix(np.array([[1, 1], [1, 1], [0, 0], [0, 0], [0, 0]]))
    first, second = describe_segments(holds, np.array([0, 0, 0, 1, 1]), CONCEPTS[:2])
    assert (first.name, first.has_named) == ("C 0 + C 1", 2)
    assert (second.name, second.has_named) == ("segment 1", 0)


def test_one_segment_of_all_is_called_none_and_lists_what_is_frequent() -> None:
    holds = sparse.csr_matrix(np.array([[1, 0, 1], [1, 0, 1], [1, 1, 0]]))
    (only,) = describe_segments(holds, np.zeros(3, np.int64), CONCEPTS[:3])
    assert (only.name, only.has_named, only.clients) == (NO_SEGMENTS, 0, 3)
    assert [each.label for each in only.traits] == ["C 0", "C 2", "C 1"]


def test_segments_of_one_name_are_told_apart() -> None:
    holds = sparse.csr_matrix(np.array([[1], [1], [0], [0], [1], [1]]))
    label = np.array([0, 0, 1, 1, 2, 2])
    names = [each.name for each in describe_segments(holds, label, CONCEPTS[:1])]
    assert names == ["C 0", "segment 1", "C 0 (2)"]
