"""The figure of throughput.py: one line per system on logarithmic axes, labelled at its end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABEL_GAP = 0.055  # of the height of the axes: two lines of small print


@dataclass(frozen=True)
class Look:
    """Style of a line, in matplotlib's terms."""

    colour: str
    marker: str
    style: str = "-"
    bold: bool = False


def draw_rates(
    path: Path, points: Mapping[str, Sequence[tuple[int, float]]], looks: Mapping[str, Look]
) -> None:
    """Draws notes/s over the number of notes; the same figures give the same bytes.

    Args:
      path: the SVG to write.
      points: (notes, notes/s) of each system, sorted by notes.
      looks: style of each system.
    """
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    with pyplot.rc_context({"svg.hashsalt": "lvmh-jax"}):
        figure, axis = pyplot.subplots(figsize=(8, 4.6), layout="constrained")
        for name, line in points.items():
            notes, rates = zip(*line, strict=True)
            look = looks[name]
            axis.plot(
                notes, rates, look.style, marker=look.marker, color=look.colour,
                linewidth=2.2 if look.bold else 1.3, zorder=3 if look.bold else 2,
            )  # fmt: skip
        axis.set(xscale="log", yscale="log", xlabel="notes", ylabel="notes/s, without start-up")
        axis.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        for each in (axis.xaxis, axis.yaxis):
            each.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
            each.set_minor_formatter(ticker.NullFormatter())
        axis.margins(y=0.08)
        axis.grid(visible=True, which="major", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
        _label(axis, {name: line[-1] for name, line in points.items()}, looks)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def _label(axis: Any, ends: Mapping[str, tuple[int, float]], looks: Mapping[str, Look]) -> None:
    """Writes the names in a column on the right, each near the end of its line.

    The text is dark, because small print in light colours is hard to read; a thin line connects it.
    """
    low, high = (math.log10(limit) for limit in axis.get_ylim())
    heights = {name: (math.log10(rate) - low) / (high - low) for name, (_, rate) in ends.items()}
    for name, height in spread(heights, LABEL_GAP).items():
        look = looks[name]
        leader = {"arrowstyle": "-", "linestyle": ":", "color": look.colour, "linewidth": 0.8,
                  "shrinkA": 0, "shrinkB": 5, "relpos": (0, 0.5)}  # fmt: skip
        axis.annotate(
            name.replace("`", ""), ends[name], xytext=(1.03, height), textcoords="axes fraction",
            va="center", fontsize=9, color="#222222", arrowprops=leader,
            weight="bold" if look.bold else "normal",
        )  # fmt: skip


def spread(heights: Mapping[str, float], gap: float) -> dict[str, float]:
    """Moves heights up until each is at least `gap` above the one below, without reordering.

    >>> spread({"a": 0.50, "b": 0.10, "c": 0.52}, 0.25)
    {'b': 0.1, 'a': 0.5, 'c': 0.75}
    """
    moved: dict[str, float] = {}
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        moved[name] = max(height, max(moved.values(), default=-gap) + gap)
    return moved
