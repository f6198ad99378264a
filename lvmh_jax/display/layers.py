"""Overlapping spans of a text: which layer each is drawn on, and the pieces between their ends.

Offsets are half-open and count Unicode code points.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

Interval = tuple[int, int]


class Piece(NamedTuple):
    """A stretch of a text within which no span starts or ends.

    Attributes:
      start: offset of its first character.
      text: its characters, at least one.
      rows: the spans that cover it, by layer.
    """

    start: int
    text: str
    rows: tuple[int, ...]


def assign_layers(intervals: Sequence[Interval]) -> list[int]:
    """Gives each interval the lowest layer that is free all along it, the longer one first.

    Greedy by start is optimal: there are as many layers as intervals at the fullest place.

    >>> assign_layers([(0, 4), (2, 9), (5, 7)])
    [0, 1, 0]
    """
    layers = [0] * len(intervals)
    free: list[int] = []
    busy: list[tuple[int, int]] = []  # (end, layer)
    used = 0
    for row in sorted(range(len(intervals)), key=lambda r: (intervals[r][0], -intervals[r][1])):
        start, end = intervals[row]
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            layers[row] = heapq.heappop(free)
        else:
            layers[row], used = used, used + 1
        heapq.heappush(busy, (end, layers[row]))
    return layers


def cut_pieces(text: str, spans: Sequence[Interval]) -> list[Piece]:
    """Cuts a text where spans start and end; the pieces in their order are the text.

    Args:
      text: may be empty: then there is no piece.
      spans: each at least one character of the text; they may overlap in any way.

    Raises:
      ValueError: a span is empty or not within the text.

    >>> [(piece.text, piece.rows) for piece in cut_pieces("red bag", [(0, 3), (0, 7)])]
    [('red', (1, 0)), (' bag', (1,))]
    """
    starts, ends = defaultdict(list), defaultdict(list)
    for row, (start, end) in enumerate(spans):
        if not 0 <= start < end <= len(text):
            raise ValueError(f"span [{start}, {end}) in a text of {len(text)} characters")
        starts[start].append(row)
        ends[end].append(row)
    layers = assign_layers(spans)
    borders = sorted({0, len(text), *starts, *ends})
    pieces: list[Piece] = []
    covering: set[int] = set()
    for start, end in pairwise(borders):
        covering.difference_update(ends[start])
        covering.update(starts[start])
        rows = tuple(sorted(covering, key=layers.__getitem__))
        pieces.append(Piece(start, text[start:end], rows))
    return pieces
