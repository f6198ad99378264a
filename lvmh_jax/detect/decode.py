"""Scored candidates to mentions, greedily: the most confident one first, then what may remain.

Greedy decoding equals dynamic programming here (FINDINGS C). Concepts that share an alias compete
for its span like all others; without a scorer to tell them apart, the dictionary names them all.
A candidate that overlaps a surer mention is dropped, unless they share only a few words ("gift for
my daughter, a doctor"): such a second mention has a threshold of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.sorting import find_heads, find_tops, order_of_floats, sort_by
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.neighbours import list_overlaps

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
OFF = 2.0  # a threshold that no confidence reaches
SUREST = order_of_floats(np.ones(1, np.float32))[0]
# Highest share of their characters that two mentions may have in common. At a half, the second one
# is more often another reading of the same words (docs/log.md).
MOST_SHARED = 1 / 3
MOST_LEFT = 0.8  # share of the pairs that a worthwhile round leaves, at most
# Lowest probability, by the scorer, of a span that repeats a concept of its note. A repetition says
# nothing new of the note, and below this four in five are wrong in hotel reviews.
REPEATED = 0.35


def select_mentions(
    candidates: Candidates,
    confidence_N: Floats,
    eligible_N: NDArray[np.bool_],
    overlapping: float = OFF,
) -> Ints:
    """Selects the mentions: the surest of the candidates that overlap.

    Only eligible candidates compete: one that its threshold rejects displaces nothing.

    Args:
      candidates: of some notes.
      confidence_N: float32, of each.
      eligible_N: bool, whether a candidate may be a mention at all.
      overlapping: lowest confidence of a mention that overlaps a surer one of another concept, with
        which it has at most `MOST_SHARED` of the characters in common.

    Returns: int64 rows of the candidates, in reading order.
    """
    c = candidates
    rows = _drop_hopeless(c, np.flatnonzero(eligible_N), confidence_N, overlapping)
    length = c.end_N[rows] - c.start_N[rows]
    unsure = np.maximum(SUREST - order_of_floats(confidence_N[rows]), 0)
    order = rows[sort_by(unsure, length.max(initial=0) - length)]
    surer, other = _list_rivals(c, order, confidence_N[order], overlapping)
    picked = order[_take_surest(surer, other, len(order))]
    return picked[sort_by(c.note_N[picked], c.start_N[picked], c.end_N[picked])]


def _list_rivals(c: Candidates, order: Ints, sure: Floats, overlapping: float) -> tuple[Ints, Ints]:
    """Pairs of places in an order, the surer first, that cannot both be mentions."""
    # Notes one after another on one axis, so that only what is in one note overlaps.
    shift = c.note_N[order] * (c.end_N[order].max(initial=0) + 1)
    start, end, concept = c.start_N[order] + shift, c.end_N[order] + shift, c.concept_N[order]
    left, right = list_overlaps(start, end - 1)
    surer, other = np.minimum(left, right), np.maximum(left, right)
    shared = np.minimum(end[left], end[right]) - start[right]
    whole = np.maximum(end[left], end[right]) - start[left]
    # The second of two mentions is something else, in other words.
    rivals = (shared > MOST_SHARED * whole) | (concept[left] == concept[right])
    rivals |= sure[other] < overlapping
    return surer[rivals], other[rivals]


def _take_surest(surer: Ints, other: Ints, places: int) -> NDArray[np.bool_]:
    """Takes places in turn, each unless one before it that is taken is its rival; bool [places].

    In rounds over all of them: what has no open rival before it is taken, and its rivals go. A word
    said a thousand times is one chain of rivals, of which a round resolves one: then one by one.
    """
    taken, is_open = np.zeros(places, bool), np.ones(places, bool)
    most = len(surer)
    while len(surer):
        if len(surer) > most:
            _close_in_turn(is_open, surer, other)
            break
        most = int(MOST_LEFT * len(surer))
        new = is_open.copy()
        new[other] = False
        taken |= new
        is_open &= ~new
        is_open[other[new[surer]]] = False
        left = is_open[surer] & is_open[other]
        surer, other = surer[left], other[left]
    return taken | is_open


def _close_in_turn(is_open: NDArray[np.bool_], surer: Ints, other: Ints) -> None:
    """Closes the rivals of each place that is open when its turn comes."""
    order = np.argsort(surer, kind="stable")
    heads = find_heads(surer[order])
    rivals = np.split(other[order], heads[1:])
    for place, beaten in zip(surer[order[heads]].tolist(), rivals, strict=True):
        if is_open[place]:
            is_open[beaten] = False


def _drop_hopeless(c: Candidates, rows: Ints, confidence_N: Floats, overlapping: float) -> Ints:
    """Leaves out what cannot be chosen: where it stands, a surer one has the same characters.

    That one is chosen, or what keeps it out keeps this out as well; unless this may overlap.
    """
    if not len(rows):
        return rows
    sure = confidence_N[rows]
    hopeful = sure >= overlapping
    heads = find_heads(c.note_N[rows], c.start_N[rows], c.end_N[rows])
    hopeful[find_tops(sure, heads)] = True
    return rows[hopeful]


def select_likely(
    candidates: Candidates,
    confidence_N: Floats,
    eligible_N: NDArray[np.bool_],
    logits_N2: Floats,
    overlapping: float = OFF,
) -> Ints:
    """As `select_mentions`, without repetitions of a concept that are unlikely in their place.

    Repetitions that are dropped displace nothing: their notes are selected from again without them.

    Args:
      candidates: of some notes, in reading order.
      confidence_N: float32, of each.
      eligible_N: bool, whether a candidate may be a mention at all.
      logits_N2: float32, of the scorer.
      overlapping: as for `select_mentions`.
    """
    eligible_N = eligible_N.copy()
    rows = select_mentions(candidates, confidence_N, eligible_N, overlapping)
    while len(kept := drop_repeats(candidates, rows, confidence_N, logits_N2)) < len(rows):
        dropped = np.setdiff1d(rows, kept, assume_unique=True)
        eligible_N[dropped] = False
        anew_N = np.isin(candidates.note_N, candidates.note_N[dropped])
        others = kept[~anew_N[kept]]
        again = select_mentions(candidates, confidence_N, eligible_N & anew_N, overlapping)
        rows = np.sort(np.concatenate([others, again]))
    return rows


def drop_repeats(c: Candidates, rows: Ints, confidence_N: Floats, logits_N2: Floats) -> Ints:
    """Drops mentions that repeat a surer one of the same note and are unlikely by themselves.

    Confidence is that of the note, so it cannot tell: it is as high for every span of a concept.

    Args:
      c: candidates.
      rows: of the mentions among them.
      confidence_N: float32, of all candidates.
      logits_N2: float32, of the scorer: "is a mention" and "is negated".

    Returns: the rows that stay, in their order; dictionary matches always stay.
    """
    denied = logits_N2[rows, 1] > 0
    order = np.lexsort((-confidence_N[rows], denied, c.concept_N[rows], c.note_N[rows]))
    heads = find_heads(c.note_N[rows][order], c.concept_N[rows][order], denied[order])
    kept = (c.exact_N[rows] > 0) | (logits_N2[rows, 0] >= np.log(REPEATED / (1 - REPEATED)))
    kept[order[heads]] = True
    left: Ints = rows[kept]
    return left


def pass_thresholds(
    confidence_N: Floats, exact_N: NDArray[Any], keep_exact: float, add_learned: float
) -> NDArray[np.bool_]:
    """Which candidates are confident enough for their kind; bool [N]."""
    return np.where(exact_N > 0, confidence_N >= keep_exact, confidence_N >= add_learned)
