"""The stream of a batch against one note at a time, token by token."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.data.cleartext import clear_text
from lvmh_jax.data.features import hash_pair
from lvmh_jax.data.softindex import list_terms
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.spans import list_spans
from lvmh_jax.detect.stream import COMMA, make_stream

BUCKETS = 512
TEXTS = [
    "",
    "Cherche un sac, NAVY! Pas de logo... navy (blue)",
    "婚礼物 LV包，红色。T-shirt 赤",
    "...",
    "don't; l'ÉTÉ 12 ١٢ a\u0301b ｶﾞ",
    "한국어 가방 " * 3,
    "d\xadog \u200b婚\u200b礼\ufeff",
]
PIECES = st.sampled_from(
    [" ", ", ", ". ", "", "\n", "\xad", "\u200b", "navy", "Navy", "NA", "婚", "礼", "が", "1", "'"]
)


def check(texts: list[str]) -> None:
    stream = make_stream(texts, BUCKETS)
    tokens = [(note, token) for note, text in enumerate(texts) for token in tokenize(text)]
    assert stream.note_T.tolist() == [note for note, _ in tokens]
    assert stream.start_T.tolist() == [token.start for _, token in tokens]
    assert stream.end_T.tolist() == [token.end for _, token in tokens]
    keys = list(stream.table.row_of)
    assert [keys[row] for row in stream.row_T] == [(t.form, t.upper) for _, t in tokens]
    assert stream.unspaced_T.tolist() == [token.unspaced for _, token in tokens]
    assert stream.digit_T.tolist() == [token.form.isdigit() for _, token in tokens]
    assert stream.title_T.tolist() == [texts[note][t.start].isupper() for note, t in tokens]
    new_sentence, comma, pairs = [], [], []
    words = []
    for note, text in enumerate(texts):
        last = None
        own = tokenize(text)
        words += [
            (t.form, stream.begin_B[note] + t.first, stream.begin_B[note] + t.last)
            for t in list_terms(tokenize(clear_text(text).text))
        ]
        for token in own:
            new_sentence.append(last is None or token.sentence != last.sentence)
            comma.append(COMMA.search(text, last.end if last else 0, token.start) is not None)
            pairs.append(hash_pair(last.form, token.form, BUCKETS) if last else 0)
            last = token
    assert stream.sentence_T.tolist() == (np.cumsum(new_sentence, dtype=int) - 1).tolist()
    assert stream.comma_T.tolist() == comma
    assert stream.pair_T.tolist() == pairs
    found = zip(stream.word_P, stream.first_P, stream.last_P, strict=True)
    assert [(stream.words[row], first, last) for row, first, last in found] == words


def test_a_batch_is_its_notes() -> None:
    check(TEXTS)


@pytest.mark.parametrize("texts", [[], [""], ["", "", "a"], ["礼"]])
def test_small_batches(texts: list[str]) -> None:
    check(texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=12).map("".join), max_size=4))
def test_any_batch_is_its_notes(texts: list[str]) -> None:
    check(texts)


def test_tokens_of_placeholders_are_marked_and_in_no_span() -> None:
    texts = ["Mme [NAME] NAME", "", "[CARD]婚[ID]x [VIP]"]
    stream = make_stream(texts, BUCKETS)
    assert stream.hidden_T.astype(int).tolist() == [0, 1, 0, *[1, 0, 1, 0, 0]]
    first, last = list_spans(stream, 3, 3)
    assert {*zip(first.tolist(), last.tolist(), strict=True)} == {
        *[(0, 0), (2, 2), (4, 4), (6, 6), (7, 7), (6, 7)]
    }


def test_names_of_tokens_do_not_depend_on_the_batch() -> None:
    alone, after = make_stream(["navy NAVY"], BUCKETS), make_stream(["x y", "navy NAVY"], BUCKETS)
    assert alone.hash_T.tolist() == after.hash_T[-2:].tolist()
    assert len(set(alone.hash_T.tolist())) == 2
