"""TF-IDF over character n-grams of whole phrases: similarity of a span to a concept's aliases.

The soft index compares word by word, and the encoder what it has learned. This index compares the
whole written form, so its errors differ from theirs. N-grams that many aliases share carry little
information and most of the cost, so they only count towards the length of a phrase.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.grams import count_grams, keep_grams, weigh_rows
from lvmh_jax.data.text import Token

SIZES = (4,)  # sizes 3 to 5 find no more, at three times the cost
MOST_USERS = 200  # n-grams of more aliases are ignored in comparisons
BLOCK_CELLS = 1 << 17  # spans x concepts compared at once; larger arrays need new memory each time
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


class GramIndex:
    """Index of aliases by character n-grams; built once, concurrent reads are thread-safe."""

    def __init__(self, phrases: Sequence[Sequence[Token]], concept_A: Ints, concepts: int) -> None:
        forms: dict[str, int] = {}
        rows_AT = [[forms.setdefault(t.form, len(forms)) for t in phrase] for phrase in phrases]
        # All other n-grams have weight 0.
        self._space = keep_grams(np.unique(count_grams(list(forms), SIZES).indices))
        counts_FG = count_grams(list(forms), SIZES, self._space)
        counts_AG = _count_tokens(rows_AT, len(forms)) @ counts_FG
        users_G = np.bincount(counts_AG.indices, minlength=counts_AG.shape[1])
        self._idf_G = (np.log((1 + len(phrases)) / (1 + users_G)) + 1).astype(np.float32)
        weights_AG = weigh_rows(counts_AG, self._idf_G)
        weights_AG.data *= users_G[weights_AG.indices] <= MOST_USERS
        weights_AG.eliminate_zeros()
        self._aliases_GA = weights_AG.T.tocsr()
        self._concept_A, self._concepts = concept_A, concepts

    def compare(
        self, forms: Sequence[str], tokens_UT: NDArray[np.int32], span_N: Ints, concept_N: Ints
    ) -> tuple[Floats, Floats]:
        """Cosine of spans with the nearest alias of a concept, and of the best other concept.

        Args:
          forms: token forms of some notes.
          tokens_UT: int32 distinct spans as rows of `forms`, 0 at padding.
          span_N: int64 row of the span in each pair.
          concept_N: int64 concept in each pair.

        Returns: float32 own_N and other_N in [0, 1]; 0 without a common n-gram.
        """
        weights_UG = self._weigh(forms, tokens_UT)
        own_N = np.zeros(len(span_N), np.float32)
        other_N = np.zeros(len(span_N), np.float32)
        size = max(BLOCK_CELLS // max(self._concepts, 1), 1)
        order = np.argsort(span_N, kind="stable")
        for start in range(0, len(tokens_UT), size):
            best_UC = self._best_of_concepts(weights_UG[start : start + size])
            low, high = np.searchsorted(span_N[order], [start, start + size])
            at = order[low:high]
            own_N[at], other_N[at] = _own_and_other(best_UC, span_N[at] - start, concept_N[at])
        return own_N, other_N

    def score(self, forms: Sequence[str], tokens_UT: NDArray[np.int32]) -> Floats:
        """Cosine of phrases with the nearest alias of each concept; float32 [U, C].

        Takes the arguments of `compare`.
        """
        return self._best_of_concepts(self._weigh(forms, tokens_UT))

    def _weigh(self, forms: Sequence[str], tokens_UT: NDArray[np.int32]) -> sparse.csr_matrix:
        there_UT = tokens_UT > 0
        ends = np.concatenate([[0], np.cumsum(there_UT.sum(1))])
        # Only the forms in these spans are counted, which are few of the notes' forms.
        used_V, columns = np.unique(tokens_UT[there_UT], return_inverse=True)
        counts_UV = _count_columns(columns, ends, len(used_V))
        counts_VG = count_grams([forms[row] for row in used_V.tolist()], SIZES, self._space)
        return weigh_rows(counts_UV @ counts_VG, self._idf_G)

    def _best_of_concepts(self, weights_UG: sparse.csr_matrix) -> Floats:
        cosine_UA = weights_UG @ self._aliases_GA
        best_UC = np.zeros((cosine_UA.shape[0], self._concepts), np.float32)
        cell = np.repeat(np.arange(len(best_UC)) * self._concepts, np.diff(cosine_UA.indptr))
        cell += self._concept_A[cosine_UA.indices]
        np.maximum.at(best_UC.reshape(-1), cell, cosine_UA.data)
        return best_UC


def _own_and_other(best_UC: Floats, row_N: Ints, concept_N: Ints) -> tuple[Floats, Floats]:
    own_N = best_UC[row_N, concept_N]
    first_U = best_UC.argmax(1)
    top_U = best_UC.max(1, initial=0.0)
    best_UC[np.arange(len(best_UC)), first_U] = 0.0
    second_U = best_UC.max(1, initial=0.0)
    other_N = np.where(first_U[row_N] == concept_N, second_U[row_N], top_U[row_N])
    return own_N, other_N.astype(np.float32)


def _count_tokens(rows: Sequence[Sequence[int]], forms: int) -> sparse.csr_matrix:
    """Counts how often each phrase has each form; CSR, phrases x forms."""
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([form for row in rows for form in row], np.int64)
    return _count_columns(columns, ends, forms)


def _count_columns(columns: NDArray[np.integer[Any]], ends: Ints, forms: int) -> sparse.csr_matrix:
    ones = np.ones(len(columns), np.float32)
    return sparse.csr_matrix((ones, columns, ends), shape=(len(ends) - 1, forms))
