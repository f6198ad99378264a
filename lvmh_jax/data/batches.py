"""Plans an epoch as index arrays of static shape: aliases, phrases and contexts of each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class EpochPlan:
    """Rows that each step of an epoch draws; S steps, B rows of K aliases.

    Attributes:
      alias_SBK: int32 rows of aliases. A row is a run of one concept's aliases; a concept with
        fewer than K shares its row with the next.
      weight_SBK: float32, 1, or 0 where the last row is padding.
      unlabelled_SBU, context_SBM: int32 rows of unlabelled phrases and contexts.
    """

    alias_SBK: NDArray[np.int32]
    weight_SBK: NDArray[np.float32]
    unlabelled_SBU: NDArray[np.int32]
    context_SBM: NDArray[np.int32]


def count_steps(aliases: int, batch_size: int, aliases_per_row: int, most: int = 0) -> int:
    """Number of steps of an epoch: ceil(aliases / (B K)), or with `most` aliases if not 0."""
    shown = min(aliases, most) if most else aliases
    return -(-shown // (batch_size * aliases_per_row))


def plan_epochs(
    train_rows: Ints,
    concept_A: Ints,
    *,
    batch_size: int,
    aliases_per_row: int,
    unlabelled: int,
    contexts: int,
    drawn_per_alias: float,
    seed: int,
    most: int = 0,
) -> Callable[[int], EpochPlan]:
    """Builds a function that plans an epoch; it depends only on the seed and the epoch number.

    So a run can be resumed. The order of a pass over the aliases is cached, because one over
    millions takes seconds and serves hundreds of epochs.

    Args:
      train_rows: int64 rows of the aliases used in training.
      concept_A: int64 concept of each alias.
      batch_size: B, rows of a batch.
      aliases_per_row: K.
      unlabelled: number of unlabelled phrases to draw from.
      contexts: number of contexts to draw from.
      drawn_per_alias: number of each drawn per alias.
      seed: seed of the run.
      most: number of aliases per epoch, continued in the next epoch; 0 is all.

    Returns: a function of the epoch number, from 0.
    """
    whole = count_steps(len(train_rows), batch_size, aliases_per_row)
    steps = count_steps(len(train_rows), batch_size, aliases_per_row, most)
    draws = max(1, round(drawn_per_alias * aliases_per_row))

    @lru_cache(maxsize=2)
    def plan_pass(number: int) -> tuple[NDArray[np.generic], ...]:
        rng = np.random.default_rng([seed, 1, number])
        shape = (whole, batch_size, aliases_per_row)
        return (
            *_order_aliases(rng, train_rows, concept_A, shape),
            _draw(rng, unlabelled, (whole, batch_size, draws)),
            _draw(rng, contexts, (whole, batch_size, draws)),
        )

    def plan(epoch: int) -> EpochPlan:
        # Steps count over the whole run; an epoch may begin in one pass and end in the next.
        begin, end = epoch * steps, (epoch + 1) * steps
        first, last = (step // max(whole, 1) for step in (begin, max(end - 1, begin)))
        passes = [plan_pass(number) for number in range(first, last + 1)]
        kept = slice(begin - first * whole, end - first * whole)
        return EpochPlan(*(np.concatenate(parts)[kept] for parts in zip(*passes, strict=True)))

    return plan


def _order_aliases(
    rng: np.random.Generator, train_rows: Ints, concept_A: Ints, shape: tuple[int, int, int]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """All aliases once, as rows in random order, and their weights."""
    steps, batch_size, aliases_per_row = shape
    concept = concept_A[train_rows]
    place_C = rng.permutation(int(concept_A.max(initial=0)) + 1)
    stream = train_rows[np.lexsort((rng.random(len(concept)), place_C[concept]))]
    size = steps * batch_size * aliases_per_row
    weight = (np.arange(size) < len(stream)).astype(np.float32)
    rows = np.resize(stream, size)
    order = rng.permutation(steps * batch_size)
    return (
        rows.reshape(-1, aliases_per_row)[order].reshape(shape).astype(np.int32),
        weight.reshape(-1, aliases_per_row)[order].reshape(shape),
    )


def _draw(rng: np.random.Generator, count: int, shape: tuple[int, int, int]) -> NDArray[np.int32]:
    return rng.integers(0, max(count, 1), shape).astype(np.int32)
