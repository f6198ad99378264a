"""Hashes of neighbouring forms, many at once: no string of a pair is ever made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class FormHashes:
    """crc32 of each form with a tab behind it, of each alone, and its bytes."""

    left_F: NDArray[np.uint32]
    right_F: NDArray[np.uint32]
    bytes_F: Ints


def hash_forms(forms: Sequence[str]) -> FormHashes:
    """What `hash_pairs` needs to know of forms."""
    encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
    return FormHashes(
        np.fromiter((crc32(each + b"\t") for each in encoded), np.uint32, len(encoded)),
        np.fromiter(map(crc32, encoded), np.uint32, len(encoded)),
        np.fromiter(map(len, encoded), np.int64, len(encoded)),
    )


def hash_pairs(
    hashes: FormHashes, left_N: NDArray[Any], right_N: NDArray[Any], buckets: int
) -> NDArray[np.int32]:
    """`features.hash_pair` of two forms each, by their rows; int32 [N]."""
    moved_N = append_zeros(hashes.left_F[left_N], hashes.bytes_F[right_N])
    crc_N = moved_N ^ hashes.right_F[right_N]
    bucket_N: NDArray[np.int32] = (crc_N % np.uint32(buckets - 1)).astype(np.int32) + 1
    return bucket_N


def hash_neighbours(hashes: FormHashes, form_N: NDArray[Any], buckets: int) -> NDArray[np.int32]:
    """`hash_pairs` of each form and the one before it, of the first one and the last."""
    return hash_pairs(hashes, np.roll(form_N, 1), form_N, buckets)


def append_zeros(crc_N: NDArray[np.uint32], bytes_N: Ints) -> NDArray[np.uint32]:
    """What crc32 makes of the left of two strings; with crc32 of the right, by XOR, that of both.

    CRC is linear over GF(2), so the right string counts for nothing but its length
    (`crc32_combine` of zlib).

    Args:
      crc_N: of the left strings.
      bytes_N: lengths of the right strings.

    >>> moved = append_zeros(np.array([crc32(b"navy ")], np.uint32), np.array([3]))
    >>> int(moved[0]) ^ crc32(b"bag") == crc32(b"navy bag")
    True
    """
    order = np.argsort(-bytes_N, kind="stable")
    crc, longest = crc_N[order], -bytes_N[order]
    for done in range(int(bytes_N.max(initial=0))):
        left = int(np.searchsorted(longest, -done))  # those that are longer than what is done
        crc[:left] = (crc[:left] >> np.uint32(8)) ^ _CRC_OF_BYTE[crc[:left] & np.uint32(255)]
    out = np.empty_like(crc)
    out[order] = crc
    return out


def _make_crc_table() -> NDArray[np.uint32]:
    """What a byte that leaves the register adds to it; the polynomial of zlib, reflected."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> np.uint32(1)) ^ np.where(table & 1, np.uint32(0xEDB88320), np.uint32(0))
    return table


_CRC_OF_BYTE = _make_crc_table()
