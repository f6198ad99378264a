"""The colour of each bucket of concepts, the same in every picture."""

from __future__ import annotations

from lvmh_jax.records import BUCKETS

# Okabe and Ito's palette, which colour-blind readers can tell apart.
COLOURS = dict(
    zip(
        BUCKETS,
        ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777"),
        strict=True,
    )
)
