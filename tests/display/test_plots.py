"""The picture of an evaluation: all figures in it, and any viewer can read it."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from lvmh_jax.display.charts import draw_tradeoff
from lvmh_jax.display.plots import draw_figures, list_bars

HOSTILE = "<script>alert('&')</script>"
FIGURES: dict[str, Any] = {
    "protocol": "gold-dev",
    "notes": 30,
    "f1": {"value": 0.712, "ci_low": 0.685, "ci_high": 0.741},
    "precision_recall": [
        {"confidence": 0.9, "precision": 1.0, "recall": 0.25},
        {"confidence": 0.4, "precision": 0.75, "recall": 0.5},
    ],
    "reliability": [{"confidence": 0.5, "accuracy": 0.4, "count": 12}],
    "by_language": {"FR": {"f1": 0.77, "gold": 55}, "KO": {"f1": 0.5}},
    "by_bucket": {HOSTILE: {"f1": 0.66, "gold": 44}},
}


def words_of(svg: str) -> str:
    return "\n".join(ElementTree.fromstring(svg).itertext())


def test_the_picture_tells_all_figures() -> None:
    svg = draw_figures("model <1>", FIGURES)
    words = words_of(svg)
    for told in (
        "model <1>",
        "gold-dev, 30 notes, F1 0.712 [0.685, 0.741]",
        "from confidence 0.40: precision 0.750, recall 0.500",
        "confidence 0.50, right 0.40, 12 mentions",
        "FR: 0.770, 55 to find",
        f"{HOSTILE}: 0.660, 44 to find",
    ):
        assert told in words, told
    assert "<script" not in svg
    assert "var(" not in svg  # only browsers know variables


def test_nothing_overlaps_and_nothing_is_outside() -> None:
    root = ElementTree.fromstring(draw_figures("m", FIGURES))
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = [
        tuple(float(each.attrib[key]) for key in ("x", "y", "width", "height"))
        for each in root
        if each.tag.endswith("svg")
    ]
    assert len(boxes) == 4
    for place, (x, y, w, h) in enumerate(boxes):
        assert 0 <= x <= x + w <= wide
        assert 0 <= y <= y + h <= high
        for left, top, w2, h2 in boxes[place + 1 :]:
            assert x + w <= left or left + w2 <= x or y + h <= top or top + h2 <= y


def test_what_was_not_measured_is_said() -> None:
    assert words_of(draw_figures("m", {"f1": 0.5})).count("nothing was measured") == 4


def test_a_group_without_an_f1_has_no_bar() -> None:
    assert list_bars({"FR": {"f1": None}, "EN": {"f1": 0.5, "gold": 3}}) == [
        ("EN", 0.5, None, None, 3)
    ]


@pytest.mark.parametrize(("recall", "x"), [(0.0, "46.0"), (1.0, "426.0")])
def test_recall_runs_over_the_whole_axis(recall: float, x: str) -> None:
    point = {"confidence": 0.5, "precision": 0.5, "recall": recall}
    assert f'cx="{x}"' in draw_tradeoff("t", [point])
