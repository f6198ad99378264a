"""What a candidate should be told to be, case by case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.calibrate.targets import MIN_OVERLAP, Targets, make_targets
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.records import GoldNote, GoldSpan
from tests.detect.builders import make_candidates

ROWS = {"bag": 0, "black": 1}


def candidates_at(*rows: tuple[int, int, int, int]) -> Candidates:
    """Rows of (note, start, end, concept)."""
    note, start, end, concept = np.array(rows, np.int64).reshape(-1, 4).T
    return make_candidates(note_N=note, start_N=start, end_N=end, concept_N=concept)


def targets_of(candidates: Candidates, *gold: GoldNote | None) -> list[tuple[float, float]]:
    found: Targets = make_targets(candidates, gold, ROWS)
    assert found.overlap_N.shape == found.negated_N.shape == (len(candidates),)
    return list(zip(found.overlap_N.tolist(), found.negated_N.tolist(), strict=True))


def note(*spans: GoldSpan, concepts: tuple[str, ...] = ()) -> GoldNote:
    return GoldNote("N", spans, concepts)


BAG = note(GoldSpan(10, 20, "bag"), concepts=("bag",))


@pytest.mark.parametrize(
    ("start", "end", "overlap"),
    [
        (10, 20, 1.0),
        (10, 15, 0.5),
        (5, 15, 1 / 3),
        (12, 14, 0.0),  # a fifth of it: something else is said
        (5, 12, 0.0),
        (20, 30, 0.0),  # touching is not overlapping
        (0, 9, 0.0),
        (0, 40, 0.0),
        (8, 22, 10 / 14),
    ],
)
def test_overlap_is_the_shared_part_of_both(start: int, end: int, overlap: float) -> None:
    ((found, negated),) = targets_of(candidates_at((0, start, end, 0)), BAG)
    assert found == pytest.approx(overlap)
    assert negated == 0


def test_another_concept_or_note_has_no_share() -> None:
    found = targets_of(candidates_at((0, 10, 20, 1), (1, 10, 20, 0)), BAG, note())
    assert found == [(0, 0), (0, 0)]


def test_a_negated_span_is_a_mention_that_is_negated() -> None:
    gold = note(GoldSpan(0, 5, "bag", negated=True), GoldSpan(10, 15, "bag"), concepts=("bag",))
    found = targets_of(candidates_at((0, 0, 5, 0), (0, 10, 15, 0), (0, 0, 4, 0)), gold)
    assert found == [(1, 1), (1, 0), (pytest.approx(0.8), 1)]


def test_the_gold_span_that_fits_best_decides() -> None:
    gold = note(GoldSpan(0, 10, "bag", negated=True), GoldSpan(0, 6, "bag"), concepts=("bag",))
    assert targets_of(candidates_at((0, 0, 7, 0)), gold) == [(pytest.approx(6 / 7), 0)]
    assert targets_of(candidates_at((0, 0, 9, 0)), gold) == [(pytest.approx(0.9), 1)]


def test_a_note_without_spans_says_what_holds_and_not_where() -> None:
    gold = note(concepts=("bag",))
    found = targets_of(candidates_at((0, 0, 3, 0), (0, 50, 60, 0), (0, 0, 3, 1)), gold)
    assert found == [(1, 0), (1, 0), (0, 0)]


def test_a_concept_outside_the_lexicon_fits_nothing() -> None:
    gold = note(GoldSpan(0, 3, "unheard"), concepts=("unheard",))
    assert targets_of(candidates_at((0, 0, 3, 0), (0, 0, 3, 1)), gold) == [(0, 0), (0, 0)]
    assert targets_of(candidates_at((0, 0, 3, 0)), note(concepts=("unheard",))) == [(0, 0)]


def test_a_note_without_gold_and_no_candidates() -> None:
    assert targets_of(candidates_at((0, 0, 3, 0), (1, 10, 20, 0)), None, BAG) == [(0, 0), (1, 0)]
    assert targets_of(candidates_at(), BAG) == []


spans = st.tuples(st.integers(0, 12), st.integers(1, 9), st.booleans())


@given(st.lists(spans, max_size=4), st.tuples(st.integers(0, 12), st.integers(1, 9)))
def test_overlap_is_the_best_intersection_over_union(
    gold: list[tuple[int, int, bool]], place: tuple[int, int]
) -> None:
    start, end = place[0], place[0] + place[1]
    marked = tuple(GoldSpan(a, a + n, "bag", negated) for a, n, negated in gold)
    said = set(range(start, end))
    shares = []
    for span in marked:
        meant = set(range(span.start, span.end))
        shares.append(len(said & meant) / len(said | meant))
    best = max(shares, default=0.0)
    ((found, _),) = targets_of(candidates_at((0, start, end, 0)), note(*marked))
    assert found == pytest.approx(best if best >= MIN_OVERLAP else 0.0)
