"""Files of the stages: whole or not there, in the columns of the contract, and read back."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError, UsageError
from lvmh_jax.io import tables
from lvmh_jax.io.outputs import write_mentions, write_whole
from lvmh_jax.io.tables import (
    ProfileRow,
    VectorBatch,
    read_findings,
    read_profiles,
    write_profiles,
    write_relations,
    write_vectors,
)
from lvmh_jax.records import AFFIRMED, NEGATED, Mention
from lvmh_jax.stages.aggregate import Finding
from lvmh_jax.stages.relations import Relation

HEAD = "note_id,client_id,concept_id,confidence,polarity\n"


def test_vectors_are_a_row_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "VECTOR_GROUP_ROWS", 3)
    file = tmp_path / "new" / "vectors.parquet"
    vectors = np.arange(10, dtype=np.float32).reshape(5, 2)
    parts = [(0, 2), (2, 4), (4, 5)]
    batches = [
        VectorBatch([f"n{i}" for i in range(a, b)], ["c"] * (b - a), vectors[a:b]) for a, b in parts
    ]
    assert write_vectors(file, iter(batches)) == (5, 2)
    table = parquet.read_table(file)
    assert table.column_names == ["note_id", "client_id", "embedding"]
    assert str(table.schema.field("embedding").type) in (
        "list<element: float>",
        "list<item: float>",
    )
    assert table["embedding"].to_pylist() == vectors.tolist()
    assert table["note_id"].to_pylist() == ["n0", "n1", "n2", "n3", "n4"]
    assert parquet.ParquetFile(file).num_row_groups == 2
    assert write_vectors(file, []) == (0, 0)
    assert parquet.read_table(file).num_rows == 0


@pytest.mark.parametrize("ends", [(8,), (1, 2, 8), (3, 6, 8), (4, 7, 7, 8), (0, 5, 8)])
def test_the_bytes_of_vectors_do_not_depend_on_their_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: tuple[int, ...]
) -> None:
    monkeypatch.setattr(tables, "VECTOR_GROUP_ROWS", 3)
    vectors = np.arange(16, dtype=np.float32).reshape(8, 2)
    names = [f"n{i}" for i in range(8)]
    cuts = [slice(a, b) for a, b in pairwise((0, *ends))]
    one_by_one = (VectorBatch([n], ["c"], v[None]) for n, v in zip(names, vectors, strict=True))
    write_vectors(tmp_path / "a", one_by_one)
    batches = [VectorBatch(names[c], ["c"] * len(names[c]), vectors[c]) for c in cuts]
    assert write_vectors(tmp_path / "b", batches) == (8, 2)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert parquet.ParquetFile(tmp_path / "b").num_row_groups == 3


def test_profiles_are_read_as_they_were_written(tmp_path: Path) -> None:
    rows = [
        ProfileRow("ann", 0, 'Golf, and "more"', ("a", "b"), 0.5),
        ProfileRow("bob\r", -1, "no known concept", (), 0.0),
    ]
    write_profiles(tmp_path / "p.csv", rows)
    text = (tmp_path / "p.csv").read_text()
    assert text.startswith("client_id,cluster_id,profile_type,top_concepts,confidence\nann,0,")
    assert "a|b,0.500000" in text
    assert read_profiles(tmp_path / "p.csv") == rows


RELATIONS = [
    Relation("a", "b", "co-occurrence", 7, 2.5, 1.25, 5.0, 1.23456789e-12, 0.25),
    Relation("a", "Golf, more", "segment", 3, 2.0, None, None, None, None),
]


def test_relations_are_csv_or_json_by_name(tmp_path: Path) -> None:
    write_relations(tmp_path / "r.csv", RELATIONS, {})
    assert (tmp_path / "r.csv").read_text() == (
        "source,target,kind,n_clients,lift,ci_low,ci_high,q_value,similarity\n"
        "a,b,co-occurrence,7,2.5,1.25,5.0,1.23457e-12,0.25\n"
        'a,"Golf, more",segment,3,2.0,,,,\n'
    )
    write_relations(tmp_path / "r.JSON", RELATIONS, {"clients": 9})
    made = json.loads((tmp_path / "r.JSON").read_text())
    assert made["clients"] == 9
    assert [each["q_value"] for each in made["relations"]] == [1.23457e-12, None]


def test_a_failed_run_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    file.write_text("old")

    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(LvmhError, match=r"out\.txt: cannot be written \(No space left on device\)"):
        write_whole(file, fail)
    assert [each.name for each in tmp_path.iterdir()] == ["out.txt"]
    assert file.read_text() == "old"
    with pytest.raises(UsageError, match="Is a directory"):
        write_whole(tmp_path, fail)


@pytest.mark.parametrize("name", ["m.csv", "m.parquet"])
def test_mentions_are_read_as_detect_writes_them(tmp_path: Path, name: str) -> None:
    mentions = [
        Mention("n1", "bag", "sac", 0, 3, 0.75),
        Mention("n2", "golf", "", None, None, 0.5, polarity=NEGATED),
    ]
    write_mentions(tmp_path / name, mentions, {"n1": "ann"})
    assert read_findings(tmp_path / name) == [
        Finding("n1", "ann", "bag", 0.75, AFFIRMED),
        Finding("n2", "n2", "golf", 0.5, NEGATED),
    ]


def test_columns_of_the_pipeline_are_enough(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("note_id,client_id,concept_id\nn1,ann,bag\n")
    assert read_findings(tmp_path / "m.csv") == [Finding("n1", "ann", "bag", 1.0, AFFIRMED)]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("note_id,client_id\nn1,ann\n", "missing column concept_id"),
        (HEAD + "n1,ann,,1,affirmed\n", r"m\.csv: row 1: it names no note or no concept"),
        (HEAD + "n1,ann,bag,high,affirmed\n", "column confidence is not a number"),
        (HEAD + "n1,ann,bag,1.5,affirmed\n", "column confidence is out of range; expected 0 to 1"),
        (HEAD + "n1,ann,bag,nan,affirmed\n", "column confidence is out of range"),
        (HEAD + "n1,ann,bag,1,maybe\n", "polarity is not known; expected affirmed or negated"),
        ("", "the file is empty"),
    ],
)
def test_mentions_that_cannot_be_read_are_refused(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "m.csv").write_text(content)
    with pytest.raises(InvalidInputError, match=says):
        read_findings(tmp_path / "m.csv")


def test_files_that_are_not_there_or_no_parquet_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.parquet").write_text("PAR1")
    with pytest.raises(InvalidInputError, match="it cannot be read as parquet"):
        read_findings(tmp_path / "m.parquet")
    for read, command in ((read_findings, "detect"), (read_profiles, "segment")):
        with pytest.raises(NotFoundError, match=f"no such file; run `lvmh-jax {command}`"):
            read(tmp_path / "absent.csv")


def test_profiles_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    head = ",".join(tables.PROFILE_COLUMNS)
    (tmp_path / "p.csv").write_text(f"{head}\nann,first,Golf,a,0.5\n")
    with pytest.raises(InvalidInputError, match="row 1: column cluster_id is not a number"):
        read_profiles(tmp_path / "p.csv")
