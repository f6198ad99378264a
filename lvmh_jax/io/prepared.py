"""Writes what `prepare` makes: `notes_clean.parquet` and `candidates.csv`, both or neither.

Notes are streamed in row groups to a temporary name; both files are renamed when both are whole.
"""

from __future__ import annotations

import contextlib
import csv
import os
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from lvmh_jax.errors import UsageError
from lvmh_jax.io.notes import COLUMNS
from lvmh_jax.io.outputs import cannot_write, find_target, require_writable
from lvmh_jax.io.workspace import CANDIDATE_COLUMNS, CANDIDATES, NOTES
from lvmh_jax.records import Candidate, Note

GROUP_ROWS = 10_000  # rows of a parquet group: what is in memory at a time


def require_free(workspace: Path, *, force: bool) -> None:
    """Checks that the two files can be written, and are not there yet unless `force`.

    Raises:
      UsageError: one is there, or cannot be written.
    """
    for name in (NOTES, CANDIDATES):
        path = workspace / name
        if path.exists() and not force:
            raise UsageError(
                "the file is there", where=path.as_posix(), fix="use --force to replace it"
            )
        require_writable(path)


def write_prepared(
    workspace: Path, notes: Iterator[Note], list_candidates: Callable[[], Sequence[Candidate]]
) -> None:
    """Writes notes and candidates into a workspace.

    Args:
      workspace: the folder; what is missing of it is made.
      notes: a generator, consumed row by row.
      list_candidates: called when the notes are through.

    Raises:
      UsageError: a file could not be written to its end (no space).
    """
    targets = [find_target(workspace / name) for name in (NOTES, CANDIDATES)]
    parts = [path.parent / f".{path.name}.{os.getpid()}.part" for path in targets]
    made = [each for each in (targets[0].parent, *targets[0].parents[1:]) if not each.exists()]
    try:
        targets[0].parent.mkdir(parents=True, exist_ok=True)
        _write_notes(parts[0], notes)
        _write_candidates(parts[1], list_candidates())
        for part, path in zip(parts, targets, strict=True):
            os.replace(part, path)
        made = []
    except OSError as error:
        raise cannot_write(targets[0], error) from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # someone else may have put something there
            for folder in made:  # after a failure only, the innermost first
                folder.rmdir()


def _write_notes(path: Path, notes: Iterator[Note]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(name, pa.string()) for name in COLUMNS])
    with path.open("wb") as stream, parquet.ParquetWriter(stream, schema) as writer:
        while group := list(islice(notes, GROUP_ROWS)):
            arrays = [pa.array([getattr(n, name) for n in group], pa.string()) for name in COLUMNS]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _write_candidates(path: Path, candidates: Sequence[Candidate]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(CANDIDATE_COLUMNS)
        for each in candidates:
            # An id with the bar in it would read as two.
            ids = [note_id for note_id in each.example_note_ids if "|" not in note_id]
            languages = "|".join(each.languages)
            writer.writerow(
                (each.text, languages, each.freq_notes, f"{each.avg_score:.4f}", "|".join(ids))
            )
        stream.flush()
        os.fsync(stream.fileno())
