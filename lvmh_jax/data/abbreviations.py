"""Abbreviations that a text defines itself: "long form (LF)" and "LF (long form)".

The algorithm of Schwartz and Hearst (PSB 2003, pages 451-462). A short form is validated by its
look; its long form is the shortest stretch of the sentence beside it that holds the characters of
the short form in order, the first of them at the start of a word. Read from the right, the first
alignment found is that shortest one, so nothing is ever tried twice.

The rest is ours. In scripts without spaces every character starts a word, so the paper's limit on
words becomes one on characters ("東京大学（東大）"). A long form does not extend over another
bracket or the end of a sentence. A number with a unit ("55 ans") is no short form. Short forms that
may be plain words must meet stricter conditions: in lower case, each character needs a word of the
long form; before its bracket, a short form must look like one. On 23,616 hotel reviews, which
define no abbreviations, the paper's rules alone found nine; these find none.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind

from lvmh_jax.data.text import UNSPACED, UNSPACED_CHARACTER, fold_form

SHORTEST, LONGEST = 2, 10  # characters of a short form (Schwartz and Hearst)
REACH = 240  # maximum length of a long form in characters; keeps the run time linear
BRACKET = re.compile(rf"[(（]([^()（）\n\r]{{1,{REACH}}})[)）]")
# What follows is a remark: "(WHO, Geneva)". A comma inside a name such as "1,25-D" does not count.
REMARK = re.compile(r"[;；，、،؛]|,(?=\s)")
STOP = re.compile(r"[()（）\n\r。！？；：؟؛•|]|[.!?;:…](?=\s)")
WORD = re.compile(rf"[{UNSPACED}]|[^\s{UNSPACED}]+")
# Scripts without capitals in which people do shorten a name to some of its characters.
SYLLABIC = re.compile(rf"[{UNSPACED}\uac00-\ud7a3]")
WRAPPING = " \t\u00a0\u202f\u3000\"'“”„‟‘’‚«»‹›「」『』"
# "l'OMS", "dell'ONU": the article does not belong to the short form.
LAST_SPACED = re.compile(rf"[^\s'’{UNSPACED}]{{1,{LONGEST + 1}}}\Z")
LAST_UNSPACED = re.compile(rf"[{UNSPACED}]{{{SHORTEST},{LONGEST}}}\Z")
SURROGATE = re.compile("[\ud800-\udfff]")
QUANTITY = re.compile(r"\d+\s*[^\W\d_]+")  # "55 ans", "72세"; matches the short form "5FU" too

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """A definition; offsets are half-open and count code points of the text."""

    short: str
    short_start: int
    short_end: int
    long_start: int
    long_end: int


def find_abbreviations(text: str) -> list[Abbreviation]:
    """Finds the definitions in a text, in reading order, at most one per pair of brackets.

    >>> text = "Amyotrophic lateral sclerosis (ALS); VAT (value added tax)"
    >>> [(a.short, text[a.long_start : a.long_end]) for a in find_abbreviations(text)]
    [('ALS', 'Amyotrophic lateral sclerosis'), ('VAT', 'value added tax')]
    """
    found = (_read_bracket(text, match) for match in BRACKET.finditer(text))
    return [each for each in found if each is not None]


def find_uses(text: str, abbreviations: Sequence[Abbreviation]) -> list[tuple[int, int, int]]:
    """Finds the uses of a text's short forms, each from its definition on.

    Case matters, and a use must be a whole word. If a short form is defined twice, each definition
    applies until the next one.

    Args:
      text: the text that the definitions were found in.
      abbreviations: its definitions, in any order.

    Returns: (start, end, row of `abbreviations`), in reading order, never overlapping.

    >>> text = "Art fairs (AF) bore him; AF no more"
    >>> find_uses(text, find_abbreviations(text))
    [(11, 13, 0), (25, 27, 0)]
    """
    defined: dict[str, list[Place]] = {}
    for row, each in enumerate(abbreviations):
        defined.setdefault(each.short, []).append((each.short_start, row))
    for places in defined.values():
        places.sort()
    uses: list[tuple[int, int, int]] = []
    for start, end in _find_bounded(text, list(defined)):
        places = defined[text[start:end]]
        known = bisect_right(places, (start, len(abbreviations)))
        if known and (not uses or start >= uses[-1][1]):
            uses.append((start, end, places[known - 1][1]))
    return uses


def _read_bracket(text: str, bracket: re.Match[str]) -> Abbreviation | None:
    """The definition in a pair of brackets; its short form is inside, or else before it."""
    remark = REMARK.search(text, *bracket.span(1))
    inside = _trim(text, bracket.start(1), remark.start() if remark else bracket.end(1))
    if _is_short_form(text[slice(*inside)]):
        outside = _trim(text, max(0, bracket.start() - REACH), bracket.start())
        start = _find_long_form(text, inside, outside)
        if start is not None:
            return Abbreviation(text[slice(*inside)], *inside, start, _end_of_words(text, outside))
    for short in _list_short_forms(text, bracket.start()):
        start = _find_long_form(text, short, inside)
        if start is not None and _is_explained(text, short, start, inside[0]):
            return Abbreviation(text[slice(*short)], *short, start, _end_of_words(text, inside))
    return None


def _is_short_form(text: str) -> bool:
    """Whether the content of a bracket may be a short form (section 2 of the paper).

    >>> [_is_short_form(text) for text in ("WHO", "p 53", "1999", "-ase", "see the notes", "W")]
    [True, True, False, False, False, False]
    >>> [_is_short_form(text) for text in ("5FU", "55 ans")]
    [True, False]
    """
    if not (SHORTEST <= len(text) <= LONGEST and text[0].isalnum()):
        return False
    if QUANTITY.fullmatch(text) and text == text.lower():
        return False
    return any(char.isalpha() for char in text) and len(text.split()) <= 2


def _list_short_forms(text: str, end: int) -> Iterator[Place]:
    """Possible short forms before a bracket, the longest first.

    At least half of the letters must be capitals, or belong to a script without capitals that
    abbreviates by syllable. One capital is not enough: names and all German nouns have it.
    """
    low, end = _trim(text, max(0, end - 2 * LONGEST), end)
    tail = text[low:end]
    spaced, unspaced = LAST_SPACED.search(tail), LAST_UNSPACED.search(tail)
    starts: Sequence[int] = ()
    if spaced:
        starts = (low + spaced.start(),)
    elif unspaced:
        starts = range(low + unspaced.start(), end - SHORTEST + 1)
    for start in starts:
        letters = [char for char in text[start:end] if char.isalpha()]
        capitals = sum(char.isupper() or bool(SYLLABIC.match(char)) for char in letters)
        is_likely = 2 * capitals >= len(letters) and text[end - 1].isalnum()
        if is_likely and _is_short_form(text[start:end]):
            yield start, end


def _is_explained(text: str, short: Place, start: int, inside: int) -> bool:
    """Whether a bracket with a long form in it explains the short form before it."""
    if UNSPACED_CHARACTER.match(text[short[0]]):
        # Nothing shows where the short form begins but that the bracket explains all of it.
        return start == inside
    return not text.startswith(text[slice(*short)], start)  # "CCO (CCO-I)" is another name


def _find_long_form(text: str, short: Place, beside: Place) -> int | None:
    """Start of the long form in the text next to a short form; None without one."""
    low, end = beside[0], _end_of_words(text, beside)
    for stop in STOP.finditer(text, low, end):
        low = stop.end()
    wanted = [_fold(char) for char in text[slice(*short)] if char.isalnum()]
    plain = text[slice(*short)].islower()
    most = len(wanted) if plain else min(len(wanted) + 5, 2 * len(wanted))
    starts = [word.start() for word in WORD.finditer(text, low, end)]
    if not starts:
        return None
    start = _align(wanted, text, starts[-most:][0], end)
    if start is None or end - start <= short[1] - short[0]:
        return None
    words = {fold_form(word.group()) for word in WORD.finditer(text, start, end)}
    return None if fold_form(text[slice(*short)]) in words else start


def _align(wanted: Sequence[str], text: str, low: int, end: int) -> int | None:
    """The last position from which the text holds the characters in order, or None."""
    at = end
    for place in range(len(wanted) - 1, -1, -1):
        at -= 1
        while at >= low and not (
            _fold(text[at]) == wanted[place] and (place > 0 or _starts_word(text, at))
        ):
            at -= 1
        if at < low:
            return None
    return at


@lru_cache(maxsize=1 << 12)
def _fold(char: str) -> str:
    return fold_form(char)


def _trim(text: str, start: int, end: int) -> Place:
    """The range without surrounding spaces and quotes."""
    while start < end and text[start] in WRAPPING:
        start += 1
    while start < end and text[end - 1] in WRAPPING:
        end -= 1
    return start, end


def _end_of_words(text: str, place: Place) -> int:
    """End of the last word in a range; a comma after it does not belong to a long form."""
    start, end = place
    while start < end and not _is_word(text[end - 1]):
        end -= 1
    return end


def _find_bounded(text: str, shorts: Sequence[str]) -> list[Place]:
    """All occurrences of the texts as whole words; the longest first."""
    if not shorts:
        return []
    # The automaton needs UTF-8, which cannot encode lone surrogates; the replacement is as long.
    patterns = [SURROGATE.sub("\ufffd", short) for short in shorts]
    automaton = AhoCorasick(patterns, matchkind=MatchKind.Standard, store_patterns=False)
    found = automaton.find_matches_as_indexes(SURROGATE.sub("\ufffd", text), overlapping=True)
    known = set(shorts)
    places = [
        (start, end)
        for _, start, end in found
        if _starts_word(text, start) and _starts_word(text, end) and text[start:end] in known
    ]
    return sorted(places, key=lambda place: (place[0], -place[1]))


def _starts_word(text: str, at: int) -> bool:
    """Whether an offset is a word boundary."""
    if not 0 < at < len(text) or not (_is_word(text[at - 1]) and _is_word(text[at])):
        return True
    if _is_mark(text[at]):
        return False
    return any(UNSPACED_CHARACTER.match(char) for char in text[at - 1 : at + 1])


def _is_word(char: str) -> bool:
    return char.isalnum() or _is_mark(char)


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("M")
