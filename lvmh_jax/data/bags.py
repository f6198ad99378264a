"""Notes as bags of hashed words and word pairs: what a note-level head reads.

Words enter as crc32 buckets (Weinberger et al., arXiv:0902.2206), so no word of a note is ever
stored. Counts are dampened, weighted by rarity and scaled to unit length (Salton and Buckley,
"Term-weighting approaches in automatic text retrieval", 1988).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lvmh_jax.data.features import hash_pair
from lvmh_jax.data.text import tokenize
from lvmh_jax.data.tokengrams import hash_gram

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BagSpace:
    """The buckets that count, and how much.

    Attributes:
      buckets: hash buckets in all.
      kept_V: int64 buckets in use, rising.
      idf_V: float32 weight of each.
    """

    buckets: int
    kept_V: Ints
    idf_V: Floats


def count_grams(texts: Sequence[str], buckets: int) -> csr_array:
    """Counts words and pairs of neighbours of each text by bucket; float32 [N, buckets].

    >>> count_grams(["navy, navy bag", ""], 1 << 15).sum(1).tolist()
    [5.0, 0.0]
    """
    rows: list[Counter[int]] = [Counter(_list_buckets(text, buckets)) for text in texts]
    begin_N = np.cumsum([0, *map(len, rows)])
    column = np.array([bucket for row in rows for bucket in row], np.int64)
    count = np.array([each for row in rows for each in row.values()], np.float32)
    return csr_array((count, column, begin_N), shape=(len(texts), buckets))


def _list_buckets(text: str, buckets: int) -> Iterator[int]:
    tokens = tokenize(text)
    yield from (hash_gram(token.form, buckets) for token in tokens)
    yield from (hash_pair(left.form, right.form, buckets) for left, right in pairwise(tokens))


def fit_space(counts_NV: csr_array, least_notes: int, most: int) -> BagSpace:
    """Keeps the buckets of at least some notes, the most frequent where there are too many.

    Args:
      counts_NV: of `count_grams`.
      least_notes: a bucket of fewer notes cannot tell a new one anything.
      most: buckets at most; bounds what is fitted and stored.
    """
    notes, buckets = counts_NV.shape
    frequency_V = np.bincount(counts_NV.indices, minlength=buckets)
    order_V = np.argsort(-frequency_V, kind="stable")[:most]
    kept_V = np.sort(order_V[frequency_V[order_V] >= least_notes]).astype(np.int64)
    idf_V = np.log((1 + notes) / (1 + frequency_V[kept_V])) + 1
    return BagSpace(int(buckets), kept_V, idf_V.astype(np.float32))


def weigh_grams(counts_NV: csr_array, space: BagSpace) -> csr_array:
    """Log-dampened counts times rarity, each row of unit length; a row of nothing stays zero."""
    place_V = np.full(space.buckets, -1, np.int64)
    place_V[space.kept_V] = np.arange(len(space.kept_V))
    column = place_V[counts_NV.indices]
    known = column >= 0
    note = np.repeat(np.arange(counts_NV.shape[0]), np.diff(counts_NV.indptr))[known]
    value = (1 + np.log(counts_NV.data[known])) * space.idf_V[column[known]]
    square_N = np.bincount(note, weights=value**2, minlength=counts_NV.shape[0])
    value = (value / np.sqrt(square_N[note])).astype(np.float32)
    shape = (counts_NV.shape[0], len(space.kept_V))
    return csr_array((value, (note, column[known])), shape=shape)


def pad_rows(bags_NV: csr_array, most: int) -> tuple[NDArray[np.int32], Floats]:
    """Sparse rows as padded arrays of equal width; a row of more keeps its heaviest.

    Args:
      bags_NV: of `weigh_grams`.
      most: T at most.

    Returns: int32 ids_NT, V where padded, and float32 values_NT, 0 there.
    """
    notes, width = bags_NV.shape
    length_N = np.diff(bags_NV.indptr)
    note = np.repeat(np.arange(notes), length_N)
    order = np.lexsort((-bags_NV.data, note))
    rank = np.arange(len(note)) - np.repeat(bags_NV.indptr[:-1], length_N)
    short = rank < most
    ids_NT = np.full((notes, max(1, min(most, length_N.max(initial=1)))), width, np.int32)
    values_NT = np.zeros(ids_NT.shape, np.float32)
    ids_NT[note[short], rank[short]] = bags_NV.indices[order][short]
    values_NT[note[short], rank[short]] = bags_NV.data[order][short]
    return ids_NT, values_NT
