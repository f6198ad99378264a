"""DataFrames of notes and of mentions, for the Python door."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.outputs import COLUMNS
from lvmh_jax.records import Mention, Note


def notes_of_frame(frame: pd.DataFrame) -> list[Note]:
    """Rows of a frame as notes; `text` is required, ids default to the row's position.

    Raises:
      UsageError: it is no frame.
      InvalidInputError: no column `text`, or a `note_id` that is null or there twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError("what holds the notes is no frame", expected="a DataFrame of pandas")
    if "text" not in frame.columns:
        raise InvalidInputError("the frame has no column 'text'", expected="a note's text a row")
    rows = [str(row) for row in range(len(frame))]
    if "note_id" in frame and frame["note_id"].isna().any():
        raise InvalidInputError("the frame has a null note_id", expected="an id a row")
    ids = [str(x) for x in frame["note_id"]] if "note_id" in frame else rows
    if len(set(ids)) != len(ids):
        raise InvalidInputError("the frame has a note_id twice", expected="a note a row")
    clients = ids
    if "client_id" in frame:
        # Whose note is not said is a client alone, as in a file of notes.
        told = zip(frame["client_id"], ids, strict=True)
        clients = [note if pd.isna(client) else str(client) for client, note in told]
    texts = ["" if pd.isna(text) else str(text) for text in frame["text"]]
    spoken = [""] * len(ids)
    if "language" in frame:
        spoken = ["" if pd.isna(x) else str(x).upper() for x in frame["language"]]
    return [
        Note(note_id, client, text, language=language)
        for note_id, client, text, language in zip(ids, clients, texts, spoken, strict=True)
    ]


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
    offsets = ["evidence_span_start", "evidence_span_end"]
    return frame.astype(dict.fromkeys(offsets, "Int64"))
