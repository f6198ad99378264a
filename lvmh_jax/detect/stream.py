"""The tokens and index words of a batch of notes, as parallel arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cleartext import ClearText, clear_all, find_placeholders
from lvmh_jax.data.features import TokenTable, make_token_table
from lvmh_jax.data.likeness import LONGEST_WORD
from lvmh_jax.data.numbering import number_keys
from lvmh_jax.data.pairs import hash_forms, hash_neighbours
from lvmh_jax.data.sorting import group_equal
from lvmh_jax.data.text import BREAK, read_word, split_text

Ints = NDArray[np.int64]
COMMA = re.compile(r"[,،、，()\[\]/—–]")
# What no mention crosses. A bracket is allowed, as it may belong to the phrase: "allergy (severe)".
PARTING = re.compile(r"[,،、，]")
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class NoteStream:
    """A batch of notes as T tokens and P index words, in parallel arrays.

    Attributes:
      texts: the notes.
      begin_B: int64 first token of each note, with one extra entry for the end.
      note_T, start_T, end_T: int64 note and offsets in its text, half-open, of each token.
      sentence_T, clause_T: int64 sentence and clause number, unique in the batch; commas divide
        sentences into clauses.
      table: the distinct tokens of the batch.
      row_T: int64 row in `table`.
      hash_T: uint64 hash of the token's form and case, the same in every run.
      pair_T: int64 n-gram id of (previous token, this token); 0 at the start of a note.
      unspaced_T, upper_T, title_T, digit_T: bool, script without spaces and shape of the token.
      comma_T: bool, whether a comma or bracket separates it from the previous token.
      hidden_T: bool, whether it is inside a placeholder such as "[NAME]"; no mention contains one.
      words: the distinct index words (words, or pairs of characters in unspaced scripts).
      word_P, first_P, last_P: int64 row in `words`, first and last token of each index word.
    """

    texts: tuple[str, ...]
    begin_B: Ints
    note_T: Ints
    start_T: Ints
    end_T: Ints
    sentence_T: Ints
    clause_T: Ints
    table: TokenTable
    row_T: Ints
    hash_T: NDArray[np.uint64]
    pair_T: Ints
    unspaced_T: Bools
    upper_T: Bools
    title_T: Bools
    digit_T: Bools
    comma_T: Bools
    hidden_T: Bools
    words: tuple[str, ...]
    word_P: Ints
    first_P: Ints
    last_P: Ints

    def is_open(self, first_N: Ints, last_N: Ints) -> Bools:
        """Whether spans of tokens [first, last] are free of placeholders; bool [N]."""
        if not self.hidden_T.any():
            return np.ones(len(first_N), bool)
        upto_T = np.concatenate([[0], np.cumsum(self.hidden_T)])
        is_open_N: Bools = upto_T[last_N + 1] == upto_T[first_N]
        return is_open_N


def make_stream(texts: Sequence[str], buckets: int) -> NoteStream:
    """Tokenises notes into one stream, with the tokens of `data.text.tokenize`.

    Avoids a Python object per token: each distinct word of the batch is analysed once.

    Args:
      texts: the notes.
      buckets: size of the hashed n-gram table.
    """
    clear, changed = clear_all(texts)
    pieces = [split_text(text) for text in clear]
    sizes_B = _ints([len(each) // 2 for each in pieces])
    begin_B = np.concatenate([[0], np.cumsum(sizes_B)]).astype(np.int64)
    note_T = np.repeat(np.arange(len(texts)), sizes_B)
    start_T, end_T = _place(pieces, note_T, begin_B)
    gaps, gap_T = number_keys(chain.from_iterable(each[:-1:2] for each in pieces))
    kinds, kind_T = number_keys(chain.from_iterable(each[1::2] for each in pieces))
    words_K = [read_word(word) for word in kinds]
    table = make_token_table(words_K, buckets)
    row_T = _ints([table.row_of[word.form, word.upper] for word in words_K])[kind_T]
    forms = table.forms
    unspaced_T = _bools([word.unspaced for word in words_K])[kind_T]
    index_words = _list_words(forms, row_T, unspaced_T, _mark_adjacent(note_T, start_T, end_T))
    _restore(changed, begin_B, start_T, end_T)
    sentence_T = _number_sentences(_search(BREAK, gaps)[gap_T], begin_B)
    hidden_T = _mark_hidden(texts, begin_B, start_T, end_T)
    return NoteStream(
        texts=tuple(texts),
        begin_B=begin_B,
        note_T=note_T,
        start_T=start_T,
        end_T=end_T,
        sentence_T=sentence_T,
        clause_T=sentence_T + np.cumsum(_search(PARTING, gaps)[gap_T]),
        table=table,
        row_T=row_T,
        hash_T=np.array([_hash_token(*each) for each in table.row_of], np.uint64)[row_T],
        pair_T=_hash_pairs(forms, row_T, note_T, buckets),
        unspaced_T=unspaced_T,
        upper_T=_bools([word.upper for word in words_K])[kind_T],
        title_T=_bools([word.title for word in words_K])[kind_T],
        digit_T=_bools([form.isdigit() for form in forms])[row_T],
        comma_T=_search(COMMA, gaps)[gap_T] & ~_mark_brackets(gaps, gap_T, hidden_T, note_T),
        hidden_T=hidden_T,
        **index_words,
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _bools(values: Sequence[bool]) -> Bools:
    return np.array(values, bool)


def _place(pieces: Sequence[Sequence[str]], note_T: Ints, begin_B: Ints) -> tuple[Ints, Ints]:
    """Offsets of tokens in their notes; int64 start_T and end_T."""
    length_Q = np.fromiter(map(len, chain.from_iterable(pieces)), np.int64)
    end_Q = np.cumsum(length_Q)
    # A note of n tokens has 2 n + 1 pieces; its tokens are every second one.
    at_T = 2 * np.arange(len(note_T)) + note_T + 1
    first_B = 2 * begin_B[:-1] + np.arange(len(pieces))
    before_B = end_Q[first_B] - length_Q[first_B]
    end_T = end_Q[at_T] - before_B[note_T]
    return end_T - length_Q[at_T], end_T


def _restore(changed: Mapping[int, ClearText], begin_B: Ints, start_T: Ints, end_T: Ints) -> None:
    """Maps offsets in cleaned texts back to the original texts, in place."""
    for note, each in changed.items():
        if each.at is not None:
            own = slice(begin_B[note], begin_B[note + 1])
            at = _ints(each.at)
            start_T[own], end_T[own] = at[start_T[own]], at[end_T[own] - 1] + 1


def _mark_hidden(texts: Sequence[str], begin_B: Ints, start_T: Ints, end_T: Ints) -> Bools:
    """Whether each token is inside a placeholder; bool [T]."""
    hidden_T = np.zeros(len(start_T), bool)
    for note in [note for note, text in enumerate(texts) if "[" in text]:
        own = slice(begin_B[note], begin_B[note + 1])
        for start, end in find_placeholders(texts[note]):
            hidden_T[own] |= (start_T[own] >= start) & (end_T[own] <= end)
    return hidden_T


def _mark_brackets(gaps: Sequence[str], gap_T: Ints, hidden_T: Bools, note_T: Ints) -> Bools:
    """Whether only the bracket of a placeholder separates each token from the previous one."""
    if not hidden_T.any():
        return np.zeros(len(gap_T), bool)
    opens_T, closes_T = (_bools([gap.strip() == each for gap in gaps])[gap_T] for each in "[]")
    behind_T = np.append(False, hidden_T[:-1]) & (np.diff(note_T, prepend=-1) == 0)
    brackets_T: Bools = (opens_T & hidden_T) | (closes_T & behind_T)
    return brackets_T


@lru_cache(maxsize=1 << 16)
def _hash_token(form: str, upper: bool) -> int:
    # A space separates the fields, because no token contains one.
    named = f"{form} {upper}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(named, digest_size=8).digest(), "little")


def _number_sentences(begins_T: Bools, begin_B: Ints) -> Ints:
    begins_T[begin_B[:-1][np.diff(begin_B) > 0]] = True
    numbers: Ints = np.cumsum(begins_T) - 1
    return numbers


def _search(pattern: re.Pattern[str], gaps: Sequence[str]) -> Bools:
    """Whether each gap contains a match; bool."""
    return _bools([pattern.search(gap) is not None for gap in gaps])


def _hash_pairs(forms: Sequence[str], row_T: Ints, note_T: Ints, buckets: int) -> Ints:
    inside_T = np.diff(note_T, prepend=-1) == 0
    pair_T = hash_neighbours(hash_forms(forms), row_T, buckets)
    return np.where(inside_T, pair_T, 0).astype(np.int64)


def _mark_adjacent(note_T: Ints, start_T: Ints, end_T: Ints) -> Bools:
    """Whether each token touches the next one; bool [T]."""
    same_note_T = np.diff(note_T, append=-1) == 0
    adjacent_T: Bools = same_note_T & (np.roll(start_T, -1) == end_T)
    return adjacent_T


def _list_words(
    forms: Sequence[str], row_T: Ints, unspaced_T: Bools, adjacent_T: Bools
) -> dict[str, Any]:
    """Index words of the tokens, as `data.softindex.list_terms` lists them for a single note."""
    joined_T = adjacent_T & unspaced_T & np.roll(unspaced_T, -1)
    # The last character of a run is already covered by the pair before it.
    said_T = np.roll(joined_T, 1)
    said_T[:1] = False
    first_P = np.flatnonzero(joined_T | ~said_T)
    paired_P = joined_T[first_P]
    last_P = first_P + paired_P
    # Row 0 is padding: there is no second token.
    key_P = row_T[first_P] * len(forms) + np.where(paired_P, row_T[last_P], 0)
    sample_U, which_P = group_equal(key_P)
    order = np.argsort(sample_U)
    pairs = (half.tolist() for half in np.divmod(key_P[sample_U[order]], len(forms)))
    words, row_U = number_keys(
        forms[left] + forms[right] if right else forms[left][:LONGEST_WORD]
        for left, right in zip(*pairs, strict=True)
    )
    row_U[order] = row_U.copy()
    return {
        "words": tuple(words),
        "word_P": row_U[which_P],
        "first_P": first_P,
        "last_P": last_P,
    }
