"""Who uses a model is told what to know of it, whatever the command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lvmh_jax.io.artefact import read_model
from lvmh_jax.pipeline.loading import list_warnings
from tests.generators import note_row, write_notes
from tests.pipeline.workshop import Shop, copy_due_model, run_well

# Each writes into OUT, reads a phrase where it wants one, and finds its mentions itself.
COMMANDS = {
    "detect": ("--output", "OUT.csv"),
    "embed": ("--output", "OUT.parquet"),
    "evaluate": (),
    "keywords": ("--output", "OUT"),
    "link": (),
    "relations": ("--output", "OUT.csv"),
    "report": ("--output", "OUT.html"),
    "review export": ("--output", "OUT.json", "--workspace", "OUT"),  # whose note has no gold
    "segment": ("--output", "OUT.csv"),
    "show": ("--text", "a bag"),
}


@pytest.fixture(scope="module")
def due(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_due_model(shop, tmp_path_factory.mktemp("due"))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_model_that_is_due_is_told_once(
    due: Path, shop: Shop, tmp_path: Path, command: str
) -> None:
    words = [word.replace("OUT", str(tmp_path / "out")) for word in COMMANDS[command]]
    write_notes(tmp_path / "out", [note_row("x", "a bag")])
    given = ("--model-path", due, "--workspace", shop.root)
    told = run_well(*command.split(), *given, *words, stdin="a bag\n").stderr
    assert told.count("due to be trained again since 2026-11-30") == 1


def test_a_head_of_words_is_told(shop: Shop) -> None:
    contents = read_model(shop.model)
    assert list_warnings(contents) == []
    decision: Any = contents.documents["decision"]
    old = {**contents.documents, "decision": {**decision, "note_head": {"buckets": 4096}}}
    (told,) = list_warnings(replace(contents, documents=old))
    assert told.endswith(": train again")
