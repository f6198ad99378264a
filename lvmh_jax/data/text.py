"""Splits text into tokens with offsets, without changing the text.

Tokens are words in spaced scripts, and single characters in unspaced scripts (Han, kana, Thai).
Offsets are half-open code points of the original string. Comparisons use the folded form of a
token, which may differ in length from the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from lvmh_jax.data.cleartext import clear_text

UNSPACED = (
    "\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\u0e00-\u0e7f\U00020000-\U0003ffff"
)
# Marks that belong to the word before them; `\w` does not match them.
MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640"
# Voicing marks of kana, decomposed and half-width.
VOICING = "\u3099\u309a\uff9e\uff9f"
TOKEN = re.compile(
    rf"[A-Za-z]+n['’]t(?!\w)|[{UNSPACED}][{VOICING}{MARKS}]*"
    # Matches runs instead of alternating characters, because a run of one class is a loop in C.
    rf"|[^\W_{UNSPACED}]+(?:[{MARKS}]+[^\W_{UNSPACED}]*)*"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PIECES = re.compile(rf"({TOKEN.pattern})")
UNSPACED_CHARACTER = re.compile(rf"[{UNSPACED}]")
# No span crosses one of these. A comma is weaker and not included.
BREAK = re.compile(r"[.!?;:\n\r。！？；：…؟؛•|]")
_ARABIC_FOLDS = str.maketrans("أإآٱىة", "اااايه", "ـ")
_STRIP_MARKS_OF = re.compile(r"[\u0041-\u024f\u0370-\u03ff\u0590-\u06ff\u1e00-\u1fff]")


class Token(NamedTuple):
    """A token: offsets in the text, folded form, and whether it is written in capitals."""

    start: int
    end: int
    form: str
    upper: bool
    unspaced: bool
    sentence: int


class Word(NamedTuple):
    """Properties of a token that only depend on its characters."""

    form: str
    upper: bool
    unspaced: bool
    title: bool


def fold_anew(text: str) -> str:
    """Like `fold_form` without a cache: for whole texts, and for words that occur once."""
    if text.isascii():
        return text.lower()
    out: list[str] = []
    base_strips = False
    for char in unicodedata.normalize("NFKD", text):
        if unicodedata.combining(char):
            if base_strips:
                continue
        else:
            base_strips = bool(_STRIP_MARKS_OF.match(char))
        out.append(char)
    folded = unicodedata.normalize("NFC", "".join(out)).casefold().replace("ё", "е")
    return folded.translate(_ARABIC_FOLDS).replace("’", "'") or text


@lru_cache(maxsize=1 << 17)
def fold_form(word: str) -> str:
    """Folds a word for comparison: case, width, and Latin or Arabic diacritics.

    >>> [fold_form(w) for w in ("Élégant", "Straße", "ＮＦＴ", "أحمر")]
    ['elegant', 'strasse', 'nft', 'احمر']
    """
    return fold_anew(word)


@lru_cache(maxsize=1 << 16)
def read_word(word: str) -> Word:
    """Analyses the characters of a token.

    >>> read_word("ÉTÉ"), read_word("婚")
    (Word(form='ete', upper=True, unspaced=False, title=True), \
Word(form='婚', upper=False, unspaced=True, title=False))
    """
    unspaced = UNSPACED_CHARACTER.match(word) is not None
    return Word(fold_form(word), len(word) >= 2 and word.isupper(), unspaced, word[0].isupper())


def repair_text(text: str) -> str:
    r"""Replaces lone surrogates, which no file can hold, one for one; offsets stay valid.

    >>> repair_text("sac \ud800 noir") == "sac \ufffd noir"
    True
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def split_text(text: str) -> list[str]:
    """Splits a text into gaps and tokens, alternating, without losing a character.

    >>> split_text("L'été, oui.")
    ['', 'L', "'", 'été', ', ', 'oui', '.']
    """
    return _PIECES.split(text)


def tokenize(text: str) -> list[Token]:
    """Splits a text into tokens, numbered by sentence; invisible characters are ignored.

    >>> [(t.form, t.sentence) for t in tokenize("L'été, oui. 婚礼")]
    [('l', 0), ('ete', 0), ('oui', 0), ('婚', 1), ('礼', 1)]
    """
    tokens: list[Token] = []
    sentence = end = 0
    clear = clear_text(text)
    pieces = split_text(clear.text)
    for gap, written in zip(pieces[:-1:2], pieces[1::2], strict=True):
        # Nearly all gaps are one space, and this check is faster than any search.
        if tokens and gap not in ("", " ") and BREAK.search(gap):
            sentence += 1
        start = end + len(gap)
        end = start + len(written)
        word = read_word(written)
        place = clear.locate(start, end)
        tokens.append(Token(*place, word.form, word.upper, word.unspaced, sentence))
    return tokens


def cut_texts(texts: Sequence[str], most: int) -> Iterator[slice]:
    """Cuts a list of texts into slices of at most `most` characters, or of a single text.

    >>> list(cut_texts(["ab", "c", "def", "g"], 3))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None)]
    """
    first = characters = 0
    for row, text in enumerate(texts):
        if row > first and characters + len(text) > most:
            yield slice(first, row)
            first, characters = row, 0
        characters += len(text)
    if len(texts) > first:
        yield slice(first, len(texts))


def fold_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """Lower-cases and composes a text for exact matching, with a mapping of offsets.

    Returns: the folded text, and the offset in `text` of each of its characters, with one extra
    entry for the end; None if all offsets are equal.

    >>> fold_with_offsets("CAFE\u0301 İ")
    ('café i', [0, 1, 2, 3, 5, 6, 7])
    >>> fold_with_offsets("Café")
    ('café', None)
    """
    if unicodedata.is_normalized("NFC", text):
        lowered = _lower(text)
        if len(lowered) == len(text):
            return lowered, None
    folded: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and _extends(text[end]):
            end += 1
        cluster = unicodedata.normalize("NFC", text[start:end])
        lowered = _lower(cluster)[: len(cluster)]
        folded.append(lowered)
        # A mark that was composed belongs to its base; the remaining marks are the last ones.
        rest = range(len(lowered) - 1, 0, -1)
        offsets += [start, *(max(start, end - left) for left in rest)]
        start = end
    offsets.append(len(text))
    return "".join(folded), offsets


def _lower(text: str) -> str:
    """Lower case regardless of context: no final sigma."""
    return text.lower().replace("ς", "σ")


def _extends(char: str) -> bool:
    """Whether a character may compose with the previous one: a mark, or a Hangul vowel or final."""
    return unicodedata.category(char).startswith("M") or "\u1160" <= char <= "\u11ff"
