"""Definitions and uses of abbreviations, in the paper's examples, twelve languages and any text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvmh_jax.data.abbreviations import Abbreviation, find_abbreviations, find_uses
from tests.generators import texts


def definitions(text: str) -> list[tuple[str, str]]:
    return [(a.short, text[a.long_start : a.long_end]) for a in find_abbreviations(text)]


def uses(text: str) -> list[tuple[int, str, int]]:
    return [
        (start, text[start:end], row)
        for start, end, row in find_uses(text, find_abbreviations(text))
    ]


# The paper's rules.


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("the heat shock transcription factor (HSF)", "HSF", "heat shock transcription factor"),
        ("Gcn5-related N-acetyltransferase (GNAT)", "GNAT", "Gcn5-related N-acetyltransferase"),
        ("an amyotrophic lateral sclerosis (ALS) case", "ALS", "amyotrophic lateral sclerosis"),
        ("methotrexate (MTX)", "MTX", "methotrexate"),
        ("heat shock protein 70 (HSP70)", "HSP70", "heat shock protein 70"),
        ("interleukin 2 (IL-2)", "IL-2", "interleukin 2"),
        ("tumor necrosis factor alpha (TNF-alpha)", "TNF-alpha", "tumor necrosis factor alpha"),
        ("two heart attacks (HAs)", "HAs", "heart attacks"),
        ("retinal degeneration slow (rds)", "rds", "retinal degeneration slow"),
        ("the RNA polymerase type II i (RNAP II)", "RNAP II", "RNA polymerase type II i"),
    ],
)
def test_a_short_form_in_brackets(text: str, short: str, long: str) -> None:
    assert definitions(text) == [(short, long)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("by FISH (fluorescence in situ hybridization)", "FISH", "fluorescence in situ "),
        ("mRNA (messenger ribonucleic acid)", "mRNA", "messenger ribonucleic acid"),
        ("U2AF (U2 auxiliary factor)", "U2AF", "U2 auxiliary factor"),
        ("IL-2 (human interleukin 2)", "IL-2", "interleukin 2"),
        ("l'OMS (Organisation mondiale de la santé)", "OMS", "Organisation mondiale"),
    ],
)
def test_a_long_form_in_brackets(text: str, short: str, long: str) -> None:
    ((found, form),) = definitions(text)
    assert found == short
    assert form.startswith(long)
    (abbreviation,) = find_abbreviations(text)
    assert abbreviation.short_end <= abbreviation.long_start


@pytest.mark.parametrize(
    "text",
    [
        "",
        "()",
        "(",
        "nothing (at all)",
        "in the year one thousand (1999)",  # no letter
        "all star endings (-ase)",  # begins with no letter or digit
        "a bag (A)",  # one character
        "long abbreviation of names (longabbrevs)",  # eleven characters
        "some of the names (so o tn)",  # three words
        "a very good bag (XYZ)",  # characters that are not there
        "bags in general (GAB)",  # there, in another order
        "a handbag (HB x) was",  # the last one is not there
        "the bigger band (IB)",  # the first one starts no word
        "World of watches. And more (WW)",  # behind the end of a sentence
        "World of (well known) watches (WW)",  # behind another bracket
        "World\nof watches\n(WW\n)",  # a bracket over lines
        "red leather bag (leather)",  # a word of the long form itself
        "leather (leather)",
        "alpha b c d e (AE)",  # five words, where two characters allow four
        "now both of the fine old chairs are here (not far)",  # nine words for six small letters
        "Noir (c'est son nom, ou il rit)",  # a name, or any German noun, before its bracket
        "the cat (a carnivore that sleeps)",
        "CCO (CCO-I, new)",  # not a longer form but another name
    ],
)
def test_what_defines_nothing(text: str) -> None:
    assert definitions(text) == []


def test_the_limit_on_words_is_that_of_the_paper() -> None:
    # min(|A| + 5, 2 |A|): four words for two characters, eleven for six.
    assert definitions("alpha b c e (AE)") == [("AE", "alpha b c e")]
    words = "alpha b c d e f g h i j z"
    assert definitions(f"{words} (ABCDEZ)") == [("ABCDEZ", words)]
    assert definitions(f"{words.replace(' z', ' y z')} (ABCDEZ)") == []


def test_the_shortest_long_form_is_taken() -> None:
    text = "watches of the world, world of watches (WW)"
    assert definitions(text) == [("WW", "world of watches")]


@pytest.mark.parametrize(
    "bracket", ["(WHO, Geneva)", "(WHO; also OMS)", "( WHO )", "(“WHO”)", "(»WHO«)", "（WHO）"]
)
def test_quotes_and_remarks_are_no_part_of_it(bracket: str) -> None:
    text = f"„World Health Organization“, {bracket}"
    assert definitions(text) == [("WHO", "World Health Organization")]


# Twelve languages.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("la taxe sur la valeur ajoutée (TVA)", ("TVA", "taxe sur la valeur ajoutée")),
        ("L'Électricité de France (EDF)", ("EDF", "Électricité de France")),
        ("L'E\u0301lectricite\u0301 de France (EDF)", ("EDF", "E\u0301lectricite\u0301 de France")),
        ("un rendez-vous (RDV)", ("RDV", "rendez-vous")),
        ("imposta sul valore aggiunto (IVA)", ("IVA", "imposta sul valore aggiunto")),
        ("una organización no gubernamental (ONG)", ("ONG", "organización no gubernamental")),
        ("die Europäische Union (EU)", ("EU", "Europäische Union")),
        ("Straßenbahn (StB)", ("StB", "Straßenbahn")),
        ("imposto sobre o rendimento (ISR)", ("ISR", "imposto sobre o rendimento")),
        ("Vereniging van Eigenaren (VvE)", ("VvE", "Vereniging van Eigenaren")),
        ("Всемирная организация здоровья (ВОЗ)", ("ВОЗ", "Всемирная организация здоровья")),
        ("جمعية الهلال الأحمر (جها)", ("جها", "جمعية الهلال الأحمر")),
        ("東京大学（東大）", ("東大", "東京大学")),
        ("彼は東大（東京大学）を出た", ("東大", "東京大学")),
        ("これはWHO（World Health Organization）", ("WHO", "World Health Organization")),
        ("在北京大学（北大）读书", ("北大", "北京大学")),
        ("한국은행(한은)", ("한은", "한국은행")),
        ("ＷＨＯ（World Health Organization）", ("ＷＨＯ", "World Health Organization")),
    ],
)
def test_definitions_in_other_languages(text: str, expected: tuple[str, str]) -> None:
    assert definitions(text) == [expected]


def test_an_emoji_before_it_shifts_nothing() -> None:
    text = "👜👩🏽 art fair (AF)"
    (found,) = find_abbreviations(text)
    assert found == Abbreviation("AF", 14, 16, 4, 12)
    assert text[4:12] == "art fair"


# Uses.


def test_uses_begin_with_the_definition() -> None:
    text = "AF? The art fair (AF) was full. AF again, AFs and af not; (AF)"
    assert uses(text) == [(18, "AF", 0), (32, "AF", 0), (59, "AF", 0)]
    assert uses("AF (art fair): the AF") == [(0, "AF", 0), (19, "AF", 0)]


def test_a_use_ends_where_words_end() -> None:
    text = "the art fair (AF): AF-day, l'AF, xAF, AF2, AF\u0301, AF_1"
    assert [text[start : start + 4] for start, _, _ in uses(text)] == [
        "AF):",
        "AF-d",
        "AF, ",
        "AF_1",
    ]
    assert [start for start, _, _ in uses("東京大学（東大）の東大生")] == [5, 9]


def test_a_second_definition_holds_from_there_on() -> None:
    text = "art fair (AF), AF. African fashion (AF), AF"
    assert [(short, row) for _, short, row in uses(text)] == [
        ("AF", 0),
        ("AF", 0),
        ("AF", 1),
        ("AF", 1),
    ]
    turned = find_abbreviations(text)[::-1]
    assert [row for _, _, row in find_uses(text, turned)] == [1, 1, 0, 0]


def test_the_longer_of_two_short_forms_is_used() -> None:
    text = "art fair (AF) and art fair 2 (AF 2): AF 2 or AF"
    assert [short for _, short, _ in uses(text)] == ["AF", "AF 2", "AF 2", "AF"]


def test_without_definitions_nothing_is_used() -> None:
    assert find_uses("AF", []) == []


# Any text.

PIECES = [
    *["(", ")", "（", "）", " ", " ", ". ", "\n", "-", ",", ";", "'", "👜", "\ud800"],
    *["AB", "ab", "A", "b", "Ab Bb", "京", "京都大学", "京大", "가나", "가"],
    *["é", "e\u0301", "\u0301", "か\u3099", "ß", "İ"],
]
BRACKETS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if unicodedata.category(char)[0] != "M")


def holds_in_order(short: str, long: str) -> bool:
    rest = iter(folded(long))
    return all(char in rest for char in folded(short) if char.isalnum())


@given(st.one_of(BRACKETS, texts(), texts().map(lambda text: f"{text} (AB) {text}")))
@example("AB (ab ba) (AB)")
@example("a\ud800b (a\ud800b)")
def test_it_never_raises_and_its_offsets_hold(text: str) -> None:
    found = find_abbreviations(text)
    for each in found:
        long = text[each.long_start : each.long_end]
        assert text[each.short_start : each.short_end] == each.short
        assert 2 <= len(each.short) <= 10
        assert each.short[0].isalnum()
        assert len(each.short) < len(long)
        assert each.long_end <= each.short_start or each.short_end <= each.long_start
        assert holds_in_order(each.short, long)
        assert folded(long)[0] == folded(each.short)[0]
    taken = find_uses(text, found)
    places = [place for start, end, _ in taken for place in (start, end)]
    assert places == sorted(places)
    for start, end, row in taken:
        assert text[start:end] == found[row].short
        assert start >= found[row].short_start
    for each in found:
        assert any(start < each.short_end and each.short_start < end for start, end, _ in taken)


@given(
    st.text("AB1 -（京é", max_size=30), st.sets(st.sampled_from(["AB", "A", "AB 1", "1B", "京A"]))
)
def test_uses_are_those_of_a_naive_scan(text: str, shorts: set[str]) -> None:
    known = [Abbreviation(short, 0, 0, 0, 0) for short in sorted(shorts)]
    spaced = set("AB1é")

    def is_inside_a_word(at: int) -> bool:
        return 0 < at < len(text) and {text[at - 1], text[at]} <= spaced

    expected, start = [], 0
    while start < len(text):
        rows = [
            (len(each.short), row)
            for row, each in enumerate(known)
            if text.startswith(each.short, start)
            and not is_inside_a_word(start)
            and not is_inside_a_word(start + len(each.short))
        ]
        if rows:
            length, row = max(rows)
            expected.append((start, start + length, row))
            start += length
        else:
            start += 1
    assert find_uses(text, known) == expected


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "(" + "a " * 50_000,
        "(ab)" * 25_000,
        "a" * 50_000 + "(aa)" * 12_500,
        "京" * 50_000 + "(京京)" * 12_500,
        "art fair (AF) " * 7_000,
        "".join(f"ab cd (a{row}) " for row in range(8_000)),
    ],
)
def test_time_grows_with_the_text_alone(text: str) -> None:
    started = time.perf_counter()
    find_uses(text, find_abbreviations(text))
    # 0.5 to 2 s alone on a core; what is quadratic takes minutes here.
    assert time.perf_counter() - started < 20
