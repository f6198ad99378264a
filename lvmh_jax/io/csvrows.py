"""A CSV file that a person keeps, row by row: what is not edited keeps its bytes.

Encoding, delimiter, quotes and line ends are those of the file that was read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.delimiters import DELIMITERS, SEPARATOR_LINE, find_delimiter, fold_columns
from lvmh_jax.io.encodings import SPREADSHEET, find_encoding
from lvmh_jax.io.sources import HEAD_BYTES, check_columns

BOM = "\ufeff"

Row = dict[str, str]
Edit = Callable[[Row], Row | None]


def edit_csv(
    path: Path,
    target: Path,
    known: Collection[str],
    choose_edit: Callable[[list[str]], Edit | None],
) -> int | None:
    """Writes a CSV file anew, with its rows edited or left out.

    Args:
      path: of the file.
      target: where the new version goes.
      known: names of columns, in small letters, by which the delimiter is told.
      choose_edit: of the header in small letters; None where no row is to be touched.

    Returns: rows that went or changed; None where `choose_edit` gave none, and nothing is written.

    Raises:
      InvalidInputError: not CSV of one width, not UTF-8, or, of a file of Windows-1252, a new cell
        that it cannot hold.
    """
    where = path.as_posix()
    encoding = encoding_of(path)
    try:
        with path.open("r", encoding=encoding, newline="") as stream:
            delimiter = delimiter_of(stream, known)
            records = read_records(stream, where, delimiter)
            raw, header = next(records, ("", []))
            if SEPARATOR_LINE.match(raw.removeprefix(BOM)):
                more, header = next(records, ("", []))
                raw += more
            header = fold_columns(header)  # a lexicon and suggestions are read so
            edit = choose_edit(header)
            if edit is None:
                return None
            check_columns(header, (), where)
            # Spreadsheets leave columns without a name: each has a key, or a row would lose cells.
            header = [name or f"\n{place}" for place, name in enumerate(header)]
            with target.open("w", encoding=encoding, newline="") as written:
                written.write(raw)
                return sum(
                    _copy(written, *each, header, edit, where, delimiter) for each in records
                )
    except UnicodeDecodeError:
        raise InvalidInputError(
            "it is not UTF-8", where=where, fix="save the file as UTF-8"
        ) from None
    except UnicodeEncodeError:
        raise InvalidInputError(
            f"it is {encoding}, which has no such letter as a new cell holds",
            where=where,
            fix="save the file as UTF-8",
        ) from None


def encoding_of(path: Path) -> str:
    """UTF-8, or what a table is that a spreadsheet saved otherwise."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    name, _ = find_encoding(path, path.as_posix(), head, None, option="")
    return name if name == SPREADSHEET else "utf-8"


def delimiter_of(stream: Any, known: Collection[str]) -> str:
    """What is between the cells of a CSV file that was just opened; it is at its start again."""
    first = stream.readline()
    stream.seek(0)
    found = find_delimiter(
        first, lambda header: len({*known} & {*fold_columns(header)}) * len(first) + len(header)
    )
    return found if found in DELIMITERS else ","


def read_records(
    stream: Iterator[str], where: str, delimiter: str
) -> Iterator[tuple[str, list[str]]]:
    """Records of CSV with their text as it stands in the file; no cell has its byte order mark.

    Raises:
      InvalidInputError: it is not CSV.
    """
    lines: list[str] = []

    def tee() -> Iterator[str]:
        for number, line in enumerate(stream):
            lines.append(line)
            # A quote behind the mark opens no cell.
            yield line if number else line.removeprefix(BOM)

    reader = csv.reader(tee(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield "".join(lines), cells
            lines.clear()
    except csv.Error as error:
        raise InvalidInputError(
            f"not valid CSV ({error})", where=f"{where}:{reader.line_num}"
        ) from None


def _copy(
    written: Any,
    raw: str,
    cells: list[str],
    header: list[str],
    edit: Edit,
    where: str,
    delimiter: str,
) -> int:
    """Writes one record, edited or not; 1 where it was changed or left out."""
    if cells and len(cells) != len(header):
        raise InvalidInputError(
            f"a row has {len(cells)} cells", where=where, expected=f"{len(header)}, as the header"
        )
    row = dict(zip(header, cells, strict=True)) if cells else {}
    kept = edit(row) if cells else row
    if kept == row:
        written.write(raw)
    elif kept is not None:
        written.write(_write_like(raw, cells, list(kept.values()), delimiter))
    return int(kept != row)


def _write_like(raw: str, before: Sequence[str], cells: Sequence[str], delimiter: str) -> str:
    """A record in the quotes and line end of the one that it replaces."""
    body = raw.rstrip("\r\n")
    end = raw[len(body) :]

    def render(values: Sequence[str], quoting: Any) -> str:
        out = io.StringIO()
        # Before Python 3.13 a line break is quoted only where the terminator has it.
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n", quoting=quoting)
        writer.writerow(values)
        return out.getvalue().removesuffix("\r\n")

    quoted = render(before, csv.QUOTE_ALL) == body
    return render(cells, csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL) + end
