"""Charts and the map: well-formed, to scale, escaped, and small enough."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.display.charts import Bar, choose_ticks, draw_bars, draw_curves, draw_reliability
from lvmh_jax.display.conceptmap import (
    HEIGHT,
    MARGIN,
    MOST_LABELS,
    MOST_POINTS,
    WIDTH,
    cut_bytes,
    draw_map,
    project,
)
from lvmh_jax.records import BUCKETS, Concept

HOSTILE = '</title><script>alert(1)</script>"&'


def parse(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def circles(svg: str) -> list[tuple[float, float]]:
    return [(float(c.get("cx", "")), float(c.get("cy", ""))) for c in parse(svg).iter("circle")]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_and_within(low: float, span: float) -> None:
    ticks = choose_ticks(low, low + span)
    assert len(ticks) <= 6
    slack = 1e-6 * max(abs(low), span, 1)
    assert all(low - slack <= tick <= low + span + slack for tick in ticks)


def test_curves_fall_where_figures_fall_and_leave_out_what_is_none() -> None:
    svg = draw_curves(
        "loss", [1, 2, 3], {"held": [4.0, 2.0, 1.0], "train": [None, math.nan, 3.0]}, across="epoch"
    )
    points = circles(svg)
    assert len(points) == 4
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
    assert x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert y1 < y2 < y3  # the vertical axis of SVG points down
    assert y2 - y1 == pytest.approx(2 * (y3 - y2), abs=0.3)
    assert x4 == x3
    assert y1 < y4 < y2


@pytest.mark.parametrize("series", [{}, {"held": []}, {"held": [None]}])
def test_curves_without_a_figure_say_so(series) -> None:
    assert "nothing was measured" in draw_curves("loss", [1], series, across="epoch")


def test_one_epoch_is_a_point() -> None:
    assert len(circles(draw_curves("loss", [1], {"held": [2.0]}, across="epoch"))) == 1


def test_a_calibrated_bin_lies_on_the_diagonal_and_an_overconfident_one_below() -> None:
    bins = [
        {"confidence": 0.5, "accuracy": 0.5, "count": 3},
        {"confidence": 0.9, "accuracy": 0.6, "count": 3},
    ]
    svg = draw_reliability("right", bins)
    (diagonal,) = [p.get("d", "") for p in parse(svg).iter("path") if p.get("class") == "fine"]
    x0, y0, x1, y1 = map(float, re.findall(r"[\d.]+", diagonal))
    offsets = [y - (y0 + (x - x0) * (y1 - y0) / (x1 - x0)) for x, y in circles(svg)]
    assert offsets[0] == pytest.approx(0, abs=0.2)
    assert offsets[1] > 10


def test_bars_are_as_long_as_their_value_and_tell_interval_and_support() -> None:
    svg = draw_bars("F1", [Bar("FR", 0.8, 0.7, 0.9, 50), Bar("EN", 0.4)])
    first, second = (float(rect.get("width", "")) for rect in parse(svg).iter("rect"))
    assert first == pytest.approx(2 * second, abs=0.2)
    assert "FR: 0.800, 95 % interval 0.700 to 0.900, 50 to find" in svg
    assert "EN: 0.400<" in svg


def test_hostile_names_stay_names() -> None:
    concept = Concept(HOSTILE, HOSTILE, (), HOSTILE)
    for svg in (
        draw_bars(HOSTILE, [Bar(HOSTILE, 0.5)]),
        draw_curves(HOSTILE, [1], {HOSTILE: [1.0], "b": [1.0]}, across=HOSTILE),
        draw_map(HOSTILE, [concept], np.array([[0.5, 0.5]])),
    ):
        root = parse(svg)
        assert not list(root.iter("script"))
        assert any(each.text == HOSTILE for each in root.iter("title"))


def test_projection_keeps_the_directions_of_greatest_variance() -> None:
    rng = np.random.default_rng(0)
    wide_C2 = rng.normal(size=(400, 2)) * [9.0, 4.0]
    turn_26 = np.linalg.qr(rng.normal(size=(6, 6)))[0][:2]
    vectors_C6 = wide_C2 @ turn_26 + rng.normal(size=(400, 6)) * 0.01
    found = project(vectors_C6.astype(np.float32))
    assert found.kept == pytest.approx(1.0, abs=1e-3)
    for axis in (0, 1):
        inside_C = (found.place_C2[:, axis] > 0) & (found.place_C2[:, axis] < 1)
        match = np.corrcoef(found.place_C2[inside_C, axis], wide_C2[inside_C, axis])[0, 1]
        assert abs(match) > 0.999


def test_projection_does_not_depend_on_the_sign_of_an_eigenvector() -> None:
    vectors_C3 = np.random.default_rng(1).normal(size=(50, 3))
    assert np.array_equal(project(vectors_C3).place_C2, project(vectors_C3.copy()).place_C2)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (3, 1), (3, 0)])
def test_projection_of_too_little_stays_within(shape: tuple[int, int]) -> None:
    found = project(np.ones(shape, np.float32))
    assert found.place_C2.shape == (shape[0], 2)
    assert np.isfinite(found.place_C2).all()
    assert found.kept == 0.0


@pytest.mark.parametrize("count", [7, 12_000, MOST_POINTS + 5_000])
def test_the_map_draws_every_concept_up_to_its_limit_and_stays_small(count: int) -> None:
    rng = np.random.default_rng(0)
    concepts = [Concept(f"C{row}", "病" * 300, (), BUCKETS[row % 7]) for row in range(count)]
    svg = draw_map("map", concepts, rng.random((count, 2)))
    root = parse(svg)
    points = [path for group in root.iter("g") for path in group.iter("path")]
    assert len(points) == min(count, MOST_POINTS)
    assert 1 <= len(list(root.iter("text"))) <= MOST_LABELS
    assert len(svg.encode()) < 2_600_000
    for path in points[:50]:
        x, y = map(float, re.findall(r"^M([\d.]+) ([\d.]+)h", path.get("d", ""))[0])
        assert MARGIN <= x <= WIDTH - MARGIN
        assert MARGIN <= y <= HEIGHT - MARGIN


def test_labels_do_not_cover_each_other() -> None:
    concepts = [Concept(f"C{row}", f"label {row}", ()) for row in range(300)]
    svg = draw_map("map", concepts, np.random.default_rng(0).random((300, 2)))
    places = [(float(t.get("x", "")), float(t.get("y", ""))) for t in parse(svg).iter("text")]
    assert len(places) > 10
    for first, (x, y) in enumerate(places):
        assert all(abs(y - v) >= 14.9 or abs(x - u) >= 48 for u, v in places[first + 1 :])


def test_cutting_never_splits_a_character() -> None:
    assert cut_bytes("病気", 4) == "病…"
    assert cut_bytes("病気", 6) == "病気"
