"""Raw exports as rows: CSV as spreadsheets write it, JSON lines, parquet.

The format is told by the content, not by the name. Rows are streamed: no more of the file is in
memory than a batch. What is not certain (an encoding, a delimiter) is told in a warning.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import exists
from pathlib import Path
from typing import Any, TextIO

from lvmh_jax.data.cleaning import RawRow
from lvmh_jax.data.documents import kind_of, parse_json, quote
from lvmh_jax.data.rawnotes import map_columns
from lvmh_jax.errors import InvalidInputError, NotFoundError
from lvmh_jax.io.delimiters import SEPARATOR_LINE, find_delimiter
from lvmh_jax.io.encodings import find_encoding
from lvmh_jax.io.parquetfiles import as_invalid, read_batches, read_schema
from lvmh_jax.io.rawcolumns import (
    BY_NAME,
    COLUMNS,
    NAMES,
    OPTIONAL,
    Columns,
    Told,
    describe_unread,
)

BATCH_ROWS = 2048
HEAD_BYTES = 65536
MAX_LINE = 1 << 20  # characters: longer than any note, and a file without a line end stays out
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "compressed (gzip)",
    b"%PDF": "a PDF",
}
_ARRAY = re.compile(r"\[\s*[\[{\]]")  # a header of CSV could begin with one bracket alone


@dataclass
class RawFile:
    """An export that was looked at, ready to be read.

    Attributes:
      where: the file, for messages.
      form: `csv`, `jsonl` or `parquet`.
      told: columns that the user names.
      encoding: of a text file.
      delimiter: of a CSV file.
      warnings: what was assumed.
      has_clients: whether a column holds the client's id, as far as was read.
    """

    path: Path
    where: str
    form: str
    told: Told = BY_NAME
    encoding: str = "utf-8"
    delimiter: str = ","
    warnings: list[str] = field(default_factory=list)
    has_clients: bool = False

    def columns(self, header: Sequence[str], place: str) -> Columns:
        """Which of its columns holds which field; fields without one, and others, are told.

        Of JSON lines neither is: one may lack what the next has (`tell_unread`).
        """
        found = Columns(header, self.told, self.form, place)
        self.has_clients |= found.client is not None
        if self.form != "jsonl" and found.absent:
            self._warn(_tell_absent(found.absent))
        if found.likely_client is not None:
            name = quote(header[found.likely_client].strip())
            which = (
                f"if {name} holds their ids" if found.may_be_names else f"to take them from {name}"
            )
            self._warn(f"each note is its own client; {which}, give --client-column {name}")
        if self.form != "jsonl" and found.unread:
            self._warn(describe_unread(len(found.unread), found.shown))
        return found

    def tell_unread(self, lines_of: Mapping[Columns, int]) -> None:
        """Tells once which keys of JSON lines are not read.

        Args:
          lines_of: how many lines have which.
        """
        held: Counter[str] = Counter()
        unread: set[str] = set()
        for columns, lines in lines_of.items():
            unread.update(columns.unread)
            held.update(dict.fromkeys(columns.shown, lines))
        # What few lines have may be no name of a column but somebody's.
        shown = [name for name, lines in held.items() if 2 * lines > sum(lines_of.values())]
        if unread:
            self._warn(describe_unread(len(unread), shown))

    def _warn(self, text: str) -> None:
        """Adds a warning, once: lines of JSON have columns of their own."""
        warning = f"{self.where}: {text}"
        if warning not in self.warnings:
            self.warnings.append(warning)

    def rows(self) -> Iterator[RawRow]:
        """Yields the rows.

        Raises:
          InvalidInputError: a column missing, a row that does not fit, a broken file.
          UsageError: a column that the user names is not there.
        """
        read = {"csv": _csv_rows, "jsonl": _json_rows, "parquet": _parquet_rows}[self.form]
        try:
            yield from read(self)
        except OSError as error:
            raise InvalidInputError(
                f"cannot be read ({error.strerror or type(error).__name__})", where=self.where
            ) from None
        except UnicodeError:
            raise InvalidInputError(
                f"it is not {self.encoding} throughout (cut off, or another encoding)",
                where=self.where,
                fix="save it as UTF-8, or name its encoding with --encoding",
            ) from None


def _tell_absent(absent: Sequence[str]) -> str:
    """What becomes of fields that no column holds; a language is detected, or `prepare` is told."""
    language = NAMES["language"]
    empty = [name for name in absent if name != language]
    told = [f"no column {', '.join(empty)}: left empty"] if empty else []
    if language in absent:
        told.append(f"no column {language}: detected, or as --language-default says")
    named = [name for name in OPTIONAL if NAMES[name] in absent]
    if named:
        told.append(f"if there is one, give {' and '.join(f'--{n}-column NAME' for n in named)}")
    return "; ".join(told)


def open_raw(
    path: Path,
    *,
    told: Told = BY_NAME,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> RawFile:
    """Looks at an export: its format, encoding and delimiter.

    Raises:
      NotFoundError: the file is not there.
      InvalidInputError: it is empty, no text, or of an unknown encoding.
      UsageError: no such encoding.
    """
    where = path.as_posix()
    if not exists(path):
        raise NotFoundError(
            "No data found", where=where, fix="name the raw export: CSV, JSONL or parquet"
        )
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "a pipe or device, which cannot be read twice"
        raise InvalidInputError(f"it is {kind}", where=where, expected="a file")
    head = _read_head(path, where)
    if head.startswith(b"PAR1"):
        return RawFile(path, where, "parquet", told)
    name, warnings = find_encoding(path, where, head, encoding)
    file = RawFile(path, where, "csv", told, name, warnings=warnings)
    first = head.decode(name, "ignore").lstrip("\ufeff \t\r\n")
    if _ARRAY.match(first):
        raise InvalidInputError(
            "it is one JSON array",
            where=where,
            expected="JSON lines, one object a line",
            fix="`jq -c '.[]' FILE` prints the array so",
        )
    if first.startswith("{") or path.suffix.lower() in (".jsonl", ".ndjson"):
        file.form = "jsonl"
    else:
        line = next(iter(first.splitlines()), "")
        file.delimiter = delimiter or find_delimiter(
            line,
            # Where no name is known, that with which there are most columns: their number is told.
            lambda header: (
                (len(map_columns(header)) + told.count(header)) * len(line) + len(header)
            ),
        )
    return file


def _read_head(path: Path, where: str) -> bytes:
    """The first bytes of a file.

    Raises:
      InvalidInputError: it cannot be read, is empty, or of another format, as a workbook.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError as error:
        raise InvalidInputError(
            f"cannot be read ({error.strerror})", where=where, expected="a file"
        ) from None
    if not head.strip():
        raise InvalidInputError("the file is empty", where=where, expected=COLUMNS)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            raise InvalidInputError(f"it is {kind}", where=where, fix="save it as CSV (UTF-8)")
    return head


