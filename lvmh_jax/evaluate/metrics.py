"""What is right and what is missing: gold notes and mentions in, scores out.

The definitions are those of the contract's scorer; `tests/evaluate/test_metrics.py` compares the
two. Everything is counted on *sets*: a mention found twice counts once. Negated mentions and
negated gold spans do not count there; `score_denied`, which is ours, counts them alone. Mentions
of notes without gold are left out, not wrong. Nothing is rounded here: rounding belongs to whoever
prints.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lvmh_jax.records import NEGATED, GoldNote, Mention

Pair = tuple[str, str]  # note id, concept id
Span = tuple[str, int, int, str]  # note id, start, end, concept id

OUTSIDE_LEXICON = "outside lexicon"
UNKNOWN_LANGUAGE = "unknown"


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one comparison; with nothing found or nothing to find, a figure is 0.

    >>> Score(tp=1, predicted=2, gold=4).f1
    0.3333333333333333
    """

    tp: int
    predicted: int
    gold: int

    @property
    def precision(self) -> float:
        """Share of what was predicted that is right."""
        return self.tp / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found."""
        return self.tp / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def to_dict(self) -> dict[str, float]:
        """JSON-ready: the three figures, then the three counts."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "tp": self.tp,
            "predicted": self.predicted,
            "gold": self.gold,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    """Every score of one system on one set of gold notes.

    Attributes:
      notes: gold notes compared.
      note_level: micro over (note, concept) pairs.
      macro_f1: mean F1 over the concepts that gold names; others have no recall to speak of.
      gold_concepts: how many concepts that mean is over.
      span_strict: a span is right when note, start, end and concept are.
      span_relaxed: overlap is enough; each gold span pays for one predicted span.
    """

    notes: int
    note_level: Score
    macro_f1: float
    gold_concepts: int
    span_strict: Score
    span_relaxed: Score

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, keys as in the contract; span scores are None where gold marks no span."""
        spans = self.span_strict.gold > 0
        return {
            **self.note_level.to_dict(),
            "macro_f1": self.macro_f1,
            "span_strict": self.span_strict.to_dict() if spans else None,
            "span_relaxed": self.span_relaxed.to_dict() if spans else None,
            "notes": self.notes,
            "gold_concepts": self.gold_concepts,
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of gold a lexicon can express at all.

    Attributes:
      gold_concepts: distinct concepts that gold names.
      outside: those that the lexicon lacks, sorted.
      recall_ceiling: recall at note level of a perfect detector that knows this lexicon only.
    """

    gold_concepts: int
    outside: tuple[str, ...]
    recall_ceiling: float

    @property
    def outside_share(self) -> float:
        """Share of the gold concepts that the lexicon lacks."""
        return len(self.outside) / self.gold_concepts if self.gold_concepts else 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "gold_concepts": self.gold_concepts,
            "outside": list(self.outside),
            "outside_share": self.outside_share,
            "recall_ceiling": self.recall_ceiling,
        }


@dataclass(slots=True)
class _Facts:
    """The sets that all scores are counted on."""

    notes: set[str] = field(default_factory=set)
    gold_pairs: set[Pair] = field(default_factory=set)
    found_pairs: set[Pair] = field(default_factory=set)
    gold_spans: set[Span] = field(default_factory=set)
    found_spans: set[Span] = field(default_factory=set)


def score_mentions(gold: Iterable[GoldNote], mentions: Sequence[Mention]) -> Scores:
    """Scores mentions against gold.

    >>> gold = [GoldNote("n1", spans=(), concepts=("ring", "watch"))]
    >>> found = [Mention("n1", "ring", "", None, None, confidence=0.9)]
    >>> score_mentions(gold, found).note_level
    Score(tp=1, predicted=1, gold=2)
    """
    return _score(_collect(gold, mentions))


def score_by_bucket(
    gold: Iterable[GoldNote], mentions: Sequence[Mention], bucket_of: Mapping[str, str]
) -> dict[str, Scores]:
    """Scores each bucket by itself, over all notes.

    Args:
      gold: annotated notes.
      mentions: what the system found.
      bucket_of: concept id to bucket, for every lexicon concept.

    Returns: bucket to scores, sorted, for buckets that gold or the system names; concepts that
      `bucket_of` lacks are under `OUTSIDE_LEXICON`. The counts add up to those of all notes.
    """
    facts = _collect(gold, mentions)
    parts = _split(facts, lambda pair: bucket_of.get(pair[1], OUTSIDE_LEXICON))
    for part in parts.values():
        part.notes = facts.notes
    return {name: _score(parts[name]) for name in sorted(parts)}


def score_by_language(
    gold: Iterable[GoldNote], mentions: Sequence[Mention], language_of: Mapping[str, str]
) -> dict[str, Scores]:
    """Scores the notes of each language by themselves.

    Args:
      gold: annotated notes.
      mentions: what the system found.
      language_of: note id to language; absent or empty is `UNKNOWN_LANGUAGE`.

    Returns: language to scores, sorted, for languages of gold notes.
    """
    facts = _collect(gold, mentions)
    parts = _split(facts, lambda pair: language_of.get(pair[0]) or UNKNOWN_LANGUAGE)
    for note_id in facts.notes:
        # A note without gold and without mentions is in no pair, yet it is one of the notes.
        parts[language_of.get(note_id) or UNKNOWN_LANGUAGE].notes.add(note_id)
    return {name: _score(parts[name]) for name in sorted(parts)}


