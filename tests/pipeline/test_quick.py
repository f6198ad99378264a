"""The preset for a first look: one epoch, one scorer, no checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.io.manifest import verify_manifest
from tests.pipeline.workshop import answer_of, make_shop, read_json


@pytest.mark.slow
def test_the_quick_preset_trains_one_epoch_and_saves_none(tmp_path: Path) -> None:
    root = make_shop(tmp_path / "shop", "dev")
    small = ("--set", "model.width=16", "--set", "model.buckets=1024", "--set", "scorer.hidden=16")
    answer = answer_of("train", "--size", "quick", *small, "--workspace", root)
    model = Path(answer["model_path"])
    verify_manifest(model)
    assert not (model / "checkpoints").exists()
    assert answer["metrics"]["epochs_run"] == 1
    assert read_json(model / "metadata.json")["size"] == "quick"
    assert read_json(model / "decision.json")["scorer_source"] == "gold"
