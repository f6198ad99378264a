"""The mention scorer: features of a candidate to two logits, "is a mention" and "is negated"."""

from __future__ import annotations

import flax.linen as nn
import jax


class MentionScorer(nn.Module):
    """A small MLP; its inputs are standardised features."""

    hidden: int

    @nn.compact
    def __call__(self, features_NF: jax.Array) -> jax.Array:
        """Logits of "this concept is expressed here" and "and it is negated"; logits_N2."""
        hidden_NH = nn.silu(nn.Dense(self.hidden)(features_NF))
        hidden_NH = nn.silu(nn.Dense(self.hidden)(hidden_NH))
        return nn.Dense(2)(hidden_NH)
