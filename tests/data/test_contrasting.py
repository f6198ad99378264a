"""Members of closed classes in twelve languages, and words that only look like one."""

from __future__ import annotations

import pytest
import wordfreq

from lvmh_jax.data.contrasting import LONGEST, list_phrases, mark_phrases, name_members
from lvmh_jax.data.contrasts import CONTRASTS
from lvmh_jax.data.text import fold_form, tokenize
from lvmh_jax.records import LANGUAGES

NAMED = [
    ("call back in April", "april"),
    ("early May", "may"),
    ("rappeler fin août", "august"),
    ("richiamare a marzo", "march"),
    ("ligar em março", "march"),
    ("ab Mai", "may"),
    ("в конце апреля", "april"),
    ("2026年4月", "april"),
    ("４月に", "april"),
    ("十二月", "december"),
    ("4월에", "april"),
    ("في أبريل", "april"),
    ("comes on Fridays", "friday"),
    ("Samstagvormittag", "saturday"),
    ("às quintas-feiras", "thursday"),
    ("по пятницам", "friday"),
    ("土曜日", "saturday"),
    ("下周一", "monday"),
    ("금요일마다", "friday"),
    ("يوم الجمعة", "friday"),
    ("at the weekend", "saturday sunday"),
    ("cet été", "summer"),
    ("зимний гардероб", "winter"),
    ("冬服", "winter"),
    ("his wife", "wife"),
    ("sa femme", "wife"),
    ("seine Frau", "wife"),
    ("奥様", "wife"),
    ("送给女儿", "daughter"),
    ("her son", "son"),
    ("belle-mère", "mother_in_law"),
    ("her mother-in-law", "mother_in_law"),
    ("her son-in-law", "in_law"),
    ("her daughter in law", "in_law"),
    ("à offrir à son mari", "son husband"),
    ("祖母", "grandmother"),
    ("딸에게", "daughter"),
    ("لزوجته", "wife"),
    ("lieve vrouw", ""),
    ("her children", "child"),
    ("her boss", "boss"),
    ("before Easter", "before"),
    ("nach Ostern", "after"),
]
# What is another word in a language, or with the one beside it.
NOTHING = [
    "she may call",
    "son parfum",
    "a été revendu",
    "non viene mai",
    "er will nicht",
    "so kind of her",
    "tante borse",
    "Frau Weber",
    "mother of pearl",
    "Black Friday",
    "avant-garde",
    "après-vente",
    "Hugo Boss",
    "chef étoilé",
    "друг друга",
    "три месяца",
    "3ヶ月",
    "大丈夫",
    "一周一次",
    "春节",
]
# Loans that mean the same there, and words that are hardly ever another one in such notes.
ELSEWHERE = {"families", "mars", "papa", "padre", "collega", "partner", "weekend"}
COMMON = 3000  # words of a language


def forms(text: str) -> list[str]:
    return [token.form for token in tokenize(text)]


@pytest.mark.parametrize(("text", "names"), [*NAMED, *((text, "") for text in NOTHING)])
def test_a_text_names_members(text: str, names: str) -> None:
    assert int(mark_phrases([forms(text)])[0]) == name_members(names)


def test_phrases_stand_in_one_text_each() -> None:
    named = mark_phrases([["her"], ["son"], [], ["his", "wife"]])
    assert named.tolist() == [0, 0, 0, name_members("wife")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_can_be_read(language: str) -> None:
    phrases = dict(list_phrases(CONTRASTS[language]))
    assert set(map(len, phrases)) <= {*range(1, LONGEST + 1)}
    everyone = 0
    for members in phrases.values():
        everyone |= members
    for names in ("march", "friday", "winter", "family", "friend", "boss", "after", "before"):
        assert everyone & name_members(names) == name_members(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_alone_is_a_common_one_of_another_language(language: str) -> None:
    common = {fold_form(w) for w in wordfreq.top_n_list(language.lower(), COMMON)}
    own = {phrase for phrase, _ in list_phrases(CONTRASTS[language])}
    others = (phrase for lists in CONTRASTS.values() for phrase, _ in list_phrases(lists))
    alone = {phrase[0] for phrase in others if len(phrase) == 1 and phrase not in own}
    assert {word for word in alone & common if not "\u3400" <= word[0] <= "\u9fff"} <= ELSEWHERE
