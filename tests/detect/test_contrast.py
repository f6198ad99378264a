"""A learned candidate goes where another member of its concept's class stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from lvmh_jax.data.contrasting import name_members
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.contrast import Contrasts, drop_contradicted, read_contrasts
from lvmh_jax.detect.stream import make_stream
from tests.detect.builders import (
    build_detector,
    list_notes,
    make_candidates,
    make_lexicon,
    mark_candidate,
)

MARCH = ("call back in March", "rappeler en mars", "3月に連絡", "перезвонить в марте")
WIFE = ("gift for his wife", "cadeau pour sa femme", "妻へのプレゼント", "送给妻子的礼物")
PARENTS = ("gift for her mother", "gift for her father", "a gift")
EASTER = ("after Easter", "après Pâques")
MONTHLY = ("call in March", "call in May", "call in June", "call in July")


def read(*aliases: str) -> Contrasts:
    """What one concept with some aliases names."""
    phrases = [[token.form for token in tokenize(text)] for text in aliases]
    return read_contrasts(phrases, np.zeros(len(aliases), np.int64), 1)


def keeps(marked: str, aliases: Sequence[str], *, exact: bool = False) -> bool:
    """Whether the span in brackets stays a candidate."""
    return len(drop_contradicted(*mark_candidate(marked, exact=exact), read(*aliases))) == 1


@pytest.mark.parametrize(
    ("marked", "aliases"),
    [
        ("[call back in April]", MARCH),
        ("[Calling back] in May would suit", MARCH),
        ("bitte im [April zurückrufen]", MARCH),
        ("4[月に連絡]", MARCH),
        ("[перезвонить] в апреле", MARCH),
        ("[Cadeau pour sa] fille", WIFE),
        ("cadeau pour sa [belle-mère]", WIFE),
        ("娘[へのプレゼント]", WIFE),
        ("送给女儿的[礼物]", WIFE),
        ("[gift for her] boss", PARENTS),
        ("before [Easter]", EASTER),
    ],
)
def test_another_member_contradicts(marked: str, aliases: Sequence[str]) -> None:
    assert not keeps(marked, aliases)
    assert keeps(marked, aliases, exact=True)


@pytest.mark.parametrize(
    ("marked", "aliases"),
    [
        ("[call her back in March], not April", MARCH),
        ("April or March, [call back]", MARCH),
        ("bought it in April, [call back]", MARCH),
        ("bought it in April. [Call back]", MARCH),
        ("April was good for her so [call back]", MARCH),
        ("[call back] tomorrow", MARCH),
        ("[gift for his spouse]", WIFE),
        ("[gift for her dad]", PARENTS),
        ("[gift for her parents]", PARENTS),
        # Of a class where few aliases name a member, and where they name many.
        ("[gift] for her daughter", ("gift", "present", "gift for her mother")),
        ("[call in October]", MONTHLY),
    ],
)
def test_what_names_its_own_or_stands_apart_does_not(marked: str, aliases: Sequence[str]) -> None:
    assert keeps(marked, aliases)


def test_batches_do_not_change_it() -> None:
    texts = ["call back in March", "", "call back", "April", "call back in April"]
    stream = make_stream(texts, 64)
    spans = [(0, 1), (4, 5), (7, 8)]
    first, last = np.array(spans).T
    candidates = make_candidates(note_N=stream.note_T[first], first_N=first, last_N=last)
    kept = drop_contradicted(stream, candidates, read(*MARCH))
    assert kept.first_N.tolist() == [0, 4]


def test_detection_never_asks_about_them() -> None:
    detector = build_detector(make_lexicon({"the_wife": WIFE, "the_bag": ("bag",)}), list_notes([]))
    texts = ["Cadeau pour sa chère épouse", "Cadeau pour sa chère fille", "cadeau pour sa femme"]
    found = detector.propose(list_notes([*texts, "cadeau pour sa femme et sa fille"])).candidates
    assert {*found.note_N[found.concept_N == 0].tolist()} == {0, 2, 3}


def test_a_phrase_leaves_out_what_its_concept_is_about() -> None:
    wife = name_members("wife")
    assert [read(*WIFE).leaves_out(said, 0) for said in (0, wife)] == [True, False]
    assert not read("bag", "sac").leaves_out(0, 0)
