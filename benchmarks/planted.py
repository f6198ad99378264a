"""Synthetic clients with known structure: segments and pairs that the stages should recover.

Each client's concepts are drawn at random, so the truth is known exactly. The figures say what the
stages recover, not what real clients are like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.records import AFFIRMED, NEGATED
from lvmh_jax.stages.aggregate import Finding

OWN = 8  # concepts that a segment prefers
OFTEN, SELDOM = 0.5, 0.05  # chance that a client holds a preferred concept, and any other
DENIED = 0.05  # chance of a negated mention, which must change nothing
NOTES = 3  # of a client
TOGETHER = 0.5  # chance that the second concept of a pair comes with the first


@dataclass(frozen=True)
class Planted:
    """Clients, what was found in their notes, and the truth.

    Attributes:
      clients: ids.
      findings: as `note_concepts.csv` has them.
      segment_M: int64 true segment of each client.
      guessed_M: int64 the likeliest segment of each client for who knows every chance: nobody can
        do better from what the clients hold.
      pairs: concept ids that go together beyond chance, each pair in the lexicon's order.
    """

    clients: tuple[str, ...]
    findings: tuple[Finding, ...]
    segment_M: NDArray[np.int64]
    guessed_M: NDArray[np.int64]
    pairs: tuple[tuple[str, str], ...] = ()


def plant_segments(concepts: Sequence[str], clients: int, segments: int, seed: int) -> Planted:
    """Draws clients of segments that prefer different concepts.

    Args:
      concepts: ids to draw from, at least OWN per segment.
      clients: number of clients.
      segments: number of segments, of different sizes.
      seed: random seed.
    """
    draw = np.random.default_rng(seed)
    share_G = np.arange(1, segments + 1) + segments
    segment_M = draw.choice(segments, clients, p=share_G / share_G.sum())
    own_GO = draw.permutation(len(concepts))[: segments * OWN].reshape(segments, OWN)
    chance_GC = np.full((segments, len(concepts)), SELDOM)
    np.put_along_axis(chance_GC, own_GO, OFTEN, 1)
    holds_MC = draw.random((clients, len(concepts))) < chance_GC[segment_M]
    odds_GM = np.log(share_G)[:, None] + np.log(chance_GC) @ holds_MC.T
    odds_GM += np.log(1 - chance_GC) @ ~holds_MC.T
    return Planted(*_write_down(holds_MC, concepts, draw), segment_M, odds_GM.argmax(0))


def plant_pairs(
    concepts: Sequence[str], clients: int, pairs: int, seed: int, *, uneven: bool = False
) -> Planted:
    """Draws clients with independent concepts, except for some pairs.

    Args:
      concepts: ids to draw from.
      clients: number of clients.
      pairs: number of disjoint pairs; TOGETHER of the clients with the first also have the second.
      seed: random seed.
      uneven: whether the number of concepts varies, geometrically distributed over clients.
    """
    draw = np.random.default_rng(seed)
    chance_C = draw.uniform(0.03, 0.15, len(concepts))
    chance_MC = np.broadcast_to(chance_C, (clients, len(concepts)))
    if uneven:
        chance_MC = 1 - (1 - chance_C / 2) ** draw.geometric(0.5, clients)[:, None]
    holds_MC = draw.random((clients, len(concepts))) < chance_MC
    chosen_E2 = draw.permutation(len(concepts))[: 2 * pairs].reshape(pairs, 2)
    for first, second in chosen_E2:
        holds_MC[:, second] |= holds_MC[:, first] & (draw.random(clients) < TOGETHER)
    named = tuple((concepts[min(pair)], concepts[max(pair)]) for pair in chosen_E2.tolist())
    nobody = np.zeros(clients, np.int64)
    return Planted(*_write_down(holds_MC, concepts, draw), nobody, nobody, named)


def _write_down(
    holds_MC: NDArray[np.bool_], concepts: Sequence[str], draw: np.random.Generator
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Findings for the drawn concepts, with negated findings among the others."""
    clients = tuple(f"C{row:05}" for row in range(len(holds_MC)))
    denied_MC = ~holds_MC & (draw.random(holds_MC.shape) < DENIED)
    findings = [
        Finding(
            f"{clients[row]}_{draw.integers(NOTES)}",
            clients[row],
            concepts[column],
            float(draw.uniform(0.5, 1)),
            AFFIRMED if holds_MC[row, column] else NEGATED,
        )
        for row, column in np.argwhere(holds_MC | denied_MC).tolist()
    ]
    return clients, tuple(findings)
