"""What clients hold: from a file of mentions, or by detecting first."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from os.path import exists  # as io.workspace: False where a folder may not be searched
from pathlib import Path

from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.tables import read_findings
from lvmh_jax.io.workspace import (
    LEXICON,
    LEXICON_TABLE,
    NOTES,
    read_lexicon,
    read_notes_file,
    read_notes_of,
)
from lvmh_jax.pipeline.detect import detect
from lvmh_jax.records import Concept, Note
from lvmh_jax.stages.aggregate import ClientTable, Finding, aggregate_clients, mark_sensitive


def read_clients(
    model: TrainedModel,
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    concepts_file: Path | None,
    with_sensitive: bool,
    progress: Progress,
) -> ClientTable:
    """Clients with their concepts; those of whose notes nothing was found are there too.

    Args:
      model: what the file at `model_path` holds.
      model_path: of the model.
      workspace_dir: whose notes say which clients there are. Its lexicon, where there is one, may
        mark concepts as sensitive that were not when the model was trained.
      notes_file: notes to read instead.
      concepts_file: mentions to read; None detects, by the very command `detect`. Where they are
        of none of the notes, the clients are those of the mentions alone.
      with_sensitive: keep the concepts that the model's lexicon or the workspace's marks as
        sensitive.
      progress: hears the warnings.
    """
    concepts = model.detector.concepts
    if not with_sensitive:
        concepts = mark_sensitive(concepts, _list_concepts(workspace_dir))
    path = notes_file or workspace_dir / NOTES
    notes: tuple[Note, ...] = ()
    if concepts_file is not None and notes_file is None and not path.exists():
        progress.warn("no notes: clients without a mention are not known, and do not count")
    else:
        notes, warnings = (
            read_notes_of(workspace_dir) if notes_file is None else read_notes_file(notes_file)
        )
        for warning in warnings:
            progress.warn(warning)
    if concepts_file is not None:
        findings = read_findings(concepts_file)
        if notes and findings:
            notes = _keep_notes(notes, findings, path.as_posix(), progress)
            findings = _take_clients(notes, findings, path.as_posix(), progress)
    else:
        with tempfile.TemporaryDirectory(prefix="lvmh-jax-") as folder:
            found = Path(folder, "note_concepts.parquet")
            detect(
                model_path, workspace_dir, notes_file=notes_file, output=found, progress=progress
            )
            findings = read_findings(found)
    return aggregate_clients(
        findings,
        [note.client_id for note in notes],
        concepts,
        with_sensitive=with_sensitive,
    )


def _list_concepts(workspace_dir: Path) -> tuple[Concept, ...]:
    """Concepts of the workspace's lexicon, none where it has no lexicon; `doctor` tells of it.

    Raises:
      InvalidInputError: it is there and cannot be read: what it marks would be shown.
    """
    paths = (workspace_dir / LEXICON, workspace_dir / LEXICON_TABLE)
    return read_lexicon(Sources(workspace_dir), *paths).concepts if any(map(exists, paths)) else ()


def _keep_notes(
    notes: tuple[Note, ...], findings: Sequence[Finding], where: str, progress: Progress
) -> tuple[Note, ...]:
    """The notes, or none where no mention is of one of them: their clients are other people.

    As clients who hold nothing they would make every concept rarer, and every relation stronger.
    """
    known = {note.note_id for note in notes}
    missing = sum(finding.note_id not in known for finding in findings)
    if not missing:
        return notes
    fix = "give theirs with --notes"
    if missing < len(findings):
        progress.warn(
            f"{missing} of {len(findings)} mentions are of notes that are not in {where}: {fix}"
        )
        return notes
    progress.warn(
        f"no mention is of a note in {where}: its clients do not count, nor do those without a "
        f"mention; {fix}"
    )
    return ()


def _take_clients(
    notes: Sequence[Note], findings: Sequence[Finding], where: str, progress: Progress
) -> list[Finding]:
    """Mentions with the client of their note, where it is known: a mention has no other."""
    client_of = {note.note_id: note.client_id for note in notes}
    taken = [one._replace(client_id=client_of.get(one.note_id, one.client_id)) for one in findings]
    # Where the file names no client, the note's id stood in for one.
    other = sum(
        one.client_id not in (new.client_id, one.note_id)
        for one, new in zip(findings, taken, strict=True)
    )
    if other:
        progress.warn(
            f"{other} of {len(findings)} mentions name another client than their note in {where}: "
            "the note's counts"
        )
    return taken
