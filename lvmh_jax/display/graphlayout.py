"""Where the nodes of a graph are drawn: what is related comes to lie near, nothing overlaps.

Fruchterman and Reingold, Graph drawing by force-directed placement, 1991: all nodes repel each
other, edges pull, and the steps shrink.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
STEPS = 300
# Towards the middle: without it parts that hang together by nothing drift away. As strong as the
# push of all nodes together at distance 1, so that the whole keeps that size.
GRAVITY = 1.0
NEAR = 1e-3  # two nodes at one place are pushed as if they were this far apart
APART = 0.55  # of the space of a node: the least that is left between two
APART_STEPS = 100


def lay_out(nodes: int, edges_E2: NDArray[np.int64], weight_E: Reals, seed: int = 0) -> Reals:
    """Places nodes.

    Args:
      nodes: how many.
      edges_E2: int64 pairs of nodes.
      weight_E: float64 pull of each edge, 1 for a usual one.
      seed: of where they start; the same one gives the same picture.

    Returns: float64 place_N2 in [0, 1].
    """
    draw = np.random.default_rng(seed)
    place_N2 = draw.uniform(-1, 1, (nodes, 2))
    space = 1 / np.sqrt(max(nodes, 1))
    for step in range(STEPS):
        gap_NN2 = place_N2[:, None, :] - place_N2[None, :, :]
        distance_NN = np.maximum(np.linalg.norm(gap_NN2, axis=-1), NEAR)
        force_N2 = (gap_NN2 * (space**2 / distance_NN**2)[..., None]).sum(1)
        pull_E2 = _pull(place_N2, edges_E2, weight_E, space)
        np.add.at(force_N2, edges_E2[:, 0], -pull_E2)
        np.add.at(force_N2, edges_E2[:, 1], pull_E2)
        force_N2 -= GRAVITY * place_N2
        size_N1 = np.maximum(np.linalg.norm(force_N2, axis=1, keepdims=True), NEAR)
        most = 0.2 * (1 - step / STEPS)
        place_N2 += force_N2 / size_N1 * np.minimum(size_N1, most)
    return _fill(_part(_fill(place_N2), APART * space))


def _part(place_N2: Reals, least: float) -> Reals:
    """Moves nodes apart that lie on each other, and no others."""
    for _ in range(APART_STEPS):
        gap_NN2 = place_N2[:, None, :] - place_N2[None, :, :]
        distance_NN = np.maximum(np.linalg.norm(gap_NN2, axis=-1), NEAR)
        lacking_NN = np.maximum(least - distance_NN, 0)
        place_N2 = place_N2 + (gap_NN2 * (lacking_NN / distance_NN / 2)[..., None]).sum(1)
    return place_N2


def _fill(place_N2: Reals) -> Reals:
    """Stretches to the unit square."""
    if not len(place_N2):
        return place_N2
    low_2, high_2 = place_N2.min(0), place_N2.max(0)
    return np.asarray((place_N2 - low_2) / np.maximum(high_2 - low_2, NEAR))


def _pull(place_N2: Reals, edges_E2: NDArray[np.int64], weight_E: Reals, space: float) -> Reals:
    gap_E2 = place_N2[edges_E2[:, 0]] - place_N2[edges_E2[:, 1]]
    distance_E1 = np.linalg.norm(gap_E2, axis=1, keepdims=True)
    return np.asarray(gap_E2 * distance_E1 / space * weight_E[:, None])
