"""Finds concepts in notes and writes `note_concepts.csv` (stage 4 of the pipeline)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvmh_jax.data.frequency import read_frequencies
from lvmh_jax.detect.detector import ConceptDetector, batch_stream
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.errors import UsageError
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.modelerasure import describe_retraining
from lvmh_jax.io.outputs import write_mentions
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache, read_clock
from lvmh_jax.io.threads import map_in_order
from lvmh_jax.io.workspace import read_lexicon_file, stream_notes
from lvmh_jax.records import Mention, Note


def detect(
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    output: Path,
    lexicon_file: Path | None = None,
    min_confidence: float | None = None,
    min_precision: float | None = None,
    dictionary_only: bool = False,
    max_per_alias: int | None = None,
    progress: Progress,
) -> dict[str, Any]:
    """Detects, and streams the mentions into a file that appears whole or not at all."""
    contents = read_model(model_path)
    if due := describe_retraining(contents.metadata):
        progress.warn(due)
    enable_compile_cache()
    model = unpack_model(contents, str(model_path))
    if lexicon_file is not None:
        lexicon, said = read_lexicon_file(lexicon_file)
        model = replace(model, detector=model.detector.with_lexicon(lexicon))
        for warning in said:
            progress.warn(warning)
    if model.detector.scorer is not None and not dictionary_only:
        read_frequencies()  # a second, part of loading: the first note need not wait for it
    started_s = read_clock()
    notes, warnings = stream_notes(workspace_dir, notes_file)
    detector = _configure(
        model, min_confidence, min_precision, dictionary_only, max_per_alias, progress
    )
    progress.start("note", notes.total)
    clients: dict[str, str] = {}
    found = _stream(detector, notes, min_confidence, clients, progress)
    count = write_mentions(output, found, clients)
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    seconds = read_clock() - started_s
    return {
        "output": str(output),
        "notes": notes.total,
        "mentions": count,
        "seconds": round(seconds, 3),
        "notes_per_second": round(notes.total / max(seconds, 1e-9), 1),
    }


def _configure(
    model: TrainedModel,
    min_confidence: float | None,
    min_precision: float | None,
    dictionary_only: bool,
    max_per_alias: int | None,
    progress: Progress,
) -> ConceptDetector:
    detector = model.detector
    if max_per_alias is not None:
        settings = replace(detector.settings, max_per_alias=max_per_alias)
        detector = replace(detector, settings=settings)
    if dictionary_only:
        detector = detector.dictionary_only()
    if min_precision is not None:
        if model.scorer_source == "default" and detector.scorer is not None:
            progress.warn(
                "this model was trained without gold: the precision is that of the demo's gold"
            )
        min_confidence = confidence_for(model, min_precision, detector)
    if min_confidence is not None and detector.scorer is not None:
        set_by_gold = detector.scorer.thresholds
        limits = Thresholds(
            max(set_by_gold.keep_exact, min_confidence),
            max(set_by_gold.add_learned, min_confidence),
            max(set_by_gold.overlapping, min_confidence),
        )
        head = detector.note_head.require(min_confidence) if detector.note_head else None
        scorer = replace(detector.scorer, thresholds=limits)
        detector = replace(detector, scorer=scorer, note_head=head)
    return detector


def confidence_for(
    model: TrainedModel, precision: float, detector: ConceptDetector | None = None
) -> float:
    """The lowest confidence from which up mentions were right often enough, on gold.

    Raises:
      UsageError: no confidence of this model reached that precision.
    """
    detector = detector or model.detector
    if detector.scorer is None:
        reached = [0.0] if detector.dictionary_precision >= precision else []
    else:
        reached = [at for at, share in model.curve if share >= precision]
    if not reached:
        raise UsageError(
            f"--min-precision {precision} was not reached by this model on the gold it knows",
            fix="ask for less, or use --min-confidence",
        )
    return min(reached)


def _stream(
    detector: ConceptDetector,
    notes: Iterable[Sequence[Note]],
    min_confidence: float | None,
    clients: dict[str, str],
    progress: Progress,
) -> Iterator[Mention]:
    """Mentions in the order of the notes; `clients` has those of the notes they come from."""
    least, done = min_confidence or 0.0, 0

    def detect_batch(batch: Sequence[Note]) -> tuple[Sequence[Note], list[Mention]]:
        return batch, detector.detect(batch)

    for batch, found in map_in_order(detect_batch, batch_stream(notes)):
        clients.clear()
        clients.update((note.note_id, note.client_id) for note in batch)
        yield from (mention for mention in found if mention.confidence >= least)
        done += len(batch)
        progress.advance(done, examples=float(done))
