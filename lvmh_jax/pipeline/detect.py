"""Finds concepts in notes and writes `note_concepts.csv` (stage 4 of the pipeline)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.errors import UsageError
from lvmh_jax.io.columns import load_readers
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.locks import hold_output
from lvmh_jax.io.outputs import Row, make_rows, write_rows
from lvmh_jax.io.parts import ROWS, identify_run
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock, read_version, stop_on_sigterm
from lvmh_jax.io.workspace import NOTES, stream_notes
from lvmh_jax.pipeline.loading import load_model, take_lexicon
from lvmh_jax.pipeline.resuming import Batch, Made, open_parts, telling_the_way_on, work_through
from lvmh_jax.pipeline.runners import POOL, open_runner


@dataclass(frozen=True, slots=True)
class Choice:
    """What decides the rows of a note; a worker is told it, and loads the rest."""

    model_path: Path
    lexicon_file: Path | None = None
    min_confidence: float | None = None
    min_precision: float | None = None
    dictionary_only: bool = False
    max_per_alias: int | None = None


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
    workers: int | None = None,
    runner: str = POOL,
    resume: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Detects, and streams the mentions into a file that appears whole or not at all.

    The rows are the same with any number of `workers`, and with any `runner`. With `resume` the
    finished parts of an interrupted run are taken up, where there are any.

    Raises:
      UsageError: another run is writing the output, or it cannot be written.
      ResumeRefusedError: the interrupted run had another model, other notes or other options.
    """
    choice = Choice(
        model_path, lexicon_file, min_confidence, min_precision, dictionary_only, max_per_alias
    )
    with ExitStack() as stack:
        stack.enter_context(stop_on_sigterm())
        stack.enter_context(hold_output(output))
        load_readers()
        started_s = read_clock()
        # Before the model: what is wrong with the notes need not wait for it.
        notes, warnings = stream_notes(workspace_dir, notes_file, may_be_empty=True)
        notes.check_ids()
        opened_s = read_clock()
        threads = count_threads(choice)
        load = partial(load_finder, choice)
        said, find = open_runner(load, runner, workers, notes.total, stack, threads)
        for warning in said:
            progress.warn(warning)
        started_s += read_clock() - opened_s
        identify = partial(_identify, choice, notes_file or workspace_dir / NOTES)
        parts = open_parts(output, ROWS, notes.total, identify, resume, progress)
        resumed = parts.notes
        progress.start("note", notes.total)
        with telling_the_way_on(parts):
            count = write_rows(output, work_through(find, notes, notes.total, parts, progress))
        parts.drop()
        seconds = read_clock() - started_s  # the farewells of workers are no work
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    return {
        "output": str(output),
        "notes": notes.total,
        "notes_resumed": resumed,
        "mentions": count,
        "seconds": round(seconds, 3),
        "notes_per_second": round((notes.total - resumed) / max(seconds, 1e-9), 1),
    }


def count_threads(choice: Choice) -> int | None:
    """How many threads of a process find rows; None as many as pay.

    Looking up is Python's own work: two threads took a quarter longer than one (docs/log.md).
    """
    return 1 if choice.dictionary_only else None


def load_finder(choice: Choice) -> tuple[list[str], Callable[[Batch], Made[Row]]]:
    """Loads a model: the warnings, and the function that finds the rows of a batch of notes."""
    said: list[str] = []
    loaded = load_model(choice.model_path, said.append)
    model = take_lexicon(loaded, choice.lexicon_file, said.append)
    detector = _configure(
        model,
        choice.min_confidence,
        choice.min_precision,
        choice.dictionary_only,
        choice.max_per_alias,
        said.append,
    )
    detector.warm_up()
    least = choice.min_confidence or 0.0

    def find(batch: Batch) -> Made[Row]:
        clients = {note.note_id: note.client_id for note in batch}
        found = detector.detect(batch)
        if least:
            found = [mention for mention in found if mention.confidence >= least]
        return len(batch), list(make_rows(found, clients))

    return said, find


def _identify(choice: Choice, notes_file: Path) -> dict[str, Any]:
    """What the parts of this run depend on."""
    options = {**asdict(choice), "version": read_version()}
    model_path, lexicon_file = options.pop("model_path"), options.pop("lexicon_file")
    return identify_run(model_path, {"notes": notes_file, "lexicon": lexicon_file}, options)


def _configure(
    model: TrainedModel,
    min_confidence: float | None,
    min_precision: float | None,
    dictionary_only: bool,
    max_per_alias: int | None,
    warn: Callable[[str], None],
) -> ConceptDetector:
    detector = model.detector
    if max_per_alias is not None:
        settings = replace(detector.settings, max_per_alias=max_per_alias)
        detector = replace(detector, settings=settings)
    if dictionary_only:
        detector = detector.dictionary_only()
    if min_precision is not None:
        if model.scorer_source == "default" and detector.scorer is not None:
            warn("this model was trained without gold: the precision is that of the demo's gold")
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
