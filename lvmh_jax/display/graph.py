"""Relations as a graph in SVG, which is text: no plotting library is needed, and browsers draw it.

Nodes are concepts (coloured by bucket) and segments (squares), edges are relations; a key at the
bottom says so. A label without room (`display.graphlabels`) goes into a numbered list at the right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from math import log, sqrt

import numpy as np

from lvmh_jax.display.colours import COLOURS
from lvmh_jax.display.graphlabels import Label, Node, place_labels
from lvmh_jax.display.graphlayout import lay_out
from lvmh_jax.records import Concept
from lvmh_jax.stages.relations import ALIKE, SEGMENT, TOGETHER, Relation

WIDTH, HEIGHT, MARGIN = 1400, 1000, 110
FRAME = (4.0, 4.0, WIDTH - 4.0, HEIGHT - 76.0)  # of the labels: below is the key
LIST_WIDTH, LIST_STEP = 440, 17  # px of a column of labels that had no room, and of its lines
LIST_LINES = (HEIGHT - 100) // LIST_STEP
KEY_SIZES = (1, 25, 100)  # clients
_DRAWN = (TOGETHER, SEGMENT, ALIKE)
SMALLEST, LARGEST = 4, 14  # px, radius of a node
MOST_EDGES = 80  # beyond, lines hide each other
# Solid what was tested; dots and dashes what was not.
DASHES = {
    SEGMENT: ' stroke-dasharray="1 5" stroke-linecap="round"',
    ALIKE: ' stroke-dasharray="7 5"',
}
# Characters of a line of a label, and of a label in the list; the whole of it is shown under the
# pointer. Names of segments are of two concepts: some fifty, seldom sixty.
LONGEST, LONGEST_LISTED = 32, 60
STYLE = (
    "text{font:12px system-ui,'DejaVu Sans','Noto Sans',sans-serif;"
    "fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke}"
    ".edge{stroke:#999;stroke-opacity:.6}"
)


def draw_graph(
    relations: Sequence[Relation], concepts: Sequence[Concept], held: Mapping[str, int]
) -> str:
    """Draws the first relations of each kind.

    Args:
      relations: of each kind the most telling first.
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
    text_of = {name: _name(name, known) for name in names}
    nodes = [
        Node(x, y, size_node(held.get(name, 0)), wrap_label(text_of[name]))
        for name, x, y in zip(names, x_N, y_N, strict=True)
    ]
    lines_E4 = np.array([[*nodes[a][:2], *nodes[b][:2]] for a, b in edges_E2], np.float64)
    labels = place_labels(nodes, _rank(names, chosen, held), lines_E4.reshape(-1, 4), FRAME)
    texts = [_write(label, text_of[name]) for name, label in zip(names, labels, strict=True)]
    pairs = zip(labels, names, strict=True)
    listed = sorted((label.number, text_of[name]) for label, name in pairs if label.number)
    lines = [_line(each, x_N, y_N, row_of) for each in chosen]
    shapes = [_mark(node, known.get(name)) for name, node in zip(names, nodes, strict=True)]
    columns = -(-len(listed) // LIST_LINES)
    frame = _frame(len(chosen), len(relations), WIDTH + columns * LIST_WIDTH)
    key = [*_key_of_buckets(), *_key_of_shapes()]
    return "\n".join([*frame, *key, *lines, *shapes, *texts, *_list(listed), "</svg>", ""])


def choose_edges(relations: Sequence[Relation]) -> list[Relation]:
    """The surest; what nothing tested fills the room that is left, segments before alike pairs."""
    return sorted(relations, key=lambda each: (_DRAWN.index(each.kind), each.q_value or 0.0))[
        :MOST_EDGES
    ]


def _ends(relation: Relation) -> tuple[str, str]:
    """Names of the nodes; that of a segment cannot be a concept's."""
    is_segment = relation.kind == SEGMENT
    return relation.source, f"{SEGMENT} {relation.target}" if is_segment else relation.target


def size_node(clients: int) -> float:
    """Radius of a node, px."""
    return min(SMALLEST + sqrt(clients), LARGEST)


def _name(node: str, known: Mapping[str, Concept]) -> str:
    return known[node].label if node in known else node.removeprefix(f"{SEGMENT} ")


def wrap_label(label: str) -> str:
    r"""A label in one line, or in two of about a length; what is longer ends at a word.

    >>> wrap_label("Orange blossom + Light or discreet scent")
    'Orange blossom + Light\nor discreet scent'
    """
    if len(label) <= LONGEST:
        return label
    blanks = [place for place, letter in enumerate(label) if letter == " "]
    middle = min(blanks, key=lambda place: abs(2 * place - len(label)), default=0)
    if max(middle, len(label) - middle - 1) <= LONGEST:
        return f"{label[:middle]}\n{label[middle + 1 :]}"
    first = _cut(label, LONGEST)
    return f"{first}\n{_shorten(label[len(first) :].lstrip(), LONGEST)}"


def _shorten(label: str, longest: int) -> str:
    return label if len(label) <= longest else _cut(label, longest - 1) + "…"


def _cut(label: str, longest: int) -> str:
    """The beginning of a label, up to a word where one ends in its second half."""
    blank = label.rfind(" ", longest // 2, longest + 1)
    return label[: blank if blank >= 0 else longest].rstrip()


def _rank(names: Sequence[str], chosen: Sequence[Relation], held: Mapping[str, int]) -> list[int]:
    """Rows of nodes, the one with the most relations and then clients first."""
    degree = Counter(end for each in chosen for end in _ends(each))
    return sorted(range(len(names)), key=lambda n: (-degree[names[n]], -held.get(names[n], 0), n))


def _frame(shown: int, known: int, width: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" role="img">',
        f"<title>What goes with what: {shown} of {known} relations</title>",
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
    ]


def _key_of_buckets() -> list[str]:
    return [
        f'<circle cx="{30 + 190 * place}" cy="{HEIGHT - 24}" r="7" fill="{colour}"/>'
        f'<text x="{42 + 190 * place}" y="{HEIGHT - 20}">{escape(bucket)}</text>'
        for place, (bucket, colour) in enumerate(COLOURS.items())
    ]


def _key_of_shapes() -> list[str]:
    """What shapes, lines and sizes mean; a path and no line, for lines are relations."""
    y, text = HEIGHT - 52, HEIGHT - 48
    sizes = [
        f'<circle cx="{1160 + 36 * place}" cy="{y}" r="{size_node(count):g}" fill="#bbb"/>'
        for place, count in enumerate(KEY_SIZES)
    ]
    counts = ", ".join(map(str, KEY_SIZES))
    lines = (
        (335, 3, "", "go together, tested; thicker: higher lift"),
        (650, 3, DASHES[SEGMENT], "describes a segment, untested"),
        (893, 2, DASHES[ALIKE], "alike by their vectors, untested"),
    )
    return [
        f'<rect x="23" y="{y - 7}" width="14" height="14" fill="#333"/>'
        f'<text x="42" y="{text}">segment</text>'
        f'<circle cx="112" cy="{y}" r="7" fill="#fff" stroke="#333"/>'
        f'<text x="124" y="{text}">concept, coloured by its bucket</text>',
        *(
            f'<path class="edge" d="M{x} {y}h40" stroke-width="{width}"{dashes}/>'
            f'<text x="{x + 48}" y="{text}">{told}</text>'
            for x, width, dashes, told in lines
        ),
        *sizes,
        f'<text x="{1160 + 36 * len(KEY_SIZES)}" y="{text}">{counts} clients</text>',
    ]


def _list(listed: Sequence[tuple[int, str]]) -> list[str]:
    """The labels that had no room, by number."""
    lines = [f'<text x="{WIDTH}" y="36">Labels that had no room:</text>'] if listed else []
    for place, (number, label) in enumerate(listed):
        column, row = divmod(place, LIST_LINES)
        x, y = WIDTH + column * LIST_WIDTH, 60 + row * LIST_STEP
        short = escape(_shorten(label, LONGEST_LISTED))
        lines.append(f'<text x="{x}" y="{y}">{number} {short}</text>')
    return lines


def _write(label: Label, whole: str) -> str:
    """A label; what is cut or stands in the list is shown in full under the pointer."""
    told = f"<title>{escape(whole)}</title>" if label.text.replace("\n", " ") != whole else ""
    anchor = f'text-anchor="{label.anchor}"'
    places = [f'x="{label.x:.1f}" y="{y:.1f}"' for y in label.y_of_lines]
    if len(places) == 1:
        return f"<text {places[0]} {anchor}>{escape(label.text)}{told}</text>"
    lines = zip(places, label.text.split("\n"), strict=True)
    spans = "".join(f"<tspan {place}>{escape(text)}</tspan>" for place, text in lines)
    return f"<text {anchor}>{spans}{told}</text>"


def _line(
    relation: Relation, x_N: Sequence[float], y_N: Sequence[float], row_of: Mapping[str, int]
) -> str:
    first, second = (row_of[end] for end in _ends(relation))
    width = 1 + log(max(relation.lift or 1, 1))
    dashes = DASHES.get(relation.kind, "")
    told = f"{relation.source}, {relation.target}: {relation.kind}, {relation.n_clients} clients"
    lift = "" if relation.lift is None else f", lift {relation.lift:.2f}"
    return (
        f'<line class="edge" x1="{x_N[first]}" y1="{y_N[first]}" x2="{x_N[second]}" '
        f'y2="{y_N[second]}" stroke-width="{width:.1f}"{dashes}>'
        f"<title>{escape(told + lift)}</title></line>"
    )


def _mark(node: Node, concept: Concept | None) -> str:
    """A concept's circle, or a segment's square."""
    x, y, size = node.x, node.y, node.size
    if concept is None:
        place = f'x="{x - size:.1f}" y="{y - size:.1f}"'
        return f'<rect {place} width="{2 * size:.1f}" height="{2 * size:.1f}" fill="#333"/>'
    return f'<circle cx="{x}" cy="{y}" r="{size:.1f}" fill="{COLOURS[concept.bucket]}"/>'
