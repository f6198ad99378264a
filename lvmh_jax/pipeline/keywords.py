"""Scores keyword candidates with a model; writes wordings and concepts that the lexicon lacks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.data.features import encode_texts
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.detector import ConceptDetector, batch_stream
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.default_scorer import load_default_scorer
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache, read_clock
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.suggestions import (
    JUDGED_COLUMNS,
    NEW_CONCEPT_COLUMNS,
    SUGGESTION_COLUMNS,
    write_table,
)
from lvmh_jax.io.threads import map_in_order
from lvmh_jax.io.workspace import CANDIDATES, read_candidates, stream_notes
from lvmh_jax.records import Candidate, Mention, Note
from lvmh_jax.stages.keywords import CONCEPT, WORDING, Judged, Wording, WordingTally, judge_wordings
from lvmh_jax.stages.newconcepts import NewConcept, group_wordings, list_uncovered, mark_groups

FILES = ("candidates.csv", "alias_suggestions.csv", "new_concepts.csv")
# A person reads what is suggested, so less sure matches may speak than in detection: on the demo 27
# of 98 removed aliases came back instead of 23, and one under a wrong concept as before.
SURE = 0.2


def keywords(
    model_path: Path,
    workspace_dir: Path,
    *,
    output: Path,
    min_confidence: float,
    min_notes: int,
    progress: Progress,
) -> dict[str, Any]:
    """Judges the candidates of a workspace, and writes the three files."""
    contents = read_model(model_path)
    enable_compile_cache()
    model = unpack_model(contents, str(model_path))
    started_s = read_clock()
    sources = Sources(workspace_dir)
    candidates = read_candidates(sources, workspace_dir / CANDIDATES)
    tally = tally_notes(open_ears(model), candidates, workspace_dir, progress)
    judged = judge_wordings(
        tally,
        model.detector,
        model.linking,
        min_confidence=min_confidence,
        min_notes=min_notes,
    )
    groups = find_groups(model.detector, judged, min_notes)
    judged = mark_groups(judged, groups)
    for warning in sources.warnings:
        progress.warn(warning)
    labels = {each.concept_id: each.label for each in model.detector.concepts}
    suggested = _list_suggested(judged, labels)
    paths = [output / name for name in FILES]
    write_table(paths[0], JUDGED_COLUMNS, _list_judged(judged, candidates))
    write_table(paths[1], SUGGESTION_COLUMNS, suggested)
    write_table(paths[2], NEW_CONCEPT_COLUMNS, map(_tell_group, groups))
    return {
        "outputs": [str(path) for path in paths],
        "candidates": len(candidates),
        "suggested_aliases": len(suggested),
        "new_concepts": len(groups),
        "statuses": dict(Counter(e.status for e in judged for _ in e.wording.candidates)),
        "surest": [dict(zip(SUGGESTION_COLUMNS, row, strict=True)) for row in suggested[:10]],
        "largest": [
            {"name": g.name, "notes": len(g.notes), "candidates": [w.text for w in g.members[:5]]}
            for g in groups[:5]
        ],
        "seconds": round(read_clock() - started_s, 3),
    }


def open_ears(model: TrainedModel) -> ConceptDetector:
    """The detector with thresholds that let less sure matches speak.

    Where learned matches are off, the shipped scorer judges: nothing is detected by it here.
    """
    scorer = model.detector.scorer or load_default_scorer().scorer
    limits = Thresholds(0.0, SURE, OFF)
    return replace(model.detector, scorer=replace(scorer, thresholds=limits), note_head=None)


def tally_notes(
    detector: ConceptDetector,
    candidates: Sequence[Candidate],
    workspace_dir: Path,
    progress: Progress,
) -> WordingTally:
    """Reads the notes twice: what stands there, then how often what was learned stands there."""
    tally = WordingTally(candidates)
    notes, warnings = stream_notes(workspace_dir)
    progress.start("note", notes.total)

    def detect_batch(batch: Sequence[Note]) -> tuple[Sequence[Note], list[Mention]]:
        return batch, detector.detect(batch)

    row = 0
    for batch, mentions in map_in_order(detect_batch, batch_stream(notes)):
        found = {key: list(group) for key, group in groupby(mentions, lambda m: m.note_id)}
        for note in batch:
            tally.add(row, note, found.get(note.note_id, []))
            row += 1
        progress.advance(row, examples=float(row))
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    again: Iterable[Note] = chain.from_iterable(stream_notes(workspace_dir)[0])
    for place, note in enumerate(again):
        tally.add_again(place, note)
    return tally


def find_groups(
    detector: ConceptDetector, judged: Sequence[Judged], min_notes: int
) -> list[NewConcept]:
    """New concepts: groups of candidates that no concept covers."""
    wordings = [judged[row].wording for row in list_uncovered(judged, max(min_notes, 2))]
    if not wordings:
        return []
    encoder = detector.encoder
    texts = [one.text for one in wordings]
    table, encoded = encode_texts(texts, encoder.settings.buckets, PHRASE_TOKENS)
    tokens_VD = encoder.embed_tokens(table, detector.index.rarity.of_table(table))
    return group_wordings(wordings, encoder.embed_phrases(tokens_VD, encoded), min_members=2)


def _list_judged(
    judged: Sequence[Judged], candidates: Sequence[Candidate]
) -> list[tuple[object, ...]]:
    """Rows of `candidates.csv`, those that matter most first; every candidate once."""
    ranked = []
    for each in judged:
        for row in each.wording.candidates:
            given = candidates[row]
            score = each.confidence * math.log1p(max(given.freq_notes, each.wording.notes))
            ranked.append((score, given, each))
    ranked.sort(key=lambda one: (-one[0], one[1].text))
    return [
        (
            given.text,
            "|".join(given.languages),
            given.freq_notes,
            given.avg_score,
            "|".join(given.example_note_ids),
            "" if each.status == CONCEPT else each.concept_id,
            f"{each.confidence:.6f}",
            "true" if each.status in (WORDING, CONCEPT) else "false",
            each.status,
            f"{score:.6f}",
            each.cluster if each.cluster >= 0 else "",
        )
        for score, given, each in ranked
    ]


def _list_suggested(judged: Sequence[Judged], labels: dict[str, str]) -> list[tuple[object, ...]]:
    found = [each for each in judged if each.status == WORDING]
    found.sort(key=lambda each: (-each.confidence, -each.wording.notes, each.wording.text))
    return [
        (
            each.concept_id,
            labels[each.concept_id],
            each.wording.text,
            "|".join(sorted(each.wording.languages)),
            each.wording.notes,
            "|".join(each.wording.examples),
            f"{each.confidence:.6f}",
            "",
        )
        for each in found
    ]


def _tell_group(group: NewConcept) -> tuple[object, ...]:
    return (
        group.number,
        group.name,
        "|".join(one.text for one in group.members),
        len(group.notes),
        "|".join(_list_examples(group.members)),
        f"{group.cohesion:.6f}",
    )


def _list_examples(members: Sequence[Wording]) -> list[str]:
    return list(dict.fromkeys(name for one in members for name in one.examples))[:5]
