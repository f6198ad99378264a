from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvmh_jax.data.matcher import DictionaryMatcher, Hit, is_acronym
from lvmh_jax.records import Alias
from tests.generators import texts

SPACED = set("aAbBcéÉ1")
ALPHABET = "aAbBéÉ1 -黒バ가"


def find(aliases, text):
    return DictionaryMatcher([Alias(alias, row) for row, alias in enumerate(aliases)]).find(text)


def surfaces(aliases, text):
    return [(text[hit.start : hit.end], hit.aliases) for hit in find(aliases, text)]


def naive_scan(aliases, text):
    """Tries every substring; Hangul is a spaced script, Han and kana are not."""
    spaced = SPACED | {"가"}

    def is_inside_a_word(place):
        return 0 < place < len(text) and {text[place - 1], text[place]} <= spaced

    def is_same(alias, piece):
        letters = [char for char in alias if char.isalpha()]
        is_cased = any(char in "ABÉ" for char in letters) and not any(c in "abé" for c in letters)
        return piece == alias if is_cased and len(letters) <= 4 else piece.lower() == alias.lower()

    hits, start = [], 0
    while start < len(text):
        for end in range(len(text), start, -1):
            rows = tuple(i for i, alias in enumerate(aliases) if is_same(alias, text[start:end]))
            if rows and not is_inside_a_word(start) and not is_inside_a_word(end):
                hits.append(Hit(start, end, rows))
                start = end
                break
        else:
            start += 1
    return hits


@given(
    st.lists(st.text(ALPHABET, min_size=1, max_size=5), max_size=8),
    st.text(ALPHABET, max_size=30),
)
@example(["a b", "b 黒 a", "黒", "黒バ"], "a b 黒 a 黒バ")
@example(["A", "a", "AB", "ab", "aB"], "A a AB ab aB Ab")
def test_the_automaton_finds_what_a_naive_scan_finds(aliases, text) -> None:
    assert find(aliases, text) == naive_scan(aliases, text)


@given(
    st.lists(st.sampled_from(["a", "A b", "b", "b a", "黒", "黒バ", "AB"]), max_size=6), st.data()
)
def test_it_does_so_on_texts_made_of_aliases(aliases, data) -> None:
    pieces = [*aliases, " ", " ", "a", "-", "バ"]
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=12)))
    assert find(aliases, text) == naive_scan(aliases, text)


def plain(text):
    """Case and composition away: what may differ between an alias and its evidence."""
    text = unicodedata.normalize("NFC", text).replace("İ", "i").replace("ẞ", "ß")
    return unicodedata.normalize("NFC", text.lower()).replace("ς", "σ")


@st.composite
def texts_and_aliases(draw):
    text = draw(texts(max_size=30))
    ends = st.integers(0, len(text))
    pieces = [text[min(i, j) : max(i, j)] for i, j in draw(st.lists(st.tuples(ends, ends)))]
    form = draw(st.sampled_from(["NFC", "NFD"]))
    aliases = [unicodedata.normalize("NFC", piece) for piece in pieces if piece.strip()]
    return unicodedata.normalize(form, text), [*aliases, "bag"]


def check_evidence(text, aliases) -> None:
    for evidence, rows in surfaces(aliases, text):
        assert evidence
        assert {plain(aliases[row]) for row in rows} == {plain(evidence)}


@given(texts_and_aliases())
def test_evidence_is_the_alias_in_a_composed_text(drawn) -> None:
    text, aliases = drawn
    check_evidence(unicodedata.normalize("NFC", text).replace("İ", "I"), aliases)


@given(texts_and_aliases())
@example(("e\u0301 x\u0302", ["x"]))
def test_evidence_is_the_alias_for_any_unicode(drawn) -> None:
    check_evidence(*drawn)


def test_a_vowelled_arabic_word_is_found_whole() -> None:
    # Shadda before fatha is how people type it, and it is not NFC.
    text = "مع حقيبة\u0651\u064e جديدة"
    assert surfaces(["حقيبة"], text) == [("حقيبة", (0,))]


@pytest.mark.parametrize(
    "alias",
    [
        "café crème",
        "バッグ",
        "чёрный",
        "İpek",
        "가방",
        "ÉTÉ",
    ],
)
def test_an_alias_is_found_in_a_decomposed_text(alias) -> None:
    word = unicodedata.normalize("NFD", alias)
    assert surfaces([alias], f"x {word}, y") == [(word, (0,))]


@pytest.mark.parametrize("text", ["ÉLÉGANT", "élégant", "E\u0301le\u0301gant", "Élégant"])
def test_case_and_composition_do_not_matter(text) -> None:
    assert surfaces(["Élégant"], f"très {text}!") == [(text, (0,))]


