"""Spans, the phrases inside them and the words around them, against plain loops over tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.data.features import encode_phrases
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.spans import (
    MIX,
    find_spans,
    gather_contexts,
    gather_phrases,
    hash_spans,
    list_spans,
)
from lvmh_jax.detect.stream import NoteStream, make_stream
from tests.generators import texts

BUCKETS = 512
batches = st.lists(
    st.one_of(texts(25), st.text("ab 黒革.A-,(", max_size=25)), min_size=1, max_size=4
).filter(lambda batch: any(tokenize(text) for text in batch))


def pairs_of(spans: tuple[np.ndarray, np.ndarray]) -> list[tuple[int, int]]:
    return list(zip(spans[0].tolist(), spans[1].tolist(), strict=True))


def list_slowly(stream: NoteStream, max_words: int, max_chars: int) -> set[tuple[int, int]]:
    found = set()
    tokens = len(stream.row_T)
    for first in range(tokens):
        for last in range(first, tokens):
            inside = slice(first, last + 1)
            whole = len(set(stream.sentence_T[inside].tolist())) == 1
            whole = whole and len(set(stream.clause_T[inside].tolist())) == 1
            whole = whole and not stream.hidden_T[inside].any()
            most = max_chars if stream.unspaced_T[inside].all() else max_words
            if whole and last - first + 1 <= most:
                found.add((first, last))
    return found


# The stream.


@given(batches)
def test_stream_is_the_tokens_of_the_notes_one_after_another(batch: list[str]) -> None:
    stream = make_stream(batch, BUCKETS)
    forms = {row: form for (form, _), row in stream.table.row_of.items()}
    for note, text in enumerate(batch):
        tokens = tokenize(text)
        rows = range(stream.begin_B[note], stream.begin_B[note + 1])
        assert [(int(stream.start_T[t]), int(stream.end_T[t])) for t in rows] == [
            (token.start, token.end) for token in tokens
        ]
        assert [forms[int(stream.row_T[t])] for t in rows] == [token.form for token in tokens]
        assert all(stream.note_T[t] == note for t in rows)
        assert all(stream.pair_T[t] == 0 for t in rows[:1])
    assert stream.begin_B[-1] == len(stream.row_T)


@given(batches)
def test_sentences_of_two_notes_have_different_numbers(batch: list[str]) -> None:
    stream = make_stream(batch, BUCKETS)
    numbers = [set(stream.sentence_T[stream.note_T == n].tolist()) for n in range(len(batch))]
    assert sum(map(len, numbers)) == len(set().union(*numbers))


# All spans.


def test_spans_of_words_stay_in_their_sentence() -> None:
    stream = make_stream(["a b. c"], BUCKETS)
    assert sorted(pairs_of(list_spans(stream, 2, 9))) == [(0, 0), (0, 1), (1, 1), (2, 2)]


@pytest.mark.parametrize(("sign", "ends"), [(sign, True) for sign in ",、،，."] + [("(", False)])
def test_spans_stay_in_their_clause(sign: str, ends: bool) -> None:
    stream = make_stream([f"{sign}a {sign} b"], BUCKETS)
    across = [] if ends else [(0, 1)]
    assert sorted(pairs_of(list_spans(stream, 2, 9))) == sorted([(0, 0), *across, (1, 1)])


def test_spans_of_scripts_without_spaces_have_a_length_of_their_own() -> None:
    stream = make_stream(["黒革鞄 a"], BUCKETS)
    found = pairs_of(list_spans(stream, 1, 3))
    assert sorted(found) == [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (3, 3)]
    # A span with one word in it is a span of words.
    assert (2, 3) in pairs_of(list_spans(stream, 2, 3))
    assert (1, 3) not in pairs_of(list_spans(stream, 2, 3))


@given(batches, st.integers(1, 4), st.integers(1, 5))
def test_spans_are_those_of_plain_loops(batch: list[str], words: int, chars: int) -> None:
    stream = make_stream(batch, BUCKETS)
    found = pairs_of(list_spans(stream, words, chars))
    assert len(found) == len(set(found))
    assert set(found) == list_slowly(stream, words, chars)


def test_no_token_has_no_span() -> None:
    first, last = list_spans(make_stream(["", "👜"], BUCKETS), 3, 3)
    assert len(first) == len(last) == 0


# Spans with the same tokens.


@given(batches)
def test_spans_are_named_by_their_tokens_and_pairs(batch: list[str]) -> None:
    stream = make_stream(batch, BUCKETS)
    first, last, names, *_ = find_spans(stream, 4, 5)
    tokens = [tuple(stream.row_T[a : b + 1].tolist()) for a, b in zip(first, last, strict=True)]
    pairs = [tuple(stream.pair_T[a + 1 : b + 1].tolist()) for a, b in zip(first, last, strict=True)]
    name_of: dict[tuple, int] = {}
    for key, name in zip(zip(tokens, pairs, strict=True), names.tolist(), strict=True):
        assert name_of.setdefault(key, name) == name
    assert len(set(name_of.values())) == len(name_of)


def test_a_name_is_the_same_in_every_batch() -> None:
    alone, behind = make_stream(["a b"], BUCKETS), make_stream(["c d e.", "f a b"], BUCKETS)
    assert hash_spans(alone, np.array([0]), np.array([1])) == hash_spans(
        behind, np.array([4]), np.array([5])
    )


def test_a_name_is_the_sum_of_powers() -> None:
    stream = make_stream(["a b c"], BUCKETS)
    name = 0
    for token in stream.hash_T.tolist():
        name = (name + token) * int(MIX) % (1 << 64)
    assert hash_spans(stream, np.array([0]), np.array([2])).tolist() == [name]


def test_case_parts_spans_and_spelling_of_a_gap_does_not() -> None:
    stream = make_stream(["a-b", "a b", "AB ab"], BUCKETS)
    first, last = np.array([0, 2, 4, 5]), np.array([1, 3, 4, 5])
    joined, apart, capitals, small = hash_spans(stream, first, last).tolist()
    assert joined == apart
    assert capitals != small


def test_a_longer_span_is_another_one() -> None:
    first, last, names, *_ = find_spans(make_stream(["a a a"], BUCKETS), 3, 3)
    assert len(set(zip(names.tolist(), (last - first).tolist(), strict=True))) == 3


# Phrases and contexts.


@given(batches, st.integers(1, 4))
def test_phrases_of_spans_are_those_of_their_text(batch: list[str], length: int) -> None:
    stream = make_stream(batch, BUCKETS)
    first, last = list_spans(stream, 3, 6)
    found = gather_phrases(stream, first, last, length)
    tokens = [token for text in batch for token in tokenize(text)]
    spans = [tokens[a : b + 1] for a, b in zip(first, last, strict=True)]
    expected = encode_phrases(spans, stream.table, BUCKETS, length)
    np.testing.assert_array_equal(found.tokens_NT, expected.tokens_NT)
    np.testing.assert_array_equal(found.pairs_NT, expected.pairs_NT)


@settings(max_examples=60)
@given(batches, st.integers(1, 4))
def test_contexts_mask_the_span_and_stay_in_the_note(batch: list[str], reach: int) -> None:
    stream = make_stream(batch, BUCKETS)
    first, last = list_spans(stream, 3, 3)
    found = gather_contexts(stream, first, last, reach)
    assert found.shape == (len(first), 2 * reach)
    for row, (a, b) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        begin, end = stream.begin_B[stream.note_T[a]], stream.begin_B[stream.note_T[a] + 1]
        before = stream.row_T[max(begin, a - reach) : a].tolist()
        after = stream.row_T[b + 1 : min(end, b + 1 + reach)].tolist()
        assert sorted(found[row, :reach][found[row, :reach] > 0].tolist()) == sorted(before)
        assert sorted(found[row, reach:][found[row, reach:] > 0].tolist()) == sorted(after)


def test_contexts_by_hand() -> None:
    stream = make_stream(["x y", "a b c d", "z"], BUCKETS)
    row_of = {form: row for (form, _), row in stream.table.row_of.items()}
    (found,) = gather_contexts(stream, np.array([3]), np.array([4]), 2).tolist()  # "b c"
    assert found == [row_of["a"], 0, row_of["d"], 0]
