"""What denies a candidate: a cue denies one thing, and the things of a note compete for it.

"Navy tote, no leather but canvas": every concept here stands near "no", and one is denied. So the
best candidates of a note, none overlapping, are its heads; a cue takes the nearest head on its
side, with those joined to it by "or", and never looks across a "but" or the end of a sentence, nor
across a comma, save where it begins what comes behind, or is all of it ("a scarf, not interested",
"black, she does not"). "And no" begins something new. What is asked is not denied, but by the
answer. A candidate is denied where it shares a token with a denied head.
"""

from __future__ import annotations

import re
from bisect import bisect_left as bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.functionwords import function_words
from lvmh_jax.data.negation import (
    ACCENTED,
    BUT,
    DENIERS,
    JOIN,
    OVER,
    Cue,
    find_cues,
    may_deny,
    may_deny_somewhere,
)
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.decode import select_mentions
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

# What is worth less is no rival: at .5 verbs and function words take cues (docs/log.md).
HEAD_WORTH = 0.8
# Words between a cue and its head, at most. Competition makes it harmless: of the demo's denials
# six find no more, and two find four fewer (docs/log.md).
REACH = 4.0
# The same where what denies comes behind, and a language has its verb there.
FAR_REACH = {"JA": 8.0, "KO": 8.0, "DE": 6.0, "NL": 6.0}
CLAUSE_REACH = 6.0  # from a head to a cue that is a clause by itself: "asked for gold, was told no"
OVER_COMMA = 6.0  # words from a head to the cue that begins the next clause
OPENING = 3  # of which it is one of the first: "the watch, she is not interested"
SHORT_CLAUSE = 5  # tokens before a cue that is all that its clause says
NEAR = 1.5  # words, "not the golf": a cue without a head denies what stands right beside it
LIGHT = 0.5  # words that a common word, or a Han or kana character, counts for
# Zipf frequencies from which a word counts for half, may stand in a clause that says nothing else
# ("she does not like"), and is no head unless the dictionary matches (docs/log.md).
COMMON, SAYS_LITTLE, HEADLESS = 6.5, 5.5, 6.0
# What an alias with a cue is worth beside one without: who says "no nut allergy" speaks of nuts,
# though "no allergy" is a concept.
CUE_IN_ALIAS = 0.9
JOINING_ENDINGS = {"KO": ("도", "와", "과", "랑", "이나")}  # "화이트도 베이지도 별로"
# Where "not" before a word denies a thing: elsewhere rather a verb, "golf no juega".
CONTRASTING = ("EN", "DE", "NL", "FR")
QUESTION = re.compile(r"[?？؟]")


@dataclass(frozen=True)
class Polarity:
    """Which candidates a cue takes, and which hold one; bool [N]."""

    denied_N: Bools
    inside_N: Bools


@dataclass(frozen=True)
class _Scene:
    """One note: where its tokens are, in words, what parts them, and its heads.

    Attributes:
      place_T: words up to each token.
      stretch_T: number of the stretch that a token is in; a cue and its head share one.
      empty_T: which tokens are too common to name anything.
      naming: tokens that surely name something, words of the lexicon; none where it is no matter.
      heads: first and last token, in order, without the cues at their ends.
      joins: tokens that carry a cue on to the next head,
      joining: and those that do so by how they end.
      opens: tokens behind such a word.
      spent: tokens of heads whose alias holds a cue: "no logo" is a concept, not a denial.
      begins: tokens behind a comma.
      answers: tokens behind a question: "golf? Never".
      reach: words between a head and a cue behind it, at most.
    """

    place_T: list[float]
    stretch_T: list[int]
    empty_T: list[bool]
    naming: frozenset[int]
    heads: list[tuple[int, int]]
    joins: frozenset[int]
    joining: frozenset[int]
    opens: frozenset[int]
    spent: frozenset[int]
    begins: frozenset[int]
    answers: frozenset[int]
    reach: float

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


