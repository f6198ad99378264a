"""The command line in an empty folder, with fakes for the pipeline."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from lvmh_jax.cli.main import main
from lvmh_jax.config import Settings, override
from lvmh_jax.io.manifest import write_manifest

MODEL = "concept_model_base_20261122_164507"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def invoke(*words: str, stdin: str | bytes = "") -> Result:
        return CliRunner().invoke(main, list(words), input=stdin)

    return invoke


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], list[tuple[tuple, dict]]]:
    """Puts a function into the place of one of the pipeline, and records its calls."""

    def install(name: str, answer: object) -> list[tuple[tuple, dict]]:
        calls: list[tuple[tuple, dict]] = []

        def function(*args: object, **kwargs: object) -> object:
            calls.append((args, kwargs))
            if isinstance(answer, BaseException):
                raise answer
            return answer

        module = ModuleType(name)
        setattr(module, name.rpartition(".")[2], function)
        monkeypatch.setitem(sys.modules, f"lvmh_jax.pipeline.{name}", module)
        return calls

    return install


@pytest.fixture(autouse=True)
def presets(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """Plays the presets, and records what was asked."""
    asked: list[dict] = []

    def make_settings(**given: object) -> Settings:
        asked.append(given)
        return override(Settings(), given["assignments"])

    monkeypatch.setattr("lvmh_jax.models.presets.make_settings", make_settings)
    return asked


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / MODEL
    folder.mkdir(parents=True)
    metadata = {
        "model_type": "concept_detector",
        "schema_version": 1,
        "size": "base",
        "num_concepts": 230,
        "final_accuracy": 0.65,
        "training_date": "2026-11-22T16:45:07",
        "validation": {"protocol": "gold-dev", "f1": 0.75},
        "inputs": {"taxonomy/lexicon_v1.json": "aa"},
    }
    (folder / "metadata.json").write_text(json.dumps(metadata))
    write_manifest(folder)
    return folder
