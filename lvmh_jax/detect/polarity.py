"""What denies a candidate: a cue denies one thing, and the things of a note compete for it.

"Navy tote, no leather but canvas": every concept here stands near "no", and one is denied. So the
best candidates of a note, none overlapping, are its heads; a cue takes the nearest head on its
side, with those joined to it by "or", and never looks across a comma, a "but" or the end of a
sentence. A candidate is denied where it shares a token with a denied head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.negation import BUT, DENIERS, JOIN, Cue, find_cues, may_deny, may_deny_somewhere
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.decode import select_mentions
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

HEAD_WORTH = 0.5  # what is worth less is no rival; from 0.5 to 0.8 the demo's denials are the same
# Words between a cue and its head, at most; a Han or kana character is half a word. Competition
# makes it harmless: of the demo's denials six find no more, and two find four fewer (docs/log.md).
REACH = 4.0
NEAR = 1.0  # a cue without a head denies what stands right beside it


@dataclass(frozen=True)
class Polarity:
    """What denies each candidate; bool [N].

    Attributes:
      denied_N: a cue takes it.
      inside_N: it holds a cue.
    """

    denied_N: Bools
    inside_N: Bools


@dataclass(frozen=True)
class _Scene:
    """One note: where its tokens are, in words, what parts them, and its heads.

    Attributes:
      place_T: words up to each token.
      stretch_T: number of the stretch that a token is in; a cue and its head share one.
      heads: first and last token, in order, without the cues at their ends.
      joins: tokens that carry a cue on to the next head.
      spent: tokens of heads whose alias holds a cue: "no logo" is a concept, not a denial.
    """

    place_T: list[float]
    stretch_T: list[int]
    heads: list[tuple[int, int]]
    joins: frozenset[int]
    spent: frozenset[int]

    def apart(self, left: int, right: int) -> float:
        """Words from one token to a later one; infinite where something parts them."""
        if self.stretch_T[left] != self.stretch_T[right]:
            return float("inf")
        return self.place_T[right] - self.place_T[left]


def judge_polarity(
    stream: NoteStream,
    candidates: Candidates,
    languages_B: Sequence[str],
    worth_N: Floats,
    alias_cue_N: Bools,
) -> Polarity:
    """Finds what denies each candidate.

    Args:
      stream: the notes.
      candidates: of these notes.
      languages_B: upper-case ISO 639-1, or anything else where it is not known.
      worth_N: how likely each is a mention, in [0, 1], before polarity is known.
      alias_cue_N: whether its alias itself holds a cue.
    """
    denied_T, inside_T = np.zeros((2, len(stream.row_T)), bool)
    forms_V = [form for form, _ in stream.table.row_of]
    denying = _list_denying(stream, forms_V, languages_B)
    is_denying_B = np.zeros(len(languages_B), bool)
    is_denying_B[denying] = True
    heads_N = (worth_N >= HEAD_WORTH) & is_denying_B[candidates.note_N]
    rows = select_mentions(candidates, worth_N, heads_N)
    first_H, last_H = candidates.first_N[rows], candidates.last_N[rows]
    begin_B = np.searchsorted(candidates.note_N[rows], np.arange(len(languages_B) + 1)).tolist()
    heads = list(zip(first_H.tolist(), last_H.tolist(), alias_cue_N[rows].tolist(), strict=True))
    place_T = np.cumsum(np.where(stream.unspaced_T, 0.5, 1.0))
    parted_T = stream.comma_T | (np.diff(stream.sentence_T, prepend=0) != 0)
    for note in denying:
        low, high = stream.begin_B[note : note + 2].tolist()
        forms = [forms_V[row] for row in stream.row_T[low:high].tolist()]
        cues = find_cues(forms, languages_B[note])
        if any(cue.kind in DENIERS for cue in cues):
            own = [(a - low, b - low, c) for a, b, c in heads[begin_B[note] : begin_B[note + 1]]]
            scene = _set_scene(place_T[low:high].tolist(), parted_T[low:high], own, cues)
            _mark(denied_T[low:high], inside_T[low:high], cues, scene)
    return Polarity(_holds(denied_T, candidates), _holds(inside_T, candidates))


def _list_denying(
    stream: NoteStream, forms_V: Sequence[str], languages_B: Sequence[str]
) -> list[int]:
    """Notes that hold a word with which a denial may begin, in their order."""
    may_V = np.array([may_deny_somewhere(form) for form in forms_V], bool)
    may_T = np.flatnonzero(may_V[stream.row_T])
    pairs = zip(stream.note_T[may_T].tolist(), stream.row_T[may_T].tolist(), strict=True)
    notes = {note for note, row in pairs if may_deny(forms_V[row], languages_B[note])}
    return sorted(notes)


def _set_scene(
    place_T: list[float],
    parted_T: Bools,
    heads: Sequence[tuple[int, int, bool]],
    cues: Sequence[Cue],
) -> _Scene:
    deny = {i for c in cues if c.kind in DENIERS for i in range(c.first, c.last + 1)}
    spent: set[int] = set()
    trimmed = []
    for first, last, has_cue in heads:
        left = [token for token in range(first, last + 1) if token not in deny]
        if not left:
            continue
        if has_cue:
            spent.update(range(first, last + 1))
            trimmed.append((first, last))
        else:
            trimmed.append((left[0], left[-1]))
    walls_T = parted_T.astype(np.int64)
    walls_T[[cue.first for cue in cues if cue.kind == BUT]] = 1
    joins = frozenset(cue.first for cue in cues if cue.kind == JOIN)
    return _Scene(place_T, np.cumsum(walls_T).tolist(), trimmed, joins, frozenset(spent))


def _mark(denied_T: Bools, inside_T: Bools, cues: Sequence[Cue], scene: _Scene) -> None:
    """Marks the cues of a note, and the tokens of what they deny."""
    for cue in cues:
        if cue.kind not in DENIERS or cue.first in scene.spent:
            continue
        inside_T[cue.first : cue.last + 1] = True
        for first, last in _take(cue, scene):
            denied_T[first : last + 1] = True


def _take(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """What a cue denies: heads, or else the word beside it."""
    if cue.before:
        head = next((i for i, (_, last) in enumerate(scene.heads) if last > cue.last), None)
        if head is not None:
            first = max(scene.heads[head][0], cue.last + 1)
            if scene.apart(cue.last, first) <= REACH:
                return _list_joined(scene, head)
    if cue.after:
        before = [(first, last) for first, last in scene.heads if first < cue.first]
        if before and scene.apart(min(before[-1][1], cue.first - 1), cue.first) <= REACH:
            return [before[-1]]
    return _list_beside(cue, scene)


def _list_joined(scene: _Scene, head: int) -> list[tuple[int, int]]:
    """A head and those that follow it, each joined to the one before by a word like "or"."""
    joined = [scene.heads[head]]
    for first, last in scene.heads[head + 1 :]:
        between = range(joined[-1][1] + 1, first)
        if len(between) != 1 or between[0] not in scene.joins:
            break
        joined.append((first, last))
    return joined


def _list_beside(cue: Cue, scene: _Scene) -> list[tuple[int, int]]:
    """Tokens that a cue without a head stands right beside."""
    beside = []
    last = len(scene.place_T) - 1
    if cue.before:
        for token in range(cue.last + 1, min(cue.last + 2, last) + 1):
            if scene.apart(cue.last, token) <= NEAR:
                beside.append((token, token))
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
