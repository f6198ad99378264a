"""Tokenises millions of phrases as columns of word numbers, without an object per token.

The results of `tokenize`, `make_token_table` and `encode_phrases` depend only on the words of a
phrase, and even a lexicon of millions of phrases has few distinct words, so each is processed once.
The arrays equal those of `encode_phrases`, bit for bit (tested).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cleartext import clear_text
from lvmh_jax.data.features import Phrases, TokenTable, lay_out
from lvmh_jax.data.numbering import begin_numbers, number_keys
from lvmh_jax.data.pairs import hash_forms, hash_neighbours
from lvmh_jax.data.text import TOKEN, Word, read_word

Ints = NDArray[np.int64]
CHUNK = 1 << 16  # phrases whose words are held as strings at once
_END = "\n"  # separates phrases; no token contains it
_WORD_OR_END = re.compile(rf"{TOKEN.pattern}|{_END}")


@dataclass(frozen=True)
class Wordings:
    """Phrases as runs of word numbers.

    Attributes:
      words: the distinct words, in order of appearance.
      word_N: int32 word of each of the N tokens.
      count_P: int64 number of tokens in each phrase.
    """

    words: tuple[Word, ...]
    word_N: NDArray[np.int32]
    count_P: Ints

    @property
    def phrase_N(self) -> NDArray[np.int32]:
        """The phrase of each token; int32."""
        return np.repeat(np.arange(len(self.count_P), dtype=np.int32), self.count_P)


def read_wordings(texts: Sequence[str]) -> Wordings:
    """Splits phrases into words, like `tokenize`.

    >>> wordings = read_wordings(["Black bag", "", "bag"])
    >>> [word.form for word in wordings.words], wordings.word_N.tolist(), wordings.count_P.tolist()
    (['black', 'bag'], [0, 1, 1], [2, 0, 1])
    """
    numbers = begin_numbers(_END)
    words, counts = [np.zeros(0, np.int32)], [np.zeros(0, np.int64)]
    for first in range(0, len(texts), CHUNK):
        lines = (text.replace(_END, " ") for text in texts[first : first + CHUNK])
        found = _WORD_OR_END.findall(clear_text(_END.join([*lines, ""])).text)
        number_N = np.fromiter(map(numbers.__getitem__, found), np.int32, len(found))
        ends = np.flatnonzero(number_N == 0)
        counts.append(np.diff(ends, prepend=-1) - 1)
        words.append(number_N[number_N > 0] - np.int32(1))
    known = list(numbers)[1:]
    return Wordings(tuple(map(read_word, known)), np.concatenate(words), np.concatenate(counts))


def encode_wordings(wordings: Wordings, table: TokenTable, buckets: int, length: int) -> Phrases:
    """Encodes phrases as padded arrays of `length` tokens, equal to those of `encode_phrases`.

    Args:
      wordings: the phrases.
      table: token table that contains all their words.
      buckets: number of hash buckets.
      length: T; a longer phrase is cut to its first T tokens.
    """
    words, count_P = wordings.words, wordings.count_P
    row_W = np.fromiter((table.row_of[w.form, w.upper] for w in words), np.int32, len(words))
    forms, form_W = number_keys(word.form for word in words)
    hashes = hash_forms(forms)
    shape = (len(count_P), length)
    tokens_NT, pairs_NT = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    end_P = np.append(0, np.cumsum(count_P))
    for first in range(0, len(count_P), CHUNK):
        last = min(first + CHUNK, len(count_P))
        word_N = wordings.word_N[end_P[first] : end_P[last]]
        pair_N = hash_neighbours(hashes, form_W[word_N], buckets)
        laid = lay_out(row_W[word_N], pair_N, count_P[first:last], length)
        tokens_NT[first:last], pairs_NT[first:last] = laid.tokens_NT, laid.pairs_NT
    return Phrases(tokens_NT, pairs_NT)
