"""The scene of a note: what a negation cue needs in order to find its scope.

A head is a span that a cue may deny. The scene holds the positions of heads and other tokens,
measured in words, and what separates them: punctuation, "but", conjunctions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cuephrases import ACCENTED, BUT, DENIERS, JOIN, OR
from lvmh_jax.data.cues import CUES, CueLists
from lvmh_jax.data.functionwords import function_words
from lvmh_jax.data.negation import Cue, find_words
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

# Maximum distance in words between a cue and its head. Heads compete, so it need not be strict: on
# the demo's denials 6 finds no more than 4, and 2 finds four fewer (docs/log.md).
REACH = 4.0
# The same for a cue after its head, in verb-final languages.
FAR_REACH = {"JA": 8.0, "KO": 8.0, "DE": 6.0, "NL": 6.0}
SHORT_CLAUSE = 5  # maximum number of tokens before the cue in a clause without content words
STEM_REACH = 2.0  # to a head in `Scene.stems`: room for the cue, its verb and the head
NEAR = 1.5  # words; "not the golf": a cue without a head denies the token next to it
JOINING_ENDINGS = {"KO": ("도", "와", "과", "랑", "이나", "나")}  # "화이트도 베이지도 별로"
JOINING_BEGINNINGS = {"AR": "و"}  # "عود ومسك": oud and musk
# Languages where "not" before a noun denies the noun; elsewhere rather a verb: "golf no juega".
CONTRASTING = ("EN", "DE", "NL", "FR")
QUESTION = re.compile(r"[?？؟]")


class Words(NamedTuple):
    """Facts about the T tokens of some notes.

    Attributes:
      weight_T: float64 length of each token in words, for distances.
      parted_T: bool, whether a comma or stronger punctuation precedes it.
      sentence_T: int64 sentence number.
      unspaced_T: bool, whether its script has no spaces.
      empty_T: bool, whether it is too common to name anything.
      naming_T: bool, whether it is a word of the lexicon and rare enough to name something.
    """

    weight_T: NDArray[np.float64]
    parted_T: Bools
    sentence_T: Ints
    unspaced_T: Bools
    empty_T: Bools
    naming_T: Bools

    def take(self, low: int, high: int) -> Words:
        """Returns the tokens in [low, high), those of one note."""
        part = slice(low, high)
        marks = self.parted_T[part], self.sentence_T[part], self.unspaced_T[part]
        return Words(self.weight_T[part], *marks, self.empty_T[part], self.naming_T[part])


class Written(NamedTuple):
    """A tokenised note.

    Attributes:
      forms: folded forms of its tokens, in the spelling of the cue lists.
      gaps: the text between each token and the one before.
      asked: tokens inside questions.
      language: upper-case ISO 639-1; any other string if unknown.
    """

    forms: list[str]
    gaps: list[str]
    asked: frozenset[int]
    language: str


@dataclass(frozen=True)
class Scene:
    """One note: token positions in words, separators, and heads.

    Attributes:
      written: the note.
      place_T: position of each token, in words.
      stretch_T: number of the token's stretch; a cue and its head must share one.
      sentence_T: sentence number.
      parted: tokens with a comma or stronger punctuation before them.
      empty_T: which tokens are too common to name anything.
      naming: tokens of lexicon words that name something; empty for languages outside CONTRASTING.
      heads: (first, last) token of each likely head, in order, without cues at its ends.
      all_heads: the same including less likely heads.
      joins: conjunctions, which carry a cue on to the next head.
      ors: those that mean "or".
      joining: tokens that act as a conjunction by their ending.
      opens: tokens after a conjunction.
      spent: tokens of heads whose alias contains a cue: "no logo" is a concept, not a denial.
      begins: tokens after a comma or a colon: "engraving: no".
      answers: tokens after a question: "golf? Never".
      articles, bare, nots: tokens in the lists of that name in `CueLists`.
      stems: one-token heads that are an alias with Arabic particles written onto it, which is
        nearly a dictionary match.
      reach: maximum distance in words between a head and a cue after it.
    """

    written: Written
    place_T: list[float]
    stretch_T: list[int]
    sentence_T: list[int]
    parted: frozenset[int]
    empty_T: list[bool]
    naming: frozenset[int]
    heads: list[tuple[int, int]]
    all_heads: list[tuple[int, int]]
    joins: frozenset[int]
    ors: frozenset[int]
    joining: frozenset[int]
    opens: frozenset[int]
    spent: frozenset[int]
    begins: frozenset[int]
    answers: frozenset[int]
    articles: frozenset[int]
    bare: frozenset[int]
    nots: frozenset[int]
    stems: frozenset[int]
    reach: float

    @cached_property
    def wider(self) -> Scene:
        """The same scene with the less likely heads, for a cue that finds no likely one."""
        same = len(self.all_heads) == len(self.heads)
        return self if same else replace(self, heads=self.all_heads)

    def apart(self, left: int, right: int) -> float:
        """Distance in words to a later token; infinite if they are in different stretches."""
        if self.stretch_T[left] != self.stretch_T[right]:
            return float("inf")
        return self.place_T[right] - self.place_T[left]

    def names_next(self, token: int) -> bool:
        """Whether a lexicon word follows: "platinum not gold" denies gold, concept or not."""
        return token + 1 in self.naming and self.apart(token, token + 1) <= NEAR

    def is_clause(self, cue: Cue) -> bool:
        """Whether a clause consists of a cue and empty words: "a cruise, never", "she does not"."""
        end = cue.last + 1
        ends = end == len(self.stretch_T) or self.stretch_T[end] != self.stretch_T[cue.last]
        begin, least = cue.first, max(cue.first - SHORT_CLAUSE, 0)
        while begin not in self.begins and begin > least and self.empty_T[begin - 1]:
            begin -= 1
        return ends and begin in self.begins


def write_note(
    stream: NoteStream, forms_V: Sequence[str], note: int, low: int, high: int, language: str
) -> Written:
    """Extracts one note, which occupies tokens [low, high) of a stream."""
    text = stream.texts[note]
    start, end = stream.start_T[low:high].tolist(), stream.end_T[low:high].tolist()
    forms = [forms_V[row] for row in stream.row_T[low:high].tolist()]
    for token in (token for token, form in enumerate(forms) if form in ACCENTED):
        written = normalize("NFC", text[start[token] : end[token]]).casefold()
        forms[token] = written if written in ACCENTED[forms[token]] else forms[token]
    gaps = [text[a:b] for a, b in zip([0, *end[:-1]], start, strict=True)]
    behind = [*gaps[1:], text[end[-1] :]] if gaps else []
    sentence_T = stream.sentence_T[low:high].tolist()
    asked = _list_asked(behind, sentence_T) if QUESTION.search(text) else frozenset()
    return Written(forms, gaps, asked, language)


def _list_asked(behind: Sequence[str], sentence_T: Sequence[int]) -> frozenset[int]:
    """Tokens inside questions: "don't you have it in khaki?" denies nothing."""
    asked = {
        sentence
        for gap, sentence, after in zip(behind, sentence_T, [*sentence_T[1:], -1], strict=True)
        if after != sentence and QUESTION.search(gap)
    }
    return frozenset(token for token, sentence in enumerate(sentence_T) if sentence in asked)


class Head(NamedTuple):
    """A span that a cue may deny.

    Attributes:
      first, last: its tokens, inclusive.
      has_cue: whether its alias contains a cue.
      is_likely: whether its quick score is high (`polarity.HEAD_WORTH`).
    """

    first: int
    last: int
    has_cue: bool
    is_likely: bool

    @property
    def tokens(self) -> range:
        """The indices of its tokens."""
        return range(self.first, self.last + 1)


def trim_heads(
    heads: Sequence[Head], cues: Sequence[Cue], forms: Sequence[str], language: str
) -> list[Head]:
    """Removes cues at the ends of heads, and heads of which only function words remain."""
    deny = {token for cue in cues if cue.kind in DENIERS for token in cue.tokens}
    empty = function_words(language)
    trimmed = []
    for head in heads:
        ends = forms[head.first] in empty or head.first in deny or head.last in deny
        if not ends:  # nearly all heads
            trimmed.append(head)
            continue
        left = [token for token in head.tokens if token not in deny]
        if head.has_cue and left:
            trimmed.append(head)
        elif any(forms[token] not in empty for token in left):
            trimmed.append(Head(left[0], left[-1], False, head.is_likely))
    return trimmed


def _list_ending(forms: Sequence[str], endings: tuple[str, ...]) -> frozenset[int]:
    return frozenset(token for token, form in enumerate(forms) if form.endswith(endings))


def set_scene(
    words: Words,
    written: Written,
    heads: Sequence[Head],
    cues: Sequence[Cue],
    stem_T: Bools,
) -> Scene:
    """Builds the scene of a note.

    Args:
      words: facts about its tokens.
      written: its tokens.
      heads: its heads.
      cues: its cues in order, including conjunctions.
      stem_T: bool, tokens that are heads of the kind `Scene.stems`.
    """
    forms, language = written.forms, written.language
    lists = CUES.get(language, CueLists())
    joins = [cue.first for cue in cues if cue.kind in (JOIN, OR)]
    # "Ni" is a cue itself, but closes a list all the same: "sin rosa, vainilla ni almizcle".
    ors = {cue.first for cue in cues if cue.kind == OR} | find_words(lists.ors, forms)
    endings = JOINING_ENDINGS.get(language, ())
    walls_T = words.parted_T.astype(np.int64)
    walls_T[[cue.first for cue in cues if cue.kind == BUT]] = 1
    opens = {join + 1 for join in joins if not words.unspaced_T[join]}
    # "And no" begins a new stretch.
    walls_T[[cue.first - 1 for cue in cues if cue.kind in DENIERS and cue.first in opens]] = 1
    begins_T = words.parted_T & (np.diff(words.sentence_T, prepend=-1) == 0)
    told = {token for token, gap in enumerate(written.gaps) if token and {":", "："} & {*gap}}
    return Scene(
        written=written,
        place_T=np.cumsum(words.weight_T).tolist(),
        stretch_T=np.cumsum(walls_T).tolist(),
        sentence_T=words.sentence_T.tolist(),
        parted=frozenset(np.flatnonzero(words.parted_T).tolist()),
        empty_T=words.empty_T.tolist(),
        naming=frozenset(np.flatnonzero(words.naming_T & (language in CONTRASTING)).tolist()),
        heads=[(head.first, head.last) for head in heads if head.is_likely],
        all_heads=[(head.first, head.last) for head in heads],
        joins=frozenset(joins),
        ors=frozenset(ors),
        joining=_list_ending(forms, endings) if endings else frozenset(),
        opens=frozenset(opens),
        spent=frozenset(token for each in heads if each.has_cue for token in each.tokens),
        begins=frozenset(np.flatnonzero(begins_T).tolist()) | told,
        answers=frozenset(token + 1 for token in written.asked if token + 1 not in written.asked),
        articles=find_words(lists.articles, forms),
        bare=find_words(lists.bare, forms),
        nots=find_words(lists.nots, forms),
        stems=frozenset(np.flatnonzero(stem_T).tolist()),
        reach=FAR_REACH.get(language, REACH),
    )
