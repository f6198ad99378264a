"""Measuring without gold: what is right, what is wrong, and what nobody knows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.evaluate.heldout import HeldOutScore, score_heldout
from lvmh_jax.records import ML_ENHANCED, RULE_BASED, Alias, Mention, Note

CONCEPTS = ("bag", "black", "sale")
ALIASES = (
    Alias("handbag", 0),
    Alias("sac", 0),
    Alias("noir", 1),
    Alias("noir", 2),
    Alias("black", 1),
)
#        0         10        20
TEXT = "a handbag, a sac, black, noir"
HANDBAG, SAC, BLACK, NOIR = (2, 9), (13, 16), (18, 23), (25, 29)


def score(mentions: list[Mention], *hidden: int, texts: tuple[str, ...] = (TEXT,)) -> HeldOutScore:
    index: Any = SimpleNamespace(aliases=ALIASES, matcher=DictionaryMatcher(ALIASES))
    notes = [Note(f"N{row}", "C", text) for row, text in enumerate(texts)]
    hidden_A = np.isin(np.arange(len(ALIASES)), hidden)
    return score_heldout(notes, mentions, index, hidden_A, CONCEPTS)


def found(concept: str, span: tuple[int, int], method: str = ML_ENHANCED, note: int = 0) -> Mention:
    return Mention(f"N{note}", concept, "", *span, 0.5, method)


def counts(scored: HeldOutScore) -> tuple[int, int, int]:
    total = scored.total
    return total.tp, total.predicted, total.gold


def test_the_places_are_where_the_test_believes() -> None:
    spans = [(hit.start, hit.end) for hit in DictionaryMatcher(ALIASES).find(TEXT)]
    assert spans == [HANDBAG, SAC, BLACK, NOIR]


@pytest.mark.parametrize(
    ("mentions", "expected", "unjudged"),
    [
        # handbag (row 0) and black (row 4) are hidden.
        ([], (0, 0, 2), 0),
        ([found("bag", HANDBAG)], (1, 1, 2), 0),
        ([found("bag", (0, 5))], (1, 1, 2), 0),  # an overlap will do
        ([found("bag", HANDBAG), found("black", BLACK)], (2, 2, 2), 0),
        ([found("bag", HANDBAG), found("bag", (0, 5))], (1, 1, 2), 0),  # one place, once
        ([found("black", HANDBAG)], (0, 1, 2), 0),
        ([found("bag", HANDBAG), found("sale", HANDBAG)], (1, 2, 2), 0),
        # What the dictionary shows anyway is neither right nor wrong ...
        ([found("bag", SAC, RULE_BASED)], (0, 0, 2), 0),
        ([found("bag", SAC)], (0, 0, 2), 0),
        # ... and is wrong where a learned mention contradicts it.
        ([found("black", SAC)], (0, 1, 2), 0),
        ([found("black", SAC, RULE_BASED)], (0, 0, 2), 0),
        # Elsewhere nobody knows.
        ([found("sale", (9, 11))], (0, 0, 2), 1),
        ([found("sale", (9, 11), RULE_BASED)], (0, 0, 2), 0),
        ([found("sale", (None, None))], (0, 0, 2), 1),
    ],
)
def test_mentions_are_judged_where_the_dictionary_speaks(
    mentions: list[Mention], expected: tuple[int, int, int], unjudged: int
) -> None:
    scored = score(mentions, 0, 4)
    assert counts(scored) == expected
    assert scored.unjudged == unjudged


def test_an_alias_of_two_concepts_is_hidden_when_it_is_for_both() -> None:
    assert counts(score([], 2)) == (0, 0, 0)
    assert counts(score([], 2, 3)) == (0, 0, 1)
    for concept in ("black", "sale"):
        assert counts(score([found(concept, NOIR)], 2, 3)) == (1, 1, 1)
    assert counts(score([found("bag", NOIR)], 2, 3)) == (0, 1, 1)


def test_notes_are_counted_apart() -> None:
    texts = ("handbag", "", "handbag handbag")
    mentions = [found("bag", (0, 7), note=2), found("sale", (0, 7), note=0)]
    scored = score(mentions, 0, texts=texts)
    assert scored.counts_B3.tolist() == [[0, 1, 1], [0, 0, 0], [1, 1, 2]]
    total = scored.total
    assert (total.precision, total.recall) == (0.5, pytest.approx(1 / 3))


def test_a_mention_of_another_note_finds_nothing() -> None:
    scored = score([found("bag", (0, 7), note=1)], 0, texts=("handbag", "nothing"))
    assert scored.counts_B3.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert scored.unjudged == 1


def test_no_notes_score_nothing() -> None:
    assert counts(score([], 0, texts=())) == (0, 0, 0)


mentions = st.lists(
    st.builds(
        lambda concept, start, length, method: found(concept, (start, start + length), method),
        st.sampled_from(CONCEPTS),
        st.integers(0, 28),
        st.integers(1, 9),
        st.sampled_from([ML_ENHANCED, RULE_BASED]),
    ),
    max_size=6,
)


@given(mentions, st.sets(st.integers(0, len(ALIASES) - 1)))
def test_figures_stay_in_their_bounds(listed: list[Mention], hidden: set[int]) -> None:
    scored = score(listed, *hidden)
    right, judged, places = counts(scored)
    assert 0 <= right <= places
    assert right <= judged <= places + len(listed)
    assert counts(score(listed[::-1], *hidden)) == (right, judged, places)
    assert counts(score([*listed, *listed], *hidden))[0] == right
