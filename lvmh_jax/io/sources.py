"""Input files as bytes, text and CSV rows, or an error that says in one line what is wrong.

Every file is read once and hashed as it was read, so that a digest names exactly what was parsed.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import os
import stat
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from lvmh_jax.data.documents import quote
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.delimiters import (
    DELIMITERS,
    SEPARATOR_LINE,
    find_delimiter,
    fold_columns,
    show_delimiter,
)
from lvmh_jax.io.encodings import SPREADSHEET, find_encoding

_BOM = b"\xef\xbb\xbf"
PIECE_BYTES = 1 << 22
MAX_BYTES = 512 << 20  # as of a document of a model folder: a million aliases fit
_AS_UTF8 = "save the file as UTF-8"
MOST_NAMES, MOST_NAME = 6, 20  # columns that a message shows, and characters of each
HEAD_BYTES = 65536  # by which an encoding is judged


class Sources:
    """Reads files below one root, and keeps what a reader of the result needs to know.

    Attributes:
      digests: path of each file that was read -> its sha256.
      warnings: what was accepted though it is not quite right, one line each.
      remarks: what is right, and may still puzzle other readers of the file; for `doctor`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.digests: dict[str, str] = {}
        self.warnings: list[str] = []
        self.remarks: list[str] = []

    def name(self, path: Path) -> str:
        """The path as messages and digests show it: relative to the root where it is below."""
        try:
            return path.absolute().relative_to(self.root.absolute()).as_posix()
        except ValueError:
            return path.as_posix()

    def require_file(self, path: Path) -> int:
        """Bytes of a file; neither a folder nor a pipe, which would wait for a writer for ever.

        Raises:
          InvalidInputError: it cannot be read, is no regular file, or is empty.
        """
        where = self.name(path)
        try:
            found = path.stat()
            if not os.access(path, os.R_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except OSError as error:
            raise _unreadable(error, where) from None
        if not stat.S_ISREG(found.st_mode):
            raise InvalidInputError("it is a pipe or device", where=where, expected="a file")
        if not found.st_size:
            raise InvalidInputError("the file is empty (0 bytes)", where=where)
        return found.st_size

    def read_bytes(self, path: Path) -> bytes:
        """Reads and hashes one file.

        Raises:
          InvalidInputError: as `require_file`, or it is too large to be held.
        """
        where = self.name(path)
        size = self.require_file(path)
        if size > MAX_BYTES:
            raise InvalidInputError(
                f"the file has {size:,} bytes",
                where=where,
                expected=f"at most {MAX_BYTES:,}",
                fix="notes of any number are read from parquet",
            )
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise _unreadable(error, where) from None
        self.digests[where] = hashlib.sha256(raw).hexdigest()
        return raw

    def hash_file(self, path: Path) -> None:
        """Hashes a file that is too large to be held, for one who reads it piece by piece.

        Raises:
          InvalidInputError: as `require_file`.
        """
        self.require_file(path)
        digest = hashlib.sha256()
        try:
            with path.open("rb") as stream:
                while piece := stream.read(PIECE_BYTES):
                    digest.update(piece)
        except OSError as error:
            raise _unreadable(error, self.name(path)) from None
        self.digests[self.name(path)] = digest.hexdigest()

    def read_table(self, path: Path) -> str:
        """Reads a table that a person keeps in a spreadsheet: UTF-8, or else Windows-1252.

        That is taken on the terms of `prepare`, with its warning.

        Raises:
          InvalidInputError: as `read_text`, or damaged UTF-8.
        """
        where = self.name(path)
        raw = self.read_bytes(path)
        encoding, warnings = find_encoding(path, where, raw[:HEAD_BYTES], None, option="")
        if encoding == SPREADSHEET:
            self.warnings += warnings
            return raw.decode(encoding)
        return self.read_text(path)

    def read_text(self, path: Path, fix: str = _AS_UTF8) -> str:
        """Reads one UTF-8 file; a byte order mark, as Excel always writes, is dropped.

        Args:
          path: the file.
          fix: what to do about another encoding.

        Raises:
          InvalidInputError: as `read_bytes`, or another encoding.
        """
        where = self.name(path)
        raw = self.read_bytes(path)
        # Without a mark, the zero byte beside the first ASCII character gives UTF-16 away.
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or 0 in raw[:2]:
            raise InvalidInputError(
                "the encoding is UTF-16 or UTF-32", where=where, expected="UTF-8", fix=fix
            )
        if raw.startswith(_BOM):
            raw = raw[len(_BOM) :]
            told = f"{where}: a byte order mark (BOM) stands before the text: ignored"
            self.remarks.append(told)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidInputError(
                f"byte {error.start} is not UTF-8", where=where, expected="UTF-8", fix=fix
            ) from None


def _unreadable(error: OSError, where: str) -> InvalidInputError:
    return InvalidInputError(
        f"cannot be read ({error.strerror or type(error).__name__})", where=where, expected="a file"
    )


class CsvRow(NamedTuple):
    """A row of a CSV file, and where people find it.

    Attributes:
      number: as a spreadsheet counts: the header is row 1, blank rows count, `sep=;` does not.
      line: as a text editor counts, where the row begins.
      cells: by column.
    """

    number: int
    line: int
    cells: dict[str, str]

    @property
    def place(self) -> str:
        """In words, with the line where a line break in a cell, or `sep=;`, makes it another."""
        line = f" (line {self.line})" if self.line != self.number else ""
        return f"row {self.number}{line}"


def parse_csv(
    text: str,
    where: str,
    required: Collection[str],
    delimiter: str | None = ",",
    fix: str = "",
) -> list[dict[str, str]]:
    """Parses CSV with a header into one mapping a row.

    Args:
      text: the whole file.
      where: the file, for messages.
      required: columns that must be there; others are kept too.
      delimiter: between the cells; None where a person may have saved the file in a spreadsheet:
        the header, or a line `sep=;` before it, then tells, and columns are known in any case.
      fix: what to do where a column is missing.

    Raises:
      InvalidInputError: no header, a column missing or named twice, a row with more or fewer
        cells than the header, or an open quote.
    """
    return [row.cells for row in read_csv_rows(text, where, required, delimiter, fix)]


def read_csv_rows(
    text: str, where: str, required: Collection[str], delimiter: str | None, fix: str = ""
) -> Iterator[CsvRow]:
    """The same rows with their places, one by one; blank ones are left out, and counted.

    Raises:
      InvalidInputError: as `parse_csv`, once the rows before have been given.
    """
    stream = io.StringIO(text, newline="")
    skipped = 0
    is_persons = delimiter is None
    if delimiter is None:
        first = stream.readline()
        # Where no name is known, that with which there are most columns: messages name it.
        delimiter = find_delimiter(
            first,
            lambda header: len({*required} & {*fold_columns(header)}) * len(first) + len(header),
        )
        skipped = int(SEPARATOR_LINE.match(first) is not None)
        if not skipped:
            stream.seek(0)
        elif delimiter not in DELIMITERS:
            delimiter = ","
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        header = fold_columns(header) if is_persons else header
        check_columns(header, required, where, delimiter, fix)
        line = reader.line_num + skipped + 1
        for number, cells in enumerate(reader, start=2):
            if len(cells) == len(header):
                yield CsvRow(number, line, dict(zip(header, cells, strict=True)))
            elif cells:  # a blank line has no cells
                raise InvalidInputError(
                    f"the row has {len(cells)} cells",
                    where=f"{where}:{reader.line_num + skipped}",
                    expected=f"{len(header)}, as in the header",
                    fix=f"put cells that hold {show_delimiter(delimiter)} or a line break into"
                    " double quotes",
                )
            line = reader.line_num + skipped + 1
    except csv.Error as error:  # its messages name characters of the syntax, no content
        raise InvalidInputError(
            f"not valid CSV ({error})", where=f"{where}:{reader.line_num + skipped}"
        ) from None


def _hold_personal(names: Collection[str]) -> bool:
    # Here, for few files lack a column: the recognisers take their time to load.
    from lvmh_jax.data.privacy import holds_personal

    return any(map(holds_personal, names))


def check_columns(
    names: Collection[str],
    required: Collection[str],
    where: str,
    delimiter: str = "",
    fix: str = "",
) -> None:
    """Raises InvalidInputError when a column is missing or named twice.

    Of CSV the message tells the delimiter, for a wrong one makes one column of all. The columns
    that were found are shown where one of the required is among them and none holds personal data:
    of a file without a header they are someone's note.
    """
    missing = [name for name in required if name not in names]
    if missing:
        is_raw = "Transcription" in names and "ID" in names
        what = f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        details = [f"read with {show_delimiter(delimiter)} between cells"] if delimiter else []
        if delimiter and len(missing) < len(required) and not _hold_personal(names):
            details.append(f"found {_list_names(names)}")
        raise InvalidInputError(
            f"{what} ({'; '.join(details)})" if details else what,
            where=where,
            expected=", ".join(required),
            fix="this is a raw export: run `lvmh-jax prepare FILE` on it first" if is_raw else fix,
        )
    # Spreadsheets leave columns without a name at the right edge: these may be many.
    twice = [name for name, count in Counter(iter(names)).items() if name and count > 1]
    if twice:
        raise InvalidInputError(f"column {quote(twice[0])} is there twice", where=where)


def _list_names(names: Collection[str]) -> str:
    """Some names of columns, cut where they are long."""
    named = [name[:MOST_NAME] for name in names if name][:MOST_NAMES]
    shown = [name if name.isprintable() else quote(name) for name in named]
    return ", ".join(shown) + (", ..." if len(names) > len(shown) else "")
