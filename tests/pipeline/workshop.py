"""A small workspace cut from the demo's, and models trained on it once for all tests."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from lvmh_jax.cli.main import main
from lvmh_jax.config import Settings
from lvmh_jax.io.manifest import write_manifest
from lvmh_jax.io.progress import Progress
from lvmh_jax.models.presets import make_settings
from lvmh_jax.pipeline.train import train
from tests.conftest import REPOSITORY
from tests.generators import CANDIDATES, LEXICON, NOTES, json_lines, write_file, write_parquet

NOTE_COUNT = 60
CONCEPTS = 40  # of 230: what gold names besides is outside the lexicon, as it may be
ALIASES = 12  # of a concept: the dictionary misses most, so that there is something to learn
SETTINGS = ("scorer.steps=150", "scorer.hidden=16")
TRAIN = ("train", "--size", "tiny", *(word for text in SETTINGS for word in ("--set", text)))
BROKEN_TEST_SPLIT = "{this is no JSON\n"


@dataclass(frozen=True)
class Shop:
    """A workspace, a model trained on it, and what `train` said."""

    root: Path
    model: Path
    result: Mapping[str, Any]

    @property
    def metadata(self) -> dict[str, Any]:
        return read_json(self.model / "metadata.json")


def tiny_settings() -> Settings:
    return make_settings("tiny", assignments=SETTINGS)


def make_shop(root: Path, *splits: str) -> Path:
    """Writes the workspace, with gold in the splits named: one has all of it, two a part each."""
    table = parquet.read_table(REPOSITORY / NOTES).slice(0, NOTE_COUNT)
    write_parquet(root, NOTES, table)
    ids = table["note_id"].to_pylist()
    gold = [row for row in _read_gold() if row["note_id"] in ids]
    counted = Counter(concept for row in gold for concept in row["concepts"])
    known = {concept for concept, _ in counted.most_common(CONCEPTS)}
    lexicon = json.loads((REPOSITORY / LEXICON).read_text(encoding="utf-8"))
    cut = {
        concept: {**entry, "aliases": entry["aliases"][:: max(1, len(entry["aliases"]) // ALIASES)]}
        for concept, entry in lexicon.items()
        if concept in known
    }
    write_file(root, LEXICON, json.dumps(cut, ensure_ascii=False))
    write_file(root, CANDIDATES, (REPOSITORY / CANDIDATES).read_bytes())
    for place, split in enumerate(splits):
        # Two thirds for the first of two, a third for the second.
        rows = gold if len(splits) == 1 else [g for i, g in enumerate(gold) if (i % 3 > 1) == place]
        write_file(root, f"data/gold/{split}.jsonl", json_lines(rows))
    return root


def _read_gold() -> list[dict[str, Any]]:
    lines = [
        line
        for split in ("train", "dev")
        for line in (REPOSITORY / f"data/gold/{split}.jsonl").read_text("utf-8").splitlines()
    ]
    return sorted((json.loads(line) for line in lines), key=lambda row: row["note_id"])


def trained(factory: pytest.TempPathFactory) -> Shop:
    """With gold train and dev, and a test split that nobody could read."""
    return _make_once(factory.getbasetemp() / "gold", ("train", "dev"), BROKEN_TEST_SPLIT)


def trained_on_dev(factory: pytest.TempPathFactory) -> Shop:
    """With gold dev alone: it fits by cross-validation."""
    return _make_once(factory.getbasetemp() / "dev", ("dev",))


def trained_on_train(factory: pytest.TempPathFactory) -> Shop:
    """With gold train alone: its cross-fitted figure decides, and hidden aliases are measured."""
    return _make_once(factory.getbasetemp() / "train", ("train",))


def trained_without_gold(factory: pytest.TempPathFactory) -> Shop:
    return _make_once(factory.getbasetemp() / "nogold", ())


@cache
def _make_once(root: Path, splits: tuple[str, ...], test_split: str = "") -> Shop:
    make_shop(root, *splits)
    if test_split:
        write_file(root, "data/gold/test.jsonl", test_split)
    result = train(root, root / "models", tiny_settings(), progress=Progress(None))
    return Shop(root, Path(result["model_path"]), result)


def copy_model(shop: Shop, folder: Path) -> Path:
    """A copy of the model that a test may break."""
    return Path(shutil.copytree(shop.model, folder / "models" / shop.model.name))


def copy_due_model(shop: Shop, folder: Path) -> Path:
    """A copy of the model that `forget` would have marked."""
    copied = copy_model(shop, folder)
    change = {"retrain_due": True, "retrain_since": "2026-11-30"}
    write_file(copied, "metadata.json", json.dumps(shop.metadata | change))
    write_manifest(copied)
    return copied


# The command line.


def run(*words: str | Path, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(main, [str(word) for word in words], input=stdin)


def run_well(*words: str | Path, stdin: str | bytes = "") -> Result:
    result = run(*words, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result


def answer_of(*words: str | Path, stdin: str | bytes = "") -> dict[str, Any]:
    """The one line of JSON that a command answers."""
    (line,) = run_well(*words, "--json", stdin=stdin).stdout.splitlines()
    return json.loads(line)


def failure_of(result: Result, code: int) -> str:
    """The one line of a failure, the last on stderr; before it may be warnings and progress."""
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    *before, line = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert not any(other.startswith("Error") for other in before)
    assert result.stdout == ""
    return line


# Files.


def read_json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def read_tree(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def texts_of(root: Path) -> dict[str, str]:
    """Note id to text."""
    table = parquet.read_table(root / NOTES)
    pairs = zip(table["note_id"].to_pylist(), table["text"].to_pylist(), strict=True)
    return dict(pairs)
