"""The tokens and index words of a batch of notes, as parallel arrays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import TokenTable, hash_pair, make_token_table
from lvmh_jax.data.softindex import list_terms
from lvmh_jax.data.text import Token, tokenize

Ints = NDArray[np.int64]
COMMA = re.compile(r"[,،、，()\[\]/—–]")
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class NoteStream:
    """A batch of notes, token after token.

    Attributes:
      texts: the notes.
      begin_B: first token of each note, and one more for the end.
      note_T, start_T, end_T: note, and offsets in its text, of each token.
      sentence_T: sentence number, distinct over the batch.
      row_T: row in `table`.
      hash_T: 64-bit name of the token's form and case, the same in every run.
      pair_T: gram id of (previous token, this token); 0 at the start of a note.
      unspaced_T, upper_T, title_T, digit_T: how the token is written.
      comma_T: a comma or bracket parts it from the token before.
      word_P, first_P, last_P: index words: row in `words`, first and last token.
    """

    texts: tuple[str, ...]
    begin_B: Ints
    note_T: Ints
    start_T: Ints
    end_T: Ints
    sentence_T: Ints
    table: TokenTable
    row_T: Ints
    hash_T: NDArray[np.uint64]
    pair_T: Ints
    unspaced_T: Bools
    upper_T: Bools
    title_T: Bools
    digit_T: Bools
    comma_T: Bools
    words: tuple[str, ...]
    word_P: Ints
    first_P: Ints
    last_P: Ints


def make_stream(texts: Sequence[str], buckets: int) -> NoteStream:
    """Tokenizes notes into one stream."""
    notes = [tokenize(text) for text in texts]
    flat = [token for tokens in notes for token in tokens]
    table = make_token_table(flat, buckets)
    begin_B = np.concatenate([[0], np.cumsum([len(tokens) for tokens in notes])]).astype(np.int64)
    firsts = (
        _ints(
            [
                text[t.start].isupper()
                for text, tokens in zip(texts, notes, strict=True)
                for t in tokens
            ]
        )
        > 0
    )
    words, word_P, first_P, last_P = _list_words(notes, begin_B)
    row_T = _ints([table.row_of[token.form, token.upper] for token in flat])
    return NoteStream(
        texts=tuple(texts),
        begin_B=begin_B,
        note_T=np.repeat(np.arange(len(notes)), np.diff(begin_B)),
        start_T=_ints([token.start for token in flat]),
        end_T=_ints([token.end for token in flat]),
        sentence_T=_number_sentences(notes),
        table=table,
        row_T=row_T,
        hash_T=_hash_tokens(table)[row_T],
        pair_T=_hash_pairs(notes, buckets),
        unspaced_T=_ints([token.unspaced for token in flat]) > 0,
        upper_T=_ints([token.upper for token in flat]) > 0,
        title_T=firsts,
        digit_T=_ints([token.form.isdigit() for token in flat]) > 0,
        comma_T=_find_commas(texts, notes),
        words=words,
        word_P=word_P,
        first_P=first_P,
        last_P=last_P,
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _hash_tokens(table: TokenTable) -> NDArray[np.uint64]:
    # The upper mark cannot be part of a form, for no token holds a space.
    named = [f"{form} {upper}".encode("utf-8", "surrogatepass") for form, upper in table.row_of]
    digests = b"".join(blake2b(name, digest_size=8).digest() for name in named)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _number_sentences(notes: Sequence[Sequence[Token]]) -> Ints:
    numbers: list[int] = []
    base = 0
    for tokens in notes:
        numbers += [base + token.sentence for token in tokens]
        base += tokens[-1].sentence + 1 if tokens else 0
    return _ints(numbers)


def _find_commas(texts: Sequence[str], notes: Sequence[Sequence[Token]]) -> Bools:
    parted: list[bool] = []
    for text, tokens in zip(texts, notes, strict=True):
        ends = [0, *(token.end for token in tokens)]
        parted += [
            COMMA.search(text, end, token.start) is not None
            for end, token in zip(ends, tokens, strict=False)
        ]
    return np.array(parted, bool)


def _hash_pairs(notes: Sequence[Sequence[Token]], buckets: int) -> Ints:
    known: dict[tuple[str, str], int] = {}
    pairs: list[int] = []
    for tokens in notes:
        for i, token in enumerate(tokens):
            if i == 0:
                pairs.append(0)
                continue
            key = (tokens[i - 1].form, token.form)
            if key not in known:
                known[key] = hash_pair(tokens[i - 1], token, buckets)
            pairs.append(known[key])
    return _ints(pairs)


def _list_words(
    notes: Sequence[Sequence[Token]], begin_B: Ints
) -> tuple[tuple[str, ...], Ints, Ints, Ints]:
    row_of: dict[str, int] = {}
    rows: list[int] = []
    firsts: list[int] = []
    lasts: list[int] = []
    for tokens, begin in zip(notes, begin_B.tolist(), strict=False):
        for term in list_terms(tokens):
            rows.append(row_of.setdefault(term.form, len(row_of)))
            firsts.append(begin + term.first)
            lasts.append(begin + term.last)
    return tuple(row_of), _ints(rows), _ints(firsts), _ints(lasts)
