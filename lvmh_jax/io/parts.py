"""The finished parts of a long run over notes, kept beside its output until that is whole.

`.OUTPUT.parts/` has a parquet file a part and, written after each of them, `run.json`: what the
run was made from, its process, and the notes, rows and sha256 of each part. A part that is not in
it, or not as it was, does not count; nor do those behind it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from lvmh_jax.errors import InvalidInputError, LvmhError, ResumeRefusedError
from lvmh_jax.io.locks import TEMPORARY, lives
from lvmh_jax.io.manifest import MANIFEST, read_json, write_json
from lvmh_jax.io.outputs import (
    COLUMNS,
    Row,
    cannot_write,
    find_target,
    name_temporary,
    write_parquet,
)
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.tables import VECTOR_COLUMNS, VectorBatch, write_vector_groups

RUN, PARTS = "run.json", ".parts"
PART_NOTES = 8192  # of a part at least: five seconds of work are lost at most, and 20 MB are held

Item = TypeVar("Item")


@dataclass(frozen=True)
class PartForm(Generic[Item]):
    """How the items of a part are kept.

    Attributes:
      write: writes them to the parquet file that it is given; returns the number of rows.
      read: yields them as they were.
    """

    write: Callable[[Path, Iterator[Item]], int]
    read: Callable[[Path], Iterator[Item]]


def identify_run(
    model: Path, files: Mapping[str, Path | None], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What the outcome of a run depends on, as digests of its files and the options.

    Args:
      model: a model folder that was verified; its manifest speaks for it.
      files: by the name that a refusal tells; None where there is none.
      options: JSON values.
    """
    named = {"model": model / MANIFEST, **files}
    return {
        **{name: digest_file(path) if path else None for name, path in named.items()},
        "options": dict(options),
    }


class PartFolder(Generic[Item]):
    """The parts of one output.

    Attributes:
      notes: how many notes the finished parts cover, from the first on.
    """

    def __init__(self, output: Path, form: PartForm[Item]) -> None:
        """Names the folder; it is made with the first part, where a link leads to as the output."""
        self._form = form
        self._output = output = find_target(output)
        self.path = output.with_name(f".{output.name}{PARTS}")
        self.notes = 0
        self._run: Mapping[str, Any] = {}
        self._entries: list[dict[str, Any]] = []

    def exists(self) -> bool:
        """Whether a run was interrupted here."""
        return (self.path / RUN).is_file()

    def begin(self, run: Mapping[str, Any]) -> None:
        """Starts without parts; those of another run go when the first of this one is finished."""
        self._run = run

    def resume(self, run: Mapping[str, Any]) -> None:
        """Takes up the parts that are there and as they were written.

        What a killed process had written of the output itself is removed.

        Raises:
          ResumeRefusedError: they are of another model, of other notes or of other options.
        """
        self._run = run
        try:
            document = read_json(self.path / RUN)
            kept, entries = dict(document["run"]), list(document["parts"])
        except (InvalidInputError, LookupError, TypeError, ValueError):
            return  # of no use to anybody
        other = [name for name in run if name not in kept or kept[name] != run[name]]
        if other:
            raise ResumeRefusedError(
                f"the interrupted run had another {' and other '.join(other)}",
                where=self.path.as_posix(),
                fix="give what it was started with, or start over without --resume",
            )
        if isinstance(process := document.get("process"), int):
            with suppress(OSError):
                name_temporary(self._output, process).unlink()
        for entry in entries:
            if not self._is_whole(entry):
                return
            self._entries.append(entry)
            self.notes += int(entry["notes"])

    def items(self) -> Iterator[Item]:
        """The items of the finished parts, in order."""
        for place in range(len(self._entries)):
            yield from self._form.read(self._file(place))

    def add(self, items: Sequence[Item], notes: int) -> None:
        """Finishes a part: when this returns it outlives the process.

        Raises:
          UsageError: it cannot be written (no space).
        """
        if not self._entries:
            self.drop()
        try:
            self.path.mkdir(exist_ok=True, parents=True)
            file = self._file(len(self._entries))
            rows = self._form.write(file, iter(items))
            entry = {"notes": notes, "rows": rows, "sha256": digest_file(file)}
            entries = [*self._entries, entry]
            document = {"run": self._run, "parts": entries, "process": os.getpid()}
            write_json(self.path / RUN, document)
        except OSError as error:
            raise cannot_write(self.path, error) from error
        self._entries, self.notes = entries, self.notes + notes

    def drop(self) -> None:
        """Removes the folder and what is in it."""
        # run.json first: half a folder must not look like a run.
        with suppress(OSError):
            (self.path / RUN).unlink()
        shutil.rmtree(self.path, ignore_errors=True)

    def _file(self, place: int) -> Path:
        return self.path / f"{place:06}.parquet"

    def _is_whole(self, entry: Any) -> bool:
        return _is_whole(self._file(len(self._entries)), entry)


def is_worthless(path: Path) -> bool:
    """Whether a file is what a killed run left, and of no use to one that goes on.

    That is a part that was torn, or that `run.json` does not list as it is; and what a process
    that is gone had written of a file.
    """
    if found := TEMPORARY.fullmatch(path.name):
        return not lives(int(found["process"]))
    is_part = path.suffix == ".parquet" and path.parent.suffix == PARTS
    if not (is_part and path.parent.name.startswith(".") and path.stem.isdigit()):
        return False
    try:
        entries = list(read_json(path.parent / RUN)["parts"])
        return not _is_whole(path, entries[int(path.stem)])
    except (InvalidInputError, LookupError, TypeError):
        return True


def list_unfinished(folder: Path) -> list[Path]:
    """Parts and half-written files in a folder itself, whatever became of their run."""
    found = (*folder.glob(f".*{PARTS}/*.parquet"), *folder.glob(".*.part"))
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _is_whole(file: Path, entry: Any) -> bool:
    try:
        return int(entry["notes"]) > 0 and entry["sha256"] == digest_file(file)
    except (LvmhError, LookupError, TypeError, ValueError):
        return False


def digest_file(path: Path) -> str:
    """The sha256 of a file.

    Raises:
      InvalidInputError: it cannot be read.
    """
    sources = Sources(path.parent)
    sources.hash_file(path)
    return sources.digests[sources.name(path)]


def _read_rows(path: Path) -> Iterator[Row]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=list(COLUMNS)):
            columns = [batch.column(name).to_pylist() for name in COLUMNS]
            yield from zip(*columns, strict=True)


def _read_vectors(path: Path) -> Iterator[VectorBatch]:
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            note_ids, client_ids = (batch.column(name).to_pylist() for name in VECTOR_COLUMNS[:2])
            flat = batch.column(VECTOR_COLUMNS[2]).flatten().to_numpy(zero_copy_only=False)
            yield VectorBatch(
                note_ids, client_ids, flat.astype(np.float32).reshape(len(note_ids), -1)
            )


def _write_vectors(path: Path, batches: Iterator[VectorBatch]) -> int:
    return write_vector_groups(path, batches)[0]


ROWS = PartForm(write_parquet, _read_rows)
VECTORS = PartForm(_write_vectors, _read_vectors)
