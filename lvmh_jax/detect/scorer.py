"""The fitted mention scorer: features to calibrated confidence and polarity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.models.scorer import MentionScorer, gate_polarity
from lvmh_jax.train.scorer import ScorerFit, standardise

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
BLOCK = 4096
DENIED_COLUMN = [feature.name for feature in FEATURES].index("denied")
ALL_NOTES = -1  # the group of the models that saw every fold


@dataclass(frozen=True)
class Calibration:
    """Confidence from the scorer's logit z, whose sigmoid is p.

    sigmoid(slope * log p - upper * log(1 - p) + offset + exact * is_exact)

    With equal slopes this is Platt's sigmoid. A scorer that is taught overlap says .8 of what is
    surely right, and needs another slope above than below: with one, the error on hotel reviews was
    .08, with two .04 (docs/log.md). A dictionary match of the same logit is right more often.
    Source: Kull et al., "Beta calibration", AISTATS 2017, equation 7.

    Attributes:
      upper: None is `slope`.
    """

    slope: float = 1.0
    offset: float = 0.0
    exact: float = 0.0
    upper: float | None = None

    def confidence(self, logit_N: Floats, exact_N: NDArray[Any]) -> Floats:
        """Probability that a mention is right; float32 [N]."""
        upper = self.slope if self.upper is None else self.upper
        lower_N, upper_N = split_logit(logit_N)
        value_N = self.slope * lower_N + upper * upper_N + self.offset + self.exact * exact_N
        sure_N: Floats = (1.0 / (1.0 + np.exp(-np.clip(value_N, -30, 30)))).astype(np.float32)
        return sure_N


def split_logit(logit_N: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Logarithms of p and of 1 / (1 - p), of logits; they add up to the logit."""
    with np.errstate(invalid="ignore"):  # what is no number stays none
        return -np.logaddexp(0, -logit_N), np.logaddexp(0, logit_N)


@dataclass(frozen=True)
class Thresholds:
    """One calibrated threshold a decision, in confidence.

    Attributes:
      keep_exact: a dictionary match below it is dropped.
      add_learned: a learned match below it is not added; above 1 nothing is.
      overlapping: a match below it is not added where it overlaps a surer one.
    """

    keep_exact: float = 0.0
    add_learned: float = OFF
    overlapping: float = OFF


@dataclass(frozen=True)
class Scorer:
    """Fitted models and what their logits mean."""

    fit: ScorerFit
    hidden: int
    calibration: Calibration
    thresholds: Thresholds

    def score(self, features_NF: Floats, group_N: Ints | None = None) -> Floats:
        """Mean logits over the members of each row's group; float32 logits_N2.

        Args:
          features_NF: raw features.
          group_N: the fold whose models score a row (they did not see its note); by default the
            models that saw all.
        """
        if not len(features_NF):
            return np.zeros((0, 2), np.float32)
        ready_NF = standardise(features_NF, self.fit.mean_F, self.fit.std_F)
        denied_N = features_NF[:, DENIED_COLUMN] > 0
        wanted_N = np.full(len(ready_NF), ALL_NOTES) if group_N is None else group_N
        logits_N2 = np.zeros((len(ready_NF), 2), np.float32)
        for group in np.unique(wanted_N):
            rows = np.flatnonzero(wanted_N == group)
            members = np.flatnonzero(self.fit.group_G == group)
            params = jax.tree.map(lambda x, m=members: jnp.asarray(x[m]), self.fit.params_G)
            logits_N2[rows] = _run(params, ready_NF[rows], denied_N[rows], self.hidden)
        return logits_N2


def _run(params_M: Any, features_NF: Floats, denied_N: NDArray[np.bool_], hidden: int) -> Floats:
    parts = []
    for start in range(0, len(features_NF), BLOCK):
        part = features_NF[start : start + BLOCK]
        padding = (0, BLOCK - len(part))
        padded = np.pad(part, [padding, (0, 0)])
        denied = np.pad(denied_N[start : start + BLOCK], padding)
        parts.append(np.asarray(_apply(hidden)(params_M, padded, denied))[: len(part)])
    return np.concatenate(parts)


@lru_cache(maxsize=8)
def _apply(hidden: int) -> Any:
    model = MentionScorer(hidden)

    def mean_logits(params_M: Any, features_NF: jax.Array, denied_N: jax.Array) -> jax.Array:
        logits_MN2: Any = jax.vmap(lambda p: model.apply(p, features_NF))(params_M)
        return gate_polarity(logits_MN2.mean(0), denied_N)

    return jax.jit(mean_logits)
