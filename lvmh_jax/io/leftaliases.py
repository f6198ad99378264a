"""What `forget` leaves in lexicons though it stood in the client's notes alone.

A wording of a lexicon may be anybody's, or a client's name: only a person can tell, so it is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from os.path import exists
from pathlib import Path
from typing import Any

from lvmh_jax.data.clientwords import find_theirs
from lvmh_jax.data.forgetting import Traces
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.io.manifest import METADATA, read_json
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.workspace import LEXICON, LEXICON_TABLE, read_lexicon, stream_notes

MODEL_LEXICON = "lexicon.json"
Wording = tuple[str, str, str]  # file, concept and text


def find_left_aliases(root: Path, models: Path, traces: Traces) -> list[dict[str, Any]]:
    """Wordings that stay, by lexicon and concept: file, concept id, how many, and they, redacted.

    It reads what the erasure has not changed yet. Aliases that this takes out are none of them.

    Raises:
      LvmhError: an input is broken, or a model's lexicon.
    """
    if not traces.notes:
        return []
    listed = [*_list_wordings(root), *_list_model_wordings(root, models)]
    kept = [each for each in listed if not traces.names(each[2])]
    notes = chain.from_iterable(stream_notes(root)[0])
    others = (note.text for note in notes if note.client_id not in traces.clients)
    theirs = find_theirs({text for *_, text in kept}, traces.notes.values(), others)
    left: dict[tuple[str, str], list[str]] = {}
    for name, concept_id, text in kept:
        if text in theirs:
            left.setdefault((name, concept_id), []).append(redact_fully(text))
    return [
        {
            "path": traces.hide(name),
            "concept_id": redact_fully(concept_id),
            "count": len(texts),
            "aliases": texts,
        }
        for (name, concept_id), texts in left.items()
    ]


def _list_wordings(root: Path) -> Iterator[Wording]:
    paths = (root / LEXICON, root / LEXICON_TABLE)
    if any(map(exists, paths)):
        name = LEXICON if exists(paths[0]) else LEXICON_TABLE
        for concept in read_lexicon(Sources(root), *paths).concepts:
            for text in dict.fromkeys((concept.label, *concept.aliases)):
                yield name, concept.concept_id, text


def _list_model_wordings(root: Path, models: Path) -> Iterator[Wording]:
    for folder in sorted(models.iterdir()) if models.is_dir() else ():
        path = folder / MODEL_LEXICON
        if (folder / METADATA).is_file() and path.is_file():
            name = Sources(root).name(path)
            for each in read_json(path):
                for text in dict.fromkeys((each["label"], *each["aliases"])):
                    yield name, each["concept_id"], text
