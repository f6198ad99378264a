"""The mention scorer: features of a candidate to two logits, "is a mention" and "is negated"."""

from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

# Logit of "negated" where a cue denies a candidate and nothing was learned: odds of twenty to one.
# In the demo's gold it is 55 to 4; where annotators mark what is denied like all else, the scorer
# learns that within a few notes.
DENIAL_LOGIT = 3.0
# Denied candidates, some four to a mention, of which half of what was learned is believed.
DENIED_BELIEF = 80.0
FIRST, LAST = "Dense_0", "Dense_2"  # layers of `MentionScorer`, as flax names them


def gate_polarity(logits_N2: jax.Array, denied_N: jax.Array) -> jax.Array:
    """Only what a cue denies may be negated, and is unless the scorer learned that it is not.

    >>> gate_polarity(jnp.zeros((2, 2)), jnp.array([True, False])).tolist()
    [[0.0, 3.0], [0.0, -3.0]]
    """
    negated_N = jnp.where(denied_N, logits_N2[:, 1] + DENIAL_LOGIT, -DENIAL_LOGIT)
    return logits_N2.at[:, 1].set(negated_N)


def shrink_polarity(params_G: Any, denied_G: NDArray[np.float32]) -> Any:
    """Parameters of models whose "negated" logit counts by what it was learned from.

    From two denied mentions a model learns to overrule the cue wherever it is asked (docs/log.md).
    Source: shrinkage of a mean towards its prior, Efron and Morris, JASA 70(350), 1975.

    Args:
      params_G: of a `MentionScorer`, numpy arrays with a leading axis of models.
      denied_G: float32, denied candidates that each model learned from and that are mentions.
    """
    share_G = denied_G / (denied_G + DENIED_BELIEF)
    last = params_G["params"][LAST]
    kernel_GH2, bias_G2 = last["kernel"].copy(), last["bias"].copy()
    kernel_GH2[:, :, 1] *= share_G[:, None]
    bias_G2[:, 1] *= share_G
    scaled = {"kernel": kernel_GH2, "bias": bias_G2}
    return {**params_G, "params": {**params_G["params"], LAST: scaled}}


class MentionScorer(nn.Module):
    """A small MLP; its inputs are standardised features."""

    hidden: int

    @nn.compact
    def __call__(self, features_NF: jax.Array) -> jax.Array:
        """Logits of "this concept is expressed here" and "and it is negated"; logits_N2.

        The second is to go through `gate_polarity`.
        """
        hidden_NH = nn.silu(nn.Dense(self.hidden)(features_NF))
        hidden_NH = nn.silu(nn.Dense(self.hidden)(hidden_NH))
        return nn.Dense(2)(hidden_NH)
