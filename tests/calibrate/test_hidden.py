"""What ships without gold: decided by mentions of aliases that nothing could see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.calibrate import hidden as module
from lvmh_jax.calibrate.gate import NO_GAIN, Decision, apply_decision
from lvmh_jax.calibrate.hidden import (
    FEW_MENTIONS,
    MOST_JUDGED,
    STRICTER,
    decide_on_hidden,
    measure_heldout,
    measure_heldout_at,
    measure_zipf,
    raise_limits,
)
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.evaluate.heldout import HeldOutScore
from tests.detect.builders import (
    TINY,
    build_detector,
    hide_aliases,
    list_notes,
    make_detector,
    make_fitted,
    make_lexicon,
)

KNOWN = ("handbag", "noir")  # aliases that the notes below are about
NOTES = list_notes(["a handbag", "sac noir", "bolso"])
LIMITS = Thresholds(keep_exact=0.1, add_learned=0.4, overlapping=0.65)


def scored(right: int, judged: int, asked: int = 20, times: int = 50) -> HeldOutScore:
    """So many times as many: of few places an agreement may be anything."""
    return HeldOutScore(np.array([[right, judged, asked]]) * times, unjudged=0)


def decide_by(
    monkeypatch: pytest.MonkeyPatch,
    alone: HeldOutScore,
    *learned: HeldOutScore,
    rarer: float = 0.0,
) -> tuple[Decision, Scorer]:
    """Decides by given figures: the dictionary's, and those of each threshold from the lowest.

    The first is of what is likely, the second of the scorer's own threshold; the last repeats.
    Denials find what the dictionary does.
    """
    every = [*learned, *[learned[-1]] * (2 + len(STRICTER) - len(learned))]
    every = [*every[:2], alone, *every[2:]]

    def measure(detector, held_A, notes, limits_L: Sequence[Thresholds]):
        return [(each, []) for each in (every if detector.scorer else [alone])][: len(limits_L)]

    monkeypatch.setattr(module, "measure_heldout_at", measure)
    fitted = make_fitted()[0].scorer
    assert fitted is not None
    scorer = replace(fitted, thresholds=LIMITS)
    detector = make_detector()
    zipf = measure_zipf(detector.index) + rarer
    return decide_on_hidden(detector, scorer, zipf, hide_aliases(*KNOWN), NOTES)


def test_hidden_aliases_are_hidden_from_the_index() -> None:
    alone = make_detector()
    blind, _ = measure_heldout(alone, hide_aliases(*KNOWN), NOTES)
    assert (blind.total.tp, blind.total.gold) == (0, 2)
    # An alias that another concept still shows is not hidden, and so is not asked for.
    noir = hide_aliases("noir")
    one = noir & (alone.index.concept_A == alone.index.concept_A[noir][0])
    assert one.sum() == 1
    assert measure_heldout(alone, one, NOTES)[0].total.gold == 0
    seen, _ = measure_heldout(alone, hide_aliases(), NOTES)
    assert (seen.total.tp, seen.total.predicted, seen.total.gold) == (0, 0, 0)


def test_several_thresholds_find_what_each_finds_alone() -> None:
    detector, notes, _ = make_fitted()
    assert detector.scorer is not None
    ladder = [Thresholds(0.0, least) for least in (0.05, 0.5, 0.9, OFF)]
    held_A = hide_aliases(*KNOWN)
    together = measure_heldout_at(detector, held_A, notes, ladder)
    assert len({len(mentions) for _, mentions in together}) > 1
    for limits, (_, mentions) in zip(ladder, together, strict=True):
        strict = replace(detector, scorer=replace(detector.scorer, thresholds=limits))
        assert measure_heldout(strict, held_A, notes)[1] == mentions


def test_additions_that_agree_with_the_dictionary_ship_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decision, scorer = decide_by(monkeypatch, scored(0, 0), scored(6, 10), scored(2, 10))
    assert (decision.mode, decision.f1["agreement"]) == ("additions", 0.6)
    assert decision.f1["additions"] == scored(2, 10).total.f1
    assert scorer.thresholds == LIMITS


def test_additions_that_do_not_agree_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    # As often right as the dictionary where it speaks, it finds no more than the dictionary does.
    decision, _ = decide_by(monkeypatch, scored(4, 10), scored(4, 10))
    assert decision.mode == "denials"  # the dictionary's matches keep what the context says
    assert "agree in 0.40 of 500, 0.51 is asked" in decision.why_off
    assert decision.f1["additions_refused"] == scored(4, 10).total.f1


def test_few_places_are_no_evidence_against_additions(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (scored(3, 8, 27, times) for times in (1, 20))
    decision, scorer = decide_by(monkeypatch, scored(0, 0), few)
    assert (decision.mode, decision.f1["agreement"]) == ("additions", 3 / 8)
    assert (decision.f1["judged"], decision.why_off, scorer.thresholds) == (8, "", LIMITS)
    assert "additions_refused" in decide_by(monkeypatch, scored(0, 0), many)[0].f1


def test_few_mentions_of_which_none_is_found_are_none_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing, eager = scored(0, 8, 27, times=1), scored(3, 8, 27, times=1)
    decision, _ = decide_by(monkeypatch, nothing, eager, nothing)
    assert (decision.mode, decision.why_off) == ("additions", "")
    assert decide_by(monkeypatch, eager, eager, nothing)[0].mode == "denials"  # it loses


def test_additions_that_find_nothing_leave_the_dictionary_with_its_denials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decision, scorer = decide_by(monkeypatch, scored(0, 0), scored(0, 0))
    assert decision.f1["mentions"] > FEW_MENTIONS
    assert (decision.mode, decision.why_off) == ("denials", NO_GAIN)
    shipped = apply_decision(scorer, decision)
    assert shipped is not None
    assert shipped.thresholds == Thresholds(keep_exact=0.0, add_learned=OFF, overlapping=OFF)


def test_of_surer_additions_those_ship_that_find_most_without_erring_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = scored(3, 10)
    ladder = (
        scored(10, 60),
        scored(9, 40),
        scored(8, 30),
        scored(7, 20),
        scored(6, 12),
        scored(4, 8),
    )
    decision, scorer = decide_by(monkeypatch, alone, *ladder)
    assert decision.mode == "additions"
    assert decision.f1["additions"] == scored(6, 12).total.f1  # though 7 of 20 found more
    assert scorer.thresholds == raise_limits(LIMITS, STRICTER[2])
    assert scorer.thresholds.overlapping == max(STRICTER[2], LIMITS.overlapping)


def test_surer_additions_that_err_more_than_the_dictionary_stay_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decision, scorer = decide_by(
        monkeypatch, scored(4, 5), scored(9, 20), scored(9, 20), scored(7, 10)
    )
    assert decision.mode == "denials"
    assert scorer.thresholds == LIMITS


@pytest.mark.parametrize(("rarer", "mode"), [(-1.0, "additions"), (0.6, "dictionary")])
def test_a_lexicon_of_rarer_words_gets_no_additions(
    monkeypatch: pytest.MonkeyPatch, rarer: float, mode: str
) -> None:
    for ladder in ([(9, 10)], [(1, 10), (9, 10)]):  # agreeing, and surest only
        scores = [scored(*each) for each in ladder]
        decision, _ = decide_by(monkeypatch, scored(0, 0), *scores, rarer=rarer)
        assert decision.mode == mode
        assert decision.f1["rarer_words"] == pytest.approx(rarer)


def test_the_words_of_a_lexicon_are_weighed_as_often_as_they_stand_there() -> None:
    common = build_detector(make_lexicon({"a": ["the bag", "the"]}), NOTES, TINY).index
    rare = build_detector(make_lexicon({"a": ["xylitol", "the"]}), NOTES, TINY).index
    assert measure_zipf(common) > measure_zipf(rare)


def test_no_more_than_so_many_notes_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def measure(detector, held_A, notes, limits_L):
        asked.append(len(notes))
        return [(scored(0, 0), [])] * len(limits_L)

    monkeypatch.setattr(module, "measure_heldout_at", measure)
    fitted = make_fitted()[0].scorer
    assert fitted is not None
    many = NOTES * MOST_JUDGED
    decide_on_hidden(make_detector(), fitted, 0.0, hide_aliases(*KNOWN), many)
    assert asked == [MOST_JUDGED, MOST_JUDGED]
