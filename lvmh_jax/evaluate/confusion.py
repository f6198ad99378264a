"""What a detector takes for what: pairs of concepts, and what it misses or makes up most.

Counts of (note, concept) pairs, as the note-level score has them: no text, no place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lvmh_jax.evaluate.bootstrap import bootstrap_interval
from lvmh_jax.evaluate.metrics import count_per_note
from lvmh_jax.records import NEGATED, GoldNote, Mention


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often the gold of a note names one concept where the detector names another.

    Attributes:
      gold: the concept that holds and was missed.
      found: the one that was named at an overlapping place, and does not hold.
      notes: in how many notes.
      example: the first place: note id, start, and end of both spans together.
    """

    gold: str
    found: str
    notes: int
    example: tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class ConceptErrors:
    """Notes in which a concept was missed, made up and held."""

    concept_id: str
    missed: int
    wrong: int
    gold: int


@dataclass(frozen=True, slots=True)
class ConceptScore:
    """Note-level figures of one concept, and the 95 % interval of its F1.

    Attributes:
      gold: notes that hold it.
      interval: over all notes; None of too few that hold it.
    """

    concept_id: str
    precision: float
    recall: float
    f1: float
    gold: int
    interval: tuple[float, float] | None


def score_concepts(
    gold: Sequence[GoldNote], mentions: Sequence[Mention], most: int = 30, least: int = 5
) -> list[ConceptScore]:
    """Scores the concepts that most notes hold.

    Args:
      gold: annotated notes.
      mentions: found in them.
      most: concepts.
      least: notes below which an interval would say nothing.

    >>> note = GoldNote("n1", (), ("ring",))
    >>> score_concepts([note], [Mention("n1", "ring", "", 2, 6, 0.9)])[0].f1
    1.0
    """
    row_of = {note.note_id: row for row, note in enumerate(gold)}
    held: defaultdict[str, set[int]] = defaultdict(set)
    found: defaultdict[str, set[int]] = defaultdict(set)
    for note in gold:
        for concept in note.concepts:
            held[concept].add(row_of[note.note_id])
    for note_id, named in _by_note(mentions).items():
        for mention in named:
            if note_id in row_of:
                found[mention.concept_id].add(row_of[note_id])
    names = sorted(held, key=lambda name: (-len(held[name]), name))[:most]
    return [_score_concept(name, held[name], found[name], len(gold), least) for name in names]


def _score_concept(
    name: str, held: set[int], found: set[int], notes: int, least: int
) -> ConceptScore:
    right = held & found
    interval = None
    if len(held) >= least:
        counts_N3 = np.zeros((notes, 3), np.int64)
        for column, rows in enumerate((right, found, held)):
            counts_N3[sorted(rows), column] = 1
        low, high = bootstrap_interval(counts_N3)["f1"]
        interval = (float(low), float(high))
    return ConceptScore(
        name,
        precision=len(right) / len(found) if found else 0.0,
        recall=len(right) / len(held),
        f1=2 * len(right) / (len(held) + len(found)),
        gold=len(held),
        interval=interval,
    )


def find_confusions(
    gold: Iterable[GoldNote], mentions: Sequence[Mention], most: int = 20
) -> list[Confusion]:
    """Pairs of a missed and a made-up concept whose spans overlap, the most frequent first.

    >>> from lvmh_jax.records import GoldSpan
    >>> note = GoldNote("n1", (GoldSpan(0, 4, "ring"),), ("ring",))
    >>> find_confusions([note], [Mention("n1", "watch", "", 2, 6, 0.9)])
    [Confusion(gold='ring', found='watch', notes=1, example=('n1', 0, 6))]
    """
    found_of = _by_note(mentions)
    counts: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], tuple[str, int, int]] = {}
    for note in gold:
        affirmed = found_of.get(note.note_id, [])
        named = {mention.concept_id for mention in affirmed}
        missed = {*note.concepts} - named
        places = {
            (span.concept_id, mention.concept_id): _span_both(mention, span.start, span.end)
            for span in note.spans
            if span.concept_id in missed and not span.negated
            for mention in affirmed
            if mention.concept_id not in note.concepts and _overlap(mention, span.start, span.end)
        }
        counts.update(places.keys())
        for pair, place in places.items():
            first.setdefault(pair, (note.note_id, *place))
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [Confusion(*pair, notes, first[pair]) for pair, notes in ordered[:most]]


def count_errors(
    gold: Iterable[GoldNote], mentions: Sequence[Mention], most: int = 20
) -> list[ConceptErrors]:
    """The concepts with most errors, misses and wrong ones together, the worst first."""
    found_of = _by_note(mentions)
    missed: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for note in gold:
        named = {mention.concept_id for mention in found_of.get(note.note_id, [])}
        missed.update({*note.concepts} - named)
        wrong.update(named - {*note.concepts})
        held.update({*note.concepts})
    names = sorted({*missed, *wrong}, key=lambda name: (-missed[name] - wrong[name], name))
    return [ConceptErrors(name, missed[name], wrong[name], held[name]) for name in names[:most]]


def interval_of(gold: Sequence[GoldNote], mentions: Sequence[Mention]) -> tuple[float, float]:
    """The 95 % interval of the F1 at note level, over notes.

    Raises:
      ValueError: no note.
    """
    low, high = bootstrap_interval(np.asarray(count_per_note(gold, mentions)))["f1"]
    return float(low), float(high)


def _by_note(mentions: Sequence[Mention]) -> dict[str, list[Mention]]:
    found: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        if mention.polarity != NEGATED:
            found[mention.note_id].append(mention)
    return found


def _overlap(mention: Mention, start: int, end: int) -> bool:
    if mention.start is None or mention.end is None:
        return False
    return mention.start < end and start < mention.end


def _span_both(mention: Mention, start: int, end: int) -> tuple[int, int]:
    own = (start if mention.start is None else mention.start, mention.end or end)
    return min(start, own[0]), max(end, own[1])
