"""Relations: planted pairs are found again, and the statistics are those of the books."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from scipy import sparse, stats

from benchmarks import planted
from lvmh_jax.records import Concept
from lvmh_jax.stages import relations as module
from lvmh_jax.stages.aggregate import ClientTable, aggregate_clients, weigh_concepts
from lvmh_jax.stages.profiles import TRAITS, describe_segments, relate_segments
from lvmh_jax.stages.relations import (
    adjust,
    find_chance,
    list_alike,
    measure_lift,
    relate_concepts,
)
from lvmh_jax.stages.segments import segment_clients

CONCEPTS = tuple(Concept(f"c{row:03}", f"<C & {row}>", ()) for row in range(80))
IDS = [each.concept_id for each in CONCEPTS]
NO_VECTORS = np.zeros((len(IDS), 1), np.float32)
LIMITS = {"min_clients": 3, "max_q": 0.05}


def tabulate(case: planted.Planted) -> ClientTable:
    return aggregate_clients(case.findings, case.clients, CONCEPTS)


def hold(case: planted.Planted) -> sparse.csr_matrix:
    return tabulate(case).holds_MC


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(module).failed == 0


def test_planted_pairs_are_found() -> None:
    case = planted.plant_pairs(IDS, 800, 12, 0)
    found = relate_concepts(hold(case), CONCEPTS, NO_VECTORS, **LIMITS)
    pairs = {(each.source, each.target) for each in found}
    assert len(pairs & {*case.pairs}) >= 11
    assert len(pairs - {*case.pairs}) <= 1
    assert [each.q_value for each in found] == sorted(each.q_value for each in found)
    assert all(each.lift > 1 and each.ci_low < each.lift < each.ci_high for each in found)


def test_independent_concepts_are_hardly_ever_related() -> None:
    cases = [planted.plant_pairs(IDS, 300, 0, seed) for seed in range(5)]
    found = [len(relate_concepts(hold(case), CONCEPTS, NO_VECTORS, **LIMITS)) for case in cases]
    assert sum(count > 0 for count in found) <= 1


def test_clients_who_say_much_relate_nothing_by_it() -> None:
    cases = [planted.plant_pairs(IDS, 1500, 0, seed, uneven=True) for seed in range(4)]
    found = [len(relate_concepts(hold(case), CONCEPTS, NO_VECTORS, **LIMITS)) for case in cases]
    assert sum(count > 0 for count in found) <= 1
    by_fisher = [count_by_fisher(hold(case)) for case in cases]
    assert min(by_fisher) > 100  # so there is something that could go wrong


def count_by_fisher(holds_MC: sparse.csr_matrix) -> int:
    """Pairs that would be found if all clients were alike."""
    held_C = np.asarray(holds_MC.sum(0)).ravel()
    first, second = np.triu_indices(len(held_C), 1)
    both = np.asarray((holds_MC.T @ holds_MC).todense())[first, second]
    chance = find_chance(both, held_C[first], held_C[second], holds_MC.shape[0])
    return int((adjust(chance, len(first)) <= LIMITS["max_q"]).sum())


def test_clients_of_one_concept_do_not_hold_the_test_up() -> None:
    draw = np.random.default_rng(0)
    popular = np.r_[30.0, 30.0, np.ones(len(IDS) - 2)]
    rows = np.zeros((2000, len(IDS)), np.int64)
    for row, size in zip(rows, [1] * 1800 + [2] * 200, strict=True):
        row[draw.choice(len(IDS), size, replace=False, p=popular / popular.sum())] = 1
    assert relate_concepts(sparse.csr_matrix(rows), CONCEPTS, NO_VECTORS, **LIMITS) == []


def test_pairs_are_found_among_clients_who_say_more_and_less() -> None:
    case = planted.plant_pairs(IDS, 1500, 12, 0, uneven=True)
    found = relate_concepts(hold(case), CONCEPTS, NO_VECTORS, **LIMITS)
    pairs = {(each.source, each.target) for each in found}
    assert len(pairs & {*case.pairs}) >= 11
    assert len(pairs - {*case.pairs}) <= 1


def test_the_test_is_fishers() -> None:
    for both, one, other, clients in ((7, 10, 12, 40), (1, 5, 5, 20), (0, 3, 4, 9)):
        table = [[both, one - both], [other - both, clients - one - other + both]]
        expected = stats.fisher_exact(table, "greater").pvalue
        found = find_chance(np.array([both]), np.array([one]), np.array([other]), clients)
        assert found[0] == pytest.approx(expected, rel=1e-9)


def test_false_discovery_rates_are_scipys_with_the_absent_tests_added() -> None:
    chance = np.random.default_rng(0).random(30) ** 3
    assert np.allclose(adjust(chance, 30), stats.false_discovery_control(chance))
    whole = stats.false_discovery_control(np.concatenate([chance, np.ones(70)]))
    assert np.allclose(adjust(chance, 100), whole[:30])
    assert adjust(np.zeros(0), 0).tolist() == []


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(1)
    counts = draw.multinomial(200, [0.1, 0.1, 0.2, 0.6], 3000)
    both, one, other = counts[:, 0], counts[:, 0] + counts[:, 1], counts[:, 0] + counts[:, 2]
    _, low, high = measure_lift(both, one, other, 200)
    truth = 0.1 / (0.2 * 0.3)
    assert 0.935 < ((low <= truth) & (truth <= high)).mean() < 0.965


def test_what_nobody_has_has_no_interval() -> None:
    lift, low, high = measure_lift(np.array([0]), np.array([3]), np.array([4]), 9)
    assert lift[0] == 0
    assert np.isnan([low[0], high[0]]).all()


def test_rare_concepts_and_high_rates_are_left_out() -> None:
    case = planted.plant_pairs(IDS, 300, 12, 0)
    usual = relate_concepts(hold(case), CONCEPTS, NO_VECTORS, **LIMITS)
    strict = relate_concepts(hold(case), CONCEPTS, NO_VECTORS, min_clients=3, max_q=1e-9)
    many = relate_concepts(hold(case), CONCEPTS, NO_VECTORS, min_clients=15, max_q=0.05)
    assert all(each.q_value <= 1e-9 for each in strict)
    assert 0 < len(strict) < len(usual)
    assert all(each.n_clients >= 15 for each in many)
    assert 0 < len(many) < len(usual)


def test_a_segment_is_described_by_what_it_prefers() -> None:
    case = planted.plant_segments(IDS, 200, 3, 0)
    given = (hold(case), CONCEPTS, case.segment_M)
    found = relate_segments(*given, ["a", "b", "c"], min_clients=3)
    assert [each.target for each in found] == ["a", "b", "c"] * TRAITS  # the most telling first
    for place, name in enumerate("abc"):
        inside, outside = (
            hold(case)[case.segment_M == place],
            hold(case)[case.segment_M != place],
        )
        gap = np.asarray(inside.mean(0) - outside.mean(0)).ravel()
        preferred = {IDS[row] for row in np.argsort(-gap)[: planted.OWN]}
        assert {each.source for each in found if each.target == name} <= preferred
        traits = describe_segments(hold(case), case.segment_M, CONCEPTS)[place].traits
        assert [(each.source, each.n_clients, each.lift) for each in found[place::3]] == [
            (trait.concept_id, trait.clients, trait.lift) for trait in traits
        ]
    assert relate_segments(*given, [], min_clients=3) == []


def test_what_a_segment_is_made_of_is_no_evidence() -> None:
    case = planted.plant_pairs(IDS, 300, 0, 0)  # noise: nothing goes with anything
    label_M = segment_clients(weigh_concepts(tabulate(case)), 3, 0).label_M
    found = relate_segments(hold(case), CONCEPTS, label_M, ["a", "b", "c"], min_clients=3)
    assert found  # described it can be
    assert {(each.q_value, each.ci_low, each.ci_high) for each in found} == {(None, None, None)}
    assert all(each.n_clients >= 3 and each.lift > 1 for each in found)
    least = min(each.n_clients for each in found) + 1
    fewer = relate_segments(hold(case), CONCEPTS, label_M, ["a", "b", "c"], min_clients=least)
    assert all(each.n_clients >= least for each in fewer)
    for nowhere in (0, 30):  # clients in no segment: all others have more of everything
        label_M = np.where(np.arange(300) < nowhere, -1, 0)
        one = relate_segments(hold(case), CONCEPTS, label_M, ["all"], min_clients=3)
        assert one == []  # nothing sets all clients apart


def test_alike_concepts_are_listed_once_with_what_clients_say() -> None:
    vectors = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], np.float32)
    holds = sparse.csr_matrix(np.array([[1, 1, 0, 0], [1, 0, 0, 0]]))
    found = list_alike(holds, CONCEPTS[:4], vectors, min_similarity=0.55)
    pairs = [(each.source, each.target, each.n_clients, each.lift) for each in found]
    assert pairs == [("c000", "c001", 1, 1.0), ("c001", "c002", 0, None)]
    assert [round(each.similarity, 3) for each in found] == [0.8, 0.6]
    assert {each.q_value for each in found} == {None}
    assert list_alike(holds[:, :1], CONCEPTS[:1], vectors[:1], min_similarity=0) == []
