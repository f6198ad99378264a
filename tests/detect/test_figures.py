"""A learned candidate goes where another number than its concept's stands in it, or as there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lvmh_jax.detect.figures import Figures, drop_other_numbers, read_figures
from lvmh_jax.detect.stream import make_stream
from tests.detect.builders import (
    build_detector,
    list_notes,
    make_candidates,
    make_lexicon,
    mark_candidate,
)

DIABETES = ("type 1 diabetes", "diabète de type I", "diabete tipo 1", "1型糖尿病", "T1D")
WATCH = ("38 mm watch", "montre 38mm", "Uhr mit 38 mm", "the small one")
GOLD = ("18k gold", "or 18 carats", "oro 750", "18金")
FACTOR = ("factor VIII deficiency", "déficit en facteur VIII")
SIZE = ("size 38.5", "pointure 38,5")
ROOM = ("room 12", "chambre 12", "numero 12 di sopra")
VITAMIN = ("vitamin B12", "vitamine B 12")
AGES = ("34 years old", "40 ans", "41 ans", "50 ans", "52 Jahre alt")


def read(*aliases: str) -> Figures:
    """What one concept with some aliases names."""
    return read_figures(aliases, np.zeros(len(aliases), np.int64), 1)


def keeps(marked: str, aliases: Sequence[str], *, exact: bool = False) -> bool:
    """Whether the span in brackets stays a candidate."""
    return len(drop_other_numbers(*mark_candidate(marked, exact=exact), read(*aliases))) == 1


@pytest.mark.parametrize(
    ("marked", "aliases"),
    [
        ("[type 2 diabetes]", DIABETES),
        ("[Diabetes] of type II since 2010", DIABETES),
        ("2[型の糖尿病]", DIABETES),
        ("a [T2D] patient", DIABETES),
        ("[factor IX] is low", FACTOR),
        ("[Faktor-V-Mangel]", ("Faktor-VIII-Mangel",)),
        ("[montre en acier] 40 mm", WATCH),
        ("[４０ｍｍ Uhr]", WATCH),
        ("[ساعة] ٤٠ mm", WATCH),
        ("a 38.5 mm [watch]", WATCH),
        ("[bracelet en or] 9 carats", GOLD),
        ("14[金のリング]", GOLD),
        ("[size 38] shoes", SIZE),
        ("[taglia] 40", ("taglia 38",)),
        ("[chambre] 14 pour 3 nuits", ROOM),
        ("takes [vitamin] B6", VITAMIN),
        ("vom [Jahrgang 1995]", ("Jahrgang 1990", "1990 vintage")),
        ("her [60th birthday]", ("50th birthday",)),
    ],
)
def test_another_number_contradicts(marked: str, aliases: Sequence[str]) -> None:
    assert not keeps(marked, aliases)
    assert keeps(marked, aliases, exact=True)


@pytest.mark.parametrize(
    ("marked", "aliases"),
    [
        ("[diabetes] of type I", DIABETES),
        ("types 1 and [2 diabetes]", DIABETES),
        ("[diabetes] in 20 patients", DIABETES),
        ("[diabetes], type 2 in her mother", DIABETES),
        ("[factor] I have to check", GOLD),
        ("on an [IV drip], x 2", FACTOR),
        ("[factor-VIII] deficient", FACTOR),
        # Prices, ages and counts beside.
        ("[montre en or] 5000 euros", WATCH),
        ("[watch] 2 of them", WATCH),
        ("his wife is 40, [watch]", WATCH),
        ("[montre] 38mm ou 40mm", WATCH),
        ("[bague en or jaune] 3200", GOLD),
        ("[or 750] 9 bagues", GOLD),
        ("3 di [sopra]", ROOM),
        ("[pointure 38,5]", SIZE),
        ("[３８ ｍｍ Uhr]", WATCH),
        ("wants a [steel watch]", WATCH),
        # Of concepts where few aliases name a number, and where they name many.
        ("[40 mm watch]", ("watch", "montre", "38 mm watch")),
        ("[43 ans]", AGES),
    ],
)
def test_what_names_its_own_or_is_of_something_else_does_not(
    marked: str, aliases: Sequence[str]
) -> None:
    assert keeps(marked, aliases)


def test_batches_and_other_concepts_do_not_change_it() -> None:
    texts = ["type 1 diabetes", "", "diabetes", "type", "type 2 diabetes", "2"]
    stream = make_stream(texts, 64)
    first, last = np.array([(0, 2), (3, 3), (5, 7), (5, 7)]).T
    figures = read_figures(
        ["insulin", *DIABETES, "type 2 diabetes"], np.array([0, *[1] * len(DIABETES), 2]), 3
    )
    candidates = make_candidates(
        note_N=stream.note_T[first], first_N=first, last_N=last, concept_N=np.array([1, 1, 1, 2])
    )
    kept = drop_other_numbers(stream, candidates, figures)
    assert [*zip(kept.first_N.tolist(), kept.concept_N.tolist(), strict=True)] == [
        (0, 1),
        (3, 1),
        (5, 2),
    ]


def test_detection_never_asks_about_them() -> None:
    detector = build_detector(
        make_lexicon({"the_watch": WATCH, "the_bag": ("bag",)}), list_notes([])
    )
    texts = ["montre 38 mm", "montre en 40 mm", "montre 38mm", "montre 38mm et une 40mm"]
    found = detector.propose(list_notes(texts)).candidates
    assert {*found.note_N[found.concept_N == 0].tolist()} == {0, 2, 3}


@pytest.mark.parametrize("figures", [read(), read("bag", "sac"), read(*WATCH)])
def test_a_text_without_another_number_contradicts_nothing(figures: Figures) -> None:
    assert not figures.contradicts("the small one of 38mm", 0)
    assert read(*WATCH).contradicts("the small one of 36 mm", 0)


def test_a_number_of_thousands_of_digits_is_one() -> None:
    assert keeps(f"[watch 38 mm] {'9' * 5000} 38mm", WATCH)
