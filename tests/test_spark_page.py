"""The function that docs/howto/run-on-spark.md gives to `mapInPandas`, on frames as Spark gives."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from lvmh_jax import Detector
from lvmh_jax.io.outputs import COLUMNS
from tests.conftest import REPOSITORY
from tests.generators import NOTES
from tests.pipeline.workshop import Shop, read_rows, run_well

PAGE = REPOSITORY / "docs" / "howto" / "run-on-spark.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
KINDS = {"string": str, "long": int, "double": float}


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The first block, as the file that the page names."""
    (tmp_path / "spark_concepts.py").write_text(BLOCKS[0], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("spark_concepts")
    del sys.modules["spark_concepts"]


def test_frames_of_notes_become_the_rows_of_the_command(
    page: ModuleType, shop: Shop, tmp_path: Path
) -> None:
    notes = pd.read_parquet(shop.root / NOTES)
    frames = (notes.iloc[start : start + 25] for start in range(0, len(notes), 25))
    found = list(page.finder(str(shop.model))(frames))
    assert len(found) == 3
    names = [each.split()[0] for each in page.SCHEMA.split(",")]
    assert names == list(COLUMNS) == list(found[0].columns)
    output = tmp_path / "found.csv"
    words = ("--workspace", shop.root, "--model-path", shop.model, "--output", output)
    run_well("detect", *words)
    rows = pd.concat(found).round({"confidence": 6}).to_dict("records")
    expected = read_rows(output)
    assert len(rows) == len(expected) > len(notes)
    for row, cells in zip(rows, expected, strict=True):
        for name, kind in (each.split() for each in page.SCHEMA.split(",")):
            if not pd.isna(row[name]) or cells[name]:
                assert KINDS[kind](row[name]) == KINDS[kind](cells[name]), name


def test_a_process_loads_a_model_once(
    page: ModuleType, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = page.load_once(str(shop.model))
    monkeypatch.setattr(Detector, "load", None)
    frame = pd.DataFrame({"note_id": ["a", "b"], "text": ["", "gift for her birthday"]})
    for _ in range(2):  # two tasks
        list(page.find_concepts(str(shop.model), iter([frame, frame])))
    assert page.load_once(str(shop.model)) is first


def test_frames_without_ids_are_refused(page: ModuleType, shop: Shop) -> None:
    frame = pd.DataFrame({"text": ["gift for her birthday"]})
    with pytest.raises(ValueError, match="no column note_id"):
        next(page.find_concepts(str(shop.model), iter([frame])))


def test_the_job_of_the_page_uses_what_its_function_offers(page: ModuleType) -> None:
    compile(BLOCKS[1], str(PAGE), "exec")
    (names,) = re.findall(r"from spark_concepts import (.*)", BLOCKS[1])
    assert all(hasattr(page, name) for name in names.split(", "))
