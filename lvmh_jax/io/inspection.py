"""A workspace read part by part: what is refused becomes a line, and the rest is read all the same.

The parts are read by the same functions as for training, so `doctor` accepts what `train` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from os.path import exists  # unlike Path.exists, False where a folder may not be searched
from pathlib import Path
from typing import Any, TypeVar

from lvmh_jax.data.documents import parse_json
from lvmh_jax.data.gold import describe_outside
from lvmh_jax.errors import LvmhError, NotFoundError
from lvmh_jax.io import notes as note_files
from lvmh_jax.io import workspace as reader
from lvmh_jax.io.sources import Sources
from lvmh_jax.records import Candidate, GoldNote, Lexicon, Note

T = TypeVar("T")
SPLITS = ("train", "dev")


@dataclass
class Parts:
    """What could be read of a workspace.

    Attributes:
      notes, lexicon: None where they are refused or not there.
      document: the lexicon as its JSON file has it, None for the CSV form.
      gold: split to its notes.
      warnings, remarks: what was accepted though it is odd, and what is not even that, one line
        each.
      refused: what was not, one line each.
      exit_code: 3 where a file is refused, 4 where one is missing, else 0.
    """

    notes: tuple[Note, ...] | None = None
    lexicon: Lexicon | None = None
    document: dict[str, Any] | None = None
    candidates: tuple[Candidate, ...] = ()
    gold: dict[str, tuple[GoldNote, ...]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    exit_code: int = 0


def read_parts(root: Path) -> Parts:
    """Reads every file of a workspace that training would read, whatever is wrong with others.

    Raises:
      NotFoundError: there are neither notes nor a lexicon.
    """
    paths = [root / name for name in (reader.NOTES, reader.LEXICON, reader.LEXICON_TABLE)]
    if not any(map(exists, paths)):
        looked = ", ".join(path.as_posix() for path in paths)
        raise NotFoundError(f"No data found; looked for {looked}", fix=reader.NO_DATA_FIX)
    parts, sources = Parts(), Sources(root)

    def attempt(read: Callable[[], T]) -> T | None:
        try:
            return read()
        except LvmhError as error:
            parts.refused.append(str(error))
            # A broken file is told before a missing one.
            parts.exit_code = min(parts.exit_code or error.exit_code, error.exit_code)
            return None

    parts.notes = attempt(lambda: _read_notes(sources, paths[0]))
    parts.lexicon = attempt(lambda: _read_whole_lexicon(sources, paths[1], paths[2]))
    if parts.lexicon is not None and exists(paths[1]):
        parts.document = _read_document(root, paths[1])
    candidates = attempt(lambda: reader.read_candidates(sources, root / reader.CANDIDATES))
    parts.candidates = candidates or ()
    texts = {note.note_id: note.text for note in parts.notes or ()}
    for split in SPLITS if parts.notes is not None else ():
        gold = attempt(partial(reader.read_gold, sources, root / reader.GOLD, (split,), texts))
        parts.gold |= gold or {}
    parts.warnings, parts.remarks = sources.warnings, sources.remarks
    if parts.lexicon is not None:
        parts.warnings += describe_outside(parts.gold, parts.lexicon.row_of)
    return parts


def _read_notes(sources: Sources, path: Path) -> tuple[Note, ...]:
    if not exists(path):
        raise NotFoundError(
            "there are no notes",
            where=sources.name(path),
            fix="run `lvmh-jax prepare` on an export",
        )
    return note_files.read_notes(sources, path, note_files.COLUMNS)


def _read_whole_lexicon(sources: Sources, *paths: Path) -> Lexicon:
    if not any(map(exists, paths)):
        raise NotFoundError(
            "there is no lexicon", where=sources.name(paths[0]), fix="write one, or copy it there"
        )
    return reader.read_lexicon(sources, *paths)


def _read_document(root: Path, path: Path) -> dict[str, Any]:
    """The lexicon's JSON, which was accepted a moment ago."""
    sources = Sources(root)
    document = parse_json(sources.read_text(path), sources.name(path))
    return document if isinstance(document, dict) else {}
