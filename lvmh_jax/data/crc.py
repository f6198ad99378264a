"""CRC-32 of many strings at once, equal to zlib's (Peterson and Brown, Proc. IRE 49(1), 1961)."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
LOW = np.uint32(255)
LONGEST_SHIFT = 63  # zero bytes at once: most words are shorter, and the table takes 256 KB
ALL_ONES = np.uint32(0xFFFFFFFF)  # initial value of zlib's register, and its final XOR


def crc_of_slices(codes_NL: NDArray[np.uint8], size: int) -> NDArray[np.uint32]:
    """CRC-32 of every slice of `size` bytes; uint32 [N, positions], at least one position.

    Args:
      codes_NL: uint8 strings, padded; slices past the end of a string include its padding.
      size: bytes per slice; if L is smaller, slices have L bytes.

    >>> from zlib import crc32
    >>> int(crc_of_slices(np.frombuffer(b"navy", np.uint8)[None], 3)[0, 1]) == crc32(b"avy")
    True
    """
    places = max(codes_NL.shape[1] - size, 0) + 1
    crc_NP = np.full((len(codes_NL), places), ALL_ONES)
    for letter in range(min(size, codes_NL.shape[1])):
        crc_NP = _push(crc_NP, codes_NL[:, letter : letter + places])
    return crc_NP ^ ALL_ONES


def append_zeros(crc_N: NDArray[np.uint32], bytes_N: Ints) -> NDArray[np.uint32]:
    """CRC-32 of strings with zeros appended; XOR with the right string's CRC-32 gives that of both.

    CRC is linear over GF(2), so only the length of the right string matters here (`crc32_combine`
    in zlib).

    Args:
      crc_N: uint32 CRC-32 of the left strings.
      bytes_N: int64 lengths of the right strings.

    Returns: uint32 [N]; read-only.

    >>> from zlib import crc32
    >>> moved = append_zeros(np.array([crc32(b"navy ")], np.uint32), np.array([3]))
    >>> int(moved[0]) ^ crc32(b"bag") == crc32(b"navy bag")
    True
    """
    shifts, left_N = _make_shifts(), bytes_N
    while left_N.any():
        step_N = np.minimum(left_N, LONGEST_SHIFT)
        moved_N = shifts[step_N, 0, crc_N & LOW]
        for place in range(1, 4):
            moved_N ^= shifts[step_N, place, (crc_N >> np.uint32(8 * place)) & LOW]
        crc_N, left_N = moved_N, left_N - step_N
    return crc_N


@cache
def _make_shifts() -> NDArray[np.uint32]:
    """Table of the effect of zero bytes on each byte of the register, which is linear.

    Returns: uint32 [zero bytes, byte of the register, value].
    """
    bytes_4V = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32))[:, None]
    shifts = [bytes_4V]
    for _ in range(LONGEST_SHIFT):
        shifts.append(_push(shifts[-1], np.uint32(0)))
    return np.stack(shifts)


def _push(crc_N: NDArray[np.uint32], byte_N: NDArray[np.uint8] | np.uint32) -> NDArray[np.uint32]:
    """The registers after one more byte."""
    pushed_N: NDArray[np.uint32] = (crc_N >> np.uint32(8)) ^ _CRC_OF_BYTE[
        (crc_N ^ byte_N) & np.uint32(255)
    ]
    return pushed_N


def _make_crc_table() -> NDArray[np.uint32]:
    """Contribution of each byte shifted out of the register, for zlib's reflected polynomial."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> np.uint32(1)) ^ np.where(table & 1, np.uint32(0xEDB88320), np.uint32(0))
    return table


_CRC_OF_BYTE = _make_crc_table()
