"""The feature table: a column a row, finite, and a note's figures are its own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.propose import Proposals
from tests.detect.builders import SENTENCES, list_notes, make_detector
from tests.generators import texts

NAMES = [feature.name for feature in FEATURES]


def propose(batch: list[str]) -> Proposals:
    return make_detector().propose(list_notes(batch))


def rows_of(found: Proposals, note: int) -> tuple[list[tuple], np.ndarray]:
    """Candidates of one note as tuples of what is its own, and their features."""
    c = found.candidates
    rows = np.flatnonzero(c.note_N == note)
    columns = (c.start_N, c.end_N, c.concept_N, c.alias_N, c.exact_N)
    listed = zip(*(column[rows].tolist() for column in columns), strict=True)
    return list(listed), found.features_NF[rows]


def value_of(found: Proposals, name: str, text: str, span: str, concept: str) -> float:
    """A feature of the candidate of a concept at a part of the text."""
    start = text.index(span)
    ids = [each.concept_id for each in make_detector().concepts]
    rows, features_NF = rows_of(found, 0)
    (row,) = (
        row
        for row, (a, b, number, _, _) in enumerate(rows)
        if (a, b, ids[number]) == (start, start + len(span), concept)
    )
    return float(features_NF[row, NAMES.index(name)])


def test_features_have_names_of_their_own_and_reasons() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(feature.reason.strip() for feature in FEATURES)


@settings(max_examples=30)
@given(st.lists(texts(40), max_size=3), st.sampled_from(SENTENCES))
def test_features_are_finite_and_complete(batch: list[str], known: str) -> None:
    found = propose([*batch, known])
    assert found.features_NF.shape == (len(found.candidates), len(FEATURES))
    assert found.features_NF.dtype == np.float32
    assert np.isfinite(found.features_NF).all()


@pytest.mark.parametrize("batch", [[], [""], ["", " \n", "👜"]])
def test_nothing_to_look_at_has_no_row_and_every_column(batch: list[str]) -> None:
    found = propose(batch)
    assert len(found.candidates) == 0
    assert found.features_NF.shape == (0, len(FEATURES))


def test_features_do_not_depend_on_the_other_notes() -> None:
    together = propose([*SENTENCES, *reversed(SENTENCES)])
    seen = 0
    for place, text in enumerate(SENTENCES):
        expected, features_NF = rows_of(propose([text]), 0)
        seen += len(expected)
        for note in (place, 2 * len(SENTENCES) - 1 - place):
            rows, values_NF = rows_of(together, note)
            assert rows == expected
            np.testing.assert_allclose(values_NF, features_NF, atol=1e-5)
    assert seen > 20


@settings(max_examples=25)
@given(texts(40), texts(40), st.sampled_from(SENTENCES))
def test_features_do_not_depend_on_any_neighbour(text: str, other: str, known: str) -> None:
    expected, features_NF = rows_of(propose([text + " " + known]), 0)
    rows, values_NF = rows_of(propose([known + other, text + " " + known, other]), 1)
    assert rows == expected
    np.testing.assert_allclose(values_NF, features_NF, atol=1e-5)


def test_features_by_hand() -> None:
    text = "No handbag, RED gift for her mother"
    found = propose([text])
    at = lambda name, span, concept: value_of(found, name, text, span, concept)  # noqa: E731
    assert at("exact", "handbag", "the_handbag") == 1
    assert at("exact", "RED", "the_red") == 1
    assert at("characters", "handbag", "the_handbag") == pytest.approx(np.log(7))
    assert at("tokens", "gift for her mother", "the_gift") == pytest.approx(np.log(4))
    assert at("denied", "handbag", "the_handbag") == 1
    assert at("denied", "gift for her mother", "the_gift") == 0
    assert at("negative", "handbag", "the_handbag") == 0
    assert at("upper", "RED", "the_red") == 1
    assert at("upper", "handbag", "the_handbag") == 0


def test_a_shared_alias_is_told() -> None:
    found = propose(["noir", "rouge"])
    shared = found.features_NF[:, NAMES.index("shared")]
    c = found.candidates
    exact = c.exact_N > 0
    assert shared[exact & (c.note_N == 0)].tolist() == pytest.approx([np.log(2)] * 2)
    assert shared[exact & (c.note_N == 1)].tolist() == [0]
