"""Small files that unpack to gigabytes, and sparse files that have them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

MEGABYTE = "a" * 2**20


def _repeat(values: Sequence[str], rows: int) -> pa.DictionaryArray:
    """A column of many rows that are all the first value: four bytes a row, not its text."""
    codes = pa.Array.from_buffers(pa.int32(), rows, [None, pa.py_buffer(bytes(4 * rows))])
    return pa.DictionaryArray.from_arrays(codes, pa.array(values))


def _ids(rows: int) -> pa.Array:
    return pa.array([str(row) for row in range(rows)])


def _table(ids: Any, texts: Any) -> pa.Table:
    """Notes, an export and findings in one: each reader finds its own columns."""
    named = dict.fromkeys(("note_id", "ID", "client_id"), ids)
    return pa.table(named | dict.fromkeys(("text", "Transcription", "concept_id"), texts))


def make_bombs(folder: Path) -> dict[str, Path]:
    """Writes parquet files of less than a megabyte that unpack to far more than a gigabyte."""

    def write(name: str, table: pa.Table, times: int = 1, **options: Any) -> Path:
        path = folder / f"{name}.parquet"
        with parquet.ParquetWriter(path, table.schema, compression="zstd", **options) as writer:
            for _ in range(times):
                writer.write_table(table)
        return path

    rows = 10**6
    nulls = _table(pa.nulls(rows, pa.string()), pa.nulls(rows, pa.string()))
    same = _table(_repeat(["N1"], rows), _repeat(["x"], rows))
    long = pa.array(["a" * 2**25], pa.large_string())
    plain = {"use_dictionary": False, "write_statistics": False}
    return {
        "10 GB of one text": write("texts", _table(_ids(10_000), _repeat([MEGABYTE], 10_000))),
        "10 GB of one id": write("ids", _table(_repeat([MEGABYTE], 10_000), _ids(10_000))),
        "10 million nulls": write("nulls", nulls, 10, write_statistics=False),
        "3 million equal rows": write("same", same, 3),
        "pages of 32 MB": write("page", _table(_ids(1), long), **plain),
        "lists of texts": write("lists", _table(_ids(200), pa.array([["a" * 2**10] * 2**9] * 200))),
        "objects": write("objects", _table(_ids(99), pa.array([{"a": MEGABYTE}] * 99))),
    }


def make_hollow(path: Path, size: int, head: bytes = b"") -> Path:
    """A file of NULs that takes no room on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(head)
    os.truncate(path, size)
    return path