def score_denied(gold: Iterable[GoldNote], mentions: Sequence[Mention]) -> Score:
    """Scores what is denied alone, as (note, concept) pairs: negated mentions, negated gold spans.

    A note that names concepts and marks no span tells nothing of what it denies: it is left out.

    >>> from lvmh_jax.records import GoldSpan
    >>> gold = [GoldNote("n1", (GoldSpan(3, 10, "leather", negated=True),), ())]
    >>> found = [Mention("n1", "leather", "", 3, 10, 0.9, polarity=NEGATED)]
    >>> score_denied(gold, found), score_denied(gold, []).recall
    (Score(tp=1, predicted=1, gold=1), 0.0)
    """
    judged = {note.note_id: note for note in gold if note.spans or not note.concepts}
    denied = {
        (note.note_id, span.concept_id)
        for note in judged.values()
        for span in note.spans
        if span.negated
    }
    found = {
        (mention.note_id, mention.concept_id)
        for mention in mentions
        if mention.note_id in judged and mention.polarity == NEGATED
    }
    return Score(len(denied & found), len(found), len(denied))


def measure_coverage(gold: Iterable[GoldNote], concept_ids: Collection[str]) -> Coverage:
    """Measures what share of gold lies outside the lexicon `concept_ids`.

    Without any gold concept nothing is out of reach: the ceiling is 1.
    """
    known = frozenset(concept_ids)
    pairs = {(note.note_id, concept) for note in gold for concept in note.concepts}
    concepts = {concept for _, concept in pairs}
    reachable = sum(concept in known for _, concept in pairs)
    return Coverage(
        gold_concepts=len(concepts),
        outside=tuple(sorted(concepts - known)),
        recall_ceiling=reachable / len(pairs) if pairs else 1.0,
    )


def count_per_note(gold: Iterable[GoldNote], mentions: Sequence[Mention]) -> npt.NDArray[np.int64]:
    """Counts note-level pairs of each note: what `bootstrap` resamples.

    Returns: int64 counts_N3 of (tp, predicted, gold), a row a note, sorted by note id.
    """
    facts = _collect(gold, mentions)
    row_of = {note_id: row for row, note_id in enumerate(sorted(facts.notes))}
    counts_N3 = np.zeros((len(row_of), 3), np.int64)
    columns = (facts.gold_pairs & facts.found_pairs, facts.found_pairs, facts.gold_pairs)
    for column, pairs in enumerate(columns):
        rows = [row_of[note_id] for note_id, _ in pairs]
        counts_N3[:, column] = np.bincount(rows, minlength=len(row_of)) if rows else 0
    return counts_N3


def _collect(gold: Iterable[GoldNote], mentions: Sequence[Mention]) -> _Facts:
    facts = _Facts()
    for note in gold:
        facts.notes.add(note.note_id)
        facts.gold_pairs.update((note.note_id, concept) for concept in note.concepts)
        for span in note.spans:
            if not span.negated:
                facts.gold_spans.add((note.note_id, span.start, span.end, span.concept_id))
    for mention in mentions:
        if mention.note_id not in facts.notes or mention.polarity == NEGATED:
            continue
        facts.found_pairs.add((mention.note_id, mention.concept_id))
        if mention.start is not None and mention.end is not None:
            span_key = (mention.note_id, mention.start, mention.end, mention.concept_id)
            facts.found_spans.add(span_key)
    return facts


def _split(facts: _Facts, key: Callable[[Pair], str]) -> defaultdict[str, _Facts]:
    """Deals the facts (not the notes) into groups by a key of their (note, concept) pair."""
    parts: defaultdict[str, _Facts] = defaultdict(_Facts)
    for pair in facts.gold_pairs:
        parts[key(pair)].gold_pairs.add(pair)
    for pair in facts.found_pairs:
        parts[key(pair)].found_pairs.add(pair)
    for span in facts.gold_spans:
        parts[key((span[0], span[3]))].gold_spans.add(span)
    for span in facts.found_spans:
        parts[key((span[0], span[3]))].found_spans.add(span)
    return parts


def _score(facts: _Facts) -> Scores:
    gold_pairs, found_pairs = facts.gold_pairs, facts.found_pairs
    gold_spans, found_spans = facts.gold_spans, facts.found_spans
    f1_of = _concept_f1(gold_pairs, found_pairs)
    strict = len(gold_spans & found_spans)
    relaxed = _count_relaxed(gold_spans, found_spans)
    return Scores(
        notes=len(facts.notes),
        note_level=Score(len(gold_pairs & found_pairs), len(found_pairs), len(gold_pairs)),
        # fsum: the mean must not depend on the order in which a set is walked.
        macro_f1=math.fsum(f1_of.values()) / len(f1_of) if f1_of else 0.0,
        gold_concepts=len(f1_of),
        span_strict=Score(strict, len(found_spans), len(gold_spans)),
        span_relaxed=Score(relaxed, len(found_spans), len(gold_spans)),
    )


def _concept_f1(gold_pairs: set[Pair], found_pairs: set[Pair]) -> dict[str, float]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for column, pairs in enumerate((gold_pairs & found_pairs, found_pairs, gold_pairs)):
        for _, concept in pairs:
            counts[concept][column] += 1
    return {name: 2 * tp / (found + gold) for name, (tp, found, gold) in counts.items() if gold}


def _count_relaxed(gold_spans: set[Span], found_spans: set[Span]) -> int:
    """Counts found spans that overlap a gold span of the same note and concept, one to one.

    Greedy, as the contract's scorer has it: exact pairs first, then by start.
    """
    open_spans: defaultdict[Pair, list[tuple[int, int]]] = defaultdict(list)
    for note_id, start, end, concept in sorted(gold_spans - found_spans):
        open_spans[note_id, concept].append((start, end))
    hits = len(gold_spans & found_spans)
    for note_id, start, end, concept in sorted(found_spans - gold_spans):
        gold = open_spans[note_id, concept]
        hit = next((span for span in gold if start < span[1] and span[0] < end), None)
        if hit is not None:
            gold.remove(hit)
            hits += 1
    return hits
