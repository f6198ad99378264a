"""Word frequency at large: common words of every language are known as common."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.data.features import make_token_table
from lvmh_jax.data.frequency import RARE, zipf_of_form, zipf_of_table
from lvmh_jax.data.text import fold_form, tokenize

COMMON = [
    "the",
    "pour",
    "été",
    "und",
    "você",
    "они",
    "على",
    "の",
    "的",
    "것",
    "niet",
    "della",
    "pero",
]


@pytest.mark.parametrize("word", COMMON)
def test_common_words_are_common(word: str) -> None:
    assert zipf_of_form(fold_form(word)) > 5


def test_a_table_has_a_figure_a_row() -> None:
    table = make_token_table(tokenize("the pochette"), 64)
    zipf_V = zipf_of_table(table)
    assert zipf_V.dtype == np.float32
    assert zipf_V[0] == RARE < zipf_V[1]
    assert zipf_V[2] < 4
