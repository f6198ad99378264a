"""Columns of text from CSV, JSON lines or parquet; parquet a piece at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from lvmh_jax.data.documents import kind_of, parse_json
from lvmh_jax.data.text import repair_text
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.parquetfiles import read_batches, read_schema
from lvmh_jax.io.sources import Sources, check_columns, parse_csv

CHUNK_ROWS = 16384  # Arrow lists all texts of a row group with each of them
PIECE_ROWS = 1024  # of them at once as text: the first are worked on while the next are read
READ_BY_PREPARE = (
    "`lvmh-jax prepare FILE` reads exports with other delimiters, encodings and column names"
)
Columns = dict[str, list[str | None]]


def load_readers() -> None:
    """Imports what tables are read with, for who times the reading."""
    from pyarrow import parquet

    del parquet


class ColumnSource(Protocol):
    """A table that was opened: its columns and rows are known, its cells not yet read.

    Attributes:
      names: of its columns.
      total: of its rows.
    """

    names: Collection[str]
    total: int

    def chunks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        """The wanted columns that are there, some rows at a time; each call reads anew.

        Raises:
          InvalidInputError: the file is damaged, or a column holds no text.
        """


class TextColumns:
    """A table that is in memory, as CSV and JSON lines are once they are parsed."""

    def __init__(self, columns: Columns) -> None:
        """Takes columns of equal length."""
        self._columns = columns
        self.names: Collection[str] = columns.keys()
        self.total = len(next(iter(columns.values()), []))

    def chunks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        """See `ColumnSource`."""
        yield {name: self._columns[name] for name in wanted if name in self._columns}


def open_csv(sources: Sources, path: Path, required: Collection[str]) -> TextColumns:
    """A CSV file with a header."""
    text = sources.read_text(path, READ_BY_PREPARE)
    rows = parse_csv(text, sources.name(path), required, fix=READ_BY_PREPARE)
    names = rows[0] if rows else required
    return TextColumns({name: [row[name] for row in rows] for name in names})


def open_jsonl(sources: Sources, path: Path, required: Collection[str]) -> TextColumns:
    """A file with an object a line; keys without any value are no columns."""
    where = sources.name(path)
    objects: list[dict[str, str | None]] = []
    # Not splitlines: U+2028 and others may stand inside a JSON string.
    lines = sources.read_text(path, READ_BY_PREPARE).split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            place = f"{where}:{number}"
            fields = parse_json(line, place)
            if not isinstance(fields, dict):
                raise InvalidInputError(
                    f"the line is {kind_of(fields)}", where=place, expected="an object in braces"
                )
            check_columns(fields, required, place, fix=READ_BY_PREPARE)
            objects.append({name: _cell(value, name, place) for name, value in fields.items()})
    names = dict.fromkeys(name for fields in objects for name in fields)
    columns = {name: [_repaired(fields.get(name)) for fields in objects] for name in names}
    kept = {
        name: values
        for name, values in columns.items()
        if name in required or any(value is not None for value in values)
    }
    return TextColumns(kept or {name: [] for name in required})


def _cell(value: object, name: str, place: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise InvalidInputError(
            f"key '{name}' is {kind_of(value)}", where=place, expected="a string"
        )
    return None if value is None else str(value)


def _repaired(value: str | None) -> str | None:
    return value if value is None else repair_text(value)


class ParquetColumns:
    """A parquet file, of which no more than some thousand rows are in memory."""

    def __init__(self, sources: Sources, path: Path, required: Collection[str]) -> None:
        """Reads the schema of the file, and hashes it.

        Raises:
          InvalidInputError: it is no parquet file, or lacks a required column.
        """
        self._sources, self._path, self._where = sources, path, sources.name(path)
        self._reported: set[str] = set()
        sources.require_file(path)
        self.names: Collection[str]
        # The footer first: a file that is refused by it need not be read.
        self.names, self.total = read_schema(path, self._where)
        check_columns(self.names, required, self._where)
        sources.hash_file(path)

    def chunks(self, wanted: Sequence[str]) -> Iterator[Columns]:
        """See `ColumnSource`."""
        import pyarrow as pa

        names = [name for name in wanted if name in self.names]
        for batch in read_batches(self._path, self._where, names, CHUNK_ROWS):
            for start in range(0, batch.num_rows, PIECE_ROWS):
                yield self._read(pa.Table.from_batches([batch.slice(start, PIECE_ROWS)]))

    def _read(self, table: Any) -> Columns:
        converted: list[str] = []
        columns = {
            name: _text_column(table.column(name), name, self._where, converted.append)
            for name in table.column_names
        }
        new = [each for each in converted if each not in self._reported]
        self._reported.update(new)
        if new:
            self._sources.warnings.append(f"{self._where}: read as text: {', '.join(new)}")
        return columns


OPENERS: dict[str, Callable[[Sources, Path, Collection[str]], ColumnSource]] = {
    ".csv": open_csv,
    ".jsonl": open_jsonl,
}


def _text_column(
    column: Any, name: str, where: str, report: Callable[[str], None]
) -> list[str | None]:
    """The values of an Arrow column as text, null where it has none."""
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_string(kind) or types.is_large_string(kind):
        return [text for chunk in column.chunks for text in _list_texts(chunk)]
    if not types.is_null(kind):
        report(f"{name} ({kind})")
    return _convert(column, kind, name, where)


def _list_texts(chunk: Any) -> list[str | None]:
    from pyarrow import types

    if not types.is_dictionary(chunk.type):
        texts: list[str | None] = chunk.to_pylist()
        return texts
    # What is not said in these rows is not decoded. A cast would import 300 functions, .05 s.
    places, said = chunk.indices.to_pylist(), chunk.dictionary
    text_of = {place: said[place].as_py() for place in set(places) if place is not None}
    return [text_of.get(place) for place in places]


def _convert(column: Any, kind: Any, name: str, where: str) -> list[str | None]:
    """What is no text, as text."""
    import pyarrow as pa
    from pyarrow import compute, types

    try:
        column = column.cast(kind)
        if types.is_floating(kind):  # a whole column of numbers with gaps is float in pandas
            column = compute.if_else(compute.is_nan(column), pa.scalar(None, kind), column)
        elif types.is_timestamp(kind):
            column = column.cast(pa.date32(), safe=False)
        values: list[str | None] = column.cast(pa.large_string()).to_pylist()
    except pa.ArrowException:
        raise InvalidInputError(
            f"column {name} holds {kind}", where=where, expected="a column of text"
        ) from None
    return values
