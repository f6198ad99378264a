from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.sorting import (
    find_heads,
    find_tops,
    group_equal,
    list_ranges,
    order_of_floats,
    sort_and_group,
    sort_by,
)

keys = st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**63 - 1)), max_size=40)


@given(st.lists(st.one_of(st.integers(0, 4), st.integers(0, 2**64 - 1)), max_size=40))
def test_groups_are_those_of_unique(some) -> None:
    key_N = np.array(some, np.uint64)
    _, sample, group = np.unique(key_N, return_index=True, return_inverse=True)
    found = group_equal(key_N)
    assert found.sample_U.tolist() == sample.tolist()
    assert found.group_N.tolist() == group.tolist()


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), max_size=6))
def test_the_top_of_a_group_is_its_first_maximum(groups) -> None:
    values = np.array([value for group in groups for value in group], np.float64)
    heads = np.cumsum([0, *map(len, groups)])[: len(groups)].astype(np.int64)
    expected = [int(head) + int(np.argmax(g)) for head, g in zip(heads, groups, strict=True)]
    assert find_tops(values, heads).tolist() == expected


@given(st.lists(st.floats(0, 1e9, width=32), min_size=2, max_size=9))
def test_floats_and_their_bits_have_one_order(some) -> None:
    value_N = np.array(some, np.float32)
    bits_N = order_of_floats(value_N)
    assert np.argsort(bits_N, kind="stable").tolist() == np.argsort(value_N, kind="stable").tolist()
    assert (bits_N >= 0).all()


@given(st.lists(st.tuples(*[st.integers(0, 3), st.sampled_from([0, 1, 2**40])] * 2), max_size=30))
def test_the_order_by_columns_is_that_of_lexsort(rows) -> None:
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    expected = np.lexsort(columns[::-1])
    assert sort_by(*columns).tolist() == expected.tolist()
    order, heads = sort_and_group(*columns)
    assert order.tolist() == expected.tolist()
    assert heads.tolist() == find_heads(*columns[:, expected]).tolist()


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=8))
def test_ranges_are_those_of_python(ranges) -> None:
    begin_N, count_N = np.array(ranges, np.int64).reshape(-1, 2).T
    expected = [number for begin, count in ranges for number in range(begin, begin + count)]
    assert list_ranges(begin_N, count_N).tolist() == expected
