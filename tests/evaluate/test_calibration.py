"""Calibration error: hand-computed tables, and what must hold in any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.evaluate.calibration import expected_calibration_error, make_reliability_table

pairs = st.lists(
    st.tuples(st.sampled_from((0.0, 0.2, 0.5, 0.9, 1.0)) | st.floats(0, 1), st.booleans()),
    min_size=1,
    max_size=60,
)


def test_hand_computed_bins_and_error() -> None:
    confidence = [0.1, 0.3, 0.6, 0.8, 0.9]
    correct = [0, 1, 1, 0, 1]
    first, second = make_reliability_table(confidence, correct, bins=2)  # 3 and 2 mentions
    assert (first.low, first.high, first.count) == (0.1, 0.6, 3)
    assert (second.low, second.high, second.count) == (0.8, 0.9, 2)
    assert first.confidence == pytest.approx(1 / 3)
    assert first.accuracy == pytest.approx(2 / 3)
    # 3/5 * |2/3 - 1/3| + 2/5 * |0.5 - 0.85|
    expected = 0.6 / 3 + 0.4 * 0.35
    assert expected_calibration_error(confidence, correct, bins=2) == pytest.approx(expected)


def test_sure_and_always_wrong_is_the_worst() -> None:
    assert expected_calibration_error(np.ones(30), np.zeros(30)) == 1.0
    assert expected_calibration_error(np.ones(30), np.ones(30)) == 0.0


def test_drawn_from_the_confidences_is_nearly_calibrated() -> None:
    rng = np.random.default_rng(0)
    confidence_N = rng.beta(0.5, 0.5, 20_000)
    error = expected_calibration_error(confidence_N, rng.random(20_000) < confidence_N)
    assert error is not None
    assert error < 0.015


def test_nothing_measured_is_none_not_zero() -> None:
    assert expected_calibration_error([], []) is None
    assert make_reliability_table([], []) == ()


@given(pairs, st.randoms())
def test_table_keeps_mass_and_does_not_depend_on_order(rows: list, random: object) -> None:
    confidence, correct = zip(*rows, strict=True)
    table = make_reliability_table(confidence, correct)
    counts = [each.count for each in table]
    assert len(table) == min(15, len(rows))
    assert max(counts) - min(counts) <= 1
    right = sum(each.accuracy * each.count for each in table)
    assert right == pytest.approx(sum(correct))
    shuffled = random.sample(rows, len(rows))
    again = make_reliability_table(*zip(*shuffled, strict=True))
    np.testing.assert_allclose(
        [list(each.to_dict().values()) for each in again],
        [list(each.to_dict().values()) for each in table],
        atol=1e-12,
    )


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="expected two equal lengths"):
        expected_calibration_error([0.5], [True, False])
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        expected_calibration_error([1.5], [True])
    with pytest.raises(ValueError, match=r"outside \[0, 1\]"):
        expected_calibration_error([float("nan")], [True])
    with pytest.raises(ValueError, match="expected 1 or more"):
        expected_calibration_error([0.5], [True], bins=0)
