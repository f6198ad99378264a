"""What nobody sees is left out of a comparison, and every span is one of the text itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.cleartext import (
    KINDS,
    clear_all,
    clear_text,
    even_all,
    even_text,
    hide_placeholders,
)
from lvmh_jax.data.privacy import _FINDERS
from tests.generators import texts

SPACES = " \t\n\r\x0b\x0c\x1c\x85\xa0\u2003\u2028\u202f\u3000"
UNSEEN = "\xad\u034f\u061c\u200b\u200c\u200d\u200e\u202a\u2060\u2069\ufe0f\ufeff"


@given(texts())
def test_only_what_is_not_seen_is_left_out(text) -> None:
    clear = clear_text(text)
    assert clear.text == "".join(char for char in text if char not in UNSEEN)
    assert clear_text(clear.text) == (clear.text, None)
    for start in range(len(clear.text)):
        first, last = clear.locate(start, start + 1)
        assert text[first:last] == clear.text[start]


@given(st.text(f"ab.\xad\u200b{SPACES}", max_size=14))
def test_white_space_is_one_space_and_an_empty_line_is_none(text) -> None:
    even = even_text(text)
    clear = clear_text(text).text
    assert "".join(even.text.split()) == "".join(clear.split())
    assert "  " not in even.text
    assert set(even.text) <= set("ab. \n")
    assert even_text(even.text.replace("\n", "\n\n")).text == even.text
    for start, char in enumerate(even.text):
        first, last = even.locate(start, start + 1)
        assert text[first:last] == char or (char.isspace() and text[first:last].isspace())


@pytest.mark.parametrize(
    ("text", "even"),
    [
        ("call\nback", "call back"),
        ("call \r\n\tback", "call back"),
        ("call\xa0\u3000 back", "call back"),
        ("call\n\nback", "call\nback"),
        ("call\r\n \r\nback", "call\nback"),
        ("call\u2028back", "call back"),
        ("call \u200b\xadback", "call back"),
    ],
)
def test_white_space_by_hand(text, even) -> None:
    assert even_text(text).text == even


@given(st.lists(st.one_of(texts(), st.text(f"a {SPACES}{UNSEEN}", max_size=6)), max_size=4))
def test_many_texts_are_each_alone(batch) -> None:
    for one, many in ((clear_text, clear_all), (even_text, even_all)):
        clear, changed = many(batch)
        assert clear == [one(text).text for text in batch]
        assert all(changed.get(row, (text, None)) == one(text) for row, text in enumerate(batch))


def test_placeholders_are_those_that_redaction_writes() -> None:
    assert {kind for kind, _, _ in _FINDERS} == set(KINDS)
    text = "".join(f"a[{kind}]b" for kind in KINDS)
    assert set(hide_placeholders(text, "-")) == {*"ab-"}
    assert len(hide_placeholders(text, "-")) == len(text)
    for kept in ("[name]", "[NAMES]", "[NAME", "NAME]", "[VIP]", "ID"):
        assert hide_placeholders(kept, "-") == kept
