"""The objective of the encoder, as pure functions of arrays."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

Key = tuple[jax.Array, jax.Array]


@jax.custom_vjp
def cross_entropy(logits_NC: jax.Array, labels_N: jax.Array) -> jax.Array:
    """Cross-entropy of each example; float32 loss_N, with any number of leading axes.

    Has its own gradient: that of `optax.softmax_cross_entropy_with_integer_labels` computes the
    exponentials twice, and uses a scatter where a comparison is enough.

    Args:
      logits_NC: float32.
      labels_N: int32, each below C.

    >>> cross_entropy(jnp.zeros((2, 4)), jnp.zeros(2, int)).round(3).tolist()
    [1.3860000371932983, 1.3860000371932983]
    """
    return _forward(logits_NC, labels_N)[0]


def _forward(logits_NC: jax.Array, labels_N: jax.Array) -> tuple[jax.Array, Any]:
    most_N1 = logits_NC.max(-1, keepdims=True)
    powers_NC = jnp.exp(logits_NC - most_N1)
    sum_N1 = powers_NC.sum(-1, keepdims=True)
    own_N = jnp.where(_mark(labels_N, logits_NC), logits_NC, 0.0).sum(-1)
    loss_N = (most_N1 + jnp.log(sum_N1))[..., 0] - own_N
    return loss_N, (powers_NC, sum_N1, labels_N)


def _backward(kept: Any, grad_N: jax.Array) -> tuple[jax.Array, None]:
    powers_NC, sum_N1, labels_N = kept
    grad_N1 = grad_N[..., None]
    own_NC = jnp.where(_mark(labels_N, powers_NC), grad_N1, 0.0)
    return powers_NC * (grad_N1 / sum_N1) - own_NC, None


cross_entropy.defvjp(_forward, _backward)


def _mark(labels_N: jax.Array, like_NC: jax.Array) -> jax.Array:
    """True at the label of each example."""
    return _number(like_NC) == labels_N[..., None]


def _number(like_NC: jax.Array) -> jax.Array:
    return jax.lax.broadcasted_iota("int32", like_NC.shape, like_NC.ndim - 1)


def count_correct(logits_NC: jax.Array, labels_N: jax.Array, weight_N: jax.Array) -> jax.Array:
    """Weighted number of examples whose best concept, ignoring "none", is right; float32 [].

    Of equal logits the first is the best, as with `argmax`, which is ten times slower on a CPU.

    Args:
      logits_NC: float32; the last column is "none".
      labels_N: int32 column of each example's concept.
      weight_N: float32 weight of each example.
    """
    known_NC = logits_NC[..., :-1]
    own_N1 = jnp.where(_mark(labels_N, known_NC), known_NC, 0.0).sum(-1, keepdims=True)
    is_before_NC = _number(known_NC) < labels_N[..., None]
    is_below_NC = jnp.where(is_before_NC, known_NC < own_N1, known_NC <= own_N1)
    # The label "none" is not among the columns of the known concepts.
    is_right_N = is_below_NC.all(-1) & (labels_N < known_NC.shape[-1])
    return (is_right_N * weight_N).sum()


def drop_grams(
    key: Key,
    place_W: jax.Array,
    grams_WF: jax.Array,
    pairs_W: jax.Array,
    is_several_W: jax.Array,
    is_whole_W: jax.Array,
    rate: float,
) -> tuple[jax.Array, jax.Array]:
    """Dropout of grams, pairs and whole words; a phrase's only word is never dropped.

    Without dropout the encoder memorises the listed words: accuracy on held-out aliases is .505,
    with it .589 (docs/log.md).

    Args:
      key: dropout key of the step, two uint32.
      place_W: int32 number of each word in its batch; key and number decide what is dropped.
      grams_WF: int32 gram rows, 0 for padding.
      pairs_W: int32 rows of pairs, 0 for padding.
      is_several_W: bool, whether the word's phrase has other words.
      is_whole_W: bool, whether the word is exempt from dropout.
      rate: dropout rate of grams and pairs; whole words are dropped at a third of it.

    Returns: grams_WF and pairs_W with 0 where dropped.
    """
    grams = grams_WF.shape[-1]
    drawn = draw_uniform(key, place_W, grams + 2)
    only_gram_W1 = (grams_WF > 0).sum(-1, keepdims=True) == 1
    keep_WF = (drawn[:, :grams] >= rate) | only_gram_W1
    keep_W = (drawn[:, grams] >= rate / 3) | ~is_several_W
    keep_pairs_W = keep_W & (drawn[:, grams + 1] >= rate)
    is_whole_W1 = is_whole_W[:, None]
    return (
        grams_WF * ((keep_WF & keep_W[:, None]) | is_whole_W1),
        pairs_W * (keep_pairs_W | is_whole_W),
    )


def draw_uniform(key: Key, place_W: jax.Array, numbers: int) -> jax.Array:
    """Uniform numbers in [0, 1) that depend only on key and place; float32 [W, numbers].

    JAX's Threefry, whose rounds are a loop on a CPU, took a tenth of a step (docs/log.md).
    """
    block_G = jnp.arange(-(-numbers // 4), dtype="uint32")
    place_W1 = place_W.astype("uint32")[:, None]
    bits = mix_bits(*jnp.broadcast_arrays(place_W1, block_G[None, :], *key))
    return (jnp.concatenate(bits, 1)[:, :numbers] >> 8).astype("float32") * 2.0**-24


def mix_bits(x: jax.Array, y: jax.Array, z: jax.Array, w: jax.Array) -> Any:
    """Hashes four uint32 to four; good enough for dropout.

    Source: `pcg4d` of Jarzynski and Olano, Hash Functions for GPU Rendering, Journal of Computer
    Graphics Techniques 9(3), 2020.
    """
    x, y, z, w = (each * jnp.uint32(1664525) + jnp.uint32(1013904223) for each in (x, y, z, w))
    for shift in (True, False):
        x = x + y * w
        y = y + z * x
        z = z + x * y
        w = w + y * z
        if shift:
            x, y, z, w = (each ^ (each >> 16) for each in (x, y, z, w))
    return x, y, z, w
