from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.gold import describe_outside, parse_gold
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import GoldNote, GoldSpan
from tests.generators import texts

TEXTS = {"N1": "un sac 👜 noir", "N2": ""}


def line(note_id: object = "N1", **fields: object) -> str:
    return json.dumps({"note_id": note_id, "spans": [], "concepts": [], **fields})


def span(start: object, end: object, **fields: object) -> dict[str, object]:
    return {"start": start, "end": end, "concept_id": "bag", **fields}


def test_golden_note() -> None:
    spans = [span(3, 6), span(9, 13, concept_id="black", negated=True)]
    notes, warnings = parse_gold(["", line(spans=spans, concepts=["bag"])], "g.jsonl", TEXTS)
    assert warnings == []
    assert notes == (
        GoldNote("N1", (GoldSpan(3, 6, "bag"), GoldSpan(9, 13, "black", True)), ("bag",)),
    )
    # Code points: the emoji before it counts as one.
    assert TEXTS["N1"][9:13] == "noir"


def test_notes_annotated_as_a_whole_need_no_spans() -> None:
    lines = [json.dumps({"note_id": "N1", "concepts": ["a", "b", "a"]}), line("N2", spans=None)]
    notes, warnings = parse_gold(lines, "g.jsonl", TEXTS)
    assert [(note.spans, note.concepts) for note in notes] == [((), ("a", "b")), ((), ())]
    assert warnings == []


def test_notes_that_are_not_there_are_skipped_with_one_warning() -> None:
    lines = [line("X1", spans=[span(0, 999)]), line("N1"), line("X2")]
    notes, warnings = parse_gold(lines, "g.jsonl", TEXTS)
    assert [note.note_id for note in notes] == ["N1"]
    assert warnings == ["g.jsonl: 2 of 3 gold notes are not among the notes: skipped"]


def test_a_span_whose_concept_does_not_hold_is_reported() -> None:
    _, warnings = parse_gold([line(spans=[span(0, 2)])], "g.jsonl", TEXTS)
    assert warnings == [
        "g.jsonl: 1 of 1 gold notes mark a concept that `concepts` does not hold (first: 'N1')"
    ]


def test_annotated_concepts_that_the_lexicon_lacks_are_told_in_a_line() -> None:
    def gold(*each: str) -> GoldNote:
        return GoldNote("N", (GoldSpan(0, 3, each[-1], negated=True),), each)

    known = ("handbag", "black", "D003930")
    split = {"train": [gold("handbag"), gold("handbags", "black")], "dev": [gold("handbags")]}
    assert describe_outside(split, known) == [
        "gold (train, dev): 1 of 3 annotated concepts are not in the lexicon, so they count as "
        "missed and nothing learns from them: 'handbags' (2 notes; did you mean 'handbag'?)"
    ]
    codes = {"dev": [gold(*(f"D00392{digit}" for digit in range(7)))]}
    (line,) = describe_outside(codes, known)
    assert line.endswith("'D003924' (1 note), and 2 more")  # codes are near one another
    assert describe_outside({"dev": [gold("black")]}, known) == []
    assert describe_outside({}, known) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (line(spans=[span(4, 1)]), "g.jsonl:2: note N1: span [4, 1) ends before it starts"),
        (line(spans=[span(4, 4)]), "g.jsonl:2: note N1: span [4, 4) is empty"),
        (
            line(spans=[span(9, 14)]),
            "g.jsonl:2: note N1: span [9, 14) ends after the text, which has 13 characters",
        ),
        (line(spans=[span(-1, 4)]), "g.jsonl:2: note N1: key 'start' of a span is -1"),
        (line(spans=[span(0, 4.0)]), "g.jsonl:2: note N1: key 'end' of a span is a number"),
        (line(spans=[span(True, 4)]), "key 'start' of a span is true or false"),
        (line(spans=[span("0", 4)]), "key 'start' of a span is a string"),
        (line(spans=[{"end": 4}]), "key 'start' of a span is null"),
        (line(spans=[span(0, 4, concept_id=None)]), "key 'concept_id' holds null"),
        (line(spans=[span(0, 4, concept_id="")]), "key 'concept_id' holds a string"),
        (line(spans=[span(0, 4, negated="yes")]), "key 'negated' of a span is a string"),
        (line(spans=[[0, 4, "bag"]]), "g.jsonl:2: note N1: a span is a list; expected an object"),
        (line(spans={}), "g.jsonl:2: note N1: key 'spans' is an object; expected a list"),
        (line(concepts="bag"), "key 'concepts' is a string; expected a list"),
        (line(concepts=None), "key 'concepts' is missing; expected a list"),
        (line(concepts=[1]), "key 'concepts' holds a number; expected a concept id"),
        (line(None), "g.jsonl:2: key 'note_id' is null; expected a string"),
        (line(7), "g.jsonl:2: key 'note_id' is a number"),
        (line(""), "g.jsonl:2: key 'note_id' is a string; expected a string, not empty"),
        (line("N2"), "g.jsonl:2: note N2 is annotated twice, first in line 1"),
        ("[]", "g.jsonl:2: the line is a list; expected an object"),
        ("{", "g.jsonl:2: not valid JSON at column 2"),
        ('{"note_id": "N1", "note_id": "N1"}', "g.jsonl:2: key 'note_id' appears twice"),
        (line() + line(), "g.jsonl:2: not valid JSON at column 47: Extra data"),
        ("[" * 100_000, "g.jsonl:2: JSON is nested too deeply"),
    ],
    ids=lambda value: value[:60],
)
def test_refused(bad: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(message)) as caught:
        parse_gold([line("N2"), bad], "g.jsonl", TEXTS)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lines", [[], ["", "  "]])
def test_a_file_without_a_note_is_refused(lines: list[str]) -> None:
    with pytest.raises(InvalidInputError, match=r"g\.jsonl: it holds no gold note"):
        parse_gold(lines, "g.jsonl", TEXTS)


def test_offset_errors_say_how_offsets_count() -> None:
    with pytest.raises(InvalidInputError, match="Unicode code points of `text`, end excluded"):
        parse_gold([line(spans=[span(4, 1)])], "g.jsonl", TEXTS)


@given(texts().filter(bool), st.data())
def test_spans_of_any_text_round_trip(text: str, data: st.DataObject) -> None:
    bounds = st.integers(0, len(text))
    pairs = data.draw(st.lists(st.tuples(bounds, bounds).filter(lambda p: p[0] < p[1])))
    bad = line(spans=[span(start, end) for start, end in pairs], concepts=["bag"])
    notes, _ = parse_gold([bad], "g.jsonl", {"N1": text})
    assert [text[s.start : s.end] for s in notes[0].spans] == [text[a:b] for a, b in pairs]
