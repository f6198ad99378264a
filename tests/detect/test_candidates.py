"""Candidates: dictionary hits as tokens, rows that are merged, rows that are dropped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.candidates import (
    Candidates,
    from_concepts,
    from_hits,
    from_windows,
    keep_best_per_span,
    merge_candidates,
)
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.detect.windows import Windows
from lvmh_jax.records import Alias
from tests.detect.builders import make_candidates
from tests.generators import texts, words

Row = tuple[int, int, int, int, int, int, float]


def candidates_of(rows: Sequence[Row]) -> Candidates:
    """Rows of (note, first, last, concept, alias, exact, score); tokens are characters here."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * 7
    note, first, last, concept, alias, exact = (np.array(c, np.int64) for c in columns[:6])
    score = np.array(columns[6], np.float32)
    coverage = np.stack([score, 1 - score, score / 2, score * 0 + 1], axis=1)
    return make_candidates(
        note_N=note,
        first_N=first,
        last_N=last,
        start_N=first,
        end_N=last + 1,
        concept_N=concept,
        alias_N=alias,
        exact_N=exact,
        coverage_ND=coverage,
    )


@st.composite
def candidate_rows(draw: st.DrawFn) -> list[Row]:
    row = st.tuples(
        st.integers(0, 1),
        st.integers(0, 3),
        st.integers(0, 2),
        st.integers(0, 3),
        st.integers(-1, 5),
        st.integers(0, 1),
        st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    )
    # Tokens count over the batch, so a span is in one note; an exact row names its alias.
    return [
        (
            note,
            first + 10 * note,
            first + 10 * note + more,
            concept,
            max(alias, exact - 1),
            exact,
            s,
        )
        for note, first, more, concept, alias, exact, s in draw(st.lists(row, max_size=14))
    ]


def key_of(c: Candidates, row: int) -> tuple[int, int, int, int]:
    return (int(c.note_N[row]), int(c.start_N[row]), int(c.end_N[row]), int(c.concept_N[row]))


# Dictionary hits.


def find(stream: NoteStream, aliases: list[Alias], notes: list[str]) -> Candidates:
    matcher = DictionaryMatcher(aliases)
    concept_A = np.array([alias.row for alias in aliases], np.int64)
    return from_hits(stream, [matcher.find(text) for text in notes], concept_A)


@given(st.lists(words(), min_size=1, max_size=4), st.lists(texts(20), max_size=3), st.data())
def test_hits_keep_their_offsets_and_find_their_tokens(
    forms: list[str], notes: list[str], data: st.DataObject
) -> None:
    filled = [data.draw(st.sampled_from(forms)) + " " + text for text in notes]
    aliases = [Alias(form, row % 2) for row, form in enumerate(forms)]
    stream = make_stream(filled, 64)
    found = find(stream, aliases, filled)
    hits = [
        (note, hit.start, hit.end, alias)
        for note, text in enumerate(filled)
        for hit in DictionaryMatcher(aliases).find(text)
        for alias in hit.aliases
    ]
    columns = (found.note_N, found.start_N, found.end_N, found.alias_N)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == hits
    for row in range(len(found)):
        first, last = int(found.first_N[row]), int(found.last_N[row])
        covered = [
            token
            for token in range(len(stream.row_T))
            if stream.note_T[token] == found.note_N[row]
            and stream.start_T[token] < found.end_N[row]
            and stream.end_T[token] > found.start_N[row]
        ]
        assert covered == list(range(first, last + 1))
        assert found.concept_N[row] == aliases[found.alias_N[row]].row
        assert found.exact_N[row] == 1


def test_hits_by_hand() -> None:
    notes = ["a.", "", "un sac à main, SAC", "cafe\u0301"]
    aliases = [Alias("sac à main", 4), Alias("sac", 1), Alias("café", 2), Alias("SAC", 3)]
    found = find(make_stream(notes, 64), aliases, notes)
    assert found.note_N.tolist() == [2, 2, 2, 3]
    assert found.start_N.tolist() == [3, 15, 15, 0]
    assert found.end_N.tolist() == [13, 18, 18, 5]
    assert found.first_N.tolist() == [2, 5, 5, 6]
    assert found.last_N.tolist() == [4, 5, 5, 6]
    assert found.concept_N.tolist() == [4, 1, 3, 2]


def test_a_hit_without_a_token_is_no_candidate() -> None:
    notes = ["a 👜 b", "👜"]
    assert [len(tokenize(text)) for text in notes] == [2, 0]
    assert len(find(make_stream(notes, 64), [Alias("👜", 0)], notes)) == 0


