"""A note with its mentions for a terminal: a row of underlines a layer, and the list beneath.

Cells are counted, not characters: a Chinese character takes two, a combining mark none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from lvmh_jax.display.colours import COLOURS
from lvmh_jax.display.layers import assign_layers, cut_pieces
from lvmh_jax.display.note import bucket_of, label_of, order_mentions, spans_of
from lvmh_jax.display.page import show_characters
from lvmh_jax.records import ML_ENHANCED, NEGATED, Concept, Mention

LEAST_WIDTH = 24
INDENT = 4  # of the list, below its numbers
RIGHT_TO_LEFT = frozenset({"R", "AL"})
MOVED = "Right-to-left text: a terminal may move the lines; the list quotes each place."


class Run(NamedTuple):
    """Some characters of a line in one style, as rich writes styles."""

    text: str
    style: str = ""


class Strokes(NamedTuple):
    """What lines are drawn with."""

    affirmed: str = "━"
    negated: str = "╌"


PLAIN = Strokes("=", "-")  # for a terminal whose encoding has no others
Line = list[Run]


def draw_note(
    text: str,
    mentions: Sequence[Mention],
    labels: Mapping[str, Concept],
    width: int,
    width_of: Callable[[str], int],
    strokes: Strokes = Strokes(),  # noqa: B008 - a frozen tuple
) -> list[Line]:
    """Lines of at most `width` cells: the note with its underlines, then what they mean.

    Args:
      text: of the note.
      mentions: of this note, in any order; they may overlap.
      labels: concept id to its entry in the lexicon.
      width: cells of the terminal; less than 24 is taken as 24.
      width_of: cells of a text.
      strokes: characters to underline with.

    Raises:
      ValueError: a mention's place is not within the text.
    """
    width = max(width, LEAST_WIDTH)
    ordered = order_mentions(mentions)
    placed = [mention for mention in ordered if mention.start is not None]
    shown = show_characters(text)
    lines: list[Line] = []
    sides = {unicodedata.bidirectional(char) for char in shown}
    if sides & RIGHT_TO_LEFT and placed:
        lines += [[Run(part, "dim")] for part in wrap_cells(MOVED, width, width_of)]
    # Room for a number that is longer than what it stands under.
    room = width - len(str(len(placed)))
    for start, end in break_lines(shown, room, width_of):
        lines += _draw_line(shown, start, end, placed, labels, width_of, strokes)
    lines.append([])
    for number, mention in enumerate(ordered, start=1):
        lines += _list_mention(shown, number, mention, labels, width, width_of)
    return lines if ordered else [*lines, [Run("No concept was found.")]]


def break_lines(text: str, width: int, width_of: Callable[[str], int]) -> list[tuple[int, int]]:
    """Where lines of at most `width` cells start and end, broken behind spaces where there are any.

    A line feed is in no line; every other character is in one.

    >>> break_lines("red bag", 5, len)
    [(0, 4), (4, 7)]
    """
    lines: list[tuple[int, int]] = []
    start, cells, place, space = 0, 0, 0, 0
    while place < len(text):
        char = text[place]
        if char == "\n":
            lines.append((start, place))
            start, cells, place = place + 1, 0, place + 1
            space = start
            continue
        wide = width_of(char)
        # A space may hang over the edge, where nobody sees it.
        if cells + wide > width and char != " " and place > start:
            stop = space if space > start else place
            lines.append((start, stop))
            start, place, cells = stop, stop, 0
            space = start
            continue
        cells += wide
        place += 1
        if char == " ":
            space = place
    return [*lines, (start, len(text))]


def wrap_cells(text: str, width: int, width_of: Callable[[str], int]) -> list[str]:
    """A text as lines of at most `width` cells, without the spaces they were broken at."""
    flat = text.replace("\n", " ")
    return [flat[start:end].rstrip() for start, end in break_lines(flat, width, width_of)]


def _draw_line(
    text: str,
    start: int,
    end: int,
    mentions: Sequence[Mention],
    labels: Mapping[str, Concept],
    width_of: Callable[[str], int],
    strokes: Strokes,
) -> Iterator[Line]:
    """A line of the text, and the underlines of what is in it."""
    line = text[start:end].rstrip(" ")
    end = start + len(line)
    here = [
        (row, max(first, start) - start, min(last, end) - start)
        for row, (first, last) in enumerate(spans_of(mentions))
        if first < end and last > start
    ]
    pieces = cut_pieces(line, [(first, last) for _, first, last in here])
    yield [
        Run(piece.text, _text_style([mentions[here[each][0]] for each in piece.rows]))
        for piece in pieces
    ]
    column = list(accumulate(map(width_of, line), initial=0))
    marks = []
    for row, first, last in here:
        number = str(row + 1)
        cells = max(column[last] - column[first], len(number))
        denied = mentions[row].polarity == NEGATED
        stroke = number + (strokes.negated if denied else strokes.affirmed) * (cells - len(number))
        style = COLOURS[bucket_of(mentions[row].concept_id, labels)]
        marks.append((column[first], Run(stroke, f"bold {style}")))
    layers = assign_layers([(left, left + len(run.text)) for left, run in marks])
    for layer in range(max(layers, default=-1) + 1):
        yield _lay_row([mark for mark, at in zip(marks, layers, strict=True) if at == layer])


def _lay_row(marks: Sequence[tuple[int, Run]]) -> Line:
    row: Line = []
    at = 0
    for left, run in sorted(marks, key=lambda mark: mark[0]):
        row += [Run(" " * (left - at)), run]
        at = left + len(run.text)
    return row


def _text_style(covering: Sequence[Mention]) -> str:
    if not covering:
        return ""
    return "bold strike" if all(each.polarity == NEGATED for each in covering) else "bold"


def _list_mention(
    text: str,
    number: int,
    mention: Mention,
    labels: Mapping[str, Concept],
    width: int,
    width_of: Callable[[str], int],
) -> Iterator[Line]:
    bucket = bucket_of(mention.concept_id, labels)
    label = show_characters(label_of(mention.concept_id, labels))
    head = f"{label}  {mention.confidence:.2f}  {mention.polarity}"
    colour = COLOURS[bucket]
    for place, part in enumerate(wrap_cells(head, width - INDENT, width_of)):
        lead = f"{number:>{INDENT - 1}} " if place == 0 else " " * INDENT
        yield [Run(lead, f"bold {colour}"), Run(part, "bold")]
    found = "whole note" if mention.start is None else f'"{text[mention.start : mention.end]}"'
    alias = f' alias "{show_characters(mention.alias)}",' if mention.alias else ""
    by = "learned" if mention.method == ML_ENHANCED else "dictionary"
    about = f"{found},{alias} {by}, {bucket}"
    for part in wrap_cells(about, width - INDENT, width_of):
        yield [Run(" " * INDENT), Run(part, "dim")]
