from __future__ import annotations

import pytest

from benchmarks.ablations import PARTS
from lvmh_jax.detect.evidence import FEATURES


@pytest.mark.parametrize("part", PARTS)
def test_every_beginning_is_that_of_a_feature(part) -> None:
    names = [feature.name for feature in FEATURES]
    assert all(any(name.startswith(begin) for name in names) for begin in PARTS[part])