def test_learned_spans_have_the_offsets_of_their_tokens() -> None:
    stream = make_stream(["x", "ab  cd, ef"], 64)
    found = from_concepts(stream, np.array([1, 3]), np.array([2, 3]), np.array([5, 6]))
    assert found.note_N.tolist() == [1, 1]
    assert (found.start_N.tolist(), found.end_N.tolist()) == ([0, 8], [6, 10])
    assert found.alias_N.tolist() == [-1, -1]
    assert not found.exact_N.any()


# Merging.


@pytest.mark.parametrize(
    ("text", "parted", "found"),
    [
        ("cat red dog", False, 1),
        ("cat, red dog", False, 0),
        ("cat red (dog", False, 1),
        ("cat, red dog", True, 1),
        ("cat. red dog", True, 1),  # what finds windows keeps them in their sentence
        (", cat red dog,", False, 1),
        ("cat [NAME] dog", True, 0),
        ("[NAME] red dog", False, 0),
    ],
)
def test_soft_matches_stay_in_their_clause(text: str, parted: bool, found: int) -> None:
    one, half = np.array([0]), np.array([0.5], np.float32)
    windows = Windows(one, one + 2, one, half, half, half, one + 1)
    stream = make_stream([text], 512)
    assert len(from_windows(stream, windows, one, np.array([parted]))) == found


@given(st.lists(candidate_rows(), min_size=1, max_size=3))
def test_merging_leaves_one_row_a_span_and_concept(parts: list[list[Row]]) -> None:
    merged = merge_candidates([candidates_of(rows) for rows in parts])
    joined = candidates_of([row for rows in parts for row in rows])
    keys = [key_of(merged, row) for row in range(len(merged))]
    assert keys == sorted({key_of(joined, row) for row in range(len(joined))})
    for row, key in enumerate(keys):
        same = [other for other in range(len(joined)) if key_of(joined, other) == key]
        assert merged.exact_N[row] == joined.exact_N[same].max()
        assert merged.coverage_ND[row].tolist() == joined.coverage_ND[same].max(0).tolist()
        strong = [other for other in same if joined.exact_N[other] == merged.exact_N[row]]
        best = joined.coverage_ND[strong, 0].max()
        named = {int(joined.alias_N[o]) for o in strong if joined.coverage_ND[o, 0] == best}
        assert merged.alias_N[row] in named


@given(candidate_rows())
def test_merging_twice_changes_nothing(rows: list[Row]) -> None:
    once = merge_candidates([candidates_of(rows)])
    twice = merge_candidates([once])
    for name in Candidates.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(once, name), getattr(twice, name))


def test_exact_wins_the_alias_and_keeps_the_soft_score() -> None:
    exact, soft = (0, 1, 2, 7, 3, 1, 0.0), (0, 1, 2, 7, 4, 0, 0.75)
    merged = merge_candidates([candidates_of([soft]), candidates_of([exact])])
    assert len(merged) == 1
    assert (merged.exact_N[0], merged.alias_N[0]) == (1, 3)
    assert merged.coverage_ND[0, 0] == pytest.approx(0.75)


# The best of a span.


@given(candidate_rows(), st.integers(0, 3))
def test_best_of_a_span_are_kept(rows: list[Row], most: int) -> None:
    every = merge_candidates([candidates_of(rows)])
    kept = keep_best_per_span(every, most)
    keys = [key_of(kept, row) for row in range(len(kept))]
    everything = [key_of(every, row) for row in range(len(every))]
    assert keys == [key for key in everything if key in set(keys)]  # a part, in order
    for span in {key[:3] for key in everything}:
        inside = [row for row, key in enumerate(everything) if key[:3] == span]
        exact = [row for row in inside if every.exact_N[row]]
        others = sorted(
            (float(every.coverage_ND[row, 0]) for row in inside if not every.exact_N[row]),
            reverse=True,
        )
        here = [row for row, key in enumerate(keys) if key[:3] == span]
        assert sum(int(kept.exact_N[row]) for row in here) == len(exact)
        soft = [float(kept.coverage_ND[row, 0]) for row in here if not kept.exact_N[row]]
        assert sorted(soft, reverse=True) == others[: max(most - len(exact), 0)]


@pytest.mark.parametrize("aliases", [(7, 3), (3, 7), (3, 9_999_999), (9_999_999, 9_999_998)])
def test_of_two_aliases_that_are_said_as_well_the_first_of_the_lexicon_is_named(aliases) -> None:
    rows = [(0, 0, 1, 0, alias, 0, 0.4) for alias in aliases]
    assert merge_candidates([candidates_of(rows)]).alias_N.tolist() == [min(aliases)]


def test_a_better_score_is_named_whatever_its_alias() -> None:
    better = float(np.nextafter(np.float32(0.4), np.float32(1)))
    rows = [(0, 0, 1, 0, 0, 0, 0.4), (0, 0, 1, 0, 9_999_999, 0, better)]
    assert merge_candidates([candidates_of(rows)]).alias_N.tolist() == [9_999_999]
