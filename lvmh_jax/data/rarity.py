"""How rare a word is in the lexicon: the idf that gates a token's share of its phrase."""

from __future__ import annotations

from collections.abc import Sequence
from math import log1p

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import TokenTable
from lvmh_jax.data.text import Token


class TokenRarity:
    """Rarity of token forms, from how many concepts use them in an alias; 1 when none does."""

    def __init__(
        self, phrases: Sequence[Sequence[Token]], rows: Sequence[int], concepts: int
    ) -> None:
        users: dict[str, set[int]] = {}
        for phrase, row in zip(phrases, rows, strict=True):
            for token in phrase:
                users.setdefault(token.form, set()).add(row)
        self._rarity = {
            form: log1p(concepts / len(rows)) / log1p(concepts) for form, rows in users.items()
        }

    def of(self, form: str) -> float:
        """Rarity in (0, 1]."""
        return self._rarity.get(form, 1.0)

    def knows(self, form: str) -> bool:
        """Whether any alias uses the form."""
        return form in self._rarity

    def of_table(self, table: TokenTable) -> NDArray[np.float32]:
        """Rarity of each row of a token table; 0 at padding."""
        rarity_V = np.array([self.of(form) for form, _ in table.row_of], np.float32)
        rarity_V[0] = 0.0
        return rarity_V
