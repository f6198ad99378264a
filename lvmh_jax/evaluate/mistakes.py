"""What a detector misses and makes up, note by note, and how precision falls as recall rises.

Both count (note, concept) pairs as the note-level score does: the mistakes are exactly the pairs
that keep its precision and recall below 1, and the curve ends at its figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lvmh_jax.records import NEGATED, GoldNote, Mention

MOST_POINTS = 101


@dataclass(frozen=True, slots=True)
class Mistake:
    """A concept that was missed in a note, or named where it does not hold.

    Attributes:
      note_id: of the note.
      concept_id: of the concept.
      missed: True where it holds and was not named, False where it was named and does not hold.
      start: where it is annotated, or was named most surely; None where it has no place.
      end: end of the place, excluded.
      confidence: of the surest mention; None where there is none.
    """

    note_id: str
    concept_id: str
    missed: bool
    start: int | None
    end: int | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Precision and recall of the mentions that are at least so sure."""

    confidence: float
    precision: float
    recall: float


def list_mistakes(gold: Iterable[GoldNote], mentions: Sequence[Mention]) -> list[Mistake]:
    """Lists the false positives, the surest first, then the false negatives in the order of gold.

    A concept that is named at several places of a note is one mistake, as it is one pair.

    >>> note = GoldNote("n1", (), ("ring",))
    >>> found = [Mention("n1", "watch", "", 2, 6, 0.9)]
    >>> [(each.concept_id, each.missed) for each in list_mistakes([note], found)]
    [('watch', False), ('ring', True)]
    """
    surest = _find_surest(mentions)
    wrong: list[Mistake] = []
    missed: list[Mistake] = []
    named_in: dict[str, list[Mention]] = {}
    for mention in surest.values():
        named_in.setdefault(mention.note_id, []).append(mention)
    for note in gold:
        wrong += [
            Mistake(note.note_id, m.concept_id, False, m.start, m.end, m.confidence)
            for m in named_in.get(note.note_id, [])
            if m.concept_id not in note.concepts
        ]
        for concept in dict.fromkeys(note.concepts):
            if (note.note_id, concept) not in surest:
                places = [s for s in note.spans if s.concept_id == concept and not s.negated]
                start, end = (places[0].start, places[0].end) if places else (None, None)
                missed.append(Mistake(note.note_id, concept, True, start, end, None))
    wrong.sort(key=lambda each: (-(each.confidence or 0.0), each.note_id, each.concept_id))
    return wrong + missed


def measure_curve(gold: Sequence[GoldNote], mentions: Sequence[Mention]) -> list[CurvePoint]:
    """Precision and recall from each confidence up, the surest first; at most 101 points.

    The last point is of all mentions: the detector named nothing that is less sure.

    >>> gold = [GoldNote("n1", (), ("ring", "watch"))]
    >>> measure_curve(gold, [Mention("n1", "ring", "", 2, 6, 0.9)])
    [CurvePoint(confidence=0.9, precision=1.0, recall=0.5)]
    """
    held = {(note.note_id, concept) for note in gold for concept in note.concepts}
    notes = {note.note_id for note in gold}
    surest = {pair: m for pair, m in _find_surest(mentions).items() if pair[0] in notes}
    ordered = sorted(surest, key=lambda pair: -surest[pair].confidence)
    points: list[CurvePoint] = []
    right = 0
    for count, pair in enumerate(ordered, start=1):
        right += pair in held
        sure = surest[pair].confidence
        # Pairs that are as sure share one point: no threshold could part them.
        if count == len(ordered) or surest[ordered[count]].confidence != sure:
            points.append(CurvePoint(sure, right / count, right / len(held) if held else 0.0))
    if len(points) <= MOST_POINTS:
        return points
    last = len(points) - 1
    return [points[step * last // (MOST_POINTS - 1)] for step in range(MOST_POINTS)]


def _find_surest(mentions: Iterable[Mention]) -> dict[tuple[str, str], Mention]:
    """The surest affirmed mention of each concept in each note."""
    surest: dict[tuple[str, str], Mention] = {}
    for mention in mentions:
        pair = (mention.note_id, mention.concept_id)
        if mention.polarity != NEGATED:
            known = surest.get(pair)
            if known is None or mention.confidence > known.confidence:
                surest[pair] = mention
    return surest
