"""Finds the members of closed classes that a text names: months, weekdays, seasons, kin, before.

"Call back in April" is not "call back in March", and a gift for a daughter is not one for a wife.
`contrasts.lists` documents how the phrases of `contrasts` are written. The longest phrase wins over
those inside it, so that "mother in law" is no mother, and "mother of pearl" no person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.contrasts import CONTRASTS, ContrastLists
from lvmh_jax.data.contrasts.lists import CLASSES, GROUPS, MONTHS, SEASONS, WEEKDAYS
from lvmh_jax.data.sorting import find_sorted
from lvmh_jax.data.text import tokenize

Members = NDArray[np.uint64]
Phrase = tuple[str, ...]

BIT_OF = {name: 1 << bit for bit, name in enumerate(chain(*(names for names, _ in CLASSES)))}
# All members of each class as bits, and how many of them one of its concepts may name.
CLASS_BITS = np.array([sum(map(BIT_OF.__getitem__, names)) for names, _ in CLASSES], np.uint64)
MOST_NAMED = tuple(most for _, most in CLASSES)
LONGEST = 8  # tokens of a phrase: ガールフレンド has seven
_BRACES = re.compile(r"\{([^}]*)\}")


class _Phrases(NamedTuple):
    """The phrases of all languages, indexed for look-up.

    Attributes:
      members: phrases of one word, with the bits of their members.
      word_of: number of each word of the longer phrases, from 1 on.
      pairs: sorted int64 keys of the first two words of the longer phrases (see `_pair_words`).
      longer: for each such pair its phrases, longest first, with the bits of their members.
    """

    members: dict[str, int]
    word_of: dict[str, int]
    pairs: NDArray[np.int64]
    longer: dict[int, list[tuple[list[int], int]]]


def name_members(names: str) -> int:
    """Bits of members and of groups of members, given by their names with spaces between.

    >>> name_members("child") == name_members("daughter son")
    True
    """
    bits = 0
    for name in names.split():
        bits |= BIT_OF[name] if name in BIT_OF else name_members(GROUPS[name])
    return bits


def mark_members(
    forms_V: Sequence[str], row_T: NDArray[np.int64], run_T: NDArray[np.int64]
) -> Members:
    """The members that each token names, alone or together with its neighbours.

    Args:
      forms_V: folded forms.
      row_T: int64 row of each token in `forms_V`.
      run_T: int64 number of each token's sentence or phrase; no match goes beyond one.

    Returns: uint64 [T], a bit for each member as in `name_members`; 0 for nearly all tokens.
    """
    known = _read_phrases()
    single_V = np.fromiter((known.members.get(form, 0) for form in forms_V), np.uint64)
    member_T: Members = single_V[row_T]
    word_V = np.fromiter((known.word_of.get(form, 0) for form in forms_V), np.int64)
    word_T = word_V[row_T]
    may_T = (word_T[:-1] > 0) & (word_T[1:] > 0) & (run_T[:-1] == run_T[1:])
    first_P = np.flatnonzero(may_T)
    pair_P = _pair_words(word_T[first_P], word_T[first_P + 1])
    _, found_P = find_sorted(known.pairs, pair_P)
    words, runs = word_T.tolist(), run_T.tolist()
    found: list[tuple[int, int, int]] = []
    for first, pair in zip(first_P[found_P].tolist(), pair_P[found_P].tolist(), strict=True):
        for phrase, members in known.longer[pair]:
            size = len(phrase)
            if words[first : first + size] == phrase and runs[first + size - 1] == runs[first]:
                found.append((size, first, members))
    _put_phrases(member_T, found)
    return member_T


def _put_phrases(member_T: Members, found: Sequence[tuple[int, int, int]]) -> None:
    """Marks phrases of several tokens, longest first; one that overlaps a longer one is ignored.

    Two overlapping phrases of the same length both count: "à son mari" has EN "a son" and FR "son
    mari".

    Args:
      member_T: members by single words; changed in place.
      found: size, first token and members of each phrase.
    """
    size_T: dict[int, int] = {}
    for size, first, members in sorted(found, key=lambda each: (-each[0], each[1])):
        place = range(first, first + size)
        if all(size_T.get(token, size) == size for token in place):
            for token in place:
                kept = member_T[token] if token in size_T else np.uint64(0)
                member_T[token], size_T[token] = kept | np.uint64(members), size


def mark_phrases(phrases: Sequence[Sequence[str]]) -> Members:
    """The members that each phrase names; uint64 [P], bits as in `mark_members`.

    >>> both = mark_phrases([["gift", "for", "his", "wife"], ["call", "in", "march"]])
    >>> both.tolist() == [name_members("wife"), name_members("march")]
    True
    """
    sizes = np.array([*map(len, phrases)], np.int64)
    run_T = np.repeat(np.arange(len(phrases)), sizes)
    forms = [*chain.from_iterable(phrases)]
    named_P = np.zeros(len(phrases), np.uint64)
    np.bitwise_or.at(named_P, run_T, mark_members(forms, np.arange(len(forms)), run_T))
    return named_P


def _pair_words(left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    return (left << 32) | right


@cache
def _read_phrases() -> _Phrases:
    """The phrases of all languages; a phrase of several languages names the members of each.

    One that names nothing in some language names nothing at all.
    """
    bits_of: dict[Phrase, int] = {}
    silent: set[Phrase] = set()
    for lists in CONTRASTS.values():
        for phrase, members in list_phrases(lists):
            bits_of[phrase] = bits_of.get(phrase, 0) | members
            silent |= set() if members else {phrase}
    bits_of |= dict.fromkeys(silent, 0)
    long = sorted((phrase for phrase in bits_of if len(phrase) > 1), key=len, reverse=True)
    words = dict.fromkeys(chain.from_iterable(long))
    word_of = {word: number for number, word in enumerate(words, 1)}
    longer: dict[int, list[tuple[list[int], int]]] = {}
    for phrase in long:
        numbers = [word_of[word] for word in phrase]
        longer.setdefault((numbers[0] << 32) | numbers[1], []).append((numbers, bits_of[phrase]))
    single = {phrase[0]: bits for phrase, bits in bits_of.items() if len(phrase) == 1}
    return _Phrases(single, word_of, np.array(sorted(longer), np.int64), longer)


def list_phrases(lists: ContrastLists) -> Iterator[tuple[Phrase, int]]:
    """Each phrase of a language as folded forms, with the bits of its members; 0 if none."""
    rows = [(lists.months, MONTHS), (lists.weekdays, WEEKDAYS), (lists.seasons, SEASONS)]
    named = [pair for text, names in rows for pair in zip(text.split(";"), names, strict=True)]
    named += [(text, names) for names, text in lists.others.items()]
    for text, names in [*named, (lists.nothing, "")]:
        for written in expand(text):
            for variant in _vary(written, lists):
                yield tuple(token.form for token in tokenize(variant)), name_members(names)


def _vary(written: str, lists: ContrastLists) -> Iterable[str]:
    begun = [written, *(begin + written for begin in lists.beginnings)]
    return begun + [each + end for each in begun for end in lists.endings]


def expand(text: str) -> list[str]:
    """The phrases of a list, with all alternatives in braces written out.

    >>> expand("aunt{,s}|{my,her} son")
    ['aunt', 'aunts', 'my son', 'her son']
    """
    found = []
    for phrase in filter(None, map(str.strip, text.split("|"))):
        parts = _BRACES.split(phrase)
        choices = [part.split(",") if at % 2 else [part] for at, part in enumerate(parts)]
        found += ["".join(chosen).strip() for chosen in product(*choices)]
    return found
