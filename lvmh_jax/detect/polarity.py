"""What denies a candidate: a cue denies one thing, and the things of a note compete for it.

"Navy tote, no leather but canvas": every concept here stands near "no", and one is denied. So the
best candidates of a note, none overlapping, are its heads; a cue takes the nearest head on its
side, with its list (`listing`), and never looks across a "but" or the end of a sentence, nor
across a comma, save where it begins what comes behind, or is all of it ("a scarf, not interested",
"black, she does not"). "And no" begins something new. What is asked is not denied, but by the
answer. A candidate is denied where it shares a token with a denied head.
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

# What is worth less is no rival: at .5 verbs and function words take cues (docs/log.md).
HEAD_WORTH = 0.8
# What is worth as much may be denied by a cue that denies nothing else: "no tiene perros".
LEAST_WORTH = 0.4
LIGHT = 0.5  # words that a common word, or a Han or kana character, counts for
# Zipf frequencies from which a word counts for half, may stand in a clause that says nothing else
# ("she does not like"), and is no head unless the dictionary matches (docs/log.md).
COMMON, SAYS_LITTLE, HEADLESS = 6.5, 5.5, 6.0
# What an alias with a cue is worth beside one without: who says "no nut allergy" speaks of nuts,
# though "no allergy" is a concept.
CUE_IN_ALIAS = 0.9


@dataclass(frozen=True)
class Polarity:
    """What cues say of candidates; bool [N].

    Attributes:
      denied_N: a cue takes it.
      inside_N: it holds one.
      near_N: it holds a word that denies or is near one, masked or not: "cannot tolerate nickel".
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
    """Finds what denies each candidate.

    Args:
      stream: the notes.
      candidates: of these notes.
      languages_B: upper-case ISO 639-1, or anything else where it is not known.
      worth_N: how likely each is a mention, in [0, 1], before polarity is known.
      alias_cue_N: whether its alias itself holds a cue.
      zipf_T: how common each token of the stream is.
      known_T: whether it is a word of the lexicon.
      stem_N: whether a candidate is its alias but for what is written with it; none by default.
      ends_N: whether its name says itself that something is over, which denies it not then.
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
    """Rows of what cues may take, none overlapping, in reading order."""
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
    """Marks the tokens of what a note denies, of what it says is over, and of the cues."""
    for cue in cues:
        if cue.kind not in DENIERS or cue.first in scene.spent:
            continue
        marks_3T[2, [*cue.tokens]] = True
        for first, last in take_heads(cue, scene):
            marks_3T[int(cue.kind == OVER), first : last + 1] = True


def _mark_near(near_T: Bools, cues: Sequence[Cue], scene: Scene) -> None:
    """Marks what a word that denies may speak of, whatever else is there.

    One under a mask speaks of what is in the mask alone: "cannot tolerate", but "without problems".
    """
    for cue in cues:
        # Not the cue itself: a span may begin or end with the one of a clause beside it.
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
    """Notes that hold words with which a denial may begin, in their order."""
    written_V = [(form, *ACCENTED.get(form, ())) for form in forms_V]
    may_V = np.array([any(map(may_deny_somewhere, each)) for each in written_V], bool)
    may_T = np.flatnonzero(may_V[stream.row_T])
    last_T = np.diff(stream.note_T, append=-1)[may_T] != 0
    after_T = np.where(last_T, 0, np.append(stream.row_T, 0)[may_T + 1])  # row 0 is no form
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
    """Which candidates hold a marked token; bool [N]."""
    before = np.concatenate([[0], np.cumsum(marked_T)])
    held: Bools = before[c.last_N + 1] > before[c.first_N]
    return held
