from __future__ import annotations

from math import log

import numpy as np
import pytest

from lvmh_jax.data.features import make_token_table
from lvmh_jax.data.rarity import TokenRarity
from lvmh_jax.data.text import tokenize

ALIASES = [("black bag", 0), ("small bag bag", 0), ("BAG charm", 1), ("silk", 2), ("bag", 3)]


@pytest.fixture(scope="module")
def rarity() -> TokenRarity:
    return TokenRarity([tokenize(text) for text, _ in ALIASES], [row for _, row in ALIASES], 4)


def test_rarity_counts_concepts_not_aliases(rarity) -> None:
    # "bag": concepts 0, 1 and 3 of 4, however often each uses it.
    assert rarity.of("bag") == pytest.approx(log(1 + 4 / 3) / log(5))
    assert rarity.of("silk") == 1.0
    assert rarity.of("black") == 1.0


def test_a_word_that_no_alias_uses_is_as_rare_as_can_be(rarity) -> None:
    assert rarity.of("velvet") == 1.0
    assert rarity.knows("bag")
    assert not rarity.knows("velvet")


def test_the_more_concepts_use_a_word_the_less_it_weighs() -> None:
    phrases = [tokenize(" ".join(f"w{k}" for k in range(row + 1))) for row in range(6)]
    rarity = TokenRarity(phrases, range(6), 6)
    rare = [rarity.of(f"w{k}") for k in range(6)]  # w0 is used by all six, w5 by one
    assert rare == sorted(rare)
    assert 0 < rare[0] < rare[-1] == 1.0


def test_a_table_gets_a_rarity_a_row_and_none_for_padding(rarity) -> None:
    table = make_token_table(tokenize("bag BAG velvet"), 64)
    expected = [0.0, rarity.of("bag"), rarity.of("bag"), 1.0]
    np.testing.assert_allclose(rarity.of_table(table), expected, rtol=1e-6)
