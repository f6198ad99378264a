"""Notes as tasks of Label Studio and doccano, and what a reviewer made of them as gold.

Both tools show a text with labelled spans. A label is a concept id; before one that the note
denies stands `not:`. Offsets are code points. Label Studio runs in a browser, where some versions
count UTF-16 units: where a task says which words it means, these decide. It tells the words as the
browser shows them, spaces joined and a line break as a backslash and an n.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import quoteattr

from lvmh_jax.data.cleartext import KINDS
from lvmh_jax.data.documents import kind_of, quote
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import NEGATED, Concept, GoldNote, GoldSpan, Mention, Note

LABEL_STUDIO, DOCCANO = "label-studio", "doccano"
FORMATS = (LABEL_STUDIO, DOCCANO)
DENIED = "not:"
FROM_NAME, TO_NAME = "label", "text"
PROPOSED = "proposed"  # digest of the spans that a doccano document was exported with
SPANS = "labels"  # the type of a result that is spans: "labels", "hypertextlabels"
KEEP_SPACES = ".htx-text { white-space: pre-wrap; }"  # else the words of a span lose some


def make_task(
    note: Note, mentions: Sequence[Mention], worth: float, form: str, model: str
) -> dict[str, Any]:
    """A note with its proposed spans, as one of the tools reads it.

    Args:
      note: as the workspace has it: offsets count in this very text.
      mentions: of the note; those without a span are left out.
      worth: why it was chosen, for the reader.
      form: `label-studio` or `doccano`.
      model: name of the model that proposes.
    """
    spans = sorted(
        (m.start, m.end, label_of(m.concept_id, m.polarity == NEGATED), m.confidence)
        for m in mentions
        if m.start is not None and m.end is not None
    )
    about = {"note_id": note.note_id, "language": note.language, "worth": round(worth, 4)}
    if form == DOCCANO:
        labels = [[s, e, label] for s, e, label, _ in spans]
        return {"text": note.text, "label": labels, **about, PROPOSED: _digest(labels)}
    result = [
        {
            "id": f"m{number}",
            "from_name": FROM_NAME,
            "to_name": TO_NAME,
            "type": "labels",
            "score": round(sure, 4),
            "value": {"start": s, "end": e, "text": note.text[s:e], "labels": [label]},
        }
        for number, (s, e, label, sure) in enumerate(spans)
    ]
    least = min((sure for *_, sure in spans), default=1.0)
    prediction = {"model_version": model, "score": round(least, 4), "result": result}
    return {"data": {"text": note.text, **about}, "predictions": [prediction]}


def label_of(concept_id: str, denied: bool) -> str:
    """The label of a span.

    >>> label_of("colour_black", True)
    'not:colour_black'
    """
    return f"{DENIED}{concept_id}" if denied else concept_id


def _digest(labels: Sequence[Sequence[object]]) -> str:
    data = json.dumps(sorted(labels, key=repr), ensure_ascii=False, default=str)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def stands_as_proposed(document: object) -> bool:
    """Whether a doccano document has the spans that the model proposed: perhaps nobody saw it."""
    if not isinstance(document, dict) or PROPOSED not in document:
        return False
    marks = _list_doccano(document, "")
    return bool(document[PROPOSED] == _digest([list(mark[:3]) for mark in marks]))


def count_annotations(document: object) -> int:
    """How many annotations of a Label Studio task were not cancelled."""
    return len(_list_done(document)) if isinstance(document, dict) else 0


def make_labelling(concepts: Sequence[Concept]) -> str:
    """The labelling interface that Label Studio asks for: a text, and a label a concept."""
    lines = [
        "<View>",
        f"  <Style>{KEEP_SPACES}</Style>",
        f'  <Labels name="{FROM_NAME}" toName="{TO_NAME}">',
    ]
    for concept in concepts:
        for denied in (False, True):
            lines.append(f"    <Label value={quoteattr(label_of(concept.concept_id, denied))}/>")
    lines += ["  </Labels>", f'  <Text name="{TO_NAME}" value="$text"/>', "</View>"]
    return "\n".join(lines) + "\n"


def read_review(
    document: object, place: str, texts: Mapping[str, str], known: Collection[str]
) -> GoldNote | None:
    """A reviewed task as gold; None for a Label Studio task that nobody has annotated.

    Args:
      document: the JSON of a line.
      place: file and line, for messages.
      texts: note id to text, of the workspace.
      known: concept ids.

    Raises:
      InvalidInputError: not of either format, an unknown note or concept, a text that was changed,
        or a span outside of it.
    """
    if not isinstance(document, dict):
        raise InvalidInputError(
            f"it is {kind_of(document)}", where=place, expected="a task of Label Studio or doccano"
        )
    is_studio = isinstance(document.get("data"), dict)
    data = document["data"] if is_studio else document
    note_id, text = data.get("note_id"), data.get("text")
    if not isinstance(note_id, str) or not isinstance(text, str):
        raise InvalidInputError(
            "it has no note_id or no text", where=place, expected="a task that `review export` made"
        )
    if note_id not in texts:
        raise InvalidInputError(f"note {quote(note_id)} is not in the workspace", where=place)
    place = f"{place}: note {quote(note_id)[1:-1]}"
    if text != texts[note_id]:
        raise _refuse_text(text, texts[note_id], place)
    marks = _list_studio(document, place) if is_studio else _list_doccano(document, place)
    if marks is None:
        return None
    spans = [_make_span(mark, text, known, place) for mark in marks]
    spans = sorted(set(spans), key=lambda one: (one.start, one.end, one.concept_id, one.negated))
    for one, after in pairwise(spans):
        if (one.start, one.end, one.concept_id) == (after.start, after.end, after.concept_id):
            raise InvalidInputError(
                f"the span [{one.start}, {one.end}) is {quote(one.concept_id)} and denies it",
                where=place,
                fix="keep one of the two labels",
            )
    whole = _list_whole(document, known, place)
    affirmed = [span.concept_id for span in spans if not span.negated]
    return GoldNote(note_id, tuple(spans), tuple(dict.fromkeys([*affirmed, *whole])))


def _refuse_text(text: str, own: str, place: str) -> InvalidInputError:
    """What another text than the workspace's is told: often it is that of the raw export."""
    signs = [f"[{kind}]" for kind in KINDS]
    if any(own.count(sign) > text.count(sign) for sign in signs):
        return InvalidInputError(
            "its text has personal data that `prepare` redacted in the workspace",
            where=place,
            expected="the text that `review export` wrote",
            fix="annotate that one, or run `prepare --keep-personal-data` first",
        )
    return InvalidInputError(
        "its text is not that of the workspace", where=place, fix="export the note again"
    )


