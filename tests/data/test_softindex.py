from __future__ import annotations

import tracemalloc
from collections import Counter
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lvmh_jax.data import softindex
from lvmh_jax.data.likeness import (
    KeyTable,
    compare_parts,
    compare_plurals,
    compare_starts,
    spell,
)
from lvmh_jax.data.softindex import MIN_COSINE, SHARPNESS, SoftIndex, list_terms
from lvmh_jax.data.text import tokenize

ONE = np.zeros(1, np.int64)
ALIASES = (
    ("handbag", 0),
    ("sac à main", 0),
    ("bolso", 0),
    ("handtasche", 0),
    ("black bag", 1),
    ("black", 2),
    ("сумка", 0),
    ("حقيبة", 0),
    ("バッグ", 0),
    ("가방", 0),
    ("geschenk", 3),
    ("👜", 3),
)
QUERIES = [
    *("handbag", "handbags", "bag", "bags", "main", "mains", "bolsos", "tasche", "handtaschen"),
    *("weihnachtsgeschenk", "geschenke", "сумки", "сумочка", "حقيبته", "가방을", "バッ", "ッグ"),
    *("blackish", "blac", "a", "xyzzy", "sacrament"),
]


def make_index(aliases=ALIASES, concepts=4) -> SoftIndex:
    return SoftIndex(
        [tokenize(text) for text, _ in aliases],
        np.array([row for _, row in aliases], np.int64),
        concepts,
    )


@pytest.fixture(scope="module")
def index() -> SoftIndex:
    return make_index()


def evidence(index, query, word) -> float:
    return float(index.match_words([query])[0, index.word_row[word]])


def count_grams(word) -> Counter:
    text = f" {word} "
    return Counter(text[i : i + n] for n in (2, 3, 4) for i in range(len(text) - n + 1))


def brute_evidence(query, word, words) -> float:
    """The docstring of the module, one pair at a time."""
    similarity = brute_similarity(query, word, words)
    return similarity**SHARPNESS if similarity >= 0.35 else 0.0


def brute_similarity(query, word, words) -> float:
    if query == word:
        return 1.0
    keyed = KeyTable([word]).join([query]).similarity_N.tolist() if query not in words else []
    documents = [set(count_grams(each)) for each in words]

    def vector(text):
        grams = count_grams(text)
        seen = {gram: sum(gram in document for document in documents) for gram in grams}
        return {
            gram: count * (log((1 + len(words)) / (1 + seen[gram])) + 1)
            for gram, count in grams.items()
            if seen[gram] <= softindex.MOST_WORDS
        }

    left, right = vector(query), vector(word)
    dot = sum(value * right.get(gram, 0.0) for gram, value in left.items())
    norms = [sqrt(sum(value**2 for value in each.values())) for each in (left, right)]
    cosine = dot / max(norms[0] * norms[1], 1e-9)
    if cosine < MIN_COSINE and not keyed:
        return 0.0
    starts = compare_starts(spell([query]), spell([word]), ONE, ONE).item()
    plurals = compare_plurals(spell([query]), spell([word]), ONE, ONE).item()
    parts = compare_parts(np.array([query]), np.array([word])).item()
    return min(max(cosine, starts, plurals, parts, *keyed), 0.95)


def test_evidence_equals_a_brute_force_computation(index) -> None:
    words = list(index.word_row)
    expected = [[brute_evidence(query, word, words) for word in words] for query in QUERIES]
    np.testing.assert_allclose(index.match_words(QUERIES).toarray(), expected, atol=2e-6)


@given(st.lists(st.text("abcdо가黒", min_size=1, max_size=7), min_size=1, max_size=8))
@example(["abcabcabcabcabc", "abcabcabcabcabcabc"])  # so alike that the bound of .95 bites
def test_it_does_so_for_any_words(words) -> None:
    words = list(dict.fromkeys(words))
    index = make_index([(word, 0) for word in words if len(tokenize(word)) == 1] or [("ab", 0)], 1)
    known = list(index.word_row)
    expected = [[brute_evidence(query, word, known) for word in known] for query in words]
    np.testing.assert_allclose(index.match_words(words).toarray(), expected, atol=2e-6)