def judge_polarity(
    stream: NoteStream,
    candidates: Candidates,
    languages_B: Sequence[str],
    worth_N: Floats,
    alias_cue_N: Bools,
    zipf_T: Floats,
    known_T: Bools,
) -> Polarity:
    """Finds what denies each candidate.

    Args:
      stream: the notes.
      candidates: of these notes.
      languages_B: upper-case ISO 639-1, or anything else where it is not known.
      worth_N: how likely each is a mention, in [0, 1], before polarity is known.
      alias_cue_N: whether its alias itself holds a cue.
      zipf_T: how common each token of the stream is.
      known_T: whether it is a word of the lexicon.
    """
    denied_T, inside_T = np.zeros((2, len(stream.row_T)), bool)
    forms_V = stream.table.forms
    denying = _list_denying(stream, forms_V, languages_B)
    is_denying_B = np.zeros(len(languages_B), bool)
    is_denying_B[denying] = True
    heads_N = (worth_N >= HEAD_WORTH) & is_denying_B[candidates.note_N]
    heads_N &= (candidates.exact_N > 0) | _holds(zipf_T < HEADLESS, candidates)
    rows = select_mentions(candidates, np.where(alias_cue_N, CUE_IN_ALIAS, 1) * worth_N, heads_N)
    first_H, last_H = candidates.first_N[rows], candidates.last_N[rows]
    begin_B = np.searchsorted(candidates.note_N[rows], np.arange(len(languages_B) + 1)).tolist()
    heads = list(zip(first_H.tolist(), last_H.tolist(), alias_cue_N[rows].tolist(), strict=True))
    words = _Words(
        np.where(stream.unspaced_T | (zipf_T >= COMMON), LIGHT, 1.0),
        stream.comma_T | (np.diff(stream.sentence_T, prepend=0) != 0),
        stream.sentence_T,
        stream.unspaced_T,
        (zipf_T >= SAYS_LITTLE) & ~stream.unspaced_T,
        known_T & (zipf_T < SAYS_LITTLE) & ~stream.unspaced_T,
    )
    for note in denying:
        low, high = stream.begin_B[note : note + 2].tolist()
        forms = _list_forms(stream, forms_V, low, high)
        part = words.take(low, high)
        asked = _list_asked(stream, note, low, high)
        parted = frozenset(np.flatnonzero(part.parted_T).tolist())
        cues = [c for c in find_cues(forms, languages_B[note], parted) if c.first not in asked]
        if any(cue.kind in DENIERS for cue in cues):
            own = [(a - low, b - low, c) for a, b, c in heads[begin_B[note] : begin_B[note + 1]]]
            named = _trim_heads(own, cues, forms, languages_B[note])
            scene = _set_scene(part, named, cues, asked, forms, languages_B[note])
            _mark(denied_T[low:high], inside_T[low:high], cues, scene)
    return Polarity(_holds(denied_T, candidates), _holds(inside_T, candidates))


class _Words(NamedTuple):
    """Tokens of some notes.

    Attributes:
      weight_T: words that each counts for.
      parted_T: whether a comma or more parts it from the one before.
      sentence_T: its sentence.
      unspaced_T: whether its script has no spaces.
      empty_T: whether it is too common to name anything.
      naming_T: whether it is a word of the lexicon that is not.
    """

    weight_T: NDArray[np.float64]
    parted_T: Bools
    sentence_T: Ints
    unspaced_T: Bools
    empty_T: Bools
    naming_T: Bools

    def take(self, low: int, high: int) -> _Words:
        part = slice(low, high)
        marks = self.parted_T[part], self.sentence_T[part], self.unspaced_T[part]
        return _Words(self.weight_T[part], *marks, self.empty_T[part], self.naming_T[part])


def _list_forms(stream: NoteStream, forms_V: Sequence[str], low: int, high: int) -> list[str]:
    """Forms of the tokens of a note, as cues are written."""
    forms = [forms_V[row] for row in stream.row_T[low:high].tolist()]
    text = stream.texts[int(stream.note_T[low])]
    for token in (token for token, form in enumerate(forms) if form in ACCENTED):
        at = low + token
        written = normalize("NFC", text[int(stream.start_T[at]) : int(stream.end_T[at])]).casefold()
        forms[token] = written if written in ACCENTED[forms[token]] else forms[token]
    return forms


