"""Languages of notes: those that are named, and those that are detected, once and when asked."""

from __future__ import annotations

import pytest

from lvmh_jax.detect import languages as module
from lvmh_jax.detect.languages import NoteLanguages

TEXTS = ["Elle n'aime pas les sacs rouges", "no gold", "OK", "non le piace la pelle nera"]


def test_a_language_is_detected_once_and_only_where_none_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def detect(text: str) -> str:
        asked.append(text)
        return "XX"

    monkeypatch.setattr(module, "detect_language", detect)
    spoken = NoteLanguages(TEXTS, ["", "EN", "", ""])
    assert (len(spoken), asked) == (4, [])
    assert [spoken[1], spoken[3], spoken[3], spoken[-1]] == ["EN", "XX", "XX", "XX"]
    assert asked == [TEXTS[3]]
    assert spoken[:2] == ["XX", "EN"]
    assert asked == [TEXTS[3], TEXTS[0]]


def test_what_is_detected_is_the_language_of_the_text() -> None:
    assert list(NoteLanguages(TEXTS, ["", "", "", ""])) == ["FR", "", "", "IT"]
