"""Notes from parquet, CSV or JSON lines: any of them becomes columns of text, then `Note`s.

Texts are kept as they are: the offsets of gold and of every mention count in them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from hashlib import blake2b
from itertools import chain
from pathlib import Path

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.columns import OPENERS, ColumnSource, ParquetColumns
from lvmh_jax.io.notecheck import IdCheck, NoteTally
from lvmh_jax.io.sources import Sources
from lvmh_jax.records import Note

COLUMNS = ("note_id", "client_id", "date", "duration", "language", "length", "text")
REQUIRED = ("note_id", "text")


class NoteStream:
    """The notes of a file, some at a time: a parquet file of any size passes in bounded memory.

    Attributes:
      total: how many there are.
    """

    def __init__(
        self,
        sources: Sources,
        path: Path,
        required: Collection[str],
        *,
        may_be_empty: bool = False,
    ) -> None:
        """Opens a notes file, `.csv` or `.jsonl` by its name and parquet otherwise.

        Args:
          sources: hashes the file, and collects the warnings.
          path: the file.
          required: columns without which the file is refused; of the others, `client_id` defaults
            to the note's own id and the rest to nothing.
          may_be_empty: whether columns without a row will do: no note is new on some days.

        Raises:
          InvalidInputError: not of its format, no note, or a column missing.
        """
        self.where = sources.name(path)
        self._sources = sources
        self._table: ColumnSource = OPENERS.get(path.suffix.lower(), ParquetColumns)(
            sources, path, required
        )
        self.total = self._table.total
        self._checked = False
        if not self.total:
            if not may_be_empty:
                raise InvalidInputError(
                    "it holds no note", where=self.where, expected="one or more"
                )
            sources.warnings.append(f"{self.where}: it holds no note: the output has no row")
            return
        absent = [name for name in COLUMNS if name not in self._table.names]
        if absent:
            alone = ", and each note is its own client" if "client_id" in absent else ""
            spoken = ", and what denies is told by the language of the text"
            sources.warnings.append(
                f"{self.where}: no column {', '.join(absent)}: left empty{alone}"
                f"{spoken if 'language' in absent else ''}"
            )

    def check_ids(self) -> None:
        """Reads the ids alone, so that no bad one ends the work halfway; reading on trusts them.

        Of a million notes of a parquet file it takes a second, and what CSV says is in memory.

        Raises:
          InvalidInputError: damaged, or a `note_id` that is null or there twice.
        """
        if not self.total:
            return
        check = IdCheck(self.where, self.total)
        for ids in self._read_ids():
            check.add(ids)
        check.finish(self._read_ids())
        self._checked = True

    def _read_ids(self) -> Iterator[Sequence[str | None]]:
        return (each["note_id"] for each in self._table.chunks(("note_id",)))

    def __iter__(self) -> Iterator[tuple[Note, ...]]:
        """Reads the file; what is odd about it is among the warnings when it has ended.

        Raises:
          InvalidInputError: damaged, a column not of text, or a `note_id` that is null or there
            twice; the last is known when all have been read.
        """
        if not self.total:
            return
        check = None if self._checked else IdCheck(self.where, self.total)
        tally = NoteTally(self.where)
        for columns in self._table.chunks(COLUMNS):
            ids = columns["note_id"]
            if check is not None:
                check.add(ids)
                if check.has_blanks:
                    continue  # count them all; no note of such a file is used
            cells = [columns.get(name) or [None] * len(ids) for name in COLUMNS[1:]]
            notes = tuple(map(_make_note, [str(each) for each in ids], *cells))
            tally.add(notes, columns)
            yield notes
        if check is not None:
            check.finish(self._read_ids())
        self._sources.warnings += tally.lines()


def read_notes(sources: Sources, path: Path, required: Collection[str]) -> tuple[Note, ...]:
    """All notes of a file; arguments and errors are those of `NoteStream`."""
    return tuple(chain.from_iterable(NoteStream(sources, path, required)))


def sample_notes(stream: Iterable[Sequence[Note]], most: int, keep: Set[str]) -> tuple[Note, ...]:
    """The notes whose ids have the lowest hashes, in the order in which they came.

    At most twice as many are held. The same notes give the same sample in any order and any pieces.

    Args:
      stream: notes, some at a time.
      most: how many to choose.
      keep: ids of notes that are chosen besides.
    """
    held: list[tuple[int, int, Note]] = []
    kept: list[tuple[int, Note]] = []
    limit = 1 << 64
    for row, note in enumerate(chain.from_iterable(stream)):
        if note.note_id in keep:
            kept.append((row, note))
            continue
        number = int.from_bytes(blake2b(note.note_id.encode(), digest_size=8).digest(), "big")
        if number < limit:
            held.append((number, row, note))
        if len(held) >= 2 * most:
            held = sorted(held, key=lambda each: each[:2])[:most]
            limit = held[-1][0]
    chosen = sorted(held, key=lambda each: each[:2])[:most]
    kept += [(row, note) for _, row, note in chosen]
    return tuple(note for _, note in sorted(kept, key=lambda each: each[0]))


def _make_note(
    note_id: str,
    client_id: str | None,
    date: str | None,
    duration: str | None,
    language: str | None,
    length: str | None,
    text: str | None,
) -> Note:
    return Note(
        note_id=note_id,
        client_id=client_id or note_id,  # by which `forget` finds such a note, too
        text=text or "",
        language=(language or "").strip().upper(),
        date=date or None,
        duration=duration or "",
        length=length or "",
    )
