"""Intervals: hand-known cases, and what must hold for any counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.evaluate.bootstrap import bootstrap_difference, bootstrap_interval

counts = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)).map(
        lambda row: (row[0], row[0] + row[1], row[0] + row[2])
    ),
    min_size=1,
    max_size=30,
).map(lambda rows: np.array(rows, np.int64))


def naive_interval(counts_N3: np.ndarray, resamples: int) -> tuple[float, float]:
    """The F1 interval as the textbook says it: draw N notes, one resample after the other."""
    rng = np.random.default_rng(7)
    values = []
    for _ in range(resamples):
        tp, predicted, gold = counts_N3[rng.integers(0, len(counts_N3), len(counts_N3))].sum(0)
        values.append(2 * tp / (predicted + gold))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def test_interval_agrees_with_a_naive_bootstrap() -> None:
    rng = np.random.default_rng(0)
    tp_N = rng.integers(0, 5, 60)
    more_N2 = rng.integers(0, 4, (60, 2))
    counts_N3 = np.stack([tp_N, tp_N + more_N2[:, 0], tp_N + more_N2[:, 1]], 1)
    interval = bootstrap_interval(counts_N3, resamples=4000)["f1"]
    # Monte Carlo error of a 2.5 % quantile of 4000 draws: about 0.002 here.
    assert interval == pytest.approx(naive_interval(counts_N3, 4000), abs=0.008)


def test_one_kind_of_note_has_no_spread() -> None:
    counts_N3 = np.tile([[1, 2, 4]], (10, 1))
    interval = bootstrap_interval(counts_N3)
    assert interval["precision"] == (0.5, 0.5)
    assert interval["recall"] == (0.25, 0.25)
    assert interval["f1"] == pytest.approx((1 / 3, 1 / 3))


def test_more_notes_narrow_the_interval() -> None:
    few_N3 = np.array([[1, 1, 1], [0, 1, 1], [1, 2, 1], [0, 0, 1]])
    low_few, high_few = bootstrap_interval(few_N3)["f1"]
    low_many, high_many = bootstrap_interval(np.tile(few_N3, (25, 1)))["f1"]
    # Standard errors go with 1 / sqrt(notes): a fifth, for 25 times as many.
    assert (high_many - low_many) / (high_few - low_few) == pytest.approx(0.2, abs=0.06)


@given(counts, st.integers(0, 5))
def test_interval_is_seeded_ordered_and_blind_to_the_order_of_notes(
    counts_N3: np.ndarray, seed: int
) -> None:
    interval = bootstrap_interval(counts_N3, seed, resamples=50)
    assert interval == bootstrap_interval(counts_N3[::-1], seed, resamples=50)
    assert list(interval) == ["precision", "recall", "f1"]
    assert all(0 <= low <= high <= 1 for low, high in interval.values())


@given(counts)
def test_a_system_does_not_differ_from_itself(counts_N3: np.ndarray) -> None:
    difference = bootstrap_difference(counts_N3, counts_N3, resamples=50)
    assert set(difference.values()) == {(0.0, 0.0)}


def test_difference_is_paired() -> None:
    # The second system misses one mention in each note: a sure loss, however hard the note.
    gold_N = np.random.default_rng(0).integers(3, 9, 40)
    first_N3 = np.stack([gold_N - 1, gold_N, gold_N], 1)
    second_N3 = np.stack([gold_N - 2, gold_N, gold_N], 1)
    low, high = bootstrap_difference(first_N3, second_N3)["recall"]
    assert 0 < low < high
    assert high - low < 0.05
    swapped = bootstrap_difference(second_N3, first_N3)["recall"]
    assert swapped[1] < 0


def test_wrong_counts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(0, 3\); expected \(notes >= 1, 3\)"):
        bootstrap_interval(np.zeros((0, 3), np.int64))
    with pytest.raises(ValueError, match="score both on the same notes"):
        bootstrap_difference(np.array([[1, 1, 1]]), np.array([[1, 1, 2]]))
