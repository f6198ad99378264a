"""A map of the concepts: their vectors in two dimensions, a point each, coloured by bucket.

Near points are concepts that training found alike; two dimensions keep a part of it only, and the
page says which part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.display.colours import COLOURS
from lvmh_jax.display.page import quote, shorten
from lvmh_jax.records import BUCKETS, Concept

Floats = NDArray[np.float64]

WIDTH, HEIGHT, MARGIN = 1000, 640, 24
MOST_POINTS = 15_000  # beyond, a browser takes seconds to draw them
MOST_LABELS = 40
LABEL_LONGEST = 26
TITLE_BYTES = 1_000_000  # of all names under the pointer together
LABEL_BOX = (7.0, 15.0)  # cells of a label: width of a character, height of a line
NARROW = (0.001, 0.999)  # beyond, a point stands on the edge: one would shrink all the rest


class Projection(NamedTuple):
    """Places_C2 in [0, 1], and the share of the variance that they keep."""

    place_C2: Floats
    kept: float


def project(vectors_CD: NDArray[np.floating]) -> Projection:
    """Projects vectors onto their two directions of greatest variance (PCA).

    The sign of a direction is arbitrary; we fix it so that its largest weight is positive, or two
    runs would give mirrored maps.

    Args:
      vectors_CD: float, any number of rows and columns.

    Returns: float64 places_C2 in [0, 1], clipped at the outermost thousandths.

    >>> project(np.array([[0.0, 0.0], [1.0, 0.0]])).place_C2[:, 0].round(3).tolist()
    [0.0, 1.0]
    """
    rows, width = vectors_CD.shape
    if not rows or not width:
        return Projection(np.full((rows, 2), 0.5), 0.0)
    centred_CD = np.asarray(vectors_CD, np.float64) - np.mean(vectors_CD, axis=0, dtype=np.float64)
    variance_D, axes_DD = np.linalg.eigh(centred_CD.T @ centred_CD)
    axes_D2 = axes_DD[:, ::-1][:, :2]
    largest = np.argmax(np.abs(axes_D2), axis=0)
    axes_D2 = axes_D2 * np.where(axes_D2[largest, np.arange(axes_D2.shape[1])] < 0, -1.0, 1.0)
    place_C2 = np.zeros((rows, 2))
    place_C2[:, : axes_D2.shape[1]] = centred_CD @ axes_D2
    low_2, high_2 = np.quantile(place_C2, NARROW, axis=0)
    span_2 = np.where(high_2 > low_2, high_2 - low_2, 1.0)
    scaled_C2 = np.clip((place_C2 - low_2) / span_2, 0.0, 1.0)
    total = float(variance_D.sum())
    kept = float(variance_D[::-1][:2].sum()) / total if total > 0 else 0.0
    return Projection(np.where(high_2 > low_2, scaled_C2, 0.5), kept)


def draw_map(title: str, concepts: Sequence[Concept], place_C2: Floats) -> str:
    """Draws a point a concept; its name is under the pointer, and some are written out.

    Args:
      title: for who does not see the picture.
      concepts: row by row those of the places; of very many an even part is drawn.
      place_C2: in [0, 1].

    Returns: an SVG element of at most about 2.5 MB.
    """
    rows = spread_rows(len(concepts), MOST_POINTS)
    x_C = (MARGIN + place_C2[:, 0] * (WIDTH - 2 * MARGIN)).round(1).tolist()
    y_C = (MARGIN + (1 - place_C2[:, 1]) * (HEIGHT - 2 * MARGIN)).round(1).tolist()
    longest = max(TITLE_BYTES // max(len(rows), 1), 20)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        concept = concepts[row]
        bucket = concept.bucket if concept.bucket in COLOURS else "other"
        name = quote(cut_bytes(concept.label or concept.concept_id, longest))
        groups[bucket].append(
            f'<path d="M{x_C[row]:g} {y_C[row]:g}h.01"><title>{name}</title></path>'
        )
    size = 9 if len(rows) <= 500 else 6 if len(rows) <= 3000 else 4
    shapes = [
        f'<g stroke="var(--{bucket})" stroke-width="{size}" stroke-linecap="round" '
        f'stroke-opacity=".75">{"".join(groups[bucket])}</g>'
        for bucket in BUCKETS
        if bucket in groups
    ]
    labels = _draw_labels(concepts, rows, x_C, y_C)
    return (
        f'<svg class="wide" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{quote(title)}</title>\n" + "\n".join([*shapes, *labels]) + "\n</svg>"
    )


def spread_rows(count: int, most: int) -> list[int]:
    """At most `most` rows out of `count`, evenly spread.

    >>> spread_rows(10, 3)
    [0, 3, 6]
    """
    return list(range(count)) if count <= most else [each * count // most for each in range(most)]


def cut_bytes(text: str, most: int) -> str:
    """Shortens a text to about `most` bytes of UTF-8: budgets are bytes, labels may be Chinese."""
    raw = text.encode(errors="replace")
    return text if len(raw) <= most else raw[:most].decode(errors="ignore") + "…"


def _draw_labels(
    concepts: Sequence[Concept], rows: Sequence[int], x_C: Sequence[float], y_C: Sequence[float]
) -> list[str]:
    """Names that cover no other name, chosen all over the lexicon."""
    taken: list[tuple[float, float, float, float]] = []
    parts = []
    for row in spread_order(rows):
        label = shorten(concepts[row].label or concepts[row].concept_id, LABEL_LONGEST)
        # Characters beyond Latin are about twice as wide.
        wide = sum(LABEL_BOX[0] * (1 if char < "\u2e80" else 1.8) for char in label)
        left = min(max(x_C[row] - wide / 2, 2), WIDTH - wide - 2)
        box = (left, y_C[row] - 6 - LABEL_BOX[1], left + wide, y_C[row] - 6)
        if box[1] < 0 or any(_cross(box, other) for other in taken):
            continue
        taken.append(box)
        parts.append(
            f'<text class="label" x="{left + wide / 2:.1f}" y="{y_C[row] - 8:.1f}" '
            f'text-anchor="middle">{quote(label)}</text>'
        )
        if len(parts) == MOST_LABELS:
            break
    return parts


def spread_order(rows: Sequence[int]) -> list[int]:
    """Rows in steps of the golden section: any first part of them is spread over all.

    >>> spread_order([0, 1, 2, 3])
    [0, 2, 1, 3]
    """
    return sorted(rows, key=lambda row: row * 0.6180339887498949 % 1.0)


def _cross(
    first: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return (
        first[0] < other[2] and other[0] < first[2] and first[1] < other[3] and other[1] < first[3]
    )
