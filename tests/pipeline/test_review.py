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
    free, _ = review._read_free(None, tmp_path, dict.fromkeys("yabc", "test"), Progress(said))
    assert [note.note_id for note in free] == ["x"]
    assert said.getvalue().startswith("note 1")
    assert "/" not in said.getvalue().split("  ")[0]
