"""Directions of clients, and how well groups are apart in them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_score

from lvmh_jax.stages.directions import find_directions, measure_silhouette, normalize_rows, to_unit
from tests.stages.clients import draw_noise


@pytest.mark.parametrize("part", [None, np.arange(0, 30, 2)])
def test_directions_are_those_of_the_whole_decomposition(part) -> None:
    rows_MC = normalize_rows(draw_noise(30, 0))
    given_MC = (rows_MC if part is None else rows_MC[part]).toarray()
    axes_KC = np.linalg.svd(given_MC)[2][:4]
    space_MK = find_directions(rows_MC, 4, 0, part)
    assert np.allclose(np.abs(space_MK), np.abs(rows_MC @ axes_KC.T), atol=1e-3)


def test_directions_that_are_not_there_are_zeros() -> None:
    space_MK = find_directions(draw_noise(3, 0), 5, 0)
    assert space_MK.shape == (3, 5)
    assert not space_MK[:, 3:].any()


def test_the_silhouette_is_that_of_scikit_learn() -> None:
    space_MK = np.random.default_rng(0).normal(size=(60, 4))
    space_MK[7] = 0.0
    label_M = np.random.default_rng(1).integers(5, size=60)
    label_M[label_M == 4] = 3
    label_M[0] = 4  # alone
    wanted = silhouette_score(space_MK, label_M, metric="cosine")
    assert measure_silhouette(to_unit(space_MK), label_M) == pytest.approx(wanted)
    assert measure_silhouette(to_unit(space_MK), np.zeros(60, np.int64)) == 0
    assert measure_silhouette(to_unit(space_MK), np.arange(60)) == 0
