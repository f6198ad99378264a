"""Texts cleaned for comparison: without invisible characters and placeholders of personal data.

The text of a note itself never changes. Cleaned texts keep the original offset of each character,
so that a span found in one is reported as a span of the note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress
from typing import NamedTuple

# Default-ignorable characters (Unicode, DerivedCoreProperties.txt): soft hyphens, zero-width
# spaces and joiners, direction marks, variation selectors. Without fillers of Hangul letters and
# without characters beyond the first plane, which would slow down every search.
_UNSEEN = (
    "\xad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff0-\ufff8"
)
_IGNORED = re.compile(f"[{_UNSEEN}]")
# These and all white space except the space: one search per text, since most texts have neither.
_UNEVEN = re.compile(
    rf"[{_UNSEEN}\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
)
_SPACES = re.compile(r"[^\S ]\s*| \s+")  # any run of white space except a single plain space
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
    """A text from which some characters were removed.

    Attributes:
      text: what remains.
      at: for each character of `text`, its offset in the original; None if nothing was removed.
    """

    text: str
    at: list[int] | None

    def locate(self, start: int, end: int) -> tuple[int, int]:
        """A non-empty span of `text` as half-open offsets in the original."""
        return (start, end) if self.at is None else (self.at[start], self.at[end - 1] + 1)


def clear_text(text: str) -> ClearText:
    r"""Removes invisible characters, most of which `prepare` drops as well.

    >>> clear_text("d\xadog")
    ClearText(text='dog', at=[0, 2, 3])
    """
    if text.isascii() or _IGNORED.search(text) is None:
        return ClearText(text, None)
    at = [place for place, char in enumerate(text) if _IGNORED.match(char) is None]
    return ClearText("".join(map(text.__getitem__, at)), at)


def even_text(text: str) -> ClearText:
    r"""Like `clear_text`, and reduces each run of white space to one space, or "\n" if it is blank.

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
    """Applies `clear_text` to all texts; also returns the changed ones by row.

    Unchanged texts, which are nearly all, cost a single search.
    """
    search = _IGNORED.search
    return _change(
        texts, clear_text, [row for row, t in enumerate(texts) if not t.isascii() and search(t)]
    )


def even_all(texts: Sequence[str]) -> tuple[list[str], dict[int, ClearText]]:
    """Applies `even_text` to all texts; also returns the changed ones by row."""
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
    """Half-open offsets of the placeholders that redaction has left in a text, such as "[NAME]"."""
    return [each.span() for each in PLACEHOLDER.finditer(text)]


def hide_placeholders(text: str, filler: str) -> str:
    """A text of the same length whose placeholders are overwritten with a filler character.

    >>> hide_placeholders("ask [NAME] (ID)", "-")
    'ask ------ (ID)'
    """
    return PLACEHOLDER.sub(lambda found: filler * len(found[0]), text)
