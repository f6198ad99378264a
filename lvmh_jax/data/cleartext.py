"""Texts as they are compared: without what nobody sees, and without what stands for a person.

Nothing here changes the text of a note. What is left out is told by offsets, so that a span is
always one of the note's own text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress
from typing import NamedTuple

# Default-ignorable characters (Unicode, DerivedCoreProperties.txt): soft hyphens, zero-width
# spaces and joiners, direction marks, variation selectors. Not those that fill the place of a
# Hangul letter, nor the planes beyond the first, which would slow every search.
_UNSEEN = (
    "\xad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufff8"
)
_IGNORED = re.compile(f"[{_UNSEEN}]")
# With all white space but a space: one search a text, for nearly all have none of either.
_UNEVEN = re.compile(
    rf"[{_UNSEEN}\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
_SPACES = re.compile(r"[^\S ]\s*| \s+")  # all but one plain space
_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# What `prepare` writes in place of personal data.
KINDS = (
    "EMAIL",
    "URL",
    "IBAN",
    "BIRTHDATE",
    "ID",
    "CARD",
    "ADDRESS",
    "PHONE",
    "HANDLE",
    "NAME",
)
PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")


class ClearText(NamedTuple):
    """A text without some characters.

    Attributes:
      at: of each character, its offset in the text that it is of; None where they are the same.
    """

    text: str
    at: list[int] | None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """A span that is not empty, as offsets in the text that it is of."""
        return (start, end) if self.at is None else (self.at[start], self.at[end - 1] + 1)


def clear_text(text: str) -> ClearText:
    r"""A text without the characters that nobody sees, as `prepare` drops most of them.

    >>> clear_text("d\xadog")
    ClearText(text='dog', at=[0, 2, 3])
    """
    if text.isascii() or _IGNORED.search(text) is None:
        return ClearText(text, None)
    at = [place for place, char in enumerate(text) if _IGNORED.match(char) is None]
    return ClearText("".join(map(text.__getitem__, at)), at)


def even_text(text: str) -> ClearText:
    r"""What `clear_text` gives, any white space one space; but an empty line is a line end.

    >>> even_text("a \t b\nc\n\nd").text
    'a b c\nd'
    """
    clear = clear_text(text)
    evened = _SPACES.sub(_even, clear.text)
    if len(evened) == len(clear.text):
        return ClearText(evened, clear.at)
    is_kept = bytearray(b"\1") * len(clear.text)
    for run in _SPACES.finditer(clear.text):
        is_kept[run.start() + 1 : run.end()] = bytes(run.end() - run.start() - 1)
    places = range(len(clear.text)) if clear.at is None else clear.at
    return ClearText(evened, list(compress(places, is_kept)))


def clear_all(texts: Sequence[str]) -> tuple[list[str], dict[int, ClearText]]:
    """Texts as `clear_text` gives them, and those that it changed by their rows.

    Of most texts nothing is asked but whether they are such: detection spends microseconds on one.
    """
    search = _IGNORED.search
    return _change(
        texts, clear_text, [row for row, t in enumerate(texts) if not t.isascii() and search(t)]
    )


def even_all(texts: Sequence[str]) -> tuple[list[str], dict[int, ClearText]]:
    """Texts as `even_text` gives them, and those that it changed by their rows."""
    search = _UNEVEN.search
    return _change(texts, even_text, [row for row, t in enumerate(texts) if search(t) or "  " in t])


def _change(
    texts: Sequence[str], change: Callable[[str], ClearText], rows: Sequence[int]
) -> tuple[list[str], dict[int, ClearText]]:
    changed = {row: change(texts[row]) for row in rows}
    clear = list(texts)
    for row, each in changed.items():
        clear[row] = each.text
    return clear, changed


def _even(run: re.Match[str]) -> str:
    return "\n" if len(_LINE_END.findall(run[0])) > 1 else " "


def find_placeholders(text: str) -> list[tuple[int, int]]:
    """Where a text has lost personal data: half-open offsets of "[NAME]" and its like."""
    return [each.span() for each in PLACEHOLDER.finditer(text)]


def hide_placeholders(text: str, filler: str) -> str:
    """A text of the same length with a character in place of each of its placeholders' own.

    >>> hide_placeholders("ask [NAME] (ID)", "-")
    'ask ------ (ID)'
    """
    return PLACEHOLDER.sub(lambda found: filler * len(found[0]), text)
