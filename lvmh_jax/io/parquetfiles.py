"""Parquet a piece at a time, and no more of it than its size on disk lets expect.

A few kilobytes of parquet can say a billion rows, or one long text a million times. What a file
unpacks to is therefore known before it is unpacked: rows and pages by the footer, repeated texts by
reading columns of text as dictionaries, whose decoded size is a sum of lengths.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.documents import quote
from lvmh_jax.errors import InvalidInputError

# Notes of one workspace written a thousand times under new ids unpack to thirty times their file
# (zstd), and no row of an id of its own takes less than a byte; a bomb is beyond by thousands.
SPARE_BYTES, BYTES_A_BYTE = 64 << 20, 200
SPARE_ROWS, ROWS_A_BYTE = 16384, 16
PIECE_BYTES = 32 << 20  # of text that is decoded at a time
_REPAIR = "write it again, or name a .csv or .jsonl file by its format"


def read_schema(path: Path, where: str) -> tuple[list[str], int]:
    """Column names and number of rows, by the footer alone.

    Raises:
      InvalidInputError: it is no parquet file, or unpacks to far more than it is.
    """
    from pyarrow import parquet

    with as_invalid(where), parquet.ParquetFile(path) as file:
        _require_bounded(file, path.stat().st_size, where)
        return list(file.schema_arrow.names), int(file.metadata.num_rows)


def read_batches(path: Path, where: str, names: Sequence[str], rows: int) -> Iterator[Any]:
    """Record batches of the named columns, in the order of the file's schema.

    Args:
      path: the file.
      where: the file, for messages.
      names: columns that are there.
      rows: at most so many in a batch; fewer where texts are long.

    Raises:
      InvalidInputError: damaged, a column of lists or objects, or far more text than the file
        lets expect.
    """
    from pyarrow import parquet

    with as_invalid(where):
        size = path.stat().st_size
        with parquet.ParquetFile(path) as file:
            _require_bounded(file, size, where)
            texts = _list_texts(file.schema_arrow, names, where)
        file = parquet.ParquetFile(path, read_dictionary=texts)
    left = SPARE_BYTES + BYTES_A_BYTE * size
    with file:
        batches = file.iter_batches(rows, columns=list(names))
        while True:
            with as_invalid(where):
                batch = next(batches, None)
                if batch is None:
                    return
                # Text that is not UTF-8 shows here, not deep in a loop.
                batch.validate(full=True)
                decoded = _count_bytes(batch)
            left -= decoded
            if left < 0:
                raise _too_much(where, size)
            # Texts of unlike length may make a piece larger; `left` bounds it all the same.
            step = max(1, batch.num_rows * PIECE_BYTES // max(decoded, PIECE_BYTES))
            for start in range(0, batch.num_rows, step):
                yield batch.slice(start, step)


@contextmanager
def as_invalid(where: str) -> Iterator[None]:
    """Turns what pyarrow says of a damaged file into one line; its messages may quote the file."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, LookupError, ArithmeticError, MemoryError):
        raise InvalidInputError(
            "it cannot be read as parquet (cut off, damaged, encrypted or another format)",
            where=where,
            fix=_REPAIR,
        ) from None


def _require_bounded(file: Any, size: int, where: str) -> None:
    metadata = file.metadata
    groups = [metadata.row_group(row).total_byte_size for row in range(metadata.num_row_groups)]
    rows = metadata.num_rows
    if rows < 0 or rows > SPARE_ROWS + ROWS_A_BYTE * size:
        raise InvalidInputError(
            f"it names {rows:,} rows in {size:,} bytes",
            where=where,
            expected=f"at most {ROWS_A_BYTE} rows a byte",
            fix=_REPAIR,
        )
    if min(groups, default=0) < 0 or sum(groups) > SPARE_BYTES + BYTES_A_BYTE * size:
        raise _too_much(where, size)


def _too_much(where: str, size: int) -> InvalidInputError:
    return InvalidInputError(
        f"it unpacks to far more than its {size:,} bytes",
        where=where,
        expected=f"at most {BYTES_A_BYTE} times as much",
        fix=_REPAIR,
    )


def _list_texts(schema: Any, names: Collection[str], where: str) -> list[str]:
    """The named columns that hold text; one of lists or objects could hold anything."""
    from pyarrow import types

    found = []
    for name in names:
        kind = schema.field(name).type
        if types.is_nested(kind):
            raise InvalidInputError(
                f"column {quote(name)[1:-1]} holds {str(kind).partition('<')[0]}",
                where=where,
                expected="a column of text",
            )
        if types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind):
            found.append(name)
    return found


def _count_bytes(batch: Any) -> int:
    """Bytes of a batch whose texts are decoded, without decoding them."""
    from pyarrow import types

    total = 0
    for column in batch.columns:
        kind = column.type
        held = kind.value_type if types.is_dictionary(kind) else None
        is_text = held is not None and not types.is_primitive(held)
        if is_text and not types.is_null(held) and len(column.dictionary):
            total += int(_count_lengths(column.dictionary)[_list_places(column.indices)].sum())
        else:
            total += column.nbytes
    return total


def _list_places(indices: Any) -> NDArray[np.integer[Any]]:
    """The values of an Arrow array of whole numbers that are not null."""
    # Arrow's own ways to numpy import pandas, .2 s.
    rows = slice(indices.offset, indices.offset + len(indices))
    there, values = indices.buffers()
    places = np.frombuffer(values, str(indices.type))[rows]
    if not indices.null_count:
        return places
    is_there = np.unpackbits(np.frombuffer(there, np.uint8), bitorder="little")[rows]
    return places[is_there > 0]


def _count_lengths(texts: Any) -> NDArray[np.int64]:
    """Bytes of each of an Arrow array of texts, by where they begin."""
    from pyarrow import types

    kind = texts.type
    if types.is_fixed_size_binary(kind):
        return np.full(len(texts), kind.byte_width, np.int64)
    is_large = types.is_large_string(kind) or types.is_large_binary(kind)
    begins = np.frombuffer(texts.buffers()[1], np.int64 if is_large else np.int32)
    return np.diff(begins[texts.offset : texts.offset + len(texts) + 1]).astype(np.int64)
