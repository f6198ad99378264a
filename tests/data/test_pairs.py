"""Hashes of two forms, made of the hashes of each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lvmh_jax.data.features import hash_pair
from lvmh_jax.data.pairs import hash_forms, hash_neighbours
from tests.generators import texts

BUCKETS = 1 << 12


@given(st.lists(texts(), min_size=1, max_size=5), st.lists(st.integers(0, 4), max_size=9))
def test_neighbours_have_the_hash_of_their_pair(forms, rows) -> None:
    form_N = np.array([row % len(forms) for row in rows], np.int64)
    found_N = hash_neighbours(hash_forms(forms), form_N, BUCKETS)
    said = [forms[row] for row in form_N.tolist()]
    assert found_N[1:].tolist() == [hash_pair(*pair, BUCKETS) for pair in pairwise(said)]
    assert found_N.dtype == np.int32
