"""Gold annotation: JSON lines, checked against the annotated notes.

A wrong offset causes no crash, but silently lowers a score. So every span is checked here, and the
message names file, line and note.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from lvmh_jax.data.documents import kind_of, parse_json, quote
from lvmh_jax.data.lexicon import is_identifier
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import GoldNote, GoldSpan

MAX_OFFSET = 2**31
MOST_OUTSIDE = 5  # maximum number of ids in a warning
ALIKE = 0.6  # difflib's default: "oud_wood" and "oud" have .55, "wood_oud" and "wood" .67
MOST_COMPARED = 50_000  # concepts; comparing an id with more takes tenths of a second
_OFFSETS = "Offsets count Unicode code points of `text`, end excluded"


def parse_gold(
    lines: Iterable[str], where: str, texts: Mapping[str, str]
) -> tuple[tuple[GoldNote, ...], list[str]]:
    """Parses one split.

    Args:
      lines: the file, one JSON object per line; blank lines are skipped. A note that is annotated
        as a whole has no spans.
      where: name of the file, for messages.
      texts: note id to text, for all notes of the workspace.

    Returns:
      The gold of the notes in the workspace, in file order, and the warnings. Concepts outside the
      lexicon are allowed.

    Raises:
      InvalidInputError: no line, a malformed line, a duplicate note, or a span outside its text.

    >>> line = '{"note_id": "N1", "spans": [{"start": 0, "end": 3, "concept_id": "bag"}],'
    >>> notes, _ = parse_gold([line + ' "concepts": ["bag"]}'], "dev.jsonl", {"N1": "sac noir"})
    >>> notes[0].spans[0].end
    3
    """
    places: dict[str, int] = {}
    kept: list[GoldNote] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        place = f"{where}:{number}"
        note = _parse_note(parse_json(line, place), place, texts)
        if note.note_id in places:
            raise InvalidInputError(
                f"note {quote(note.note_id)[1:-1]} is annotated twice, "
                f"first in line {places[note.note_id]}",
                where=place,
            )
        places[note.note_id] = number
        if note.note_id in texts:
            kept.append(note)
    if not places:
        raise InvalidInputError("it holds no gold note", where=where, expected="one a line")
    return tuple(kept), _warnings(kept, len(places), where)


def _warnings(kept: list[GoldNote], count: int, where: str) -> list[str]:
    out = []
    if len(kept) < count:
        out.append(
            f"{where}: {count - len(kept)} of {count} gold notes are not among the notes: skipped"
        )
    odd = [note.note_id for note in kept if not _affirmed(note) <= set(note.concepts)]
    if odd:
        out.append(
            f"{where}: {len(odd)} of {len(kept)} gold notes mark a concept that `concepts` does "
            f"not hold (first: {quote(odd[0])})"
        )
    return out


def describe_outside(gold: Mapping[str, Sequence[GoldNote]], known: Collection[str]) -> list[str]:
    """Warns about annotated concepts that are not in the lexicon; empty if there are none.

    This may be intended: public corpora annotate more than one lexicon lists. Or a concept was
    renamed, but not in its annotation, and then each of its notes silently counts as a miss.

    Args:
      gold: notes of each split.
      known: ids of the lexicon.
    """
    named = Counter(
        concept for notes in gold.values() for note in notes for concept in _named(note)
    )
    outside = [each for each in named.most_common() if each[0] not in known]
    if not outside:
        return []
    told = ", ".join(_tell_outside(*each, known) for each in outside[:MOST_OUTSIDE])
    more = f", and {left:,} more" if (left := len(outside) - MOST_OUTSIDE) > 0 else ""
    return [
        f"gold ({', '.join(gold)}): {len(outside):,} of {len(named):,} annotated concepts are not "
        f"in the lexicon, so they count as missed and nothing learns from them: {told}{more}"
    ]


def _named(note: GoldNote) -> dict[str, None]:
    """The distinct concepts of a note in order; a set would have another order in every run."""
    return dict.fromkeys([*note.concepts, *(span.concept_id for span in note.spans)])


def _tell_outside(concept_id: str, notes: int, known: Collection[str]) -> str:
    """Describes an unknown id: the number of its notes, and the most similar known id."""
    near: list[str] = []
    # Codes such as D003920 and D003930 are similar without being related.
    is_word = 2 * sum(map(str.isalpha, concept_id)) > len(concept_id)
    if is_word and len(known) <= MOST_COMPARED:
        near = difflib.get_close_matches(concept_id, known, n=1, cutoff=ALIKE)
    hint = f"; did you mean {quote(near[0])}?" if near else ""
    count = "1 note" if notes == 1 else f"{notes:,} notes"
    return f"{quote(concept_id)} ({count}{hint})"


def _affirmed(note: GoldNote) -> set[str]:
    return {span.concept_id for span in note.spans if not span.negated}


def _parse_note(document: object, place: str, texts: Mapping[str, str]) -> GoldNote:
    fields = _object(document, "the line", place)
    note_id = fields.get("note_id")
    if not isinstance(note_id, str) or not note_id:
        raise InvalidInputError(
            f"key 'note_id' is {kind_of(note_id)}", where=place, expected="a string, not empty"
        )
    place = f"{place}: note {quote(note_id)[1:-1]}"
    concepts = _list(fields.get("concepts"), "concepts", place)
    for concept_id in concepts:
        _concept_id(concept_id, "concepts", place)
    spans = [] if fields.get("spans") is None else _list(fields["spans"], "spans", place)
    return GoldNote(
        note_id=note_id,
        spans=tuple(_parse_span(span, place, texts.get(note_id)) for span in spans),
        concepts=tuple(dict.fromkeys(str(concept_id) for concept_id in concepts)),
    )


def _parse_span(document: object, place: str, text: str | None) -> GoldSpan:
    """Parses one span; `text` is None for a note outside the workspace."""
    fields = _object(document, "a span", place)
    start, end = _offset(fields, "start", place), _offset(fields, "end", place)
    fault = ""
    if end <= start:
        fault = "is empty" if end == start else "ends before it starts"
    elif text is not None and end > len(text):
        fault = f"ends after the text, which has {len(text)} characters"
    if fault:
        raise InvalidInputError(f"span [{start}, {end}) {fault}", where=place, fix=_OFFSETS)
    negated = fields.get("negated", False)
    if not isinstance(negated, bool):
        raise InvalidInputError(
            f"key 'negated' of a span is {kind_of(negated)}", where=place, expected="true or false"
        )
    concept_id = _concept_id(fields.get("concept_id"), "concept_id", place)
    return GoldSpan(start=start, end=end, concept_id=concept_id, negated=negated)


def _offset(fields: Mapping[str, object], key: str, place: str) -> int:
    value = fields.get(key)
    # bool is an int to Python: `"start": true` would be offset 1.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < MAX_OFFSET:
        shown = str(value) if type(value) is int and abs(value) <= MAX_OFFSET else kind_of(value)
        raise InvalidInputError(
            f"key '{key}' of a span is {shown}",
            where=place,
            expected=f"a whole number from 0 to {MAX_OFFSET:,}",
            fix=_OFFSETS,
        )
    return value


def _concept_id(value: object, key: str, place: str) -> str:
    if not isinstance(value, str) or not is_identifier(value):
        raise InvalidInputError(
            f"key '{key}' holds {kind_of(value)}",
            where=place,
            expected="a concept id of printable characters",
        )
    return value


def _object(value: object, name: str, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise InvalidInputError(
            f"{name} is {kind_of(value)}", where=place, expected="an object in braces"
        )
    return value


def _list(value: object, key: str, place: str) -> list[object]:
    if not isinstance(value, list):
        raise InvalidInputError(
            f"key '{key}' is {'missing' if value is None else kind_of(value)}",
            where=place,
            expected="a list",
        )
    return value
