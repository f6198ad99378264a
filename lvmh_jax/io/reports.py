"""`report.html` of a model folder, which is a file that the manifest proves like any other.

And the list of mistakes, which is for whoever annotates and never in a model folder.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.errors import InvalidInputError, LvmhError
from lvmh_jax.io.manifest import (
    MANIFEST,
    REPAIR,
    make_manifest,
    read_entries,
    write_bytes,
    write_json,
)
from lvmh_jax.io.outputs import cannot_write, require_writable
from lvmh_jax.io.tables import write_text

REPORT = "report.html"
MISTAKE_COLUMNS = (
    "kind",
    "note_id",
    "language",
    "concept_id",
    "label",
    "start",
    "end",
    "words",
    "confidence",
    "sentence",
)


def add_report(folder: Path, page: str) -> Path:
    """Writes the report of a model that was verified, and its manifest anew, last.

    The manifest keeps what it said of every other file: a file that changed in between is told,
    not blessed. Where the manifest cannot be written the report is as it was before.

    Returns: the path of the report.

    Raises:
      UsageError: the folder cannot be written to, or a file not to its end (no space).
      InvalidInputError: another file of the folder is not as the manifest has it.
    """
    path = folder / REPORT
    require_writable(path)
    known = read_entries(folder / MANIFEST)
    before = path.read_bytes() if path.exists() else None
    try:
        write_bytes(path, page.encode())
        made = make_manifest(folder)
        changed = [
            name
            for name in sorted({*known, *made["files"]} - {REPORT})
            if known.get(name) != made["files"].get(name)
        ]
        if changed:
            raise InvalidInputError(
                f"{changed[0]!r} is not as the manifest has it", where=str(folder), fix=REPAIR
            )
        write_json(folder / MANIFEST, made)
    except (OSError, LvmhError) as error:
        _put_back(path, before)
        if isinstance(error, LvmhError):
            raise
        fix = "choose a place with space and permission to write, with --output FILE"
        raise cannot_write(path, error, fix) from error
    return path


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink(missing_ok=True)
    else:
        write_bytes(path, before)


def write_mistakes(path: Path, mistakes: Sequence[Mapping[str, Any]]) -> None:
    """Writes mistakes as CSV, a row each; `kind` is `wrong` or `missed`.

    Raises:
      UsageError: as `write_text`.
    """
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, MISTAKE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for each in mistakes:
        sure = each["confidence"]
        writer.writerow({**each, "confidence": "" if sure is None else f"{sure:.6f}"})
    write_text(path, table.getvalue())
