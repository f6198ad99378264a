"""Millions of phrases as columns of word numbers: no object a token.

What `tokenize`, `make_token_table` and `encode_phrases` make of a phrase depends on its words
alone, and a lexicon of millions of phrases has few: each distinct word is looked at once. The
arrays are those of `encode_phrases`, bit for bit (tested).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import Phrases, TokenTable
from lvmh_jax.data.numbering import begin_numbers, number_keys
from lvmh_jax.data.text import TOKEN, Word, read_word

Ints = NDArray[np.int64]
CHUNK = 1 << 16  # phrases whose words are strings at the same time
_END = "\n"  # between phrases; no token holds one
_WORD_OR_END = re.compile(rf"{TOKEN.pattern}|{_END}")


@dataclass(frozen=True)
class Wordings:
    """Phrases as runs of words.

    Attributes:
      words: the distinct ones, in order of appearance.
      word_N: int32 word of each token; N tokens in all.
      count_P: int64 tokens of each phrase.
    """

    words: tuple[Word, ...]
    word_N: NDArray[np.int32]
    count_P: Ints

    @property
    def phrase_N(self) -> NDArray[np.int32]:
        """The phrase of each token."""
        return np.repeat(np.arange(len(self.count_P), dtype=np.int32), self.count_P)


def read_wordings(texts: Sequence[str]) -> Wordings:
    """Splits phrases into words, as `tokenize` does.

    >>> wordings = read_wordings(["Black bag", "", "bag"])
    >>> [word.form for word in wordings.words], wordings.word_N.tolist(), wordings.count_P.tolist()
    (['black', 'bag'], [0, 1, 1], [2, 0, 1])
    """
    numbers = begin_numbers(_END)
    words, counts = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first in range(0, len(texts), CHUNK):
        lines = (text.replace(_END, " ") for text in texts[first : first + CHUNK])
        found = _WORD_OR_END.findall(_END.join([*lines, ""]))
        number_N = np.fromiter(map(numbers.__getitem__, found), np.int32, len(found))
        ends = np.flatnonzero(number_N == 0)
        counts.append(np.diff(ends, prepend=-1) - 1)
        words.append(number_N[number_N > 0] - np.int32(1))
    known = list(numbers)[1:]
    return Wordings(tuple(map(read_word, known)), np.concatenate(words), np.concatenate(counts))


def encode_wordings(wordings: Wordings, table: TokenTable, buckets: int, length: int) -> Phrases:
    """Phrases to padded arrays of `length` tokens, as `encode_phrases` makes them.

    Args:
      wordings: of phrases.
      table: has all their words.
      buckets: of the hashes.
      length: T; a longer phrase keeps its first T tokens.
    """
    words = wordings.words
    row_W = np.fromiter((table.row_of[w.form, w.upper] for w in words), np.int32, len(words))
    forms, form_W = number_keys(word.form for word in words)
    shape = (len(wordings.count_P), length)
    tokens_NT, pairs_NT = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    hashes = hash_forms(forms)
    begin_P = np.cumsum(wordings.count_P) - wordings.count_P
    for first in range(0, len(begin_P), CHUNK):
        part = slice(first, first + CHUNK)
        kept_P = np.minimum(wordings.count_P[part], length)
        at_PT = np.arange(length)[None, :] < kept_P[:, None]
        token = (begin_P[part, None] + np.arange(length)[None, :])[at_PT]
        tokens_NT[part][at_PT] = row_W[wordings.word_N[token]]
        follows_PT = at_PT & (np.arange(length) > 0)[None, :]
        right = (begin_P[part, None] + np.arange(length)[None, :])[follows_PT]
        form_of = form_W[wordings.word_N[right - 1]], form_W[wordings.word_N[right]]
        pairs_NT[part][follows_PT] = hash_pairs(hashes, *form_of, buckets)
    return Phrases(tokens_NT, pairs_NT)


@dataclass(frozen=True)
class FormHashes:
    """crc32 of each form with a tab behind it, of each alone, and its bytes."""

    left_F: NDArray[np.uint32]
    right_F: NDArray[np.uint32]
    bytes_F: Ints


def hash_forms(forms: Sequence[str]) -> FormHashes:
    """What `hash_pairs` needs to know of forms."""
    encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
    return FormHashes(
        np.fromiter((crc32(each + b"\t") for each in encoded), np.uint32, len(encoded)),
        np.fromiter(map(crc32, encoded), np.uint32, len(encoded)),
        np.fromiter(map(len, encoded), np.int64, len(encoded)),
    )


def hash_pairs(
    hashes: FormHashes, left_N: NDArray[Any], right_N: NDArray[Any], buckets: int
) -> NDArray[np.int32]:
    """`hash_pair` of neighbouring forms, by their rows; int32 [N]."""
    moved_N = append_zeros(hashes.left_F[left_N], hashes.bytes_F[right_N])
    crc_N = moved_N ^ hashes.right_F[right_N]
    bucket_N: NDArray[np.int32] = (crc_N % np.uint32(buckets - 1)).astype(np.int32) + 1
    return bucket_N


def append_zeros(crc_N: NDArray[np.uint32], bytes_N: Ints) -> NDArray[np.uint32]:
    """What crc32 makes of the left of two strings; with crc32 of the right, by XOR, that of both.

    CRC is linear over GF(2), so the right string counts for nothing but its length
    (`crc32_combine` of zlib).

    Args:
      crc_N: of the left strings.
      bytes_N: lengths of the right strings.

    >>> moved = append_zeros(np.array([crc32(b"navy ")], np.uint32), np.array([3]))
    >>> int(moved[0]) ^ crc32(b"bag") == crc32(b"navy bag")
    True
    """
    order = np.argsort(-bytes_N, kind="stable")
    crc, longest = crc_N[order], -bytes_N[order]
    for done in range(int(bytes_N.max(initial=0))):
        left = int(np.searchsorted(longest, -done))  # those that are longer than what is done
        crc[:left] = (crc[:left] >> np.uint32(8)) ^ _CRC_OF_BYTE[crc[:left] & np.uint32(255)]
    out = np.empty_like(crc)
    out[order] = crc
    return out


def _make_crc_table() -> NDArray[np.uint32]:
    """What a byte that leaves the register adds to it; the polynomial of zlib, reflected."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> np.uint32(1)) ^ np.where(table & 1, np.uint32(0xEDB88320), np.uint32(0))
    return table


_CRC_OF_BYTE = _make_crc_table()
