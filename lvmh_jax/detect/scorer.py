"""The fitted mention scorer: features to calibrated confidence and polarity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import jax
import numpy as np
from numpy.typing import NDArray

from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.evidence import CONTEXT_COLUMN, FEATURES
from lvmh_jax.models.scorer import MentionScorer, gate_polarity
from lvmh_jax.train.scorer import ScorerFit, standardise

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Fit: TypeAlias = tuple[Any, ...]  # parameters of the members, mean and deviation of the features
BLOCK = 1024
DENIED_COLUMN = [feature.name for feature in FEATURES].index("denied")
# Margin of `glance` in logits: how much the context score and the other members may add to one
# member's logit. In four sets of notes no mention was .9 or more below its threshold (docs/log.md).
SLACK = 1.25
ALL_NOTES = -1  # the group of the models that were fitted on every fold


@dataclass(frozen=True)
class Calibration:
    """Beta calibration: confidence from the scorer's logit z, with p = sigmoid(z).

    sigmoid(slope * log p - upper * log(1 - p) + offset + exact * is_exact)

    With equal slopes this is Platt scaling. The scorer is fitted on soft targets (overlap with
    gold), so it gives .8 to certain mentions and needs different slopes above and below one half:
    with one slope the calibration error on hotel reviews was .08, with two .04 (docs/log.md).
    `exact` is there because a dictionary match is right more often than a learned one with the
    same logit.
    Source: Kull et al., "Beta calibration", AISTATS 2017, equation 7.

    Attributes:
      slope: slope of log p, and also of log(1 - p) where `upper` is None.
      offset: added for every candidate.
      exact: added for dictionary matches.
      upper: slope of log(1 - p).
    """

    slope: float = 1.0
    offset: float = 0.0
    exact: float = 0.0
    upper: float | None = None

    def confidence(self, logit_N: Floats, exact_N: NDArray[Any]) -> Floats:
        """Probability that the concept holds for the note.

        Args:
          logit_N: float32, the scorer's first logit.
          exact_N: above 0 for dictionary matches.

        Returns: float32 confidence_N in (0, 1).
        """
        upper = self.slope if self.upper is None else self.upper
        lower_N, upper_N = split_logit(logit_N)
        value_N = self.slope * lower_N + upper * upper_N + self.offset + self.exact * exact_N
        sure_N: Floats = (1.0 / (1.0 + np.exp(-np.clip(value_N, -30, 30)))).astype(np.float32)
        return sure_N


def split_logit(logit_N: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Splits a logit into log p and -log(1 - p), whose sum is the logit; p = sigmoid(logit)."""
    with np.errstate(invalid="ignore"):  # NaN stays NaN
        return -np.logaddexp(0, -logit_N), np.logaddexp(0, logit_N)


@dataclass(frozen=True)
class Thresholds:
    """One threshold per decision, in confidence; above 1 a threshold switches its decision off.

    Attributes:
      keep_exact: a dictionary match below it is dropped.
      add_learned: a learned match below it is not added.
      overlapping: a match below it is not added if it overlaps a surer one.
    """

    keep_exact: float = 0.0
    add_learned: float = OFF
    overlapping: float = OFF


@dataclass(frozen=True)
class Scorer:
    """An ensemble of fitted models per fold, with calibration and thresholds.

    Attributes:
      fit: parameters of all models by group (fold), and mean and deviation of the features.
      hidden: width of each hidden layer.
      calibration: logits to confidence.
      thresholds: confidence to decisions.
    """

    fit: ScorerFit
    hidden: int
    calibration: Calibration
    thresholds: Thresholds

    def score(self, features_NF: Floats, group_N: Ints | None = None) -> Floats:
        """Mean logits over the members of each row's group.

        Args:
          features_NF: float32, raw features.
          group_N: int64 fold whose models score each row (they were not fitted on its note); by
            default the models that were fitted on all notes.

        Returns: float32 logits_N2: "is a mention" and "is negated".
        """
        return self._score_with(self._fits, features_NF, group_N)

    def glance(
        self,
        features_NF: Floats,
        exact_N: NDArray[Any],
        least: float,
        group_N: Ints | None = None,
    ) -> NDArray[np.bool_]:
        """Which candidates may become mentions, judged by one member without the context score.

        The context score is expensive. Dictionary matches pass, and so does any candidate at most
        `SLACK` below the threshold. The others, half of the candidates in most notes, are dropped
        without a full score.
        Source: a cascade, Viola and Jones, CVPR 2001.

        Args:
          features_NF: float32, raw features; the context column is not used.
          exact_N: above 0 for dictionary matches.
          least: the lowest confidence of a mention.
          group_N: as for `score`.

        Returns: bool passes_N.
        """
        blind_NF = features_NF.copy()
        blind_NF[:, CONTEXT_COLUMN] = self.fit.mean_F[CONTEXT_COLUMN]
        logit_N = self._score_with(self._firsts, blind_NF, group_N)[:, 0] + SLACK
        sure_N = self.calibration.confidence(logit_N, np.zeros(len(logit_N)))
        passes_N: NDArray[np.bool_] = (exact_N > 0) | (sure_N >= least)
        return passes_N

    def _score_with(
        self, fits: Mapping[int, Fit], features_NF: Floats, group_N: Ints | None
    ) -> Floats:
        if group_N is None:
            return _run(fits[ALL_NOTES], features_NF, self.hidden)
        logits_N2 = np.zeros((len(features_NF), 2), np.float32)
        for group in np.unique(group_N).tolist():
            rows = np.flatnonzero(group_N == group)
            logits_N2[rows] = _run(fits[group], features_NF[rows], self.hidden)
        return logits_N2

    @cached_property
    def _fits(self) -> dict[int, Fit]:
        return self._hold(len(self.fit.group_G))

    @cached_property
    def _firsts(self) -> dict[int, Fit]:
        return self._hold(1)

    def _hold(self, members: int) -> dict[int, Fit]:
        """Puts up to `members` models per group, and the feature scale, on the device."""
        scale = jax.device_put(self.fit.mean_F), jax.device_put(self.fit.std_F)
        rows = {
            group: np.flatnonzero(self.fit.group_G == group)[:members]
            for group in set(self.fit.group_G.tolist())
        }
        return {
            group: (
                jax.device_put(jax.tree.map(lambda x, own=own: x[own], self.fit.params_G)),
                *scale,
            )
            for group, own in rows.items()
        }


def _run(fits: Fit, features_NF: Floats, hidden: int) -> Floats:
    parts = [np.zeros((0, 2), np.float32)]
    for start in range(0, len(features_NF), BLOCK):
        part = features_NF[start : start + BLOCK]
        padded = part
        if len(part) < BLOCK:
            padded = np.zeros((BLOCK, part.shape[1]), np.float32)
            padded[: len(part)] = part
        parts.append(np.asarray(_apply(hidden)(*fits, padded))[: len(part)])
    return np.concatenate(parts)


@lru_cache(maxsize=8)
def _apply(hidden: int) -> Any:
    model = MentionScorer(hidden)

    def mean_logits(
        params_M: Any, mean_F: jax.Array, std_F: jax.Array, features_NF: jax.Array
    ) -> jax.Array:
        ready_NF = standardise(features_NF, mean_F[None], std_F[None])
        logits_MN2: Any = jax.vmap(lambda p: model.apply(p, ready_NF))(params_M)
        return gate_polarity(logits_MN2.mean(0), features_NF[:, DENIED_COLUMN] > 0)

    return jax.jit(mean_logits)
