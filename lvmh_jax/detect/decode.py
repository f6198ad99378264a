"""Greedy decoding: selects mentions from scored candidates, the most confident one first.

Greedy decoding gives the same result as dynamic programming here (FINDINGS C). Concepts that share
an alias compete for its span like all others; without a scorer the dictionary reports all of them.
A candidate that overlaps a more confident mention is dropped, unless the two share only a few words
("gift for my daughter, a doctor"). Such a second mention has its own threshold.
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
# Highest share of characters that two overlapping mentions may have in common. At one half, the
# second one is more often another reading of the same words (docs/log.md).
MOST_SHARED = 1 / 3
MOST_LEFT = 0.8  # a parallel round must resolve a fifth of the pairs, or decoding turns sequential
# Lowest scorer probability of a span that repeats a concept of its note. A repeat adds nothing to
# what is known of the note, and below this four in five are wrong in hotel reviews.
REPEATED = 0.35


def select_mentions(
    candidates: Candidates,
    confidence_N: Floats,
    eligible_N: NDArray[np.bool_],
    overlapping: float = OFF,
) -> Ints:
    """Selects mentions: of candidates that overlap, the most confident one.

    Only eligible candidates compete: one that its threshold rejects displaces nothing.

    Args:
      candidates: candidates of some notes.
      confidence_N: float32 confidence of each candidate.
      eligible_N: bool, whether a candidate may become a mention.
      overlapping: lowest confidence of a mention that overlaps a more confident one of another
        concept; they may share at most `MOST_SHARED` of their characters.

    Returns: int64 rows of the selected candidates, in reading order.
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
    """Pairs of positions in `order` that cannot both be mentions, the more confident one first."""
    # Notes are laid one after another on one axis, so that only spans of one note overlap.
    shift = c.note_N[order] * (c.end_N[order].max(initial=0) + 1)
    start, end, concept = c.start_N[order] + shift, c.end_N[order] + shift, c.concept_N[order]
    left, right = list_overlaps(start, end - 1)
    surer, other = np.minimum(left, right), np.maximum(left, right)
    shared = np.minimum(end[left], end[right]) - start[right]
    whole = np.maximum(end[left], end[right]) - start[left]
    # A second mention must be another concept, expressed mostly by other words.
    rivals = (shared > MOST_SHARED * whole) | (concept[left] == concept[right])
    rivals |= sure[other] < overlapping
    return surer[rivals], other[rivals]


def _take_surest(surer: Ints, other: Ints, places: int) -> NDArray[np.bool_]:
    """Greedy selection: takes a position unless an earlier taken one is its rival; bool [places].

    Runs in parallel rounds: every open position without an open earlier rival is taken, and its
    rivals are closed. A word repeated a thousand times is one chain of rivals, of which a round
    resolves one link; the rest is then processed sequentially.
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
    """Visits positions in order and closes the rivals of each one that is still open."""
    order = np.argsort(surer, kind="stable")
    heads = find_heads(surer[order])
    rivals = np.split(other[order], heads[1:])
    for place, beaten in zip(surer[order[heads]].tolist(), rivals, strict=True):
        if is_open[place]:
            is_open[beaten] = False


def _drop_hopeless(c: Candidates, rows: Ints, confidence_N: Floats, overlapping: float) -> Ints:
    """Drops rows that cannot be selected: a more confident candidate has the same span.

    Either that one is selected, or whatever displaces it displaces this one too. The exception is
    a candidate confident enough to overlap.
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
    """Like `select_mentions`, but drops unlikely repeats of a concept within a note.

    Dropped repeats displace nothing: their notes are decoded again without them.

    Args:
      candidates: candidates of some notes, in reading order.
      confidence_N: float32 confidence of each candidate.
      eligible_N: bool, whether a candidate may become a mention.
      logits_N2: float32 logits of the scorer.
      overlapping: see `select_mentions`.

    Returns: int64 rows of the selected candidates, in reading order.
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
    """Drops mentions that repeat a more confident one of the same note and are unlikely themselves.

    Confidence refers to the note and is equally high for every span of a concept, so the span's own
    scorer probability decides.

    Args:
      c: candidates.
      rows: int64 rows of the mentions among them.
      confidence_N: float32 confidence of all candidates.
      logits_N2: float32 logits of the scorer: "is a mention" and "is negated".

    Returns: the kept rows in their order; dictionary matches are always kept.
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
    """Whether each candidate reaches the threshold of its kind (exact or learned); bool [N]."""
    return np.where(exact_N > 0, confidence_N >= keep_exact, confidence_N >= add_learned)
