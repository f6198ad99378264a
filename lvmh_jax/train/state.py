"""The training state: arrays only, so that it can be donated, saved and restored as a whole."""

from __future__ import annotations

from typing import Any

import flax.struct
import jax
import optax


@flax.struct.dataclass
class TrainState:
    """Everything a step reads and writes.

    Attributes:
      step: int32 [], number of steps taken.
      params: pytree of float32 arrays.
      opt_state: state of the optimizer for these parameters.
      key: uint32 PRNG key data of the run. Each step folds its number in, so a resumed run draws
        the same numbers as an unbroken one.
    """

    step: jax.Array
    params: Any
    opt_state: Any
    key: jax.Array


@jax.jit
def copy_arrays(tree: Any) -> Any:
    """Copies a tree of arrays in one call, so that the copy can be donated."""
    return jax.tree.map(jax.numpy.copy, tree)


def init_state(params: Any, optimizer: optax.GradientTransformation, seed: Any) -> TrainState:
    """Builds the state at step 0; `seed` is an int or uint32 []."""
    return TrainState(
        step=jax.numpy.zeros((), "int32"),
        params=params,
        opt_state=optimizer.init(params),
        key=jax.random.key_data(jax.random.key(seed)),
    )
