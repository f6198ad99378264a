"""Accepting suggestions: what is added, what is refused, and that the original stays."""

from __future__ import annotations

import copy

import pytest

from lvmh_jax.data.lexicon import parse_lexicon
from lvmh_jax.stages.suggestions import (
    LISTED,
    OTHERS,
    PERSONAL,
    PLACEHOLDER,
    UNKNOWN,
    UNUSABLE,
    Suggestion,
    add_aliases,
    choose,
)

DOCUMENT = {
    "handbag": {"label": "Handbag", "aliases": ["sac à main"], "rule": "bucket=intent", "x": 1},
    "scarf": {"label": "Scarf", "aliases": "foulard|écharpe"},
}


def row(concept: str, alias: str, confidence: float | None = None, accepted: bool | None = True):
    return Suggestion(1, concept, alias, confidence, accepted)


def add(*rows: Suggestion):
    before = copy.deepcopy(DOCUMENT)
    found = add_aliases(DOCUMENT, parse_lexicon(DOCUMENT, "l.json")[0], rows)
    assert before == DOCUMENT
    return found


def test_aliases_are_added_in_the_form_the_entry_has() -> None:
    grown, added, refused = add(row("handbag", "cabas"), row("scarf", "Schal"), row("scarf", "チ"))
    assert (len(added), refused) == (3, [])
    assert grown["handbag"] == {**DOCUMENT["handbag"], "aliases": ["sac à main", "cabas"]}
    assert grown["scarf"]["aliases"] == "foulard|écharpe|Schal|チ"
    assert parse_lexicon(grown, "l.json")[0].concepts[1].aliases[-2:] == ("Schal", "チ")
    # Words of placeholders without their brackets are words.
    grown, _, refused = add(*(row("handbag", word) for word in ("ID", "PHONE", "CARD", "URL")))
    assert (grown["handbag"]["aliases"][1:], refused) == (["ID", "PHONE", "CARD", "URL"], [])


@pytest.mark.parametrize("cell", ["ring|", "|ring", "ring| ", "||ring||"])
def test_an_empty_place_in_a_cell_of_aliases_does_not_grow(cell: str) -> None:
    document = {"ring": {"label": "", "aliases": cell}}
    lexicon = parse_lexicon(document, "l.json")[0]
    grown, _, _ = add_aliases(document, lexicon, [row("ring", "gold hoop")])
    assert grown["ring"]["aliases"] == "ring|gold hoop"


@pytest.mark.parametrize(
    ("concept", "alias", "reason"),
    [
        ("belt", "cinta", UNKNOWN),
        ("handbag", "SAC À MAIN", LISTED),
        ("handbag", "handbag", LISTED),  # the label
        ("handbag", "Foulard", OTHERS),
        ("handbag", "anna@example.com", PERSONAL),
        ("handbag", "Mme Laurent", PERSONAL),
        ("handbag", "[BIRTHDATE]", PLACEHOLDER),
        ("handbag", "sac de [NAME]", PLACEHOLDER),
        ("handbag", "sac\xad à main", LISTED),
        ("handbag", "x", UNUSABLE),
        ("handbag", "", UNUSABLE),
        ("scarf", "a|b", UNUSABLE),
    ],
)
def test_what_is_refused_says_why(concept: str, alias: str, reason: str) -> None:
    grown, added, (refusal,) = add(row(concept, alias))
    assert (refusal.reason, added, grown) == (reason, [], DOCUMENT)


def test_an_alias_is_taken_once_and_for_one_concept() -> None:
    _, added, refused = add(row("handbag", "tote"), row("handbag", "Tote"), row("scarf", "tote"))
    assert len(added) == 1
    assert [each.reason for each in refused] == [LISTED, OTHERS]


def test_marks_come_before_confidence() -> None:
    rows = [
        row("a", "marked", 0.1, True),
        row("a", "refused", 0.99, False),
        row("a", "sure", 0.9, None),
        row("a", "unsure", 0.5, None),
        row("a", "unknown", None, None),
    ]
    assert [each.alias for each in choose(rows, 0.9)] == ["marked", "sure"]
    assert [each.alias for each in choose(rows, None)] == ["marked"]
