"""What has to hold for all notes of a file together, checked while they pass by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from lvmh_jax.data.documents import quote
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import LANGUAGES, Note

DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
MAX_CODES = 10  # unknown language codes that a warning lists


class IdCheck:
    """Whether each note has an id of its own: eight bytes a note are kept, not the ids."""

    def __init__(self, where: str, total: int) -> None:
        """Begins with no note seen.

        Args:
          where: the file, for messages.
          total: notes in it.
        """
        self._where, self._total = where, total
        self._hashes: list[np.ndarray] = []
        self._blanks, self._first_blank, self._seen = 0, 0, 0

    @property
    def has_blanks(self) -> bool:
        """Whether a note without an id has passed."""
        return self._blanks > 0

    def add(self, ids: Sequence[str | None]) -> None:
        """Looks at the next ids of the file."""
        for row, note_id in enumerate(ids, start=self._seen + 1):
            if not (note_id or "").strip():
                self._first_blank = self._first_blank or row
                self._blanks += 1
        self._hashes.append(np.fromiter(map(hash, ids), np.int64, len(ids)))
        self._seen += len(ids)

    def finish(self, again: Iterable[Sequence[str | None]]) -> None:
        """Says what is wrong, when all have passed.

        Args:
          again: all ids once more; read only where two may be the same.

        Raises:
          InvalidInputError: an id is null, empty, or there twice, or a note is missing.
        """
        if self._seen != self._total:
            raise InvalidInputError(
                f"it names {self._total:,} rows and holds {self._seen:,}",
                where=self._where,
                fix="it is damaged: write it again",
            )
        if self._blanks:
            raise InvalidInputError(
                f"note_id is null or empty in {self._blanks} of {self._total} rows, first in row "
                f"{self._first_blank}",
                where=self._where,
                expected="an id for each note",
            )
        hashes, counts = np.unique(np.concatenate(self._hashes), return_counts=True)
        suspects = set(hashes[counts > 1].tolist())
        if not suspects:
            return
        first_of: dict[str, int] = {}
        row = 0
        for ids in again:
            for note_id in map(str, ids):
                row += 1
                if hash(note_id) in suspects and first_of.setdefault(note_id, row) != row:
                    raise InvalidInputError(
                        f"note_id {quote(note_id)} is in row {first_of[note_id]} and again in row "
                        f"{row}",
                        where=self._where,
                        expected="each id once",
                    )


class NoteTally:
    """Counts what is accepted though it is not quite right."""

    def __init__(self, where: str) -> None:
        """Begins with no note seen, of the file `where`."""
        self._where = where
        self._total = self._empty = self._undated = 0
        self._unknown: Counter[str] = Counter()
        # Hashes, as in `IdCheck`: of clients, and of notes that have none.
        self._clients: list[np.ndarray] = []
        self._orphans: list[int] = []

    def add(self, notes: Sequence[Note], columns: Mapping[str, Sequence[str | None]]) -> None:
        """Counts the next notes, made from these columns."""
        self._total += len(notes)
        self._empty += sum(not note.text.strip() for note in notes)
        if "client_id" in columns:
            clients = columns["client_id"]
            known = {client for client in clients if client}
            self._clients.append(np.fromiter(map(hash, known), np.int64, len(known)))
            pairs = zip(notes, clients, strict=True)
            self._orphans += [hash(note.note_id) for note, client in pairs if not client]
        if "date" in columns:
            dates = Counter(date for date in columns["date"] if date)
            self._undated += sum(n for date, n in dates.items() if not DATE.fullmatch(date))
        if "language" in columns:
            codes = Counter(note.language for note in notes)
            self._unknown.update({c: n for c, n in codes.items() if c not in LANGUAGES})

    def lines(self) -> list[str]:
        """A warning for each kind that was seen."""
        of_all, lines = f"of {self._total} notes", []
        if self._empty:
            lines.append(f"{self._empty} {of_all} have no text")
        if self._orphans:
            count = len(self._orphans)
            lines.append(f"{count} {of_all} have no client_id: their note_id stands in")
            if taken := int(np.isin(self._orphans, np.concatenate(self._clients)).sum()):
                lines.append(
                    f"{taken} {of_all} without client_id have the id of a client: two people are "
                    "taken for one; give those notes a client_id"
                )
        if self._undated:
            lines.append(f"{self._undated} {of_all} have a date that is not YYYY-MM-DD")
        if self._unknown:
            count = self._unknown.total()
            lines.append(f"{count} {of_all} are in unknown languages: {list_codes(self._unknown)}")
        return [f"{self._where}: {line}" for line in lines]


def list_codes(unknown: Collection[str]) -> str:
    """Unknown codes of languages in a message, as many as a line holds.

    What does not look like a code may be the text of a note, in a shifted column.

    >>> list_codes(["PL", "SHE LIKES GOLD"])
    'PL, 1 other'
    """
    known = (code for code in unknown if re.fullmatch(r"[A-Z]{1,3}([-_][A-Z]{1,4})?", code))
    shown = sorted(known)[:MAX_CODES]
    rest = len(unknown) - len(shown)
    empty = " or empty" if "" in unknown else ""
    return ", ".join([*shown, *([f"{rest} other{empty}"] if rest else [])])
