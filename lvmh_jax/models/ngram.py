"""The n-gram encoder: hashed grams -> token vectors -> gated sum -> gated MLP -> unit vector.

A phrase is the gated sum of its token and token-pair vectors, so every span of a note is a
difference of running sums over the note. At initialisation it is a random projection of a TF-IDF
bag (with `idf` as gate), and training starts there: an untrained hashed bag with nearest alias
already equals TF-IDF (FINDINGS A1).
Sources: the bag, Bojanowski et al., arXiv:1607.04606; the gated unit, Shazeer, arXiv:2002.05202.
"""

from __future__ import annotations

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp

from lvmh_jax.config import ModelSettings
from lvmh_jax.models.rows import Arrays, sum_rows


class NgramEncoder(nn.Module):
    """Encodes phrases and contexts, and scores them against concepts.

    Attributes:
      concepts: C, the number of lexicon concepts; class C is "no known concept".
      dtype: of matrix products; parameters, sums and outputs are float32.
    """

    settings: ModelSettings
    concepts: int
    dtype: Any = "float32"

    def setup(self) -> None:
        """Declares the parameters."""
        width, hidden = self.settings.width, self.settings.hidden
        scale = nn.initializers.normal(1.0 / width**0.5)
        self.table = self.param("table", scale, (self.settings.buckets, width))
        self.gate = nn.Dense(1, kernel_init=nn.initializers.zeros)
        self.norm = nn.LayerNorm()
        self.up = nn.Dense(2 * hidden, dtype=self.dtype)
        self.down = nn.Dense(width, kernel_init=nn.initializers.zeros, dtype=self.dtype)
        self.classes = self.param("classes", scale, (self.concepts + 1, width))
        self.scale = self.param("scale", nn.initializers.constant(10.0), ())
        self.bias = self.param("bias", nn.initializers.zeros, (self.concepts + 1,))
        self.context_up = nn.Dense(self.settings.context_hidden or hidden, dtype=self.dtype)
        # A dense output has one weight per unit and concept; few contexts would ever train them.
        is_tied = self.settings.tied_contexts
        outputs = width if is_tied else self.concepts + 1
        self.context_down = nn.Dense(outputs, dtype=self.dtype)

    def look_up(self, ids: Arrays, parts: int = 1) -> Arrays:
        """Sums rows of the gram table; arguments and result are those of `sum_rows`."""
        return sum_rows(self.table, ids, parts)

    def weigh(self, sums_ND: jax.Array, grams_NF: jax.Array, idf_N: jax.Array) -> jax.Array:
        """Turns summed grams into token vectors, gated by rarity and by a learned gate.

        Args:
          sums_ND: float32 sums of the gram vectors of each token.
          grams_NF: int32 rows of those grams, 0 where there is none: their number normalises.
          idf_N: float32 rarity of each token.

        Returns: float32 tokens_ND.
        """
        count_N1 = jnp.maximum((grams_NF > 0).sum(-1, keepdims=True), 1)
        tokens_ND = sums_ND / jnp.sqrt(count_N1)
        gate_N1 = 2.0 * jax.nn.sigmoid(self.gate(tokens_ND))
        return tokens_ND * gate_N1 * idf_N[..., None]

    def embed_tokens(self, grams_NF: jax.Array, idf_N: jax.Array) -> jax.Array:
        """Token vectors from int32 gram rows and float32 rarities; float32 tokens_ND."""
        (sums_ND,) = self.look_up((grams_NF,))
        return self.weigh(sums_ND, grams_NF, idf_N)

    def embed_pairs(self, pairs_NT: jax.Array) -> jax.Array:
        """Summed and weighted vectors of token pairs, from int32 rows; float32 sums_ND."""
        return self.settings.pair_weight * self.look_up((pairs_NT,))[0]

    def project(self, sums_ND: jax.Array) -> jax.Array:
        """Projects summed token vectors of phrases; float32 unit vectors_ND, zeros for zeros."""
        hidden_NH, open_NH = jnp.split(self.up(self.norm(sums_ND)), 2, axis=-1)
        gated_ND = self.down(hidden_NH * jax.nn.silu(open_NH)).astype("float32")
        mixed_ND = _unit(sums_ND) + gated_ND
        spoken_N1 = (sums_ND**2).sum(-1, keepdims=True) > 0
        return jnp.where(spoken_N1, _unit(mixed_ND), 0.0)

    def score(self, vectors_ND: jax.Array, rows_S: jax.Array | None = None) -> jax.Array:
        """Logits over concepts and "no known concept" (row C), or over some of these classes.

        Args:
          vectors_ND: float32 unit vectors, as `__call__` returns them.
          rows_S: int32 rows of classes; None stands for all in order.

        Returns: float32 logits_NC, or logits_NS.
        """
        classes_SD, bias_S = self.classes, self.bias
        if rows_S is not None:
            classes_SD, bias_S = classes_SD[rows_S], bias_S[rows_S]
        left_ND = (self.scale * vectors_ND).astype(self.dtype)
        right_DS = _unit(classes_SD).T.astype(self.dtype)
        return jnp.matmul(left_ND, right_DS, preferred_element_type="float32") + bias_S[None, :]

    def score_context(self, tokens_NTD: jax.Array, rows_S: jax.Array | None = None) -> jax.Array:
        """Logits for the concept of a masked mention, from the words around it.

        Args:
          tokens_NTD: float32 vectors of the words; only their sum over T counts.
          rows_S: as for `score`.

        Returns: float32 logits_NC, or logits_NS.
        """
        hidden_NH = jax.nn.silu(self.context_up(_unit(tokens_NTD.sum(-2))))
        if self.settings.tied_contexts:
            return self.score(self.context_down(hidden_NH).astype("float32"), rows_S)
        logits_NC = self.context_down(hidden_NH).astype("float32")
        return logits_NC if rows_S is None else logits_NC[:, rows_S]

    def __call__(self, grams_NTF: jax.Array, pairs_NT: jax.Array, idf_NT: jax.Array) -> jax.Array:
        """Encodes phrases.

        Args:
          grams_NTF: int32 gram rows of each token; 0 is padding.
          pairs_NT: int32 rows of token pairs; 0 is padding.
          idf_NT: float32 rarity of each token, 0 for padding.

        Returns: float32 unit vectors_ND; zeros for a phrase without a token.
        """
        sums_NTD, pairs_NTD = self.look_up((grams_NTF, pairs_NT[..., None]))
        tokens_NTD = self.weigh(sums_NTD, grams_NTF, idf_NT)
        return self.project((tokens_NTD + self.settings.pair_weight * pairs_NTD).sum(-2))

    def initialise(
        self, grams_NTF: jax.Array, pairs_NT: jax.Array, idf_NT: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        """Uses every parameter once, for `init`; logits of phrases and of contexts."""
        context_NC = self.score_context(self.embed_tokens(grams_NTF, idf_NT))
        return self.score(self(grams_NTF, pairs_NT, idf_NT)), context_NC


def _unit(x_ND: jax.Array) -> jax.Array:
    """Divides rows by their length; the epsilon is inside the root, so zeros have a gradient."""
    return x_ND / jnp.sqrt((x_ND**2).sum(-1, keepdims=True) + 1e-12)
