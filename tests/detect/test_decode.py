"""Decoding: of what overlaps, the most confident is a mention."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.detect import decode
from lvmh_jax.detect.decode import OFF, pass_thresholds, select_mentions
from tests.detect.builders import make_candidates

FLOOR = 0.02
Span = tuple[int, int, int]  # note, start, end


def select(spans: list[Span], confidence: list[float], overlapping: float = OFF) -> list[int]:
    note, start, end = np.array(spans, np.int64).reshape(-1, 3).T
    # Every span of another concept and alias: what two of them share is no business here.
    own = np.arange(len(spans))
    found = make_candidates(note_N=note, start_N=start, end_N=end, concept_N=own, alias_N=own)
    sure = np.array(confidence, np.float32)
    return select_mentions(found, sure, sure >= FLOOR, overlapping).tolist()


def overlaps(left: Span, right: Span) -> bool:
    return left[0] == right[0] and left[1] < right[2] and right[1] < left[2]


scored = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from([0.0, FLOOR / 2, 0.1, 0.25, 0.5, 0.75, 1.0]),
    ),
    max_size=16,
    unique_by=lambda row: row[:3],
)


@given(scored)
def test_mentions_never_overlap_and_come_in_reading_order(rows: list[tuple]) -> None:
    spans = [(note, start, start + length) for note, start, length, _ in rows]
    chosen = select(spans, [row[3] for row in rows])
    assert [spans[row] for row in chosen] == sorted(spans[row] for row in chosen)
    for place, row in enumerate(chosen):
        assert not any(overlaps(spans[row], spans[other]) for other in chosen[:place])


@given(scored)
def test_what_is_left_out_gives_way_to_something_as_sure(rows: list[tuple]) -> None:
    spans = [(note, start, start + length) for note, start, length, _ in rows]
    confidence = np.array([row[3] for row in rows], np.float32)
    chosen = select(spans, confidence.tolist())
    for row in range(len(rows)):
        if confidence[row] < FLOOR:
            assert row not in chosen
        elif row not in chosen:
            winners = [c for c in chosen if overlaps(spans[row], spans[c])]
            assert any(confidence[c] >= confidence[row] for c in winners)


@given(scored, st.sampled_from([0.25, 0.5, 0.75]))
def test_what_may_overlap_is_sure_and_shares_little(rows: list[tuple], limit: float) -> None:
    spans = [(note, start, start + length) for note, start, length, _ in rows]
    confidence = [row[3] for row in rows]
    chosen = select(spans, confidence, limit)
    for place, row in enumerate(chosen):
        for other in chosen[:place]:
            if overlaps(spans[row], spans[other]):
                shared, whole = measure(spans[row], spans[other])
                assert 3 * shared <= whole
                assert min(confidence[row], confidence[other]) >= limit


crowded = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(1, 4), st.integers(0, 2),
              st.sampled_from([0.1, 0.25, 0.5, 0.7, 0.75, 0.9, 1.0])),
    max_size=40,
)  # fmt: skip


@given(crowded, st.sampled_from([0.25, 0.75, OFF]))
def test_one_by_one_the_surest_takes_its_place(rows: list[tuple], limit: float) -> None:
    """Against a plain loop, spans and concepts repeated."""
    rows = sorted(rows)
    spans = [(note, start, start + length) for note, start, length, *_ in rows]
    concepts, confidence = [row[3] for row in rows], [row[4] for row in rows]
    chosen: list[int] = []
    for row in sorted(range(len(rows)), key=lambda r: (-confidence[r], -rows[r][2], r)):
        met = [other for other in chosen if overlaps(spans[row], spans[other])]
        near = [measure(spans[row], spans[other]) for other in met]
        apart = all(3 * shared <= whole for shared, whole in near)
        other_things = concepts[row] not in [concepts[other] for other in met]
        if not met or (confidence[row] >= limit and apart and other_things):
            chosen.append(row)
    note, start, end = np.array(spans, np.int64).reshape(-1, 3).T
    own = np.array(concepts, np.int64)
    found = make_candidates(note_N=note, start_N=start, end_N=end, concept_N=own, alias_N=own)
    sure = np.array(confidence, np.float32)
    assert set(select_mentions(found, sure, sure > 0, limit).tolist()) == set(chosen)


@given(crowded)
def test_in_rounds_and_in_turn_the_same_is_chosen(rows: list[tuple]) -> None:
    note, start, length, own, sure = np.array(sorted(rows), float).reshape(-1, 5).T
    columns = (each.astype(np.int64) for each in (note, start, start + length, own))
    names = ("note_N", "start_N", "end_N", "concept_N")
    found = make_candidates(**dict(zip(names, columns, strict=True)))
    chosen = []
    for left in (0.0, 1.0):  # in turn after one round, and in rounds to the end
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decode, "MOST_LEFT", left)
            chosen.append(select_mentions(found, sure.astype(np.float32), sure > 0).tolist())
    assert chosen[0] == chosen[1]


def test_a_word_said_a_thousand_times_is_no_thousand_rounds(monkeypatch) -> None:
    """A chain of rivals as sure as each other: every second one is chosen."""
    start = np.arange(3000)
    found = make_candidates(note_N=0 * start, start_N=start, end_N=start + 2)
    turns = []
    in_turn = decode._close_in_turn
    monkeypatch.setattr(decode, "_close_in_turn", lambda *given: turns.append(1) or in_turn(*given))
    chosen = select_mentions(found, np.ones(3000, np.float32), np.ones(3000, bool))
    assert chosen.tolist() == list(range(0, 3000, 2))
    assert turns == [1]


def measure(left: Span, right: Span) -> tuple[int, int]:
    """Shared characters, and those of both together."""
    starts, ends = (left[1], right[1]), (left[2], right[2])
    return min(ends) - max(starts), max(ends) - min(starts)


def test_a_second_concept_in_words_of_the_first_has_a_threshold_of_its_own() -> None:
    # "gift for my daughter", "daughter": a third of the characters is shared.
    spans, confidence = [(0, 0, 24), (0, 16, 24)], [0.9, 0.7]
    assert select(spans, confidence) == [0]
    assert select(spans, confidence, overlapping=0.8) == [0]
    assert select(spans, confidence, overlapping=0.6) == [0, 1]
    assert select([(0, 0, 24), (0, 12, 24)], confidence, overlapping=0.6) == [0]


def test_a_concept_does_not_overlap_itself() -> None:
    same = make_candidates(
        note_N=np.zeros(2, np.int64),
        start_N=np.array([0, 16]),
        end_N=np.array([24, 24]),
        concept_N=np.zeros(2, np.int64),
        alias_N=np.arange(2),
    )
    sure = np.array([0.9, 0.8], np.float32)
    assert select_mentions(same, sure, sure > 0, 0.5).tolist() == [0]


def test_the_surest_wins_though_it_is_short() -> None:
    assert select([(0, 0, 9), (0, 3, 5), (0, 6, 9)], [0.5, 0.6, 0.4]) == [1, 2]


def test_of_two_as_sure_the_longer_wins() -> None:
    assert select([(0, 0, 3), (0, 0, 9)], [0.5, 0.5]) == [1]


def test_spans_that_touch_do_not_overlap() -> None:
    assert select([(0, 3, 6), (0, 0, 3)], [0.9, 0.1]) == [1, 0]


def test_the_same_span_in_two_notes_is_two_mentions() -> None:
    assert select([(1, 0, 3), (0, 0, 3)], [0.9, 0.1]) == [1, 0]


def test_nothing_gives_nothing() -> None:
    assert select([], []) == []
    assert select([(0, 0, 3)], [0.0]) == []


def test_each_kind_has_its_threshold() -> None:
    confidence = np.array([0.2, 0.5, 0.2, 0.5, 0.8, 1.0], np.float32)
    exact = np.array([1, 1, 0, 0, 0, 0])
    kept = pass_thresholds(confidence, exact, 0.3, 0.5)
    assert kept.tolist() == [False, True, False, True, True, True]
    # A threshold above 1 lets no learned mention pass, however sure.
    assert pass_thresholds(confidence, exact, 0.0, 2.0).tolist() == [True, True, *[False] * 4]


def test_what_a_threshold_rejects_displaces_nothing() -> None:
    # A learned match of .20 over a dictionary match of .10: not added, so the dictionary's stays.
    pair = np.arange(2)
    found = make_candidates(
        note_N=np.zeros(2, np.int64),
        start_N=np.array([0, 2]),
        end_N=np.array([9, 5]),
        concept_N=pair,
        alias_N=pair,
    )
    confidence, exact = np.array([0.2, 0.1], np.float32), np.array([0, 1])
    eligible = pass_thresholds(confidence, exact, keep_exact=0.0, add_learned=0.5)
    assert select_mentions(found, confidence, eligible).tolist() == [1]
    both = pass_thresholds(confidence, exact, keep_exact=0.0, add_learned=0.15)
    assert select_mentions(found, confidence, both).tolist() == [0]
