"""Overlapping spans: every character once, offsets right, layers apart."""

from __future__ import annotations

import pytest
from hypothesis import given

from lvmh_jax.display.layers import assign_layers, cut_pieces
from tests.display.texts import texts_with_spans


@given(texts_with_spans())
def test_pieces_hold_every_character_once_and_know_their_spans(case) -> None:
    text, spans = case
    pieces = cut_pieces(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    for piece in pieces:
        end = piece.start + len(piece.text)
        assert text[piece.start : end] == piece.text != ""
        covering = {row for row, (a, b) in enumerate(spans) if a <= piece.start and end <= b}
        touching = {row for row, (a, b) in enumerate(spans) if a < end and piece.start < b}
        assert set(piece.rows) == covering == touching
        assert len(piece.rows) == len(covering)


@given(texts_with_spans())
def test_layers_keep_overlaps_apart_and_are_as_few_as_can_be(case) -> None:
    text, spans = case
    layers = assign_layers(spans)
    for first, (a, b) in enumerate(spans):
        for other, (c, d) in enumerate(spans):
            if first != other and a < d and c < b:
                assert layers[first] != layers[other]
    deepest = max((sum(a <= at < b for a, b in spans) for at in range(len(text))), default=0)
    assert len(set(layers)) == max(layers, default=-1) + 1 == deepest


def test_the_longer_of_two_that_start_together_is_nearer_to_the_text() -> None:
    assert assign_layers([(0, 3), (0, 9)]) == [1, 0]


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (0, 4), (-1, 2)])
def test_a_span_outside_the_text_is_refused_without_the_text(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"span \[.*\) in a text of 3 characters") as failure:
        cut_pieces("abc", [span])
    assert "abc" not in str(failure.value)
