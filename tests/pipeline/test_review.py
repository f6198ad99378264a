"""Reading the notes that nobody has annotated, without a model."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline import review
from tests.generators import note_row, write_notes


def test_gold_of_notes_that_are_gone_gives_no_negative_total(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review, "listen", lambda detector, notes: [])
    write_notes(tmp_path, [note_row("x", "a bag"), note_row("y", "a ring")])
    said = io.StringIO()
    free, _, _ = review._read_free(None, tmp_path, dict.fromkeys("yabc", "test"), Progress(said))
    assert [note.note_id for note in free] == ["x"]
    assert said.getvalue().startswith("note 1")
    assert "/" not in said.getvalue().split("  ")[0]


def test_notes_of_one_text_are_exported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor one whose text is annotated, wherever it stands: train and dev would share it."""
    monkeypatch.setattr(review, "listen", lambda detector, notes: [])
    rows = [("a", "a bag"), ("b", "a ring"), ("c", "a bag"), ("d", "a hat"), ("e", "a ring")]
    write_notes(tmp_path, [note_row(*row) for row in rows])
    said = io.StringIO()
    free, _, repeats = review._read_free(None, tmp_path, {"e": "dev"}, Progress(said))
    assert ([note.note_id for note in free], repeats) == (["a", "d"], 2)
    assert "2 notes have the text of another, or of an annotated one: left out" in said.getvalue()
