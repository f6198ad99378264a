"""Notes from parquet, CSV or JSON lines: any of them becomes columns of text, then `Note`s.

Texts are kept as they are: the offsets of gold and of every mention count in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from lvmh_jax.data.documents import kind_of, parse_json, quote
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.sources import Sources, check_columns, parse_csv
from lvmh_jax.records import LANGUAGES, Note

COLUMNS = ("note_id", "client_id", "date", "duration", "language", "length", "text")
REQUIRED = ("note_id", "text")
MAX_CODES = 10  # unknown language codes that a warning lists

Columns = dict[str, list[str | None]]

_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_notes(sources: Sources, path: Path, required: Collection[str]) -> tuple[Note, ...]:
    """Reads a notes file, `.csv` or `.jsonl` by its name and parquet otherwise.

    Args:
      sources: reads and hashes the file, and collects the warnings.
      path: the file.
      required: columns without which the file is refused; of the others, `client_id` defaults to
        the note's own id and the rest to nothing.

    Raises:
      InvalidInputError: not of its format, no note, a column missing or not of text, or a
        `note_id` that is null or there twice.
    """
    read = {".csv": _read_csv, ".jsonl": _read_jsonl}.get(path.suffix.lower(), _read_parquet)
    columns = read(sources, path, required)
    where = sources.name(path)
    ids = _checked_ids(columns["note_id"], where)
    absent = [name for name in COLUMNS if name not in columns]
    if absent:
        sources.warnings.append(
            f"{where}: no column {', '.join(absent)}: left empty, and each note is its own client"
            if "client_id" in absent
            else f"{where}: no column {', '.join(absent)}: left empty"
        )
    cells = [columns.get(name) or [None] * len(ids) for name in COLUMNS[1:]]
    notes = tuple(map(_make_note, ids, *cells))
    sources.warnings += [f"{where}: {line}" for line in _oddities(notes, columns)]
    return notes


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
        client_id=client_id or note_id,  # as `prepare` does for exports without clients
        text=text or "",
        language=(language or "").strip().upper(),
        date=date or None,
        duration=duration or "",
        length=length or "",
    )


def _checked_ids(ids: list[str | None], where: str) -> list[str]:
    if not ids:
        raise InvalidInputError("it holds no note", where=where, expected="one or more")
    blank = [row for row, note_id in enumerate(ids, start=1) if not (note_id or "").strip()]
    if blank:
        raise InvalidInputError(
            f"note_id is null or empty in {len(blank)} of {len(ids)} rows, first in row {blank[0]}",
            where=where,
            expected="an id for each note",
        )
    rows: dict[str, int] = {}
    for row, note_id in enumerate(ids, start=1):
        first = rows.setdefault(str(note_id), row)
        if first != row:
            raise InvalidInputError(
                f"note_id {quote(str(note_id))} is in row {first} and again in row {row}",
                where=where,
                expected="each id once",
            )
    return list(rows)


def _oddities(notes: tuple[Note, ...], columns: Mapping[str, list[str | None]]) -> list[str]:
    lines = []
    empty = sum(not note.text.strip() for note in notes)
    if empty:
        lines.append(f"{empty} of {len(notes)} notes have no text")
    orphans = sum(not client_id for client_id in columns.get("client_id", ()))
    if orphans:
        lines.append(f"{orphans} of {len(notes)} notes have no client_id: their note_id stands in")
    codes = {note.language for note in notes} - {*LANGUAGES} if "language" in columns else set()
    if codes:
        count = sum(note.language in codes for note in notes)
        # What does not look like a code may be the text of a note, in a shifted column.
        shown = sorted(c for c in codes if re.fullmatch(r"[A-Z]{1,3}([-_][A-Z]{1,4})?", c))
        rest = len(codes) - len(shown[:MAX_CODES])
        named = [*shown[:MAX_CODES], *([f"{rest} other or empty"] if rest else [])]
        lines.append(f"{count} of {len(notes)} notes are in unknown languages: {', '.join(named)}")
    return lines


def _read_csv(sources: Sources, path: Path, required: Collection[str]) -> Columns:
    rows = parse_csv(sources.read_text(path), sources.name(path), required)
    names = [name for name in COLUMNS if name in rows[0]] if rows else [*required]
    return {name: [row[name] for row in rows] for name in names}


def _read_jsonl(sources: Sources, path: Path, required: Collection[str]) -> Columns:
    where = sources.name(path)
    objects: list[dict[str, Any]] = []
    # Not splitlines: U+2028 and others may stand inside a JSON string.
    for number, line in enumerate(sources.read_text(path).split("\n"), start=1):
        if line.strip():
            place = f"{where}:{number}"
            fields = parse_json(line, place)
            if not isinstance(fields, dict):
                raise InvalidInputError(
                    f"the line is {kind_of(fields)}", where=place, expected="an object in braces"
                )
            check_columns(fields, required, place)
            objects.append({name: _cell(fields.get(name), name, place) for name in COLUMNS})
    columns = {name: [fields[name] for fields in objects] for name in COLUMNS}
    return {
        name: [_repaired(value) for value in values]
        for name, values in columns.items()
        if name in required or any(value is not None for value in values)
    }


def _cell(value: object, name: str, place: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        raise InvalidInputError(
            f"key '{name}' is {kind_of(value)}", where=place, expected="a string"
        )
    return None if value is None else str(value)


def _repaired(value: str | None) -> str | None:
    """One replacement character for each lone surrogate: no file can hold them, offsets stay."""
    return value if value is None or value.isascii() else _SURROGATE.sub("\ufffd", value)


def _read_parquet(sources: Sources, path: Path, required: Collection[str]) -> Columns:
    import pyarrow as pa
    from pyarrow import parquet

    where = sources.name(path)
    raw = sources.read_bytes(path)
    try:
        file = parquet.ParquetFile(pa.BufferReader(raw))
        names = file.schema_arrow.names
        check_columns(names, required, where)
        table = file.read(columns=[name for name in COLUMNS if name in names])
        table.validate(full=True)  # text that is not UTF-8 shows here, not deep in a loop
    except (pa.ArrowException, OSError, ValueError):  # their messages may quote the file
        raise InvalidInputError(
            "it cannot be read as parquet (cut off, damaged, encrypted or another format)",
            where=where,
            fix="write it again, or name a .csv or .jsonl file by its format",
        ) from None
    converted: list[str] = []
    columns = {
        name: _text_column(table.column(name), name, where, converted.append)
        for name in table.column_names
    }
    if converted:
        sources.warnings.append(f"{where}: read as text: {', '.join(converted)}")
    return columns


def _text_column(
    column: Any, name: str, where: str, report: Callable[[str], None]
) -> list[str | None]:
    """The values of an Arrow column as text, null where it has none."""
    import pyarrow as pa
    from pyarrow import compute, types

    kind = column.type
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)):
        report(f"{name} ({kind})")
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
