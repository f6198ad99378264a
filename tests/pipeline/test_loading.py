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


@pytest.mark.parametrize(
    ("trained", "here", "told"),
    [
        ("0.2.9", "0.3.1", True),
        ("1.3.0", "0.3.1", True),
        ("0.3.0", "0.3.1", False),
        ("0.3.0", "", False),  # a checkout that is not installed
        (None, "0.3.1", False),
    ],
)
def test_a_model_of_another_minor_version_is_told(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, trained: str | None, here: str, told: bool
) -> None:
    monkeypatch.setattr("lvmh_jax.pipeline.loading.read_version", lambda: here)
    contents = read_model(shop.model)
    versions = {"python": "3.11.7"} | ({} if trained is None else {"lvmh-jax": trained})
    found = list_warnings(
        replace(contents, metadata=contents.metadata | {"package_versions": versions})
    )
    assert len(found) == told
    for line in found:
        assert f"trained with lvmh-jax {trained[:3]} and this is {here}: its rows" in line
