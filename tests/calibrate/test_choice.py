"""Which scorer a model gets: from gold, the one that ships with the package, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.calibrate import fit
from lvmh_jax.calibrate.fit import (
    GOLD_DEV,
    GOLD_DEV_CROSSVAL,
    GOLD_TRAIN_CROSSVAL,
    MIN_GOLD_NOTES,
    Choice,
    DefaultScorer,
    choose_scorer,
)
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gold import hash_note, hash_text
from lvmh_jax.calibrate.hidden import HELD_OUT, measure_zipf
from lvmh_jax.calibrate.linking import FEWEST_PHRASES, calibrate_linking
from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.records import GoldNote, Note
from tests.detect.builders import (
    GOLD_NOTES,
    SCORER,
    annotated_notes,
    hide_aliases,
    list_notes,
    make_detector,
    make_fitted,
)

NOTES, GOLD = annotated_notes(2 * GOLD_NOTES)
FIRST, SECOND = GOLD[:GOLD_NOTES], GOLD[GOLD_NOTES:]
KNOWN = ("handbag", "noir")  # aliases that the notes below are about


def default(scorer: Scorer | None = None) -> DefaultScorer:
    fitted = make_fitted()[0].scorer
    assert fitted is not None
    return DefaultScorer(
        scorer or fitted, [(0.5, 0.625)], 0.875, measure_zipf(make_detector().index)
    )


def choose(
    scorer: DefaultScorer | None = None,
    notes: Sequence[Note] = NOTES,
    **gold: list[GoldNote],
) -> Choice:
    return choose_scorer(
        make_detector(),
        notes,
        gold,
        scorer or default(),
        hide_aliases(*KNOWN),
        list_notes(["a handbag", "sac noir"]),
        SCORER,
        seed=0,
    )


def hashes_of(gold) -> set[str]:
    text_of = {note.note_id: note for note in NOTES}
    return {hash_note(text_of[each.note_id]) for each in gold}


def test_gold_train_fits_and_dev_decides() -> None:
    choice = choose(train=FIRST, dev=SECOND)
    assert choice.decision.protocol == GOLD_DEV
    assert choice.source == "gold"
    assert set(choice.fold_of) == hashes_of(FIRST)
    assert choice.detector.scorer is not None
    assert choice.decision.f1[choice.decision.mode] > choice.decision.f1["dictionary"]


def test_gold_without_a_candidate_fits_nothing() -> None:
    """As of a lexicon in another script, or of notes that hold no word."""
    notes = [Note(f"E{row}", "", "...") for row in range(len(FIRST))]
    gold = [GoldNote(note.note_id, (), ("the_black",)) for note in notes]
    choice = choose(train=gold, notes=notes)
    assert choice.source in ("default", "none")
    assert choice.fold_of == {}


def test_a_fold_without_a_candidate_fits_as_others_do() -> None:
    fold_of = assign_folds(NOTES[:GOLD_NOTES], FIRST, SCORER.folds)
    hidden = {name for name, fold in fold_of.items() if fold == 0}
    notes = [replace(n, text="...") if n.note_id in hidden else n for n in NOTES]
    assert choose(train=FIRST, notes=notes).source in ("gold", "none")


def test_gold_train_alone_decides_by_cross_validation() -> None:
    choice = choose(train=FIRST)
    assert choice.decision.protocol == GOLD_TRAIN_CROSSVAL
    assert choice.source == "gold"


def test_gold_dev_alone_fits_by_cross_validation() -> None:
    choice = choose(dev=FIRST)
    assert choice.decision.protocol == GOLD_DEV_CROSSVAL
    text_of = {note.note_id: note for note in NOTES}
    expected = assign_folds([text_of[each.note_id] for each in FIRST], FIRST, SCORER.folds)
    assert choice.fold_of == {hash_note(text_of[key]): fold for key, fold in expected.items()}


def test_little_gold_begins_at_the_shipped_scorer_unless_it_knows_the_notes() -> None:
    shipped = default()
    informed = choose(shipped, train=SECOND).detector.scorer
    known = replace(shipped, notes=frozenset({hash_text(NOTES[GOLD_NOTES].text)}))
    anew = choose(known, train=SECOND).detector.scorer
    assert informed is not None
    assert anew is not None
    scales = [each.fit.mean_F.tolist() for each in (shipped.scorer, informed, anew)]
    assert scales[0] == scales[1] != scales[2]


@pytest.mark.parametrize(
    ("few", "hidden", "is_prior"), [(99, 0, True), (0, 0, False), (99, 1, False)]
)
def test_much_gold_and_another_shape_begin_anew(monkeypatch, few, hidden, is_prior) -> None:
    monkeypatch.setattr(fit, "FEW_PAIRS", few)
    settings = replace(SCORER, hidden=SCORER.hidden + hidden)
    shipped = default()
    assert (shipped.as_prior(NOTES, FIRST, settings) is shipped.scorer) == is_prior


def test_too_little_gold_fits_nothing_and_still_decides() -> None:
    few = GOLD[: MIN_GOLD_NOTES - 1]
    choice = choose(dev=few)
    assert choice.decision.protocol == GOLD_DEV
    assert choice.source in ("default", "none")
    assert choice.fold_of == {}
    assert choice.curve == default().curve
    assert choice.detector.dictionary_precision == default().dictionary_precision


def test_too_little_train_gold_gives_way_to_dev() -> None:
    choice = choose(train=SECOND[:3], dev=FIRST)
    assert choice.decision.protocol == GOLD_DEV_CROSSVAL
    assert len(choice.fold_of) == GOLD_NOTES


def test_without_gold_hidden_aliases_decide() -> None:
    choice = choose()
    assert choice.decision.protocol == HELD_OUT
    assert choice.decision.f1["dictionary"] == 0  # it cannot know what is hidden
    assert {"additions", "additions_refused"} & choice.decision.f1.keys()
    assert choice.source == ("none" if choice.decision.mode == "dictionary" else "default")


def test_a_default_that_harms_is_left_out() -> None:
    harmful = replace(default().scorer, thresholds=Thresholds(0.0, 0.0))
    blind = replace(harmful, fit=_turned(harmful))
    choice = choose(default(blind), dev=GOLD[: MIN_GOLD_NOTES - 1])
    assert choice.decision.f1["both"] < choice.decision.f1["dictionary"]
    assert (choice.decision.mode, choice.source) == ("dictionary", "none")
    assert choice.detector.scorer is None


def test_a_default_that_helps_ships() -> None:
    choice = choose(dev=GOLD[: MIN_GOLD_NOTES - 1])
    assert choice.source == "default"
    assert choice.detector.scorer is not None


def _turned(scorer: Scorer):
    """The same models with their verdict turned round."""
    params = scorer.fit.params_G["params"]
    last = max(params)
    turned = {key: -value for key, value in params[last].items()}
    return scorer.fit._replace(params_G={"params": {**params, last: turned}})


def test_what_shipped_sees_every_alias() -> None:
    choice = choose()
    assert len(choice.detector.index.aliases) == len(make_detector().index.aliases)


# Linking.


def test_few_hidden_aliases_leave_linking_as_it_is() -> None:
    detector = make_detector()
    held_A = hide_aliases(*KNOWN)
    assert held_A.sum() < FEWEST_PHRASES
    assert calibrate_linking(detector.index, detector.encoder, held_A) == LinkCalibration()


def test_linking_is_calibrated_on_hidden_aliases(monkeypatch: pytest.MonkeyPatch) -> None:
    detector = make_detector()
    monkeypatch.setattr("lvmh_jax.calibrate.linking.FEWEST_PHRASES", 2)
    seen = []
    monkeypatch.setattr(
        "lvmh_jax.calibrate.linking.score_phrases",
        lambda phrases, index, encoder: seen.append((phrases, index)) or np.eye(len(phrases), 7),
    )
    found = calibrate_linking(
        detector.index, detector.encoder, hide_aliases("noir", "bolso", "red")
    )
    ((phrases, index),) = seen
    assert sorted(phrases) == ["bolso", "noir", "noir", "red"]
    assert not {alias.text for alias in index.aliases} & {*phrases}
    assert 0.01 <= found.temperature <= 1
    assert found.threshold == LinkCalibration().threshold
