"""The note-level head: concepts that a note holds as a whole, by all of its words.

It names them where no span does; and it may be evidence for a span, which its own words may not be
enough for: "room" is `room_cleanliness` in a review that speaks of dust.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.bags import BagSpace, count_grams, weigh_grams
from lvmh_jax.data.sorting import find_sorted
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.memory import Recalled
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration
from lvmh_jax.train.notehead import NoteHeadFit

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class NoteHead:
    """Fitted models, and what their logits mean.

    Attributes:
      space: the words they read.
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

    def score(self, texts: Sequence[str], group_B: Ints | None = None) -> Floats:
        """Logit of each concept in each text; float32 logits_BK.

        Args:
          texts: a batch of notes.
          group_B: the fold whose model scores a note (it did not see it); by default the model
            that saw all.
        """
        bags_BV = weigh_grams(count_grams(texts, self.space.buckets), self.space)
        wanted_B = np.full(len(texts), ALL_NOTES) if group_B is None else group_B
        logits_BK = np.zeros((len(texts), len(self.concept_K)), np.float32)
        for group in np.unique(wanted_B):
            rows = np.flatnonzero(wanted_B == group)
            (model,) = np.flatnonzero(self.fit.group_G == group)
            logits_BK[rows] = bags_BV[rows] @ self.fit.kernel_GVC[model] + self.fit.bias_GC[model]
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


def mark_spoken(note_M: Ints, concept_M: Ints, notes: int, concepts: int, concept_K: Ints) -> Bools:
    """Which concepts of a head some span already names, affirmed or denied; bool spoken_BK.

    A concept that is denied in place counts as named: its words are there, and the head, which
    knows no order, would take them for the opposite.
    """
    spoken_BC = np.zeros((notes, concepts), bool)
    spoken_BC[note_M, concept_M] = True
    return spoken_BC[:, concept_K]
