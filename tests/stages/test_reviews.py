"""Tasks of both tools, and their way back to gold."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import NEGATED, Concept, GoldNote, GoldSpan, Mention, Note
from lvmh_jax.stages.reviews import (
    DOCCANO,
    LABEL_STUDIO,
    count_annotations,
    make_labelling,
    make_task,
    read_review,
    stands_as_proposed,
)

NOTE = Note("N1", "C1", "👜 sac rouge, pas noir", "FR")
TEXTS = {"N1": NOTE.text}
KNOWN = {"handbag", "black", "vip"}
MENTIONS = [
    Mention("N1", "handbag", "sac", 2, 5, 0.9),
    Mention("N1", "black", "noir", 17, 21, 0.6, polarity=NEGATED),
    Mention("N1", "vip", "", None, None, 0.7),
]
GOLD = GoldNote("N1", (GoldSpan(2, 5, "handbag"), GoldSpan(17, 21, "black", True)), ("handbag",))


def answered(form: str) -> dict:
    """A task that a reviewer accepted as it is, as the tool exports it."""
    task = json.loads(json.dumps(make_task(NOTE, MENTIONS, 1.5, form, "model")))
    if form == LABEL_STUDIO:
        (prediction,) = task.pop("predictions")
        return {"id": 7, **task, "annotations": [{"result": prediction["result"]}]}
    return {"id": 7, **task}


def studio(start: object, end: object, label: object = "handbag", **value: str) -> dict:
    region = {"value": {"start": start, "end": end, "labels": [label], **value}}
    data = {"text": NOTE.text, "note_id": "N1"}
    return {"data": data, "annotations": [{"result": [region]}]}


@pytest.mark.parametrize("form", [LABEL_STUDIO, DOCCANO])
def test_what_is_accepted_comes_back_as_gold(form: str) -> None:
    assert read_review(answered(form), "f:1", TEXTS, KNOWN) == GOLD


def test_a_task_is_what_label_studio_reads() -> None:
    task = make_task(NOTE, MENTIONS, 1.5, LABEL_STUDIO, "model")
    (prediction,) = task["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("model", 0.6)
    first, second = prediction["result"]
    assert first["value"] == {"start": 2, "end": 5, "text": "sac", "labels": ["handbag"]}
    assert (first["from_name"], first["to_name"], first["type"]) == ("label", "text", "labels")
    assert second["value"]["labels"] == ["not:black"]


def test_doccano_reads_triples_and_exports_entities_too() -> None:
    task = make_task(NOTE, MENTIONS, 1.5, DOCCANO, "model")
    assert task["label"] == [[2, 5, "handbag"], [17, 21, "not:black"]]
    marks = [{"start_offset": s, "end_offset": e, "label": name} for s, e, name in task["label"]]
    other = {"text": NOTE.text, "note_id": "N1", "entities": marks, "relations": []}
    assert read_review(other, "f:1", TEXTS, KNOWN) == GOLD


def test_the_labelling_names_every_label() -> None:
    root = ET.fromstring(make_labelling([Concept("a&b", "A", ()), Concept('say "x"', "B", ())]))
    labels = [each.get("value") for each in root.iter("Label")]
    assert labels == ["a&b", "not:a&b", 'say "x"', 'not:say "x"']


def test_utf_16_offsets_are_known_by_their_words() -> None:
    found = read_review(studio(3, 6, text="sac"), "f:1", TEXTS, KNOWN)
    assert found is not None
    assert found.spans == (GoldSpan(2, 5, "handbag"),)
    last = len(NOTE.text)  # the last span lies behind the text's end, counted in code points
    found = read_review(studio(18, last + 1, "black", text="noir"), "f:1", TEXTS, KNOWN)
    assert found is not None
    assert found.spans == (GoldSpan(last - 4, last, "black"),)


def test_the_latest_annotation_counts_and_none_is_none() -> None:
    task = answered(LABEL_STUDIO)
    skipped = {**task, "annotations": [{"result": [], "was_cancelled": True}]}
    assert read_review(skipped, "f:1", TEXTS, KNOWN) is None
    assert read_review({**task, "annotations": []}, "f:1", TEXTS, KNOWN) is None
    twice = {
        **task,
        "annotations": [*task["annotations"], {"result": []}, skipped["annotations"][0]],
    }
    assert read_review(twice, "f:1", TEXTS, KNOWN) == GoldNote("N1", (), ())


def test_of_several_annotations_the_latest_in_time_or_the_ground_truth_counts() -> None:
    task = answered(LABEL_STUDIO)
    full = {**task["annotations"][0], "updated_at": "2024-05-01T10:00:00Z"}
    older = {"result": [], "created_at": "2023-05-01T10:00:00Z"}
    both = {**task, "annotations": [full, older]}
    assert read_review(both, "f:1", TEXTS, KNOWN) == GOLD
    assert count_annotations(both) == 2
    chosen = {**task, "annotations": [{**older, "ground_truth": True}, full]}
    assert read_review(chosen, "f:1", TEXTS, KNOWN) == GoldNote("N1", (), ())


@pytest.mark.parametrize(
    "words", ["sac rouge,\\npas", "sac rouge, pas", "sac  rouge,\npas", "sac rouge,\\r\\npas"]
)
def test_words_are_told_as_a_browser_shows_them(words: str) -> None:
    text = "👜 sac rouge,\n  pas noir"
    start, end = 2, text.index(" noir")
    for shift in (0, 1):  # code points, and UTF-16 units
        task = studio(start + shift, end + shift, text=words)
        task["data"]["text"] = text
        found = read_review(task, "f:1", {"N1": text}, KNOWN)
        assert found is not None
        assert found.spans == (GoldSpan(start, end, "handbag"),)


def test_the_labelling_keeps_spaces() -> None:
    style = ET.fromstring(make_labelling([])).find("Style")
    assert style is not None
    assert "pre-wrap" in (style.text or "")


def test_relations_are_passed_over_and_json_min_is_read() -> None:
    task = answered(LABEL_STUDIO)
    task["annotations"][0]["result"].append({"type": "relation", "from_id": "m0", "to_id": "m1"})
    assert read_review(task, "f:1", TEXTS, KNOWN) == GOLD
    values = [r["value"] for r in task["annotations"][0]["result"] if "value" in r]
    least = {"text": NOTE.text, "note_id": "N1", "label": values, "annotator": 1}
    assert read_review(least, "f:1", TEXTS, KNOWN) == GOLD
    nothing = {"text": NOTE.text, "note_id": "N1", "annotator": 1, "annotation_id": 7}
    assert read_review(nothing, "f:1", TEXTS, KNOWN) == GoldNote("N1", (), ())


def test_a_document_that_nobody_changed_is_told_from_one_that_somebody_did() -> None:
    task = answered(DOCCANO)
    assert stands_as_proposed(task)
    assert stands_as_proposed({**task, "label": task["label"][::-1]})
    assert not stands_as_proposed({**task, "label": task["label"][:1]})
    assert not stands_as_proposed(answered(LABEL_STUDIO))
    assert not stands_as_proposed({"text": "x", "note_id": "N1", "label": []})


def test_concepts_of_the_whole_note_may_be_added() -> None:
    given = {**answered(DOCCANO), "concepts": ["vip", "handbag"]}
    found = read_review(given, "f:1", TEXTS, KNOWN)
    assert found is not None
    assert found.concepts == ("handbag", "vip")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "it is a list"),
        ({"text": "x"}, "no note_id or no text"),
        ({"text": "x", "note_id": "N9"}, "note 'N9' is not in the workspace"),
        ({"text": "changed", "note_id": "N1", "label": []}, "text is not that of the workspace"),
        ({"text": NOTE.text, "note_id": "N1"}, "key 'label' is null"),
        ({"text": NOTE.text, "note_id": "N1", "label": [[0, 1]]}, "mark is not of the format"),
        (studio(2, 99), r"span \[2, 99\) is not inside the text, which has 21"),
        (studio(5, 2), r"span \[5, 2\) is not inside"),
        (studio(-3, 2), r"span \[-3, 2\) is not inside"),
        (studio("2", 5), "span of a mark is not inside"),
        (studio(True, 5), "span of a mark is not inside"),
        (studio(2, 5, "belt"), "no concept 'belt'"),
        (studio(2, 5, 3), "a label is a number"),
        (studio(2, 5, text="noir"), r"\[2, 5\) does not hold the words"),
        (studio(-9, 99, text="noir"), "does not hold the words"),
        (
            {"text": NOTE.text, "note_id": "N1", "label": [[2, 5, "vip"], [2, 5, "not:vip"]]},
            r"span \[2, 5\) is 'vip' and denies it",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(document: object, said: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^f:1: .*{said}") as error:
        read_review(document, "f:1", TEXTS, KNOWN)
    assert "rouge" not in str(error.value)
