"""Excerpts: the sentence around a position in a note, redacted unless the text is requested."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lvmh_jax.data.personal import redact_fully
from lvmh_jax.data.privacy import Found, find_personal, mask

# Latin and Cyrillic sentences end at a full stop and a space, Chinese and Japanese at a full stop.
_END = re.compile(r"[.!?…]+[\"'»”)\]]*(?=\s)|[。！？\n]+")
LONGEST_WORD = 30  # a longer run is a script without spaces
MOST = 200  # maximum characters of an excerpt, as a note without punctuation may be long


def find_sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the sentence around a span, without surrounding spaces.

    A span across a boundary gets both sentences.

    Raises:
      ValueError: the span is not within the text.

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
    """The text of a span and its sentence, on one line; redacted unless `include_text`.

    Personal data is detected in the whole text, because its announcing word may be in the sentence
    before. A long sentence is cut to the part around the span.

    Raises:
      ValueError: the span is not within the text.

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
    """Skips the rest of a word if an excerpt would begin inside it; at most to `most`."""
    space = text.find(" ", first, most)
    return space + 1 if first > begin and 0 <= space < first + LONGEST_WORD else first


def _drop_word(text: str, last: int, stop: int, least: int) -> int:
    """Drops the begun word if an excerpt would end inside it; at least `least` remains."""
    space = text.rfind(" ", least, last)
    return space if last < stop and space > last - LONGEST_WORD else last


def _cut(text: str, place: tuple[int, int], found: Sequence[Found]) -> str:
    """A part of a text with personal data masked, including data that extends past its ends."""
    first, last = place
    inside = [
        Found(max(each.start, first) - first, min(each.end, last) - first, each.kind)
        for each in found
        if each.start < last and first < each.end
    ]
    return mask(text[first:last], inside)
