"""Whether a file names a client: for files of which no rows are left out.

Text of any encoding that a byte order mark tells, and the texts of parquet; other formats, such as
workbooks, are not read.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from lvmh_jax.data.forgetting import Traces
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.parquetfiles import read_batches, read_schema
from lvmh_jax.io.texts import EVENTS, MARKUP, PLAIN, read_texts

UNFINISHED = frozenset({".part", ".log", ".lock"})
WHOLE = frozenset({".tsv", ".txt", ".ndjson", *UNFINISHED})  # read as it is
MORE = frozenset({".json", ".jsonl"})
# What people put into the root of a workspace: exports, tasks, reviewed notes, pages.
DATA = frozenset(
    {".csv", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".txt", ".html"}
    | {".xlsx", ".xls", ".ods", ".gz", ".zip"}  # told as not read
)
# What our commands write elsewhere under `--output DIR` or a path: rows of it are known.
OUTPUTS = frozenset(
    {"alias_suggestions.csv", "candidates.csv", "new_concepts.csv", "client_profiles.csv"}
    | {"note_concepts.csv", "note_concepts.parquet", "note_vectors.parquet"}
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ROWS = 4096


def list_data_files(root: Path) -> list[Path]:
    """Files with data in a folder itself; its sub-folders may be anything, as `.venv`."""
    return sorted(
        path
        for path in root.iterdir()
        if (path.suffix.lower() in DATA or is_ours(path)) and path.is_file()
    )


def list_folders(root: Path) -> list[Path]:
    """Folders in a workspace that commands or people may have put data into; no links."""
    return sorted(
        path
        for path in root.iterdir()
        if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
    )


def is_ours(path: Path) -> bool:
    """Whether a file has the name of one that our commands write, or keep as `FILE.csv.bak`."""
    return path.name.removesuffix(".bak") in OUTPUTS


def names_client(path: Path, traces: Traces) -> bool | None:
    """Whether a file that has no rows names the client; None where its format is not text.

    A page is read without its tags, for highlighting stands between the words of a sentence.
    """
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return _parquet_names(path, traces)
    is_read = suffix in (*MARKUP, *PLAIN, *MORE, *WHOLE)
    if not is_read and not path.name.startswith(EVENTS):
        return None
    with path.open("rb") as stream:
        is_utf16 = stream.read(2) in _UTF16
    if is_utf16 or suffix in WHOLE:
        encoding = "utf-16" if is_utf16 else "utf-8"
        return traces.names(path.read_text(encoding=encoding, errors="replace"))
    # Damaged JSON has no values, and still the client in it.
    if suffix in MORE and traces.names(path.read_text(encoding="utf-8", errors="replace")):
        return True
    joint = "" if suffix in MARKUP else "\n"
    pieces = [each.text for each in read_texts(path)]
    return traces.names(joint.join(pieces)) or traces.names(" ".join(pieces))


def _parquet_names(path: Path, traces: Traces) -> bool | None:
    where = path.as_posix()
    try:
        names, _ = read_schema(path, where)
        return any(
            traces.names("\n".join(cell for cell in row if isinstance(cell, str)))
            for batch in read_batches(path, where, names, _ROWS)
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        )
    except InvalidInputError:
        return None  # damaged, or no parquet file: told as one that was not read
