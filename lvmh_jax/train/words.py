"""Lists the words that a step reads, so that nothing is computed for the padding of phrases.

A phrase has room for ten words but holds two or three. The places that hold a word are listed, in
an array of the same length for every step (`tables.bound_plans`), and all work per word (random
bits, gathers, gates) is done for these only. With several devices and in populations every place is
listed: making a list would need communication, and members have words at different places.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lvmh_jax.train.losses import Key, drop_grams
from lvmh_jax.train.tables import count_before, list_true


class Places(NamedTuple):
    """Places for words in B rows of a batch: N phrases of T places each, then D contexts of R.

    Attributes:
      phrases_BNT, around_BDR: int32 tokens; 0 is padding.
      pairs_BNT: int32 gram of a word and the one before it; 0 for padding.
    """

    phrases_BNT: jax.Array
    pairs_BNT: jax.Array
    around_BDR: jax.Array

    def sum_words(self, values_WD: jax.Array, row_W: jax.Array | None) -> jax.Array:
        """Sums over the words of each phrase, then of each context; float32 sums_BMD."""
        rows, phrases, length = self.phrases_BNT.shape
        contexts, around = self.around_BDR.shape[1:]
        width = values_WD.shape[-1]
        if row_W is not None:
            sums_MD = jnp.zeros((rows * (phrases + contexts), width), values_WD.dtype)
            sums_MD = sums_MD.at[row_W].add(values_WD, mode="drop")
            # The barrier keeps XLA from fusing the producer of the gradient into its gather, which
            # would recompute it for every word.
            return jax.lax.optimization_barrier(sums_MD).reshape(rows, -1, width)
        values_BQD = values_WD.reshape(rows, -1, width)
        parts = ((slice(None, phrases * length), length), (slice(phrases * length, None), around))
        sums = [values_BQD[:, part].reshape(rows, -1, room, width).sum(-2) for part, room in parts]
        return jnp.concatenate(sums, 1)


class Words(NamedTuple):
    """W words of a batch, in the order of their places.

    Attributes:
      grams_WF, pairs_W1: int32 rows of the gram table; 0 for padding and dropped ones.
      rarity_W: float32 rarity (idf).
      row_W: int32 phrase or context of each word, or M, one past the last, for padding; None if
        every place is listed.
    """

    grams_WF: jax.Array
    pairs_W1: jax.Array
    rarity_W: jax.Array
    row_W: jax.Array | None

    @property
    def ids(self) -> tuple[jax.Array, ...]:
        """The gram-table rows to look up."""
        return self.grams_WF, self.pairs_W1


def list_words(
    places: Places,
    grams_VF: jax.Array,
    rarity_V: jax.Array,
    key: Key,
    rate: float,
    most: int = 0,
) -> Words:
    """Lists the words of a batch, with dropout applied to the words of its phrases.

    What is dropped depends only on the key and the place, not on how words are listed.

    Args:
      places: places of the batch.
      grams_VF: int32 gram rows of each token.
      rarity_V: float32 rarity of each token.
      key: dropout key of the step.
      rate: dropout rate of the grams.
      most: W, an upper bound of the number of words; 0 lists every place.
    """
    rows, phrases, length = places.phrases_BNT.shape
    contexts, around = places.around_BDR.shape[1:]
    behind = ((0, 0), (0, contexts * around))  # context words have no pairs and no dropout

    def join(phrases_BNT: jax.Array) -> jax.Array:
        return jnp.pad(phrases_BNT.reshape(rows, -1), behind)

    words_BN1 = (places.phrases_BNT > 0).sum(-1, keepdims=True)
    is_several_BNT = jnp.broadcast_to(words_BN1 > 1, places.phrases_BNT.shape)
    tokens_BQ = jnp.concatenate(
        [places.phrases_BNT.reshape(rows, -1), places.around_BDR.reshape(rows, -1)], 1
    )
    room_M = [length] * phrases + [around] * contexts
    row_Q = np.repeat(np.arange(len(room_M)), room_M)
    row_BQ = np.arange(rows)[:, None] * len(room_M) + row_Q
    is_whole_BQ = np.broadcast_to(row_Q >= phrases, row_BQ.shape)
    told = (tokens_BQ, join(places.pairs_BNT), join(is_several_BNT), is_whole_BQ)
    flat = [jnp.asarray(each).reshape(-1) for each in told]
    place_W, row_W = jnp.arange(flat[0].size, dtype="int32"), None
    if most:
        is_word_P = flat[0] > 0
        place_W = list_true(is_word_P, count_before(is_word_P), most)
        flat = [each.at[place_W].get(mode="fill", fill_value=0) for each in flat]
        row_P = jnp.asarray(row_BQ.reshape(-1), "int32")
        # Padding goes to a row just past the last. Rows further away might be on a missing page,
        # where each masked access costs a fault (`tables.add_rows`).
        row_W = row_P.at[place_W].get(mode="fill", fill_value=rows * len(room_M))
    tokens_W, pairs_W, is_several_W, is_whole_W = flat
    grams_WF, pairs_W = drop_grams(
        key, place_W, grams_VF[tokens_W], pairs_W, is_several_W, is_whole_W, rate
    )
    return Words(grams_WF, pairs_W[:, None], rarity_V[tokens_W], row_W)
