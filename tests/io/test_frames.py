"""Frames of notes: what is missing in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lvmh_jax.errors import InvalidInputError, LvmhWarning
from lvmh_jax.io.frames import mentions_to_frame, notes_of_frame


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_note_without_a_client_is_a_client_alone(missing) -> None:
    frame = pd.DataFrame(
        {"note_id": ["a", "b"], "client_id": ["K1", missing], "text": ["x", missing]}
    )
    with pytest.warns(LvmhWarning, match="1 of 2 texts of the frame are missing"):
        notes = notes_of_frame(frame)
    assert [(note.note_id, note.client_id, note.text) for note in notes] == [
        ("a", "K1", "x"),
        ("b", "b", ""),
    ]


def test_a_note_without_a_client_is_not_given_to_one_of_its_number() -> None:
    frame = pd.DataFrame({"note_id": [1, 2, 3], "client_id": [2, None, None], "text": "x"})
    assert [note.client_id for note in notes_of_frame(frame)] == ["2", "note:2", "3"]


def test_values_are_read_as_those_of_a_file() -> None:
    frame = pd.DataFrame(
        {
            "note_id": [1.0, 2.0],
            "client_id": [7, np.nan],
            "text": ["sac \ud800", "Été".encode()],
            "language": ["fr", None],
        }
    )
    with pytest.warns(LvmhWarning, match="1 of 2 texts of the frame are no text"):
        notes = notes_of_frame(frame)
    assert [(note.note_id, note.client_id, note.text) for note in notes] == [
        ("1", "7", "sac \ufffd"),
        ("2", "2", "Été"),
    ]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pd.DataFrame([["x", "y"]], columns=["text", "text"]), "two columns 'text'"),
        (pd.DataFrame({"text": [["x"]]}), "column 'text' holds a list"),
        (pd.DataFrame({"text": ["x"], "note_id": [""]}), "a note_id that is null"),
        (pd.DataFrame({"text": ["x"], "client_id": [{"a": 1}]}), "'client_id' holds a dict"),
    ],
)
def test_what_is_no_column_of_text_is_told(frame: pd.DataFrame, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        notes_of_frame(frame)


def test_a_frame_without_a_mention_has_the_types_of_one_with_some() -> None:
    types = mentions_to_frame([], []).dtypes
    assert types["confidence"] == np.float64
    assert types["evidence_span_start"] == "Int64"
