"""What was missed and made up, and precision over recall, counted by hand."""

from __future__ import annotations

import random

from lvmh_jax.evaluate.metrics import score_mentions
from lvmh_jax.evaluate.mistakes import MOST_POINTS, CurvePoint, list_mistakes, measure_curve
from lvmh_jax.records import NEGATED, GoldNote, GoldSpan, Mention

GOLD = [
    GoldNote("n1", (GoldSpan(9, 12, "ring"), GoldSpan(0, 4, "gold")), ("ring", "gold", "vip")),
    GoldNote("n2", (GoldSpan(0, 4, "ring", negated=True),), ()),
]


def found(note: str, concept: str, sure: float, start: int | None = 0, polarity: str = "affirmed"):
    end = None if start is None else start + 4
    return Mention(note, concept, "", start, end, sure, polarity=polarity)


MENTIONS = [
    found("n1", "gold", 0.9),  # right
    found("n1", "watch", 0.5, 20),  # wrong, and surer at the next place
    found("n1", "watch", 0.8, 30),
    found("n2", "ring", 0.7),  # denied there
    found("n2", "gold", 0.99, None, NEGATED),  # a denial names nothing
    found("other", "gold", 0.99),  # a note that nobody annotated
]


def test_each_pair_is_one_mistake_at_its_surest_place() -> None:
    listed = list_mistakes(GOLD, MENTIONS)
    assert [(m.note_id, m.concept_id, m.missed, m.start, m.confidence) for m in listed] == [
        ("n1", "watch", False, 30, 0.8),
        ("n2", "ring", False, 0, 0.7),
        ("n1", "ring", True, 9, None),
        ("n1", "vip", True, None, None),
    ]


def test_the_curve_counts_what_is_surer() -> None:
    assert measure_curve(GOLD, MENTIONS) == [
        CurvePoint(0.9, 1.0, 1 / 3),
        CurvePoint(0.8, 1 / 2, 1 / 3),
        CurvePoint(0.7, 1 / 3, 1 / 3),
    ]


def test_equal_confidences_share_a_point() -> None:
    mentions = [found("n1", "gold", 0.5), found("n1", "watch", 0.5), found("n1", "ring", 0.5)]
    assert measure_curve(GOLD, mentions) == [CurvePoint(0.5, 2 / 3, 2 / 3)]


def test_mistakes_and_curve_agree_with_the_score_on_any_data() -> None:
    rng = random.Random(0)
    names = [f"c{number}" for number in range(30)]
    gold = [GoldNote(f"n{n}", (), tuple(rng.sample(names, 6))) for n in range(40)]
    mentions = [
        found(f"n{n}", name, rng.random()) for n in range(40) for name in rng.choices(names, k=9)
    ]
    score = score_mentions(gold, mentions).note_level
    listed = list_mistakes(gold, mentions)
    assert sum(each.missed for each in listed) == score.gold - score.tp
    assert sum(not each.missed for each in listed) == score.predicted - score.tp
    curve = measure_curve(gold, mentions)
    assert len(curve) == MOST_POINTS
    assert (curve[-1].precision, curve[-1].recall) == (score.precision, score.recall)
    assert [each.recall for each in curve] == sorted(each.recall for each in curve)
    for point in curve[:: MOST_POINTS // 5]:
        kept = [m for m in mentions if m.confidence >= point.confidence]
        part = score_mentions(gold, kept).note_level
        assert (point.precision, point.recall) == (part.precision, part.recall)


def test_nothing_found_is_no_curve() -> None:
    assert measure_curve(GOLD, []) == []
    assert len(list_mistakes(GOLD, [])) == 3
