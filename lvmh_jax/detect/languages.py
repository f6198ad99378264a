"""The language of each note of a batch; detected if the note does not specify one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from lvmh_jax.data.language import detect_language


class NoteLanguages(Sequence[str]):
    """Languages of a batch of notes; an unspecified language is detected on first access.

    Only the polarity rules need a language. Detection is slow, and few notes contain a word that
    may be a negation cue.
    >>> texts = ["Il n'aime pas les montres en or", "No gold", "OK"]
    >>> list(NoteLanguages(texts, ["", "EN", ""]))
    ['FR', 'EN', '']
    """

    def __init__(self, texts: Sequence[str], named: Sequence[str]) -> None:
        """Takes texts and their languages; "" for an unspecified language."""
        self._texts, self._named = texts, list(named)
        self._asked = [name != "" for name in named]

    def __len__(self) -> int:
        """The number of notes."""
        return len(self._named)

    @overload
    def __getitem__(self, at: int) -> str: ...

    @overload
    def __getitem__(self, at: slice) -> list[str]: ...

    def __getitem__(self, at: int | slice) -> str | list[str]:
        """The note's language, or the detected ISO 639-1 code (upper case); "" if undetectable."""
        if isinstance(at, slice):
            return [self[row] for row in range(*at.indices(len(self)))]
        if not self._asked[at]:
            self._named[at], self._asked[at] = detect_language(self._texts[at]), True
        return self._named[at]
