"""DataFrames of notes and of mentions, for the Python door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lvmh_jax.data.standins import StandIns
from lvmh_jax.data.text import repair_text
from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.languages import read_languages
from lvmh_jax.io.outputs import COLUMNS
from lvmh_jax.records import Mention, Note


def notes_of_frame(frame: pd.DataFrame) -> list[Note]:
    """Rows of a frame as notes; `text` is required, ids default to the row's position.

    Raises:
      UsageError: it is no frame.
      InvalidInputError: no column `text`, a column that is there twice or holds no text, or a
        `note_id` that is null or there twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError("what holds the notes is no frame", expected="a DataFrame of pandas")
    if "text" not in frame.columns:
        raise InvalidInputError("the frame has no column 'text'", expected="a note's text a row")
    missing = [""] * len(frame)
    texts = _read_column(frame, "text")
    ids = [str(row) for row in range(len(frame))]
    if "note_id" in frame:
        ids = _read_column(frame, "note_id")
        if "" in ids:
            raise InvalidInputError("the frame has a null note_id", expected="an id a row")
    if len(set(ids)) != len(ids):
        raise InvalidInputError("the frame has a note_id twice", expected="a note a row")
    clients = _read_column(frame, "client_id") if "client_id" in frame else missing
    spoken = read_languages(_read_column(frame, "language")) if "language" in frame else missing
    stand_ins = StandIns(lambda: zip(ids, clients, strict=True))
    return [
        # Whose note is not said is a client alone, as in a file of notes.
        Note(note_id, client or stand_ins.name(note_id), text, language=language)
        for note_id, client, text, language in zip(ids, clients, texts, spoken, strict=True)
    ]


def _read_column(frame: pd.DataFrame, name: str) -> list[str]:
    """A column as the same values of a file would be read; "" where it is null.

    Raises:
      InvalidInputError: it is there twice, or holds what is no text and no number.
    """
    column = frame[name]
    if column.ndim != 1:
        raise InvalidInputError(f"the frame has two columns {name!r}", expected="one")
    return [_as_text(value, name) for value in column]


def _as_text(value: Any, name: str) -> str:
    if isinstance(value, str):
        return repair_text(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if not pd.api.types.is_scalar(value):
        raise InvalidInputError(
            f"column {name!r} holds a {type(value).__name__}", expected="a column of text"
        )
    if pd.isna(value):
        return ""
    # A whole column of numbers with gaps is float in pandas.
    is_whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if is_whole else str(value)


def mentions_to_frame(mentions: Sequence[Mention], notes: Sequence[Note]) -> pd.DataFrame:
    """Mentions as a frame with the columns of `note_concepts.csv`."""
    client_of = {note.note_id: note.client_id for note in notes}
    rows = [
        (
            m.note_id,
            client_of.get(m.note_id, ""),
            m.concept_id,
            m.alias,
            m.start,
            m.end,
            m.confidence,
            m.method,
            m.polarity,
        )
        for m in mentions
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    offsets = dict.fromkeys(("evidence_span_start", "evidence_span_end"), "Int64")
    return frame.astype({**offsets, "confidence": "float64"})