def _list_asked(stream: NoteStream, note: int, low: int, high: int) -> frozenset[int]:
    """Tokens of a note that stand in a question: "don't you have it in khaki?" denies nothing."""
    text = stream.texts[note]
    if not QUESTION.search(text):
        return frozenset()
    asked: list[int] = []
    first = low
    for last in range(low, high):
        if last + 1 == high or stream.sentence_T[last + 1] != stream.sentence_T[last]:
            end = len(text) if last + 1 == high else int(stream.start_T[last + 1])
            if QUESTION.search(text, int(stream.end_T[last]), end):
                asked += range(first - low, last + 1 - low)
            first = last + 1
    return frozenset(asked)


def _list_denying(
    stream: NoteStream, forms_V: Sequence[str], languages_B: Sequence[str]
) -> list[int]:
    """Notes that hold words with which a denial may begin, in their order."""
    written_V = [(form, *ACCENTED.get(form, ())) for form in forms_V]
    may_V = np.array([any(map(may_deny_somewhere, each)) for each in written_V], bool)
    may_T = np.flatnonzero(may_V[stream.row_T])
    last_T = np.diff(stream.note_T, append=-1)[may_T] != 0
    after_T = np.where(last_T, 0, np.append(stream.row_T, 0)[may_T + 1])  # row 0 is no form
    columns = (stream.note_T[may_T], stream.row_T[may_T], after_T)
    notes = {
        note
        for note, row, after in zip(*(column.tolist() for column in columns), strict=True)
        if any(
            may_deny(form, follows, languages_B[note])
            for form in written_V[row]
            for follows in written_V[after]
        )
    }
    return sorted(notes)


def _trim_heads(
    heads: Sequence[tuple[int, int, bool]], cues: Sequence[Cue], forms: Sequence[str], language: str
) -> list[tuple[int, int, bool]]:
    """Heads without the cues at their ends; one of which function words are left is none."""
    deny = {token for cue in cues if cue.kind in DENIERS for token in cue.tokens}
    empty = function_words(language)
    trimmed = []
    for first, last, has_cue in heads:
        left = [token for token in range(first, last + 1) if token not in deny]
        if has_cue and left:
            trimmed.append((first, last, True))
        elif any(forms[token] not in empty for token in left):
            trimmed.append((left[0], left[-1], False))
    return trimmed


def _set_scene(
    words: _Words,
    heads: Sequence[tuple[int, int, bool]],
    cues: Sequence[Cue],
    asked: frozenset[int],
    forms: Sequence[str],
    language: str,
) -> _Scene:
    joins = [cue.first for cue in cues if cue.kind == JOIN]
    endings = JOINING_ENDINGS.get(language, ())
    walls_T = words.parted_T.astype(np.int64)
    walls_T[[cue.first for cue in cues if cue.kind == BUT]] = 1
    opens = {join + 1 for join in joins if not words.unspaced_T[join]}
    # "And no" begins something new.
    walls_T[[cue.first - 1 for cue in cues if cue.kind in DENIERS and cue.first in opens]] = 1
    begins_T = words.parted_T & (np.diff(words.sentence_T, prepend=-1) == 0)
    return _Scene(
        place_T=np.cumsum(words.weight_T).tolist(),
        stretch_T=np.cumsum(walls_T).tolist(),
        empty_T=words.empty_T.tolist(),
        naming=frozenset(np.flatnonzero(words.naming_T & (language in CONTRASTING)).tolist()),
        heads=[(first, last) for first, last, _ in heads],
        joins=frozenset(joins),
        joining=frozenset(token for token, form in enumerate(forms) if form.endswith(endings)),
        opens=frozenset(opens),
        spent=frozenset(i for a, b, has_cue in heads if has_cue for i in range(a, b + 1)),
        begins=frozenset(np.flatnonzero(begins_T).tolist()),
        answers=frozenset(token + 1 for token in asked if token + 1 not in asked),
        reach=FAR_REACH.get(language, REACH),
    )


