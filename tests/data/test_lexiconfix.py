"""Only safe repairs are made, on a copy, and a second time there is nothing left to repair."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.inspection import Inspection
from lvmh_jax.data.lexicon import parse_lexicon
from lvmh_jax.data.lexiconfix import fix_lexicon
from lvmh_jax.records import Note

NOTES = (Note("N1", "C1", "a bag"),)
MAIL = "anna@example.fr"


def fix(document: dict) -> tuple[dict, list]:
    lexicon, _ = parse_lexicon(document, "l.json")
    return fix_lexicon(document, Inspection(lexicon, NOTES))


ALIASES = ["bag", " sac  à main", "with", "x", "茶", MAIL, "Bag", "Mme Laurent", "ALS"]
KEPT = ["bag", "sac à main", "茶", "Mme Laurent", "ALS"]
REST = {"label": " of the ", "owner": {"team": 1}}
OTHERS = {"empty": {"aliases": []}, "plain": {"aliases": ["noir"], "examples": "N1"}}
RULES = {
    *("duplicate-spelling", "lost-example", "personal-data", "short-alias", "stop-word"),
    "white-space",
}


def test_what_needs_no_judgement_is_repaired_and_all_else_kept() -> None:
    document = {"bag": {**REST, "aliases": ALIASES, "examples": ["N1", "N7"]}, **OTHERS}
    before = copy.deepcopy(document)
    fixed, repairs = fix(document)
    assert document == before
    assert fixed == {"bag": {**REST, "aliases": KEPT, "examples": ["N1"]}, **OTHERS}
    assert len(repairs) == len(RULES)
    assert {each.rule for each in repairs} == RULES
    assert MAIL not in repr(repairs)


def test_aliases_in_one_string_become_a_list() -> None:
    fixed, repairs = fix({"a": {"aliases": "noir|black", "examples": "N1|N1"}})
    assert fixed == {"a": {"aliases": ["noir", "black"], "examples": ["N1"]}}
    assert [each.rule for each in repairs] == ["lost-example"]


@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from(["with", MAIL, "bag"])), max_size=8))
def test_a_repaired_lexicon_is_valid_and_stays_as_it_is(aliases: list[str]) -> None:
    fixed, _ = fix({"a": {"aliases": aliases, "examples": ["N1", "N2"]}})
    again, repairs = fix(fixed)
    assert again == fixed
    assert repairs == []
