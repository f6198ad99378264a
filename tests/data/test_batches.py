from __future__ import annotations

import itertools
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.batches import count_steps, plan_epochs


def plan(train_rows, concept_A, epoch=0, seed=0, **options):
    options = {
        "batch_size": 3,
        "aliases_per_row": 4,
        "unlabelled": 9,
        "contexts": 5,
        "drawn_per_alias": 0.5,
        **options,
    }
    return plan_epochs(train_rows, concept_A, seed=seed, **options)(epoch)


def rows_of(drawn):
    return drawn.alias_SBK[drawn.weight_SBK > 0]


@st.composite
def epochs(draw):
    concept_A = np.array(draw(st.lists(st.integers(0, 5), min_size=1, max_size=60)), np.int64)
    is_shown = draw(st.lists(st.booleans(), min_size=len(concept_A), max_size=len(concept_A)))
    sizes = {"batch_size": draw(st.integers(1, 4)), "aliases_per_row": draw(st.integers(1, 5))}
    return np.flatnonzero(is_shown), concept_A, sizes


@given(epochs(), st.integers(0, 3))
def test_an_epoch_is_one_pass_over_the_rows_that_are_shown(drawn, epoch) -> None:
    train_rows, concept_A, sizes = drawn
    planned = plan(train_rows, concept_A, epoch, **sizes)
    per_step = sizes["batch_size"] * sizes["aliases_per_row"]
    steps = ceil(len(train_rows) / per_step)
    assert planned.alias_SBK.shape == (steps, sizes["batch_size"], sizes["aliases_per_row"])
    assert planned.weight_SBK.shape == planned.alias_SBK.shape
    assert count_steps(len(train_rows), *sizes.values()) == steps
    assert set(np.unique(planned.weight_SBK)) <= {0.0, 1.0}
    assert sorted(rows_of(planned)) == train_rows.tolist()
    # Padding repeats rows that are shown; a held-out one is never even gathered.
    assert set(planned.alias_SBK.ravel()) <= set(train_rows)


@given(epochs())
def test_a_concept_is_a_run_of_rows(drawn) -> None:
    train_rows, concept_A, sizes = drawn
    planned = plan(train_rows, concept_A, **sizes)
    places: dict[int, set[int]] = {}
    lines = zip(
        planned.alias_SBK.reshape(-1, sizes["aliases_per_row"]),
        planned.weight_SBK.reshape(-1, sizes["aliases_per_row"]),
        strict=True,
    )
    for place, (aliases, weights) in enumerate(lines):
        concepts = concept_A[aliases[weights > 0]].tolist()
        assert sum(a != b for a, b in itertools.pairwise(concepts)) < max(1, len(set(concepts)))
        for concept in concepts:
            places.setdefault(concept, set()).add(place)
    for concept, used in places.items():
        count = int((concept_A[train_rows] == concept).sum())
        assert len(used) <= ceil(count / sizes["aliases_per_row"]) + 1


TRAIN, CONCEPTS = np.arange(40), np.arange(40) % 7


def as_bytes(planned):
    return [
        array.tobytes()
        for array in (
            planned.alias_SBK,
            planned.weight_SBK,
            planned.unlabelled_SBU,
            planned.context_SBM,
        )
    ]


def test_an_epoch_depends_on_its_seed_and_number_alone() -> None:
    plan(TRAIN, CONCEPTS, 0)  # what ran before does not matter
    first, again = plan(TRAIN, CONCEPTS, 1), plan(TRAIN, CONCEPTS, 1)
    assert as_bytes(first) == as_bytes(again)
    for other in (plan(TRAIN, CONCEPTS, 2), plan(TRAIN, CONCEPTS, 1, seed=1)):
        changed = [a != b for a, b in zip(as_bytes(first), as_bytes(other), strict=True)]
        assert changed[0]
        assert changed[2:] == [True, True]


@given(epochs(), st.integers(1, 30))
def test_epochs_of_a_part_each_go_on_where_the_last_one_ended(drawn, most) -> None:
    train_rows, concept_A, sizes = drawn
    per_step = sizes["batch_size"] * sizes["aliases_per_row"]
    whole = count_steps(len(train_rows), *sizes.values())
    steps = count_steps(len(train_rows), *sizes.values(), most)
    assert steps == min(whole, ceil(most / per_step))
    count = 2 * max(1, ceil(whole / max(steps, 1)))
    parts = [plan(train_rows, concept_A, epoch, most=most, **sizes) for epoch in range(count)]
    assert {len(part.alias_SBK) for part in parts} == {steps}
    # Behind one another they are the whole passes.
    passes = [plan(train_rows, concept_A, epoch, **sizes) for epoch in range(2)]
    for name in ("alias_SBK", "weight_SBK", "unlabelled_SBU", "context_SBM"):
        joined = np.concatenate([getattr(part, name) for part in parts])[: 2 * whole]
        np.testing.assert_array_equal(joined, np.concatenate([getattr(p, name) for p in passes]))


def test_arrays_are_int32_and_float32() -> None:
    planned = plan(TRAIN, CONCEPTS)
    dtypes = [planned.alias_SBK.dtype, planned.unlabelled_SBU.dtype, planned.context_SBM.dtype]
    assert dtypes == [np.int32] * 3
    assert planned.weight_SBK.dtype == np.float32


def test_concepts_meet_other_neighbours_each_epoch() -> None:
    orders = set()
    for epoch in range(5):
        concepts = CONCEPTS[rows_of(plan(TRAIN, CONCEPTS, epoch, batch_size=1, aliases_per_row=40))]
        orders.add(tuple(dict.fromkeys(concepts.tolist())))
    assert len(orders) == 5


@pytest.mark.parametrize("count", [1, 2, 50])
def test_draws_are_in_range_and_reach_everything(count) -> None:
    drawn = [plan(TRAIN, CONCEPTS, epoch, unlabelled=count, contexts=count) for epoch in range(40)]
    for name in ("unlabelled_SBU", "context_SBM"):
        rows = np.concatenate([getattr(each, name) for each in drawn])
        assert rows.shape[1:] == (3, 2)  # half as many as aliases
        assert set(rows.ravel()) == set(range(count))
