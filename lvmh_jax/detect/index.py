"""The alias index: all lookup structures over the lexicon's aliases that detection needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.abbreviations import Abbreviation, find_abbreviations, find_uses
from lvmh_jax.data.cleartext import hide_placeholders
from lvmh_jax.data.endings import names_end
from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.data.features import Phrases, TokenTable, encode_phrases, make_token_table
from lvmh_jax.data.gramindex import GramIndex
from lvmh_jax.data.matcher import DictionaryMatcher, Hit
from lvmh_jax.data.negation import holds_cue, list_denials
from lvmh_jax.data.rarity import TokenRarity
from lvmh_jax.data.softindex import SoftIndex
from lvmh_jax.data.sorting import find_heads
from lvmh_jax.data.text import Token, tokenize
from lvmh_jax.detect.contrast import Contrasts, read_contrasts
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.figures import Figures, read_figures
from lvmh_jax.detect.opposites import Denials, list_starts
from lvmh_jax.detect.seen import NameTable
from lvmh_jax.detect.stream import PARTING
from lvmh_jax.records import Alias

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
NEGATIVE = 0.2  # share of aliases with a cue from which a concept counts as a denial itself
LONG_COVERED = 0.7  # minimum overlap of a long form with its dictionary match


@dataclass(frozen=True)
class AliasIndex:
    """Lookup structures over a lexicon; concurrent reads are thread-safe.

    Attributes:
      aliases: the aliases; their order defines the alias rows.
      concepts: C, the number of concepts.
      matcher, soft, grams: exact matching, soft matching, and n-gram similarity.
      rarity: rarity (idf) of words in the lexicon.
      concept_A: int64 concept row of each alias.
      vectors_AD: float32 unit vectors of the aliases.
      shared_A: int64 number of concepts that share the alias's text.
      length_A, cue_A: length in characters, and whether the alias contains a negation cue ("no
        logo"); each has one extra entry for row -1.
      parted_A: whether the alias contains a comma ("hair, long").
      denies_A: whether it contains a negation, masked or not ("can't tolerate nickel").
      ends_A: whether it contains a word for something being over ("selling the house").
      negative_C: whether the concept is itself a denial, such as "no_visible_logo".
      rows_by_concept, begin_C: alias rows sorted by concept, and the first of each concept.
      contrasts: closed-class members (months, kin and so on) that each concept names.
      figures: numbers that each concept names.
      first_forms, last_forms: forms with which an alias begins or ends.
      ranked, compared: caches of `detect.rank` and `detect.compare`.
    """

    aliases: tuple[Alias, ...]
    concepts: int
    matcher: DictionaryMatcher
    soft: SoftIndex
    grams: GramIndex
    rarity: TokenRarity
    concept_A: Ints
    vectors_AD: Floats
    shared_A: Ints
    length_A: Ints
    cue_A: NDArray[np.bool_]
    parted_A: NDArray[np.bool_]
    denies_A: NDArray[np.bool_]
    ends_A: NDArray[np.bool_]
    negative_C: NDArray[np.bool_]
    rows_by_concept: Ints
    begin_C: Ints
    contrasts: Contrasts
    figures: Figures
    first_forms: frozenset[str]
    last_forms: frozenset[str]
    ranked: NameTable = field(default_factory=NameTable)
    compared: NameTable = field(default_factory=NameTable)

    @cached_property
    def denials(self) -> Denials:
        """The aliases that contain a negation, for `detect.opposites`."""
        starts = list_starts(self.aliases, self.denies_A[:-1])
        return Denials(self.aliases, self.denies_A, starts, self.ends_A)

    def find_exact(self, texts: Sequence[str]) -> list[list[Hit]]:
        """Dictionary matches of each text, including abbreviations that the text defines.

        After "Nickel allergy (NA)", every NA of the note is a mention. A definition in the text
        overrides what the lexicon says about the same letters.
        """
        return [
            _add_abbreviated(text, hits) if hits and _holds_bracket(text) else hits
            for text, hits in zip(texts, self.matcher.find_all(texts), strict=True)
        ]

    def find_nearest(self, vectors_ND: Floats, row_P: Ints, concept_P: Ints) -> tuple[Ints, Floats]:
        """Nearest alias of a given concept to a vector, and its cosine.

        Args:
          vectors_ND: float32 unit vectors of phrases.
          row_P: int64 phrase of each pair.
          concept_P: int64 concept of each pair.

        Returns: int64 alias_P, -1 for a concept without aliases; float32 cosine_P, 0 there.
        """
        alias_P = np.full(len(concept_P), -1, np.int64)
        cosine_P = np.zeros(len(concept_P), np.float32)
        order = np.argsort(concept_P, kind="stable")
        begin = find_heads(concept_P[order])
        asked = concept_P[order[begin]]
        for concept, at in zip(asked.tolist(), np.split(order, begin[1:]), strict=True):
            rows = self.rows_by_concept[self.begin_C[concept] : self.begin_C[concept + 1]]
            if len(rows):
                # Not `@`: BLAS would start its threads for each of a thousand small products, which
                # costs ten times as much on a busy machine, and a row's result would depend on the
                # other rows.
                cosine = np.vecdot(vectors_ND[row_P[at], None], self.vectors_AD[None, rows])
                best = cosine.argmax(1)
                alias_P[at], cosine_P[at] = rows[best], cosine[np.arange(len(at)), best]
        return alias_P, cosine_P


def _holds_bracket(text: str) -> bool:
    return "(" in text or "（" in text


def _add_abbreviated(text: str, hits: list[Hit]) -> list[Hit]:
    text = hide_placeholders(text, " ")
    defined = find_abbreviations(text)
    meant = {row: hit for row, each in enumerate(defined) if (hit := _find_long(each, hits))}
    uses = [
        Hit(start, end, meant[row].aliases)
        for start, end, row in find_uses(text, defined)
        if row in meant
    ]
    if not uses:
        return hits
    free = [h for h in hits if all(h.end <= u.start or u.end <= h.start for u in uses)]
    return sorted([*free, *uses], key=lambda hit: hit.start)


def _find_long(defined: Abbreviation, hits: Sequence[Hit]) -> Hit | None:
    """The longest dictionary match that covers most of a long form; None without one."""
    length = defined.long_end - defined.long_start
    covering = [
        hit
        for hit in hits
        if min(hit.end, defined.long_end) - max(hit.start, defined.long_start)
        >= LONG_COVERED * max(length, hit.end - hit.start)
    ]
    return max(covering, key=lambda hit: hit.end - hit.start, default=None)


def build_index(
    aliases: Sequence[Alias],
    concepts: int,
    encoder: PhraseEncoder,
    vectors_AD: Floats | None = None,
    phrases: Sequence[Sequence[Token]] | None = None,
) -> AliasIndex:
    """Builds the index.

    Args:
      aliases: aliases of the lexicon.
      concepts: C, the number of concepts.
      encoder: the encoder that embeds the aliases.
      vectors_AD: float32 unit vectors of the aliases; computed by default.
      phrases: tokens of the aliases; computed by default.
    """
    if phrases is None:
        phrases = [tokenize(alias.text) for alias in aliases]
    concept_A = np.array([alias.row for alias in aliases], np.int64)
    rarity = TokenRarity(phrases, concept_A.tolist(), concepts)
    if vectors_AD is None:
        encoded = encode_aliases(phrases, encoder.settings.buckets)
        vectors_AD = embed_aliases(*encoded, rarity, encoder)
    users: dict[str, set[int]] = {}
    for alias in aliases:
        users.setdefault(alias.text.casefold(), set()).add(alias.row)
    order = np.argsort(concept_A, kind="stable")
    forms_A = [[token.form for token in phrase] for phrase in phrases]
    cue_A = np.array([*map(holds_cue, forms_A)], bool)
    cues_C = np.bincount(concept_A, cue_A, concepts)
    return AliasIndex(
        aliases=tuple(aliases),
        concepts=concepts,
        matcher=DictionaryMatcher(aliases),
        soft=SoftIndex(phrases, concept_A, concepts),
        grams=GramIndex(phrases, concept_A, concepts),
        rarity=rarity,
        concept_A=concept_A,
        vectors_AD=vectors_AD,
        shared_A=np.array([len(users[alias.text.casefold()]) for alias in aliases], np.int64),
        length_A=np.array([*(len(alias.text) for alias in aliases), 0], np.int64),
        cue_A=np.append(cue_A, False),
        parted_A=np.array([PARTING.search(alias.text) is not None for alias in aliases], bool),
        denies_A=np.array([*(bool(list_denials(forms)) for forms in forms_A), False]),
        ends_A=np.array([*map(names_end, forms_A), False], bool),
        negative_C=cues_C >= NEGATIVE * np.maximum(np.bincount(concept_A, minlength=concepts), 1),
        rows_by_concept=order.astype(np.int64),
        begin_C=np.searchsorted(concept_A[order], np.arange(concepts + 1)).astype(np.int64),
        contrasts=read_contrasts(forms_A, concept_A, concepts),
        figures=read_figures([alias.text for alias in aliases], concept_A, concepts),
        first_forms=frozenset(phrase[0].form for phrase in phrases if phrase),
        last_forms=frozenset(phrase[-1].form for phrase in phrases if phrase),
    )


def encode_aliases(phrases: Sequence[Sequence[Token]], buckets: int) -> tuple[TokenTable, Phrases]:
    """Encodes aliases as phrases over a token table of their own."""
    table = make_token_table((token for phrase in phrases for token in phrase), buckets)
    return table, encode_phrases(phrases, table, buckets, PHRASE_TOKENS)


def embed_aliases(
    table: TokenTable, phrases: Phrases, rarity: TokenRarity, encoder: PhraseEncoder
) -> Floats:
    """Embeds aliases encoded by `encode_aliases`; float32 unit vectors_AD."""
    return encoder.embed_phrases(encoder.embed_tokens(table, rarity.of_table(table)), phrases)


def hide_aliases(
    index: AliasIndex, hidden_A: NDArray[np.bool_], encoder: PhraseEncoder
) -> AliasIndex:
    """Rebuilds the index without some aliases, as if the lexicon had never listed them."""
    kept = np.flatnonzero(~hidden_A)
    aliases = [index.aliases[row] for row in kept]
    return build_index(aliases, index.concepts, encoder)
