"""All spans of a batch of notes that a mention may have: n-grams of tokens inside a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import Phrases
from lvmh_jax.data.sorting import group_equal
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
# Odd multiplier of a 64-bit linear congruence (Steele and Vigna, arXiv:2001.05304): spreads names.
MIX = np.uint64(0xD1342543DE82EF95)


@dataclass(frozen=True)
class Spans:
    """Token spans [first, last], and which of them have the same tokens.

    Attributes:
      distinct_S: row of the span's token sequence among the distinct ones.
      sample_U: one span of each distinct sequence.
    """

    first_S: Ints
    last_S: Ints
    distinct_S: Ints
    sample_U: Ints


def list_spans(stream: NoteStream, max_words: int, max_chars: int) -> tuple[Ints, Ints]:
    """First and last token of every span of up to `max_words` words or `max_chars` characters."""
    tokens = len(stream.row_T)
    spaced_T = np.concatenate([[0], np.cumsum(~stream.unspaced_T)])
    firsts, lasts = [], []
    for length in range(1, max(max_words, max_chars) + 1):
        first = np.arange(max(tokens - length + 1, 0))
        last = first + length - 1
        keep = stream.sentence_T[first] == stream.sentence_T[last]
        only_unspaced = spaced_T[last + 1] == spaced_T[first]
        keep &= np.where(only_unspaced, length <= max_chars, length <= max_words)
        firsts.append(first[keep])
        lasts.append(last[keep])
    return np.concatenate(firsts), np.concatenate(lasts)


def group_spans(stream: NoteStream, first_S: Ints, last_S: Ints) -> Spans:
    """Finds the spans that have the same tokens, so that each is encoded once.

    Spans are told apart by `hash_spans`. Tokens determine pairs, so those need no key.
    """
    key_S = hash_spans(stream, first_S, last_S)
    sample_U, distinct_S = group_equal(key_S)
    return Spans(first_S, last_S, distinct_S, sample_U)


def hash_spans(stream: NoteStream, first_S: Ints, last_S: Ints) -> NDArray[np.uint64]:
    """A 64-bit name of the token sequence of each span, the same in every batch and run.

    Among a million distinct ones, two share a name with a chance of one in thirty million.
    """
    key_S = np.zeros(len(first_S), np.uint64)
    for step in range(int((last_S - first_S).max(initial=-1)) + 1):
        inside = first_S + step <= last_S
        at = np.minimum(first_S + step, len(stream.row_T) - 1)
        key_S = np.where(inside, (key_S + stream.hash_T[at]) * MIX, key_S)
    return key_S


def gather_phrases(stream: NoteStream, first_S: Ints, last_S: Ints, length: int) -> Phrases:
    """The tokens of spans as padded phrases; longer spans keep their first `length` tokens."""
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
    """Token rows of the `reach` tokens on each side of spans, the span itself masked; [S, 2R]."""
    steps_R = np.arange(1, reach + 1)
    at = np.concatenate(
        [first_S[:, None] - steps_R[None, :], last_S[:, None] + steps_R[None, :]], axis=1
    )
    safe = np.clip(at, 0, max(len(stream.row_T) - 1, 0))
    same = (at == safe) & (stream.note_T[safe] == stream.note_T[first_S][:, None])
    return np.where(same, stream.row_T[safe], 0).astype(np.int32)