Mark = tuple[object, object, object, object]  # start, end, label, the words where they are given


def _list_done(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Annotations that were not cancelled, the one to take last: ground truth, or the latest."""
    given = document.get("annotations")
    done = [
        each
        for each in (given if isinstance(given, list) else [])
        if isinstance(each, dict) and not each.get("was_cancelled")
    ]
    return sorted(done, key=_rank_annotation)


def _rank_annotation(annotation: Mapping[str, Any]) -> tuple[bool, str]:
    """Times are ISO 8601, of one clock; of two alike the later one of the file is taken."""
    time = annotation.get("updated_at") or annotation.get("created_at") or ""
    return annotation.get("ground_truth") is True, str(time)


def _list_studio(document: Mapping[str, Any], place: str) -> list[Mark] | None:
    """The marks of the annotation to take; None where there is none."""
    done = _list_done(document)
    if not done:
        return None
    marks: list[Mark] = []
    for region in _list_of(done[-1].get("result"), "result", place):
        if not _is_span(region):
            continue
        marks += _list_region(region.get("value") if isinstance(region, dict) else None, place)
    return marks


def list_other_results(document: object) -> list[str]:
    """Types of the results that are no spans, as "choices", of the annotation to take."""
    done = _list_done(document) if isinstance(document, dict) else []
    results = done[-1].get("result") if done else None
    listed = results if isinstance(results, list) else []
    return [region["type"] for region in listed if not _is_span(region)]


def _is_span(region: object) -> bool:
    """Whether a result is a span; one without a type is taken for one."""
    kind = region.get("type") if isinstance(region, dict) else None
    return not isinstance(kind, str) or kind.endswith(SPANS)


def _list_region(value: object, place: str) -> list[Mark]:
    """The marks of a span of Label Studio, one a label."""
    labels = value.get("labels") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not labels:
        raise InvalidInputError("a region has no labels", where=place, expected="spans alone")
    return [
        (value.get("start"), value.get("end"), label, value.get("text"))
        for label in _list_of(labels, "labels", place)
    ]


def _list_doccano(document: Mapping[str, Any], place: str) -> list[Mark]:
    """The marks of `label`, or `labels`, or of `entities` in projects with relations."""
    name = next((name for name in ("label", "labels", "entities") if name in document), "label")
    if name not in document and "annotation_id" in document:
        return []  # the JSON-MIN of Label Studio has no key where nothing was marked
    marks: list[Mark] = []
    for each in _list_of(document.get(name), name, place):
        if isinstance(each, dict) and "labels" in each:  # the JSON-MIN of Label Studio
            marks += _list_region(each, place)
        elif isinstance(each, dict):
            marks.append(
                (each.get("start_offset"), each.get("end_offset"), each.get("label"), None)
            )
        elif isinstance(each, list) and len(each) == 3:
            marks.append((each[0], each[1], each[2], None))
        else:
            raise InvalidInputError(
                "a mark is not of the format", where=place, expected="[start, end, label]"
            )
    return marks


def _list_whole(document: Mapping[str, Any], known: Collection[str], place: str) -> list[str]:
    """Concepts that a reviewer wrote for the note as a whole, under `concepts`."""
    data = document["data"] if isinstance(document.get("data"), dict) else document
    named = [] if "concepts" not in data else _list_of(data["concepts"], "concepts", place)
    return [_known_concept(each, known, place) for each in named]


def _make_span(mark: Mark, text: str, known: Collection[str], place: str) -> GoldSpan:
    start, end, label, words = mark
    if not isinstance(label, str):
        raise InvalidInputError(
            f"a label is {kind_of(label)}", where=place, expected="a concept id"
        )
    denied = label.startswith(DENIED) and label not in known
    concept = _known_concept(label.removeprefix(DENIED) if denied else label, known, place)
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        if not (type(start) is int and type(end) is int and isinstance(words, str)):
            shown = f"[{start}, {end})" if type(start) is type(end) is int else "of a mark"
            raise InvalidInputError(
                f"the span {shown} is not inside the text, which has {len(text)} characters",
                where=place,
            )
    if isinstance(words, str) and _as_shown(text[start:end]) != _as_shown(words):
        start, end = _from_units(text, start, end, words, place)
    return GoldSpan(start, end, concept, denied)


def _as_shown(words: str) -> str:
    """Words as a browser tells them: every run of spaces is one."""
    return re.sub(r"(?:\s|\\[nr])+", " ", words).strip()


def _from_units(text: str, start: int, end: int, words: str, place: str) -> tuple[int, int]:
    """Code points of offsets in UTF-16 units, where these give the words that are meant."""
    raw = text.encode("utf-16-le", "surrogatepass")
    before, inside = (
        part.decode("utf-16-le", "surrogatepass")
        for part in (raw[: 2 * start], raw[2 * start : 2 * end])
    )
    if _as_shown(inside) != _as_shown(words):
        raise InvalidInputError(
            f"the span [{start}, {end}) does not hold the words that it names",
            where=place,
            fix="mark it again, or export the note again",
        )
    return len(before), len(before) + len(inside)


def _known_concept(name: object, known: Collection[str], place: str) -> str:
    if not isinstance(name, str) or name not in known:
        shown = quote(name) if isinstance(name, str) else kind_of(name)
        raise InvalidInputError(
            f"the lexicon has no concept {shown}", where=place, expected="an id of the lexicon"
        )
    return name


def _list_of(value: object, key: str, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise InvalidInputError(f"key '{key}' is {kind_of(value)}", where=place, expected="a list")
    return value
