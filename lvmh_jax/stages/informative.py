"""Which notes to annotate next: those the detector is least certain about, of all kinds.

A mention is worth the entropy of its confidence. A note is worth the sum over its concepts, because
annotation costs by the note. A concept or language counts less the more often it was already picked
(as in maximal coverage, where greedy choice is within 1 - 1/e of the best set: Nemhauser, Wolsey
and Fisher, 1978): a concept by 1 / (1 + times), a language by the root of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heapreplace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.records import Mention, Note

UNCERTAINTY, RANDOM = "uncertainty", "random"
POOL = 2000  # notes of the highest worth, from which varied ones are chosen


def measure_doubt(confidence_M: NDArray[np.floating]) -> NDArray[np.float64]:
    """Entropy of being right, in bits: 1 at confidence 0.5, 0 at 0 and 1; float64 [M].

    >>> measure_doubt(np.array([0.5, 1.0, 0.0])).tolist()
    [1.0, 0.0, 0.0]
    """
    sure_M = np.asarray(confidence_M, np.float64)
    unsure_M = 1 - sure_M
    with np.errstate(divide="ignore", invalid="ignore"):
        bits_M = -(sure_M * np.log2(sure_M) + unsure_M * np.log2(unsure_M))
    return np.nan_to_num(bits_M) + 0.0


def pick_notes(
    notes: Sequence[Note],
    mentions: Mapping[str, Sequence[Mention]],
    count: int,
    strategy: str,
    seed: int,
) -> list[tuple[Note, float]]:
    """Chooses notes to annotate, the most informative first, each with its worth in bits.

    Args:
      notes: notes that are not annotated.
      mentions: note id to all its mentions, including unlikely ones.
      count: how many notes to choose; all if there are fewer.
      strategy: `uncertainty` or `random`.
      seed: seed of the random choice.
    """
    doubts = [_weigh_concepts(mentions.get(note.note_id, ())) for note in notes]
    if strategy == RANDOM:
        order = np.random.default_rng(seed).permutation(len(notes))[:count].tolist()
        return [(notes[row], sum(doubts[row].values())) for row in order]
    total_B = np.array([sum(doubt.values()) for doubt in doubts])
    pool = np.argsort(-total_B, kind="stable")[: max(POOL, count)].tolist()
    chosen = _choose([doubts[row] for row in pool], [notes[row].language for row in pool], count)
    return [(notes[pool[place]], float(total_B[pool[place]])) for place in chosen]


def _choose(
    doubts: Sequence[Mapping[str, float]], languages: Sequence[str], count: int
) -> list[int]:
    """Places of the notes of the highest gain, one after the other; of equal ones the first.

    Gains only fall, so an earlier gain bounds the present one, and only the note at the top of the
    heap has to be weighed again (lazy greedy: Minoux, 1978).
    """
    held: Counter[str] = Counter()
    spoken: Counter[str] = Counter()
    chosen: list[int] = []

    def weigh(place: int) -> tuple[float, int, int]:
        # The last says of when the gain is.
        return -_gain(doubts[place], languages[place], held, spoken), place, len(chosen)

    heap = [weigh(place) for place in range(len(doubts))]
    heapify(heap)
    while heap and len(chosen) < count:
        _, place, made = heap[0]
        if made < len(chosen):
            heapreplace(heap, weigh(place))
            continue
        heappop(heap)
        chosen.append(place)
        held.update(doubts[place].keys())
        spoken[languages[place]] += 1
    return chosen


def _weigh_concepts(mentions: Sequence[Mention]) -> dict[str, float]:
    """The doubt about each concept of a note: the highest of its mentions."""
    doubt_M = measure_doubt(np.array([mention.confidence for mention in mentions]))
    worth: dict[str, float] = {}
    for mention, doubt in zip(mentions, doubt_M.tolist(), strict=True):
        worth[mention.concept_id] = max(worth.get(mention.concept_id, 0.0), doubt)
    return worth


def _gain(
    doubt: Mapping[str, float], language: str, held: Mapping[str, int], spoken: Mapping[str, int]
) -> float:
    worth = sum(bits / (1 + held.get(concept, 0)) for concept, bits in doubt.items())
    # The root: a language is a weaker reason than a concept.
    return float(worth / np.sqrt(1 + spoken.get(language, 0)))
