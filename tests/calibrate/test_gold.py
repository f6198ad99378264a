"""Fitting on gold: folds, and models that did not see what they score."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import cache

import jax
import numpy as np
import pytest

from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import (
    GoldFit,
    annotate,
    count_annotated,
    fit_on_gold,
    hash_note,
    look_up_pairs,
    measure_decisions,
)
from lvmh_jax.detect import detector as detector_module
from lvmh_jax.detect.scorer import ALL_NOTES, Thresholds
from lvmh_jax.records import GoldNote, GoldSpan, Note
from tests.detect.builders import (
    GOLD_NOTES,
    SCORER,
    annotated_notes,
    make_detector,
    make_fitted,
    random_scorer,
)

NOTES, GOLD = annotated_notes(GOLD_NOTES)


def fit(gold: list[GoldNote]) -> GoldFit:
    return fit_on_gold(make_detector(), NOTES, gold, SCORER, seed=0)


@cache
def fit_all() -> GoldFit:
    return fit(GOLD)


def params_of(fitted: GoldFit, group: int) -> list[np.ndarray]:
    models = fitted.scorer.fit
    rows = models.group_G == group
    assert rows.any()
    return [leaf[rows] for leaf in jax.tree.leaves(models.params_G)]


def test_hashes_tell_notes_apart_by_id_and_by_text() -> None:
    hashes = {hash_note(Note(f"note-{row}", "", "text")) for row in range(1000)}
    assert len(hashes) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in hashes)
    assert hash_note(Note("a", "x", "text")) == hash_note(Note("a", "y", "text"))
    assert hash_note(Note("a", "x", "text")) != hash_note(Note("a", "x", "another"))


# Annotating.


def test_annotating_in_batches_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = annotate(make_detector(), NOTES, GOLD)
    monkeypatch.setattr(detector_module, "BATCH_NOTES", 5)
    parts = annotate(make_detector(), NOTES, GOLD)
    for name in ("note_N", "start_N", "end_N", "concept_N", "exact_N", "alias_N"):
        np.testing.assert_array_equal(
            getattr(parts.candidates, name), getattr(whole.candidates, name)
        )
    np.testing.assert_allclose(parts.features_NF, whole.features_NF, atol=1e-5)
    np.testing.assert_array_equal(parts.targets.overlap_N, whole.targets.overlap_N)
    assert whole.targets.overlap_N.max() == 1
    assert whole.targets.negated_N.max() == 1


# Cross-fitting.


def test_a_model_for_every_fold_and_for_all_notes() -> None:
    groups = Counter(fit_all().scorer.fit.group_G.tolist())
    assert groups == dict.fromkeys([*range(SCORER.folds), ALL_NOTES], SCORER.members)


def test_the_models_that_score_a_note_did_not_see_its_gold() -> None:
    fold_of = assign_folds(NOTES, GOLD, SCORER.folds)
    own = fold_of[GOLD[0].note_id]
    (other,) = set(fold_of.values()) - {own}
    before = fit_all()
    after = fit([replace(GOLD[0], spans=(), concepts=("the_als", "the_red")), *GOLD[1:]])
    for left, right in zip(params_of(before, own), params_of(after, own), strict=True):
        np.testing.assert_array_equal(left, right)
    for group in (other, ALL_NOTES):
        pairs = zip(params_of(before, group), params_of(after, group), strict=True)
        assert not all(np.array_equal(left, right) for left, right in pairs)


def test_fitting_does_not_depend_on_the_order_of_the_gold() -> None:
    left, right = fit_all(), fit(GOLD[::-1])
    assert left.scorer.thresholds == right.scorer.thresholds
    assert left.f1 == right.f1


def test_other_detectors_teach_and_figures_stay_those_of_the_first() -> None:
    detector = make_detector()
    other = replace(detector, settings=replace(detector.settings, max_words=1))
    alone = fit_on_gold(detector, NOTES, GOLD, SCORER, seed=0, remembering=False)
    taught = fit_on_gold(
        detector, NOTES, GOLD, SCORER, seed=0, remembering=False, others=[other, other]
    )
    assert len(taught.annotated.candidates) == len(alone.annotated.candidates)
    assert taught.dictionary_f1 == alone.dictionary_f1
    pairs = zip(params_of(alone, ALL_NOTES), params_of(taught, ALL_NOTES), strict=True)
    assert not all(np.array_equal(left, right) for left, right in pairs)
    with pytest.raises(ValueError, match="remembering"):
        fit_on_gold(detector, NOTES, GOLD, SCORER, seed=0, others=[other])


def test_notes_without_gold_are_left_out() -> None:
    more = [*NOTES, replace(NOTES[0], note_id="other"), replace(NOTES[1], note_id="another")]
    some = fit_on_gold(make_detector(), more, GOLD, SCORER, seed=0)
    assert some.f1 == fit_all().f1
    assert some.scorer.calibration == fit_all().scorer.calibration


def test_what_is_learned_beats_the_dictionary_on_gold_it_knows_half() -> None:
    detector, notes, gold = make_fitted()
    right, found, held = look_up_pairs(detector, notes, gold)
    fitted = fit_all()
    assert (notes, gold) == (tuple(NOTES), tuple(GOLD))
    assert fitted.dictionary_precision == right / found
    assert fitted.dictionary_f1 == pytest.approx(2 * right / (found + held))
    assert fitted.f1 > fitted.dictionary_f1


# Measuring.


def test_dictionary_pairs_by_hand() -> None:
    # Note 2 is "Wants noir handbags and a gift for the mother.": the dictionary has "noir" for
    # two concepts and "gift" for none, as its alias is longer.
    assert NOTES[2].text.startswith("Wants noir handbags")
    assert look_up_pairs(make_detector(), NOTES[2:3], GOLD) == (1, 2, 3)
    assert look_up_pairs(make_detector(), [], GOLD) == (0, 0, 0)


def test_a_concept_outside_the_lexicon_counts_as_missed() -> None:
    more = [replace(GOLD[2], concepts=(*GOLD[2].concepts, "unheard"))]
    assert look_up_pairs(make_detector(), NOTES[2:3], more) == (1, 2, 4)
    f1 = [
        measure_decisions(make_detector(), NOTES[2:3], gold, random_scorer())["both"]
        for gold in (GOLD[2:3], more)
    ]
    assert 0 < f1[1] < f1[0]


def test_decisions_differ_by_what_they_switch_off() -> None:
    detector = make_detector()
    nothing = replace(random_scorer(), thresholds=Thresholds(1.1, 2.0))
    f1 = measure_decisions(detector, NOTES, GOLD, nothing)
    assert set(f1) == {"dictionary", "denials", "additions", "removals", "both"}
    assert f1["removals"] == f1["both"] == 0
    assert f1["additions"] > 0
    right, found, held = look_up_pairs(detector, NOTES, GOLD)
    assert f1["dictionary"] == pytest.approx(2 * right / (found + held))


def test_each_note_is_measured_by_the_models_of_its_fold() -> None:
    fold_of = assign_folds(NOTES, GOLD, 2)
    scorer = random_scorer((0, 1, ALL_NOTES), keep=0.45, add=0.45)
    crossed = measure_decisions(make_detector(), NOTES, GOLD, scorer, fold_of)
    swapped = {note_id: 1 - fold for note_id, fold in fold_of.items()}
    assert crossed != measure_decisions(make_detector(), NOTES, GOLD, scorer, swapped)
    assert crossed != measure_decisions(make_detector(), NOTES, GOLD, scorer)


def test_concepts_are_counted_once_a_note_with_a_span_or_without() -> None:
    spans = (GoldSpan(0, 1, "bag", negated=False), GoldSpan(4, 5, "bag", negated=False))
    denied = GoldSpan(7, 8, "gold", negated=True)
    gold = [GoldNote("N1", (*spans, denied), ("bag", "gift")), GoldNote("N2", (), ("bag",))]
    assert count_annotated(gold) == 4
    assert count_annotated([]) == 0


def test_thresholds_are_drawn_towards_those_of_a_prior() -> None:
    known = fit_all().scorer
    low, high = (
        fit_on_gold(
            make_detector(),
            NOTES,
            GOLD,
            SCORER,
            seed=0,
            prior=replace(known, thresholds=Thresholds(limit, limit)),
        ).scorer
        for limit in (0.1, 0.9)
    )
    assert low.calibration == high.calibration
    assert low.thresholds.keep_exact < high.thresholds.keep_exact
    assert low.thresholds.add_learned < high.thresholds.add_learned
