from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.data.lexicon import (
    MAX_ALIAS_CHARACTERS,
    list_aliases,
    parse_lexicon,
    parse_lexicon_table,
)
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import BUCKETS, Concept, Lexicon
from tests.generators import TINY_LEXICON, lexicon_documents, texts


def parse_one(**fields: object) -> tuple[Concept, list[str]]:
    lexicon, warnings = parse_lexicon({"c1": {"aliases": [], **fields}}, "l.json")
    return lexicon.concepts[0], warnings


def test_every_key_is_read() -> None:
    lexicon, warnings = parse_lexicon(TINY_LEXICON, "l.json")
    assert warnings == []
    assert lexicon.concepts[1] == Concept(
        concept_id="colour_black",
        label="Black",
        aliases=("black", "noir", "negro", "黒い"),
        bucket="preferences",
        languages=("EN", "FR", "ES", "JA"),
        freq_notes=4,
        examples=("N1", "N2"),
    )
    assert lexicon.row_of == {"handbag": 0, "colour_black": 1, "gift_for_parent": 2}


@pytest.mark.parametrize(
    ("fields", "bucket"),
    [
        ({"rule": "bucket=intent"}, "intent"),
        ({"rule": " Bucket = Next_Action "}, "next_action"),
        ({"rule": "other=C002616"}, "other"),
        ({"rule": "lifestyle=anything at all"}, "lifestyle"),
        ({"bucket": "occasion"}, "occasion"),
        ({"bucket": "occasion", "rule": "bucket=intent"}, "occasion"),
        ({"bucket": None, "rule": "bucket=intent"}, "intent"),
    ],
)
def test_bucket(fields: dict[str, object], bucket: str) -> None:
    concept, warnings = parse_one(**fields)
    assert concept.bucket == bucket
    assert warnings == []


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"rule": "bucket=unheard of"}, "unheard of"),
        ({"rule": "colour=black"}, "colour=black"),
        ({"rule": "intent"}, "intent"),
        ({"rule": "bucket"}, "bucket"),
        ({"bucket": " Gifts"}, "Gifts"),
        ({"bucket": "x", "rule": "bucket=intent"}, "x"),
    ],
)
def test_unknown_bucket_is_other_and_reported(fields: dict[str, object], shown: str) -> None:
    concept, warnings = parse_one(**fields)
    assert concept.bucket == "other"
    assert warnings == [
        "l.json: 1 concept has a bucket that is not known, read as 'other'"
        f" (first: 'c1': '{shown}')"
    ]


@pytest.mark.parametrize(
    "fields", [{}, {"bucket": " ", "rule": None}, {"rule": ""}, {"rule": "bucket= "}]
)
def test_a_missing_bucket_is_told_apart(fields: dict[str, object]) -> None:
    concept, warnings = parse_one(**fields)
    assert concept.bucket == "other"
    assert warnings == ["l.json: 1 concept has no bucket, read as 'other' (first: 'c1')"]


def test_missing_and_unknown_buckets_are_counted_apart() -> None:
    buckets = {"a": None, "b": "gifts", "c": "", "d": "gift", "e": "intent"}
    document = {key: {"aliases": [], "bucket": bucket} for key, bucket in buckets.items()}
    assert parse_lexicon(document, "l.json")[1] == [
        "l.json: 2 concepts have no bucket, read as 'other' (first: 'a')",
        "l.json: 2 concepts have a bucket that is not known, read as 'other' (first: 'b': 'gifts')",
    ]


def test_warnings_are_one_line_a_kind() -> None:
    document = {f"c{n}": {"aliases": "a b|c d", "languages": "EN|XX"} for n in range(3)}
    lexicon, warnings = parse_lexicon(document, "l.json")
    assert [concept.aliases for concept in lexicon.concepts] == [("a b", "c d")] * 3
    assert warnings == [
        "l.json: 3 concepts have aliases in one string, split at '|' (first: 'c0')",
        "l.json: 3 concepts have no bucket, read as 'other' (first: 'c0')",
        "l.json: 3 concepts have a language that is not known (first: 'c0')",
    ]


def test_aliases_are_cleaned_and_deduplicated() -> None:
    concept, warnings = parse_one(
        rule="bucket=intent",
        label=" sac\u00a0\n noir ",
        aliases=["sac  noir", "sac\tnoir", "Sac noir", "", " \u200b ", "x\0y\ud83d", "\ud800"],
    )
    assert concept.label == "sac noir"
    assert concept.aliases == ("sac noir", "Sac noir", "xy")
    assert sorted(warnings) == [
        "l.json: 1 concept has an alias without a printable character, left out (first: 'c1')",
        "l.json: 1 concept has control characters or lone surrogates in a label or alias, removed "
        "(first: 'c1')",
    ]


