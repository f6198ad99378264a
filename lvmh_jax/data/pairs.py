"""Hashes pairs of neighbouring forms in bulk, without building a string for each pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.crc import append_zeros

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FormHashes:
    """CRC-32 of each form followed by a tab, CRC-32 of each form alone, and its length in bytes."""

    left_F: NDArray[np.uint32]
    right_F: NDArray[np.uint32]
    bytes_F: Ints


def hash_forms(forms: Sequence[str]) -> FormHashes:
    """Computes what `hash_pairs` needs to know about forms."""
    encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
    return FormHashes(
        np.fromiter((crc32(each + b"\t") for each in encoded), np.uint32, len(encoded)),
        np.fromiter(map(crc32, encoded), np.uint32, len(encoded)),
        np.fromiter(map(len, encoded), np.int64, len(encoded)),
    )


def hash_pairs(
    hashes: FormHashes, left_N: NDArray[Any], right_N: NDArray[Any], buckets: int
) -> NDArray[np.int32]:
    """`features.hash_pair` for pairs of rows; int32 [N]."""
    moved_N = append_zeros(hashes.left_F[left_N], hashes.bytes_F[right_N])
    crc_N = moved_N ^ hashes.right_F[right_N]
    bucket_N: NDArray[np.int32] = (crc_N % np.uint32(buckets - 1)).astype(np.int32) + 1
    return bucket_N


def hash_neighbours(hashes: FormHashes, form_N: NDArray[Any], buckets: int) -> NDArray[np.int32]:
    """`hash_pairs` of each form and the previous one (for the first, the last one); int32 [N]."""
    return hash_pairs(hashes, np.roll(form_N, 1), form_N, buckets)
