"""Windows found by array operations are those that slow, plain loops find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.data.softindex import SoftIndex
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect import windows
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.detect.windows import TermStream, Windows, find_windows, weigh_words

TOLERANCE = 1e-5
LEAST = 0.4  # coverage and score of a window
# Words that resemble each other, in and out of aliases, of scripts with and without spaces.
VOCABULARY = ("bag", "bags", "handbag", "handbags", "black", "blacks", "noir", "noire", "of", "xyz")
VOCABULARY += ("leather", "cuir", "黒革", "黒い", "革", "сумка")


def search(index: SoftIndex, texts: list[str], max_terms: int) -> tuple[TermStream, Windows]:
    """Windows as the detector looks for them."""
    stream = make_stream(texts, 1024)
    terms = TermStream(
        stream.word_P,
        stream.sentence_T[stream.first_P],
        weigh_words(index, list(stream.words)),
    )
    evidence = index.match_words(stream.words)
    return terms, find_windows(index, terms, evidence, max_terms, LEAST)


def make_index(aliases: list[str]) -> SoftIndex:
    return SoftIndex([tokenize(text) for text in aliases], np.arange(len(aliases)) % 3, 3)


@dataclass(frozen=True)
class Found:
    """The best run of hits that makes a window."""

    score: float
    cover: float
    tight: float
    words: int


def scan_slowly(index: SoftIndex, texts: list[str], max_terms: int) -> dict[tuple, Found]:
    """(first, last, alias) to the best run: every run of hits of an alias inside a sentence."""
    stream = make_stream(texts, 1024)
    weights = weigh_words(index, list(stream.words)).tolist()
    evidence = index.match_words(stream.words)
    sentences = stream.sentence_T[stream.first_P].tolist()
    best: dict[tuple, Found] = {}
    for alias in range(index.postings.shape[1]):
        for sentence in set(sentences):
            hits = list_hits(index, evidence, stream.word_P.tolist(), alias)
            hits = [hit for hit in hits if sentences[hit[0]] == sentence]
            for i in range(len(hits)):
                for j in range(i, len(hits)):
                    if hits[j][0] - hits[i][0] < max_terms:
                        run = score_run(hits[i : j + 1], stream.word_P.tolist(), weights)
                        key = (hits[i][0], hits[j][0], alias)
                        best[key] = max(run, best.get(key, run), key=lambda found: found.score)
    return best


def list_hits(index: SoftIndex, evidence, words: list[int], alias: int) -> list[tuple]:
    """(position, alias word, evidence, share) of the words that speak for an alias."""
    shares = {
        word: float(index.postings[word, alias])
        for word in range(len(index.word_row))
        if index.postings[word, alias]
    }
    hits = []
    for position, said in enumerate(words):
        row = slice(evidence.indptr[said], evidence.indptr[said + 1])
        for word, value in zip(evidence.indices[row], evidence.data[row], strict=True):
            share = shares.get(int(word), 0.0)
            if value * share >= windows.MIN_CONTRIBUTION:
                hits.append((position, int(word), float(value), share))
    return hits


def score_run(hits: list[tuple], words: list[int], weights: list[float]) -> Found:
    """A word of the alias counts once, and so does a word of the note: at its best each."""
    covered: dict[int, float] = {}
    meant: dict[int, float] = {}
    for position, word, value, share in hits:
        covered[word] = max(covered.get(word, 0.0), value * share)
        meant[position] = max(meant.get(position, 0.0), weights[words[position]] * value)
    weight = sum(weights[words[at]] for at in range(hits[0][0], hits[-1][0] + 1))
    cover, tight = sum(covered.values()), min(sum(meant.values()) / weight, 1.0)
    return Found(2 * cover * tight / max(cover + tight, 1e-6), cover, tight, len(covered))


def is_kept(found: Found, slack: float) -> bool:
    return min(found.cover / windows.LEAST_COVERED, found.score) >= LEAST + slack


texts = st.lists(
    st.lists(st.sampled_from((*VOCABULARY, ".", ",")), max_size=9).map(" ".join), max_size=3
)
aliases = st.lists(
    st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4).map(" ".join),
    min_size=1,
    max_size=6,
    unique=True,
)


@settings(max_examples=120)
@given(aliases, texts, st.integers(1, 7))
def test_windows_are_those_of_a_slow_scan(
    forms: list[str], notes: list[str], max_terms: int
) -> None:
    index = make_index(forms)
    expected = scan_slowly(index, notes, max_terms)
    _, found = search(index, notes, max_terms)
    keys = list(
        zip(found.first_N.tolist(), found.last_N.tolist(), found.alias_N.tolist(), strict=True)
    )
    certain = {key for key, run in expected.items() if is_kept(run, TOLERANCE)}
    possible = {key for key, run in expected.items() if is_kept(run, -TOLERANCE)}
    assert certain <= set(keys) <= possible
    for key in set(keys):
        rows = [row for row, other in enumerate(keys) if other == key]
        row = max(rows, key=lambda row: found.score_N[row])
        run = expected[key]
        assert found.score_N[row] == pytest.approx(run.score, abs=TOLERANCE)
        if [found.score_N[other] for other in rows].count(found.score_N[row]) == 1:
            assert found.alias_coverage_N[row] == pytest.approx(run.cover, abs=TOLERANCE)
            assert found.span_coverage_N[row] == pytest.approx(run.tight, abs=TOLERANCE)
            assert found.words_N[row] == run.words


@settings(max_examples=60)
@given(aliases, texts, st.integers(1, 4))
def test_windows_are_short_and_stay_in_their_sentence(
    forms: list[str], notes: list[str], max_terms: int
) -> None:
    terms, found = search(make_index(forms), notes, max_terms)
    assert np.all(found.first_N <= found.last_N)
    assert np.all(found.last_N - found.first_N < max_terms)
    assert np.all(terms.sentence_P[found.first_N] == terms.sentence_P[found.last_N])
    for share in (found.alias_coverage_N, found.span_coverage_N, found.score_N):
        assert np.all((share >= 0) & (share <= 1 + TOLERANCE))


def test_an_alias_said_word_by_word_scores_one() -> None:
    index = make_index(["red bag", "blue hat", "green coat"])
    _, found = search(index, ["a red bag."], 5)
    best = found.take(np.array([found.score_N.argmax()]))
    assert (best.first_N[0], best.last_N[0], best.alias_N[0]) == (1, 2, 0)
    assert best.score_N[0] == pytest.approx(1.0, abs=TOLERANCE)
    assert best.words_N[0] == 2
    assert not np.any(found.alias_N == 1)


def test_words_of_two_notes_never_make_a_window() -> None:
    index = make_index(["red bag", "blue hat", "green coat"])
    _, joined = search(index, ["the red bag"], 5)
    _, parted = search(index, ["the red", "bag"], 5)
    assert np.any((joined.first_N == 1) & (joined.last_N == 2))
    assert np.all(parted.first_N == parted.last_N)


def test_a_stranger_inside_makes_a_window_worse() -> None:
    index = make_index(["red bag", "blue hat", "green coat"])
    _, close = search(index, ["red bag"], 5)
    _, apart = search(index, ["red wooden bag"], 5)
    assert 0 < apart.score_N.max() < close.score_N.max()


@pytest.mark.parametrize("notes", [[], [""], ["zzzz qqqq"], ["👜 !"]])
def test_nothing_said_is_nothing_found(notes: list[str]) -> None:
    _, found = search(make_index(["red bag"]), notes, 5)
    assert len(found.first_N) == 0
    assert found.score_N.shape == found.alias_N.shape == (0,)


def test_a_lexicon_without_words_finds_nothing() -> None:
    _, found = search(make_index([]), ["red bag"], 5)
    assert len(found.first_N) == 0


def test_an_alias_of_words_that_resemble_each_other_is_found_whole() -> None:
    index = make_index(["bag bags handbag handbags", "black blacks"])
    expected = scan_slowly(index, ["handbags bags bag handbag"], 4)
    _, found = search(index, ["handbags bags bag handbag"], 4)
    assert is_kept(expected[0, 3, 0], TOLERANCE)
    assert np.any((found.first_N == 0) & (found.last_N == 3) & (found.alias_N == 0))


def test_the_best_likeness_of_a_word_counts_not_the_first() -> None:
    index = make_index(["red handbag", "blue hat", "green coat"])
    _, found = search(index, ["handbagging handbag red"], 4)
    both = found.take(np.flatnonzero((found.first_N == 0) & (found.last_N == 2)))
    assert both.alias_coverage_N.max() == pytest.approx(1.0, abs=TOLERANCE)
    assert both.words_N.max() == 2


def test_unknown_words_weigh_by_their_length() -> None:
    index = make_index(["red bag", "blue bag", "green coat"])
    known, short, long, number = weigh_words(index, ["coat", "of", "wooden", "12"]).tolist()
    assert known == pytest.approx(index.rarity_W[index.word_row["coat"]])
    assert (short, long) == pytest.approx((windows.UNKNOWN_SHORT, windows.UNKNOWN_LONG))
    assert number == pytest.approx(windows.UNKNOWN_LONG)
