"""Model folders that are wrong, through the reader that every command reads a model with."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from lvmh_jax.io.manifest import write_manifest
from lvmh_jax.io.runs import list_models
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.records import Note
from tests.malformed.folders import SIGNED, TAMPERED, VALUES
from tests.malformed.outcomes import REFUSED, no_hang

NOTES = [Note("N1", "C1", "A black handbag, cadeau pour sa mère.", language="EN")]


def use_model(path: Path) -> None:
    """Reads a model and detects with it: what is accepted has to work."""
    load_model(path, str).detector.detect(NOTES)


@pytest.fixture(autouse=True)
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is asked to sync thousands of files is slow, and a test needs no such care."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(scope="module", autouse=True)
def compiled(sound_model: Path) -> None:
    """Compilation is no part of reading."""
    use_model(sound_model)


@pytest.mark.parametrize("label", TAMPERED)
def test_a_folder_that_was_changed(label: str, model: Path, tried) -> None:
    TAMPERED[label](model)
    assert tried(partial(use_model, model), model.name) == REFUSED
    with no_hang():
        (summary,) = list_models(model.parent)
    assert summary.problem or "metadata" not in label


@pytest.mark.parametrize("label", SIGNED | VALUES)
def test_a_folder_that_was_written_wrong(label: str, model: Path, tried) -> None:
    fault, stated = (SIGNED | VALUES)[label]
    fault(model)
    write_manifest(model)
    assert tried(partial(use_model, model), model.name) == stated
    list_models(model.parent)
