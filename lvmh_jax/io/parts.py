"""The finished parts of a long detection, kept beside its output until that is whole.

`.OUTPUT.parts/` has a parquet file a part and, written after each of them, `run.json`: what the
run was made from, and the notes, rows and sha256 of each part. A part that is not in it, or not as
it was, does not count; nor do those behind it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lvmh_jax.errors import InvalidInputError, LvmhError, ResumeRefusedError
from lvmh_jax.io.manifest import MANIFEST, read_json, write_json
from lvmh_jax.io.outputs import COLUMNS, Row, write_parquet
from lvmh_jax.io.sources import Sources

RUN = "run.json"
PART_NOTES = 8192  # of a part at least: five seconds of work are lost at most, and 20 MB are held


def identify_run(
    model: Path, notes: Path, lexicon: Path | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What the rows of a run depend on, as digests of its files and the options.

    Args:
      model: a model folder that was verified; its manifest speaks for it.
      notes: the notes file.
      lexicon: the lexicon file that takes the place of the model's, if any.
      options: JSON values.
    """
    files = {"model": model / MANIFEST, "notes": notes, "lexicon": lexicon}
    return {
        **{name: digest_file(path) if path else None for name, path in files.items()},
        "options": dict(options),
    }


class PartFolder:
    """The parts of one output.

    Attributes:
      notes: how many notes the finished parts cover, from the first on.
    """

    def __init__(self, output: Path) -> None:
        """Names the folder; it is made with the first part."""
        self.path = output.with_name(f".{output.name}.parts")
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
                fix="give what it was started with, or leave --resume out to start anew",
            )
        for entry in entries:
            if not self._is_whole(entry):
                return
            self._entries.append(entry)
            self.notes += int(entry["notes"])

    def rows(self) -> Iterator[Row]:
        """The rows of the finished parts, in order."""
        from pyarrow import parquet

        for place in range(len(self._entries)):
            with parquet.ParquetFile(self._file(place)) as file:
                for batch in file.iter_batches(columns=list(COLUMNS)):
                    columns = [batch.column(name).to_pylist() for name in COLUMNS]
                    yield from zip(*columns, strict=True)

    def add(self, rows: Sequence[Row], notes: int) -> None:
        """Finishes a part: when this returns it outlives the process.

        Raises:
          LvmhError: it cannot be written (no space).
        """
        if not self._entries:
            self.drop()
        try:
            self.path.mkdir(exist_ok=True, parents=True)
            file = self._file(len(self._entries))
            write_parquet(file, iter(rows))
            entry = {"notes": notes, "rows": len(rows), "sha256": digest_file(file)}
            entries = [*self._entries, entry]
            write_json(self.path / RUN, {"run": self._run, "parts": entries})
        except OSError as error:
            raise LvmhError(
                f"cannot be written ({error.strerror or type(error).__name__})",
                where=self.path.as_posix(),
                fix="choose a place with space and permission to write",
            ) from error
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
        try:
            file = self._file(len(self._entries))
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
