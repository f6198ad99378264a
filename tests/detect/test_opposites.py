"""Texts that say the opposite of an alias, and what an Arabic noun is written with."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.detect.opposites import Denials, find_opposites, list_starts, mark_stems
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import Alias
from tests.detect.builders import make_candidates


def ask(text: str, span: str, alias: str, language: str, *, exact: bool = False) -> bool:
    stream = make_stream([text], 64)
    begin = text.index(span)
    end = begin + len(span)
    inside = np.flatnonzero((stream.start_T < end) & (stream.end_T > begin))
    candidates = make_candidates(
        note_N=np.zeros(1, np.int64),
        first_N=inside[:1],
        last_N=inside[-1:],
        start_N=np.array([begin]),
        end_N=np.array([end]),
        exact_N=np.array([int(exact)]),
        alias_N=np.zeros(1, np.int64),
    )
    aliases = [Alias(alias, 0)]
    denies_A = np.array([True, False])
    denials = Denials(aliases, denies_A, list_starts(aliases, denies_A[:-1]))
    found = find_opposites(stream, candidates, denials, [language])
    return bool(found[0])


@pytest.mark.parametrize(
    ("language", "text", "alias"),
    [
        ("EN", "[tolerates retinol] well", "can't tolerate retinol"),
        ("EN", "[tested on animals]", "not tested on animals"),
        ("EN", "a [visible logo]", "no visible logo"),
        ("FR", "[supporte bien le rétinol]", "ne supporte pas le rétinol"),
        ("IT", "non ha mai [tollerato il retinolo]", "non tollera il retinolo"),
        ("DE", "an [Tieren getestet]", "nicht an Tieren getestet"),
        ("DE", "[verträgt Retinol] gut", "verträgt kein Retinol"),
        ("NL", "[verdraagt retinol] goed", "verdraagt geen retinol"),
        ("RU", "[переносит ретинол]", "не переносит ретинол"),
        ("JA", "[レチノールが合]う", "レチノールが合わない"),
    ],
)
def test_what_has_all_words_but_the_denial_is_an_opposite(language, text, alias) -> None:
    span = text[text.index("[") + 1 : text.index("]")]
    plain = text.replace("[", "").replace("]", "")
    assert ask(plain, span, alias, language)
    assert not ask(plain, span, alias, language, exact=True)


@pytest.mark.parametrize(
    ("language", "text", "alias"),
    [
        ("IT", "vegetariana", "non mangia carne"),  # another way to say it
        ("EN", "retinol", "can't tolerate retinol"),  # part of it
        ("EN", "tolerate retinol", "tolerates retinol"),  # an alias without a denial
        ("PT", "casa campo", "casa no campo"),  # "no" is "in the"
        ("DE", "budget no limit", "sans limite de budget"),  # denied, in another language
    ],
)
def test_what_says_something_else_is_none(language, text, alias) -> None:
    assert not ask(text, text, alias, language)


def test_an_article_is_written_with_an_arabic_noun() -> None:
    stream = make_stream(["العود ومسك عود العطر"], 64)
    at = np.arange(4)
    candidates = make_candidates(
        note_N=np.zeros(4, np.int64), first_N=at, last_N=at, alias_N=np.array([0, 1, 0, 0])
    )
    found = mark_stems(stream, candidates, [Alias("عود", 0), Alias("مسك", 1)])
    assert found.tolist() == [True, True, False, False]
