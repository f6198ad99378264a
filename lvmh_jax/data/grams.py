"""Character grams of words as sparse rows, for TF-IDF likeness (Salton and Buckley, 1988)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.features import hash_slices

GRAM_SPACE = 1 << 20
COLUMN = np.dtype(np.int32)
Floats = NDArray[np.float32]


def count_grams(words: Sequence[str], sizes: Sequence[int]) -> sparse.csr_matrix:
    """Words x grams of the word with a space on each side; a shorter word is one gram whole."""
    hashed = [_hash_word(word, tuple(sizes)) for word in words]
    ends = np.cumsum([0, *map(len, hashed)]) // COLUMN.itemsize
    columns = np.frombuffer(bytearray(b"".join(hashed)), COLUMN)  # to be sorted in place
    values = np.ones(len(columns), np.float32)
    counts = sparse.csr_matrix((values, columns, ends), shape=(len(words), GRAM_SPACE))
    counts.sum_duplicates()
    return counts


@lru_cache(maxsize=1 << 16)
def _hash_word(word: str, sizes: tuple[int, ...]) -> bytes:
    grams = hash_slices(f" {word} ", sizes, GRAM_SPACE)
    return np.array(grams, COLUMN).tobytes()


def weigh_rows(counts: sparse.csr_matrix, idf_G: Floats) -> sparse.csr_matrix:
    """Rows weighted by the rarity of their grams, and divided by their length."""
    weighted = sparse.csr_matrix(counts, copy=True)
    weighted.data = weighted.data * idf_G[weighted.indices]
    row = np.repeat(np.arange(weighted.shape[0]), np.diff(weighted.indptr))
    norm = np.sqrt(np.bincount(row, weighted.data**2, minlength=weighted.shape[0]))
    weighted.data = (weighted.data / np.maximum(norm, 1e-9)[row]).astype(np.float32)
    weighted.eliminate_zeros()
    return weighted
