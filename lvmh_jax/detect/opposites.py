"""Texts that say the opposite of an alias: its words without its negation.

"Can't tolerate retinol" is an alias; "can tolerate retinol" and "tolerates retinol well" match it,
but mean that the concept does not hold. So a text with all words of an alias except its negation is
a denial, unless another negation is near: "never tolerated retinol" affirms again. An alias with a
double negation is affirmative and has no opposite: "never without leather" means leather.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.endings import is_end, is_same_end
from lvmh_jax.data.functionwords import function_words
from lvmh_jax.data.negation import find_denials, list_denials
from lvmh_jax.data.particles import drop_proclitics
from lvmh_jax.data.text import UNSPACED_CHARACTER, tokenize
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.stream import NoteStream
from lvmh_jax.records import Alias

Bools = NDArray[np.bool_]

# Cues of other languages that mean something else here: PT "no" is "in the", NL "pas" is "just".
NO_DENIALS = {"PT": frozenset({"no"}), "NL": frozenset({"pas"})}
SAME_STEM = 4  # minimum common prefix of two forms of one word, in letters: "tollera", "tollerato"
STEM_SHARE = 0.6  # and as a share of the longer form
SHORT = 2  # words of up to this many letters are ignored: "ne", "an"
LETTER, END = "\u0621", "\u0700"  # range of Arabic letters
AROUND = 3  # tokens on each side of a span that may hold the rest of its alias
UNSPACED_SHARE = 0.7  # minimum share of an alias's characters in scripts without spaces


class Turns(NamedTuple):
    """How each candidate's text relates to its alias, or to the nearest one; bool [N] each.

    Attributes:
      denies_N: the alias contains a negation, explicit or as in "can't tolerate".
      opposite_N: the text has all words of the alias except the negation.
      stem_N: the text is the alias with Arabic particles written onto it ("the", "and").
      ends_N: the text has the alias's word for something being over: "sold the house" for the alias
        "selling the house".
    """

    denies_N: Bools
    opposite_N: Bools
    stem_N: Bools
    ends_N: Bools


class Denials(NamedTuple):
    """The aliases of a lexicon, and which of them contain a negation.

    Attributes:
      aliases: the aliases.
      denies_A: bool, whether an alias contains a negation; one extra entry for alias -1.
      starts: word prefixes from `list_starts`.
      ends_A: bool, whether an alias has a word for something being over; one extra entry.
    """

    aliases: Sequence[Alias]
    denies_A: Bools
    starts: frozenset[str]
    ends_A: Bools


def read_turns(
    stream: NoteStream, candidates: Candidates, denials: Denials, languages_B: Sequence[str]
) -> Turns:
    """Compares candidates with their aliases.

    Args:
      stream: the notes.
      candidates: candidates in these notes, each with its alias or -1.
      denials: denials of the lexicon.
      languages_B: upper-case ISO 639-1 codes; any other string if the language is unknown.
    """
    denies_N = denials.denies_A[candidates.alias_N]
    opposite_N = find_opposites(stream, candidates, denials, languages_B)
    stem_N = mark_stems(stream, candidates, denials.aliases)
    return Turns(denies_N, opposite_N, stem_N, find_ends(stream, candidates, denials))


def list_starts(aliases: Sequence[Alias], denies_A: Bools) -> frozenset[str]:
    """Prefixes of the words with which a text may say the opposite of an alias.

    Args:
      aliases: aliases of the lexicon.
      denies_A: bool, whether an alias contains a negation.
    """
    denying = [aliases[row].text for row in np.flatnonzero(denies_A).tolist()]
    languages = ("", *NO_DENIALS)
    said = {form for text in denying for each in languages for form in _list_rest(text, each)}
    return frozenset(form[:SAME_STEM] for form in said)


def find_opposites(
    stream: NoteStream, candidates: Candidates, denials: Denials, languages_B: Sequence[str]
) -> Bools:
    """Which candidates have all words of their alias except its negation; bool [N].

    Args:
      stream: the notes.
      candidates: candidates in these notes, each with its alias or -1.
      denials: denials of the lexicon.
      languages_B: upper-case ISO 639-1 codes; any other string if the language is unknown.
    """
    opposite_N = np.zeros(len(candidates), bool)
    says_V = np.array([form[:SAME_STEM] in denials.starts for form in stream.table.forms], bool)
    upto = np.concatenate([[0], np.cumsum(says_V[stream.row_T])])
    says_N = upto[candidates.last_N + 1] > upto[candidates.first_N]
    rows = np.flatnonzero(denials.denies_A[candidates.alias_N] & says_N & (candidates.exact_N == 0))
    asked = candidates.take(rows)
    columns = (asked.note_N, asked.first_N, asked.last_N, asked.alias_N)
    for row, note, first, last, alias in zip(
        rows.tolist(), *(column.tolist() for column in columns), strict=True
    ):
        # Most spans have none of the alias's words; then the surrounding words need not be read.
        text, inside = denials.aliases[alias].text, _list_forms(stream, first, last)
        if _says_some(tuple(inside), text, languages_B[note]):
            around = tuple(_list_forms(stream, first, last, AROUND))
            opposite_N[row] = _says_opposite(around, text, languages_B[note])
    return opposite_N


def find_ends(stream: NoteStream, candidates: Candidates, denials: Denials) -> Bools:
    """Which candidates have their alias's word for something being over; bool [N].

    Args:
      stream: the notes.
      candidates: candidates in these notes, each with its alias or -1.
      denials: denials of the lexicon; few aliases have such a word.
    """
    may_V = np.array([*map(is_end, stream.table.forms)], bool)
    upto = np.concatenate([[0], np.cumsum(may_V[stream.row_T])])
    ends_N = denials.ends_A[candidates.alias_N]
    ends_N &= upto[candidates.last_N + 1] > upto[candidates.first_N]
    for row in np.flatnonzero(ends_N).tolist():
        forms = _list_forms(stream, int(candidates.first_N[row]), int(candidates.last_N[row]))
        ends_N[row] = _says_end(tuple(forms), denials.aliases[candidates.alias_N[row]].text)
    return ends_N


@lru_cache(maxsize=1 << 14)
def _says_end(forms: tuple[str, ...], alias: str) -> bool:
    phrase = [token.form for token in tokenize(alias)]
    return any(is_same_end(form, phrase) for form in forms)


def mark_stems(stream: NoteStream, candidates: Candidates, aliases: Sequence[Alias]) -> Bools:
    """Which candidates are their alias except for Arabic particles written with it; bool [N]."""
    c = candidates
    stem_N = np.zeros(len(c), bool)
    arabic = (
        (row, form) for row, form in enumerate(stream.table.forms) if LETTER <= form[:1] < END
    )
    stems = {row: stem for row, form in arabic if (stem := drop_proclitics(form)) != form}
    if not stems:
        return stem_N
    may_N = (c.first_N == c.last_N) & (c.exact_N == 0) & (c.alias_N >= 0)
    may_N &= np.isin(stream.row_T[c.first_N], [*stems])
    for row in np.flatnonzero(may_N).tolist():
        alias = tokenize(aliases[int(c.alias_N[row])].text)
        stem = stems[int(stream.row_T[c.first_N[row]])]
        stem_N[row] = [token.form for token in alias] == [stem]
    return stem_N


def _list_forms(stream: NoteStream, first: int, last: int, beside: int = 0) -> list[str]:
    """Forms of a span and of up to `beside` tokens on each side, within its sentence."""
    low, high = max(first - beside, 0), last + beside + 1
    sentences = stream.sentence_T[low:high].tolist()
    forms = [stream.table.forms[row] for row in stream.row_T[low:high].tolist()]
    own = sentences[first - low]
    return [form for form, sentence in zip(forms, sentences, strict=True) if sentence == own]


@lru_cache(maxsize=1 << 14)
def _list_rest(alias: str, language: str) -> tuple[str, ...]:
    """The content words of an alias without its negation; empty if it has none in the language."""
    forms = [token.form for token in tokenize(alias)]
    other = NO_DENIALS.get(language, frozenset())
    denials = {at for cue in list_denials(forms) for at in cue.tokens if forms[at] not in other}
    if not denials:
        return ()
    empty = function_words(language)
    return tuple(
        form
        for at, form in enumerate(forms)
        if at not in denials and form not in empty
        if len(form) > SHORT or UNSPACED_CHARACTER.match(form)
    )


@lru_cache(maxsize=1 << 14)
def _says_some(inside: tuple[str, ...], alias: str, language: str) -> bool:
    """Whether a span has any content word of an alias."""
    return any(_has_words(inside, (each,)) for each in _list_rest(alias, language))


@lru_cache(maxsize=1 << 14)
def _says_opposite(around: tuple[str, ...], alias: str, language: str) -> bool:
    """Whether the surrounding words hold the alias without its negation, and no other negation."""
    is_said = _has_words(around, _list_rest(alias, language))
    return is_said and not _denies_elsewhere(around, language)


def _denies_elsewhere(forms: Sequence[str], language: str) -> bool:
    """Whether words are a negation, but not in the note's language: "Budget no limit" in German."""
    return bool(find_denials(forms)) and not find_denials(forms, language)


def _has_words(forms: Sequence[str], rest: Sequence[str]) -> bool:
    """Whether a span has the words of an alias, as they are or inflected."""
    unspaced = [form for form in rest if UNSPACED_CHARACTER.match(form)]
    if unspaced:
        return len(set(rest) & set(forms)) >= UNSPACED_SHARE * len(set(rest))
    return all(any(_is_one_word(form, each) for form in forms) for each in rest)


def _is_one_word(left: str, right: str) -> bool:
    shared = sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    )
    least = max(SAME_STEM, STEM_SHARE * max(len(left), len(right)))
    return left == right or shared >= least
