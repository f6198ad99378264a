"""Whether clients have segments at all: noise passes seldom, and shuffles are clients."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from benchmarks import planted
from lvmh_jax.cli.segment import command
from lvmh_jax.stages.chance import SHUFFLES, Chance, compare_with_chance, shuffle_clients
from lvmh_jax.stages.segments import MOST
from tests.stages.clients import IDS, draw_noise, weigh


@pytest.mark.slow
@pytest.mark.parametrize("most", [4, 20])  # concepts of a client: as many each, or some many
def test_noise_passes_for_structure_one_time_in_twenty(most: int) -> None:
    found = [compare_with_chance(draw_noise(30, seed, most), 6, seed) for seed in range(60)]
    assert sum(each is not None and each.is_beaten for each in found) <= 6  # binomial: 98 in 100
    p_values = [each.p_value for each in found if each is not None]
    assert 0.35 < np.mean(p_values) < 0.65  # even: neither cautious nor rash


@pytest.mark.parametrize("seed", range(3))
def test_few_clients_show_planted_segments(seed: int) -> None:
    weight = weigh(planted.plant_segments(IDS, 60, 3, seed))
    found = compare_with_chance(weight, MOST, seed)
    assert found is not None
    assert found.is_beaten
    assert found == compare_with_chance(weight, MOST, seed)


def test_one_segment_is_compared_with_nothing() -> None:
    assert compare_with_chance(draw_noise(9, 0), 1, 0) is None


def test_the_help_of_segment_says_how_many_shuffles_are_too_many() -> None:
    reaching = [Chance(SHUFFLES, count).is_beaten for count in range(SHUFFLES)]
    assert (reaching.index(False), SHUFFLES) == (5, 99)
    assert "five or more of 99 shuffles" in " ".join((command.help or "").split())


def test_shuffling_keeps_what_a_client_and_what_a_concept_is() -> None:
    weight = weigh(planted.plant_segments(IDS, 150, 4, 0))[:149]  # an odd number: one meets nobody
    holds, together = weight.astype(bool).astype(int), []
    for mixed in islice(shuffle_clients(weight, 20, 0), 20):
        assert (np.diff(mixed.indptr) == np.diff(weight.indptr)).all()
        assert (np.diff(mixed.tocsc().indptr) == np.diff(weight.tocsc().indptr)).all()
        assert mixed.nnz == weight.nnz  # nobody holds a concept twice
        assert np.allclose(mixed.sum(0), weight.sum(0))
        together.append((mixed.astype(bool).astype(int).multiply(holds)).sum() / weight.nnz)
    # Of what clients held they hold no more than any client would.
    share_C = np.asarray(holds.mean(0)).ravel()
    assert max(together) < (share_C**2).sum() / share_C.sum() + 0.1
