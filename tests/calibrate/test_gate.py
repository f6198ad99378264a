"""The gate: nothing learned ships where it was not measured to help."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.calibrate.gate import Decision, apply_decision, decide
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.scorer import Thresholds
from lvmh_jax.records import ML_ENHANCED
from tests.detect.builders import SENTENCES, list_notes, make_detector, random_scorer

MODES = ("denials", "additions", "removals", "both")
LIMITS = Thresholds(keep_exact=0.45, add_learned=0.35)


@given(
    st.floats(0, 1),
    st.dictionaries(st.sampled_from(MODES), st.floats(0, 1), max_size=3),
)
def test_what_ships_is_the_best_and_never_below_the_dictionary(
    alone: float, learned: dict[str, float]
) -> None:
    f1 = {"dictionary": alone, **learned}
    decision = decide(f1, "gold-dev")
    assert f1[decision.mode] >= alone
    assert f1[decision.mode] == pytest.approx(max(f1.values()), abs=1e-8)
    assert (decision.protocol, decision.f1) == ("gold-dev", f1)


@pytest.mark.parametrize(
    ("f1", "mode"),
    [
        ({"dictionary": 0.5}, "dictionary"),
        ({"dictionary": 0.5, "additions": 0.4, "removals": 0.5, "both": 0.1}, "dictionary"),
        ({"dictionary": 0.5, "additions": 0.6, "removals": 0.6, "both": 0.6}, "additions"),
        ({"dictionary": 0.5, "additions": 0.4, "removals": 0.6, "both": 0.6}, "removals"),
        ({"dictionary": 0.5, "additions": 0.6, "removals": 0.6, "both": 0.7}, "both"),
        ({"dictionary": 0.0, "additions": 0.0}, "dictionary"),
        ({"dictionary": 0.5, "denials": 0.6, "additions": 0.6}, "denials"),
        ({"dictionary": 0.5, "denials": 0.5, "additions": 0.5}, "dictionary"),
    ],
)
def test_on_a_tie_the_one_that_changes_less_ships(f1: dict[str, float], mode: str) -> None:
    assert decide(f1, "gold-dev").mode == mode


def apply(mode: str) -> Thresholds | None:
    scorer = apply_decision(
        replace(random_scorer(), thresholds=LIMITS), Decision(mode, "gold-dev", {})
    )
    return scorer.thresholds if scorer else None


def test_what_was_not_allowed_is_switched_off() -> None:
    assert apply("dictionary") is None
    assert apply("both") == LIMITS
    assert apply("denials") == Thresholds(0.0, OFF)
    assert apply("additions") == Thresholds(0.0, LIMITS.add_learned)
    removals = apply("removals")
    assert removals is not None
    assert removals.keep_exact == LIMITS.keep_exact
    assert removals.add_learned > 1


def test_the_modes_do_what_their_names_say() -> None:
    notes = list_notes(SENTENCES)
    scorer = replace(random_scorer(), thresholds=LIMITS)
    learned, exact = {}, {}
    for mode in MODES:
        applied = apply_decision(scorer, Decision(mode, "gold-dev", {}))
        found = replace(make_detector(), scorer=applied).detect(notes)
        learned[mode] = sum(m.method == ML_ENHANCED for m in found)
        exact[mode] = len(found) - learned[mode]
    assert learned["removals"] == learned["denials"] == 0
    assert exact["denials"] >= exact["removals"]
    assert min(learned["additions"], learned["both"]) > 0
    # Without removals every dictionary match competes; with them, those that are sure enough.
    assert exact["both"] < exact["additions"]
    assert exact["both"] <= exact["removals"]
