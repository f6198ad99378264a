"""Numeric precision of the matrix products in a training step: one row of `PRECISIONS` each.

Parameters, sums, softmax, validation and detection stay float32. A bfloat16 has the range of a
float32 and 8 bits of mantissa: products of unit vectors are accurate to .4 %, and the loss needs no
scaling. It pays off on hardware that supports it (TPU, GPU), not on a CPU.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from lvmh_jax.errors import UsageError, nearest_name

PRECISIONS: dict[str, Any] = {"float32": jnp.float32, "bfloat16": jnp.bfloat16}


def find_precision(name: str) -> Any:
    """Returns the dtype of a row of `PRECISIONS`.

    Raises:
      UsageError: no such row.
    """
    if name not in PRECISIONS:
        raise UsageError(f"no precision named {name!r}", fix=nearest_name(name, PRECISIONS))
    return PRECISIONS[name]
