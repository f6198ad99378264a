"""Training examples: aliases with concepts, masked contexts of mentions, and unlabelled phrases.

Distant supervision (Mintz et al., ACL 2009): the dictionary's mentions in the notes label the words
around them, with the alias masked. Phrases that no dictionary match touches, and keyword
candidates, are *unlabelled*: some are true mentions that the lexicon does not list, so they carry
less weight than negatives would (positive-unlabelled learning, Elkan and Noto, KDD 2008).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.exchange import ALONE, Peers, gather_counts, gather_items, own_part
from lvmh_jax.data.features import Phrases, TokenTable, encode_phrases, make_token_table
from lvmh_jax.data.matcher import DictionaryMatcher, Hit
from lvmh_jax.data.numbering import number_keys
from lvmh_jax.data.occurring import find_occurring
from lvmh_jax.data.rarity import make_rarity
from lvmh_jax.data.text import Token, tokenize
from lvmh_jax.data.wordings import encode_wordings, read_wordings
from lvmh_jax.records import Alias, Candidate, Note

Ints = NDArray[np.int64]
T = TypeVar("T")
Phrase = Sequence[Token]
Context = tuple[Phrase, int]  # the tokens around a mention, and its concept
Mention = tuple[slice, set[int]]  # its tokens, and the concepts that share its alias
Read = tuple[list[Token], list[Mention]]
PHRASE_TOKENS = 10  # 99 % of aliases have no more; also the longest span of unspaced characters
CONTEXT_REACH = 6  # tokens on each side of a masked mention
LONGEST_UNLABELLED = 5
MOST_UNLABELLED = 1 << 16  # an epoch draws fewer; keeps the arrays small
MOST_CONTEXTS = 1 << 16


@dataclass(frozen=True)
class Examples:
    """Training data of the encoder, as arrays over one token table.

    Attributes:
      table, rarity_V: the tokens of everything below, and their rarity (float32).
      phrases, concept_A: all aliases, including held-out ones, and their concepts (int64).
      held_A: bool, whether an alias is hidden from training.
      unlabelled: phrases outside the lexicon.
      contexts_MR, concept_M: token rows around masked mentions, and the mentions' concepts.
      held_notes: rows of the notes that are not used in training.
    """

    table: TokenTable
    rarity_V: NDArray[np.float32]
    phrases: Phrases
    concept_A: Ints
    held_A: NDArray[np.bool_]
    unlabelled: Phrases
    contexts_MR: NDArray[np.int32]
    concept_M: Ints
    held_notes: frozenset[int]

    @property
    def count(self) -> int:
        """Number of training examples: aliases, contexts and unlabelled phrases."""
        return int((~self.held_A).sum()) + len(self.concept_M) + len(self.unlabelled)


def choose_held_aliases(
    aliases: Sequence[Alias], share: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Hides a share of the alias texts; every concept keeps two aliases, or one of two.

    A text that several concepts share is hidden for all of them: visible under one concept, it
    would leak information about the others.

    Returns: bool held_A; all False if no concept can spare an alias.
    """
    _, text_A = number_keys(alias.text.casefold() for alias in aliases)
    concept_A = _list_concepts(aliases)
    # Memory views yield plain integers; a list per text takes half a gigabyte for five million.
    begin_T = np.concatenate([[0], np.cumsum(np.bincount(text_A))]).data
    concept_of = concept_A[np.argsort(text_A, kind="stable")].data
    texts, had = len(begin_T) - 1, np.bincount(concept_A, minlength=1).tolist()
    left = had.copy()
    is_held, held = np.zeros(texts, bool), 0
    wanted = round(share * len(aliases))
    for least in (3, 2):  # concepts with more aliases give up theirs first
        for pick in rng.permutation(texts).data:
            if held >= wanted:
                return is_held[text_A]
            rows = range(begin_T[pick], begin_T[pick + 1])
            taken = {concept_of[rows[0]]: 1}
            if len(rows) > 1:
                taken = Counter(concept_of[row] for row in rows)
            spared = all(
                had[c] >= least and left[c] - k >= min(had[c] - 1, 2) for c, k in taken.items()
            )
            if spared and not is_held[pick]:
                is_held[pick] = True
                held += len(rows)
                for concept, count in taken.items():
                    left[concept] -= count
    return is_held[text_A]


def _list_concepts(aliases: Sequence[Alias]) -> Ints:
    return np.fromiter((alias.row for alias in aliases), np.int64, len(aliases))


