"""Workspace statistics for `doctor`: coverage, balance, gold, training data."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lvmh_jax.config import TrainSettings
from lvmh_jax.data.examples import choose_held_aliases
from lvmh_jax.data.inspection import Inspection
from lvmh_jax.records import BUCKETS, Candidate, GoldNote

Figures = dict[str, Any]


def measure_coverage(seen: Inspection) -> Figures:
    """Share of notes with a dictionary match, and matches per note: total, by language and bucket.

    A match shared by several concepts counts once in the total, and once for each of their buckets.
    """
    with_bucket: Counter[str] = Counter()
    of_bucket: Counter[str] = Counter()
    by_language: dict[str, list[int]] = defaultdict(list)
    for note, hits in zip(seen.notes, seen.hits, strict=True):
        by_language[note.language or "none"].append(len(hits))
        named = [
            bucket
            for hit in hits
            for bucket in {seen.concepts[seen.aliases[row].row].bucket for row in hit.aliases}
        ]
        of_bucket.update(named)
        with_bucket.update(set(named))
    total = max(len(seen.notes), 1)
    counts = [len(hits) for hits in seen.hits]
    return {
        "all": _coverage(counts),
        "by_language": {code: _coverage(n) for code, n in sorted(by_language.items())},
        "by_bucket": {
            bucket: {
                "notes_with_match": round(with_bucket[bucket] / total, 4),
                "matches_a_note": round(of_bucket[bucket] / total, 4),
            }
            for bucket in BUCKETS
        },
    }


def _coverage(counts: Sequence[int]) -> Figures:
    total = max(len(counts), 1)
    return {
        "notes": len(counts),
        "notes_with_match": round(sum(map(bool, counts)) / total, 4),
        "matches_a_note": round(sum(counts) / total, 4),
    }


def measure_balance(seen: Inspection) -> Figures:
    """Size of the lexicon, and the distribution of aliases over concepts."""
    sizes = np.array([len(rows) for rows in seen.aliases_of])
    buckets = Counter(concept.bucket for concept in seen.concepts)
    ordered = np.sort(sizes)[::-1]
    tenth = ordered[: -(-len(ordered) // 10)].sum()
    return {
        "concepts": len(seen.concepts),
        "aliases": len(seen.aliases),
        "aliases_that_fire": sum(bool(seen.notes_of(row)) for row in range(len(seen.aliases))),
        "concepts_by_bucket": {bucket: buckets[bucket] for bucket in BUCKETS},
        "aliases_a_concept": {
            "least": int(sizes.min()),
            "median": float(np.median(sizes)),
            "most": int(sizes.max()),
        },
        "share_of_the_largest_tenth": round(float(tenth / max(sizes.sum(), 1)), 4),
        "concepts_with_one_alias": int((sizes == 1).sum()),
        "sensitive_concepts": sum(concept.sensitive for concept in seen.concepts),
    }


def measure_gold(seen: Inspection, gold: Mapping[str, Sequence[GoldNote]]) -> Figures:
    """For each split: notes, annotated concepts, and the share of them outside the lexicon.

    No model can find concepts outside the lexicon, so recall is at most one minus that share.
    """
    known = {concept.concept_id for concept in seen.concepts}
    figures = {}
    for split, notes in gold.items():
        named = [concept for note in notes for concept in note.concepts]
        outside = sum(concept not in known for concept in named)
        share = outside / max(len(named), 1)
        figures[split] = {
            "notes": len(notes),
            "concepts_annotated": len(named),
            "spans": sum(len(note.spans) for note in notes),
            "outside_lexicon": round(share, 4),
            "recall_ceiling": round(1 - share, 4),
        }
    return figures


def measure_training(
    seen: Inspection, candidates: Sequence[Candidate], settings: TrainSettings
) -> Figures:
    """What `train` would use and drop with default settings and all notes."""
    rng = np.random.default_rng([settings.seed, 0])
    held = choose_held_aliases(seen.aliases, settings.holdout_aliases, rng)
    listed = {alias.text.casefold() for alias in seen.aliases}
    concepts = [
        {seen.aliases[row].row for row in hit.aliases} for hits in seen.hits for hit in hits
    ]
    ambiguous = sum(len(each) > 1 for each in concepts)
    written = sum(len(concept.aliases) for concept in seen.concepts)
    return {
        "aliases_used": int((~held).sum()),
        "aliases_held_out": int(held.sum()),
        "aliases_written": written,
        "concepts_without_alias": sum(not rows for rows in seen.aliases_of),
        "contexts": len(concepts) - ambiguous,
        "contexts_ambiguous_skipped": ambiguous,
        "notes_held_out": round(settings.holdout_notes * len(seen.notes)),
        "notes_without_text": sum(not note.text.strip() for note in seen.notes),
        "notes_without_match": sum(not hits for hits in seen.hits),
        "candidates_used": sum(each.text.casefold() not in listed for each in candidates),
        "candidates_that_are_aliases": sum(each.text.casefold() in listed for each in candidates),
    }
