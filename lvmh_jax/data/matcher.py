"""The case-aware dictionary: exact matches of aliases, found in one pass of an automaton.

Aho-Corasick, leftmost-longest (Aho and Corasick, CACM 18(6), 1975). Words of spaced scripts match
at word boundaries; scripts without spaces match anywhere, the longest first. An alias written in
capitals of up to `ACRONYM_LENGTH` letters ("AS", "NFT") matches its own case alone: folding case
there cost a dictionary half of its precision on abstracts (docs/design.md, figures cited).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from lvmh_jax.data.text import UNSPACED_CHARACTER, fold_with_offsets
from lvmh_jax.records import Alias

ACRONYM_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Hit:
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
            if not _is_bounded(folded, start, end):
                continue
            first = start if offsets is None else offsets[start]
            last = end if offsets is None else offsets[end]
            rows = self._matching_case(pattern, text[first:last])
            if rows:
                found.append((first, last, rows))
        found.sort(key=lambda hit: (hit[0], -hit[1]))
        hits: list[Hit] = []
        for start, end, rows in found:
            if not hits or start >= hits[-1].end:
                hits.append(Hit(start, end, rows))
        return hits

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


def _is_bounded(text: str, start: int, end: int) -> bool:
    """Whether a match does not begin or end inside a word of a spaced script."""
    if start > 0 and _joins(text[start - 1], text[start]):
        return False
    return not (end < len(text) and _joins(text[end - 1], text[end]))


def _joins(left: str, right: str) -> bool:
    if not (left.isalnum() and right.isalnum()):
        return False
    return not (UNSPACED_CHARACTER.match(left) or UNSPACED_CHARACTER.match(right))
