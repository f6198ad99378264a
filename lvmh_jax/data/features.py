"""Encodes phrases as rows of hashed tokens and of hashed pairs of neighbouring tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.pairs import hash_forms, hash_neighbours
from lvmh_jax.data.text import Token, Word, tokenize
from lvmh_jax.data.tokengrams import hash_gram, hash_tokens


@dataclass(frozen=True)
class TokenTable:
    """The distinct tokens of some texts.

    Attributes:
      row_of: (form, is upper case) to row; row 0 is padding.
      grams_VF: int32 n-gram ids of each token, padded with 0.
    """

    row_of: dict[tuple[str, bool], int]
    grams_VF: NDArray[np.int32]

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Form of each row; a form that is also written in capitals has two rows."""
        return tuple(form for form, _ in self.row_of)


def make_token_table(tokens: Iterable[Token | Word], buckets: int) -> TokenTable:
    """Collects distinct tokens in order of appearance and hashes their n-grams."""
    row_of: dict[tuple[str, bool], int] = {("", False): 0}
    for token in tokens:
        row_of.setdefault((token.form, token.upper), len(row_of))
    return TokenTable(row_of, hash_tokens(list(row_of), buckets))


def hash_pair(left: str, right: str, buckets: int) -> int:
    """Bucket of a pair of forms, which encodes word order, and bigrams in unspaced scripts."""
    return hash_gram(f"{left}\t{right}", buckets)


@dataclass(frozen=True)
class Phrases:
    """Phrases as padded arrays; a phrase longer than T tokens is cut to its first T.

    Attributes:
      tokens_NT: int32 rows of a TokenTable, padded with 0.
      pairs_NT: int32 gram id of (token t-1, token t); 0 at the first token and at padding.
    """

    tokens_NT: NDArray[np.int32]
    pairs_NT: NDArray[np.int32]

    def __len__(self) -> int:
        """The number of phrases."""
        return len(self.tokens_NT)

    def take(self, rows_M: NDArray[np.int64]) -> Phrases:
        """Returns the phrases at the given rows."""
        return Phrases(self.tokens_NT[rows_M], self.pairs_NT[rows_M])


def encode_phrases(
    phrases: Sequence[Sequence[Token]], table: TokenTable, buckets: int, length: int
) -> Phrases:
    """Encodes phrases as padded arrays of `length` tokens."""
    count_P = np.fromiter(map(len, phrases), np.int64, len(phrases))
    said = ((token.form, token.upper) for phrase in phrases for token in phrase)
    row_N = np.fromiter(map(table.row_of.__getitem__, said), np.int32, int(count_P.sum()))
    rows_U, form_N = np.unique(row_N, return_inverse=True)
    hashes = hash_forms([table.forms[row] for row in rows_U.tolist()])
    return lay_out(row_N, hash_neighbours(hashes, form_N, buckets), count_P, length)


def lay_out(
    row_N: NDArray[np.int32], pair_N: NDArray[np.int32], count_P: NDArray[np.int64], length: int
) -> Phrases:
    """Arranges the concatenated tokens of phrases in padded arrays.

    Args:
      row_N: int32 token rows in a `TokenTable`.
      pair_N: int32 gram id of each token and the one before; ignored for a phrase's first token.
      count_P: int64 number of tokens in each phrase.
      length: T.
    """
    phrase_N = np.repeat(np.arange(len(count_P)), count_P)
    place_N = np.arange(len(row_N)) - (np.cumsum(count_P) - count_P)[phrase_N]
    tokens_NT, pairs_NT = (np.zeros((len(count_P), length), np.int32) for _ in range(2))
    kept = np.flatnonzero(place_N < length)
    tokens_NT[phrase_N[kept], place_N[kept]] = row_N[kept]
    follows = kept[place_N[kept] > 0]
    pairs_NT[phrase_N[follows], place_N[follows]] = pair_N[follows]
    return Phrases(tokens_NT, pairs_NT)


def encode_texts(texts: Sequence[str], buckets: int, length: int) -> tuple[TokenTable, Phrases]:
    """Tokenises texts and encodes them over a token table of their own."""
    phrases = [tokenize(text) for text in texts]
    table = make_token_table((token for phrase in phrases for token in phrase), buckets)
    return table, encode_phrases(phrases, table, buckets, length)
