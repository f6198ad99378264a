"""Keyword candidates: what the notes speak of more than a language at large does.

Terms are one to three words, and of scripts without spaces two to four characters (a run of
katakana or of Latin letters counts as one). None begins or ends with a frequent word of its
language. Two published measures are multiplied: how much of a term's frequency is its own and not
that of a longer term (C-value, Frantzi, Ananiadou and Mima 2000), and how much more frequent it is
here than in its language by wordfreq (weirdness, Ahmad, Gillam and Tostevin 1999).

Counting is bounded: when the table is full, the rarest terms leave it, as in lossy counting (Manku
and Motwani 2002). A term that occurs often is never lost.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import islice

from lvmh_jax.data.announcers import TITLES
from lvmh_jax.data.cleartext import PLACEHOLDER
from lvmh_jax.data.frequency import RARE, zipf_of_form
from lvmh_jax.data.text import Token, fold_form, tokenize
from lvmh_jax.records import LANGUAGES, Candidate

MAX_TERMS = 400_000  # of the table: some 150 MB
MAX_EXAMPLES = 5
MIN_NOTES = 2  # what one note says once is no keyword
MAX_CANDIDATES = 20_000  # the best; the largest workspace that we have holds 20,451
MAX_WORDS = 3
HAN_LENGTHS = (2, 3, 4)
PIECE = 0.8  # of a term's notes: from there on it is a piece of the longer term
STOP_WORDS = 200
STOP_CHARACTERS = 60  # of scripts without spaces: the first of the list are particles
_GAPS = {" ", "-", "'", "’", ""}
_KOREAN_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:에서는|에서|으로|에게|까지|부터|하고|이나|은|는|이|가|을|를|에|의|로|와|과|도|만)\Z|(?<=\w\w)(?:님|씨)\Z"
)
_PIECES = re.compile(r"[\u30a1-\u30fe]+|[^\u3041-\u30ff\s-]+")
_KATAKANA = re.compile(r"[\u30a1-\u30fe]")
MIN_LETTERS = 3  # of a single word in Latin or Cyrillic
_SQUASH = 4.0  # a term ten thousand times as frequent as in its language has half of the score
_MASKS = {code: 1 << row for row, code in enumerate(LANGUAGES)}


@cache
def _stop_words(language: str) -> frozenset[str]:
    """The most frequent words of a language, as they are written in lower case."""
    import wordfreq  # here, not above: 0.2 s that `--help` need not spend

    if language not in LANGUAGES:
        return frozenset()
    words = wordfreq.top_n_list(language.lower(), STOP_WORDS, wordlist="small")
    if language in ("ZH", "JA"):
        words = [word for word in words[:STOP_CHARACTERS] if len(word) == 1]
    return frozenset(word.replace("’", "'") for word in words)


class KeywordCounter:
    """Counts in how many notes each term occurs, in bounded memory.

    Args:
      max_terms: how many terms are kept; beyond, the rarest leave.
    """

    def __init__(self, max_terms: int = MAX_TERMS) -> None:
        self._max_terms = max_terms
        # term -> [notes, languages as bits, note ids ...]
        self._terms: dict[str, list[int | str]] = {}
        self._floor = 0  # a term that is not in the table occurred at most so often
        self.notes = 0

    def add(self, note_id: str, language: str, text: str) -> None:
        """Counts the terms of one note."""
        self.notes += 1
        mask = _MASKS.get(language, 0)
        terms = self._terms
        for term in set(list_terms(text, language)):
            entry = terms.get(term)
            if entry is None:
                terms[term] = [1 + self._floor, mask, note_id]
            else:
                entry[0] += 1  # type: ignore[operator]
                entry[1] |= mask  # type: ignore[operator]
                if len(entry) < 2 + MAX_EXAMPLES:
                    entry.append(note_id)
        if len(terms) > self._max_terms:
            self._prune()

    def candidates(self) -> list[Candidate]:
        """The candidates, most frequent first."""
        # Of few notes, what occurs once is kept out as anywhere else; the floor is an upper bound.
        least = max(MIN_NOTES, self._floor + 1)
        kept = {term: entry for term, entry in self._terms.items() if _count(entry) >= least}
        share_of = _own_shares({term: _count(entry) for term, entry in kept.items()})
        found = []
        for term, entry in kept.items():
            score = share_of[term] * _weirdness(term, _count(entry), self.notes)
            if score >= 0.0001:
                found.append(_candidate(term, entry, score))
        found.sort(key=lambda c: (-c.avg_score * math.log1p(c.freq_notes), c.text))
        return sorted(found[:MAX_CANDIDATES], key=lambda c: (-c.freq_notes, -c.avg_score, c.text))

    def _prune(self) -> None:
        """Drops the rarest terms until half of the table is free."""
        while len(self._terms) > self._max_terms // 2:
            self._floor += 1
            self._terms = {t: e for t, e in self._terms.items() if _count(e) > self._floor}


def list_terms(text: str, language: str) -> Iterator[str]:
    """Yields the terms of a text, in lower case, a term as often as it occurs.

    >>> list(list_terms("Le cuir souple, souple", "FR"))
    ['cuir', 'cuir souple', 'souple', 'souple']
    """
    text = PLACEHOLDER.sub("\n", text)
    for run in _runs(text, tokenize(text)):
        if run[0].unspaced:
            yield from _unspaced_terms(text[run[0].start : run[-1].end], _stop_words(language))
            continue
        words = [_look_up(text[token.start : token.end], language) for token in run]
        for first, (word, may_border, may_stand_alone) in enumerate(words):
            if not may_border:
                continue
            if may_stand_alone:
                yield word
            for last in range(first + 1, min(first + MAX_WORDS, len(run))):
                if words[last][1]:
                    # As written: "follow-up", "l'art".
                    head = text[run[first].start : run[last].start].lower()
                    yield (head + words[last][0]).replace("\n", " ").replace("’", "'")


@lru_cache(maxsize=1 << 16)
def _look_up(word: str, language: str) -> tuple[str, bool, bool]:
    """A word as terms have it, and whether a term may begin or end with it, or consist of it."""
    word = word.lower().replace("’", "'")
    if "가" <= word[-1] <= "힣":
        word = _KOREAN_PARTICLES.sub("", word)
    frequent = word in _stop_words(language) or word in TITLES
    may_border = not frequent and len(word) > 1 and not any(map(str.isdigit, word))
    # Two letters are a word where syllables are written, or no vowels.
    return word, may_border, may_border and len(word) >= (2 if word >= "\u0600" else MIN_LETTERS)


def _runs(text: str, tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Stretches of tokens of one kind of script with nothing but a space or hyphen between."""
    run: list[Token] = []
    for token in tokens:
        joined = run and (
            token.sentence == run[-1].sentence
            and token.unspaced == run[-1].unspaced
            and text[run[-1].end : token.start] in _GAPS
        )
        if run and not joined:
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _unspaced_terms(text: str, stop: frozenset[str]) -> Iterator[str]:
    """Terms of a run of Han and kana: pieces of 2 to 4 Han, and whole runs of katakana."""
    for piece in _PIECES.findall(text):
        if _KATAKANA.match(piece):
            if len(piece) >= 2:
                yield piece
            continue
        for length in HAN_LENGTHS:
            for start in range(len(piece) - length + 1):
                term = piece[start : start + length]
                if term[0] not in stop and term[-1] not in stop:
                    yield term


