"""Finds the concepts of one note, for people to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lvmh_jax.display.note import label_of, order_mentions, render_note_page
from lvmh_jax.errors import NotFoundError, UsageError
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.tables import write_text
from lvmh_jax.io.workspace import NOTES, stream_notes
from lvmh_jax.pipeline.loading import load_model, take_lexicon
from lvmh_jax.records import Concept, Mention, Note

MOST_CHARACTERS = 100_000  # a note has thousands; a browser draws spans of so many in a second


@dataclass(frozen=True, slots=True)
class Shown:
    """A note, what was found in it in reading order, and the lexicon by concept id."""

    note: Note
    mentions: tuple[Mention, ...]
    labels: Mapping[str, Concept]


def show(
    model_path: Path,
    workspace_dir: Path,
    *,
    note_id: str | None,
    text: str | None,
    html: Path | None,
    language: str = "",
    lexicon_file: Path | None = None,
    progress: Progress,
) -> Shown:
    """Detects in one note of the workspace, or in a text, and writes the page if one is asked for.

    Args:
      model_path: the model.
      workspace_dir: where a note is looked for.
      note_id: of the note, where no text is given.
      text: in place of a note.
      html: where a page is written.
      language: of the text; a note has its own.
      lexicon_file: in place of the model's.
      progress: hears warnings.

    Raises:
      NotFoundError: no such note, no data, no such model, no such lexicon.
      InvalidInputError: one of them is broken, or the lexicon has a concept that the model does not
        know.
      UsageError: the text is longer than can be shown, or the page cannot be written.
    """
    if text is None:
        note = find_note(workspace_dir, note_id or "")
    else:
        note = Note("text", "", text, language=language)
    if len(note.text) > MOST_CHARACTERS:
        raise UsageError(
            f"the note has {len(note.text):,} characters",
            expected=f"at most {MOST_CHARACTERS:,} to show",
            fix="use `lvmh-jax detect` for it",
        )
    model = load_model(model_path, progress.warn)
    detector = take_lexicon(model, lexicon_file, progress.warn).detector
    mentions = tuple(order_mentions(detector.detect([note])))
    labels = {each.concept_id: each for each in detector.concepts}
    if html is not None:
        title = "Concepts in a text" if text is not None else f"Concepts in note {note.note_id}"
        write_text(html, render_note_page(title, note.text, mentions, labels))
    return Shown(note, mentions, labels)


def find_note(workspace_dir: Path, note_id: str) -> Note:
    """The note of an id; reading stops where it is found.

    Raises:
      NotFoundError: the workspace has no notes, or none of that id.
    """
    stream, _ = stream_notes(workspace_dir)
    for piece in stream:
        for note in piece:
            if note.note_id == note_id:
                return note
    raise NotFoundError(
        f"no note {note_id!r}",
        where=(workspace_dir / NOTES).as_posix(),
        fix="see its column note_id, name another folder with --workspace DIR, or give --text",
    )


def list_found(shown: Shown) -> list[dict[str, object]]:
    """Mentions as JSON-ready rows."""
    return [
        {
            "concept_id": mention.concept_id,
            "label": label_of(mention.concept_id, shown.labels),
            "bucket": shown.labels[mention.concept_id].bucket,
            "start": mention.start,
            "end": mention.end,
            "alias": mention.alias,
            "confidence": round(mention.confidence, 6),
            "polarity": mention.polarity,
            "detection_method": mention.method,
        }
        for mention in shown.mentions
    ]
