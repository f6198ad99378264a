"""Drops candidates that are contradicted by the one word that distinguishes their concept.

"Call back in April" shares all but one word with "call back in March", and to an encoder that word
is one among many. In a closed class, that word decides: if a concept names months, and the words in
and around a span name another month and none of the concept's own, the span is no candidate for it.
Matches of the dictionary are never dropped.
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

NAMING = 0.5  # a concept belongs to a class if more than this share of its aliases name a member
AROUND = 3  # tokens on each side that are read with a span: "[Cadeau pour sa] fille"
AROUND_UNSPACED = 5  # the same in characters of scripts without spaces


class Contrasts(NamedTuple):
    """The members of closed classes that each concept of a lexicon names; uint64 bits.

    Attributes:
      own_C: members that the concept's aliases name.
      classes_C: all members of the classes that the concept belongs to.
    """

    own_C: Members
    classes_C: Members

    def contradict(self, said_N: Members, concept_N: Ints) -> NDArray[np.bool_]:
        """Whether words name a foreign member, and no own one, of a class their concept belongs to.

        Args:
          said_N: uint64 members that the words of each candidate name.
          concept_N: int64 row of each candidate's concept.

        Returns: bool wrong_N.
        """
        own_N, classes_N = self.own_C[concept_N], self.classes_C[concept_N]
        wrong_N = np.zeros(len(said_N), bool)
        for members in CLASS_BITS:
            of_class_N = said_N & classes_N & members
            wrong_N |= (of_class_N > 0) & ((of_class_N & own_N) == 0)
        return wrong_N

    def leaves_out(self, said: int, concept: int) -> bool:
        """Whether a text lacks the concept's own members in one of the concept's classes."""
        own, classes = int(self.own_C[concept]), int(self.classes_C[concept])
        return any(classes & each and not said & own & each for each in CLASS_BITS.tolist())


def read_contrasts(phrases: Sequence[Sequence[str]], concept_A: Ints, concepts: int) -> Contrasts:
    """The contrasts of a lexicon, from its aliases.

    Args:
      phrases: folded forms of each alias.
      concept_A: int64 row of each alias's concept.
      concepts: number of concepts.
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
    """Drops the learned candidates that the words in or around them contradict.

    Args:
      stream: the notes.
      candidates: candidates in these notes.
      contrasts: contrasts of the lexicon.
    """
    c = candidates
    asked = np.flatnonzero((contrasts.classes_C[c.concept_N] > 0) & (c.exact_N == 0))
    if not len(asked):
        return c
    begin, end = reach_around(stream, c.first_N[asked], c.last_N[asked])
    said = _read_around(stream, begin, end)
    wrong = contrasts.contradict(said, c.concept_N[asked])
    return c.drop(asked[wrong])


def reach_around(stream: NoteStream, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The stretch of tokens around each span within its clause: half-open int64 begin and end.

    Args:
      stream: the notes.
      first: int64 first token of each span.
      last: int64 last token of each span, inclusive.
    """
    stretch_T = np.cumsum((np.diff(stream.sentence_T, prepend=-1) != 0) | stream.comma_T)
    head_G = find_heads(stretch_T)
    begin_T = np.repeat(head_G, np.diff(head_G, append=len(stretch_T)))
    end_T = np.repeat(np.append(head_G[1:], len(stretch_T)), np.diff(head_G, append=len(stretch_T)))
    reach_T = np.where(stream.unspaced_T, AROUND_UNSPACED, AROUND)
    before = np.maximum(first - reach_T[np.maximum(first - 1, 0)], begin_T[first])
    behind = last + 1 + reach_T[np.minimum(last + 1, len(reach_T) - 1)]
    return before, np.minimum(behind, end_T[last])


def list_near(begin: Ints, end: Ints, tokens: int) -> Ints:
    """The tokens within any of some stretches, ascending and clipped to [0, tokens); int64."""
    change_T = np.zeros(tokens + 1, np.int64)
    np.add.at(change_T, np.maximum(begin, 0), 1)
    np.add.at(change_T, np.minimum(end, tokens), -1)
    return np.flatnonzero(np.cumsum(change_T[:-1]))


def _read_around(stream: NoteStream, begin: Ints, end: Ints) -> Members:
    """The members named in each stretch; only tokens near the stretches are read."""
    # A phrase may begin before a stretch or end after it.
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
