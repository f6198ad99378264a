"""Names that say that something is over, and common words that say nothing of the kind."""

from __future__ import annotations

import pytest

from lvmh_jax.data.endings import is_same_end, names_end
from lvmh_jax.data.text import tokenize

ENDS = ["selling the house", "vendre sa maison", "продать дом", "卖房", "給手放した", "戒掉咖啡"]
# Words of cues that end nothing alone.
OTHERS = ["more bags", "plus size", "used car", "tout noir", "手袋", "猫を飼いたい", "戒指", "手表"]
OTHERS += ["give them", "design", "vendredi", "停车", "لعبة", "no more leather"]


def forms(text: str) -> list[str]:
    return [token.form for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "wanted"), [*((text, True) for text in ENDS), *((text, False) for text in OTHERS)]
)
def test_a_name_says_that_something_is_over(text: str, wanted: bool) -> None:
    assert names_end(forms(text)) is wanted


def test_one_verb_has_many_forms() -> None:
    assert is_same_end("verkauft", forms("Haus verkaufen"))
    assert not is_same_end("verkauft", forms("grosses Haus"))
