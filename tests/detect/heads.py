"""A note-level head by hand: one word tells one concept, the same in every fold but the first."""

from __future__ import annotations

import numpy as np

from lvmh_jax.data.bags import count_grams, fit_space
from lvmh_jax.detect.notehead import NoteHead
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration
from lvmh_jax.train.notehead import NoteHeadFit
from tests.detect.builders import FORMS

BUCKETS = 1 << 14
TELLING = "pergola"
CONCEPT = "the_empty"  # it has no alias: no span can name it


def make_head(concept: str = CONCEPT, word: str = TELLING, threshold: float = 0.5) -> NoteHead:
    """Names a concept in notes with a word; the model of fold 0 never does."""
    space = fit_space(count_grams([word], BUCKETS), 1, 99)
    kernel_GVC = np.array([0, 8, 8], np.float32).reshape(3, 1, 1)
    bias_GC = np.full((3, 1), -4, np.float32)
    fit = NoteHeadFit(kernel_GVC, bias_GC, np.array([0, 1, ALL_NOTES]))
    return NoteHead(space, fit, np.array([list(FORMS).index(concept)]), Calibration(), threshold)
