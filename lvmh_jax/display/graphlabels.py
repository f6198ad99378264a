"""Where the labels of a graph are written: beside their nodes, and never on each other.

A greedy answer to the point-feature label placement problem (Christensen, Marks and Shieber, 1995):
the more important node chooses first among eight places around it. Where all are taken, a number is
written instead, for a list beside the picture: a label that is half covered tells nothing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
FONT = 12  # px
HEIGHT = 15.0  # of a line of text: letters and what hangs below
BASELINE = 3.5  # px above the bottom of the line
GAP = 2.0  # px between a node and its label
# Widths in em, a little more than DejaVu Sans has, the widest of the usual sans-serif fonts.
NARROW, USUAL, BROAD, FULL = 0.42, 0.64, 0.86, 1.05
NARROW_LETTERS = frozenset("fijlrtI.,:;'|!()[]/- ")
BROAD_LETTERS = frozenset("wOQGDNH&+<>…жшщюыфмЖШЩЮЫФМД")
FULL_LETTERS = frozenset("mMW%@")
SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
ANCHORS = {-1: "end", 0: "middle", 1: "start"}
DIAGONAL = 0.7  # of a node's radius: where its edge is, at a corner
STEP = 6.0  # px between the points that stand for a line


class Node(NamedTuple):
    """A node to label; `size` is its radius, `text` one line or more."""

    x: float
    y: float
    size: float
    text: str


class Label(NamedTuple):
    """A label where it is written; `number` is its place in the list, 0 where it needs none."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    anchor: str
    number: int = 0

    @property
    def x(self) -> float:
        """Where SVG wants the anchor."""
        places = {"start": self.left, "end": self.right}
        return places.get(self.anchor, (self.left + self.right) / 2)

    @property
    def y_of_lines(self) -> list[float]:
        """The baseline of each line."""
        count = self.text.count("\n")
        return [self.bottom - BASELINE - HEIGHT * (count - row) for row in range(count + 1)]


def measure_text(text: str) -> float:
    """About how many px a text is wide; a little more rather than less.

    >>> measure_text("Boat") < measure_text("Watch") < measure_text("シルクスカーフ")
    True
    """
    return FONT * sum(map(_measure_letter, text))


def _measure_letter(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0.0
    if letter in FULL_LETTERS or unicodedata.east_asian_width(letter) in "WF":
        return FULL
    if letter in BROAD_LETTERS:
        return BROAD
    return NARROW if letter in NARROW_LETTERS else USUAL + 0.08 * letter.isupper()


def place_labels(
    nodes: Sequence[Node],
    order: Iterable[int],
    lines_E4: Reals,
    frame: tuple[float, float, float, float],
) -> list[Label]:
    """Places a label a node: where it is free, and there where the fewest lines run through it.

    Args:
      nodes: which do not lie on each other.
      order: all rows of them, the most important first.
      lines_E4: float64 x, y of both ends of each line.
      frame: left, top, right and bottom of what may be written on.

    Returns: a label for each node; of those with a number, the text is that number.
    """
    points_P2 = _sample(lines_E4)
    taken = [_reserve(node) for node in nodes]
    placed: dict[int, Label] = {}
    listed: list[int] = []
    for row in order:
        label = _find_place(nodes[row], row, taken, points_P2, frame)
        if label is None:
            listed.append(row)
        else:
            placed[row] = label
            taken.append(label[1:5])
    for number, row in enumerate(listed, 1):
        node = nodes[row]._replace(text=str(number))
        label = _find_place(node, row, taken, points_P2, frame) or _put(node, 0, 0)
        placed[row] = label._replace(number=number)
        taken.append(label[1:5])
    return [placed[row] for row in range(len(nodes))]


def _find_place(
    node: Node,
    row: int,
    taken: Sequence[tuple[float, ...]],
    points_P2: Reals,
    frame: tuple[float, float, float, float],
) -> Label | None:
    boxes_T4 = np.array([*taken[:row], *taken[row + 1 :]], np.float64).reshape(-1, 4)
    free = []
    for across, down in SIDES:
        label = _put(node, across, down)
        left, top, right, bottom = label[1:5]
        inside = left >= frame[0] and top >= frame[1] and right <= frame[2] and bottom <= frame[3]
        apart_T = (boxes_T4[:, 0] >= right) | (boxes_T4[:, 2] <= left)
        apart_T |= (boxes_T4[:, 1] >= bottom) | (boxes_T4[:, 3] <= top)
        if inside and apart_T.all():
            free.append(label)
    return min(free, key=lambda label: _count_inside(points_P2, label), default=None)


def _put(node: Node, across: int, down: int) -> Label:
    """The label at a side of its node, or in the middle of it where both are 0."""
    lines = node.text.split("\n")
    width, height = max(map(measure_text, lines)), HEIGHT * len(lines)
    reach = node.size * (DIAGONAL if across and down else 1) + GAP
    x = node.x + across * (reach + width / 2)
    y = node.y + down * (reach + height / 2)
    sides = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Label(node.text, *sides, ANCHORS[across])


def _reserve(node: Node) -> tuple[float, float, float, float]:
    """The room of a node, in which a number of two digits can be written if need be."""
    wide, high = max(node.size, measure_text("00") / 2), max(node.size, HEIGHT / 2)
    return node.x - wide, node.y - high, node.x + wide, node.y + high


def _sample(lines_E4: Reals) -> Reals:
    """Points along the lines, close enough that no label lies between two of them."""
    pieces = [np.zeros((0, 2))]
    for x1, y1, x2, y2 in lines_E4.tolist():
        count = 2 + int(np.hypot(x2 - x1, y2 - y1) / STEP)
        pieces.append(np.linspace((x1, y1), (x2, y2), count))
    return np.concatenate(pieces)


def _count_inside(points_P2: Reals, label: Label) -> int:
    x_P, y_P = points_P2[:, 0], points_P2[:, 1]
    inside_P = (x_P > label.left) & (x_P < label.right) & (y_P > label.top) & (y_P < label.bottom)
    return int(inside_P.sum())
