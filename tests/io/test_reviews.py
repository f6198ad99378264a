"""What came back from a review, read from its file: what is odd is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.reviews import list_annotated, read_reviews
from lvmh_jax.records import Mention, Note
from lvmh_jax.stages.reviews import DOCCANO, LABEL_STUDIO, make_task
from tests.generators import json_lines, write_file

NOTES = [Note(f"N{row}", "C1", "sac rouge", "FR") for row in range(2)]
TEXTS = {note.note_id: note.text for note in NOTES}


def read(path: Path, tasks: list[dict]) -> list[str]:
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks), encoding="utf-8")
    return read_reviews(path, TEXTS, {"handbag"}, {})[2]


def propose(note: Note, form: str) -> dict:
    return make_task(note, [Mention(note.note_id, "handbag", "sac", 0, 3, 0.9)], 1.0, form, "m")


def test_documents_that_are_as_the_model_proposed_them_are_counted(tmp_path: Path) -> None:
    first, second = (propose(note, DOCCANO) for note in NOTES)
    (warning,) = read(tmp_path / "a.jsonl", [first, {**second, "label": []}])
    assert warning.startswith("1 notes are as the model proposed them")
    changed = [{**each, "label": []} for each in (first, second)]
    assert read(tmp_path / "b.jsonl", changed) == []


def test_a_byte_order_mark_hides_no_note_of_gold(tmp_path: Path) -> None:
    lines = json_lines([{"note_id": "N0"}, {"note_id": "N1"}])
    write_file(tmp_path, "data/gold/test.jsonl", lines.encode("utf-8-sig"))
    assert list_annotated(tmp_path) == {"N0": "test", "N1": "test"}


def test_tasks_with_several_annotations_are_counted(tmp_path: Path) -> None:
    first, second = (propose(note, LABEL_STUDIO) for note in NOTES)
    done = {"result": first["predictions"][0]["result"]}
    tasks = [{**first, "annotations": [done, done]}, {**second, "annotations": [done]}]
    (warning,) = read(tmp_path / "a.jsonl", tasks)
    assert warning.startswith("1 tasks have several annotations")


def test_results_that_are_no_spans_are_left_out_and_counted(tmp_path: Path) -> None:
    task = propose(NOTES[0], LABEL_STUDIO)
    spans = task["predictions"][0]["result"]
    others = [
        {"type": "choices", "value": {"choices": ["Mme Durand"]}},
        {"type": "relation", "from_id": "m0", "to_id": "m1"},
        {"type": "choices", "value": {"choices": ["vip"]}},
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{**task, "annotations": [{"result": [*spans, *others]}]}]))
    (note,), _, (warning,) = read_reviews(path, TEXTS, {"handbag"}, {})
    assert [(span.start, span.end) for span in note.spans] == [(0, 3)]
    assert warning == "3 results of Label Studio are no spans (choices, relation): left out"


def test_another_format_is_told_which_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- -X- O\nsac -X- _ B-handbag\n")
    with pytest.raises(InvalidInputError, match=r"is no JSON; expected JSON of Label Studio, or"):
        read_reviews(path, TEXTS, {"handbag"}, {})


@pytest.mark.parametrize(
    ("own", "said"),
    [("Mme [NAME], sac", "`prepare --keep-personal-data`"), ("Mme Blanc, sac", "export the note")],
)
def test_a_text_of_the_raw_export_is_told_what_prepare_did(
    tmp_path: Path, own: str, said: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": "Mme Durand, sac", "note_id": "N1", "label": []}))
    with pytest.raises(InvalidInputError, match=said) as refused:
        read_reviews(path, {"N1": own}, {"handbag"}, {})
    assert "Durand" not in str(refused.value)