@pytest.mark.parametrize("most", [1, 2, 4])
def test_grams_of_many_words_are_not_compared(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(softindex, "MOST_WORDS", most)
    words = ["red", "redo", "reds", "bred", "credit", "navy", "wavy"]
    index = make_index([(word, 0) for word in words], 1)
    queries = [*words, "reddish", "gravy"]
    expected = [[brute_evidence(query, word, words) for word in words] for query in queries]
    np.testing.assert_allclose(index.match_words(queries).toarray(), expected, atol=2e-6)


def test_a_word_of_common_grams_is_like_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["red", *(f"red{letter}" for letter in "abcdef"), *(f"{x}red" for x in "abcdef")]
    monkeypatch.setattr(softindex, "MOST_WORDS", 4)
    assert evidence(make_index([(word, 0) for word in words], 1), "red", "red") == 1.0


@pytest.mark.parametrize(
    ("alias", "inflected"),
    [
        ("handbag", "handbags"),
        ("sacoche", "sacoches"),
        ("borsa", "borse"),
        ("bolso", "bolsos"),
        ("tasche", "taschen"),
        ("handtasche", "lederhandtasche"),
        ("geschenk", "weihnachtsgeschenk"),
        ("bolsa", "bolsas"),
        ("horloge", "horloges"),
        ("сумка", "сумки"),
        ("حقيبه", "الحقيبه"),
        ("가방", "가방을"),
    ],
)
def test_an_inflection_has_evidence_but_less_than_the_word(alias, inflected) -> None:
    index = make_index([*ALIASES, (alias, 0)])
    assert 0.35**SHARPNESS <= evidence(index, inflected, alias) <= 0.95**SHARPNESS + 1e-6
    assert evidence(index, alias, alias) == 1.0


@pytest.mark.parametrize(
    ("alias", "other"),
    [
        ("handbag", "perfume"),
        ("bolso", "reloj"),
        ("сумка", "часы"),
        ("가방", "시계"),
        ("خاتم", "ساعه"),
    ],
)
def test_an_unrelated_word_has_none(alias, other) -> None:
    assert evidence(make_index([*ALIASES, (alias, 0)]), other, alias) == 0.0


def test_a_short_word_inside_another_is_no_evidence_by_itself() -> None:
    index = make_index([*ALIASES, ("ant", 0)])
    assert evidence(index, "restaurant", "ant") == 0.0


def test_shares_of_an_alias_sum_to_one(index) -> None:
    total_A = np.asarray(index.postings.sum(0)).ravel()
    is_worded_A = np.diff(index.postings.tocsc().indptr) > 0
    np.testing.assert_allclose(total_A, is_worded_A.astype(float), atol=1e-6)
    assert [ALIASES[row][0] for row in np.flatnonzero(~is_worded_A)] == ["👜"]


def test_the_rarer_word_carries_more_of_its_alias() -> None:
    index = make_index([("black bag", 0), ("black shoe", 1), ("black", 2)], 3)
    share = index.postings.toarray()
    black, bag = share[index.word_row["black"], 0], share[index.word_row["bag"], 0]
    rarity_black = log(1 + 3 / 3) / log(4)  # three of three concepts use it
    assert black == pytest.approx(rarity_black / (rarity_black + 1), rel=1e-5)
    assert black + bag == pytest.approx(1.0)
    assert black < bag


def test_a_word_twice_in_an_alias_counts_once() -> None:
    index = make_index([("bag in bag", 0)], 1)
    assert np.diff(index.postings.tocsc().indptr).tolist() == [2]
    assert index.postings[index.word_row["bag"], 0] == pytest.approx(0.5)


def test_terms_are_words_and_pairs_of_characters_without_spaces() -> None:
    terms = list_terms(tokenize("gift 婚礼物, 赤 LV包"))
    found = [(term.form, term.first, term.last) for term in terms]
    assert found == [
        ("gift", 0, 0),
        ("婚礼", 1, 2),
        ("礼物", 2, 3),
        ("赤", 4, 4),
        ("lv", 5, 5),
        ("包", 6, 6),
    ]


@given(st.text("a黒バ ,", max_size=20))
def test_terms_cover_every_token(text) -> None:
    tokens = tokenize(text)
    covered = {i for term in list_terms(tokens) for i in range(term.first, term.last + 1)}
    assert covered == set(range(len(tokens)))
    for term in list_terms(tokens):
        assert term.form == "".join(t.form for t in tokens[term.first : term.last + 1])


def test_blocks_of_queries_do_not_show(index) -> None:
    queries = [f"handbag{i}" for i in range(4095)] + ["black", "blacks", "bolsos"]
    together = index.match_words(queries)
    assert together.shape == (len(queries), len(index.word_row))
    assert (together[4095:] != index.match_words(queries[4095:])).nnz == 0


@pytest.mark.parametrize("aliases", [[], [("👜", 0)]])
def test_an_index_without_words_gives_no_evidence(aliases) -> None:
    index = make_index(aliases, 1)
    assert index.match_words(["bag"]).shape == (1, 0)
    assert index.match_words([]).shape == (0, 0)


def test_one_endless_word_does_not_multiply_the_memory_of_all(index) -> None:
    words = [f"handbag{i}" for i in range(500)]
    tracemalloc.start()
    try:
        index.match_words([*words, "x" * 20_000])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20  # the words alone are 500 x 20,000 x 4 bytes when padded
