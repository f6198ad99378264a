"""`Detector.detect_frame`: frames in, frames out that can be joined with them."""

from __future__ import annotations

import pandas as pd
import pytest

from lvmh_jax import Detector
from lvmh_jax.errors import InvalidInputError, LvmhWarning, UsageError
from lvmh_jax.io.outputs import COLUMNS


def test_a_frame_goes_in_and_the_columns_of_the_contract_come_out(
    detector: Detector, texts: list[str]
) -> None:
    frame = pd.DataFrame(
        {"note_id": ["b", "a"], "client_id": ["C2", "C1"], "text": texts[:2]}, index=[7, 7]
    )
    found = detector.detect_frame(frame)
    assert list(found.columns) == list(COLUMNS)
    assert found["evidence_span_start"].dtype == found["evidence_span_end"].dtype == "Int64"
    expected = detector.detect(texts[:2])
    assert found["note_id"].tolist() == ["b"] * len(expected[0]) + ["a"] * len(expected[1])
    assert set(zip(found["note_id"], found["client_id"], strict=True)) == {("b", "C2"), ("a", "C1")}
    flat = [mention for mentions in expected for mention in mentions]
    assert found["concept_id"].tolist() == [m.concept_id for m in flat]
    assert found["evidence_span_start"].tolist() == [m.start for m in flat]
    # As `detect` writes them: a join of both finds no other confidence.
    assert found["confidence"].tolist() == [round(m.confidence, 6) for m in flat]


def test_a_frame_needs_texts_alone(detector: Detector, texts: list[str]) -> None:
    with pytest.warns(LvmhWarning) as told:
        found = detector.detect_frame(pd.DataFrame({"text": [None, texts[0], float("nan"), 7, 8]}))
    assert [str(each.message) for each in told] == [
        f"2 of 5 texts of the frame are {what}: read as {how}"
        for what, how in (("missing", "empty"), ("no text", "written"))
    ]
    assert set(found["note_id"]) == {1}
    assert set(found["client_id"]) == {"1"}
    empty = detector.detect_frame(pd.DataFrame({"text": []}))
    assert (len(empty), list(empty.columns)) == (0, list(COLUMNS))


@pytest.mark.parametrize(
    "ids", [[30, 20], ["b", "a"], [2.5, 1.0], pd.to_datetime(["2026", "2025"])]
)
def test_ids_of_a_frame_come_back_as_they_were_given(
    detector: Detector, texts: list[str], ids: list
) -> None:
    """As a column or as the index, so that mentions and notes can be joined."""
    column = pd.DataFrame({"note_id": ids, "text": texts[:2]})
    index = pd.DataFrame({"text": texts[:2]}, index=ids)
    for frame, given in ((column, column["note_id"]), (index, index.index)):
        found = detector.detect_frame(frame)
        assert found["note_id"].dtype == given.dtype
        assert found["note_id"].unique().tolist() == given.tolist()
        none = detector.detect_frame(frame.assign(text=""))
        assert none.empty
        assert none.dtypes.to_dict() == found.dtypes.to_dict()
        assert found["client_id"].dtype == pd.Series(dtype="str").dtype
    pairs = index.set_axis(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]))
    assert set(detector.detect_frame(pairs)["note_id"]) == {("a", 1), ("a", 2)}


def test_frames_that_cannot_be_read_are_refused(detector: Detector) -> None:
    with pytest.raises(InvalidInputError, match="no column 'text'"):
        detector.detect_frame(pd.DataFrame({"note": ["x"]}))
    for wrong in ({"a": 1}, ["sac noir"], None):
        with pytest.raises(UsageError, match="is no frame; expected a DataFrame of pandas"):
            detector.detect_frame(wrong)
    with pytest.raises(InvalidInputError, match="a note_id twice"):
        detector.detect_frame(pd.DataFrame({"note_id": [1, 1], "text": ["x", "y"]}))
    with pytest.raises(InvalidInputError, match=r"label of its index twice; .* column note_id, or"):
        detector.detect_frame(pd.DataFrame({"text": ["x", "y"]}, index=[7, 7]))
