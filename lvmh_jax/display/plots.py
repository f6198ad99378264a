"""The figures of an evaluation as one picture: curves on top, F1 by language and bucket below.

An SVG that stands alone. Its colours are those of a light page: a slide or a ticket is white.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lvmh_jax.display.charts import (
    WIDTH,
    Bar,
    Drawing,
    draw_bars,
    draw_reliability,
    draw_tradeoff,
)
from lvmh_jax.display.facts import group_of, list_of, number_of, show_f1, show_figure
from lvmh_jax.display.page import quote

GAP, HEAD, NAME = 28, 66, 26
# No variables and no media queries: viewers other than browsers read no more than this.
STYLE = (
    "text{fill:#1b1f24;font:13px system-ui,'DejaVu Sans','Noto Sans',sans-serif}"
    ".t{fill:#57606a;font-size:12px}.head{font-size:17px;font-weight:600}"
    ".name{font-size:14px;font-weight:600}.grid{stroke:#d0d7de;stroke-width:1;fill:none}"
    ".fine{stroke:#57606a;fill:none}"
)


def draw_figures(name: str, figures: Mapping[str, Any]) -> str:
    """Draws what `evaluate` measured, as an SVG document.

    Args:
      name: of the model.
      figures: as `evaluate` gives them; what was not measured is said to be so.
    """
    rows = (
        {
            "Precision by recall": draw_tradeoff(
                "precision by recall", list_of(figures, "precision_recall")
            ),
            "Share that is right, by confidence": draw_reliability(
                "share that is right, by confidence", list_of(figures, "reliability")
            ),
        },
        {
            title: draw_bars(title, list_bars(group_of(figures, key)))
            for key, title in (("by_language", "F1 by language"), ("by_bucket", "F1 by bucket"))
        },
    )
    parts, top = [], float(HEAD)
    for row in rows:
        for column, (title, drawing) in enumerate(row.items()):
            parts.append(_place(title, drawing, GAP + column * (WIDTH + GAP), top))
        top += max(drawing.height for drawing in row.values()) + NAME + GAP
    return _frame(name, figures, top, parts)


def list_bars(groups: Mapping[str, Any]) -> list[Bar]:
    """A bar each group that has an F1."""
    bars = []
    for name in groups:
        figures = group_of(groups, name)
        f1, support = number_of(figures.get("f1")), figures.get("gold")
        if f1 is not None:
            bars.append(Bar(name, f1, support=support if isinstance(support, int) else None))
    return bars


def _place(title: str, drawing: Drawing, left: float, top: float) -> str:
    """A drawing below its title."""
    said = f'<text class="name" x="{left:g}" y="{top + 14:g}">{quote(title)}</text>'
    return said + drawing.place_at(left, top + NAME)


def _frame(name: str, figures: Mapping[str, Any], height: float, parts: list[str]) -> str:
    wide = 2 * WIDTH + 3 * GAP
    f1 = show_f1(figures)
    told = f"{figures.get('protocol', '-')}, {show_figure(figures.get('notes'))} notes, F1 {f1}"
    lines = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{height:g}" '
        f'viewBox="0 0 {wide} {height:g}" role="img"><title>{quote(f"{name}: {told}")}</title>',
        f"<style>{STYLE}</style>",
        f'<rect width="{wide}" height="{height:g}" fill="#fff"/>',
        f'<text class="head" x="{GAP}" y="30">{quote(name)}</text>',
        f'<text class="t" x="{GAP}" y="50">{quote(told)}</text>',
        *parts,
        "</svg>\n",
    )
    return "\n".join(lines)
