"""A glance by one member, before the words around are looked at, loses nothing that counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.calibrate.gold import fit_on_gold
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.evidence import CONTEXT_COLUMN, FEATURES
from lvmh_jax.detect.scorer import ALL_NOTES, Scorer, Thresholds
from tests.detect.builders import (
    GOLD_NOTES,
    SCORER,
    SENTENCES,
    annotated_notes,
    list_notes,
    make_detector,
    make_fitted,
    make_scored,
    random_scorer,
)

COUNT = 400
GENERATOR = np.random.default_rng(0)
FEATURES_NF = GENERATOR.normal(size=(COUNT, len(FEATURES))).astype(np.float32)
LEAST = 0.88  # a confidence that some of them reach, with slack
EXACT_N = (np.arange(COUNT) % 4 == 0).astype(np.int64)


class Patient(Scorer):
    """Looks closely at everything."""

    def glance(self, features_NF, exact_N, least, group_N=None):
        return np.ones(len(features_NF), bool)


def make_patient(detector: ConceptDetector) -> ConceptDetector:
    scorer = detector.scorer
    patient = Patient(scorer.fit, scorer.hidden, scorer.calibration, scorer.thresholds)
    return replace(detector, scorer=patient)


def count_proposed(detector: ConceptDetector, texts: list[str], monkeypatch) -> list[int]:
    """Candidates before and after a glance at each batch."""
    counts: list[int] = []
    glance = Scorer.glance

    def counted(self: Scorer, features_NF, *given):
        passes_N = glance(self, features_NF, *given)
        counts.extend((len(passes_N), int(passes_N.sum())))
        return passes_N

    monkeypatch.setattr(Scorer, "glance", counted)
    detector.detect(list_notes(texts))
    return counts


@pytest.mark.parametrize("least", [0.0, 0.35, 0.7, OFF])
def test_what_is_left_out_would_be_no_mention(least: float) -> None:
    notes, gold = annotated_notes(GOLD_NOTES)
    # As it is used: of a scorer that misses its memory the members agree on nothing.
    fit = fit_on_gold(make_detector(), notes, gold, SCORER, 0, remembering=False)
    fitted = replace(make_detector(), scorer=fit.scorer)
    given = [*notes, *list_notes(SENTENCES)]
    limits = [Thresholds(0.3, least), Thresholds(0.0, least, least)]
    found = fitted.detect_at(given, limits)
    assert found == make_patient(fitted).detect_at(given, limits)
    assert all(found)


@pytest.mark.parametrize(("least", "most"), [(0.9, 0.5), (OFF, 0.2)])
def test_much_is_left_out(least: float, most: float, monkeypatch) -> None:
    fitted, notes, _ = make_fitted()
    asked = replace(fitted, scorer=replace(fitted.scorer, thresholds=Thresholds(0.0, least)))
    before, after = count_proposed(asked, [note.text for note in notes], monkeypatch)
    assert 0 < after < most * before


def test_the_words_around_need_not_be_known() -> None:
    scorer = random_scorer()
    expected = scorer.glance(FEATURES_NF, EXACT_N, LEAST)
    other_NF = FEATURES_NF.copy()
    other_NF[:, CONTEXT_COLUMN] = np.nan
    assert np.array_equal(scorer.glance(other_NF, EXACT_N, LEAST), expected)
    assert np.isnan(other_NF[:, CONTEXT_COLUMN]).all()
    assert EXACT_N.sum() < expected.sum() < COUNT


def test_every_dictionary_match_passes_and_nothing_else_where_nothing_is_added() -> None:
    passes_N = random_scorer().glance(FEATURES_NF, EXACT_N, OFF)
    assert np.array_equal(passes_N, EXACT_N > 0)


def test_what_is_well_above_the_least_passes() -> None:
    scorer = random_scorer()  # of one member
    blind_NF = FEATURES_NF.copy()
    blind_NF[:, CONTEXT_COLUMN] = scorer.fit.mean_F[CONTEXT_COLUMN]
    sure_N = scorer.calibration.confidence(scorer.score(blind_NF)[:, 0], 0 * EXACT_N)
    least = float(np.quantile(sure_N, 0.9))
    passes_N = scorer.glance(FEATURES_NF, EXACT_N, least)
    assert passes_N[sure_N >= least].all()
    assert passes_N.sum() > (sure_N >= least).sum()


def test_a_fold_is_glanced_at_by_its_own_models() -> None:
    scorer = random_scorer((0, 1, 1, ALL_NOTES))
    group_N = np.where(np.arange(COUNT) < COUNT // 2, 0, 1)
    together = scorer.glance(FEATURES_NF, EXACT_N, LEAST, group_N)
    for fold in (0, 1):
        alone = scorer.glance(FEATURES_NF, EXACT_N, LEAST, np.full(COUNT, fold))
        assert np.array_equal(together[group_N == fold], alone[group_N == fold])
    assert not np.array_equal(together, scorer.glance(FEATURES_NF, EXACT_N, LEAST))


@pytest.mark.parametrize("texts", [[], [""], ["👜"], ["", "noir", ""]])
def test_a_note_without_candidates_is_no_obstacle(texts: list[str]) -> None:
    detector = make_scored()
    assert detector.detect(list_notes(texts)) == make_patient(detector).detect(list_notes(texts))
