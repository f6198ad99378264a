"""DataFrames of notes and of mentions, for the Python API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from lvmh_jax.data.clientids import StandIns
from lvmh_jax.data.text import repair_text
from lvmh_jax.errors import InvalidInputError, UsageError, warn_caller
from lvmh_jax.io.languages import read_languages
from lvmh_jax.io.outputs import COLUMNS
from lvmh_jax.records import Mention, Note


def notes_of_frame(frame: pd.DataFrame) -> list[Note]:
    """Rows of a frame as notes; `text` is required, and the index is the id where none is given.

    Warns:
      LvmhWarning: texts are missing, or no text.

    Raises:
      UsageError: it is no frame.
      InvalidInputError: no column `text`, a column that is there twice or holds no text, or an id
        that is null or there twice.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UsageError("what holds the notes is no frame", expected="a DataFrame of pandas")
    if "text" not in frame.columns:
        raise InvalidInputError("the frame has no column 'text'", expected="a note's text a row")
    missing = [""] * len(frame)
    texts = _read_column(frame, "text")
    _warn_of_texts(frame["text"])
    ids = _read_ids(frame)
    clients = _read_column(frame, "client_id") if "client_id" in frame else missing
    spoken = read_languages(_read_column(frame, "language")) if "language" in frame else missing
    stand_ins = StandIns(lambda: zip(ids, clients, strict=True))
    return [
        # Whose note is not said is a client alone.
        Note(note_id, client or stand_ins.name(note_id), text, language=language)
        for note_id, client, text, language in zip(ids, clients, texts, spoken, strict=True)
    ]


def ids_of_frame(frame: pd.DataFrame) -> pd.Series:
    """The ids of its notes as they were given: the column, or the labels of the index."""
    return frame["note_id"] if "note_id" in frame else frame.index.to_series()


def _warn_of_texts(column: pd.Series) -> None:
    """Tells of texts that are missing, or are no text: a wrong column, or a join that found none.

    Warns:
      LvmhWarning: with how many they are.
    """
    missing = int(column.isna().sum())
    others = sum(not isinstance(each, str) for each in column) - missing
    for count, what in ((missing, "missing: read as empty"), (others, "no text: read as written")):
        if count:
            warn_caller(f"{count:,} of {len(column):,} texts of the frame are {what}")


def _read_ids(frame: pd.DataFrame) -> list[str]:
    if "note_id" in frame:
        ids, name, fix = _read_column(frame, "note_id"), "a note_id", ""
    else:
        labels = [str(each) if isinstance(each, tuple) else each for each in frame.index]
        ids = [_as_text(each, "index") for each in labels]
        name, fix = "a label of its index", "give it a column note_id, or reset_index()"
    if "" in ids:
        raise InvalidInputError(
            f"the frame has {name} that is null", expected="an id a row", fix=fix
        )
    if len(set(ids)) != len(ids):
        raise InvalidInputError(f"the frame has {name} twice", expected="a note a row", fix=fix)
    return ids


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


def mentions_to_frame(
    mentions: Sequence[Mention], notes: Sequence[Note], ids: pd.Series | None = None
) -> pd.DataFrame:
    """Mentions as a frame with the columns of `note_concepts.csv`, of the same types with none.

    Args:
      mentions: of the notes.
      notes: whose clients are told.
      ids: of the notes as they were given; those of `notes`, as text, by default.
    """
    given = pd.Series([note.note_id for note in notes], dtype="str") if ids is None else ids
    row_of = {note.note_id: row for row, note in enumerate(notes)}
    rows = [row_of[mention.note_id] for mention in mentions]
    columns = {
        "note_id": given.iloc[rows].reset_index(drop=True),
        "client_id": [notes[row].client_id for row in rows],
        "concept_id": [mention.concept_id for mention in mentions],
        "matched_alias": [mention.alias for mention in mentions],
        "evidence_span_start": [mention.start for mention in mentions],
        "evidence_span_end": [mention.end for mention in mentions],
        "confidence": [round(mention.confidence, 6) for mention in mentions],
        "detection_method": [mention.method for mention in mentions],
        "polarity": [mention.polarity for mention in mentions],
    }
    types = dict.fromkeys(COLUMNS, "str") | {
        "evidence_span_start": "Int64",
        "evidence_span_end": "Int64",
        "confidence": "float64",
    }
    del types["note_id"]
    return pd.DataFrame(columns, columns=list(COLUMNS)).astype(types)
