"""Texts of every script, and spans that overlap in them."""

from __future__ import annotations

from hypothesis import strategies as st

# Emoji with a skin tone and a joiner, Chinese, combining marks, Arabic: one code point is not one
# character to the eye.
ALPHABET = "ab \n日本語🎁🏽\u200d👩e\u0301ö\u0308حب\u202e\x1b<&\"'"
TEXTS = st.text(alphabet=st.one_of(st.sampled_from(ALPHABET), st.characters()), max_size=40)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(TEXTS)
    if not text:
        return text, []
    starts = st.integers(0, len(text) - 1)
    spans = draw(st.lists(st.tuples(starts, st.integers(1, len(text))), max_size=12))
    return text, [(start, min(start + long, len(text))) for start, long in spans]
