"""Confidence and thresholds: what was simulated comes out again, and hand-made cases hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.calibrate import confidence
from lvmh_jax.calibrate.confidence import (
    Decoded,
    choose_prudent,
    choose_thresholds,
    count_pairs,
    f1_of,
    fit_calibration,
    precision_curve,
)
from lvmh_jax.detect.decode import pass_thresholds
from lvmh_jax.detect.scorer import Calibration


def simulate(truth: Calibration, count: int, seed: int = 0) -> Decoded:
    """Mentions that are right as often as `truth` says."""
    rng = np.random.default_rng(seed)
    logit_M = rng.normal(0, 2, count).astype(np.float32)
    exact_M = rng.random(count) < 0.4
    right_M = rng.random(count) < truth.confidence(logit_M, exact_M)
    return decoded_of(logit_M, exact_M, right_M)


def decoded_of(logit, exact, right, *, negated=None, missed: int = 0) -> Decoded:
    """Mentions that are each a pair of their own; gold has the right ones and `missed` more."""
    right_M = np.array(right, bool)
    count = len(right_M)
    negated_M = np.zeros(count, bool) if negated is None else np.array(negated, bool)
    gold = set(np.flatnonzero(right_M & ~negated_M).tolist()) | set(range(-missed, 0))
    return Decoded(
        pair_M=np.arange(count),
        logit_M=np.array(logit, np.float32),
        exact_M=np.array(exact, bool),
        negated_M=negated_M,
        right_M=right_M,
        gold=gold,
    )


# Calibration.


def test_confidence_is_the_share_that_is_right_where_the_logits_say_so() -> None:
    truth = Calibration(1.0, 0.0, 0.0)
    found = fit_calibration(simulate(truth, 20_000))
    assert_close(found, truth)


def assert_close(found: Calibration, truth: Calibration) -> None:
    """Two slopes and an offset may trade places; what they say may not."""
    logit = np.linspace(-3, 3, 13, dtype=np.float32)
    for exact in (np.zeros(13), np.ones(13)):
        told, wanted = found.confidence(logit, exact), truth.confidence(logit, exact)
        np.testing.assert_allclose(told, wanted, atol=0.03)


@pytest.mark.parametrize(
    "truth",
    [
        Calibration(2.0, -1.0, 0.5),
        Calibration(0.5, 0.3, 1.0),
        Calibration(0.4, -0.2, 0.0, upper=2.0),  # a scorer that is never sure, and right
    ],
)
def test_a_known_calibration_is_recovered(truth: Calibration) -> None:
    assert_close(fit_calibration(simulate(truth, 20_000)), truth)


def test_equal_slopes_are_platts_sigmoid() -> None:
    logit = np.linspace(-5, 5, 11, dtype=np.float32)
    sure = Calibration(0.7, -0.3, 0.0).confidence(logit, np.zeros(11))
    np.testing.assert_allclose(sure, 1 / (1 + np.exp(-(0.7 * logit - 0.3))), rtol=1e-5)


@pytest.mark.parametrize("slope", [0.3, 3.0])
def test_the_slope_moves_towards_the_truth(slope: float) -> None:
    found = fit_calibration(simulate(Calibration(slope, 0.0, 0.0), 5000))
    assert abs(found.slope - slope) < abs(1 - slope) / 2


def test_exact_matches_get_their_own_weight() -> None:
    found = fit_calibration(simulate(Calibration(1.0, -1.0, 3.0), 5000))
    assert found.exact > 1
    assert found.offset < 0


def test_more_logit_is_never_less_sure() -> None:
    # Wrong where the logit is high: nothing that we would trust to turn the ranking round.
    logit = np.linspace(-4, 4, 200)
    found = fit_calibration(decoded_of(logit, logit > 9, logit < 0))
    assert found.slope > 0
    sure = found.confidence(logit.astype(np.float32), np.zeros(200))
    assert np.all(np.diff(sure) >= 0)


@given(st.lists(st.tuples(st.floats(-9, 9), st.booleans(), st.booleans()), max_size=30))
def test_any_data_give_a_usable_calibration(rows: list[tuple[float, bool, bool]]) -> None:
    logit, exact, right = zip(*rows, strict=True) if rows else ((), (), ())
    found = fit_calibration(decoded_of(logit, exact, right))
    assert np.isfinite([found.slope, found.offset, found.exact]).all()
    assert found.slope > 0
    sure = found.confidence(np.array([-1e6, -1.0, 0.0, 1.0, 1e6], np.float32), np.zeros(5))
    assert np.all((sure >= 0) & (sure <= 1))
    assert np.all(np.diff(sure) >= 0)


def test_all_right_is_sure_and_not_infinitely_so() -> None:
    found = fit_calibration(decoded_of([5.0] * 20, [False] * 20, [True] * 20))
    (sure,) = found.confidence(np.array([5.0], np.float32), np.zeros(1))
    assert 0.9 < sure < 1


# Thresholds.


def test_thresholds_part_right_from_wrong_of_each_kind() -> None:
    confidence = np.repeat(np.array([0.9, 0.3, 0.8, 0.4], np.float32), 5)
    exact = np.repeat([True, True, False, False], 5)
    right = np.repeat([True, False, True, False], 5)
    decoded = decoded_of(np.zeros(20), exact, right)
    chosen, f1 = choose_thresholds(decoded, confidence)
    assert 0.3 < chosen.keep_exact <= 0.9
    assert 0.4 < chosen.add_learned <= 0.8
    assert f1 == 1


def test_a_threshold_lies_away_from_the_edges() -> None:
    confidence = np.repeat(np.array([0.9, 0.1], np.float32), 10)
    decoded = decoded_of(np.zeros(20), np.zeros(20), np.repeat([True, False], 10))
    chosen, _ = choose_thresholds(decoded, confidence)
    assert 0.3 < chosen.add_learned < 0.7


def test_learned_mentions_that_are_wrong_are_not_added() -> None:
    confidence = np.repeat(np.array([0.9, 0.6], np.float32), 10)
    exact = np.repeat([True, False], 10)
    decoded = decoded_of(np.zeros(20), exact, exact)
    chosen, f1 = choose_thresholds(decoded, confidence)
    assert chosen.add_learned > 0.6
    assert chosen.keep_exact <= 0.9
    assert f1 == 1


@given(
    st.lists(
        st.tuples(st.sampled_from([0.05, 0.3, 0.5, 0.7, 0.99]), st.booleans(), st.booleans()),
        max_size=20,
    ),
    st.integers(0, 3),
)
def test_the_f1_is_that_of_the_thresholds(rows: list[tuple], missed: int) -> None:
    confidence, exact, right = zip(*rows, strict=True) if rows else ((), (), ())
    decoded = decoded_of(np.zeros(len(rows)), exact, right, missed=missed)
    sure = np.array(confidence, np.float32)
    chosen, f1 = choose_thresholds(decoded, sure)
    kept = pass_thresholds(sure, decoded.exact_M, chosen.keep_exact, chosen.add_learned)
    assert f1 == f1_of(count_pairs(decoded, kept))
    assert 0 <= f1 <= 1


# Counting.


def test_pairs_are_counted_once_and_negated_ones_not_at_all() -> None:
    decoded = decoded_of([0] * 4, [0] * 4, [1, 1, 0, 1], negated=[0, 0, 0, 1], missed=2)
    decoded = replace(decoded, pair_M=np.array([0, 0, 2, 3]), gold={0, -1, -2, 3})
    every = np.ones(4, bool)
    assert count_pairs(decoded, every) == (1, 2, 4)
    assert count_pairs(decoded, ~every) == (0, 0, 4)
    assert f1_of((1, 2, 4)) == pytest.approx(1 / 3)
    assert f1_of((0, 0, 4)) == f1_of((0, 0, 0)) == 0


# Precision.


def test_precision_curve_by_hand() -> None:
    decoded = decoded_of([0] * 4, [0] * 4, [1, 1, 0, 1])
    curve = precision_curve(decoded, np.array([0.9, 0.4, 0.6, 0.2], np.float32))
    assert [at for at, _ in curve] == pytest.approx([0.2, 0.4, 0.6, 0.9])
    assert [share for _, share in curve] == pytest.approx([3 / 4, 2 / 3, 1 / 2, 1])


def test_mentions_that_are_as_sure_share_one_precision() -> None:
    decoded = decoded_of([0] * 3, [0] * 3, [1, 1, 0])
    curve = precision_curve(decoded, np.array([0.9, 0.5, 0.5], np.float32))
    assert [share for at, share in curve if at == 0.5] == pytest.approx([2 / 3])


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.5, 0.9]), st.booleans()), max_size=300))
def test_precision_curve_tells_the_truth(rows: list[tuple[float, bool]]) -> None:
    sure = np.array([row[0] for row in rows], np.float32)
    right = np.array([row[1] for row in rows], bool)
    curve = precision_curve(decoded_of(np.zeros(len(rows)), np.zeros(len(rows)), right), sure)
    assert [at for at, _ in curve] == sorted(at for at, _ in curve)
    assert bool(curve) == bool(rows)
    # The lowest of a confidence's points holds all of its mentions.
    lowest = {at: share for at, share in reversed(curve)}
    if len(rows) <= 100:
        for at, share in lowest.items():
            assert share == pytest.approx(right[sure >= at].mean())


def test_a_prudent_threshold_is_the_highest_within_two_standard_errors(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    confidence_M = rng.random(600).astype(np.float32)
    right_M = rng.random(600) < confidence_M
    decoded = decoded_of(confidence_M, np.zeros(600, bool), right_M, missed=2)  # 60 notes
    limits, best = choose_thresholds(decoded, confidence_M)

    def f1(least: float) -> float:
        return f1_of(count_pairs(decoded, confidence_M >= least))

    prudent = choose_prudent(decoded, confidence_M, limits, width=10)
    assert limits.add_learned < prudent < 0.95
    assert best - 0.05 < f1(prudent) < best
    with monkeypatch.context() as patch:
        patch.setattr(confidence, "PRUDENCE", 1.0)
        assert choose_prudent(decoded, confidence_M, limits, width=10) < prudent
    # Ten times the notes know the best better.
    many = replace(
        decoded,
        pair_M=np.concatenate([decoded.pair_M + 600 * copy for copy in range(10)]),
        **{
            name: np.tile(getattr(decoded, name), 10)
            for name in ("logit_M", "exact_M", "negated_M", "right_M")
        },
        gold=frozenset(pair + 600 * copy for pair in np.flatnonzero(right_M) for copy in range(10)),
    )
    assert choose_prudent(many, np.tile(confidence_M, 10), limits, width=10) < prudent
