"""Keyword candidates: terms that are more frequent in the notes than in general language.

A term is one to three words or, in unspaced scripts, two to four characters (a run of katakana or
Latin letters counts as one). It must not begin or end with a frequent word of its language. The
score is the product of two published measures: how much of the term's frequency is not explained by
longer terms (C-value, Frantzi, Ananiadou and Mima 2000), and how much more frequent it is here than
in its language by wordfreq (weirdness, Ahmad, Gillam and Tostevin 1999).

Memory is bounded: when the table is full, the rarest terms are dropped, as in lossy counting (Manku
and Motwani 2002). A frequent term is never lost.
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

MAX_TERMS = 400_000  # size of the table: about 150 MB
MAX_EXAMPLES = 5
MIN_NOTES = 2  # a term of a single note is no keyword
MAX_CANDIDATES = 20_000  # the best ones; the largest workspace we have contains 20,451
MAX_WORDS = 3
HAN_LENGTHS = (2, 3, 4)
PIECE = 0.8  # share of a term's notes from which it counts as part of a longer term
STOP_WORDS = 200
STOP_CHARACTERS = 60  # in unspaced scripts, where the most frequent entries are particles
_GAPS = {" ", "-", "'", "’", ""}
_KOREAN_PARTICLES = re.compile(
    r"(?<=[가-힣]{2})(?:에서는|에서|으로|에게|까지|부터|하고|이나|은|는|이|가|을|를|에|의|로|와|과|도|만)\Z|(?<=\w\w)(?:님|씨)\Z"
)
_PIECES = re.compile(r"[\u30a1-\u30fe]+|[^\u3041-\u30ff\s-]+")
_KATAKANA = re.compile(r"[\u30a1-\u30fe]")
MIN_LETTERS = 3  # for a one-word term in Latin or Cyrillic script
_SQUASH = 4.0  # a term ten thousand times as frequent as in its language gets half the score
_MASKS = {code: 1 << row for row, code in enumerate(LANGUAGES)}


@cache
def _stop_words(language: str) -> frozenset[str]:
    """The most frequent words of a language, in lower case."""
    # Imported here, because it takes 0.2 s that `--help` should not pay.
    import wordfreq

    if language not in LANGUAGES:
        return frozenset()
    words = wordfreq.top_n_list(language.lower(), STOP_WORDS, wordlist="small")
    if language in ("ZH", "JA"):
        words = [word for word in words[:STOP_CHARACTERS] if len(word) == 1]
    return frozenset(word.replace("’", "'") for word in words)


class KeywordCounter:
    """Counts the notes that contain each term, in bounded memory.

    Args:
      max_terms: size of the table; when it is full, the rarest terms are dropped.
    """

    def __init__(self, max_terms: int = MAX_TERMS) -> None:
        self._max_terms = max_terms
        # term -> [notes, languages as bits, note ids ...]
        self._terms: dict[str, list[int | str]] = {}
        self._floor = 0  # upper bound of the count of a term that is not in the table
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
        """Returns the candidates, most frequent first."""
        # Terms up to the floor may be no more frequent than dropped ones; in a small workspace,
        # MIN_NOTES applies.
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
    """Yields all occurrences of terms in a text, in lower case.

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
    """Normalised word; whether it may begin or end a term; whether it may be a term alone."""
    word = word.lower().replace("’", "'")
    if "가" <= word[-1] <= "힣":
        word = _KOREAN_PARTICLES.sub("", word)
    frequent = word in _stop_words(language) or word in TITLES
    may_border = not frequent and len(word) > 1 and not any(map(str.isdigit, word))
    # Scripts of syllables or without vowels have words of two letters.
    return word, may_border, may_border and len(word) >= (2 if word >= "\u0600" else MIN_LETTERS)


def _runs(text: str, tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Runs of tokens of one kind of script, separated by single spaces or hyphens only."""
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
    """C-value divided by frequency and length: 1 if no longer term contains a term, 0 if all do."""
    nested: dict[str, list[int]] = {}
    for term, count in count_of.items():
        for part in set(_parts(term)):
            if part in count_of:
                nested.setdefault(part, []).append(count)
    shares = {}
    for term, count in count_of.items():
        longer = nested.get(term, [0])
        within = min(sum(longer) / len(longer), count)
        # The mean would miss a word fragment with many rare neighbours: "作人员" of "工作人员".
        if max(longer) >= PIECE * count:
            within = min(max(longer), count)
        shares[term] = (count - within) / count
    return shares


def _parts(term: str) -> Iterator[str]:
    """The shorter terms contained in a term."""
    words = term.split(" ") if " " in term else [*term] if _is_han(term) else [term]
    joint = " " if " " in term else ""
    for length in range(1, len(words)):
        for start in range(len(words) - length + 1):
            yield joint.join(words[start : start + length])


def _is_han(term: str) -> bool:
    return "\u3400" <= term[0] <= "\u9fff"


def _weirdness(term: str, count: int, notes: int) -> float:
    """How much more frequent a term is than in its language, in (0, 1).

    A note counts as a hundred words, because only the order of magnitude matters.
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
