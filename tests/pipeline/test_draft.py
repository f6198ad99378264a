"""What is made beside a training is what would be made after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import build_index
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline import draft
from lvmh_jax.pipeline.draft import renew
from lvmh_jax.pipeline.train import train
from lvmh_jax.records import Note
from tests.detect.builders import SENTENCES, make_detector
from tests.pipeline.workshop import make_shop, tiny_settings


def test_an_index_is_renewed_for_other_parameters() -> None:
    drafted = make_detector()
    notes = [Note(str(row), "", text) for row, text in enumerate(SENTENCES)]
    drafted.propose(notes)  # remembers
    encoder = drafted.encoder
    params = jax.tree.map(lambda each: np.asarray(each) * 0.5 + 0.01, encoder.params)
    other = PhraseEncoder(encoder.settings, encoder.concepts, params)
    index = renew(drafted.index, other)
    built = build_index(drafted.index.aliases, encoder.concepts, other)
    assert np.array_equal(index.vectors_AD, built.vectors_AD)
    found, wanted = (
        replace(drafted, encoder=other, index=each).propose(notes) for each in (index, built)
    )
    assert np.array_equal(found.features_NF, wanted.features_NF)


@pytest.mark.slow
def test_a_model_is_the_same_without_a_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_shop(tmp_path / "shop", "dev")
    files = {}
    for name, most in (("with", draft.MOST_ALIASES), ("without", 0)):
        monkeypatch.setattr(draft, "MOST_ALIASES", most)
        train(root, tmp_path / name, tiny_settings(), progress=Progress(None))
        (model,) = (tmp_path / name).glob("concept_model_*")
        files[name] = {path.name: path.read_bytes() for path in model.glob("*.safetensors")}
    assert files["with"]
    assert files["with"] == files["without"]