def make_examples(
    aliases: Sequence[Alias],
    notes: Sequence[Note],
    candidates: Sequence[Candidate],
    concepts: int,
    *,
    buckets: int,
    holdout_aliases: float,
    holdout_notes: float,
    seed: int,
    peers: Peers = ALONE,
) -> Examples:
    """Prepares all training data of the encoder; the same seed gives the same arrays.

    With several processes, each reads a part of the notes, and all get the result of a single one.
    """
    rng = np.random.default_rng([seed, 0])
    held_A = choose_held_aliases(aliases, holdout_aliases, rng)
    held_notes = frozenset(
        rng.permutation(len(notes))[: round(holdout_notes * len(notes))].tolist()
    )
    visible = [alias for alias, held in zip(aliases, held_A, strict=True) if not held]
    shown_notes = [note for row, note in enumerate(notes) if row not in held_notes]
    read = _read_notes([note.text for note in own_part(shown_notes, peers)], visible)
    around = _list_contexts(read, rng, peers)
    outside = _list_unlabelled(read, candidates, visible, rng, peers)
    del read, visible
    wordings, concept_A = read_wordings([alias.text for alias in aliases]), _list_concepts(aliases)
    rarity = make_rarity(wordings, concept_A, ~held_A, concepts)
    others = (t for phrase in (*outside, *(c for c, _ in around)) for t in phrase if t.form)
    table = make_token_table(chain(wordings.words, others), buckets)
    return Examples(
        table=table,
        rarity_V=rarity.of_table(table),
        phrases=encode_wordings(wordings, table, buckets, PHRASE_TOKENS),
        concept_A=concept_A,
        held_A=held_A,
        unlabelled=encode_phrases(outside, table, buckets, PHRASE_TOKENS),
        contexts_MR=encode_phrases(
            [context for context, _ in around], table, buckets, 2 * CONTEXT_REACH
        ).tokens_NT,
        concept_M=np.array([concept for _, concept in around], np.int64),
        held_notes=held_notes,
    )


def _read_notes(texts: Sequence[str], visible: Sequence[Alias]) -> list[Read]:
    """Tokens and mentions of each text."""
    # An automaton of millions of aliases takes minutes and gigabytes, and most occur in no note.
    rows = find_occurring([alias.text for alias in visible], texts)
    matched = [visible[row] for row in rows.tolist()]
    matcher = DictionaryMatcher(matched)
    return [
        (tokens, _place(tokens, hits, matched))
        for tokens, hits in zip(map(tokenize, texts), matcher.find_all(texts), strict=True)
    ]


def _place(tokens: Sequence[Token], hits: Sequence[Hit], aliases: Sequence[Alias]) -> list[Mention]:
    starts, ends = [token.start for token in tokens], [token.end for token in tokens]
    return [
        (
            slice(bisect_right(ends, hit.start), bisect_left(starts, hit.end)),
            {aliases[row].row for row in hit.aliases},
        )
        for hit in hits
    ]


def _list_contexts(read: Sequence[Read], rng: np.random.Generator, peers: Peers) -> list[Context]:
    """Contexts of unambiguous mentions: the tokens around each, with its concept."""
    found: list[Context] = []
    for tokens, mentions in read:
        for touched, concepts in mentions:
            before = tokens[max(touched.start - CONTEXT_REACH, 0) : touched.start]
            around = before + tokens[touched.stop : touched.stop + CONTEXT_REACH]
            if around and len(concepts) == 1:
                found.append((around, min(concepts)))
    kept = _sample(found, MOST_CONTEXTS, rng, peers)
    return gather_items(
        kept,
        peers,
        lambda context: [context[1], _pack(context[0])],
        lambda packed: (_unpack(packed[1]), packed[0]),
    )


def _list_unlabelled(
    read: Sequence[Read],
    candidates: Sequence[Candidate],
    visible: Sequence[Alias],
    rng: np.random.Generator,
    peers: Peers,
) -> list[Phrase]:
    """Note n-grams that touch no mention, and keyword candidates that are no alias."""
    found: list[Phrase] = []
    for (tokens, mentions), lengths in zip(read, _draw_lengths(read, rng, peers), strict=True):
        free = [True] * len(tokens)
        for touched, _ in mentions:
            free[touched] = [False] * (touched.stop - touched.start)
        for i, length in enumerate(lengths.tolist()):
            phrase = tokens[i : i + length]
            if all(free[i : i + length]) and phrase[-1].sentence == phrase[0].sentence:
                found.append(phrase)
    if peers.index == peers.count - 1:  # the last process adds them after the phrases of all notes
        asked = {c.text.casefold() for c in candidates}
        listed = asked.intersection(alias.text.casefold() for alias in visible) if asked else asked
        keywords = [tokenize(c.text) for c in candidates if c.text.casefold() not in listed]
        found += [phrase for phrase in keywords if phrase]
    kept = _sample(found, MOST_UNLABELLED, rng, peers)
    return gather_items(kept, peers, _pack, _unpack)


def _draw_lengths(read: Sequence[Read], rng: np.random.Generator, peers: Peers) -> list[Ints]:
    """Draws a phrase length for each token of the notes that this process reads.

    Every process draws the lengths for all notes, which keeps their generators in step.
    """
    counts = gather_counts([len(tokens) for tokens, _ in read], peers)
    drawn = [
        [rng.integers(1, LONGEST_UNLABELLED + 1, count) for count in part.tolist()]
        for part in counts
    ]
    return drawn[peers.index]


def _sample(items: list[T], most: int, rng: np.random.Generator, peers: Peers) -> list[T]:
    """Samples `most` items over all processes; returns this process's part of the sample."""
    counts = [int(part[0]) for part in gather_counts([len(items)], peers)]
    total, before = sum(counts), sum(counts[: peers.index])
    if total <= most:
        return items
    rows = np.sort(rng.choice(total, most, replace=False)) - before
    return [items[row] for row in rows[(rows >= 0) & (rows < len(items))]]


def _pack(phrase: Phrase) -> list[Any]:
    """The fields of its tokens that ids are made from."""
    return [[token.form, token.upper] for token in phrase]


def _unpack(packed: list[Any]) -> Phrase:
    return [Token(0, 0, form, upper, unspaced=False, sentence=0) for form, upper in packed]