def test_joiners_inside_a_word_stay() -> None:
    assert parse_one(aliases=["می\u200cخواهم"])[0].aliases == ("می\u200cخواهم",)


def test_a_million_characters_are_no_alias() -> None:
    concept, warnings = parse_one(aliases=["a" * 10**6, "b" * MAX_ALIAS_CHARACTERS])
    assert [len(alias) for alias in concept.aliases] == [MAX_ALIAS_CHARACTERS]
    assert any("more than 1000 characters" in line for line in warnings)


def test_label_defaults_to_the_id() -> None:
    for fields in ({}, {"label": None}, {"label": ""}, {"label": "\0"}):
        assert parse_one(**fields)[0].label == "c1"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "l.json: the lexicon is empty; expected an object of concepts"),
        ([], "l.json: the document is a list; expected an object of concepts"),
        (None, "l.json: the document is null"),
        ({"c1": []}, "l.json: concept 'c1': it is a list; expected an object"),
        ({"": {"aliases": []}}, r"concept id '' is not an identifier \(concept 1 of 1\)"),
        ({"a\nb": {"aliases": []}}, r"l.json: concept id 'a\\nb' is not an identifier"),
        ({"c1": {}}, "l.json: concept 'c1': key 'aliases' is missing; expected a list"),
        ({"c1": {"aliases": 3}}, "concept 'c1': key 'aliases' is a number; expected a list"),
        ({"c1": {"aliases": ["a", 3]}}, "concept 'c1': key 'aliases' holds a number"),
        ({"c1": {"aliases": [], "label": 3}}, "key 'label' is a number; expected a string"),
        ({"c1": {"aliases": [], "rule": []}}, "key 'rule' is a list; expected a string"),
        ({"c1": {"aliases": [], "freq_notes": -1}}, "'freq_notes' is a number; expected a whole"),
        ({"c1": {"aliases": [], "freq_notes": 1.5}}, "'freq_notes' is a number; expected a whole"),
        ({"c1": {"aliases": [], "freq_notes": True}}, "'freq_notes' is true or false"),
        (
            {"c1": {"aliases": [], "sensitive": "no"}},
            "expected true or false; write it without quotes",
        ),
        ({"c1": {"aliases": [], "examples": {}}}, "key 'examples' is an object"),
    ],
)
def test_refused(document: object, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse_lexicon(document, "l.json")


@settings(max_examples=50)
@given(lexicon_documents(aliases=texts(12)))
def test_aliases_of_any_text_come_out_clean(document: dict[str, dict[str, object]]) -> None:
    lexicon, _ = parse_lexicon(document, "l.json")
    assert [concept.concept_id for concept in lexicon.concepts] == list(document)
    for concept in lexicon.concepts:
        assert concept.bucket in BUCKETS
        assert len(set(concept.aliases)) == len(concept.aliases)
        for alias in (concept.label, *concept.aliases):
            assert alias == " ".join(alias.split())
            assert any(char.isprintable() for char in alias)
            assert "\0" not in alias
            alias.encode("utf-8")


KEYS = ("aliases", "label", "bucket", "languages", "freq_notes", "examples", "sensitive")
VALUES = st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=9), st.binary())


@settings(max_examples=60)
@given(st.sampled_from(KEYS), VALUES | st.lists(VALUES | st.lists(VALUES), max_size=3))
def test_any_value_is_read_or_refused_in_one_line(key: str, value: object) -> None:
    refusal = ""
    try:
        parse_lexicon({"c1": {"aliases": [], key: value}}, "l.json")
    except InvalidInputError as error:
        refusal = str(error)
    assert refusal.startswith(f"l.json: concept 'c1': key '{key}'" if refusal else "")
    assert "\n" not in refusal


def number(rows: list[dict[str, str]]) -> list[tuple[str, dict[str, str]]]:
    """Rows of a table with their places: the header is row 1."""
    return [(f"row {place}", row) for place, row in enumerate(rows, start=2)]


@settings(max_examples=40)
@given(lexicon_documents())
def test_table_and_document_say_the_same(document: dict[str, dict[str, object]]) -> None:
    def cell(value: object) -> str:
        return "|".join(map(str, value)) if isinstance(value, list) else str(value)

    keys = sorted({key for fields in document.values() for key in fields})
    rows = [
        {"concept_id": concept_id, **{key: cell(fields.get(key, "")) for key in keys}}
        for concept_id, fields in document.items()
    ]
    assert parse_lexicon_table(number(rows), "l.csv")[0] == parse_lexicon(document, "l.json")[0]


