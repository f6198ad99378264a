"""The mention scorer: features of a candidate to two logits, "is a mention" and "is negated"."""

from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

# Prior logit of "negated" for a candidate that a cue denies: odds of twenty to one. In the demo's
# gold they are 55 to 4. Where annotators mark denied mentions like all others, the scorer learns
# that from a few notes.
DENIAL_LOGIT = 3.0
# Number of denied candidates (some four per mention) at which half of the learned logit counts.
DENIED_BELIEF = 80.0
FIRST, LAST = "Dense_0", "Dense_2"  # layers of `MentionScorer`, as flax names them


def gate_polarity(logits_N2: jax.Array, denied_N: jax.Array) -> jax.Array:
    """Adds the prior of polarity to the second logit: only what a cue denies can be negated.

    Args:
      logits_N2: float32, as `MentionScorer` gives them.
      denied_N: bool, whether a cue denies the candidate.

    Returns: float32 logits_N2; a candidate that no cue denies has a second logit below 0.

    >>> gate_polarity(jnp.zeros((2, 2)), jnp.array([True, False])).tolist()
    [[0.0, 3.0], [0.0, -3.0]]
    """
    negated_N = jnp.where(denied_N, logits_N2[:, 1] + DENIAL_LOGIT, -DENIAL_LOGIT)
    return logits_N2.at[:, 1].set(negated_N)


def shrink_polarity(params_G: Any, denied_G: NDArray[np.float32]) -> Any:
    """Scales the "negated" logit of fitted models by the amount of evidence behind it.

    Without this, two denied mentions taught a model to overrule cues everywhere (docs/log.md).
    Source: shrinkage of a mean towards its prior, Efron and Morris, JASA 70(350), 1975.

    Args:
      params_G: of a `MentionScorer`, numpy arrays with a leading axis of models.
      denied_G: float32, the number of denied candidates that are mentions among the training
        examples of each model.

    Returns: parameters of the same structure; `params_G` is not changed.
    """
    share_G = denied_G / (denied_G + DENIED_BELIEF)
    last = params_G["params"][LAST]
    kernel_GH2, bias_G2 = last["kernel"].copy(), last["bias"].copy()
    kernel_GH2[:, :, 1] *= share_G[:, None]
    bias_G2[:, 1] *= share_G
    scaled = {"kernel": kernel_GH2, "bias": bias_G2}
    return {**params_G, "params": {**params_G["params"], LAST: scaled}}


class MentionScorer(nn.Module):
    """A small MLP over standardised features."""

    hidden: int

    @nn.compact
    def __call__(self, features_NF: jax.Array) -> jax.Array:
        """Logits of "the concept is expressed here" and "it is negated"; float32 logits_N2.

        The second has no prior yet: `gate_polarity` adds it.
        """
        hidden_NH = nn.silu(nn.Dense(self.hidden)(features_NF))
        hidden_NH = nn.silu(nn.Dense(self.hidden)(hidden_NH))
        return nn.Dense(2)(hidden_NH)
