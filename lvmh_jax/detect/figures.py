"""Drops candidates that name another number than their concept: "type 2" is not "type 1".

Like `detect.contrast`, but for an open class: numbers are compared by name with those of the
concept's aliases. A number within a span always counts. A number beside it may be a price or an
age, so it counts only where an alias has one in the same way: before the same unit or word
("[cadran] 40 mm" for "38 mm"), or after the same announcing word or letters ("[diabetes] type 2",
"[vitamin] B6").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.functionwords import function_words
from lvmh_jax.data.numerals import (
    ANNOUNCING,
    join_numbers,
    may_say_number,
    read_letters,
    read_number,
)
from lvmh_jax.data.sorting import find_sorted, list_ranges
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.contrast import NAMING, list_near, reach_around
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.records import LANGUAGES

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FUNCTION_WORDS = frozenset().union(*map(function_words, LANGUAGES))  # never a unit: "12 di loro"
BUCKETS = 2  # smallest possible size of the n-gram table, which is not used here
MOST_NUMBERS = 4  # per concept; one with more numbers means any number, such as a size or an age
PARTS = 2  # parts of a number that may lie outside the span's clause: "12.05.[2026]"
_MIXERS = np.array([0x9E3779B97F4A7C15, 0x5851F42D4C957F2D], np.uint64)


class Said(NamedTuple):
    """The numbers in notes.

    Attributes:
      token_F: int64 token of each number, ascending.
      number_F: int64 id of each number, from 1 on.
    """

    token_F: Ints
    number_F: Ints


class Figures(NamedTuple):
    """The numbers that the concepts of a lexicon name.

    Attributes:
      is_told_C: bool, whether a concept is distinguished by its numbers.
      own: sorted int64 keys of (concept, number of one of its aliases).
      places: sorted int64 keys of (concept, unit or announcing word beside one of its numbers).
    """

    is_told_C: Bools
    own: Ints
    places: Ints

    def contradict(self, stream: NoteStream, first_N: Ints, last_N: Ints, concept_N: Ints) -> Bools:
        """Whether spans name another number than their concepts, and none of their own is near.

        Args:
          stream: the notes.
          first_N: int64 first token of each span.
          last_N: int64 last token of each span, inclusive.
          concept_N: int64 row of each span's concept, one that `is_told_C`.

        Returns: bool wrong_N.
        """
        begin, end = reach_around(stream, first_N, last_N)
        near = list_near(begin - PARTS, end + PARTS, len(stream.row_T))
        said = find_numbers(stream, near)
        low, high = np.searchsorted(said.token_F, begin), np.searchsorted(said.token_F, end)
        span_P = np.repeat(np.arange(len(low)), high - low)
        figure_P = list_ranges(low, high - low)
        token_P, concept_P = said.token_F[figure_P], concept_N[span_P]
        _, is_own_P = find_sorted(self.own, _key(concept_P, said.number_F[figure_P]))
        counts_P = (first_N[span_P] <= token_P) & (token_P <= last_N[span_P])
        beside = np.flatnonzero(~counts_P & ~is_own_P)
        for place_B in _name_places(stream, token_P[beside]):
            _, is_placed_B = find_sorted(self.places, _key(concept_P[beside], place_B))
            counts_P[beside[is_placed_B & (place_B != 0)]] = True
        wrong_N = np.bincount(span_P[counts_P & ~is_own_P], minlength=len(low)) > 0
        wrong_N[span_P[is_own_P]] = False
        return wrong_N

    def contradicts(self, text: str, concept: int) -> bool:
        """Whether a non-empty text names another number than a concept, and none of its own."""
        if not self.is_told_C[concept]:
            return False
        stream = make_stream([text], BUCKETS)
        whole = np.zeros(1, np.int64), np.array([len(stream.row_T) - 1])
        return bool(self.contradict(stream, *whole, np.array([concept]))[0])


def read_figures(texts: Sequence[str], concept_A: Ints, concepts: int) -> Figures:
    """The figures of a lexicon, from its aliases.

    Args:
      texts: the aliases.
      concept_A: int64 row of each alias's concept.
      concepts: number of concepts.
    """
    asked = [row for row, text in enumerate(texts) if may_say_number(text)]
    stream = make_stream([texts[row] for row in asked], BUCKETS)
    said = find_numbers(stream, np.arange(len(stream.row_T)))
    alias_F = np.array(asked, np.int64)[stream.note_T[said.token_F]]
    concept_F = concept_A[alias_F]
    naming_C = np.bincount(concept_A[np.unique(alias_F)], minlength=concepts)
    own, first = np.unique(_key(concept_F, said.number_F), return_index=True)
    numbers_C = np.bincount(concept_F[first], minlength=concepts)
    is_told_C = naming_C > NAMING * np.bincount(concept_A, minlength=concepts)
    is_told_C &= numbers_C <= MOST_NUMBERS
    places = [
        _key(concept_F, place_F)[place_F != 0] for place_F in _name_places(stream, said.token_F)
    ]
    return Figures(is_told_C, own, np.unique(np.concatenate(places)))


def drop_other_numbers(stream: NoteStream, candidates: Candidates, figures: Figures) -> Candidates:
    """Drops the learned candidates that name another number than their concept.

    Args:
      stream: the notes.
      candidates: candidates in these notes.
      figures: figures of the lexicon.
    """
    c = candidates
    asked = np.flatnonzero(figures.is_told_C[c.concept_N] & (c.exact_N == 0))
    if not len(asked):
        return c
    spans = c.first_N[asked], c.last_N[asked]
    wrong = figures.contradict(stream, *spans, c.concept_N[asked])
    return c.drop(asked[wrong])


def find_numbers(stream: NoteStream, near: Ints) -> Said:
    """The numbers in some tokens of notes, given by `near`, int64 and ascending."""
    forms, rows = stream.table.forms, stream.row_T[near]
    is_near_V = np.zeros(len(forms), bool)
    is_near_V[rows] = True
    number_V = np.zeros(len(forms), np.int64)
    number_V[is_near_V] = [read_number(forms[row]) for row in np.flatnonzero(is_near_V).tolist()]
    token = near[number_V[rows] != 0]
    number = number_V[stream.row_T[token]]
    unsure = np.flatnonzero(number < 0)
    at = token[unsure]
    is_near = (at > 0) & (stream.clause_T[at] == stream.clause_T[at - 1])
    number[unsure] *= np.where(is_near & _is_announcing(stream, at - 1), -1, 0)
    token, number = token[number > 0], number[number > 0]
    return Said(token, _join_parts(stream, token, number))


def _join_parts(stream: NoteStream, token: Ints, number: Ints) -> Ints:
    """Joins numbers separated only by a full stop or comma: both parts of "38.5" get its name."""
    left, right = token[:-1], token[1:]
    joins = stream.start_T[right] - stream.end_T[left] == 1
    joins &= stream.note_T[right] == stream.note_T[left]
    joins &= stream.clause_T[right] != stream.clause_T[left]
    if not joins.any():
        return number
    head_F = np.maximum.accumulate(np.where(np.append(False, joins), 0, np.arange(len(token))))
    whole = number.copy()
    part = np.flatnonzero(joins)
    at = part[head_F[part] == part]
    whole[at] = join_numbers(number[at], number[at + 1])
    joined: Ints = whole[head_F]
    return joined


def _is_announcing(stream: NoteStream, at: Ints) -> Bools:
    forms = stream.table.forms
    return np.fromiter((forms[row] in ANNOUNCING for row in stream.row_T[at].tolist()), bool)


def _name_places(stream: NoteStream, at: Ints) -> tuple[Ints, Ints]:
    """Ids of the announcing word before each number and of the unit after it; int64, 0 for none."""
    forms, rows = stream.table.forms, stream.row_T
    before, behind = np.maximum(at - 1, 0), np.minimum(at + 1, len(rows) - 1)
    follows = (behind > at) & (stream.clause_T[behind] == stream.clause_T[at])
    leads = (before < at) & (stream.clause_T[before] == stream.clause_T[at])
    leads &= _is_announcing(stream, before)
    glued = [read_letters(forms[row]) for row in rows[at].tolist()]
    places = []
    # Row 0 is padding, which is not a word.
    for side, token, is_there in ((0, before, leads), (1, behind, follows)):
        beside = np.where(is_there, rows[token], 0).tolist()
        words = [each[side] or forms[row] for each, row in zip(glued, beside, strict=True)]
        places.append(np.array([_name_place(word, side) for word in words], np.int64))
    return places[0], places[1]


def _name_place(word: str, side: int) -> int:
    if not word or word in FUNCTION_WORDS:
        return 0
    return crc32(word.encode("utf-8", "surrogatepass")) * 2 + side


def _key(concept_N: Ints, name_N: Ints) -> Ints:
    """64-bit hash of each (concept, id) pair, as int64; collisions are negligible."""
    key_N = concept_N.astype(np.uint64) * _MIXERS[0] + name_N.astype(np.uint64) * _MIXERS[1]
    signed_N: Ints = key_N.view(np.int64)
    return signed_N
