"""The training state: arrays only, so that it can be donated, saved and restored whole."""

from __future__ import annotations

from typing import Any

import flax.struct
import jax
import optax


@flax.struct.dataclass
class TrainState:
    """Everything a step reads and writes.

    Attributes:
      step: int32 [], steps taken.
      params, opt_state: pytrees of float32 arrays.
      key: PRNG key data of the run; a step folds its number in, so a resumed run draws the same.
    """

    step: jax.Array
    params: Any
    opt_state: Any
    key: jax.Array


@jax.jit
def copy_arrays(tree: Any) -> Any:
    """Arrays of their own, in one call; what was copied stays when a copy is donated."""
    return jax.tree.map(jax.numpy.copy, tree)


def init_state(params: Any, optimizer: optax.GradientTransformation, seed: Any) -> TrainState:
    """A state at step 0; the seed is a number, or uint32 []."""
    return TrainState(
        step=jax.numpy.zeros((), "int32"),
        params=params,
        opt_state=optimizer.init(params),
        key=jax.random.key_data(jax.random.key(seed)),
    )
