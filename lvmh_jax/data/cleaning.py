"""Converts raw rows to notes, one at a time, and counts what was found, changed and dropped.

Detecting duplicates requires about a hundred bytes per note, for its id and hashes of its content.
A million notes take about 150 MB.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from lvmh_jax.data.documents import quote
from lvmh_jax.data.language import detect_language
from lvmh_jax.data.privacy import Found, find_personal, mask, redact
from lvmh_jax.data.rawnotes import fold_text, normalise_text, parse_date, parse_language
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import Note

_TWO_WORDS = re.compile(r"[^\W\d_]{2,30}(?:[ ,]{1,2}[^\W\d_]{2,30}){1,3}")
MAX_PLACES = 5  # lines listed in the tally


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of the export as written; `line` is its first line, counted from 1."""

    line: int
    note_id: str
    client_id: str
    date: str
    duration: str
    language: str
    length: str
    text: str


@dataclass
class Tally:
    """Counts that `prepare` reports at the end; never contains note text."""

    read: int = 0
    written: int = 0
    without_text: int = 0
    repeated: int = 0
    without_client: int = 0
    given: Counter[str] = field(default_factory=Counter)
    detected: Counter[str] = field(default_factory=Counter)
    language_unread: int = 0
    dated: int = 0
    undated: int = 0
    date_unread: int = 0
    date_lines: list[int] = field(default_factory=list)
    redactions: Counter[str] = field(default_factory=Counter)
    redacted_notes: int = 0
    spared: int = 0
    ids_with_personal_data: int = 0


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Notes that repeat the text of an earlier note; `lines` are pairs of lines of the export."""

    exact: int
    near: int
    lines: list[tuple[int, int]]


def keep_all(_: str, found: Sequence[Found]) -> list[Found]:
    """Keeps all findings."""
    return list(found)


class NoteCleaner:
    """Cleans rows in order.

    Args:
      where: name of the export, for messages.
      default_language: code for notes without a language; "" detects it.
      keep_personal_data: leaves texts unredacted; personal data is counted all the same.
      stand_in: client id for a note without a client, by note id.
      month_first: whether numeric dates are read as month first.
      spare: filters the personal data found in a text, such as product names.

    Attributes:
      tally: the counts so far.
    """

    def __init__(
        self,
        where: str,
        *,
        default_language: str = "",
        keep_personal_data: bool = False,
        stand_in: Callable[[str], str] = str,
        month_first: bool = False,
        spare: Callable[[str, Sequence[Found]], list[Found]] = keep_all,
    ) -> None:
        self.tally = Tally()
        self._where, self._default, self._keep = where, default_language, keep_personal_data
        self._stand_in, self._month_first = stand_in, month_first
        self._spare = spare
        self._row_of: dict[int, int] = {}  # hash of an id -> position in the arrays
        self._clients: set[int] = set()
        self._conflicts = 0
        self._conflict_lines: list[tuple[int, int]] = []
        self._conflict_id = ""
        self._content = array("Q")
        self._lines = array("Q")
        self._exact, self._folded = array("Q"), array("Q")
        self._text_lines = array("Q")

    @property
    def clients(self) -> int:
        """Number of distinct clients so far."""
        return len(self._clients)

    def clean(self, row: RawRow) -> tuple[Note, str] | None:
        """Converts a row to a note and its redacted text; None for a row to leave out.

        After the first conflict (two rows with the same id and different cells), rows are no longer
        cleaned, only further conflicts counted for `refuse_conflicts`.

        Raises:
          InvalidInputError: the row has no id.
        """
        self.tally.read += 1
        note_id = _one_line(row.note_id)
        if not note_id:
            raise InvalidInputError(
                "the row has no ID",
                where=f"{self._where}:{row.line}",
                expected="an id for each note",
            )
        if self._is_repeated(note_id, row):
            self.tally.repeated += 1
            return None
        if self._conflicts:
            return None
        text = normalise_text(row.text)
        if not text:
            self.tally.without_text += 1
            return None
        self._exact.append(_hash(text))
        self._folded.append(_hash(fold_text(text)))
        self._text_lines.append(row.line)
        client_id = self._client(row, note_id)
        self.tally.ids_with_personal_data += _is_personal(note_id) or _is_personal(client_id)
        redacted = self._redact(text)
        note = Note(
            note_id=note_id,
            client_id=client_id,
            text=text if self._keep else redacted,
            language=self._language(row.language, text),
            date=self._date(row),
            duration=_short_cell(row.duration, self._keep),
            length=_short_cell(row.length, self._keep),
        )
        self.tally.written += 1
        return note, redacted

    def refuse_conflicts(self) -> None:
        """Checks that no two rows have the same id but different cells.

        Raises:
          InvalidInputError: there are such rows; says how many, and the lines of the first.
        """
        if not self._conflicts:
            return
        if self._conflicts == 1:
            ((first, again),) = self._conflict_lines
            # An e-mail address or a name used as an id is personal data.
            shown = "an ID" if _is_personal(self._conflict_id) else f"ID {quote(self._conflict_id)}"
            what = f"{shown} is in line {first} and again in line {again}, with other content"
        else:
            lines = ", ".join(f"{first} and {again}" for first, again in self._conflict_lines)
            more = ", ..." if self._conflicts > len(self._conflict_lines) else ""
            what = (
                f"{self._conflicts:,} rows have the ID of an earlier row and other content"
                f" (lines {lines}{more})"
            )
        raise InvalidInputError(
            what,
            where=f"{self._where}:{self._conflict_lines[0][1]}",
            expected="each id once",
            fix="give each note an id of its own, or name another column with --id-column",
        )

    def duplicates(self) -> Duplicates:
        """Notes with repeated texts: identical, or up to case, accents and punctuation."""
        lines = np.frombuffer(self._text_lines, np.uint64) if self._text_lines else np.zeros(0)
        pairs: list[tuple[int, int]] = []
        counts = []
        for hashes in (self._exact, self._folded):
            values = np.frombuffer(hashes, np.uint64) if hashes else np.zeros(0, np.uint64)
            unique, first, inverse = np.unique(values, return_index=True, return_inverse=True)
            counts.append(len(values) - len(unique))
            rows = np.flatnonzero(first[inverse] != np.arange(len(values)))[:MAX_PLACES]
            pairs = [(int(lines[first[inverse[row]]]), int(lines[row])) for row in rows]
        return Duplicates(exact=counts[0], near=counts[1] - counts[0], lines=pairs)

    def _is_repeated(self, note_id: str, row: RawRow) -> bool:
        content = _hash("\x1f".join((row.client_id, row.date, row.language, row.text)))
        position = self._row_of.setdefault(_hash(note_id), len(self._content))
        if position == len(self._content):
            self._content.append(content)
            self._lines.append(row.line)
            return False
        if self._content[position] == content:
            return True
        self._conflict_id = self._conflict_id or note_id
        self._conflicts += 1
        if len(self._conflict_lines) < MAX_PLACES:
            self._conflict_lines.append((self._lines[position], row.line))
        return False

    def _client(self, row: RawRow, note_id: str) -> str:
        named = _one_line(row.client_id)
        self.tally.without_client += not named
        client_id = named or self._stand_in(note_id)
        self._clients.add(_hash(client_id))
        return client_id

    def _language(self, written: str, text: str) -> str:
        code = parse_language(written)
        if code:
            self.tally.given[code] += 1
            return code
        if code is None:
            self.tally.language_unread += 1
        found = self._default or detect_language(text)
        self.tally.detected[found] += 1
        return found

    def _date(self, row: RawRow) -> str | None:
        if not row.date.strip():
            self.tally.undated += 1
            return None
        read = parse_date(row.date, month_first=self._month_first)
        if read is None:
            self.tally.date_unread += 1
            if len(self.tally.date_lines) < MAX_PLACES:
                self.tally.date_lines.append(row.line)
        else:
            self.tally.dated += 1
        return read

    def _redact(self, text: str) -> str:
        every = find_personal(text)
        found = self._spare(text, every)
        self.tally.spared += len(set(every) - set(found))
        self.tally.redactions.update(each.kind for each in found)
        self.tally.redacted_notes += bool(found)
        return mask(text, found) if found else text


def read_owner(row: RawRow) -> tuple[str, str]:
    """Note id and client id of a row; "" if it has no client."""
    return _one_line(row.note_id), _one_line(row.client_id)


def _one_line(cell: str) -> str:
    return " ".join(normalise_text(cell).split())


@lru_cache(maxsize=4096)
def _short_cell(cell: str, keep: bool) -> str:
    return _one_line(cell) if keep else redact(_one_line(cell))


def _is_personal(identifier: str) -> bool:
    return "@" in identifier or _TWO_WORDS.fullmatch(identifier) is not None


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
