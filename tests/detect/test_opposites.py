"""Texts that say the opposite of an alias, and what an Arabic noun is written with."""

from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.data.endings import names_end
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.opposites import Denials, find_ends, find_opposites, list_starts, mark_stems
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import Alias
from tests.detect.builders import build_detector, list_notes, make_candidates, make_lexicon


def ask(
    text: str, span: str, alias: str, language: str, *, exact: bool = False, ends: bool = False
) -> bool:
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
    ends_A = np.array([names_end([token.form for token in tokenize(alias)]), False])
    denials = Denials(aliases, denies_A, list_starts(aliases, denies_A[:-1]), ends_A)
    if ends:
        return bool(find_ends(stream, candidates, denials)[0])
    found = find_opposites(stream, candidates, denials, [language])
    return bool(found[0])


OPPOSITES = [
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
    ("FR", "[budget limité]", "sans limite de budget"),
    ("FR", "[sucre et lait]", "sans sucre et sans lait"),
    ("ES", "[tolera el gluten y la lactosa]", "no tolera el gluten ni la lactosa"),
    ("ES", "[usa cuero]", "no usa nunca cuero"),
    ("RU", "[ест мясо]", "никогда не ест мясо"),
    ("AR", "[يتحمل اللاكتوز]", "لا يتحمل اللاكتوز"),
]
# Aliases that affirm with two denials, and how a note says the same thing plainly.
AFFIRMING = [
    ("EN", "loves leather bags", "can't do without leather"),
    ("EN", "leather", "cannot be without leather"),
    ("EN", "wears watches", "never without her watch"),
    ("EN", "coffee every day", "not a day without coffee"),
    ("EN", "champagne", "never refuses champagne"),
    ("FR", "aime le cuir", "ne peut se passer de cuir"),
    ("FR", "aime le cuir", "ne se passe pas de cuir"),
    ("FR", "café chaque jour", "aucun jour sans café"),
    ("FR", "champagne", "ne refuse jamais le champagne"),
    ("IT", "ama la pelle", "non può fare a meno della pelle"),
    ("IT", "caffè ogni giorno", "nessun giorno senza caffè"),
    ("ES", "le gusta el cuero", "no puede vivir sin cuero"),
    ("ES", "café cada día", "ni un día sin café"),
    ("PT", "gosta de couro", "não vive sem couro"),
    ("PT", "champanhe", "nunca recusa champanhe"),
    ("DE", "liebt Leder", "kann nicht ohne Leder"),
    ("DE", "Leder", "verzichtet nie auf Leder"),
    ("DE", "Champagner", "lehnt Champagner nie ab"),
    ("NL", "houdt van leer", "kan niet zonder leer"),
    ("NL", "champagne", "weigert nooit champagne"),
    ("NL", "champagne", "weigert champagne niet"),
    ("RU", "любит кожу", "не может без кожи"),
    ("RU", "каждый день кофе", "ни дня без кофе"),
    ("JA", "お気に入りのハンドバッグ", "ハンドバッグが欠かせない"),
    ("JA", "ハンドバッグ", "ハンドバッグなしではいられません"),
    ("ZH", "爱马仕皮革手袋", "离不开爱马仕皮革手袋"),
    ("ZH", "爱马仕皮革手袋", "没有爱马仕皮革手袋不行"),
    ("KO", "가죽 좋아함", "가죽 없이는 못 산다"),
    ("KO", "커피", "커피 없이 하루도 못"),
    ("AR", "يحب الجلد", "لا يستغني عن الجلد"),
    ("AR", "قهوة كل يوم", "ولا يوم بدون قهوة"),
]


@pytest.mark.parametrize(("language", "text", "alias"), OPPOSITES)
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
        *AFFIRMING,
    ],
)
def test_what_says_something_else_is_none(language, text, alias) -> None:
    assert not ask(text, text, alias, language)


def test_the_index_tells_aliases_that_deny_from_those_that_deny_twice() -> None:
    denying, affirming = ({alias for _, _, alias in each} for each in (OPPOSITES, AFFIRMING))
    lexicon = make_lexicon({"the_thing": [*denying, *affirming]})
    index = build_detector(lexicon, list_notes(["navy"])).index
    denials = {
        a.text for a, denies in zip(index.aliases, index.denies_A[:-1], strict=True) if denies
    }
    assert denials == denying


@pytest.mark.parametrize(
    ("word", "noun", "is_noun"),
    [
        ("العود", "عود", True),
        ("ومسك", "مسك", True),
        ("والعود", "عود", True),
        ("عود", "عود", False),  # as it is, and found so
        ("العطر", "عود", False),
        ("فستان", "ستان", False),  # "dress", and what is left of it, and so the next ones
        ("فضة", "ضة", False),
        ("ورد", "رد", False),
        ("وردة", "ردة", False),
    ],
)
def test_an_article_or_and_is_written_with_an_arabic_noun(word, noun, is_noun) -> None:
    at = np.zeros(1, np.int64)
    candidates = make_candidates(note_N=at, first_N=at, last_N=at, alias_N=at)
    found = mark_stems(make_stream([word], 64), candidates, [Alias(noun, 0)])
    assert found.tolist() == [is_noun]


@pytest.mark.parametrize(
    ("span", "alias", "wanted"),
    [
        ("vendu sa maison", "vendre sa maison", True),
        ("venduto casa", "vendere casa", True),
        ("sold her house", "selling the house", True),
        ("продала дом", "продать дом", True),
        ("huis verkocht", "huis verkopen", True),
        ("卖掉房子", "卖房", True),
        ("vendu sa maison", "grande maison", False),
        ("sa maison", "vendre sa maison", False),
    ],
)
def test_a_span_may_have_the_end_that_its_alias_names(span: str, alias: str, wanted: bool) -> None:
    assert ask(span, span, alias, "", ends=True) is wanted
