"""Files without the rows of a client; what stays keeps its bytes, order and types.

Each function writes the new version of one file to another path and returns how many rows went, so
that nothing is replaced before all of it could be written.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lvmh_jax.data.documents import dump_json, parse_json
from lvmh_jax.data.forgetrows import (
    EVIDENCE,
    forget_new_concept,
    forget_suggestion,
    is_theirs,
)
from lvmh_jax.data.forgetting import (
    Traces,
    forget_candidate,
    forget_concept,
    forget_json,
    forget_lexicon,
)
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.csvrows import BOM, Edit, delimiter_of, edit_csv, encoding_of, read_records
from lvmh_jax.io.delimiters import SEPARATOR_LINE
from lvmh_jax.io.sources import Sources

ID_COLUMNS = ("client_id", "note_id")
KNOWN_COLUMNS = frozenset(
    {*ID_COLUMNS, "candidate", "candidates", "concept_id", "alias", "aliases", EVIDENCE}
)
UNREADABLE = "it cannot be read as parquet"
_STYLES = [
    {"indent": indent, "ensure_ascii": plain, "separators": separators}
    for indent in (1, 2, 4, None)
    for plain in (False, True)
    for separators in ((None, (",", ":")) if indent is None else (None,))
]


def erase_parquet(path: Path, target: Path, traces: Traces) -> int | None:
    """Leaves rows of a parquet file out; row groups, schema and compression are as they were.

    Returns: rows that went; None where the file has neither `client_id` nor `note_id`.

    Raises:
      InvalidInputError: damaged, or no parquet file.
    """
    import pyarrow as pa
    from pyarrow import parquet

    gone = 0
    try:
        with parquet.ParquetFile(path) as file:
            schema = file.schema_arrow
            if not any(name in schema.names for name in ID_COLUMNS):
                return None
            with (
                target.open("wb") as stream,
                parquet.ParquetWriter(stream, schema, **_layout_of(file)) as writer,
            ):
                for number in range(file.num_row_groups):
                    table = file.read_row_group(number)
                    kept = _drop_rows(table, traces)
                    gone += table.num_rows - kept.num_rows
                    if kept.num_rows:
                        writer.write_table(kept, row_group_size=kept.num_rows)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno and not isinstance(error, pa.ArrowException):
            raise
        raise InvalidInputError(
            UNREADABLE, where=path.as_posix(), fix="write it again, or delete it"
        ) from None
    return gone


def _layout_of(file: Any) -> dict[str, Any]:
    """How a parquet file is written: version, and codec and dictionary of each column."""
    metadata = file.metadata
    layout: dict[str, Any] = {"version": metadata.format_version}
    if metadata.num_row_groups:
        group = metadata.row_group(0)
        columns = [group.column(place) for place in range(metadata.num_columns)]
        codecs = {c.path_in_schema: c.compression.replace("UNCOMPRESSED", "NONE") for c in columns}
        layout["compression"] = codecs
        layout["use_dictionary"] = [c.path_in_schema for c in columns if c.has_dictionary_page]
    return layout


def _drop_rows(table: Any, traces: Traces) -> Any:
    import pyarrow as pa

    columns = [
        table.column(name).to_pylist() if name in table.column_names else [None] * table.num_rows
        for name in ID_COLUMNS
    ]
    mask = [not traces.owns(*cells) for cells in zip(*columns, strict=True)]
    kept = table.filter(pa.array(mask, pa.bool_()))
    for place, each in enumerate(kept.schema):
        if pa.types.is_dictionary(each.type):
            # A dictionary is written whole, with values that other rows of the file had.
            plain = kept.column(place).cast(each.type.value_type)
            coded = plain.combine_chunks().dictionary_encode().cast(each.type)
            kept = kept.set_column(place, each, coded)
    return kept


def erase_csv(path: Path, target: Path, traces: Traces) -> int | None:
    """Leaves rows of a CSV file out, or edits those that list notes: candidates, a lexicon, ...

    Rows that stay as they were are copied, quotes and line ends included.

    Returns: rows that went or changed; None where no column names a client or a note.

    Raises:
      InvalidInputError: not UTF-8, or not CSV of one width.
    """
    return edit_csv(path, target, KNOWN_COLUMNS, lambda header: _edit_for(header, traces))


def erase_other_csv(path: Path, target: Path, traces: Traces) -> int | None:
    """Leaves out the rows of a CSV file of any columns that name the client or quote a note.

    Returns: rows that went; None where rows are not enough: it is no CSV, its name is the
      client's, or what is left names the client all the same.
    """
    if traces.names(path.name):
        return None
    gone, left = 0, []
    try:
        encoding = encoding_of(path)
        with (
            path.open("r", encoding=encoding, newline="") as stream,
            target.open("w", encoding=encoding, newline="") as written,
        ):
            header: list[str] | None = None
            delimiter = delimiter_of(stream, KNOWN_COLUMNS)
            for raw, cells in read_records(stream, path.as_posix(), delimiter):
                if header is None and not SEPARATOR_LINE.match(raw.removeprefix(BOM)):
                    header = cells
                if is_theirs(header or (), cells, traces):
                    gone += 1
                else:
                    written.write(raw)
                    left += cells
    except (UnicodeDecodeError, InvalidInputError):
        return None
    return None if traces.names(" ".join(left)) else gone


def _edit_for(header: list[str], traces: Traces) -> Edit | None:
    if any(name in header for name in ID_COLUMNS):
        return lambda row: None if traces.owns(row.get("client_id"), row.get("note_id")) else row
    if {"candidate", "freq_notes", "example_note_ids"} <= set(header):
        return lambda row: forget_candidate(row, traces)
    if {"alias", EVIDENCE} <= set(header):
        return lambda row: forget_suggestion(row, traces)
    if {"candidates", EVIDENCE} <= set(header):
        return lambda row: forget_new_concept(row, traces)
    if "concept_id" in header and {"aliases", "examples"} & set(header):
        return lambda row: forget_concept(row, traces)[0]
    return None


def erase_jsonl(path: Path, target: Path, traces: Traces) -> int | None:
    """Leaves lines of a JSONL file out, such as gold annotation.

    Raises:
      InvalidInputError: not UTF-8, or a line that is not JSON.
    """
    gone = 0
    try:
        with (
            path.open("r", encoding="utf-8", newline="\n") as stream,
            target.open("w", encoding="utf-8", newline="") as written,
        ):
            for number, line in enumerate(stream, start=1):
                place = f"{path.as_posix()}:{number}"
                value = parse_json(line.removeprefix(BOM), place) if line.strip() else None
                theirs = forget_json([value], traces)[1] > 0
                gone += theirs
                if not theirs:
                    written.write(line)
    except UnicodeDecodeError:
        raise InvalidInputError(
            "it is not UTF-8", where=path.as_posix(), fix="save the file as UTF-8"
        ) from None
    return gone


def erase_json(path: Path, target: Path, traces: Traces) -> int | None:
    """Leaves parts of a JSON document out; a lexicon is edited as one.

    Raises:
      InvalidInputError: not UTF-8, or not JSON.
    """
    text = Sources(path.parent).read_text(path)
    document = parse_json(text, path.as_posix())
    if is_lexicon(document):
        kept, gone = forget_lexicon(document, traces)  # type: ignore[arg-type]
    else:
        kept, gone = forget_json(document, traces)
    target.write_text(dump_like(text, document, kept), encoding="utf-8", newline="")
    return gone


def is_lexicon(document: object) -> bool:
    """Whether a JSON document has the form of a lexicon."""
    return (
        isinstance(document, dict)
        and bool(document)
        and all(isinstance(each, dict) and "aliases" in each for each in document.values())
    )


def dump_like(text: str, before: object, after: object) -> str:
    """JSON in the style in which a text writes another value; one space an indent where unknown."""
    end = text[len(text.rstrip()) :]
    body = text.rstrip()
    for style in _STYLES:
        if json.dumps(before, **style) == body:  # type: ignore[arg-type]
            return json.dumps(after, **style) + end  # type: ignore[arg-type]
    return dump_json(after)


ERASERS: dict[str, Callable[[Path, Path, Traces], int | None]] = {
    ".parquet": erase_parquet,
    ".csv": erase_csv,
    ".jsonl": erase_jsonl,
    ".json": erase_json,
}