def test_a_joined_string_is_no_oddity_of_a_table() -> None:
    row = {"concept_id": "c1", "aliases": "sac|sac noir", "rule": "bucket=intent"}
    lexicon, warnings = parse_lexicon_table(number([row]), "l.csv")
    assert lexicon.concepts[0].aliases == ("sac", "sac noir")
    assert warnings == []


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("TRUE", "FALSE"),
        ("VRAI", "FAUX"),
        ("WAHR", "FALSCH"),
        ("VERO", "FALSO"),
        ("VERDADERO", "FALSO"),
        ("VERDADEIRO", "FALSO"),
        ("WAAR", "ONWAAR"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("1.0", "0.0"),
        (" x ", "Non"),
        ("True", ""),
    ],
)
def test_a_table_marks_what_is_sensitive_in_the_language_of_its_writer(yes: str, no: str) -> None:
    rows = [{"concept_id": each, "aliases": each, "sensitive": each} for each in (yes, no) if each]
    rows.append({"concept_id": "unmarked", "aliases": "bag", "sensitive": ""})
    lexicon, _ = parse_lexicon_table(number(rows), "l.csv")
    assert [each.sensitive for each in lexicon.concepts] == [True, *([False] * (len(rows) - 1))]
    # JSON has true and false of its own.
    document = {"ill": {"aliases": [], "sensitive": yes}}
    with pytest.raises(InvalidInputError, match="'sensitive' is a string; expected true or false"):
        parse_lexicon(document, "l.json")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "l.csv: the lexicon is empty"),
        ([{"concept_id": "a"}], "l.csv: column 'aliases' is missing"),
        ([{"aliases": "a"}], "l.csv: column 'concept_id' is missing"),
        (
            [{"concept_id": "a", "aliases": ""}] * 2,
            "l.csv: row 3: concept 'a' appears twice, first in row 2; .* join the aliases",
        ),
        (
            [{"concept_id": "a", "aliases": ""}, {"concept_id": "", "aliases": "b"}],
            "l.csv: row 3: concept id '' is not an identifier; .* give it a name",
        ),
        (
            [{"concept_id": "a", "aliases": "", "freq_notes": "x"}],
            "l.csv: row 2: concept 'a': key 'freq_notes' is a string",
        ),
        (
            [{"concept_id": "a", "aliases": "", "sensitive": "perhaps"}],
            "l.csv: row 2: concept 'a': column 'sensitive' is neither yes nor no; expected TRUE",
        ),
    ],
)
def test_refused_table(rows: list[dict[str, str]], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        parse_lexicon_table(number(rows), "l.csv")


def aliases_of(*concepts: Concept) -> list[tuple[str, int]]:
    return [(alias.text, alias.row) for alias in list_aliases(Lexicon(concepts))]


def test_label_comes_first_and_case_counts_once() -> None:
    concept = Concept("bag", "Hand bag", ("hand  bag", "HAND BAG", "sac"))
    assert aliases_of(concept, Concept("b2", "Sac", ())) == [
        ("Hand bag", 0),
        ("sac", 0),
        ("Sac", 1),
    ]


def test_short_capitals_stand_beside_another_case() -> None:
    # Hand-made: ALS and als differ; CASHMERE has eight letters and is cashmere shouted.
    concept = Concept("x", "als", ("ALS", "Als", "ALS", "cashmere", "CASHMERE"))
    assert [text for text, _ in aliases_of(concept)] == ["als", "ALS", "cashmere"]


@pytest.mark.parametrize(("text", "kept"), [("a", 0), ("茶", 1), ("キ", 1), ("금", 1), ("é", 0)])
def test_one_character_is_an_alias_only_where_it_is_a_word(text: str, kept: int) -> None:
    assert len(aliases_of(Concept("concept", "", (text,)))) == kept


def test_an_identifier_is_no_surface_form() -> None:
    assert aliases_of(Concept("gift_for_pet", "gift_for_pet", ("dog gift",))) == [("dog gift", 0)]
    assert aliases_of(Concept("C002616", "C002616", ())) == []
    assert aliases_of(Concept("leather", "leather", ())) == [("leather", 0)]


@settings(max_examples=40)
@given(lexicon_documents())
def test_every_alias_is_listed_in_some_case(document: dict[str, dict[str, object]]) -> None:
    lexicon, _ = parse_lexicon(document, "l.json")
    listed = {(alias.row, alias.text.casefold()) for alias in list_aliases(lexicon)}
    for row, concept in enumerate(lexicon.concepts):
        assert {(row, alias.casefold()) for alias in concept.aliases} <= listed
