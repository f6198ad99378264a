"""The language of each note of a batch, detected where the note names none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from lvmh_jax.data.language import detect_language


class NoteLanguages(Sequence[str]):
    """Languages of notes; where a note names none, it is detected on first access.

    Only the rules of polarity need a language. Few notes hold a word that may deny, and detecting
    a language takes time.

    >>> texts = ["Il n'aime pas les montres en or", "No gold", "OK"]
    >>> list(NoteLanguages(texts, ["", "EN", ""]))
    ['FR', 'EN', '']
    """

    def __init__(self, texts: Sequence[str], named: Sequence[str]) -> None:
        """Takes texts and the language that each names; "" where it names none."""
        self._texts, self._named = texts, list(named)
        self._asked = [name != "" for name in named]

    def __len__(self) -> int:
        """How many notes there are."""
        return len(self._named)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        """Upper-case ISO 639-1, or what the note says instead; "" where it cannot be detected."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        if not self._asked[at]:
            self._named[at], self._asked[at] = detect_language(self._texts[at]), True
        return self._named[at]
