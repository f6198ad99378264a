"""Samples of what a model was trained on, for people; personal data redacted unless asked."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from lvmh_jax.data.examples import Examples
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.data.privacy import pseudonym
from lvmh_jax.records import Alias, Workspace

MOST_CONCEPTS = 100
MOST_CONTEXTS = 50


def sample_examples(
    workspace: Workspace, aliases: Sequence[Alias], examples: Examples, *, include_text: bool
) -> tuple[dict[str, object], dict[str, Any]]:
    """Evenly spread samples of the aliases and the notes that training saw.

    Returns: the document `training_examples.json`, and the report on personal data.
    """
    concepts = workspace.lexicon.concepts
    shown = np.flatnonzero(~examples.held_A)
    pairs = [
        {
            "concept": concepts[aliases[row].row].concept_id,
            "keyword": aliases[row].text,
            "bucket": concepts[aliases[row].row].bucket,
        }
        for row in _spread(shown.tolist(), MOST_CONCEPTS)
    ]
    # The salt is thrown away: not even we can tell which client a pseudonym is.
    salt = secrets.token_hex(16)
    contexts, changed = [], 0
    rows = [row for row in range(len(workspace.notes)) if row not in examples.held_notes]
    for row in _spread(rows, MOST_CONTEXTS):
        note = workspace.notes[row]
        text = note.text if include_text else redact_fully(note.text)
        changed += text != note.text
        client = note.client_id if include_text else pseudonym(note.client_id, salt)
        contexts.append({"text": text, "language": note.language, "client_id": client})
    report = {
        "texts": "as written" if include_text else "redacted",
        "client_ids": "as written" if include_text else "pseudonyms",
        "sampled_texts": len(contexts),
        "texts_with_redactions": changed,
    }
    return {"concept_examples": pairs, "context_examples": contexts}, report


def _spread(rows: list[int], most: int) -> list[int]:
    if len(rows) <= most:
        return rows
    return [rows[place * len(rows) // most] for place in range(most)]