def _own_shares(count_of: dict[str, int]) -> dict[str, float]:
    """C-value over frequency and length: 1 where no longer term holds a term, 0 where all do."""
    nested: dict[str, list[int]] = {}
    for term, count in count_of.items():
        for part in set(_parts(term)):
            if part in count_of:
                nested.setdefault(part, []).append(count)
    shares = {}
    for term, count in count_of.items():
        longer = nested.get(term, [0])
        within = min(sum(longer) / len(longer), count)
        # The mean hides a piece of one word among many rare neighbours: "作人员" of "工作人员".
        if max(longer) >= PIECE * count:
            within = min(max(longer), count)
        shares[term] = (count - within) / count
    return shares


def _parts(term: str) -> Iterator[str]:
    """The shorter terms within a term."""
    words = term.split(" ") if " " in term else [*term] if _is_han(term) else [term]
    joint = " " if " " in term else ""
    for length in range(1, len(words)):
        for start in range(len(words) - length + 1):
            yield joint.join(words[start : start + length])


def _is_han(term: str) -> bool:
    return "\u3400" <= term[0] <= "\u9fff"


def _weirdness(term: str, count: int, notes: int) -> float:
    """How much more frequent than in its language, in (0, 1).

    A note is taken for a hundred words: only the order of magnitude matters.
    """
    words = [fold_form(word) for word in term.split(" ")]
    zipf = min(map(zipf_of_form, words)) if len(words) > 1 else zipf_of_form(words[0])
    per_billion = count / (notes * 100) * 1e9
    distance = math.log10(per_billion) - (zipf if zipf > RARE else RARE - 1.0)
    longer = 1.0 + 0.2 * (len(words) - 1)
    strength = max(distance, 0.0) * longer
    return strength / (strength + _SQUASH)


def _candidate(term: str, entry: list[int | str], score: float) -> Candidate:
    mask = int(entry[1])
    languages = tuple(sorted(code for code, bit in _MASKS.items() if mask & bit))
    ids = tuple(str(note_id) for note_id in islice(entry, 2, None))
    return Candidate(term, languages, _count(entry), round(score, 4), ids)


def _count(entry: list[int | str]) -> int:
    return int(entry[0])
