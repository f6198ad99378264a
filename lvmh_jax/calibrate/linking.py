"""Calibrates the confidence of linking on aliases that were hidden from training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import AliasIndex, hide_aliases
from lvmh_jax.detect.link import LinkCalibration, score_phrases, soften

MOST_PHRASES = 512  # enough for one parameter; each phrase costs a row of scores over all aliases
FEWEST_PHRASES = 20


def calibrate_linking(
    index: AliasIndex,
    encoder: PhraseEncoder,
    held_A: NDArray[np.bool_],
    hidden: AliasIndex | None = None,
) -> LinkCalibration:
    """Fits the softmax temperature by maximum likelihood on hidden aliases.

    Args:
      index: index of all aliases.
      encoder: the trained encoder.
      held_A: bool, which aliases were hidden from training; with fewer than 20 the default
        temperature stays.
      hidden: index without these aliases, if already built.
    """
    from scipy.optimize import minimize_scalar

    rows = np.flatnonzero(held_A)
    if len(rows) < FEWEST_PHRASES:
        return LinkCalibration()
    rows = rows[:: max(1, len(rows) // MOST_PHRASES)][:MOST_PHRASES]
    if hidden is None:
        hidden = hide_aliases(index, held_A, encoder)
    scores_NC = score_phrases([index.aliases[row].text for row in rows], hidden, encoder)
    spoken = np.isfinite(scores_NC).any(1)
    scores_NC, right_N = scores_NC[spoken], index.concept_A[rows][spoken]

    def loss(log_temperature: float) -> float:
        probability_NC = soften(scores_NC, float(np.exp(log_temperature)))
        return float(-np.log(probability_NC[np.arange(len(right_N)), right_N] + 1e-9).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.01), np.log(1.0)), method="bounded")
    return LinkCalibration(temperature=float(np.exp(found.x)))
