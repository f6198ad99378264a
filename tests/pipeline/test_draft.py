"""What is made beside a training is what would be made after it."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from lvmh_jax.calibrate.linking import calibrate_linking
from lvmh_jax.config import ScorerSettings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.index import build_index
from lvmh_jax.detect.scorer import Calibration, Scorer, Thresholds
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline import draft
from lvmh_jax.pipeline.draft import (
    Drafting,
    draft_detector,
    draft_index,
    draft_linking,
    draft_scorer,
    read_aliases,
    renew,
)
from lvmh_jax.pipeline.report import count_findings
from lvmh_jax.pipeline.train import train
from lvmh_jax.records import Note, Workspace
from lvmh_jax.train.scorer import ScorerTargets, begin_fit, fit_scorers
from tests.detect.builders import SENTENCES, TINY, build_detector, make_detector, make_lexicon
from tests.pipeline.workshop import make_shop, tiny_settings
from tests.train.test_programs import count_compiles

NOTES = [Note(str(row), "", text) for row, text in enumerate(SENTENCES)]


def test_an_index_is_renewed_for_other_parameters() -> None:
    detector = make_detector()
    encoder = detector.encoder
    read = read_aliases(detector.index.aliases, encoder.settings.buckets)
    drafted = draft_index(read, encoder.concepts, encoder)
    replace(detector, index=drafted.index).propose(NOTES)  # remembers
    params = jax.tree.map(lambda each: np.asarray(each) * 0.5 + 0.01, encoder.params)
    other = PhraseEncoder(encoder.settings, encoder.concepts, params)
    index = renew(drafted, other)
    built = build_index(detector.index.aliases, encoder.concepts, other)
    assert np.array_equal(index.vectors_AD, built.vectors_AD)
    found, wanted = (
        replace(detector, encoder=other, index=each).propose(NOTES) for each in (index, built)
    )
    assert np.array_equal(found.features_NF, wanted.features_NF)


def test_what_was_drafted_is_not_compiled_again() -> None:
    # Settings of no other test: its programs are not there yet.
    model = replace(TINY.model, width=12)
    workspace = Workspace(tuple(NOTES), make_lexicon())
    settings, aliases = replace(TINY, model=model), list_aliases(workspace.lexicon)
    held_A = np.arange(len(aliases)) % 5 == 0
    read = read_aliases(aliases, settings.model.buckets)
    drafted = draft_detector(workspace, read, settings)
    hidden = draft_linking(workspace, read.take(np.flatnonzero(~held_A)), settings)
    detector = build_detector(workspace.lexicon, NOTES, settings)
    with count_compiles() as seen:
        index = renew(drafted, detector.encoder)
        replace(detector, index=index).propose(NOTES)
        linked = renew(hidden, detector.encoder)
        calibrate_linking(index, detector.encoder, held_A, linked)
    assert seen == []
    assert len(linked.aliases) == (~held_A).sum()


def test_a_scorer_that_was_drafted_compiles_nothing_more() -> None:
    settings = ScorerSettings(hidden=7, steps=20, folds=3, members=2)
    features_NF = np.random.default_rng(0).normal(size=(60, len(FEATURES))).astype(np.float32)
    ones_N = np.ones(60, np.float32)
    shapes: Future[Any] = Future()
    shapes.set_result(begin_fit(settings, 3, len(FEATURES)))
    draft_scorer(shapes, settings, 3)
    with count_compiles() as seen:
        fit = fit_scorers(
            ScorerTargets(features_NF, ones_N, ones_N, np.arange(60) % 3), settings, seed=0
        )
        Scorer(fit, settings.hidden, Calibration(), Thresholds()).score(features_NF)
    assert seen == []


def test_a_draft_is_made_of_what_was_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(tuple(NOTES), make_lexicon())
    aliases = list_aliases(workspace.lexicon)
    held_A = np.arange(len(aliases)) % 5 == 0
    for most, is_begun, is_made in ((99, False, False), (0, True, False), (99, True, True)):
        monkeypatch.setattr(draft, "MOST_ALIASES", most)
        with Drafting(workspace, aliases, TINY) as drafting:
            if is_begun:
                drafting.begin()
            drafting.hide(held_A)
            made, hidden = drafting.wait(), drafting.wait_hidden()
            assert drafting.find() == count_findings(workspace)
        assert (made is not None) == (hidden is not None) == is_made
    assert made is not None
    assert hidden is not None
    assert len(made.index.aliases) == len(aliases)
    assert len(hidden.index.aliases) == (~held_A).sum()


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
