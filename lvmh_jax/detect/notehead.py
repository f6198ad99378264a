"""The note-level head: scores concepts for a whole note, from all of its words.

It reports concepts that no span expresses. It can also inform the scorer of spans whose own words
are not enough: "room" means `room_cleanliness` in a review that mentions dust.
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
SIGNS = 3  # signs per concept: encoder, dictionary, soft index
NOTHING = -10.0  # logit for a note without any known input; the bias alone is no evidence


@dataclass(frozen=True)
class NoteHead:
    """Fitted note-level models and their calibration.

    Attributes:
      space: the input features of a note.
      fit: weights per fold.
      concept_K: int64 rows of the concepts that the models know, ascending.
      calibration: logits to confidence, fitted on notes in which no span names the concept.
      threshold: lowest confidence at which a concept is reported; OFF reports none.
      informs: whether the span scorer was fitted with the head's logits as a feature.
    """

    space: BagSpace
    fit: NoteHeadFit
    concept_K: Ints
    calibration: Calibration
    threshold: float
    informs: bool = False

    @property
    def speaks(self) -> bool:
        """Whether it may report concepts without a span."""
        return self.threshold < OFF

    def view(
        self, stream: NoteStream, signs_BS: csr_array, group_B: Ints | None = None
    ) -> NoteView:
        """Scores a batch of notes.

        Args:
          stream: the notes.
          signs_BS: float32 [B, 3 C] signs from their candidates (`list_signs`).
          group_B: int64 fold whose model scores each note (it was not fitted on that note); by
            default the model that was fitted on all notes.
        """
        bags = self.space.make_bags(stream.table.forms, stream.row_T, stream.note_T, signs_BS)
        return NoteView(self.score(bags, group_B), self.concept_K)

    def score(self, bags_BV: csr_array, group_B: Ints | None = None) -> Floats:
        """Scores bags of features; float32 logits_BK of each concept in each note."""
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
        """Probability of each concept, given that no span names it; float32 [B, K]."""
        sure_N = self.calibration.confidence(logits_BK.ravel(), np.zeros(logits_BK.size))
        return sure_N.reshape(logits_BK.shape)

    def require(self, confidence: float) -> NoteHead:
        """Returns the head with its threshold raised to at least `confidence`."""
        return replace(self, threshold=max(self.threshold, confidence))

    def silence(self) -> NoteHead | None:
        """Returns the head for informing spans only; None if it does not inform them."""
        return replace(self, threshold=OFF) if self.informs else None


class NoteView(NamedTuple):
    """Output of the head for a batch of notes.

    Attributes:
      logits_BK: float32 logit of each concept in each note.
      concept_K: int64 rows of these concepts, ascending.
    """

    logits_BK: Floats
    concept_K: Ints

    def inform(self, recalled: Recalled, note_N: Ints, concept_N: Ints) -> Recalled:
        """Adds the head's logits to the statistics of candidates.

        Args:
          recalled: statistics of N candidates.
          note_N: int64 row of each candidate's note in the batch.
          concept_N: int64 row of its concept.
        """
        place_N, known_N = find_sorted(self.concept_K, concept_N)
        logit_N = np.where(known_N, self.logits_BK[note_N, place_N], 0.0)
        columns = logit_N.astype(np.float32), known_N.astype(np.float32)
        return replace(recalled, note_N=columns[0], judged_N=columns[1])


def list_signs(candidates: Candidates, encoder_N: Floats, notes: int, concepts: int) -> csr_array:
    """Signs of concepts in notes: the best candidate score of each concept, from three sources.

    Candidates that only the memory produced are left out: they depend on annotation.

    Args:
      candidates: candidates of a batch of notes.
      encoder_N: float32 probability of each candidate's concept, by the encoder.
      notes: B.
      concepts: C.

    Returns: float32 [B, 3 C]: encoder, dictionary, soft index.
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
    """Which of the head's concepts a span already names, affirmed or denied; bool spoken_BK.

    A denied concept counts as named. The head ignores word order and would otherwise report the
    concept as affirmed from the same words.
    """
    spoken_BC = np.zeros((notes, concepts), bool)
    spoken_BC[note_M, concept_M] = True
    return spoken_BC[:, concept_K]
