from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvmh_jax.data.cleartext import clear_text
from lvmh_jax.data.text import (
    MARKS,
    UNSPACED,
    VOICING,
    fold_form,
    fold_with_offsets,
    split_text,
    tokenize,
)
from tests.generators import texts

# Written out again, so that a character dropped from the product's own list is seen.
SENTENCE_ENDS = ".!?;:\n\r。！？；：…؟؛•|"
NOTES = {
    "FR": ("L'été, CŒUR brisé", ["l", "ete", "cœur", "brise"]),
    "EN": ("Wants NAVY; size 4½", ["wants", "navy", "size", "41⁄2"]),
    "IT": ("Perché no? Caffè", ["perche", "no", "caffe"]),
    "ES": ("Año nuevo, ¿pingüino?", ["ano", "nuevo", "pinguino"]),
    "DE": ("GRÖẞE Größe, straße", ["grosse", "grosse", "strasse"]),
    "PT": ("São João, maçã", ["sao", "joao", "maca"]),
    "NL": ("Één IJsje", ["een", "ijsje"]),
    "JA": ("黒いギフト、ＬＶ", [*"黒いギフト", "lv"]),
    "KO": ("검은 가방을", ["검은", "가방을"]),
    "ZH": ("黑色LV包。", ["黑", "色", "lv", "包"]),
    "AR": ("أَحْمَر، ذهبٌ، مـــا؟ إلى", ["احمر", "ذهب", "ما", "الي"]),
    "RU": ("Чёрный Ёж, Мой", ["черный", "еж", "мой"]),
}
CANONICAL = ("Élégant", "Größe", "Año", "İstanbul", "バッグ", "чёрный", "أحمر", "Việt", "ǅ")


@pytest.mark.parametrize("language", NOTES)
def test_folded_tokens_of_each_language(language) -> None:
    text, forms = NOTES[language]
    assert [token.form for token in tokenize(text)] == forms


def test_only_characters_of_unspaced_scripts_stand_alone() -> None:
    tokens = tokenize("黒いLV包 สี 가방 bag")
    assert [token.unspaced for token in tokens] == [True, True, False, *[True] * 3, False, False]


def test_half_width_kana_are_the_kana() -> None:
    assert [token.form for token in tokenize("ﾊﾞｯｸﾞ")] == [*"バッグ"]


@pytest.mark.parametrize("word", ["AS", "ÉTÉ", "4K", "МЕХ", "ＬＶ"])
def test_capitals_are_marked(word) -> None:
    assert [token.upper for token in tokenize(word)] == [True]
    assert [token.upper for token in tokenize(word.lower())] == [False]
    assert [token.upper for token in tokenize(word[0] + word[1:].lower() + "x")] == [False]


@pytest.mark.parametrize("word", ["A", "黒", "가방", "42"])
def test_what_has_no_case_or_one_letter_is_not_in_capitals(word) -> None:
    assert [token.upper for token in tokenize(word)] == [False]


@pytest.mark.parametrize("unseen", "\xad\u200b\u200d\u2060\ufeff\ufe0f")
@pytest.mark.parametrize(("word", "forms"), [("dog", ["dog"]), ("婚礼", ["婚", "礼"])])
def test_what_nobody_sees_parts_no_word(word, forms, unseen) -> None:
    tokens = tokenize(f"{unseen}a {unseen.join(word)}{unseen}, b")
    assert [token.form for token in tokens] == ["a", *forms, "b"]
    first, *middle, last = [(token.start, token.end) for token in tokens]
    assert (first, middle[0][0], middle[-1][1]) == ((1, 2), 3, 3 + 2 * len(word) - 1)
    assert last == (3 + 2 * len(word) + 2, 3 + 2 * len(word) + 3)


@pytest.mark.parametrize("word", CANONICAL)
def test_a_form_is_the_same_however_it_is_encoded(word) -> None:
    forms = {fold_form(unicodedata.normalize(form, word)) for form in ("NFC", "NFD")}
    assert len(forms) == 1
    assert fold_form(word.upper()) in forms


@given(texts())
@example("\r\nL'été\u200d 👩\u200d👩 İß\r\n_a_")
@example("cafe\u0301 \u0301x 가방 \ufeffa")
def test_tokens_hold_every_letter_once_and_in_order(text) -> None:
    tokens = tokenize(text)
    covered: list[int] = []
    for token in tokens:
        assert 0 <= token.start < token.end <= len(text)
        assert token.form == fold_form(clear_text(text[token.start : token.end]).text) != ""
        covered += range(token.start, token.end)
    assert covered == sorted(set(covered))
    outside = set(range(len(text))) - set(covered)
    assert not [text[i] for i in sorted(outside) if text[i].isalnum()]


