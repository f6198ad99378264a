"""`note_concepts.csv`, the rows that the next stage of the pipeline reads.

Rows are streamed to a temporary name in the same folder and renamed when all are there: a reader
sees the old file or the new one, and a failed run leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from lvmh_jax.errors import UsageError
from lvmh_jax.records import Mention

COLUMNS = (
    "note_id",
    "client_id",
    "concept_id",
    "matched_alias",
    "evidence_span_start",
    "evidence_span_end",
    "confidence",
    "detection_method",
    "polarity",
)
CSV_ROWS = 2048  # formatted at once
STDOUT, STDERR = 1, 2  # descriptors, whatever `sys.stdout` was replaced by
GROUP_ROWS = 65536  # rows of a parquet group: what is in memory at a time

Row = tuple[str, str, str, str, int | None, int | None, float, str, str]


def require_writable(path: Path) -> None:
    """Checks that a file can be written at a place, before the work whose result it is to hold.

    Nothing is left behind: its folder is not made, and a file that is there stays as it is.

    Raises:
      UsageError: a folder or device stands there, itself or at the end of a link, or what is
        printed goes there, or nothing may be written to its folder.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        target = find_target(path)
        # The last: a link of /proc whose file has no name any more.
        if path.exists() and not (path.is_file() and target.exists() and path.samefile(target)):
            raise OSError(errno.EINVAL, "not a regular file")
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if path.exists() and _is_printed_to(path):
            # A link such as /dev/stdout ends there: what is printed later would go nowhere.
            raise OSError(errno.EINVAL, "standard output or standard error goes there")
        folder = next(above for above in target.absolute().parents if above.exists())
        # Permission bits do not tell: root passes them, and a file system may be read-only.
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cannot_write(path, error, "choose a place with permission to write") from error


def _is_printed_to(path: Path) -> bool:
    """Whether a file is what standard output or standard error was sent to."""
    found = path.stat()
    for stream in (STDOUT, STDERR):
        with contextlib.suppress(OSError):  # it is closed
            if os.path.samestat(found, os.fstat(stream)):
                return True
    return False


def find_target(path: Path) -> Path:
    """Where a file is written that is given by a path: at the end of a symbolic link, or there."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


class OutputError(UsageError):
    """An output cannot be written, for want of space or permission."""


def cannot_write(
    path: Path, error: OSError, fix: str = "choose a place with space and permission to write"
) -> OutputError:
    """What the system said, as the error of an output."""
    return OutputError(
        f"cannot be written ({error.strerror or type(error).__name__})",
        where=path.as_posix(),
        fix=fix,
    )


def write_mentions(path: Path, mentions: Iterable[Mention], client_ids: Mapping[str, str]) -> int:
    """Writes mentions in the order they come.

    Args:
      path: the file, replaced when it is there; `.parquet` gives parquet, all else CSV. Its folder
        is made.
      mentions: may be a generator; it is consumed row by row.
      client_ids: note id to client id; a note that is not in it has an empty one.

    Returns:
      The number of rows.

    Raises:
      UsageError: no file can be written there, or not to its end (no space).
    """
    return write_rows(path, make_rows(mentions, client_ids))


def write_rows(path: Path, rows: Iterator[Row]) -> int:
    """As `write_mentions`, of rows that `make_rows` made."""
    count = 0

    def write(temporary: Path) -> None:
        nonlocal count
        form = write_parquet if path.suffix.lower() == ".parquet" else _write_csv
        count = form(temporary, rows)

    write_whole(path, write)
    return count


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Has a file written under a temporary name and renames it.

    Args:
      path: the file, replaced when it is there; its folder is made. Of a symbolic link it is the
        file that it points to, which may be new.
      write: writes to the path that it is given.

    Raises:
      UsageError: no file can be written there, or not to its end (no space).
    """
    require_writable(path)
    target = find_target(path)
    temporary = name_temporary(target, os.getpid())
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write(temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        _remove(temporary)


def name_temporary(path: Path, process: int) -> Path:
    """Where a process writes a file before it is whole."""
    return path.parent / f".{path.name}.{process}.part"


def _remove(temporary: Path) -> None:
    try:
        temporary.unlink(missing_ok=True)
    except OSError:
        return  # its folder cannot be written or is no folder: then it was never made


def make_rows(mentions: Iterable[Mention], client_ids: Mapping[str, str]) -> Iterator[Row]:
    """The cells of mentions, in the order of `COLUMNS`; arguments are those of `write_mentions`."""
    # Unpacked: a look at each field by its name takes twice the time.
    for note_id, concept_id, alias, start, end, confidence, method, polarity in mentions:
        shown = alias if start is not None else ""
        client_id = client_ids.get(note_id, "")
        rounded = round(confidence, 6)
        yield note_id, client_id, concept_id, shown, start, end, rounded, method, polarity


def _write_csv(path: Path, rows: Iterator[Row]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerow(COLUMNS)
        while chunk := list(islice(rows, CSV_ROWS)):
            stream.write(_format_rows(chunk))
            count += len(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return count


def _format_rows(rows: Sequence[Row]) -> str:
    cells = [(*row[:6], f"{row[6]:.6f}", *row[7:]) for row in rows]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(cells)
    # Before Python 3.13 the writer left a lone carriage return bare, which ends a row.
    if "\r" in text.getvalue():
        text = io.StringIO()
        plain = csv.writer(text, lineterminator="\n")
        quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for each in cells:
            bare = "\r" in "".join(each[:4])  # the rest is ours
            (quoting if bare else plain).writerow(each)
    return text.getvalue()


def write_parquet(path: Path, rows: Iterator[Row]) -> int:
    """Writes rows as they are, under the name that is given, and counts them."""
    import pyarrow as pa
    from pyarrow import parquet

    kinds = {"evidence_span_start": pa.int64(), "evidence_span_end": pa.int64()}
    kinds["confidence"] = pa.float64()
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    count = 0
    with path.open("wb") as stream, parquet.ParquetWriter(stream, schema) as writer:
        while group := list(islice(rows, GROUP_ROWS)):
            cells = zip(*group, strict=True)
            arrays = [pa.array(c, f.type) for c, f in zip(cells, schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count
