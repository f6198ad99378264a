"""Candidates that the one word contradicts that tells their concept from another.

"Call back in April" shares all but one word with "call back in March", and to an encoder that word
is one of many. In a closed class it decides: where a concept names months, and the words in and
around a span name another month and none of its own, the span is no candidate of it. What the
dictionary matches is never asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.contrasting import (
    CLASS_BITS,
    LONGEST,
    MOST_NAMED,
    Members,
    mark_members,
    mark_phrases,
)
from lvmh_jax.data.sorting import find_heads
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]

NAMING = 0.5  # a concept is of a class of which more than this share of its aliases name a member
AROUND = 3  # tokens beside a span that belong to what it says: "[Cadeau pour sa] fille"
AROUND_UNSPACED = 5  # characters of scripts without spaces


class Contrasts(NamedTuple):
    """What each concept of a lexicon names of closed classes; uint64 bits, [C].

    Attributes:
      own_C: members that its aliases name.
      classes_C: all members of the classes that it is of.
    """

    own_C: Members
    classes_C: Members

    def contradict(self, said_N: Members, concept_N: Ints) -> NDArray[np.bool_]:
        """Whether words name another member of a class that a concept is of, and none of its own.

        Args:
          said_N: members that they name.
          concept_N: row of a concept for each.
        """
        own_N, classes_N = self.own_C[concept_N], self.classes_C[concept_N]
        wrong_N = np.zeros(len(said_N), bool)
        for members in CLASS_BITS:
            of_class_N = said_N & classes_N & members
            wrong_N |= (of_class_N > 0) & ((of_class_N & own_N) == 0)
        return wrong_N

    def leaves_out(self, said: int, concept: int) -> bool:
        """Whether words name no own member of one of the classes that a concept is of."""
        own, classes = int(self.own_C[concept]), int(self.classes_C[concept])
        return any(classes & each and not said & own & each for each in CLASS_BITS.tolist())


def read_contrasts(phrases: Sequence[Sequence[str]], concept_A: Ints, concepts: int) -> Contrasts:
    """What the aliases of each concept name.

    Args:
      phrases: folded forms of each alias.
      concept_A: its concept.
      concepts: how many there are.
    """
    named_A = mark_phrases(phrases)
    own_C, classes_C = np.zeros(concepts, np.uint64), np.zeros(concepts, np.uint64)
    np.bitwise_or.at(own_C, concept_A, named_A)
    aliases_C = np.bincount(concept_A, minlength=concepts)
    for members, most in zip(CLASS_BITS, MOST_NAMED, strict=True):
        naming_C = np.bincount(concept_A, (named_A & members) > 0, concepts)
        is_told_C = np.bitwise_count(own_C & members) <= most
        classes_C[is_told_C & (naming_C > NAMING * aliases_C)] |= members
    return Contrasts(own_C, classes_C)


def drop_contradicted(
    stream: NoteStream, candidates: Candidates, contrasts: Contrasts
) -> Candidates:
    """Leaves out learned candidates beside which another member of a class stands, and no own one.

    Args:
      stream: the notes.
      candidates: of these notes.
      contrasts: of the lexicon.
    """
    c = candidates
    asked = np.flatnonzero((contrasts.classes_C[c.concept_N] > 0) & (c.exact_N == 0))
    if not len(asked):
        return c
    begin, end = reach_around(stream, c.first_N[asked], c.last_N[asked])
    said = _read_around(stream, begin, end)
    wrong = contrasts.contradict(said, c.concept_N[asked])
    if not wrong.any():
        return c
    kept_N = np.ones(len(c), bool)
    kept_N[asked[wrong]] = False
    return c.take(np.flatnonzero(kept_N))


def reach_around(stream: NoteStream, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Begin and end of what stands around spans, in their clauses."""
    stretch_T = np.cumsum((np.diff(stream.sentence_T, prepend=-1) != 0) | stream.comma_T)
    head_G = find_heads(stretch_T)
    begin_T = np.repeat(head_G, np.diff(head_G, append=len(stretch_T)))
    end_T = np.repeat(np.append(head_G[1:], len(stretch_T)), np.diff(head_G, append=len(stretch_T)))
    reach_T = np.where(stream.unspaced_T, AROUND_UNSPACED, AROUND)
    before = np.maximum(first - reach_T[np.maximum(first - 1, 0)], begin_T[first])
    behind = last + 1 + reach_T[np.minimum(last + 1, len(reach_T) - 1)]
    return before, np.minimum(behind, end_T[last])


def list_near(begin: Ints, end: Ints, tokens: int) -> Ints:
    """The tokens that stand in some stretches, in order; what of these is outside is left out."""
    change_T = np.zeros(tokens + 1, np.int64)
    np.add.at(change_T, np.maximum(begin, 0), 1)
    np.add.at(change_T, np.minimum(end, tokens), -1)
    return np.flatnonzero(np.cumsum(change_T[:-1]))


def _read_around(stream: NoteStream, begin: Ints, end: Ints) -> Members:
    """The members that are named in some stretches; the rest of the notes is not read."""
    # A phrase may begin before a stretch, or end behind it.
    near = list_near(begin - LONGEST, end + LONGEST, len(stream.row_T))
    parted = (np.diff(near, prepend=-2) > 1) | (np.diff(stream.sentence_T[near], prepend=-1) != 0)
    member = mark_members(stream.table.forms, stream.row_T[near], np.cumsum(parted))
    is_marked = member > 0
    marked, member = near[is_marked], member[is_marked]
    low, high = np.searchsorted(marked, begin), np.searchsorted(marked, end)
    said = np.zeros(len(begin), np.uint64)
    for step in range(int((high - low).max(initial=0))):
        more = np.flatnonzero(low + step < high)
        said[more] |= member[low[more] + step]
    return said
