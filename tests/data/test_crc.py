"""CRCs of many strings at once, against zlib's."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.crc import LONGEST_SHIFT, append_zeros, crc_of_slices


@given(st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9)), max_size=9))
def test_the_hash_of_two_strings_is_made_of_theirs(pairs) -> None:
    left_N = np.array([crc32(left) for left, _ in pairs], np.uint32)
    right_N = np.array([crc32(right) for _, right in pairs], np.uint32)
    bytes_N = np.array([len(right) for _, right in pairs], np.int64)
    found_N = append_zeros(left_N, bytes_N) ^ right_N
    assert found_N.tolist() == [crc32(left + right) for left, right in pairs]


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=5), st.integers(1, 15))
def test_the_hash_of_each_slice_is_that_of_its_bytes(strings, size) -> None:
    codes_NL = np.array(strings, "S12").view(np.uint8).reshape(len(strings), -1)
    found_NP = crc_of_slices(codes_NL, size)
    assert found_NP.shape == (len(strings), max(12 - size, 0) + 1)
    for row, codes in enumerate(map(bytes, codes_NL)):
        expected = [crc32(codes[at : at + size]) for at in range(max(12 - size, 0) + 1)]
        assert found_NP[row].tolist() == expected


def test_strings_longer_than_a_table_of_shifts() -> None:
    left, right = b"sac", bytes(range(97, 123)) * (LONGEST_SHIFT // 10)
    moved = append_zeros(np.array([crc32(left)], np.uint32), np.array([len(right)]))
    assert int(moved[0]) ^ crc32(right) == crc32(left + right)
