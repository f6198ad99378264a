"""The graph of relations: valid SVG, labels that never overlap, a list of those without room."""

from __future__ import annotations

import doctest
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from lvmh_jax.display import graphlabels
from lvmh_jax.display.graph import MOST_EDGES, choose_edges, draw_graph, wrap_label
from lvmh_jax.display.graphlabels import Label, Node, place_labels
from lvmh_jax.display.graphlayout import lay_out
from lvmh_jax.records import Concept
from lvmh_jax.stages.relations import Relation

CONCEPTS = tuple(Concept(f"c{row:03}", f"<C & {row}>", ()) for row in range(80))
IDS = [each.concept_id for each in CONCEPTS]


def test_examples_in_docstrings() -> None:
    assert doctest.testmod(graphlabels).failed == 0


def test_the_picture_is_svg_with_every_label_escaped() -> None:
    made = [
        Relation(IDS[row], IDS[row + 1], "co-occurrence", 3, 2.0, 1.5, 3.0, row / 100, 0.1)
        for row in range(4)
    ]
    made.append(Relation(IDS[0], "Golf <&>", "segment", 3, 2.0, None, None, None, None))
    root = ElementTree.fromstring(draw_graph(made, CONCEPTS, {"c000": 9}))
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}line")) == 5
    labels = {text.text for text in root.findall(f"{space}text")}
    assert {"<C & 0>", "<C & 4>", "Golf <&>"} <= labels
    assert draw_graph(made, CONCEPTS, {}) == draw_graph(made, CONCEPTS, {})


def test_a_picture_of_nothing_or_of_too_much_is_drawn() -> None:
    ElementTree.fromstring(draw_graph([], CONCEPTS, {}))
    many = [
        Relation(IDS[a], IDS[b], "co-occurrence", 3, 2.0, 1.5, 3.0, 0.01, 0.1)
        for a in range(15)
        for b in range(a + 1, 15)
    ]
    assert draw_graph(many, CONCEPTS, {}).count("<line") == MOST_EDGES


FIELD = (0.0, 0.0, 1200.0, 900.0)


def scatter(count: int, seed: int) -> tuple[list[Node], np.ndarray]:
    """Nodes as `lay_out` parts them, with labels of all lengths, and lines between some."""
    rng = np.random.default_rng(seed)
    edges = rng.integers(0, count, (count, 2))
    places = 60 + lay_out(count, edges, np.ones(count)) * (1080, 780)
    letters = rng.choice([*"Wilde бутик 茶"], (count, 32))
    texts = ["".join(row[: rng.integers(1, 33)]) for row in letters]
    texts = [f"{text[:16]}\n{text[16:]}" if len(text) > 20 else text for text in texts]
    rows = zip(places.tolist(), rng.uniform(4, 14, count).tolist(), texts, strict=True)
    return [Node(*place, size, text) for place, size, text in rows], places[edges].reshape(-1, 4)


def overlap(one: tuple[float, ...], two: tuple[float, ...]) -> bool:
    apart = one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
    return not apart


@pytest.mark.parametrize(("count", "seed"), [(1, 0), (12, 1), (60, 2), (150, 3), (150, 4)])
def test_no_two_labels_overlap(count: int, seed: int) -> None:
    nodes, lines = scatter(count, seed)
    placed = place_labels(nodes, range(count), lines, FIELD)
    assert placed == place_labels(nodes, range(count), lines, FIELD)
    for one, two in combinations(placed, 2):
        assert not overlap(one[1:5], two[1:5])
    for node, label in zip(nodes, placed, strict=True):
        assert label.text == (str(label.number) if label.number else node.text)
        assert label.left >= 0
        assert label.right <= FIELD[2]
        for other in nodes:
            x, y, size = other[:3]
            assert other == node or not overlap(
                label[1:5], (x - size, y - size, x + size, y + size)
            )
    numbers = sorted(label.number for label in placed if label.number)
    assert numbers == [*range(1, len(numbers) + 1)]
    assert len(numbers) < count / 2


def test_a_label_keeps_clear_of_lines_and_the_first_node_chooses_first() -> None:
    alone = [Node(500, 500, 5, "Boat")]
    below = np.array([[500.0, 500, 500, 800], [400, 515, 600, 515]])
    (label,) = place_labels(alone, [0], below, FIELD)
    assert (label.anchor, label.bottom < 500) == ("middle", True)  # above
    # Room for one label, between the two.
    hemmed = [Node(50, 25, 5, "A long name"), Node(50, 60, 5, "A long name")]
    for order in ([0, 1], [1, 0]):
        placed = place_labels(hemmed, order, np.zeros((0, 4)), (0, 10, 100, 75))
        assert [placed[row].number for row in order] == [0, 1]


