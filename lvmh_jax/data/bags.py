"""Bags of features of notes: character grams of their words, and signs of concepts.

The input of note-level heads. Grams are hashed (Weinberger et al., arXiv:0902.2206), so no word of
a note is ever stored. Counts are log-dampened, weighted by rarity and scaled to unit length (Salton
and Buckley, "Term-weighting approaches in automatic text retrieval", 1988). Grams of two to four
letters are shared by inflections and across languages. On reviews in eleven languages, with each
review on one side only, words and word pairs gave an F1 of .47, grams .51, and with signs in
addition .54 and .55 (docs/log.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix, hstack

from lvmh_jax.data.grams import GramSpace, count_grams, keep_grams

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
SIZES = (2, 3, 4)  # letters of a gram
SIGN_WEIGHT = 0.15  # weight of a sign of 1, relative to all grams of a note with length 1


@dataclass(frozen=True)
class BagSpace:
    """The V features of a bag: grams, then signs.

    Attributes:
      grams_G: int64 grams, numbered by `data.grams.count_grams`, ascending.
      idf_G: float32 weight of each.
      signs_S: int64 columns of the signs, ascending.
    """

    grams_G: Ints
    idf_G: Floats
    signs_S: Ints

    def __len__(self) -> int:
        """V."""
        return len(self.grams_G) + len(self.signs_S)

    @cached_property
    def kept(self) -> GramSpace:
        """Its grams only: products with few columns are faster."""
        return keep_grams(self.grams_G)

    def make_bags(
        self, words: Sequence[str], word_T: Ints, note_T: Ints, signs_NS: csr_array
    ) -> csr_array:
        """Builds the bags of some notes; float32 [N, V].

        Args:
          words: the distinct token forms.
          word_T: int64 row of each token in `words`.
          note_T: int64 note of each token.
          signs_NS: float32 signs of all columns, in [0, 1].
        """
        counts_NG = count_note_grams(words, word_T, note_T, signs_NS.shape[0], self.kept)
        grams_NG = weigh_grams(counts_NG, self.idf_G)
        signs = csr_array(signs_NS[:, self.signs_S]) * np.float32(SIGN_WEIGHT)
        return csr_array(hstack([grams_NG, signs], format="csr"))


def count_note_grams(
    words: Sequence[str], word_T: Ints, note_T: Ints, notes: int, space: GramSpace | None = None
) -> csr_array:
    """Counts the grams of the words of each note; float32 [N, grams].

    >>> counts = count_note_grams(["ab", "b"], np.array([0, 0, 1]), np.array([0, 1, 1]), 3)
    >>> counts.sum(1).tolist()  # " a", "ab", "b ", and longer ones; " b", "b ", and " b " twice
    [6.0, 10.0, 0.0]
    """
    once_T = np.ones(len(word_T), np.float32)
    words_NW = csr_matrix((once_T, (note_T, word_T)), shape=(notes, len(words)))
    return csr_array(words_NW @ count_grams(words, SIZES, space))


def fit_space(counts_NG: csr_array, signs_NS: csr_array, least_notes: int, most: int) -> BagSpace:
    """Selects the signs and grams that enough notes have, the most frequent if there are too many.

    Args:
      counts_NG: counts of all grams (`count_note_grams`).
      signs_NS: signs of all columns.
      least_notes: minimum number of notes with a feature; rarer ones do not generalise.
      most: maximum V, of which signs take at most half; bounds the size of the model.
    """
    notes = counts_NG.shape[0]
    signs_S, _ = _keep_frequent(signs_NS, least_notes, most // 2)
    grams_G, frequency_G = _keep_frequent(counts_NG, least_notes, most - len(signs_S))
    idf_G = np.log((1 + notes) / (1 + frequency_G)) + 1
    return BagSpace(grams_G, idf_G.astype(np.float32), signs_S)


def _keep_frequent(columns_NC: csr_array, least: int, most: int) -> tuple[Ints, Ints]:
    """Columns that enough rows have, ascending, and the number of these rows."""
    frequency_C = np.bincount(columns_NC.indices, minlength=columns_NC.shape[1])
    order_C = np.argsort(-frequency_C, kind="stable")[:most]
    kept = np.sort(order_C[frequency_C[order_C] >= least]).astype(np.int64)
    return kept, frequency_C[kept].astype(np.int64)


def weigh_grams(counts_NG: csr_array, idf_G: Floats) -> csr_array:
    """Log-dampened counts times rarity, each row of unit length; empty rows stay zero."""
    note = np.repeat(np.arange(counts_NG.shape[0]), np.diff(counts_NG.indptr))
    value = (1 + np.log(counts_NG.data)) * idf_G[counts_NG.indices]
    square_N = np.bincount(note, weights=value**2, minlength=counts_NG.shape[0])
    value = (value / np.sqrt(square_N[note])).astype(np.float32)
    return csr_array((value, counts_NG.indices, counts_NG.indptr), shape=counts_NG.shape)


def pad_rows(bags_NV: csr_array, most: int) -> tuple[NDArray[np.int32], Floats]:
    """Converts sparse rows to padded arrays; rows that are too long keep their largest values.

    Args:
      bags_NV: bags from `BagSpace.make_bags`.
      most: maximum T.

    Returns: int32 ids_NT, V at padding, and float32 values_NT, 0 at padding.
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
