"""The review loop: informative notes out to an annotation tool, reviewed ones into gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from lvmh_jax.detect.detector import ConceptDetector, batch_stream
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.errors import NotFoundError
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.reviews import (
    append_gold,
    list_annotated,
    read_reviews,
    write_tasks,
)
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.suggestions import find_lexicon, read_document
from lvmh_jax.io.tables import write_text
from lvmh_jax.io.threads import map_in_order
from lvmh_jax.io.workspace import NOTES, read_notes_of, stream_notes
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.records import Mention, Note
from lvmh_jax.stages.informative import pick_notes
from lvmh_jax.stages.reviews import make_labelling, make_task

DOUBTFUL = 0.05  # a match that is less sure tells next to nothing: .29 bits


def export(
    model_path: Path,
    workspace_dir: Path,
    *,
    output: Path,
    labels: Path | None,
    count: int,
    strategy: str,
    form: str,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """Writes the most informative notes without gold, with proposed spans."""
    detector = load_model(model_path, progress.warn).detector
    started_s = read_clock()
    annotated = list_annotated(workspace_dir)
    free, mentions, repeats = _read_free(detector, workspace_dir, annotated, progress)
    picked = pick_notes(free, mentions, count, strategy, seed)
    chosen = [note for note, _ in picked]
    proposed: dict[str, list[Mention]] = {}
    for mention in detector.detect(chosen):
        proposed.setdefault(mention.note_id, []).append(mention)
    tasks = [
        make_task(note, proposed.get(note.note_id, ()), worth, form, model_path.name)
        for note, worth in picked
    ]
    write_tasks(output, tasks)
    if labels is not None:
        write_text(labels, make_labelling(detector.concepts))
    progress.warn(
        f"{output.name} holds the texts of {len(tasks)} notes as they are, not redacted: a person "
        "has to read them, and offsets count in them"
    )
    return {
        "output": str(output),
        "labels": None if labels is None else str(labels),
        "format": form,
        "strategy": strategy,
        "notes": len(tasks),
        "unannotated": len(free),
        "same_text": repeats,
        "annotated": len(annotated),
        "proposed_spans": sum(m.start is not None for each in proposed.values() for m in each),
        "languages": dict(Counter(note.language for note in chosen).most_common()),
        "seconds": round(read_clock() - started_s, 3),
    }


def _read_free(
    detector: ConceptDetector,
    workspace_dir: Path,
    annotated: Collection[str],
    progress: Progress,
) -> tuple[list[Note], dict[str, list[Mention]], int]:
    """The notes without gold, by id their mentions, doubtful ones too, and how many repeat a text.

    Of notes of one text the first is taken, or none where one is annotated: of two, one could end
    in train and one in dev.
    """
    notes, warnings = stream_notes(workspace_dir)
    # Gold may be of notes that are no longer there; 0 is shown as no total.
    progress.start("note", max(0, notes.total - len(annotated)))
    free: list[Note] = []
    doubtful: list[Mention] = []
    known: set[str] = set()

    def take_free(batch: Sequence[Note]) -> list[Note]:
        known.update(note.text for note in batch if note.note_id in annotated)
        return [note for note in batch if note.note_id not in annotated]

    pieces = map(take_free, notes)
    for batch, found in map_in_order(lambda b: (b, listen(detector, b)), batch_stream(pieces)):
        free += batch
        doubtful += found
        progress.advance(len(free), examples=float(len(free)))
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    first_of = {note.text: note.note_id for note in reversed(free) if note.text not in known}
    repeats = len(free) - len(first_of)
    free = [note for note in free if first_of.get(note.text) == note.note_id]
    if repeats:
        progress.warn(f"{repeats} notes have the text of another, or of an annotated one: left out")
    if not free:
        repeating = " or repeat the text of one that is" if repeats else ""
        raise NotFoundError(
            f"no note is left to review; all {notes.total} are annotated already{repeating}",
            where=(workspace_dir / NOTES).as_posix(),
            fix="add notes to the workspace",
        )
    mentions = {key: list(group) for key, group in groupby(doubtful, lambda m: m.note_id)}
    return free, mentions, repeats


def listen(detector: ConceptDetector, notes: Sequence[Note]) -> list[Mention]:
    """Mentions of notes, doubtful ones too."""
    limits = detector.scorer.thresholds if detector.scorer else Thresholds()
    wide = replace(limits, keep_exact=0.0, add_learned=DOUBTFUL)
    return detector.detect_at(notes, [wide])[0]


def take_in(
    reviewed: Path, workspace_dir: Path, *, split: str, progress: Progress
) -> dict[str, Any]:
    """Validates reviewed tasks and appends them to a gold split; all of them or none."""
    notes, said = read_notes_of(workspace_dir)
    texts = {note.note_id: note.text for note in notes}
    _, lexicon = read_document(find_lexicon(workspace_dir), progress.warn)
    annotated = list_annotated(workspace_dir)
    elsewhere = {name: other for name, other in annotated.items() if other != split}
    known = lexicon.row_of.keys()
    gold, untouched, warnings = read_reviews(reviewed, texts, known, elsewhere)
    path, replaced = append_gold(workspace_dir, split, gold, texts)
    for warning in chain(said, warnings):
        progress.warn(warning)
    if untouched:
        progress.warn(f"{untouched} tasks have no annotation: left out")
    if replaced:
        progress.warn(f"{len(replaced)} notes were in {split} already: replaced")
    return {
        "output": str(path),
        "split": split,
        "imported": len(gold),
        "added": len(gold) - len(replaced),
        "replaced": len(replaced),
        "without_annotation": untouched,
        "spans": sum(len(note.spans) for note in gold),
        "negated_spans": sum(span.negated for note in gold for span in note.spans),
    }
