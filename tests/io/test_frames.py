"""Frames of notes: what is missing in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lvmh_jax.io.frames import notes_of_frame


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_note_without_a_client_is_a_client_alone(missing) -> None:
    frame = pd.DataFrame(
        {"note_id": ["a", "b"], "client_id": ["K1", missing], "text": ["x", missing]}
    )
    notes = notes_of_frame(frame)
    assert [(note.note_id, note.client_id, note.text) for note in notes] == [
        ("a", "K1", "x"),
        ("b", "b", ""),
    ]
