"""The sentence around a place of a note, without personal data unless it is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lvmh_jax.data.personal import redact_fully
from lvmh_jax.data.privacy import Found, find_personal, mask

# Latin and Cyrillic sentences end at a stop and a space, Chinese and Japanese ones at a full stop.
_END = re.compile(r"[.!?…]+[\"'»”)\]]*(?=\s)|[。！？\n]+")
LONGEST_WORD = 30  # longer, it is a script without spaces
MOST = 200  # characters of an excerpt; a note without a stop may be long


def find_sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence around a place begins and ends, without spaces around it.

    A place over a border gets both sentences.

    Raises:
      ValueError: the place is not within the text.

    >>> find_sentence("She came. Likes red bags. Left.", 16, 19)
    (10, 25)
    """
    if not 0 <= start <= end <= len(text):
        raise ValueError(f"[{start}, {end}) is not within a text of {len(text)} characters")
    first, last = 0, len(text)
    for border in _END.finditer(text):
        if border.end() <= start:
            first = border.end()
        elif border.start() >= end:
            last = border.end()
            break
    while first < start and text[first].isspace():
        first += 1
    while last > end and text[last - 1].isspace():
        last -= 1
    return first, last


def quote_place(text: str, start: int, end: int, *, include_text: bool) -> tuple[str, str]:
    """The words of a place and its sentence, on one line; redacted unless `include_text`.

    Personal data is found in the whole text, for what announces it may stand a sentence before.
    Of a long sentence only the part around the place is quoted.

    Raises:
      ValueError: the place is not within the text.

    >>> quote_place("Mail: anna@example.fr for the red bag.", 30, 37, include_text=False)
    ('red bag', 'Mail: [EMAIL] for the red bag.')
    """
    sentence = find_sentence(text, start, end)
    room = max(MOST - (end - start), 0) // 2
    first = _skip_word(text, max(sentence[0], start - room), sentence[0], start)
    last = _drop_word(text, min(sentence[1], end + room), sentence[1], end)
    found = [] if include_text else find_personal(text)
    words, quoted = (_cut(text, place, found) for place in ((start, end), (first, last)))
    if not include_text:
        words, quoted = redact_fully(words), redact_fully(quoted)
    before, after = "…" * (first > sentence[0]), "…" * (last < sentence[1])
    return " ".join(words.split()), before + " ".join(quoted.split()) + after


def _skip_word(text: str, first: int, begin: int, most: int) -> int:
    """Behind the rest of a word in whose middle an excerpt would begin; `most` at the latest."""
    space = text.find(" ", first, most)
    return space + 1 if first > begin and 0 <= space < first + LONGEST_WORD else first


def _drop_word(text: str, last: int, stop: int, least: int) -> int:
    """Before a word in whose middle an excerpt would end; `least` at the earliest."""
    space = text.rfind(" ", least, last)
    return space if last < stop and space > last - LONGEST_WORD else last


def _cut(text: str, place: tuple[int, int], found: Sequence[Found]) -> str:
    """A part of a text with what was found in it masked, also what reaches over its ends."""
    first, last = place
    inside = [
        Found(max(each.start, first) - first, min(each.end, last) - first, each.kind)
        for each in found
        if each.start < last and first < each.end
    ]
    return mask(text[first:last], inside)
