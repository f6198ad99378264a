"""Clients for the tests of segments: planted ones, and noise."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from benchmarks import planted
from lvmh_jax.records import Concept
from lvmh_jax.stages.aggregate import aggregate_clients, weigh_concepts

CONCEPTS = tuple(Concept(f"c{row:03}", f"C {row}", ()) for row in range(80))
IDS = [each.concept_id for each in CONCEPTS]


def weigh(case: planted.Planted) -> sparse.csr_matrix:
    return weigh_concepts(aggregate_clients(case.findings, case.clients, CONCEPTS))


def draw_noise(clients: int, seed: int, most: int = 4) -> sparse.csr_matrix:
    """Clients of whom each holds some of 40 concepts at random: `most`, or up to as many."""
    draw = np.random.default_rng(seed)
    weight_MC = np.zeros((clients, 40))
    for row_C in weight_MC:
        size = most if most < 5 else min(draw.geometric(0.3), most)
        row_C[draw.choice(40, size, replace=False)] = draw.uniform(0.5, 2, size)
    return sparse.csr_matrix(weight_MC)
