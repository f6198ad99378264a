"""Dates, languages, headers and texts as exports have them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given

from lvmh_jax.data.language import detect_language
from lvmh_jax.data.rawnotes import (
    fold_text,
    map_columns,
    normalise_text,
    parse_date,
    parse_language,
)
from lvmh_jax.records import LANGUAGES
from tests.generators import texts


@pytest.mark.parametrize(
    "written",
    [
        *("2026-01-08", "2026-01-08T10:00:00Z", "2026/1/8", "2026.01.08", "20260108", "2026-1-8"),
        *("08/01/2026", "8/1/26", "08.01.2026", "8-1-2026", "08/01/2026 10:30", " 8/1/2026 "),
        *("8 janvier 2026", "8. Januar 2026", "8 de enero de 2026", "8 gennaio 2026", "8 Jan 2026"),
        *("January 8, 2026", "8 de janeiro de 2026", "8 januari 2026", "8 января 2026"),
        *("jeudi 8 janvier 2026", "Thu 8 Jan 2026", "8-Jan-2026"),
        *(
            "2026年1月8日",
            "2026년 1월 8일",
            "٢٠٢٦-٠١-٠٨",
            "２０２６／０１／０８",
            "46030",
            "46030.0",
        ),
    ],
)
def test_one_day_in_many_forms(written: str) -> None:
    assert parse_date(written) == "2026-01-08"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1er août 2025", "2025-08-01"),
        ("15 juin 2025", "2025-06-15"),
        ("15 juillet 2025", "2025-07-15"),
        ("31/12/1999", "1999-12-31"),
        ("1.1.70", "1970-01-01"),
        ("29/02/2024", "2024-02-29"),
    ],
)
def test_other_days(written: str, read: str) -> None:
    assert parse_date(written) == read


@pytest.mark.parametrize(
    "written",
    [
        *("", "hier", "01/13/2026", "2026-13-01", "29/02/2023", "2026", "12/2025", "1/2/3/4", "0"),
        *("8 brumaire 2026", "99999", "00/00/0000", "10:30", "x" * 10_000, "-" * 50),
    ],
)
def test_what_is_no_date_is_not_guessed(written: str) -> None:
    assert parse_date(written) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *((name, "FR") for name in ("FR", "fr", " fr-FR ", "fr_CA", "French", "Français", "FRA")),
        *((name, "ZH") for name in ("zh-Hans-CN", "中文", "Chinese (Simplified)", "mandarin")),
        *((name, "DE") for name in ("Deutsch", "allemand", "ger", "TEDESCO")),
        *((name, "AR") for name in ("العربية", "arabe", "ar-AE")),
        *((name, "JA") for name in ("日本語", "jp", "ｊａ")),
        ("PL", "PL"),
        *((name, "") for name in ("", "  ", "-", "N/A", "null", "?")),
        *((name, None) for name in ("Klingon", "35 min", "12")),
    ],
)
def test_languages(written: str, code: str | None) -> None:
    assert parse_language(written) == code


@pytest.mark.parametrize(
    "header",
    [
        ["ID", "Date", "Duration", "Language", "Length", "Transcription"],
        ["id ", "DATE", "durée", "Langue", "longueur", "transcription"],
        ["Note ID", "Datum", "Dauer", "Sprache", "Länge", "Transkript"],
        ["identificativo", "data", "durata", "lingua", "lunghezza", "trascrizione"],
        ["Identificador", "Fecha", "Duración", "Idioma", "Longitud", "Transcripción"],
        ["note_id", "date", "duration", "language", "length", "text"],
        ["番号", "日付", "時間", "言語", "長さ", "本文"],
        ["ИД", "Дата", "Длительность", "Язык", "Длина", "Текст"],
    ],
)
def test_headers_of_many_hands(header: list[str]) -> None:
    found = map_columns(header)
    assert [found[name] for name in ("id", "date", "duration", "language", "length", "text")] == [
        [column] for column in range(6)
    ]


def test_a_note_is_no_header() -> None:
    assert map_columns(["Mme Laurent", "passionnée de golf", "2026-01-08"]) == {}


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("a\u00a0\u202f b\tc", "a b c"),
        ("a\x00b\x07c\x9f", "abc"),
        ("\ufeffsac\u200b à\u00ad main", "sac à main"),
        ("cafe\u0301", "café"),
        ("e\u200b\u0301", "é"),
        ("a\ud800b", "a\ufffdb"),
        ("\u202eabc\u202c", "abc"),
        ("  a \n\n\n  b  ", "a\nb"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\x00\u200b \n", ""),
    ],
)
def test_texts(raw: str, clean: str) -> None:
    assert normalise_text(raw) == clean


@given(texts())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode()  # no lone surrogate is left


def test_folding_sees_what_reads_the_same() -> None:
    assert fold_text("Sac à main, NOIR!") == fold_text("sac a main noir")
    assert fold_text("sac noir") != fold_text("sac bleu")


NOTES = {
    "FR": "Elle cherche un cadeau pour l'anniversaire de son mari.",
    "EN": "She is looking for a gift for her husband's birthday.",
    "IT": "Cerca un regalo per il compleanno del marito.",
    "ES": "Busca un regalo para el cumpleaños de su marido.",
    "DE": "Sie sucht ein Geschenk zum Geburtstag ihres Mannes.",
    "PT": "Procura um presente para o aniversário do marido, não tem pressa.",
    "NL": "Ze zoekt een cadeau voor de verjaardag van haar man.",
    "JA": "ご主人の誕生日の贈り物をお探しです。",
    "KO": "남편 생일 선물을 찾고 계십니다.",
    "ZH": "她在为丈夫的生日挑选礼物。",
    "AR": "تبحث عن هدية لعيد ميلاد زوجها.",
    "RU": "Ищет подарок на день рождения мужа.",
}


def test_every_language_is_told() -> None:
    assert list(NOTES) == list(LANGUAGES)
    assert {code: detect_language(text) for code, text in NOTES.items()} == {c: c for c in NOTES}


@pytest.mark.parametrize("text", ["", "OK", "12 345", "👜👜👜", "LV"])
def test_too_little_tells_no_language(text: str) -> None:
    assert detect_language(text) == ""
