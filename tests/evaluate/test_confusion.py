"""What is taken for what, counted by hand."""

from __future__ import annotations

from lvmh_jax.evaluate.confusion import (
    ConceptErrors,
    Confusion,
    count_errors,
    find_confusions,
    interval_of,
    score_concepts,
)
from lvmh_jax.records import NEGATED, GoldNote, GoldSpan, Mention


def gold(note: str, *spans: tuple[int, int, str]) -> GoldNote:
    marked = tuple(GoldSpan(*span) for span in spans)
    return GoldNote(note, marked, tuple(span[2] for span in spans))


def found(note: str, concept: str, start: int | None, end: int | None, polarity: str = "affirmed"):
    return Mention(note, concept, "", start, end, 0.9, polarity=polarity)


GOLD = [
    gold("n1", (0, 4, "ring"), (10, 14, "gold")),
    gold("n2", (0, 4, "ring")),
    gold("n3", (0, 4, "bag")),
]


def test_a_pair_needs_a_miss_and_a_false_one_that_overlap() -> None:
    mentions = [
        found("n1", "watch", 2, 6),  # in place of ring
        found("n2", "watch", 0, 4),  # again
        found("n1", "watch", 10, 12),  # in place of gold
        found("n3", "bag", 0, 4),  # right
        found("n3", "watch", 0, 4),  # beside a right one: nothing is missed
        found("n2", "bag", 4, 8),  # touches, does not overlap
        found("n2", "gold", 0, 4, NEGATED),  # denied: not named
        found("n2", "belt", None, None),  # of the whole note: no place to compare
    ]
    assert find_confusions(GOLD, mentions) == [
        Confusion("ring", "watch", 2, ("n1", 0, 6)),
        Confusion("gold", "watch", 1, ("n1", 10, 14)),
    ]
    assert len(find_confusions(GOLD, mentions, most=1)) == 1


def test_what_is_found_elsewhere_in_the_note_is_not_missed() -> None:
    mentions = [found("n2", "watch", 0, 4), found("n2", "ring", 20, 24)]
    assert find_confusions(GOLD, mentions) == []


def test_errors_are_counted_by_note_and_the_worst_come_first() -> None:
    mentions = [found("n1", "watch", 0, 4), found("n1", "watch", 6, 9), found("n3", "bag", 0, 4)]
    assert count_errors(GOLD, mentions) == [
        ConceptErrors("ring", missed=2, wrong=0, gold=2),
        ConceptErrors("gold", missed=1, wrong=0, gold=1),
        ConceptErrors("watch", missed=0, wrong=1, gold=0),
    ]


def test_the_interval_holds_the_figure_and_is_exact_where_all_is_right() -> None:
    right = [found(n.note_id, s.concept_id, s.start, s.end) for n in GOLD for s in n.spans]
    assert interval_of(GOLD, right) == (1.0, 1.0)
    low, high = interval_of(GOLD, right[1:])
    assert low < 6 / 7 < high


def test_concepts_are_scored_note_by_note_and_the_most_annotated_come_first() -> None:
    mentions = [
        found("n1", "ring", 0, 4),
        found("n1", "ring", 6, 9),  # one note, one pair
        found("n3", "ring", 0, 4),  # wrong
        found("n9", "ring", 0, 4),  # of a note that is not annotated
        found("n2", "ring", 0, 4, NEGATED),
    ]
    ring, bag, *_ = score_concepts(GOLD, mentions, least=2)
    assert (ring.concept_id, ring.precision, ring.recall, ring.f1, ring.gold) == (
        ("ring", 0.5, 0.5, 0.5, 2)
    )
    assert ring.interval is not None
    assert ring.interval[0] <= 0.5 <= ring.interval[1]
    assert (bag.concept_id, bag.f1, bag.interval) == ("bag", 0.0, None)
    assert len(score_concepts(GOLD, mentions, most=1)) == 1
