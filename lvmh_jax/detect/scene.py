"""The scene of a note: what a negation cue needs to find its scope.

A head is a thing that a cue may deny. The scene says where heads and other tokens are, in words,
and what separates them: punctuation, "but", joining words.
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

# Most words between a cue and its head. Heads compete, so it need not be tight: on the demo's
# denials 6 finds no more than 4, and 2 finds four fewer (docs/log.md).
REACH = 4.0
# The same for a cue behind its head, in languages whose verb stands last.
FAR_REACH = {"JA": 8.0, "KO": 8.0, "DE": 6.0, "NL": 6.0}
SHORT_CLAUSE = 5  # most tokens before a cue that is a clause by itself
STEM_REACH = 2.0  # to a head of `Scene.stems`: a cue, its verb and the thing
NEAR = 1.5  # words, "not the golf": a cue without a head denies what is right next to it
JOINING_ENDINGS = {"KO": ("도", "와", "과", "랑", "이나", "나")}  # "화이트도 베이지도 별로"
JOINING_BEGINNINGS = {"AR": "و"}  # "عود ومسك": oud and musk
# Languages where "not" before a word denies a thing; in others rather a verb, "golf no juega".
CONTRASTING = ("EN", "DE", "NL", "FR")
QUESTION = re.compile(r"[?？؟]")


class Words(NamedTuple):
    """Facts about the T tokens of some notes.

    Attributes:
      weight_T: float64, how many words each counts for in distances.
      parted_T: bool, whether a comma or stronger punctuation stands before it.
      sentence_T: int64, number of its sentence.
      unspaced_T: bool, whether its script has no spaces.
      empty_T: bool, whether it is too common to name anything.
      naming_T: bool, whether it is a word of the lexicon and not too common to name something.
    """

    weight_T: NDArray[np.float64]
    parted_T: Bools
    sentence_T: Ints
    unspaced_T: Bools
    empty_T: Bools
    naming_T: Bools

    def take(self, low: int, high: int) -> Words:
        """The tokens from `low` to `high`, those of one note."""
        part = slice(low, high)
        marks = self.parted_T[part], self.sentence_T[part], self.unspaced_T[part]
        return Words(self.weight_T[part], *marks, self.empty_T[part], self.naming_T[part])


class Written(NamedTuple):
    """A note as it is written.

    Attributes:
      forms: of its tokens, as cues are written.
      gaps: what stands before each of them.
      asked: tokens of questions.
      language: upper-case ISO 639-1, or anything else where it is not known.
    """

    forms: list[str]
    gaps: list[str]
    asked: frozenset[int]
    language: str


@dataclass(frozen=True)
class Scene:
    """One note: where its tokens are, in words, what parts them, and its heads.

    Attributes:
      written: the note.
      place_T: words up to each token.
      stretch_T: number of the stretch that a token is in; a cue and its head share one.
      sentence_T: number of its sentence.
      parted: tokens that a comma or more parts from the one before.
      empty_T: which tokens are too common to name anything.
      naming: tokens that surely name something, words of the lexicon; none where it is no matter.
      heads: first and last token, in order, without the cues at their ends.
      all_heads: with those that are less likely to be things.
      joins: tokens that carry a cue on to the next head, ors: those of them that mean "or",
      joining: and those that do so by how they end.
      opens: tokens behind such a word.
      spent: tokens of heads whose alias holds a cue: "no logo" is a concept, not a denial.
      begins: tokens behind a comma, or a colon: "engraving: no".
      answers: tokens behind a question: "golf? Never".
      articles, bare, nots: tokens that are, as `CueLists` has them.
      stems: heads of one token that are an alias but for what Arabic writes with it: nearly a
        dictionary match.
      reach: words between a head and a cue behind it, at most.
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
        """The same scene with all heads, for a cue that finds none of the likely ones."""
        same = len(self.all_heads) == len(self.heads)
        return self if same else replace(self, heads=self.all_heads)

    def apart(self, left: int, right: int) -> float:
        """Words from one token to a later one; infinite where something parts them."""
        if self.stretch_T[left] != self.stretch_T[right]:
            return float("inf")
        return self.place_T[right] - self.place_T[left]

    def names_next(self, token: int) -> bool:
        """Whether a thing follows: in "platinum not gold" gold is denied, concept or not."""
        return token + 1 in self.naming and self.apart(token, token + 1) <= NEAR

    def is_clause(self, cue: Cue) -> bool:
        """Whether a clause is but a cue and empty words: "a cruise, never", "she does not"."""
        end = cue.last + 1
        ends = end == len(self.stretch_T) or self.stretch_T[end] != self.stretch_T[cue.last]
        begin, least = cue.first, max(cue.first - SHORT_CLAUSE, 0)
        while begin not in self.begins and begin > least and self.empty_T[begin - 1]:
            begin -= 1
        return ends and begin in self.begins


def write_note(
    stream: NoteStream, forms_V: Sequence[str], note: int, low: int, high: int, language: str
) -> Written:
    """A note, whose tokens a stream has from `low` to `high`, as it is written."""
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
    """Tokens that stand in a question: "don't you have it in khaki?" denies nothing."""
    asked = {
        sentence
        for gap, sentence, after in zip(behind, sentence_T, [*sentence_T[1:], -1], strict=True)
        if after != sentence and QUESTION.search(gap)
    }
    return frozenset(token for token, sentence in enumerate(sentence_T) if sentence in asked)


class Head(NamedTuple):
    """What a cue may deny.

    Attributes:
      first, last: its tokens.
      has_cue: whether its alias holds a cue.
      is_likely: whether it surely is a thing.
    """

    first: int
    last: int
    has_cue: bool
    is_likely: bool

    @property
    def tokens(self) -> range:
        """Its tokens."""
        return range(self.first, self.last + 1)


def trim_heads(
    heads: Sequence[Head], cues: Sequence[Cue], forms: Sequence[str], language: str
) -> list[Head]:
    """Heads without the cues at their ends; one of which function words are left is none."""
    deny = {token for cue in cues if cue.kind in DENIERS for token in cue.tokens}
    empty = function_words(language)
    trimmed = []
    for head in heads:
        ends = forms[head.first] in empty or head.first in deny or head.last in deny
        if not ends:  # as nearly all
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
    """The scene of a note.

    Args:
      words: its tokens.
      written: how it is written.
      heads: its things.
      cues: in order, joins among them.
      stem_T: tokens that are heads as `Scene.stems` has them.
    """
    forms, language = written.forms, written.language
    lists = CUES.get(language, CueLists())
    joins = [cue.first for cue in cues if cue.kind in (JOIN, OR)]
    # "Ni" denies as well, and closes a list all the same: "sin rosa, vainilla ni almizcle".
    ors = {cue.first for cue in cues if cue.kind == OR} | find_words(lists.ors, forms)
    endings = JOINING_ENDINGS.get(language, ())
    walls_T = words.parted_T.astype(np.int64)
    walls_T[[cue.first for cue in cues if cue.kind == BUT]] = 1
    opens = {join + 1 for join in joins if not words.unspaced_T[join]}
    # "And no" begins something new.
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
