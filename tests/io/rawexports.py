"""Exports for the tests of what reads them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from lvmh_jax.io.rawfiles import open_raw

HEADER = ["ID", "Date", "Duration", "Language", "Length", "Transcription"]
ROWS = [
    ["CA_1", "2026-01-08", "35 min", "FR", "medium", 'Cliente fidèle; aime le "noir", l\'été'],
    ["CA_2", "09/01/2026", "5 min", "IT", "short", "Due righe\ncon, virgola; e | barra\t"],
]


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return path


def as_csv(delimiter: str = ",", header: list[str] = HEADER, line_end: str = "\r\n") -> str:
    lines = [header, *ROWS]
    return line_end.join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines
    )


def read(path: Path, **options) -> list[list[str]]:
    return [
        [row.note_id, row.date, row.duration, row.language, row.length, row.text]
        for row in open_raw(path, **options).rows()
    ]


def parquet_bytes(**columns: list) -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()
