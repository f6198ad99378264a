from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.likeness import (
    KeyTable,
    compare_parts,
    compare_plurals,
    compare_starts,
    count_letters,
    spell,
    strip_clitics,
)

LETTERS = "abcde"
ONE = np.zeros(1, np.int64)
WORDS = st.text(LETTERS, min_size=1, max_size=8)


def likeness_of_starts(left: str, right: str) -> float:
    return compare_starts(spell([left]), spell([right]), ONE, ONE).item()


def likeness_of_parts(left: str, right: str) -> float:
    return compare_parts(np.array([left]), np.array([right])).item()


def join(word: str, known: list[str]) -> dict[str, float]:
    pairs = KeyTable(known).join([word])
    named = [known[row] for row in pairs.word_N]
    return dict(zip(named, pairs.similarity_N.tolist(), strict=True))


def left_of(word: str) -> set[str]:
    """What is left of a word, whole or without a letter after its first."""
    return {word, *(word[:i] + word[i + 1 :] for i in range(1, len(word)))}


@pytest.mark.parametrize(
    ("word", "inflected"),
    [
        ("jogging", "joggt"),
        ("klimmen", "klimt"),
        ("серый", "серые"),
        ("карибы", "карибам"),
        ("llamar", "llamarle"),
        ("contenta", "contentissimi"),
        ("goldene", "golden"),
    ],
)
def test_words_with_one_start_and_short_endings_are_alike(word, inflected) -> None:
    assert 0.5 < likeness_of_starts(word, inflected) < 0.95
    assert likeness_of_starts(inflected, word) == likeness_of_starts(word, inflected)


@pytest.mark.parametrize(
    ("left", "right"),
    [("bag", "bags"), ("house", "mouse"), ("inter", "internationalisation"), ("", "")],
)
def test_a_syllable_in_common_or_a_long_ending_is_no_stem(left, right) -> None:
    assert likeness_of_starts(left, right) == 0.0


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("bag", "bags", 0.93),
        ("watches", "watch", 0.93),
        ("uhr", "uhren", 0.93),
        ("a" * 38, "a" * 37 + "b", 0.0),
        ("a" * 40, "a" * 39, 0.0),  # what was cut off may be more of the word
        ("ring", "ringe", 0.0),
        ("or", "ors", 0.0),
        ("bags", "bagsen", 0.93),
        ("gattin", "gatti", 0.0),
        ("abs", "abs", 0.0),
        ("gold", "bolds", 0.0),
        ("", "s", 0.0),
    ],
)
def test_a_plural_is_nearly_its_word(left, right, expected) -> None:
    for pair in ((left, right), (right, left)):
        likeness = compare_plurals(*(spell([word]) for word in pair), ONE, ONE).item()
        assert likeness == pytest.approx(expected)


def test_a_part_needs_four_letters_or_two_syllables() -> None:
    assert likeness_of_parts("silberhochzeit", "hochzeit") == pytest.approx(0.9 * (8 / 14) ** 0.5)
    assert likeness_of_parts("은퇴", "은퇴한") == pytest.approx(0.9 * (2 / 3) ** 0.5)
    assert likeness_of_parts("restaurant", "ant") == 0.0
    assert likeness_of_parts("퇴", "은퇴한") == 0.0


@pytest.mark.parametrize("typo", ["hanbag", "handdbag", "handbug", "hanbdag"])
def test_one_typo_leaves_a_word_alike(typo) -> None:
    assert join(typo, ["handbag", "perfume"]) == {
        "handbag": pytest.approx(1 - 1.5 / max(7, len(typo)))
    }


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("crown", ["brown"]),  # another first letter
        ("brawn", ["brown", "brawn"]),  # a word of its own
        ("hait", ["hat"]),  # too short
        ("x1000", ["x1001"]),  # a number
    ],
)
def test_what_may_be_another_word_is_no_typo(word, known) -> None:
    assert join(word, known) == {}


@given(WORDS, st.lists(WORDS, min_size=1, max_size=6, unique=True))
def test_pairs_are_those_of_a_slow_search(word, known) -> None:
    long = [each for each in known if len(each) >= 5]
    alike = {each for each in long if left_of(each) & left_of(word)}
    expected = alike if len(word) >= 5 and word not in known else set()
    assert set(join(word, known)) == expected


@pytest.mark.parametrize("word", ["حفيدان", "لحفيده", "الحفيد", "وحفيدها"])
def test_arabic_clitics_hide_no_stem(word) -> None:
    assert strip_clitics(word) == "حفيد"
    assert join(word, ["حفيد", "حقيبه"])["حفيد"] == pytest.approx(0.85)


@pytest.mark.parametrize("word", ["ال", "اله", "ه", "", "bag", "сумка", "٢٠١١"])
def test_what_is_short_or_not_arabic_keeps_its_letters(word) -> None:
    assert strip_clitics(word) in (word, "")


@given(st.text("ابتهويلكفم", min_size=1, max_size=9))
def test_a_stem_has_three_letters_unless_the_word_has_fewer(word) -> None:
    stem = strip_clitics(word)
    assert stem in word
    assert len(stem) >= min(len(word), 3)


def test_words_are_spelt_by_code_points_and_cut_where_they_never_end() -> None:
    codes = spell(["aé", "x" * 100])
    assert codes[0, :3].tolist() == [97, 233, 0]
    assert count_letters(codes).tolist() == [2, 40]
    assert spell([]).shape == (0, 40)


@pytest.mark.parametrize("words", [[], ["bag"]])
def test_an_empty_table_has_no_pairs(words) -> None:
    assert len(KeyTable([]).join(words).query_N) == 0
    assert len(KeyTable(words).join([]).query_N) == 0