def _csv_rows(file: RawFile) -> Iterator[RawRow]:
    # utf-8-sig and utf-16 drop their mark; utf-8 does not.
    with file.path.open(encoding=file.encoding, newline="") as stream:
        lines = (line for _, line in _bounded_lines(stream, file))
        reader = csv.reader(lines, delimiter=file.delimiter, strict=True)
        columns: Columns | None = None
        width = line = 0
        try:
            for cells in reader:
                start, line = line + 1, reader.line_num
                if not any(map(str.strip, cells)) or (columns is None and _is_told(file, cells)):
                    continue
                if columns is None:
                    columns, width = file.columns(cells, f"{file.where}:{start}"), len(cells)
                    continue
                # Spreadsheets leave empty cells at the right edge, or leave them out.
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                if len(cells) != width:
                    raise InvalidInputError(
                        f"the row has {len(cells)} cells",
                        where=f"{file.where}:{start}",
                        expected=f"{width}, as in the header",
                        fix="put cells that hold the delimiter or a line break into double quotes",
                    )
                yield columns.row(cells, start)
        except csv.Error as error:
            raise _broken_csv(error, f"{file.where}:{line + 1}") from None


def _broken_csv(error: csv.Error, place: str) -> InvalidInputError:
    """What is wrong with a row; the messages name characters of the syntax, no content."""
    quotes = "close the one that opens in this row, and write one inside a cell twice"
    if "field limit" in str(error):  # the text of Python's csv; it has no type of its own
        return InvalidInputError(
            f"a cell has more than {csv.field_size_limit():,} characters",
            where=place,
            expected="a note a cell",
            fix=f"if a double quote opens there, {quotes}; notes of any length are read of parquet",
        )
    return InvalidInputError(
        f"not valid CSV ({error})",
        where=place,
        expected="a double quote at both ends of a cell, or at none",
        fix=quotes,
    )


def _bounded_lines(stream: TextIO, file: RawFile) -> Iterator[tuple[int, str]]:
    """Lines with their numbers, none of which fills the memory."""
    number = 0
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise InvalidInputError(
                f"the line has more than {MAX_LINE:,} characters",
                where=f"{file.where}:{number}",
                expected="a note a line",
                fix="notes of any length are read of parquet",
            )
        yield number, line


def _is_told(file: RawFile, cells: Sequence[str]) -> bool:
    """Whether a line is Excel's `sep=;`."""
    return SEPARATOR_LINE.match(file.delimiter.join(cells).lstrip("\ufeff")) is not None


def _json_rows(file: RawFile) -> Iterator[RawRow]:
    known: dict[tuple[str, ...], Columns] = {}
    lines_of: Counter[Columns] = Counter()
    with file.path.open(encoding=file.encoding, newline="\n") as stream:
        for number, line in _bounded_lines(stream, file):
            if not line.strip():
                continue
            place = f"{file.where}:{number}"
            fields = parse_json(line.strip("\ufeff \t\r\n"), place)
            if not isinstance(fields, dict):
                raise InvalidInputError(
                    f"the line is {kind_of(fields)}", where=place, expected="an object in braces"
                )
            names = tuple(fields)
            if names not in known:
                known[names] = file.columns(names, place)
            columns = known[names]
            lines_of[columns] += 1
            cells = [
                cell_text(value, name, place) if row in columns.used else ""
                for row, (name, value) in enumerate(fields.items())
            ]
            yield columns.row(cells, number)
    file.tell_unread(lines_of)


def _parquet_rows(file: RawFile) -> Iterator[RawRow]:
    header, _ = read_schema(file.path, file.where)
    columns = file.columns(header, file.where)
    names = {header[column]: column for column in columns.used}
    line = 0
    for batch in read_batches(file.path, file.where, list(names), BATCH_ROWS):
        with as_invalid(file.where):  # a date beyond the year 9999, a time zone that is none
            values = [batch.column(name).to_pylist() for name in names]
        for row in zip(*values, strict=True):
            line += 1
            cells, place = [""] * len(header), f"{file.where}: row {line}"
            for (name, column), value in zip(names.items(), row, strict=True):
                cells[column] = cell_text(value, name, place)
            yield columns.row(cells, line)


def cell_text(value: Any, name: str, place: str) -> str:
    """A value of JSON or parquet as the text of a cell; null and NaN are empty.

    >>> cell_text(7.0, "ID", "x"), cell_text(None, "ID", "x")
    ('7', '')

    Raises:
      InvalidInputError: a list, an object, bytes, or true and false.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise InvalidInputError(
        f"{quote(name)} is {kind_of(value)}", where=place, expected="text, a number or a date"
    )
