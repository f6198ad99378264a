"""Files of the stages after detection: vectors, profiles, relations.

Like `note_concepts.csv` each is written under a temporary name in its folder and renamed when all
of it is there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from os.path import exists
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.errors import InvalidInputError, NotFoundError
from lvmh_jax.io.columns import ParquetColumns
from lvmh_jax.io.outputs import write_whole
from lvmh_jax.io.sources import Sources, parse_csv
from lvmh_jax.records import AFFIRMED, NEGATED
from lvmh_jax.stages.aggregate import Finding
from lvmh_jax.stages.relations import Relation

PROFILE_COLUMNS = ("client_id", "cluster_id", "profile_type", "top_concepts", "confidence")
RELATION_COLUMNS = Relation.__match_args__
VECTOR_COLUMNS = ("note_id", "client_id", "embedding")
VECTOR_GROUP_ROWS = 8192  # of a parquet group: what is in memory at a time
FINDING_COLUMNS = ("note_id", "client_id", "concept_id")
POLARITIES = (AFFIRMED, NEGATED)


class ProfileRow(NamedTuple):
    """A line of `client_profiles.csv`; `top_concepts` are ids, joined in the file by `|`."""

    client_id: str
    cluster_id: int
    profile_type: str
    top_concepts: tuple[str, ...]
    confidence: float


class VectorBatch(NamedTuple):
    """Some rows of `note_vectors.parquet`: ids, and float32 vectors_BD."""

    note_ids: Sequence[str]
    client_ids: Sequence[str]
    vectors_BD: NDArray[np.float32]


def write_vectors(path: Path, batches: Iterable[VectorBatch]) -> tuple[int, int]:
    """Writes `note_vectors.parquet`, a group of rows at a time.

    The bytes depend on the rows alone, not on how they were batched.

    Args:
      path: as `write_whole`.
      batches: may be a generator; it is consumed batch by batch.

    Returns: the number of rows, and the width of the vectors (0 where there is none).

    Raises:
      UsageError: as `write_whole`.
    """
    shape = (0, 0)

    def write(temporary: Path) -> None:
        nonlocal shape
        shape = write_vector_groups(temporary, batches)

    write_whole(path, write)
    return shape


def write_vector_groups(path: Path, batches: Iterable[VectorBatch]) -> tuple[int, int]:
    """As `write_vectors`, under the very name that is given."""
    import pyarrow as pa
    from pyarrow import parquet

    kinds = (pa.string(), pa.string(), pa.list_(pa.float32()))
    schema = pa.schema(zip(VECTOR_COLUMNS, kinds, strict=True))
    count = width = 0
    with path.open("wb") as stream, parquet.ParquetWriter(stream, schema) as writer:
        for note_ids, client_ids, vectors_BD in _regroup(batches):
            width = vectors_BD.shape[1]
            ends = np.arange(len(note_ids) + 1, dtype=np.int32) * width
            vectors = pa.ListArray.from_arrays(pa.array(ends), pa.array(vectors_BD.ravel()))
            writer.write_table(pa.table([note_ids, client_ids, vectors], schema=schema))
            count += len(note_ids)
    return count, width


def _regroup(batches: Iterable[VectorBatch]) -> Iterator[VectorBatch]:
    """The same rows, in groups of `VECTOR_GROUP_ROWS` and what is left over."""
    held: list[VectorBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += len(batch.note_ids)
        while rows >= VECTOR_GROUP_ROWS:
            whole = _join(held)
            yield _slice(whole, 0, VECTOR_GROUP_ROWS)
            held = [_slice(whole, VECTOR_GROUP_ROWS, rows)]
            rows -= VECTOR_GROUP_ROWS
    if rows:
        yield _join(held)


def _slice(batch: VectorBatch, start: int, end: int) -> VectorBatch:
    return VectorBatch(
        batch.note_ids[start:end], batch.client_ids[start:end], batch.vectors_BD[start:end]
    )


def _join(batches: Sequence[VectorBatch]) -> VectorBatch:
    return VectorBatch(
        [name for each in batches for name in each.note_ids],
        [name for each in batches for name in each.client_ids],
        np.concatenate([each.vectors_BD for each in batches]),
    )


def write_profiles(path: Path, rows: Iterable[ProfileRow]) -> None:
    """Writes `client_profiles.csv`.

    Raises:
      UsageError: as `write_whole`.
    """
    cells = (
        (row[0], row[1], row[2], "|".join(row.top_concepts), f"{row.confidence:.6f}")
        for row in rows
    )
    write_whole(path, lambda temporary: _write_csv(temporary, PROFILE_COLUMNS, cells))


def write_relations(path: Path, relations: Sequence[Relation], about: Mapping[str, Any]) -> None:
    """Writes relations: JSON with what they rest on where the name ends so, CSV otherwise.

    Args:
      path: as `write_whole`.
      relations: in the order to write.
      about: further keys of the JSON object, as how many clients there are.

    Raises:
      UsageError: as `write_whole`.
    """
    rows = [[_rounded(getattr(each, name)) for name in RELATION_COLUMNS] for each in relations]
    if path.suffix.lower() == ".json":
        listed = [dict(zip(RELATION_COLUMNS, row, strict=True)) for row in rows]
        text = json.dumps({**about, "relations": listed}, ensure_ascii=False, indent=1) + "\n"
        write_whole(path, lambda temporary: _write_text(temporary, text))
    else:
        write_whole(path, lambda temporary: _write_csv(temporary, RELATION_COLUMNS, rows))


def write_text(path: Path, text: str) -> None:
    """Writes a text file, UTF-8.

    Raises:
      UsageError: as `write_whole`.
    """
    write_whole(path, lambda temporary: _write_text(temporary, text))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        # Before Python 3.13 the writer left a lone carriage return bare, which ends a row.
        quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for row in rows:
            bare = any("\r" in str(cell) for cell in row)
            (quoting if bare else writer).writerow(row)


def _rounded(value: object) -> object:
    """Six significant digits: a q-value of 1e-12 is not nothing."""
    return float(f"{value:.6g}") if isinstance(value, float) else value


def read_findings(path: Path) -> list[Finding]:
    """Reads `note_concepts.csv`, or the same as parquet.

    Of other tools' files the columns of the pipeline are enough: without `confidence` a mention is
    sure, without `polarity` it is affirmed.

    Raises:
      NotFoundError: the file is not there.
      InvalidInputError: it is not of its format.
    """
    _require(path, "run `lvmh-jax detect`, which writes it")
    sources = Sources(path.parent)
    where = sources.name(path)
    rows: Iterable[Mapping[str, str]]
    if path.suffix.lower() == ".parquet":
        rows = _read_parquet(sources, path)
    else:
        rows = parse_csv(sources.read_text(path), where, FINDING_COLUMNS)
    return [_make_finding(row, f"{where}: row {place}") for place, row in enumerate(rows, start=1)]


def read_profiles(path: Path) -> list[ProfileRow]:
    """Reads `client_profiles.csv`.

    Raises:
      NotFoundError: the file is not there.
      InvalidInputError: it is not of its format.
    """
    _require(path, "run `lvmh-jax segment`, which writes it")
    sources = Sources(path.parent)
    where = sources.name(path)
    return [
        _make_profile(row, f"{where}: row {place}")
        for place, row in enumerate(
            parse_csv(sources.read_text(path), where, PROFILE_COLUMNS), start=1
        )
    ]


def _require(path: Path, fix: str) -> None:
    if not exists(path):
        raise NotFoundError("No data found; no such file", where=path.as_posix(), fix=fix)


def _read_parquet(sources: Sources, path: Path) -> Iterator[dict[str, str]]:
    table = ParquetColumns(sources, path, FINDING_COLUMNS)
    for columns in table.chunks((*FINDING_COLUMNS, "confidence", "polarity")):
        for cells in zip(*columns.values(), strict=True):
            yield {name: cell or "" for name, cell in zip(columns, cells, strict=True)}


def _make_finding(row: Mapping[str, str], place: str) -> Finding:
    if not row["concept_id"] or not row["note_id"]:
        raise InvalidInputError("it names no note or no concept", where=place)
    polarity = row.get("polarity") or AFFIRMED
    if polarity not in POLARITIES:
        raise InvalidInputError(
            "column polarity is not known", where=place, expected=" or ".join(POLARITIES)
        )
    confidence = _parse(row.get("confidence") or "1", "confidence", place, float)
    if not 0 <= confidence <= 1:
        raise InvalidInputError("column confidence is out of range", where=place, expected="0 to 1")
    client = row["client_id"] or row["note_id"]
    return Finding(row["note_id"], client, row["concept_id"], confidence, polarity)


def _make_profile(row: Mapping[str, str], place: str) -> ProfileRow:
    return ProfileRow(
        row["client_id"],
        int(_parse(row["cluster_id"], "cluster_id", place, int)),
        row["profile_type"],
        tuple(part for part in row["top_concepts"].split("|") if part),
        _parse(row["confidence"], "confidence", place, float),
    )


def _parse(cell: str, column: str, place: str, kind: Callable[[str], float]) -> float:
    try:
        return kind(cell)
    except ValueError:
        raise InvalidInputError(
            f"column {column} is not a number", where=place, expected="a number"
        ) from None
