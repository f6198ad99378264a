"""The note-level head: concepts that a note holds as a whole, by all of its words.

It names them where no span does; and it may be evidence for a span, which its own words may not be
enough for: "room" is `room_cleanliness` in a review that speaks of dust.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lvmh_jax.data.bags import BagSpace
from lvmh_jax.data.sorting import find_heads, find_sorted
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.memory import Recalled
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration
from lvmh_jax.detect.stream import NoteStream
from lvmh_jax.train.notehead import NoteHeadFit

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SIGNS = 3  # ways in which a concept may show
NOTHING = -10.0  # logit in a note that has nothing of what a head reads: a bias is no evidence


@dataclass(frozen=True)
class NoteHead:
    """Fitted models, and what their logits mean.

    Attributes:
      space: what they read of a note.
      fit: weights, by fold.
      concept_K: int64 rows of the concepts that they know.
      calibration: of notes in which no span names the concept.
      threshold: in confidence; below it a concept is not named.
      informs: whether the scorer of spans was fitted to look at it.
    """

    space: BagSpace
    fit: NoteHeadFit
    concept_K: Ints
    calibration: Calibration
    threshold: float
    informs: bool = False

    @property
    def speaks(self) -> bool:
        """Whether it may name a concept by itself."""
        return self.threshold < OFF

    def view(
        self, stream: NoteStream, signs_BS: csr_array, group_B: Ints | None = None
    ) -> NoteView:
        """What it says of a batch of notes.

        Args:
          stream: the notes.
          signs_BS: what their candidates are signs of, by `list_signs`.
          group_B: the fold whose model scores a note (it did not see it); by default the model
            that saw all.
        """
        bags = self.space.make_bags(stream.table.forms, stream.row_T, stream.note_T, signs_BS)
        return NoteView(self.score(bags, group_B), self.concept_K)

    def score(self, bags_BV: csr_array, group_B: Ints | None = None) -> Floats:
        """Logit of each concept in each note; float32 logits_BK."""
        notes = bags_BV.shape[0]
        wanted_B = np.full(notes, ALL_NOTES) if group_B is None else group_B
        logits_BK = np.zeros((notes, len(self.concept_K)), np.float32)
        for group in np.unique(wanted_B):
            rows = np.flatnonzero(wanted_B == group)
            (model,) = np.flatnonzero(self.fit.group_G == group)
            logits_BK[rows] = bags_BV[rows] @ self.fit.kernel_GVC[model] + self.fit.bias_GC[model]
        logits_BK[np.diff(bags_BV.indptr) == 0] = NOTHING
        return logits_BK

    def confide(self, logits_BK: Floats) -> Floats:
        """Probability that each concept holds, given that no span names it; float32 [B, K]."""
        sure_N = self.calibration.confidence(logits_BK.ravel(), np.zeros(logits_BK.size))
        return sure_N.reshape(logits_BK.shape)

    def require(self, confidence: float) -> NoteHead:
        """The same head with a threshold that is no lower than asked for."""
        return replace(self, threshold=max(self.threshold, confidence))

    def silence(self) -> NoteHead | None:
        """The same head where it informs spans, naming nothing; None where it does not."""
        return replace(self, threshold=OFF) if self.informs else None


class NoteView(NamedTuple):
    """What a head says of a batch of notes.

    Attributes:
      logits_BK: float32, that a note holds a concept,
      concept_K: int64, and which concepts these are, rising.
    """

    logits_BK: Floats
    concept_K: Ints

    def inform(self, recalled: Recalled, note_N: Ints, concept_N: Ints) -> Recalled:
        """What is remembered of candidates, and what their notes say of their concepts.

        Args:
          recalled: of N candidates.
          note_N: the note of each in the batch.
          concept_N: and its concept.
        """
        place_N, known_N = find_sorted(self.concept_K, concept_N)
        logit_N = np.where(known_N, self.logits_BK[note_N, place_N], 0.0)
        columns = logit_N.astype(np.float32), known_N.astype(np.float32)
        return replace(recalled, note_N=columns[0], judged_N=columns[1])


def list_signs(candidates: Candidates, encoder_N: Floats, notes: int, concepts: int) -> csr_array:
    """What the candidates of notes are signs of: the surest of each concept, in three ways.

    What the memory alone calls up is none: whether it is there depends on annotation.

    Args:
      candidates: of a batch of notes.
      encoder_N: probability of each one's concept by the encoder.
      notes: B.
      concepts: C.

    Returns: float32 [B, 3 C], by the encoder, by the dictionary and by the soft index.
    """
    rows = np.flatnonzero(candidates.recalled_N == 0)
    key = candidates.note_N[rows] * np.int64(concepts) + candidates.concept_N[rows]
    order = np.argsort(key, kind="stable")
    heads = find_heads(key[order])
    note, concept = np.divmod(key[order[heads]], concepts)
    ways = encoder_N, candidates.exact_N, candidates.coverage_ND[:, 0]
    if not len(heads):
        return csr_array((notes, SIGNS * concepts), dtype=np.float32)
    best = [np.maximum.reduceat(way[rows][order].astype(np.float32), heads) for way in ways]
    columns = np.concatenate([concept + way * concepts for way in range(SIGNS)])
    signs = csr_array(
        (np.concatenate(best), (np.tile(note, SIGNS), columns)), shape=(notes, SIGNS * concepts)
    )
    signs.eliminate_zeros()
    return signs


def mark_spoken(note_M: Ints, concept_M: Ints, notes: int, concepts: int, concept_K: Ints) -> Bools:
    """Which concepts of a head some span already names, affirmed or denied; bool spoken_BK.

    A concept that is denied in place counts as named: its words are there, and the head, which
    knows no order, would take them for the opposite.
    """
    spoken_BC = np.zeros((notes, concepts), bool)
    spoken_BC[note_M, concept_M] = True
    return spoken_BC[:, concept_K]
