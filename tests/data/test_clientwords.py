"""Wordings of a client are found however a note writes them, and no note stays in memory."""

from __future__ import annotations

import pytest

from lvmh_jax.data.clientwords import find_theirs
from lvmh_jax.data.lexicon import Alias
from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.text import fold_form


@pytest.mark.parametrize(
    ("wording", "note"),
    [
        ("Anna Rossi", "Mme Anna\nRossi"),
        ("Anna Rossi", "Mme ANNA  Rossi."),
        ("Anna  Rossi", "Mme Anna\xa0\r\nRossi"),
        ("Mme Laurent", "chez Mme Lau\xadrent"),
        ("Lau\u200brent", "Mme Laurent"),
        ("安娜 罗西", "客人安娜\u3000罗西喜欢"),
    ],
)
def test_what_the_dictionary_finds_is_found(wording: str, note: str) -> None:
    assert DictionaryMatcher([Alias(wording, 0)]).find(note)
    assert find_theirs({wording}, [note], ["rien"]) == {wording}
    assert find_theirs({wording}, [note], [note]) == frozenset()


@pytest.mark.parametrize("note", ["Mme Anna\n\nRossi", "Mme Annarossi"])
def test_an_empty_line_and_a_longer_word_part_it(note: str) -> None:
    assert not find_theirs({"Anna Rossi"}, [note], [])


def test_no_note_stays_in_the_memory_of_words() -> None:
    before = fold_form.cache_info().currsize
    find_theirs({"Rossi"}, [f"Frau Rossi, Gespräch {n}" for n in range(9)], ["Gespräch, Vase"])
    assert fold_form.cache_info().currsize == before
