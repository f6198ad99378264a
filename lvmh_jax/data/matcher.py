"""The case-aware dictionary: exact matches of aliases, found in one pass of an automaton.

Aho-Corasick, leftmost-longest (Aho and Corasick, CACM 18(6), 1975). Words of spaced scripts match
at word boundaries, Korean ones also before a particle; unspaced scripts match anywhere, the longest
first. No match begins or ends inside a number ("38" in "38,5"). An alias of up to `ACRONYM_LENGTH`
capitals ("AS", "NFT") only matches in its own case: case folding there halved the precision of a
dictionary on abstracts (docs/design.md, figures cited).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from ahocorasick_rs import AhoCorasick, MatchKind
from numpy.typing import NDArray

from lvmh_jax.data.cleartext import even_all, even_text, hide_placeholders
from lvmh_jax.data.particles import ends_in_stem, is_particle
from lvmh_jax.data.text import UNSPACED_CHARACTER, cut_texts, fold_with_offsets
from lvmh_jax.records import Alias

Ints = NDArray[np.int64]
ACRONYM_LENGTH = 4
BORDER = "\0"  # between texts
INSIDE_NUMBER = re.compile(r"\d[.,\u066b\u066c]\d")  # the last two separators are Arabic
LOOKED_UP = 0x3000  # code points in the look-up table: all scripts before those of East Asia
MOST_CHARACTERS = 1 << 20  # total length of the texts searched at once


class Hit(NamedTuple):
    """An exact match, with rows of the alias list (several if concepts share the text)."""

    start: int
    end: int
    aliases: tuple[int, ...]


def is_acronym(text: str) -> bool:
    """Whether an alias must match in its own case.

    >>> [is_acronym(t) for t in ("AS", "NFT", "T-shirt", "ΑΒ", "婚礼", "CASHMERE")]
    [True, True, False, True, False, False]
    """
    letters = [char for char in text if char.isalpha()]
    return bool(letters) and len(letters) <= ACRONYM_LENGTH and text.isupper()


class DictionaryMatcher:
    """All aliases in one automaton; concurrent reads are thread-safe."""

    def __init__(self, aliases: Sequence[Alias]) -> None:
        rows_of: dict[str, list[int]] = {}
        for row, text in enumerate(even_all([alias.text for alias in aliases])[0]):
            rows_of.setdefault(fold_with_offsets(text)[0], []).append(row)
        rows_of.pop("", None)  # aliases of invisible characters only
        self._patterns = list(rows_of)
        self._rows = list(rows_of.values())
        self._texts = [unicodedata.normalize("NFC", alias.text) for alias in aliases]
        self._concepts = [alias.row for alias in aliases]
        self._cased = [is_acronym(alias.text) for alias in aliases]
        self._sure = [self._list_sure(rows) for rows in self._rows]
        # Whether a letter beside either end of a pattern would be part of the same word.
        edges = [(_is_spaced(each[0]), _is_spaced(each[-1])) for each in self._patterns]
        self._open_P2 = np.array(edges, bool).reshape(-1, 2)
        self._numbered_P = np.array([_has_digit_edge(each) for each in self._patterns], bool)
        self._takes_particle_P = np.array([ends_in_stem(each) for each in self._patterns], bool)
        self._automaton = AhoCorasick(
            self._patterns or ["\0"], matchkind=MatchKind.Standard, store_patterns=False
        )

    def find(self, text: str) -> list[Hit]:
        """Finds all leftmost-longest matches in reading order; they never overlap.

        Word boundaries and case are checked before the longest match is chosen, so that a longer
        match that fails these checks does not hide a valid shorter one.
        """
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Like `find` for each text, in one pass of the automaton over many texts."""
        if not self._patterns:
            return [[] for _ in texts]
        parts = (texts[part] for part in cut_texts(texts, MOST_CHARACTERS))
        return [hits for part in parts for hits in self._find_joined(part)]

    def _find_joined(self, texts: Sequence[str]) -> list[list[Hit]]:
        hits_B: list[list[Hit]] = [[] for _ in texts]
        texts = [hide_placeholders(text, BORDER) if "[" in text else text for text in texts]
        evened, changed = even_all(texts)
        folded, offsets = zip(*map(fold_with_offsets, evened), strict=True)
        # A border on each side of every text, so that each match has neighbouring characters.
        joined = BORDER.join(["", *folded, ""])
        found = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        if not found:
            return hits_B
        begin_B = np.cumsum([1, *(len(each) + 1 for each in folded)])
        # Building an array from the tuples would take twice as long.
        found_N3 = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)
        reached, reached_in, sure = 0, -1, self._sure
        for pattern, note, start, end in self._list_whole(joined, found_N3, begin_B):
            if start < reached and note == reached_in:
                continue
            first, last, places = start, end, offsets[note]
            if places is not None:
                first, last = places[first], places[last]
            if note in changed:
                first, last = changed[note].locate(first, last)
            rows = sure[pattern] or self._matching_case(pattern, texts[note][first:last])
            if rows:
                hits_B[note].append(Hit(first, last, rows))
                reached, reached_in = end, note
        return hits_B

    def _list_whole(self, joined: str, found_N3: Ints, begin_B: Ints) -> Iterator[tuple[int, ...]]:
        """Matches inside one text that are whole words, by start, the longest first.

        Args:
          joined: the texts, with a border on each side of each.
          found_N3: int64 pattern, start and end of each match.
          begin_B: int64 first offset of each text, with one extra entry for the end.

        Returns: pattern, text, and start and end within the text, of each match.
        """
        note_N = np.searchsorted(begin_B, found_N3[:, 1], "right") - 1
        inside_N = (note_N >= 0) & (found_N3[:, 2] < begin_B[note_N + 1])
        pattern_N, start_N, end_N = found_N3[inside_N].T
        code_J = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        spaced_N2 = _are_spaced(np.stack([code_J[start_N - 1], code_J[end_N]], axis=1))
        inner_N2 = spaced_N2 & self._open_P2[pattern_N]
        whole_N = ~inner_N2.any(1)
        for row in np.flatnonzero(
            inner_N2[:, 1] & ~inner_N2[:, 0] & self._takes_particle_P[pattern_N]
        ).tolist():
            whole_N[row] = is_particle(joined, end_N[row])
        for row in np.flatnonzero(whole_N & self._numbered_P[pattern_N]).tolist():
            whole_N[row] = not _cuts_number(joined, int(start_N[row]), int(end_N[row]))
        order = np.flatnonzero(whole_N)
        order = order[np.lexsort((-end_N[order], start_N[order]))]
        note_N = note_N[inside_N][order]
        begin_N = begin_B[note_N]
        columns = (pattern_N[order], note_N, start_N[order] - begin_N, end_N[order] - begin_N)
        return zip(*(column.tolist() for column in columns), strict=True)

    def _list_sure(self, rows: Sequence[int]) -> tuple[int, ...]:
        """Alias rows of a pattern if they do not depend on the case of the text; else empty."""
        alone = len({self._concepts[row] for row in rows}) == len(rows)
        return tuple(rows) if alone and not any(self._cased[row] for row in rows) else ()

    def _matching_case(self, pattern: int, surface: str) -> tuple[int, ...]:
        """One alias per concept: the one with the text's case, else the first."""
        surface = unicodedata.normalize("NFC", even_text(surface).text)
        best: dict[int, int] = {}
        for row in self._rows[pattern]:
            same = surface == self._texts[row]
            if same or not self._cased[row]:
                concept = self._concepts[row]
                best[concept] = row if same else best.get(concept, row)
        return tuple(best.values())


