"""A cue denies one thing: phrases in twelve languages, with what is denied between brackets."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from lvmh_jax.data.frequency import zipf_of_table
from lvmh_jax.detect.polarity import Polarity, judge_polarity
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import LANGUAGES
from tests.detect.builders import make_candidates
from tests.detect.phrases import CASES


def judge(
    language: str,
    marked: str,
    *,
    negative: tuple[str, ...] = (),
    worth: dict[str, float] | None = None,
    known: tuple[str, ...] = (),
    stems: tuple[str, ...] = (),
    ends: tuple[str, ...] = (),
) -> tuple[Polarity, list[str], list[bool]]:
    """Polarity of the candidates in brackets, what they are, and which should be denied."""
    text, places, wanted = "", [], []
    for part in re.split(r"(\[[^]]*\])", marked):
        if part.startswith("["):
            thing = part[1:-1].removeprefix("-")
            places.append((len(text), len(text) + len(thing)))
            wanted.append(part.startswith("[-"))
            text += thing
        else:
            text += part
    stream = make_stream([text], 64)
    inside = [
        np.flatnonzero((stream.start_T < end) & (stream.end_T > start)) for start, end in places
    ]
    things = [text[start:end] for start, end in places]
    candidates = make_candidates(
        note_N=np.zeros(len(places), np.int64),
        first_N=np.array([tokens[0] for tokens in inside]),
        last_N=np.array([tokens[-1] for tokens in inside]),
        start_N=np.array([start for start, _ in places]),
        end_N=np.array([end for _, end in places]),
    )
    worth_N = np.array([(worth or {}).get(thing, 1.0) for thing in things], np.float32)
    candidates = replace(candidates, exact_N=(worth_N == 1).astype(np.int64))
    cue_N = np.array([thing in negative for thing in things])
    zipf_T = zipf_of_table(stream.table)[stream.row_T]
    known_T = np.array([form in known for form in stream.table.forms])[stream.row_T]
    stem_N = np.array([thing in stems for thing in things])
    ends_N = np.array([thing in ends for thing in things])
    given = [language], worth_N, cue_N, zipf_T, known_T, stem_N, ends_N
    return judge_polarity(stream, candidates, *given), things, wanted


def test_every_language_has_a_case() -> None:
    assert {language for language, _ in CASES} >= set(LANGUAGES)


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_a_cue_denies_its_head_alone(language: str, marked: str) -> None:
    found, _, wanted = judge(language, marked)
    assert found.denied_N.tolist() == wanted
    assert not found.inside_N.any()


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("EN", "[cannot tolerate nickel]"),
        ("EN", "[doesn't] want [logos]"),
        ("FR", "n'a pas [supporté le rétinol]"),
        ("JA", "[レチノールは合]わなかった"),
        ("DE", "[verträgt] sie leider nicht"),
    ],
)
def test_a_word_that_denies_is_near_under_a_mask_too(language: str, marked: str) -> None:
    found, things, _ = judge(language, marked)
    assert dict(zip(things, found.near_N, strict=True))[things[-1]]


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("EN", "[tolerates retinol]"),
        ("EN", "[tolerates retinol], no allergies"),
        ("EN", "[tolerates retinol] without problems"),
        ("FR", "[supporte le rétinol] sans souci"),
        ("ES", "no quiere oro. [tolera el retinol]"),
    ],
)
def test_a_word_that_denies_something_else_is_not_near(language: str, marked: str) -> None:
    assert not judge(language, marked)[0].near_N.any()


@pytest.mark.parametrize(
    ("language", "marked", "worth"),
    [
        ("ES", "el cliente no tiene [-perros]", {"perros": 0.6}),
        ("EN", "he no longer needs [-parking]", {"parking": 0.7}),
        ("EN", "he no longer needs [parking]", {"parking": 0.3}),
        ("EN", "no [spending] on [-jewellery]", {"spending": 0.6}),
        ("ES", "[-golf] no [juega]", {"juega": 0.6}),
    ],
)
def test_what_is_less_likely_takes_a_cue_that_nothing_else_does(language, marked, worth) -> None:
    found, _, wanted = judge(language, marked, worth=worth)
    assert found.denied_N.tolist() == wanted


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("FR", "a [vendu sa maison]"),
        ("FR", "n'a pas [-vendu sa maison]"),
        ("EN", "[sold her house] and wants a [garden]"),
        ("DE", "hat das [Haus verkauft]"),
        ("EN", "[-golf clubs] sold"),
        ("EN", "no longer plays [-golf clubs]"),
    ],
)
def test_a_name_that_says_that_something_is_over_is_not_denied_by_that(language, marked) -> None:
    named = ("vendu sa maison", "sold her house", "Haus verkauft", "golf clubs")
    found, _, wanted = judge(language, marked, ends=named)
    assert found.denied_N.tolist() == wanted


def test_a_thing_with_its_article_takes_a_cue_within_a_verb() -> None:
    stems = {"stems": ("العود", "والمسك"), "worth": {"العود": 0.5, "والمسك": 0.5}}
    for marked in ("لا تحب [-العود] [-والمسك]", "لا تحب السيدة ليلى [العود]", "تحب [العود]"):
        found, _, wanted = judge("AR", marked, **stems)
        assert found.denied_N.tolist() == wanted
    plain, _, _ = judge("AR", "لا تحب [العود]", worth={"العود": 0.3})
    assert plain.denied_N.tolist() == [False]


def test_a_concept_that_is_a_denial_uses_its_cue_up() -> None:
    found, _, _ = judge("EN", "[no logo] [bag]", negative=("no logo",))
    assert found.denied_N.tolist() == [False, False]
    assert found.inside_N.tolist() == [False, False]
    found, _, _ = judge("NL", "[dierlijke materialen] weigert hij niet", negative=())
    assert found.denied_N.tolist() == [True]


def test_no_allergy_to_nuts_denies_that_of_nuts() -> None:
    stream = make_stream(["no allergy to nuts"], 64)
    candidates = make_candidates(
        note_N=np.zeros(2, np.int64),
        first_N=np.array([0, 1]),
        last_N=np.array([1, 3]),
        start_N=np.array([0, 3]),
        end_N=np.array([10, 18]),
    )
    worth_N, has_cue_N = np.array([1.0, 0.95], np.float32), np.array([True, False])
    words = np.zeros(4, np.float32), np.zeros(4, bool)
    found = judge_polarity(stream, candidates, ["EN"], worth_N, has_cue_N, *words)
    assert found.denied_N.tolist() == [True, True]  # of the first it is no feature: `evidence`


def test_a_span_with_a_cue_is_denied_without_it() -> None:
    found, _, _ = judge("EN", "[no leather] [bag]")
    assert found.denied_N.tolist() == [True, False]
    assert found.inside_N.tolist() == [True, False]


def test_what_is_no_mention_takes_no_cue() -> None:
    taken, _, _ = judge("EN", "not [fond of] the [capsules]")
    assert taken.denied_N.tolist() == [True, False]
    passed, _, _ = judge("EN", "not [fond of] the [capsules]", worth={"fond of": 0.2})
    assert passed.denied_N.tolist() == [False, True]
    beside, _, _ = judge("EN", "not [urgent] at all", worth={"urgent": 0.2})
    assert beside.denied_N.tolist() == [True]


@pytest.mark.parametrize(
    ("language", "marked", "known"),
    [
        ("EN", "[platinum] not gold", "gold"),
        ("EN", "[-platinum] not suitable", "gold"),
        ("EN", "[-platinum] not really, gold", "gold"),
        ("DE", "[Platin] nicht Gold", "gold"),
        ("ES", "[-golf] no juega", "juega"),
        ("RU", "[-Дайвингом] не занимается", "занимается"),
    ],
)
def test_a_cue_takes_what_follows_where_that_is_a_word_of_the_lexicon(
    language: str, marked: str, known: str
) -> None:
    found, _, wanted = judge(language, marked, known=(known,))
    assert found.denied_N.tolist() == wanted


def test_what_is_no_head_is_joined_too() -> None:
    unsure = {"Gold": 0.2, "Silber": 0.2, "Platin": 0.2}
    found, _, wanted = judge("DE", "weder [-Gold] noch [-Silber], nur [Platin]", worth=unsure)
    assert found.denied_N.tolist() == wanted


def test_common_words_take_no_cue_but_where_the_dictionary_matches() -> None:
    found, _, _ = judge("DE", "[Schmuck] trägt sie so [gut] wie nie", worth={"gut": 0.81})
    assert found.denied_N.tolist() == [True, False]
    found, _, _ = judge("DE", "[Schmuck] trägt sie so [gut] wie nie")
    assert found.denied_N.tolist() == [False, True]


def test_function_words_take_no_cue() -> None:
    found, _, _ = judge("FR", "ne joue [plus au] [golf]")
    assert found.denied_N.tolist() == [False, True]
    found, _, _ = judge("DE", "kein Fan [von] [Bordeaux]")
    assert found.denied_N.tolist() == [False, True]


@pytest.mark.parametrize("between", [", ", ". ", " but ", " quaint rustic wooden antique "])
def test_nothing_is_denied_across(between: str) -> None:
    found, _, _ = judge("EN", f"no{between}[gold]")
    assert found.denied_N.tolist() == [False]


def test_a_note_is_judged_in_its_own_language() -> None:
    for language, denied in (("IT", True), ("DE", False), ("FR", False)):
        found, _, _ = judge(language, "mai [yoga]")
        assert found.denied_N.tolist() == [denied]


def test_no_candidates_and_no_text() -> None:
    stream = make_stream(["", "no"], 64)
    empty = make_candidates(note_N=np.zeros(0, np.int64))
    nothing = np.zeros(0, np.float32)
    words = np.zeros(1, np.float32), np.zeros(1, bool)
    found = judge_polarity(stream, empty, ["EN", "EN"], nothing, nothing > 0, *words)
    assert len(found.denied_N) == len(found.inside_N) == 0
