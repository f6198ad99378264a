"""What a training step computes its products in: a row in `PRECISIONS` each.

Parameters, sums, softmax and validation stay float32, and so does detection. A bfloat16 has the
range of a float32 and 8 bits of mantissa: products of unit vectors are good to .4 %, and no loss
has to be scaled. It pays where the hardware multiplies it (TPU, GPU), not on a CPU.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from lvmh_jax.errors import UsageError, nearest_name

PRECISIONS: dict[str, Any] = {"float32": jnp.float32, "bfloat16": jnp.bfloat16}


def find_precision(name: str) -> Any:
    """The dtype of a row.

    Raises:
      UsageError: no such row.
    """
    if name not in PRECISIONS:
        raise UsageError(f"no precision named {name!r}", fix=nearest_name(name, PRECISIONS))
    return PRECISIONS[name]
