"""Relations as a picture in SVG: a text, so no plotting library is needed, and browsers draw it.

Nodes are concepts (coloured by bucket) and segments (squares), edges are relations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log, sqrt

import numpy as np

from lvmh_jax.records import BUCKETS, Concept
from lvmh_jax.stages.layout import lay_out
from lvmh_jax.stages.relations import ALIKE, SEGMENT, Relation

WIDTH, HEIGHT, MARGIN = 1400, 1000, 110
MOST_EDGES = 80  # the surest: beyond, lines hide each other
# Okabe and Ito's colours, which the colour-blind tell apart, one a bucket.
COLOURS = dict(
    zip(
        BUCKETS,
        ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777"),
        strict=True,
    )
)
LONGEST = 32  # characters of a label; the whole of it is shown under the pointer
STYLE = (
    "text{font:12px sans-serif;fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke}"
    ".edge{stroke:#999;stroke-opacity:.6}"
)


def draw_graph(
    relations: Sequence[Relation], concepts: Sequence[Concept], held: Mapping[str, int]
) -> str:
    """Draws the first relations of each kind.

    Args:
      relations: the surest first.
      concepts: of the lexicon, for labels and colours.
      held: how many clients each concept or segment has, for the size of its node.

    Returns: an SVG document.
    """
    chosen = choose_edges(relations)
    names = list(dict.fromkeys(end for each in chosen for end in _ends(each)))
    row_of = {name: row for row, name in enumerate(names)}
    edges_E2 = np.array([[row_of[end] for end in _ends(each)] for each in chosen], np.int64)
    pull_E = np.array([0.5 + log(1 + max(each.lift or 1, 1)) / 2 for each in chosen])
    place_N2 = lay_out(len(names), edges_E2.reshape(-1, 2), pull_E)
    x_N = (MARGIN + place_N2[:, 0] * (WIDTH - 2 * MARGIN)).round(1).tolist()
    y_N = (MARGIN / 2 + place_N2[:, 1] * (HEIGHT - 1.5 * MARGIN)).round(1).tolist()
    known = {each.concept_id: each for each in concepts}
    lines = [_line(each, x_N, y_N, row_of) for each in chosen]
    marks = [_mark(end, x, y, known, held) for end, x, y in zip(names, x_N, y_N, strict=True)]
    shapes, labels = [shape for shape, _ in marks], [label for _, label in marks]
    frame = _frame(len(chosen), len(relations))
    return "\n".join([*frame, *lines, *shapes, *labels, "</svg>", ""])


def choose_edges(relations: Sequence[Relation]) -> list[Relation]:
    """The surest; alike pairs, which nothing tested, fill what room is left."""
    tested = [each for each in relations if each.kind != ALIKE]
    alike = [each for each in relations if each.kind == ALIKE]
    tested = sorted(tested, key=lambda each: each.q_value or 0.0)
    return [*tested, *alike][:MOST_EDGES]


def _ends(relation: Relation) -> tuple[str, str]:
    """Names of the nodes; that of a segment cannot be a concept's."""
    is_segment = relation.kind == SEGMENT
    return relation.source, f"{SEGMENT} {relation.target}" if is_segment else relation.target


def _frame(shown: int, known: int) -> list[str]:
    key = [
        f'<circle cx="{30 + 190 * place}" cy="{HEIGHT - 24}" r="7" fill="{colour}"/>'
        f'<text x="{42 + 190 * place}" y="{HEIGHT - 20}">{escape(bucket)}</text>'
        for place, (bucket, colour) in enumerate(COLOURS.items())
    ]
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>What goes with what: {shown} of {known} relations</title>",
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
        *key,
    ]


def _line(
    relation: Relation, x_N: Sequence[float], y_N: Sequence[float], row_of: Mapping[str, int]
) -> str:
    first, second = (row_of[end] for end in _ends(relation))
    width = 1 + log(max(relation.lift or 1, 1))
    dashes = ' stroke-dasharray="4 4"' if relation.kind == ALIKE else ""
    told = f"{relation.source}, {relation.target}: {relation.kind}, {relation.n_clients} clients"
    lift = "" if relation.lift is None else f", lift {relation.lift:.2f}"
    return (
        f'<line class="edge" x1="{x_N[first]}" y1="{y_N[first]}" x2="{x_N[second]}" '
        f'y2="{y_N[second]}" stroke-width="{width:.1f}"{dashes}>'
        f"<title>{escape(told + lift)}</title></line>"
    )


def _mark(
    name: str, x: float, y: float, known: Mapping[str, Concept], held: Mapping[str, int]
) -> tuple[str, str]:
    """Shape and label of a node; labels are drawn after all shapes, so that none is covered."""
    concept = known.get(name)
    size = min(4 + sqrt(held.get(name, 0)), 14)
    if concept is None:
        label, top = name.removeprefix(f"{SEGMENT} "), round(y - size, 1)
        shape = f'<rect x="{x - size:.1f}" y="{top}" width="{2 * size:.1f}" height="{2 * size:.1f}"'
        shape += ' fill="#333"/>'
    else:
        label = concept.label
        shape = f'<circle cx="{x}" cy="{y}" r="{size:.1f}" fill="{COLOURS[concept.bucket]}"/>'
    below = round(y + size + 12, 1)
    short = label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"
    told = f"<title>{escape(label)}</title>" if short != label else ""
    return shape, f'<text x="{x}" y="{below}" text-anchor="middle">{escape(short)}{told}</text>'
