"""Neighbours: found as a double loop finds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.neighbours import compare_neighbours, list_overlaps

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)),
    max_size=14,
    unique=True,
)


def make_candidates(rows: list[tuple[int, int, int, int]]) -> Candidates:
    """Rows of (note, first token in the note, further tokens, concept), each token one letter."""
    rows = sorted(set(rows), key=lambda r: (r[0], r[1], r[1] + r[2], r[3]))
    note, first, more, concept = np.array(rows, np.int64).reshape(-1, 4).T
    zeros = np.zeros(len(rows), np.int64)
    shift = note * 100
    return Candidates(
        note_N=note,
        first_N=first + shift,
        last_N=first + more + shift,
        start_N=first,
        end_N=first + more + 1,
        concept_N=concept,
        alias_N=zeros,
        exact_N=zeros,
        recalled_N=zeros,
        support_N=zeros.astype(np.float32),
        coverage_ND=np.zeros((len(rows), 4), np.float32),
    )


def best(c: Candidates, worth: np.ndarray, i: int, relation: str, own: bool) -> float:
    """By definition: the best worth of the candidates that stand so to candidate i."""
    found = [0.0]
    for j in range(len(c)):
        a, b, x, y = c.first_N[i], c.last_N[i], c.first_N[j], c.last_N[j]
        same, apart = (a, b) == (x, y), y < a or b < x
        if same or apart or (c.concept_N[i] == c.concept_N[j]) != own:
            continue
        kind = "around" if x <= a and b <= y else "inside" if a <= x and y <= b else "across"
        if kind == relation:
            found.append(float(worth[j]))
    return max(found)


@settings(max_examples=60)
@given(ROWS, st.integers(0, 9))
def test_neighbours_are_those_of_the_definition(rows: list, seed: int) -> None:
    c = make_candidates(rows)
    worth = np.random.default_rng(seed).random(len(c)).astype(np.float32)
    found = compare_neighbours(c, worth)
    for i in range(len(c)):
        assert found.around_own_N[i] == pytest.approx(best(c, worth, i, "around", own=True))
        assert found.around_other_N[i] == pytest.approx(best(c, worth, i, "around", own=False))
        assert found.inside_own_N[i] == pytest.approx(best(c, worth, i, "inside", own=True))
        assert found.inside_other_N[i] == pytest.approx(best(c, worth, i, "inside", own=False))
        assert found.across_other_N[i] == pytest.approx(best(c, worth, i, "across", own=False))


def test_each_overlap_is_listed_once() -> None:
    first, last = np.array([0, 0, 2, 4]), np.array([2, 3, 4, 4])
    left, right = list_overlaps(first, last)
    pairs = sorted(zip(left.tolist(), right.tolist(), strict=True))
    assert pairs == [(0, 2), (1, 0), (1, 2), (2, 3)]
