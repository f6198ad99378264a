"""All spans that may be mentions: token n-grams within a clause.

They do not cross commas, because the encoder would take the neighbouring words for part of the
mention: "Budget around 25k, no" for "no budget limit" (docs/log.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import Phrases
from lvmh_jax.data.sorting import group_equal
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
# Odd multiplier of a 64-bit linear congruential generator (Steele and Vigna, arXiv:2001.05304).
MIX = np.uint64(0xD1342543DE82EF95)
UNMIX = np.uint64(pow(int(MIX), -1, 1 << 64))


class Spans(NamedTuple):
    """S token spans [first, last], with U distinct wordings; int64 unless noted.

    Attributes:
      first_S, last_S: first and last token, inclusive.
      name_S: uint64 hash of the span's tokens (`hash_spans`).
      sample_U: one span of each distinct wording, in the order of the hashes.
      group_S: wording of each span, a row of `sample_U`.
      row_TL: row of the span of 1, 2, ... tokens that begins at each token; -1 if there is none.
    """

    first_S: Ints
    last_S: Ints
    name_S: NDArray[np.uint64]
    sample_U: Ints
    group_S: Ints
    row_TL: Ints

    def find(self, first_N: Ints, last_N: Ints) -> Ints:
        """Looks up spans by their first and last tokens; int64 rows, -1 where there is none."""
        length_N = last_N - first_N
        inside_N = (length_N >= 0) & (length_N < self.row_TL.shape[1])
        first_N, length_N = np.where(inside_N, first_N, 0), np.where(inside_N, length_N, 0)
        rows: Ints = np.where(inside_N, self.row_TL[first_N, length_N], -1)
        return rows


def find_spans(stream: NoteStream, max_words: int, max_chars: int) -> Spans:
    """Lists all spans that may be mentions, with the hashes of their wordings."""
    first_S, last_S = list_spans(stream, max_words, max_chars)
    name_S = hash_spans(stream, first_S, last_S)
    row_TL = np.full((len(stream.row_T), max(max_words, max_chars)), -1)
    row_TL[first_S, last_S - first_S] = np.arange(len(first_S))
    return Spans(first_S, last_S, name_S, *group_equal(name_S), row_TL)


def list_spans(stream: NoteStream, max_words: int, max_chars: int) -> tuple[Ints, Ints]:
    """First and last token of every span of up to `max_words` words or `max_chars` characters."""
    tokens = len(stream.row_T)
    spaced_T = np.concatenate([[0], np.cumsum(~stream.unspaced_T)])
    firsts, lasts = [], []
    for length in range(1, max(max_words, max_chars) + 1):
        first = np.arange(max(tokens - length + 1, 0))
        last = first + length - 1
        keep = stream.clause_T[first] == stream.clause_T[last]
        only_unspaced = spaced_T[last + 1] == spaced_T[first]
        keep &= np.where(only_unspaced, length <= max_chars, length <= max_words)
        firsts.append(first[keep])
        lasts.append(last[keep])
    first_S, last_S = np.concatenate(firsts), np.concatenate(lasts)
    if stream.hidden_T.any():
        is_open_S = stream.is_open(first_S, last_S)
        return first_S[is_open_S], last_S[is_open_S]
    return first_S, last_S


def hash_spans(stream: NoteStream, first_S: Ints, last_S: Ints) -> NDArray[np.uint64]:
    """64-bit hash of each span's token sequence, the same in every batch and run.

    It is the sum of h_k MIX^(n - k) over its n tokens, modulo 2^64: a difference of running sums,
    from which the power of MIX is divided out (MIX is odd, hence invertible). Among a million
    distinct wordings, the probability of a collision is one in thirty million.
    """
    tokens = len(stream.row_T)
    power_T = np.cumprod(np.full(tokens, MIX))
    divided_T = stream.hash_T * np.cumprod(np.full(tokens, UNMIX))
    upto_T = np.concatenate([np.zeros(1, np.uint64), np.cumsum(divided_T)])
    named_S: NDArray[np.uint64] = (upto_T[last_S + 1] - upto_T[first_S]) * power_T[last_S] * MIX
    return named_S


def gather_phrases(stream: NoteStream, first_S: Ints, last_S: Ints, length: int) -> Phrases:
    """Tokens of spans as padded phrases; longer spans are cut to their first `length` tokens."""
    steps_T = np.arange(length)
    at_ST = first_S[:, None] + steps_T[None, :]
    inside_ST = at_ST <= last_S[:, None]
    at_ST = np.minimum(at_ST, max(len(stream.row_T) - 1, 0))
    tokens_ST = np.where(inside_ST, stream.row_T[at_ST], 0)
    pairs_ST = np.where(inside_ST & (steps_T > 0)[None, :], stream.pair_T[at_ST], 0)
    return Phrases(tokens_ST.astype(np.int32), pairs_ST.astype(np.int32))


def gather_contexts(
    stream: NoteStream, first_S: Ints, last_S: Ints, reach: int
) -> NDArray[np.int32]:
    """Token rows of up to `reach` tokens on each side of spans, without the span; int32 [S, 2R]."""
    steps_R = np.arange(1, reach + 1)
    at = np.concatenate(
        [first_S[:, None] - steps_R[None, :], last_S[:, None] + steps_R[None, :]], axis=1
    )
    safe = np.clip(at, 0, max(len(stream.row_T) - 1, 0))
    same = (at == safe) & (stream.note_T[safe] == stream.note_T[first_S][:, None])
    return np.where(same, stream.row_T[safe], 0).astype(np.int32)
