"""A note in a terminal: lines under the right cells, within the width, whatever the script."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lvmh_jax.display.page import show_characters
from lvmh_jax.display.terminal import PLAIN, break_lines, draw_note, wrap_cells
from lvmh_jax.records import NEGATED, Concept, Mention
from tests.display.texts import TEXTS, texts_with_spans

LABELS = {"a": Concept("a", "Alpha", (), "intent"), "b": Concept("b", "Beta", (), "lifestyle")}


def mention(concept: str, start: int | None, end: int | None, polarity: str = "affirmed"):
    return Mention("n1", concept, "alias", start, end, 0.5, polarity=polarity)


def draw(text: str, *found: Mention, width: int = 60) -> list[str]:
    lines = draw_note(text, found, LABELS, width, cell_len)
    return ["".join(run.text for run in line) for line in lines]


def drawing(text: str, *found: Mention, width: int = 60) -> list[str]:
    lines = draw(text, *found, width=width)
    return lines[: lines.index("")]


def test_overlapping_mentions_are_one_below_the_other() -> None:
    found = (mention("a", 0, 8), mention("b", 4, 12), mention("a", 9, 12, NEGATED))
    assert drawing("red gold bag", *found) == [
        "red gold bag",
        "1━━━━━━━ 3╌╌",
        "    2━━━━━━━",
    ]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("日本 旅行", "旅行", "     1━━━"),
        ("cafe\u0301 or", "or", "     1━"),
        ("🎁 or", "or", "   1━"),
        ("a b", "b", "  1"),
    ],
)
def test_lines_stand_under_their_cells(text: str, words: str, line: str) -> None:
    start = text.index(words)
    assert drawing(text, mention("a", start, start + len(words)))[1] == line


def test_a_mention_that_is_wrapped_is_underlined_on_both_lines() -> None:
    text = "123456789012345678 abcdefghij"
    assert drawing(text, mention("a", 14, 24), width=24) == [
        "123456789012345678",
        "              1━━━",
        "abcdefghij",
        "1━━━━",
    ]


@given(texts_with_spans(), st.integers(1, 70))
def test_no_line_is_wider_than_the_terminal(case, width: int) -> None:
    text, spans = case
    lines = draw(text, *(mention("a", *span) for span in spans), width=width)
    assert max(map(cell_len, lines)) <= max(width, 24)
    # No cell of the drawing is obeyed by the terminal.
    assert all(line == show_characters(line) for line in lines)


@given(TEXTS, st.integers(2, 30))
def test_lines_hold_every_character_once_but_line_feeds(text: str, width: int) -> None:
    lines = break_lines(text, width, cell_len)
    assert "".join(text[a:b] for a, b in lines) == text.replace("\n", "")
    between = "".join(text[b:c] for (_, b), (c, _) in pairwise(lines))
    assert set(between) <= {"\n"}
    assert all(cell_len(line) <= width for line in wrap_cells(text, width, cell_len))


def test_the_list_tells_label_confidence_polarity_words_and_alias() -> None:
    text = "\n".join(draw("no gold", mention("a", 3, 7, NEGATED), mention("b", None, None)))
    assert "1 Alpha  0.50  negated" in text
    assert '"gold", alias "alias", dictionary, intent' in text
    assert "2 Beta  0.50  affirmed" in text
    assert "whole note" in text
    assert "No concept was found." in draw("x")


def test_a_terminal_without_box_characters_gets_plain_ones() -> None:
    found = [mention("a", 0, 4), mention("b", 5, 8, NEGATED)]
    lines = draw_note("gold bag", found, LABELS, 60, cell_len, strokes=PLAIN)
    assert "".join(run.text for run in lines[1]) == "1=== 2--"


def test_right_to_left_text_says_that_lines_may_be_moved() -> None:
    assert "Right-to-left" in draw("حقيبة", mention("a", 0, 5))[0]
    assert "Right-to-left" not in draw("bag", mention("a", 0, 3))[0]
