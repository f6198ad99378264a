"""The case-aware dictionary: exact matches of aliases, found in one pass of an automaton.

Aho-Corasick, leftmost-longest (Aho and Corasick, CACM 18(6), 1975). Words of spaced scripts match
at word boundaries; scripts without spaces match anywhere, the longest first. An alias written in
capitals of up to `ACRONYM_LENGTH` letters ("AS", "NFT") matches its own case alone: folding case
there cost a dictionary half of its precision on abstracts (docs/design.md, figures cited).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from lvmh_jax.data.text import UNSPACED_CHARACTER, fold_with_offsets
from lvmh_jax.records import Alias

ACRONYM_LENGTH = 4


class Hit(NamedTuple):
    """An exact match: rows into the alias list (several when concepts share the text)."""

    start: int
    end: int
    aliases: tuple[int, ...]


def is_acronym(text: str) -> bool:
    """Whether an alias has to match its case.

    >>> [is_acronym(t) for t in ("AS", "NFT", "T-shirt", "ΑΒ", "婚礼", "CASHMERE")]
    [True, True, False, True, False, False]
    """
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and len(letters) <= ACRONYM_LENGTH and text.isupper()


class DictionaryMatcher:
    """All aliases in one automaton; reading it is thread-safe."""

    def __init__(self, aliases: Sequence[Alias]) -> None:
        rows_of: dict[str, list[int]] = {}
        for row, alias in enumerate(aliases):
            rows_of.setdefault(fold_with_offsets(alias.text)[0], []).append(row)
        self._patterns = list(rows_of)
        self._rows = list(rows_of.values())
        self._texts = [unicodedata.normalize("NFC", alias.text) for alias in aliases]
        self._concepts = [alias.row for alias in aliases]
        self._cased = [is_acronym(alias.text) for alias in aliases]
        self._sure = [self._list_sure(rows) for rows in self._rows]
        # Whether a letter beside either end of a pattern would be part of the same word.
        self._open = [(_is_spaced(each[0]), _is_spaced(each[-1])) for each in self._patterns]
        self._automaton = AhoCorasick(
            self._patterns or ["\0"], matchkind=MatchKind.Standard, store_patterns=False
        )

    def find(self, text: str) -> list[Hit]:
        """All leftmost-longest matches in reading order; hits never overlap.

        Word boundaries and casing are checked before the longest is chosen, so that a longer
        match that fails them does not hide a shorter one that holds.
        """
        if not self._patterns:
            return []
        folded, offsets = fold_with_offsets(text)
        found: list[tuple[int, int, tuple[int, ...]]] = []
        for pattern, start, end in self._automaton.find_matches_as_indexes(
            folded, overlapping=True
        ):
            open_left, open_right = self._open[pattern]
            if open_left and start and _is_spaced(folded[start - 1]):
                continue
            if open_right and end < len(folded) and _is_spaced(folded[end]):
                continue
            first = start if offsets is None else offsets[start]
            last = end if offsets is None else offsets[end]
            rows = self._sure[pattern] or self._matching_case(pattern, text[first:last])
            if rows:
                found.append((first, last, rows))
        found.sort(key=lambda hit: (hit[0], -hit[1]))
        hits: list[Hit] = []
        for start, end, rows in found:
            if not hits or start >= hits[-1].end:
                hits.append(Hit(start, end, rows))
        return hits

    def _list_sure(self, rows: Sequence[int]) -> tuple[int, ...]:
        """The rows of a pattern, where they do not depend on the case of the text; else none."""
        alone = len({self._concepts[row] for row in rows}) == len(rows)
        return tuple(rows) if alone and not any(self._cased[row] for row in rows) else ()

    def _matching_case(self, pattern: int, surface: str) -> tuple[int, ...]:
        """One alias a concept: the one of the surface's own case, else the first."""
        surface = unicodedata.normalize("NFC", surface)
        best: dict[int, int] = {}
        for row in self._rows[pattern]:
            same = surface == self._texts[row]
            if same or not self._cased[row]:
                concept = self._concepts[row]
                best[concept] = row if same else best.get(concept, row)
        return tuple(best.values())


def _is_spaced(char: str) -> bool:
    """Whether a character is part of a word of a script that parts words by spaces."""
    return char.isalnum() and not UNSPACED_CHARACTER.match(char)