@given(texts())
def test_sentences_change_at_their_ends_alone(text) -> None:
    tokens = tokenize(text)
    for left, right in itertools.pairwise(tokens):
        is_broken = any(char in SENTENCE_ENDS for char in text[left.end : right.start])
        assert right.sentence - left.sentence == is_broken


@pytest.mark.parametrize("end", SENTENCE_ENDS)
def test_each_of_these_ends_a_sentence(end) -> None:
    assert [token.sentence for token in tokenize(f"a {end} b{end}c")] == [0, 1, 2]


def test_a_comma_does_not_end_a_sentence_and_a_line_does() -> None:
    assert [t.sentence for t in tokenize("a, b - c\r\nd…e؟f")] == [0, 0, 0, 1, 2, 3]


@given(texts())
@example("e\u0301 İ ß ẞ 👩\u200d👩\r\n")
@example("\u0301\u0302a\u0323\u0307")
def test_offsets_of_a_folded_text_rise_from_its_begin_to_its_end(text) -> None:
    folded, offsets = fold_with_offsets(text)
    if offsets is None:
        assert len(folded) == len(text)
        return
    assert len(offsets) == len(folded) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(text)
    assert not text or offsets[0] == 0


@given(texts(max_size=24))
@example("cafe\u0301 İx ßẞ 👩\u200d👩\u0301\r\n")
@example("İ" * 4)
def test_every_substring_maps_to_the_text_it_came_from(text) -> None:
    text = text.replace("Σ", "s")  # its small form depends on what follows: below
    folded, offsets = fold_with_offsets(text)
    # A cluster is folded as a whole, so substrings begin and end where clusters do.
    places = range(len(folded) + 1) if offsets is None else offsets
    begins = [i for i in range(len(folded) + 1) if i == 0 or places[i] != places[i - 1]]
    begins = [i for i in begins if i == len(folded) or not unicodedata.combining(folded[i])]
    for i in begins:
        for j in begins:
            if i < j:
                piece = text[places[i] : places[j]]
                assert fold_with_offsets(piece)[0] == folded[i:j]


@pytest.mark.parametrize(
    ("text", "folded", "offsets"),
    [
        ("", "", None),
        ("ÉT\u00c9", "été", None),
        ("E\u0301T", "ét", [0, 2, 3]),
        ("İx", "ix", [0, 1, 2]),
        ("ẞß", "ßß", None),
        ("は\u3099ん", "ばん", [0, 2, 3]),
        ("A\r\nB", "a\r\nb", None),
        ("👩\u200d👩", "👩\u200d👩", None),
    ],
)
def test_folds_by_hand(text, folded, offsets) -> None:
    assert fold_with_offsets(text) == (folded, offsets)


@pytest.mark.parametrize(
    "word",
    [
        *CANONICAL,
        "가방",
    ],
)
def test_a_decomposed_text_folds_to_the_composed_one(word) -> None:
    decomposed = unicodedata.normalize("NFD", word)
    assert fold_with_offsets(decomposed)[0] == fold_with_offsets(word)[0]


def test_a_word_folds_the_same_whatever_stands_around_it() -> None:
    assert fold_with_offsets("ΟΔΟΣ é")[0] == fold_with_offsets("ΟΔΟΣ e\u0301")[0]


def test_a_mark_that_does_not_compose_has_its_own_offset() -> None:
    folded, offsets = fold_with_offsets("e\u0301 x\u0302")
    assert (folded, offsets) == ("é x\u0302", [0, 2, 3, 4, 5])


@given(st.text("anNt'\u2019_1 \u00e9\u0301\u0640\u200d\u5a5a\u3099\u304b\u00ad.", max_size=14))
def test_tokens_are_found_in_runs_as_letter_by_letter(text) -> None:
    letter = rf"[^\W_{UNSPACED}]"
    slow = re.compile(
        rf"([A-Za-z]+n['\u2019]t(?!\w)|[{UNSPACED}][{VOICING}{MARKS}]*"
        rf"|{letter}(?:[{MARKS}]|{letter})*)"
    )
    assert split_text(text) == slow.split(text)