@pytest.mark.parametrize(
    ("alias", "text", "evidence"),
    [
        ("swimming pool", "wants a swimming\npool, yes", "swimming\npool"),
        ("limited budget", "limited\r\nbudget", "limited\r\nbudget"),
        ("prêt immobilier", "un pre\u0302t  \t immobilier.", "pre\u0302t  \t immobilier"),
        ("call back", "call\n\nback; call \r\n\r\n back", None),
        ("dog", "has a d\xadog\u200b.", "d\xadog"),
        ("d\xadog", "has a \u200ddog.", "dog"),
        ("\u200b\u200b", "a\u200b\u200b b", None),
        ("balcony bed", "\ufeffBal\xadcony \u200b\n bed", "Bal\xadcony \u200b\n bed"),
        ("AS", "A\xadS", "A\xadS"),
        ("AS", "a\xads", None),
        ("name", "ask [NAME], [ID]", None),
        ("ID", "[ID] or ID", "ID"),
        ("mme veut", "mme [NAME] veut", None),
        ("[NAME]", "[NAME]", None),
    ],
)
def test_spaces_and_what_is_not_seen_do_not_matter(alias, text, evidence) -> None:
    assert surfaces([alias], text) == ([(evidence, (0,))] if evidence else [])


def test_concepts_that_share_a_text_are_all_given() -> None:
    assert surfaces(["Lace", "silk", "lace", "LACE top"], "lace") == [("lace", (0, 2))]


def test_all_matches_are_kept() -> None:
    text = "bag " * 50
    assert [hit.start for hit in find(["bag"], text)] == list(range(0, 200, 4))


def test_the_leftmost_wins_then_the_longest() -> None:
    assert surfaces(["a b", "b c d", "a", "d"], "a b c d") == [("a b", (0,)), ("d", (3,))]


def test_a_longer_match_inside_a_word_does_not_hide_a_shorter_one() -> None:
    assert surfaces(["sac", "sac à main"], "sac à mains") == [("sac", (0,))]


def test_words_match_at_their_borders_and_unspaced_scripts_anywhere() -> None:
    assert surfaces(["bag"], "handbag bags bag's (bag) bag_ 2bag") == [("bag", (0,))] * 3
    assert surfaces(["バッグ", "黒", "黒い"], "黒いバッグと黒") == [
        ("黒い", (2,)),
        ("バッグ", (0,)),
        ("黒", (1,)),
    ]
    assert surfaces(["LV"], "黒LVバッグ LVx") == [("LV", (0,))]


@pytest.mark.parametrize(
    ("alias", "text", "found"),
    [
        ("pointure 38", "Pointure 38,5 en soldes", False),
        ("size 38", "size 38.5", False),
        ("budget 10", "budget 10,000 at most", False),
        ("5 carats", "a stone of 1.5 carats", False),
        ("مقاس ٣٨", "مقاس ٣٨٫٥", False),
        ("pointure 38", "Pointure 38, puis 40.", True),
        ("pointure 38", "Pointure 38.", True),
        ("pointure 38,5", "pointure 38,5", True),
        ("18k", "gold,18k", True),
        ("5 carats", "No.5 carats", True),
    ],
)
def test_a_number_is_found_whole(alias: str, text: str, found: bool) -> None:
    assert bool(find([alias], text)) is found


def test_an_acronym_matches_its_case_alone() -> None:
    text = "As seen: the AS and an as"
    assert surfaces(["AS"], text) == [("AS", (0,))]
    assert surfaces(["as"], text) == [("As", (0,)), ("AS", (0,)), ("as", (0,))]
    assert surfaces(["AS", "as"], "AS as") == [("AS", (0, 1)), ("as", (1,))]
    assert surfaces(["CASHMERE"], "cashmere") == [("cashmere", (0,))]


@pytest.mark.parametrize("text", ["A", "A-1", "LVMH", "Л", "A黒"])
def test_short_capitals_are_an_acronym(text) -> None:
    assert is_acronym(text)


@pytest.mark.parametrize("text", ["", "1", "黒", "Lv", "LVMHX", "가방", "T-Shirt"])
def test_these_are_no_acronym(text) -> None:
    assert not is_acronym(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "any text",
        "a\0b",
    ],
)
def test_an_empty_dictionary_finds_nothing(text) -> None:
    assert find([], text) == []


@given(
    st.lists(st.text(ALPHABET + "\0", min_size=1, max_size=4), max_size=8),
    st.lists(st.text(ALPHABET + "\0", max_size=12), max_size=5),
)
@example(["\0", "a\0b", "a"], ["a", "b", "\0", "", "a\0b"])
def test_many_texts_are_as_one_by_one(aliases, some) -> None:
    matcher = DictionaryMatcher([Alias(alias, row) for row, alias in enumerate(aliases)])
    assert matcher.find_all(some) == [matcher.find(text) for text in some]


@pytest.mark.parametrize("tail", ["", "를", "는", "에서는", "용으로", " 치심", ", ", "만은 "])
def test_a_korean_alias_is_found_before_a_particle(tail: str) -> None:
    assert surfaces(["골프"], f"요즘 골프{tail}") == [("골프", (0,))]


@pytest.mark.parametrize("text", ["골프장", "골프채를", "골프를치심", "미니골프를", "골프웨어"])
def test_it_is_no_part_of_another_word(text: str) -> None:
    assert surfaces(["골프"], text) == []


def test_a_syllable_is_no_stem_and_other_scripts_have_no_particles() -> None:
    assert surfaces(["금"], "금은") == []
    assert surfaces(["bag"], "bag은") == []
    assert surfaces(["골프", "골프는 금요일"], "골프는 금요일") == [("골프는 금요일", (1,))]
