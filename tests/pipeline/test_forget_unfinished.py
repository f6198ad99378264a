"""What a killed run left is no hindrance to `forget`, and goes with the client."""

from __future__ import annotations

import os
from pathlib import Path

from pyarrow import parquet

from lvmh_jax.io.parts import ROWS, PartFolder
from tests.generators import write_file
from tests.pipeline.erasing import CLIENT, OTHER, TEXTS, make_site, run
from tests.pipeline.workshop import read_tree

GONE = 999_999_999  # no process has so high a number


def test_torn_parts_and_files_of_dead_processes_go(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    parts = PartFolder(site / "data/outputs/found.csv", ROWS)
    parts.begin({"notes": "n"})
    rows = [
        (name, client or name, "c", "", None, None, 0.5, "", "")
        for name, (client, _) in TEXTS.items()
    ]
    parts.add(rows, len(rows))
    whole = parts.path / "000000.parquet"
    folder = f"data/outputs/{parts.path.name}"
    torn = [
        f"{folder}/000001.parquet",
        f"data/processed/.notes_clean.parquet.{GONE}.part",
        "curation/.candidates.csv.parts/000000.parquet",
        f".found.csv.{GONE}.part",
    ]
    for name in torn:
        write_file(site, name, whole.read_bytes()[:-9])
    ours = write_file(site, f"data/outputs/.mine.csv.{os.getpid()}.part", f"{OTHER},1\n")
    before = read_tree(site)
    assert not run(site, "nobody")["found"]
    assert read_tree(site) == before
    removed = {each["path"]: each["rows"] for each in run(site, CLIENT)["files"]}
    assert removed[f"{folder}/000000.parquet"] == 2
    assert CLIENT not in parquet.read_table(whole)["client_id"].to_pylist()
    for name in torn:
        assert removed[name] is None
        assert not (site / name).exists()
    assert ours.exists()


def test_a_lock_that_a_killed_run_left_is_read(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    write_file(site, "data/outputs/.found.csv.lock", str(GONE))
    assert run(site, CLIENT)["not_read"] == []
