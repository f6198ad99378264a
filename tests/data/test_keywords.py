"""Candidates: what counts as a term, how terms are scored, and that memory is bounded."""

from __future__ import annotations

from collections import Counter

import pytest

from lvmh_jax.data.keywords import KeywordCounter, list_terms


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("FR", "un sac de voyage", {"sac", "voyage", "sac de voyage"}),
        ("EN", "anti-slip", {"anti", "slip", "anti-slip"}),
        ("EN", "silk, leather", {"silk", "leather"}),
        ("EN", "silk. Leather", {"silk", "leather"}),
        ("DE", "Kaschmir 2026", {"kaschmir"}),
        ("KO", "가방을 선물로", {"가방", "선물", "가방을 선물"}),
        ("JA", "ハンドバッグの刺繍", {"ハンドバッグ", "刺繍"}),
        ("ZH", "香水过敏", {"香水", "水过", "过敏", "香水过", "水过敏", "香水过敏"}),
        ("AR", "حقيبة سفر", {"حقيبة", "سفر", "حقيبة سفر"}),
        ("RU", "кожаная сумка", {"кожаная", "сумка", "кожаная сумка"}),
        ("FR", "Mme [NAME] aime [EMAIL]", {"aime"}),
        ("", "cashmere", {"cashmere"}),
        ("FR", "", set()),
    ],
)
def test_terms(language: str, text: str, terms: set[str]) -> None:
    assert set(list_terms(text, language)) == terms


def count(notes: list[tuple[str, str]], **options) -> dict:
    counter = KeywordCounter(**options)
    for row, (language, text) in enumerate(notes):
        counter.add(f"N{row}", language, text)
    return {each.text: each for each in counter.candidates()}


def test_a_candidate_has_notes_languages_and_examples() -> None:
    found = count([("FR", "cashmere, cashmere")] * 4 + [("EN", "cashmere")] * 4)
    each = found["cashmere"]
    assert (each.freq_notes, each.languages) == (8, ("EN", "FR"))
    assert each.example_note_ids == ("N0", "N1", "N2", "N3", "N4")
    assert 0 < each.avg_score <= 1


def test_a_piece_that_never_stands_alone_is_left_out() -> None:
    found = count([("EN", "bespoke cufflinks")] * 5 + [("EN", "cufflinks")] * 3)
    assert "bespoke" not in found
    assert found["bespoke cufflinks"].freq_notes == 5
    assert found["cufflinks"].freq_notes == 8


def test_rare_words_of_the_language_score_above_common_ones() -> None:
    found = count([("EN", "cashmere; daughter")] * 5)
    assert found["cashmere"].avg_score > found["daughter"].avg_score


def test_what_one_note_says_is_no_candidate() -> None:
    assert count([("EN", "cashmere"), ("EN", "leather")]) == {}


def test_memory_is_bounded_and_what_is_frequent_stays() -> None:
    # 3,000 words that occur once around one that is in every third note.
    notes = [("EN", f"xq{row}z" + ("; cashmere" if row % 3 == 0 else "")) for row in range(3000)]
    counter = KeywordCounter(max_terms=200)
    largest = 0
    for row, (language, text) in enumerate(notes):
        counter.add(f"N{row}", language, text)
        largest = max(largest, len(counter._terms))
    assert largest <= 202
    (only,) = counter.candidates()
    # Lossy counting: never less than the truth, and more by at most the floor.
    assert only.text == "cashmere"
    assert 1000 <= only.freq_notes <= 1000 + counter._floor


def test_order_and_ties_do_not_depend_on_hashing() -> None:
    notes = [("EN", "velvet; cashmere; suede; linen")] * 3
    assert list(count(notes)) == list(count(notes))
    assert [c.text for c in KeywordCounter().candidates()] == []


def test_every_language_yields_candidates() -> None:
    texts = {
        **{"FR": "cuir souple", "EN": "calf leather", "IT": "borsa morbida", "ES": "bolso suave"},
        **{"DE": "weiches Leder", "PT": "bolsa macia", "NL": "zacht leer", "JA": "革小物"},
        **{"KO": "송아지 가죽", "ZH": "小牛皮革", "AR": "جلد ناعم", "RU": "мягкая кожа"},
    }
    found = count([(code, text) for code, text in texts.items() for _ in range(3)])
    seen = Counter(code for each in found.values() for code in each.languages)
    assert seen.keys() == texts.keys()
