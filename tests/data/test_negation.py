from __future__ import annotations

import pytest

from lvmh_jax.data.negation import CUES, is_cue, list_cues
from lvmh_jax.data.text import tokenize
from lvmh_jax.records import LANGUAGES

SENTENCES = {
    "EN": ("NO leather, please", "no"),
    "FR": ("Elle déteste le rose", "deteste"),
    "IT": ("Senza nichel", "senza"),
    "ES": ("No tiene ningún bolso", "ningun"),
    "DE": ("NICHT in Rosa", "nicht"),
    "PT": ("Não quer ouro", "nao"),
    "NL": ("Geen leer", "geen"),
    "RU": ("Без логотипа", "без"),
    "AR": ("حقيبة بدون شعار", "بدون"),
    "JA": ("ピンクは避ける", "避"),
    "ZH": ("不要粉色", "不"),
    "KO": ("로고 없는 가방", "없는"),
}
CUE_FREE = (
    "Cliente fidèle, cherche un sac noir",
    "Wants a navy handbag for her mother",
    "Eine kleine Tasche",
    "Черная сумка",
    "黒いバッグ",
    "검은 가방",
    "حقيبة سوداء",
)


def cues_in(text) -> list[str]:
    cues = list_cues()
    return [token.form for token in tokenize(text) if is_cue(token.form, cues)]


def test_every_language_has_cues() -> None:
    assert set(CUES) == set(LANGUAGES) == set(SENTENCES)


@pytest.mark.parametrize("language", SENTENCES)
def test_a_negated_sentence_has_its_cue(language) -> None:
    text, cue = SENTENCES[language]
    assert cue in cues_in(text)


@pytest.mark.parametrize("text", CUE_FREE)
def test_a_plain_sentence_has_none(text) -> None:
    assert cues_in(text) == []


def test_every_listed_word_is_one_token_that_is_a_cue() -> None:
    words = [word for listed in CUES.values() for word in listed.split()]
    cues = list_cues()
    for word in words:
        assert all(is_cue(token.form, cues) for token in tokenize(word))
        assert len(tokenize(word)) == 1


@pytest.mark.parametrize(
    "word",
    [
        *("don't", "doesn’t", "didn't", "isn't", "won't", "않아요", "싫어요"),
        *(word for word in ("can't", "couldn't", "wasn't")),
    ],
)
def test_contractions_negate(word) -> None:
    assert cues_in(f"she {word} like it")
