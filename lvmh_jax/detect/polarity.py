"""Finds negated candidates: each cue denies one head or list, and heads compete for the cue.

In "navy tote, no leather but canvas" every concept is near "no", but only one is denied. So the
best candidates of a note, without overlap, are its heads. A cue takes the nearest head on its side,
together with that head's list (`listing`). It never reaches across "but" or the end of a sentence.
It reaches across a comma only if it begins the clause after it, or is that whole clause ("a scarf,
not interested", "black, she does not"). "And no" begins a new clause. A question denies nothing,
but its answer may. A candidate is denied if it shares a token with a denied head.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.cuephrases import ACCENTED, DENIERS, MASK, OVER
from lvmh_jax.data.negation import Cue, find_cues_and_masks, may_deny, may_deny_somewhere
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.decode import select_mentions
from lvmh_jax.detect.scene import REACH, Head, Scene, Words, set_scene, trim_heads, write_note
from lvmh_jax.detect.scope import take_heads
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

# Minimum quick score of a head that competes for cues. At .5, verbs and function words take the
# cues (docs/log.md).
HEAD_WORTH = 0.8
# Minimum quick score of a head for a cue that finds no other: "no tiene perros".
LEAST_WORTH = 0.4
LIGHT = 0.5  # length, in words, of a very common word or of a Han or kana character
# Zipf frequencies from which a word counts as half a word; may fill a clause without content ("she
# does not like"); is no head unless the dictionary matches it (docs/log.md).
COMMON, SAYS_LITTLE, HEADLESS = 6.5, 5.5, 6.0
# Factor on the score of an alias that contains a cue: "no nut allergy" is about nuts, although "no
# allergy" is a concept.
CUE_IN_ALIAS = 0.9


@dataclass(frozen=True)
class Polarity:
    """Result of the polarity rules for each candidate; bool [N] each.

    Attributes:
      denied_N: a cue denies the candidate.
      inside_N: the candidate contains a cue.
      near_N: the candidate contains or is near a denying word, even one that a mask hides: "cannot
        tolerate nickel".
    """

    denied_N: Bools
    inside_N: Bools
    near_N: Bools


def judge_polarity(
    stream: NoteStream,
    candidates: Candidates,
    languages_B: Sequence[str],
    worth_N: Floats,
    alias_cue_N: Bools,
    zipf_T: Floats,
    known_T: Bools,
    stem_N: Bools | None = None,
    ends_N: Bools | None = None,
) -> Polarity:
    """Finds which candidates are denied.

    Args:
      stream: the notes.
      candidates: candidates in these notes.
      languages_B: upper-case ISO 639-1 codes; any other string if the language is unknown.
      worth_N: float32, how likely each candidate is a mention, in [0, 1], before polarity is known.
      alias_cue_N: bool, whether the candidate's alias itself contains a cue.
      zipf_T: float32 Zipf frequency of each token of the stream.
      known_T: bool, whether the token is a word of the lexicon.
      stem_N: bool, whether the candidate is its alias with Arabic particles written onto it; all
        False by default.
      ends_N: bool, whether the candidate has its alias's word for something being over; that word
        does not deny it. All False by default.
    """
    if stem_N is None:
        stem_N = np.zeros(len(candidates), bool)
    worth_N = np.maximum(worth_N, stem_N)
    marks_4T = np.zeros((4, len(stream.row_T)), bool)
    forms_V = stream.table.forms
    denying = _list_denying(stream, forms_V, languages_B)
    is_denying_B = np.zeros(len(languages_B), bool)
    is_denying_B[denying] = True
    heads_N = is_denying_B[candidates.note_N]
    heads_N &= (candidates.exact_N > 0) | _holds(zipf_T < HEADLESS, candidates)
    rows = _select_heads(candidates, worth_N, alias_cue_N, heads_N)
    begin_B = np.searchsorted(candidates.note_N[rows], np.arange(len(languages_B) + 1)).tolist()
    places = candidates.first_N[rows], candidates.last_N[rows]
    columns = (*places, alias_cue_N[rows], worth_N[rows] >= HEAD_WORTH)
    heads = list(zip(*(column.tolist() for column in columns), strict=True))
    stem_T = np.zeros(len(stream.row_T), bool)
    stem_T[places[0][stem_N[rows]]] = True
    words = _weigh_words(stream, zipf_T, known_T)
    for note in denying:
        low, high = stream.begin_B[note : note + 2].tolist()
        written = write_note(stream, forms_V, note, low, high, languages_B[note])
        part = words.take(low, high)
        parted = frozenset(np.flatnonzero(part.parted_T).tolist())
        found = find_cues_and_masks(written.forms, written.language, parted)
        cues = [c for c in found if c.kind != MASK and c.first not in written.asked]
        if any(cue.kind in (*DENIERS, MASK) for cue in found):
            own = heads[begin_B[note] : begin_B[note + 1]]
            heads_of_note = [Head(a - low, b - low, *is_) for a, b, *is_ in own]
            named = trim_heads(heads_of_note, cues, written.forms, written.language)
            scene = set_scene(part, written, named, cues, stem_T[low:high])
            _mark(marks_4T[:3, low:high], cues, scene)
            _mark_near(marks_4T[3, low:high], found, scene)
    denied_N, over_N, inside_N, near_N = (_holds(marked_T, candidates) for marked_T in marks_4T)
    denied_N |= over_N if ends_N is None else over_N & ~(ends_N & inside_N)
    return Polarity(denied_N, inside_N, near_N)


def _select_heads(c: Candidates, worth_N: Floats, alias_cue_N: Bools, may_N: Bools) -> Ints:
    """Rows of the possible heads: candidates without overlap, in reading order; int64."""
    least_N = np.where(alias_cue_N, HEAD_WORTH, LEAST_WORTH)
    rated_N = np.where(alias_cue_N, CUE_IN_ALIAS, 1) * worth_N
    return select_mentions(c, rated_N, may_N & (worth_N >= least_N))


def _weigh_words(stream: NoteStream, zipf_T: Floats, known_T: Bools) -> Words:
    return Words(
        np.where(stream.unspaced_T | (zipf_T >= COMMON), LIGHT, 1.0),
        stream.comma_T | (np.diff(stream.sentence_T, prepend=0) != 0),
        stream.sentence_T,
        stream.unspaced_T,
        (zipf_T >= SAYS_LITTLE) & ~stream.unspaced_T,
        known_T & (zipf_T < SAYS_LITTLE) & ~stream.unspaced_T,
    )


def _mark(marks_3T: Bools, cues: Sequence[Cue], scene: Scene) -> None:
    """Marks tokens in place: those denied, those said to be over, and those of the cues."""
    for cue in cues:
        if cue.kind not in DENIERS or cue.first in scene.spent:
            continue
        marks_3T[2, [*cue.tokens]] = True
        for first, last in take_heads(cue, scene):
            marks_3T[int(cue.kind == OVER), first : last + 1] = True


def _mark_near(near_T: Bools, cues: Sequence[Cue], scene: Scene) -> None:
    """Marks the tokens in reach of a cue, ignoring heads and lists.

    A masked cue reaches only the words of its mask: "cannot tolerate".
    """
    for cue in cues:
        # Not the cue itself: a span may begin or end with the cue of a neighbouring clause.
        near_T[cue.first : cue.last + 1] |= cue.kind == MASK
        for at, step, may in ((cue.last, 1, cue.before), (cue.first, -1, cue.after)):
            token = at + step
            while may and 0 <= token < len(near_T):
                if scene.apart(min(at, token), max(at, token)) > REACH:
                    break
                near_T[token] = True
                token += step


def _list_denying(
    stream: NoteStream, forms_V: Sequence[str], languages_B: Sequence[str]
) -> list[int]:
    """Rows of the notes that contain a word that may begin a negation cue, ascending."""
    written_V = [(form, *ACCENTED.get(form, ())) for form in forms_V]
    may_V = np.array([any(map(may_deny_somewhere, each)) for each in written_V], bool)
    may_T = np.flatnonzero(may_V[stream.row_T])
    last_T = np.diff(stream.note_T, append=-1)[may_T] != 0
    after_T = np.where(last_T, 0, np.append(stream.row_T, 0)[may_T + 1])  # row 0 is padding
    columns = (stream.note_T[may_T], stream.row_T[may_T], after_T)
    notes: set[int] = set()
    for note, row, after in zip(*(column.tolist() for column in columns), strict=True):
        if note not in notes and any(
            may_deny(form, follows, languages_B[note])
            for form in written_V[row]
            for follows in written_V[after]
        ):
            notes.add(note)
    return sorted(notes)


def _holds(marked_T: Bools, c: Candidates) -> Bools:
    """Whether each candidate contains a marked token; bool [N]."""
    before = np.concatenate([[0], np.cumsum(marked_T)])
    held: Bools = before[c.last_N + 1] > before[c.first_N]
    return held