def _has_digit_edge(text: str) -> bool:
    return text[0].isdecimal() or text[-1].isdecimal()


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Whether a span covers part of a number: "size 38" of "size 38,5", "10" of "10.000".

    Args:
      text: text with at least one character on each side of the span.
      start: start of the span.
      end: end of the span, exclusive.
    """
    before, after = text[max(start - 2, 0) : start + 1], text[end - 1 : end + 2]
    return any(INSIDE_NUMBER.fullmatch(beside) for beside in (before, after))


def _is_spaced(char: str) -> bool:
    """Whether a character belongs to a word of a script that separates words by spaces."""
    return char.isalnum() and not UNSPACED_CHARACTER.match(char)


def _are_spaced(code_N2: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """`_is_spaced` of many characters, by table look-up for most scripts; bool."""
    is_spaced_N2 = _list_spaced()[np.minimum(code_N2, LOOKED_UP - 1)]
    others = np.nonzero(code_N2 >= LOOKED_UP)
    codes, which = np.unique(code_N2[others], return_inverse=True)
    is_spaced = np.array([_is_spaced(chr(code)) for code in codes.tolist()], bool)
    is_spaced_N2[others] = is_spaced[which]
    return is_spaced_N2


@lru_cache(maxsize=1)
def _list_spaced() -> NDArray[np.bool_]:
    return np.fromiter(map(_is_spaced, map(chr, range(LOOKED_UP))), bool, LOOKED_UP)
