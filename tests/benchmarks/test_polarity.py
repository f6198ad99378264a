"""Sentences of the polarity benchmark are what they say, and are counted as they say."""

from __future__ import annotations

import pytest

from benchmarks.polarity import PARTS, count_right, find_place, make_rows, read_places
from lvmh_jax.io.workspace import LEXICON, read_lexicon_file
from lvmh_jax.records import LANGUAGES, NEGATED, Mention
from tests.conftest import REPOSITORY


def test_every_place_holds_its_words_and_every_language_both_kinds() -> None:
    places = read_places()
    known = {each.concept_id for each in read_lexicon_file(REPOSITORY / LEXICON)[0].concepts}
    for place in places:
        end = place["start"] + len(place["words"])
        assert place["text"][place["start"] : end] == place["words"]
        assert place["concept_id"] in known
    kinds = {(place["part"], place["language"], place["negated"]) for place in places}
    assert len(kinds) == len(PARTS) * len(LANGUAGES) * 2
    read, held = ({p["text"] for p in places if p["part"] == part} for part in PARTS)
    assert not read & held


def mention(
    concept: str, start: int | None, end: int | None, polarity: str = "affirmed"
) -> Mention:
    return Mention("0", concept, "", start, end, 0.9, polarity=polarity)


PLACE = {"start": 4, "words": "black", "concept_id": "black"}


@pytest.mark.parametrize(
    ("found", "chosen"),
    [
        ([], None),
        ([mention("white", 4, 9)], None),
        ([mention("black", 9, 12)], None),
        ([mention("black", None, None)], None),
        ([mention("black", 0, 5), mention("black", 4, 9, NEGATED)], 1),
    ],
)
def test_the_mention_with_most_of_the_words_is_judged(found, chosen) -> None:
    assert find_place(PLACE, found) == (None if chosen is None else found[chosen])


def test_places_are_counted_by_part_language_and_kind() -> None:
    places = [
        {"part": "held", "language": "FR", "negated": True},
        {"part": "held", "language": "FR", "negated": False},
        {"part": "held", "language": "EN", "negated": True},
        {"part": "read", "language": "EN", "negated": True},
    ]
    found = [mention("a", 0, 1, NEGATED), mention("a", 0, 1, NEGATED), None, mention("a", 0, 1)]
    rows = make_rows(count_right(places, found))
    assert rows == [
        (PARTS["read"], "EN", "0 of 1", "0 of 0", "0"),
        (PARTS["read"], "all", "0 of 1", "0 of 0", "0"),
        (PARTS["held"], "FR", "1 of 1", "0 of 1", "0"),
        (PARTS["held"], "EN", "0 of 0", "0 of 0", "1"),
        (PARTS["held"], "all", "1 of 1", "0 of 1", "1"),
    ]
