"""Finds the phrases that can occur in some texts, so that an automaton only needs to hold these.

If a phrase occurs in a text, all its runs of eight bytes do. The runs of the texts are marked in a
hash table, as in a Bloom filter (Bloom, CACM 13(7), 1970); a collision may keep a phrase too many,
but never loses one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cleartext import even_all
from lvmh_jax.data.text import cut_texts, fold_with_offsets

RUN_BYTES = 8  # one uint64; shorter phrases are always kept
MOST_CHARACTERS = 1 << 22  # total length processed at once; takes 24 bytes per character
TABLE_BITS = 26  # one byte each, 64 MB: 200,000 notes mark a tenth of it
_MIX = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: the high bits of a product (Knuth, 6.4)


def find_occurring(phrases: Sequence[str], texts: Sequence[str]) -> NDArray[np.int64]:
    """Rows of the phrases that may occur in one of the texts, compared as the dictionary does.

    Contains every phrase that does occur, and few others; int64, ascending.

    >>> find_occurring(["black handbag", "blue handbag", "silk"], ["A Black Handbag."]).tolist()
    [0, 2]
    """
    marked = np.zeros(1 << TABLE_BITS, bool)
    for part in cut_texts(texts, MOST_CHARACTERS):
        marked[_hash_runs(b"\n".join(_fold(texts[part])))] = True
    found = [np.zeros(0, np.int64)]
    for part in cut_texts(phrases, MOST_CHARACTERS):
        found.append(part.start + _find_marked(_fold(phrases[part]), marked))
    return np.concatenate(found)


def _fold(texts: Sequence[str]) -> list[bytes]:
    evened, _ = even_all(texts)
    return [fold_with_offsets(text)[0].encode("utf-8", "surrogatepass") for text in evened]


def _find_marked(folded: Sequence[bytes], marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of the phrases whose runs are all marked; int64."""
    length_P = np.fromiter(map(len, folded), np.int64, len(folded))
    begin_P = np.cumsum(length_P) - length_P
    runs_P = np.maximum(length_P - RUN_BYTES + 1, 0)
    is_absent = ~marked[_hash_runs(b"".join(folded))]
    absent_before = np.concatenate([[0], np.cumsum(is_absent)])
    last_P = np.minimum(begin_P + runs_P, len(is_absent))
    first_P = np.minimum(begin_P, last_P)
    return np.flatnonzero(absent_before[last_P] == absent_before[first_P])


def _hash_runs(data: bytes) -> NDArray[np.int64]:
    """Table position of the run that begins at each byte; int64."""
    count = max(len(data) - RUN_BYTES + 1, 0)
    runs = np.empty(count, np.uint64)
    for shift in range(min(RUN_BYTES, count)):
        each = (len(data) - shift) // RUN_BYTES
        runs[shift::RUN_BYTES] = np.frombuffer(data, "<u8", each, shift)
    return ((runs * _MIX) >> np.uint64(64 - TABLE_BITS)).astype(np.int64)
