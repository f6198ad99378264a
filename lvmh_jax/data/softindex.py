"""Soft word matching through an inverted index: which aliases does a window of words express?

Each word of an alias may be matched by a similar word of the note. The similarity of two words is
the maximum of the cosine of their TF-IDF character n-grams (2 to 4) and the rules of
`data.likeness`, to the power of 1.5, so that weak similarity counts little. The index lists the
aliases of each word. The score of a window is the harmonic mean of the share of the alias that it
covers and the share of it that the alias covers, with words weighted by rarity (FINDINGS C: half of
the gain over a dictionary, without learning).

In scripts without spaces the "words" are overlapping character pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.data.grams import GRAM_SPACE, count_grams, weigh_rows
from lvmh_jax.data.likeness import (
    LONGEST_WORD,
    KeyTable,
    Pairs,
    compare_parts,
    compare_plurals,
    compare_starts,
    spell,
)
from lvmh_jax.data.sorting import sort_and_group
from lvmh_jax.data.text import Token

GRAM_SIZES = (2, 3, 4)
MOST_WORDS = 200  # n-grams of more lexicon words are ignored in comparisons
MIN_COSINE = 0.175  # minimum n-gram cosine, without a shared key, to try the `data.likeness` rules
MIN_SIMILARITY = 0.35  # less similar words share an ending at most
MOST_SIMILAR = 0.95  # maximum similarity of two different words
# 1.5 finds more of the demo's true concepts than 2, at the same F1; 1 costs some (docs/log.md).
SHARPNESS = 1.5
MOST_HELD = 1 << 22  # cached cells: 32 MB
BLOCK = 512  # words compared at once; with 4,096 the products no longer fit the cache
Row: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float32]]  # columns and values


@dataclass(frozen=True, slots=True)
class Term:
    """An index word of a text: form, and the tokens [first, last] it spans."""

    form: str
    first: int
    last: int


def list_terms(tokens: Sequence[Token]) -> list[Term]:
    """Index words of a text: its words, and overlapping character pairs in unspaced scripts.

    >>> from lvmh_jax.data.text import tokenize
    >>> [t.form for t in list_terms(tokenize("gift 婚礼物 赤"))]
    ['gift', '婚礼', '礼物', '赤']
    """
    terms: list[Term] = []
    for i, token in enumerate(tokens):
        if not token.unspaced:
            terms.append(Term(token.form[:LONGEST_WORD], i, i))
            continue
        after = tokens[i + 1] if i + 1 < len(tokens) else None
        if after is not None and after.unspaced and after.start == token.end:
            terms.append(Term(token.form + after.form, i, i + 1))
        elif not (i and tokens[i - 1].unspaced and tokens[i - 1].end == token.start):
            terms.append(Term(token.form, i, i))
    return terms


class SoftIndex:
    """Inverted index from words to aliases; built once, concurrent reads are thread-safe.

    Attributes:
      word_row: index word to its row.
      postings: float32 CSR, words x aliases: share of the word in the alias; sums to 1 per alias.
      rarity_W: float32 rarity of each word among concepts, in (0, 1].
    """

    def __init__(
        self, phrases: Sequence[Sequence[Token]], concept_A: NDArray[np.int64], concepts: int
    ) -> None:
        self.word_row: dict[str, int] = {}
        words_of: list[list[int]] = []
        users: list[set[int]] = []
        for phrase, concept in zip(phrases, concept_A.tolist(), strict=True):
            forms = dict.fromkeys(term.form for term in list_terms(phrase))
            rows = [self.word_row.setdefault(form, len(self.word_row)) for form in forms]
            users += [set() for _ in range(len(self.word_row) - len(users))]
            for row in rows:
                users[row].add(concept)
            words_of.append(rows)
        used_W = np.array([len(each) for each in users] or [1], np.float32)
        self.rarity_W = (np.log1p(concepts / used_W) / np.log1p(concepts)).astype(np.float32)
        self._build_postings(words_of)
        self._build_grams()
        self._met: dict[str, Row] = {}
        self._held = 0

    def _build_postings(self, words_of: list[list[int]]) -> None:
        sizes_A = np.array([len(words) for words in words_of], np.int64)
        alias_P = np.repeat(np.arange(len(words_of)), sizes_A)
        word_P = np.array([word for words in words_of for word in words], np.int64)
        weight_P = self.rarity_W[word_P] if len(word_P) else np.zeros(0, np.float32)
        total_A = np.bincount(alias_P, weight_P, minlength=len(words_of)).astype(np.float32)
        share_P = weight_P / np.maximum(total_A[alias_P], 1e-9)
        shape = (len(self.word_row), len(words_of))
        self.postings = sparse.csr_matrix((share_P, (word_P, alias_P)), shape=shape)

    def _build_grams(self) -> None:
        words = list(self.word_row)
        counts = count_grams(words, GRAM_SIZES)
        seen_G = np.bincount(counts.indices, minlength=GRAM_SPACE)
        idf_G = np.log((1 + len(words)) / (1 + seen_G)) + 1
        self._idf_G = np.where(seen_G <= MOST_WORDS, idf_G, 0.0).astype(np.float32)
        self._grams_GW = weigh_rows(counts, self._idf_G).T.tocsr()
        self._words_W = np.array(words or [""])
        self._codes_WL = spell(words)
        self._keys = KeyTable(words)

    def match_words(self, words: Sequence[str]) -> sparse.csr_matrix:
        """Sharpened similarity of words to alias words; float32 evidence_QW, CSR."""
        words = [word[:LONGEST_WORD] for word in words]
        rows = {word: row for word in words if (row := self._met.get(word))}
        new = [word for word in dict.fromkeys(words) if word not in rows]
        for start in range(0, len(new), BLOCK):
            block = new[start : start + BLOCK]
            rows.update(zip(block, _list_rows(self._match_block(block)), strict=True))
        self._remember({word: rows[word] for word in new})
        found = [rows[word] for word in words]
        ends = np.cumsum([0, *(len(columns) for columns, _ in found)])
        columns = np.concatenate([np.zeros(0, np.int32), *(each for each, _ in found)])
        values = np.concatenate([np.zeros(0, np.float32), *(each for _, each in found)])
        shape = (len(words), len(self.word_row))
        return sparse.csr_matrix((values, columns, ends), shape=shape)

    def _remember(self, rows: Mapping[str, Row]) -> None:
        """Caches the similar words of new words, because notes repeat themselves."""
        self._held += sum(len(columns) for columns, _ in rows.values())
        if self._held > MOST_HELD or len(self._met) > MOST_HELD // 64:
            # A new dict, because another thread may be reading the old one.
            self._met, self._held = {}, 0
        self._met.update(rows)

    def _match_block(self, words: Sequence[str]) -> sparse.csr_matrix:
        q, w, similarity = self._list_pairs(words)
        queries, known = np.array(words)[q], self._words_W[w]
        similarity = np.maximum(similarity, compare_parts(queries, known))
        spelt = spell(words), self._codes_WL, q, w
        for compare in (compare_starts, compare_plurals):
            similarity = np.maximum(similarity, compare(*spelt))
        similarity = np.where(queries == known, 1.0, np.minimum(similarity, MOST_SIMILAR))
        keep = similarity >= MIN_SIMILARITY
        values = (similarity[keep] ** SHARPNESS).astype(np.float32)
        shape = (len(words), len(self.word_row))
        return sparse.csr_matrix((values, (q[keep], w[keep])), shape=shape)

    def _list_pairs(self, words: Sequence[str]) -> Pairs:
        """Pairs of words that share enough n-grams or a key, each once, with best similarity."""
        if not self.word_row:
            nothing = np.zeros(0, np.int64)
            return Pairs(nothing, nothing, np.zeros(0, np.float32))
        grams_QG = weigh_rows(count_grams(words, GRAM_SIZES), self._idf_G)
        cosine_QW = grams_QG @ self._grams_GW
        kept = np.flatnonzero(cosine_QW.data >= MIN_COSINE)
        row = np.searchsorted(cosine_QW.indptr, kept, "right") - 1
        keyed = self._keys.join(words)
        # A word equals itself, even if all its n-grams are ignored.
        same = np.array([[i, self.word_row[w]] for i, w in enumerate(words) if w in self.word_row])
        same_q, same_w = same.reshape(-1, 2).astype(np.int64).T
        q = np.concatenate([row, keyed.query_N, same_q]).astype(np.int64)
        w = np.concatenate([cosine_QW.indices[kept], keyed.word_N, same_w]).astype(np.int64)
        alike = np.ones(len(same_q), np.float32)
        likeness = np.concatenate([cosine_QW.data[kept], keyed.similarity_N, alike])
        order, heads = sort_and_group(q, w)
        best = np.maximum.reduceat(likeness[order], heads) if len(heads) else likeness
        return Pairs(q[order[heads]], w[order[heads]], best)


def _list_rows(matrix: sparse.csr_matrix) -> list[Row]:
    columns, values = matrix.indices.astype(np.int32), matrix.data
    return [(columns[low:high], values[low:high]) for low, high in pairwise(matrix.indptr.tolist())]
