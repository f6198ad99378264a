"""A note-level head by hand: one gram tells one concept, the same in every fold but the first."""

from __future__ import annotations

import numpy as np

from lvmh_jax.data.bags import SIGN_WEIGHT, BagSpace
from lvmh_jax.data.grams import count_grams
from lvmh_jax.detect.notehead import NoteHead
from lvmh_jax.detect.scorer import ALL_NOTES, Calibration
from lvmh_jax.train.notehead import NoteHeadFit
from tests.detect.builders import FORMS

TELLING = "pergola"
CONCEPT = "the_empty"  # it has no alias: no span can name it
ROWS = {concept: row for row, concept in enumerate(FORMS)}


def make_head(
    concept: str = CONCEPT, threshold: float = 0.5, *, informs: bool = False, sign: str = ""
) -> NoteHead:
    """Names a concept in notes that say "ergo" in a word; the model of fold 0 never does.

    Where a `sign` is given, that the dictionary finds this other concept tells it as well.
    """
    (gram,) = np.intersect1d(*(count_grams([word], (4,)).indices for word in (TELLING, "xergox")))
    signs_S = np.array([len(FORMS) + ROWS[sign]] if sign else [], np.int64)
    space = BagSpace(np.array([gram], np.int64), np.ones(1, np.float32), signs_S)
    weights_V = np.array([8, 8 / SIGN_WEIGHT], np.float32)[: len(space)]
    kernel_GVC = np.array([0, 1, 1], np.float32)[:, None, None] * weights_V[:, None]
    bias_GC = np.full((3, 1), -4, np.float32)
    fit = NoteHeadFit(kernel_GVC, bias_GC, np.array([0, 1, ALL_NOTES]))
    return NoteHead(space, fit, np.array([ROWS[concept]]), Calibration(), threshold, informs)