def test_what_has_no_room_is_told_in_a_list() -> None:
    crowd = [Node(600 + 22 * (n % 6), 400 + 16 * (n // 6), 5, "A long name") for n in range(36)]
    placed = place_labels(crowd, range(36), np.zeros((0, 4)), FIELD)
    inner = [n for n in range(36) if n // 6 in (2, 3) and n % 6 in (2, 3)]
    assert all(placed[n].number for n in inner)
    long = tuple(Concept(f"c{row:03}", f"Quite a long name of {row:03}", ()) for row in range(80))
    made = [
        Relation(IDS[row], IDS[(row * 7 + 1) % 80], "co-occurrence", 3, 2.0, 1.5, 3.0, 0.01, 0.1)
        for row in range(80)
    ]
    drawn = draw_graph(made, long, dict.fromkeys(IDS, 100))
    shown = [text for text in ElementTree.fromstring(drawn).itertext() if "name of" in text]
    assert {f"Quite a long name of {row:03}" for row in range(80)} <= {t[-24:] for t in shown}


def test_a_key_says_what_shapes_lines_and_sizes_mean() -> None:
    drawn = draw_graph([], CONCEPTS, {})
    for told in (
        ">segment<",
        "concept, coloured",
        "go together, tested; thicker",
        "describes a segment, untested",
        "alike by their vectors, untested",
        "1, 25",
    ):
        assert told in drawn


def test_what_was_tested_is_drawn_first_and_looks_otherwise() -> None:
    kinds = {
        "co-occurrence": (2.0, 1.5, 3.0, 0.04, 0.1),
        "segment": (9.0, None, None, None, None),
        "embedding": (9.0, 1.5, 3.0, None, 0.9),
    }
    made = [Relation(IDS[0], IDS[1], kind, 3, *kinds[kind]) for kind in (*kinds, *kinds)]
    assert [each.kind for each in choose_edges(made[::-1])] == [k for k in kinds for _ in range(2)]
    lines = [
        line.partition("<title>")[0].partition("stroke-width")[2].partition(" ")[2]
        for kind in kinds
        for line in draw_graph([m for m in made if m.kind == kind][:1], CONCEPTS, {}).splitlines()
        if line.startswith("<line")
    ]
    assert len({*lines}) == 3
    assert Label("Boat", 0, 0, 30, 15, "end").x == 30


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Orange blossom", ["Orange blossom"]),
        ("Wedding or couple anniversary + Cruise", ["Wedding or couple", "anniversary + Cruise"]),
        (
            "mixed: Gluten intolerance, Gifts for wedding party or guests of it",
            ["mixed: Gluten intolerance, Gifts", "for wedding party or guests of…"],
        ),
        ("蝶" * 70, ["蝶" * 32, "蝶" * 31 + "…"]),
    ],
)
def test_a_long_name_is_wrapped_and_ends_at_a_word(name: str, lines: list[str]) -> None:
    assert wrap_label(name).split("\n") == lines
    relation = Relation(IDS[0], name, "segment", 3, 9.0, None, None, None, None)
    drawn = ElementTree.fromstring(draw_graph([relation], CONCEPTS, {}))
    spans = [each for each in drawn.iter() if each.text in lines and "y" in each.attrib]
    assert [each.text for each in spans] == lines
    heights = [float(each.attrib["y"]) for each in spans]
    assert heights == sorted({*heights})  # one below the other
    cut = any("…" in line for line in lines)
    assert any(each.text == name and each.tag.endswith("title") for each in drawn.iter()) is cut


def test_what_is_related_lies_near() -> None:
    edges = np.array([[0, 1], [1, 2], [0, 2], [3, 4], [4, 5], [3, 5]])
    place = lay_out(6, edges, np.ones(6))
    assert place.min() == 0
    assert place.max() <= 1
    gap = np.linalg.norm(place[:, None] - place[None], axis=-1)
    assert gap[:3, :3].max() < gap[:3, 3:].min()
    assert gap[~np.eye(6, dtype=bool)].min() > 0.05