def _mark(denied_T: Bools, inside_T: Bools, cues: Sequence[Cue], scene: _Scene) -> None:
    """Marks the cues of a note, and the tokens of what they deny."""
    for cue in cues:
        if cue.kind not in DENIERS or cue.first in scene.spent:
            continue
        inside_T[[*cue.tokens]] = True
        for first, last in [*_list_inside(cue, scene), *_take(cue, scene)]:
            denied_T[first : last + 1] = True


def _list_inside(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """Heads in the gap of a cue that denies on both sides: "né oro né argento"."""
    if not (cue.before and cue.after and len(cue.tokens) <= cue.last - cue.first):
        return []
    begin, end = bisect(scene.heads, (cue.first, 0)), bisect(scene.heads, (cue.last, 0))
    return scene.heads[begin:end]


def _take(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """What a cue denies: heads, or else the word beside it."""
    if cue.before and not cue.late and scene.names_next(cue.last):
        cue = replace(cue, after=False)
    ways = (_take_behind, _take_before) if cue.late else (_take_before, _take_behind)
    taken = (way(cue, scene) for way in ways)
    return next(filter(None, taken), None) or _list_beside(cue, scene)


def _take_before(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """The heads that a cue stands before."""
    # Heads lie one behind the other: of those that begin before the cue's end one may end after it.
    head = bisect(scene.heads, (cue.last + 1, 0))
    head -= head > 0 and scene.heads[head - 1][1] > cue.last
    if not cue.before or head == len(scene.heads):
        return []
    first = max(scene.heads[head][0], cue.last + 1)
    near = scene.apart(cue.last, first) <= REACH
    # "Sold the house and wants a watch": what is over is what comes first.
    near &= cue.kind != OVER or scene.opens.isdisjoint(range(cue.last + 1, first + 1))
    return _list_joined(head, 1, scene) if near else []


def _take_behind(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """The heads that a cue stands behind."""
    head = bisect(scene.heads, (cue.first, 0)) - 1
    may = cue.after or scene.is_clause(cue)  # "pas" stands before what it denies, but there
    near = may and head >= 0 and _reaches_back(cue, scene.heads[head][1], scene)
    return _list_joined(head, -1, scene) if near else []


def _reaches_back(cue: Cue, last: int, scene: _Scene) -> bool:
    """Whether a cue is near enough to the head before it, which ends at a token."""
    reach = max(scene.reach, CLAUSE_REACH) if cue.across else scene.reach
    if scene.apart(min(last, cue.first - 1), cue.first) <= reach:
        return True
    opening = range(cue.first - OPENING + 1, cue.first + 1)
    may = not scene.answers.isdisjoint(opening) or scene.is_clause(cue)
    if not may and not (cue.across and not scene.begins.isdisjoint(opening)):
        return False
    is_next = scene.stretch_T[cue.first] - scene.stretch_T[last] == 1
    return is_next and scene.place_T[cue.first] - scene.place_T[last] <= OVER_COMMA


def _list_joined(head: int, step: int, scene: _Scene) -> list[tuple[int, int]]:
    """A head and those next to it on one side, each joined to the last by a word like "or"."""
    joined = [scene.heads[head]]
    while 0 <= (head := head + step) < len(scene.heads):
        (_, left), (right, _) = sorted([joined[-1], scene.heads[head]])
        by_word = right - left == 2 and left + 1 in scene.joins
        if not by_word and not (right - left == 1 and left in scene.joining):
            break
        joined.append(scene.heads[head])
    return joined


def _list_beside(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """Tokens that a cue without a head stands right beside."""
    beside = []
    last = len(scene.place_T) - 1
    if cue.before:
        for token in range(cue.last + 1, min(cue.last + 2, last) + 1):
            if scene.apart(cue.last, token) <= NEAR:
                beside.append((token, token))
                if token in scene.joins and token < last:
                    beside.append((token + 1, token + 1))
    if cue.after:
        for token in range(max(cue.first - 2, 0), cue.first):
            if scene.apart(token, cue.first) <= NEAR:
                beside.append((token, token))
    return beside


def _holds(marked_T: Bools, c: Candidates) -> Bools:
    """Which candidates hold a marked token; bool [N]."""
    before = np.concatenate([[0], np.cumsum(marked_T)])
    held: Bools = before[c.last_N + 1] > before[c.first_N]
    return held
