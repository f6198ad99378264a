"""Wordings: counted in notes, judged, grouped; personal data withheld."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.records import ML_ENHANCED, NEGATED, RULE_BASED, Candidate, Mention, Note
from lvmh_jax.stages.keywords import (
    CONCEPT,
    COVERED,
    LISTED,
    OPPOSITE,
    PERSONAL,
    UNCLEAR,
    WORDING,
    Judged,
    Wording,
    WordingTally,
    is_alias,
    judge_wordings,
    mark_opposites,
    weigh,
)
from lvmh_jax.stages.newconcepts import group_wordings, list_uncovered, mark_groups
from tests.detect.builders import build_detector, make_lexicon


def note(name: str, text: str, language: str = "EN") -> Note:
    return Note(name, name, text, language)


def mention(of: Note, words: str, concept: str, sure: float, **fields: str) -> Mention:
    start = of.text.index(words)
    fields = {"method": ML_ENHANCED, **fields}
    return Mention(of.note_id, concept, "", start, start + len(words), sure, **fields)


def tally_of(candidates: list[str], *rows: tuple[Note, list[Mention]]) -> WordingTally:
    tally = WordingTally([Candidate(text) for text in candidates])
    for place, (each, mentions) in enumerate(rows):
        tally.add(place, each, mentions)
    for place, (each, _) in enumerate(rows):
        tally.add_again(place, each)
    return tally


def test_a_candidate_and_a_learned_wording_are_counted_in_every_note() -> None:
    first = note("N1", "Wants a cabas. Cabas noir")
    second = note("N2", "un cabas, sa besace", "FR")
    tally = tally_of(
        ["cabas"],
        (first, [mention(first, "cabas", "handbag", 0.75)]),
        (second, [mention(second, "besace", "handbag", 0.5), mention(second, "un", "x", 0.9)]),
    )
    cabas, besace = tally.wordings["cabas"], tally.wordings["besace"]
    assert (cabas.candidates, cabas.notes, cabas.occurrences) == ([0], 2, 3)
    assert (cabas.known, cabas.votes, cabas.examples) == (1, {"handbag": 0.75}, ["N1", "N2"])
    assert (besace.candidates, besace.notes, besace.votes) == ([], 1, {"handbag": 0.5})
    assert (besace.text, besace.languages, besace.places) == ("besace", {"FR"}, [1])
    # As often as it stands there, not as often as it was matched: three times, once at .75.
    assert weigh(cabas, {})[1] == pytest.approx(0.75 / 3 / 2)


@pytest.mark.parametrize("fields", [{"method": RULE_BASED}, {"polarity": NEGATED}])
def test_listed_and_denied_matches_are_no_wordings(fields: dict[str, str]) -> None:
    one = note("N1", "no tote")
    tally = tally_of(["bag"], (one, [mention(one, "tote", "handbag", 0.9, **fields)]))
    assert list(tally.wordings) == ["bag"]


def test_candidates_that_differ_in_case_or_have_no_word_are_kept() -> None:
    tally = tally_of(["Tote", "tote", "!!"], (note("N1", "a TOTE !!"), []))
    assert [each.candidates for each in tally.wordings.values()] == [[0, 1], [2]]
    assert [each.notes for each in tally.wordings.values()] == [1, 0]


@pytest.mark.parametrize(
    ("candidate", "texts", "spelled"),
    [
        ("chronograf", ("Ein Chronograf", "ein chronograf", "der Chronograf"), "Chronograf"),
        # A sentence begins with a capital, whatever the word.
        ("tote bag", ("Tote bag. Tote bag", "a tote bag"), "tote bag"),
        ("tote bag", ("Tote bag",), "tote bag"),
        ("vip", ("a VIP", "a VIP"), "vip"),  # "VIP" would be found in capitals alone
        ("rose gold", ("ein Rose, Gold", "ein Rose  Gold"), "Rose Gold"),
        ("it's art", ("maybe It’s art",), "it's art"),
    ],
)
def test_a_wording_is_spelled_as_most_notes_spell_it(
    candidate: str, texts: tuple[str, ...], spelled: str
) -> None:
    rows = [(note(f"N{row}", text, "DE"), []) for row, text in enumerate(texts)]
    (found,) = tally_of([candidate], *rows).wordings.values()
    assert (found.text, found.spelling) == (candidate, spelled)


def test_what_stands_for_personal_data_is_no_wording() -> None:
    one = note("N1", "Née le [BIRTHDATE], a sister [NAME] b\xadlue  silk")
    learned = [mention(one, "BIRTHDATE", "birthday", 0.9)]
    learned.append(mention(one, "NAME] b\xadlue  silk", "x", 0.9))
    tally = tally_of(["birthdate", "sister blue", "name blue"], (one, learned))
    assert {each.text: each.occurrences for each in tally.wordings.values()} == {
        **{"birthdate": 0, "sister blue": 0, "name blue": 0, "blue silk": 1}
    }


def test_names_and_addresses_are_personal_wherever_they_stand() -> None:
    tally = tally_of(
        ["laurent", "laurent veste", "mail laurent", "veste", "shop"],
        (note("N1", "Mme Laurent veut une veste", "FR"), []),
        (note("N2", "laurent veste, shop@example.com", "FR"), []),
    )
    keys = list(tally.wordings)
    assert [tally.is_personal(key) for key in keys] == [True, True, True, False, True]


def test_a_word_that_is_seldom_a_name_is_none() -> None:
    rows = [(note(f"N{row}", "rose gold"), []) for row in range(9)]
    tally = tally_of(["rose gold"], (note("N", "Mme Rose"), []), *rows)
    assert not tally.is_personal("rose gold")
    assert tally_of(["rose gold"], (note("N", "Mme Rose"), []), *rows[:3]).is_personal("rose gold")


@pytest.mark.parametrize(
    ("text", "languages", "usable"),
    [
        ("besace", {"FR"}, True),
        ("婚礼", {"ZH"}, True),
        ("the", {"EN"}, False),
        ("2026", {"EN"}, False),
        ("a|b", {"EN"}, False),
        ("x", {"EN"}, False),
        ("b" * 1001, {"EN"}, False),
    ],
)
def test_what_can_be_an_alias(text: str, languages: set[str], usable: bool) -> None:
    assert is_alias(Wording(text, languages=languages)) is usable


@pytest.mark.parametrize(
    ("text", "language", "concept", "status"),
    [
        ("tested on animals at all", "EN", "kind", OPPOSITE),
        ("never tested on animals", "EN", "kind", WORDING),
        ("large logo", "EN", "loud", WORDING),
        ("no large logo", "EN", "loud", OPPOSITE),
        ("logo no hotel", "PT", "loud", WORDING),  # "in the hotel"
        ("sans test sur les animaux", "FR", "kind", WORDING),
        ("anything", "EN", "empty", WORDING),  # no alias to say the opposite of
    ],
)
def test_a_wording_that_denies_what_its_nearest_alias_says_is_not_suggested(
    text: str, language: str, concept: str, status: str
) -> None:
    forms = {"kind": ("not tested on animals",), "loud": ("big logo",), "empty": ()}
    detector = build_detector(make_lexicon(forms), [])
    seen = [
        Judged(Wording("big logo"), LISTED, "kind", 1.0),
        Judged(Wording(text, languages={language}), WORDING, concept, 0.9),
    ]
    assert [each.status for each in mark_opposites(seen, detector)] == [LISTED, status]
    assert mark_opposites(seen[:1], detector) == seen[:1]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("cadeau pour sa", UNCLEAR),
        ("へのプレゼント", UNCLEAR),
        ("cadeau pour sa fille chérie", UNCLEAR),
        ("cadeau pour sa chère femme", WORDING),
        ("gift for his darling", WORDING),
    ],
)
def test_a_wording_without_the_word_that_decides_is_no_alias(words: str, status: str) -> None:
    lexicon = make_lexicon({"the_wife": ("gift for his wife", "cadeau pour son épouse")})
    one = note("N1", words, "FR")
    detector = build_detector(lexicon, [one])
    tally = tally_of([words], (one, [mention(one, words, "the_wife", 0.9)]))
    (judged,) = judge_wordings(tally, detector, LinkCalibration(), min_confidence=0.0, min_notes=1)
    assert (judged.concept_id, judged.status) == ("the_wife", status)


@pytest.mark.parametrize(("words", "status"), [("type 2 patient", UNCLEAR), ("type one", WORDING)])
def test_a_wording_with_another_number_is_no_alias(words: str, status: str) -> None:
    lexicon = make_lexicon({"the_diabetes": ("type 1 diabetes", "diabetes type I")})
    one = note("N1", words, "EN")
    detector = build_detector(lexicon, [one])
    tally = tally_of([words], (one, [mention(one, words, "the_diabetes", 0.9)]))
    (judged,) = judge_wordings(tally, detector, LinkCalibration(), min_confidence=0.0, min_notes=1)
    assert judged.status == status


# New concepts.


def wording(text: str, *places: int, known: int = 0) -> Wording:
    count = len(places)
    return Wording(text, [0], count, count, known, places=list(places), examples=["N"])


def test_groups_are_of_wordings_alike_in_the_same_notes() -> None:
    each = [
        wording("falconry", 0, 1, 2),
        wording("falconry lessons", 0, 1),
        wording("porcelain", 5, 6),
    ]
    vectors_ND = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0, 1]], np.float32)
    (group,) = group_wordings(each, vectors_ND, min_members=2)
    assert (group.name, group.notes) == ("falconry", (0, 1, 2))
    assert [one.text for one in group.members] == ["falconry", "falconry lessons"]
    assert group.cohesion == pytest.approx(0.5 * 2 / np.sqrt(6) + 0.5 * 0.8, abs=1e-6)
    alone = group_wordings(each, np.eye(3, dtype=np.float32), min_members=1)
    assert len(alone) == 3  # the same notes alone are not enough


def test_a_group_stands_in_no_fewer_notes_than_its_members() -> None:
    rows = [(note(f"N{row}", "falconry club"), []) for row in range(90)]
    often = list(tally_of(["falconry", "falconry club"], *rows).wordings.values())
    seldom = [wording("porcelain", *range(500, 560)), wording("porcelain cup", *range(510, 570))]
    vectors_ND = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32)
    groups = group_wordings([*seldom, *often], vectors_ND, min_members=2)
    assert [len(each.places) for each in often] == [64, 64]  # what is kept of 90
    assert [(group.name, group.note_count) for group in groups] == [
        ("falconry", 90),
        ("porcelain", 70),
    ]


def test_only_what_no_concept_covers_is_grouped() -> None:
    judged = [
        Judged(wording("falconry", 0, 1), UNCLEAR, "hobby", 0.2),
        Judged(wording("falcon club", 0, 1), UNCLEAR, "club", 0.6),
        Judged(wording("falcon bag", 0, 1), COVERED, "handbag", 0.2),
        Judged(wording("falconer", 0, 1, known=2), UNCLEAR, "hobby", 0.2),
        Judged(wording("falcon", 0), UNCLEAR, "hobby", 0.2),
        Judged(wording("mrs falcon", 0, 1), UNCLEAR, "hobby", 0.2),
        Judged(wording("girard", 0, 1), PERSONAL, "hobby", 0.2),
        Judged(wording("and the", 0, 1), UNCLEAR, "hobby", 0.2),
    ]
    assert list_uncovered(judged, 2) == [0]
    pair = [judged[0], Judged(wording("falconry club", 0, 1), UNCLEAR, "", 0.0)]
    vectors_ND = np.ones((2, 2), np.float32)
    groups = group_wordings([each.wording for each in pair], vectors_ND, min_members=2)
    marked = mark_groups([*pair, judged[2]], groups)
    assert [(each.status, each.cluster) for each in marked] == [
        (CONCEPT, 0),
        (CONCEPT, 0),
        (COVERED, -1),
    ]
