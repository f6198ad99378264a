from __future__ import annotations

import numpy as np
import pytest

from benchmarks.ablations import PARTS, without
from lvmh_jax.detect.evidence import FEATURES
from tests.detect.builders import SENTENCES, list_notes, make_detector


@pytest.mark.parametrize("part", PARTS)
def test_every_beginning_is_that_of_a_feature(part) -> None:
    names = [feature.name for feature in FEATURES]
    assert all(any(name.startswith(begin) for name in names) for begin in PARTS[part])


@pytest.mark.parametrize("part", PARTS)
def test_what_is_removed_is_silent(part) -> None:
    removed = [feature.name.startswith(PARTS[part] or ("-",)) for feature in FEATURES]
    notes = list_notes(SENTENCES)
    whole_NF = make_detector().propose(notes).features_NF
    with without(PARTS[part]):
        left_NF = make_detector().propose(notes).features_NF
    assert not left_NF[:, removed].any()
    assert np.array_equal(np.delete(left_NF, removed, 1), np.delete(whole_NF, removed, 1))
    context = [feature.name for feature in FEATURES].index("context")
    assert whole_NF[:, context].any()
