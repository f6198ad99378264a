"""Rarity of words in the lexicon: the idf that weights a token in its phrase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from math import log1p

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import TokenTable
from lvmh_jax.data.numbering import number_keys
from lvmh_jax.data.text import Token
from lvmh_jax.data.wordings import Ints, Wordings


class TokenRarity:
    """Rarity of token forms, by the number of concepts that use them in an alias; 1 if unused."""

    def __init__(
        self, phrases: Sequence[Sequence[Token]], rows: Sequence[int], concepts: int
    ) -> None:
        users: dict[str, set[int]] = {}
        for phrase, row in zip(phrases, rows, strict=True):
            for token in phrase:
                users.setdefault(token.form, set()).add(row)
        counts = {form: len(rows) for form, rows in users.items()}
        self._rarity = _weigh_counts(counts, concepts)

    @classmethod
    def of_counts(cls, users: Mapping[str, int], concepts: int) -> TokenRarity:
        """Builds it from the number of concepts that use each form."""
        rarity = cls((), (), concepts)
        rarity._rarity = _weigh_counts(users, concepts)
        return rarity

    def of(self, form: str) -> float:
        """Rarity in (0, 1]."""
        return self._rarity.get(form, 1.0)

    def knows(self, form: str) -> bool:
        """Whether any alias contains the form."""
        return form in self._rarity

    def of_table(self, table: TokenTable) -> NDArray[np.float32]:
        """Rarity of each row of a token table; float32 [V], 0 at padding."""
        rarity_V = np.array(list(map(self._rarity.get, table.forms, repeat(1.0))), np.float32)
        rarity_V[0] = 0.0
        return rarity_V


def make_rarity(
    wordings: Wordings, concept_P: Ints, shown_P: NDArray[np.bool_], concepts: int
) -> TokenRarity:
    """Computes rarity from the shown phrases, without building a set per form.

    Args:
      wordings: the phrases.
      concept_P: int64 concept of each phrase.
      shown_P: bool, False for phrases to ignore.
      concepts: number of concepts.
    """
    forms, form_W = number_keys(word.form for word in wordings.words)
    counts_N = np.repeat(shown_P, wordings.count_P)
    pair_N = form_W[wordings.word_N[counts_N]].astype(np.int64)
    pair_N *= concepts
    pair_N += np.repeat(concept_P, np.where(shown_P, wordings.count_P, 0))
    pair_N.sort()
    is_first_N = np.diff(pair_N, prepend=-1) > 0
    users_F = np.bincount(pair_N[is_first_N] // concepts, minlength=len(forms))
    used = zip(forms, users_F.tolist(), strict=True)
    return TokenRarity.of_counts({form: count for form, count in used if count}, concepts)


def _weigh_counts(users: Mapping[str, int], concepts: int) -> dict[str, float]:
    """Rarity by number of concepts; computed once per distinct count, of which there are few."""
    weight = {c: log1p(concepts / c) / log1p(concepts) for c in set(users.values())}
    return {form: weight[count] for form, count in users.items()}
