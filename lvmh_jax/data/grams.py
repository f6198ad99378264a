"""Character n-grams of words as sparse rows, for TF-IDF similarity (Salton and Buckley, 1988)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.likeness import LONGEST_WORD, MIX

GRAM_BITS = 20
GRAM_SPACE = 1 << GRAM_BITS
PART = 4096  # words hashed at once
Floats = NDArray[np.float32]


class GramSpace(NamedTuple):
    """Selection of n-grams: products with a few thousand columns are faster than with all.

    Attributes:
      column_G: int32 column of each n-gram; -1 if it is not selected.
      columns: number of columns.
    """

    column_G: NDArray[np.int32]
    columns: int


def keep_grams(grams: NDArray[np.integer[Any]]) -> GramSpace:
    """Builds the selection of some distinct n-grams, as numbered by `count_grams` without one."""
    column_G = np.full(GRAM_SPACE, -1, np.int32)
    column_G[grams] = np.arange(len(grams))
    return GramSpace(column_G, len(grams))


def count_grams(
    words: Sequence[str], sizes: Sequence[int], space: GramSpace | None = None
) -> sparse.csr_matrix:
    """Counts the n-grams of words padded by spaces; a word that is too short is one n-gram.

    Args:
      words: words, cut to `LONGEST_WORD` letters.
      sizes: n-gram sizes in letters.
      space: selected n-grams and their columns; all by default.

    Returns: float32 CSR, words x n-grams.
    """
    parts = [
        _count_part(words[i : i + PART], sizes, space) for i in range(0, max(len(words), 1), PART)
    ]
    return sparse.csr_matrix(sparse.vstack(parts, format="csr"))


def _count_part(
    words: Sequence[str], sizes: Sequence[int], space: GramSpace | None
) -> sparse.csr_matrix:
    codes_WL = _spell([f" {word[:LONGEST_WORD]} " for word in words])
    letters_W1 = np.count_nonzero(codes_WL, axis=1, keepdims=True)
    grams, there = [], []
    for size in sizes:
        places = max(codes_WL.shape[1] - size, 0) + 1
        grams.append(_hash_slices(codes_WL, size, places))
        # Padding past a word's end is ignored, so a word shorter than `size` is hashed whole.
        there.append(np.arange(places) <= np.maximum(letters_W1 - size, 0))
    there_WG, grams_WG = np.concatenate(there, axis=1), np.concatenate(grams, axis=1)
    if space is not None:
        grams_WG = space.column_G[grams_WG]
        there_WG &= grams_WG >= 0
    columns = grams_WG[there_WG]
    ends = np.cumsum([0, *there_WG.sum(1)])
    values = np.ones(len(columns), np.float32)
    shape = (len(words), GRAM_SPACE if space is None else space.columns)
    counts = sparse.csr_matrix((values, columns, ends), shape=shape)
    counts.sum_duplicates()
    return counts


def _spell(words: Sequence[str]) -> NDArray[np.uint32]:
    """Code points of words; uint32, 0 at padding."""
    wide = np.array(words or [""], str)
    return wide.view(np.uint32).reshape(len(wide), -1)[: len(words)]


def _hash_slices(codes_WL: NDArray[np.uint32], size: int, places: int) -> NDArray[np.int32]:
    """Hashes all slices of `size` letters to columns; int32 [W, positions].

    Multiply-shift of a polynomial: Dietzfelbinger et al., J. Algorithms 25(1), 1997.
    """
    hashes = np.zeros((len(codes_WL), places), np.uint64)
    powers = np.full(size, MIX, np.uint64).cumprod()
    # Ascending powers, so that padding past a short word's end contributes nothing.
    for letter, power in enumerate(powers[: codes_WL.shape[1]]):
        hashes += codes_WL[:, letter : letter + places] * power
    return ((hashes * np.uint64(MIX)) >> np.uint64(64 - GRAM_BITS)).astype(np.int32)


def weigh_rows(counts: sparse.csr_matrix, idf_G: Floats) -> sparse.csr_matrix:
    """Weights rows by n-gram rarity and normalises them to unit length."""
    weighted = sparse.csr_matrix(counts, copy=True)
    weighted.data = weighted.data * idf_G[weighted.indices]
    row = np.repeat(np.arange(weighted.shape[0]), np.diff(weighted.indptr))
    norm = np.sqrt(np.bincount(row, weighted.data**2, minlength=weighted.shape[0]))
    weighted.data = (weighted.data / np.maximum(norm, 1e-9)[row]).astype(np.float32)
    weighted.eliminate_zeros()
    return weighted
