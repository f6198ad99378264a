"""Sentences around places: whole, short, and without personal data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.excerpts import MOST, find_sentence, quote_place


def quote(text: str, words: str, *, include_text: bool = False) -> tuple[str, str]:
    start = text.index(words)
    return quote_place(text, start, start + len(words), include_text=include_text)


@pytest.mark.parametrize(
    ("text", "words", "sentence"),
    [
        ("First. A red bag! Third.", "red", "A red bag!"),
        ("Budget 10.000 for a bag. Next", "bag", "Budget 10.000 for a bag."),
        ("Erster Satz. Zweiter", "Zweiter", "Zweiter"),
        ("本人清真饮食，健身房常客。高尔夫嫌慢不打。", "常客", "本人清真饮食，健身房常客。"),
        ("one\ntwo bag\nthree", "bag", "two bag"),
        ("Ends. Over a border. Begins", "border. Begins", "Over a border. Begins"),
    ],
)
def test_the_sentence_around_a_place(text: str, words: str, sentence: str) -> None:
    assert quote(text, words) == (" ".join(words.split()), sentence)


def test_a_long_sentence_is_cut_on_both_sides() -> None:
    text = "a " * 500 + "red bag" + " b" * 500
    _, sentence = quote(text, "red bag")
    assert sentence.startswith("…a ")
    assert sentence.endswith(" b…")
    assert "red bag" in sentence
    assert len(sentence) <= MOST + 4


def test_a_cut_falls_between_words() -> None:
    text = "abcdefghi " * 50 + "red bag" + " abcdefghi" * 50
    _, sentence = quote(text, "red bag")
    assert {*sentence.strip("…").split()} == {"abcdefghi", "red", "bag"}
    dense = "あ" * 500 + "鞄" + "い" * 500
    assert len(quote(dense, "鞄")[1]) > MOST - 2


@pytest.mark.parametrize(
    ("text", "words", "secret", "told"),
    [
        ("Write to anna@example.fr about the bag.", "bag", "anna", "[EMAIL]"),
        ("Madame Laurent wants it. Bag for Laurent.", "Madame Laurent", "Laurent", "[NAME]"),
        (r"Mail anna\u0040example.fr, a bag", "bag", "anna", "[EMAIL]"),
        # Cut in its middle, a number would not be recognised any more.
        ("x " * 54 + "Tel. +33 6 12 34 56 78 " + "y " * 42 + "bag", "bag", "56 78", "[PHONE]"),
    ],
)
def test_personal_data_is_redacted_unless_asked(
    text: str, words: str, secret: str, told: str
) -> None:
    assert secret not in "".join(quote(text, words)[1].split(" for ")[0])
    assert told in quote(text, words)[1]
    assert secret in "".join(quote(text, words, include_text=True))


def test_words_that_are_personal_data_are_redacted_too() -> None:
    assert quote("Señor Blanco viene.", "Blanco") == ("[NAME]", "Señor [NAME] viene.")


@given(st.text(), st.data())
def test_any_place_of_any_text_is_within_its_sentence(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = find_sentence(text, start, end)
    assert 0 <= first <= start <= end <= last <= len(text)
    words, _ = quote_place(text, start, end, include_text=True)
    assert words == " ".join(text[start:end].split())


def test_a_place_beyond_the_text_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not within a text of 3"):
        find_sentence("abc", 2, 4)
