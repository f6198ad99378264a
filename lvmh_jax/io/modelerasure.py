"""A model folder without a client: samples, hashed notes, aliases, pages and checkpoints.

The weights stay, and with them what they learned; `metadata.json` says that training is due. The
manifest is made of the old one and of what changed, so a file that changed otherwise is told, not
blessed, and it is replaced last.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from lvmh_jax.config import SCHEMA_VERSION, from_dict
from lvmh_jax.data.forgetting import Traces, forget_held_out, forget_samples
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.memory import remember
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.detect.withdraw import withdraw
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.deciders import memory_arrays, read_memory
from lvmh_jax.io.manifest import (
    CHECKPOINTS,
    MANIFEST,
    METADATA,
    read_entries,
    write_bytes,
    write_json,
)
from lvmh_jax.io.naming import names_client
from lvmh_jax.io.replacing import Replacement
from lvmh_jax.records import Concept, GoldNote, Lexicon, Note

RETRAIN_DUE = "retrain_due"
REASON = "data of a client that it was trained on was erased"

Arrays = Mapping[str, np.ndarray]


@dataclass
class ModelErasure:
    """What a folder loses: file to entries that go, None for a file that goes whole."""

    files: dict[str, int | None] = field(default_factory=dict)
    marked: bool = False


def describe_retraining(metadata: Mapping[str, Any]) -> str:
    """A line for one who uses a model that is due to be trained again; "" where it is not."""
    if metadata.get(RETRAIN_DUE) is not True:
        return ""
    since = str(metadata.get("retrain_since", ""))[:10]
    return f"this model is due to be trained again since {since}: {REASON}"


class ModelEraser:
    """Plans the new versions of one model folder's files."""

    def __init__(self, folder: Path, traces: Traces, replacement: Replacement) -> None:
        """Reads and proves the folder.

        Raises:
          InvalidInputError: it is not the model that was written.
        """
        self._folder, self._traces, self._replacement = folder, traces, replacement
        self._contents = read_model(folder)
        self._entries = dict(read_entries(folder / MANIFEST))
        self.erasure = ModelErasure()

    def plan(
        self,
        notes: Mapping[str, Note],
        gold: Mapping[str, GoldNote],
        day: str,
        *,
        trained_on: bool,
    ) -> ModelErasure:
        """Has everything written that is to change.

        Args:
          notes: the client's, by their hash in `held_out.json`.
          gold: their annotation by note id, where they have one.
          day: today, YYYY-MM-DD.
          trained_on: whether the model may have learned from the client's notes; else it changes
            only where it names them.

        Raises:
          UsageError: the folder cannot be written to.
        """
        documents: Mapping[str, Any] = self._contents.documents
        self._write_document("training_examples", forget_samples, self._traces)
        self._forget_memory(notes, gold)
        self._write_document("held_out", forget_held_out, notes.keys())
        self._drop_aliases(documents["lexicon"])
        for name in list(self._entries):
            if Path(name).suffix != ".json" and names_client(self._folder / name, self._traces):
                self._remove(name)
        if trained_on or self.erasure.files:
            self._mark(day)
        return self.erasure

    def _mark(self, day: str) -> None:
        """Marks the model, drops its checkpoints, and closes with the manifest."""
        metadata = self._contents.metadata
        kept = [name for name in self._entries if not name.startswith(f"{CHECKPOINTS}/")]
        if len(kept) < len(self._entries):
            self._entries = {name: self._entries[name] for name in kept}
            self._replacement.remove(self._folder / CHECKPOINTS)
            self.erasure.files[f"{CHECKPOINTS}/"] = None
        if metadata.get(RETRAIN_DUE) is not True:
            told = {RETRAIN_DUE: True, "retrain_reason": REASON, "retrain_since": day}
            self._write(METADATA, lambda path: write_json(path, {**metadata, **told}))
            self.erasure.files[METADATA] = 0
            self.erasure.marked = True
        if self.erasure.files:
            made = {"schema_version": SCHEMA_VERSION, "files": dict(sorted(self._entries.items()))}
            self._write(MANIFEST, lambda path: write_json(path, made))
            self.erasure.files[MANIFEST] = 0

    def _write_document(
        self, stem: str, forget: Callable[[Any, Any], tuple[dict[str, Any], int]], given: Any
    ) -> None:
        kept, count = forget(self._contents.documents[stem], given)
        if count:
            self._contents.documents[stem] = kept
            self._write(f"{stem}.json", lambda path: write_json(path, kept))
            self.erasure.files[f"{stem}.json"] = count

    def _forget_memory(self, notes: Mapping[str, Note], gold: Mapping[str, GoldNote]) -> None:
        """Takes back what the client's annotated notes said of their wordings."""
        documents: Mapping[str, Any] = self._contents.documents
        fold_of = documents["held_out"]["folds"]
        fitted = {digest: note for digest, note in notes.items() if digest in fold_of}
        if not fitted or not documents["decision"]["remembers"]:
            return
        settings = from_dict(self._contents.metadata["configuration"])
        row_of = {each["concept_id"]: row for row, each in enumerate(documents["lexicon"])}
        memory = read_memory(self._contents.arrays["memory"], len(row_of))
        stream = make_stream([note.text for note in fitted.values()], settings.model.buckets)
        # Where the annotation is gone by now, the wordings still are to go.
        told = [gold.get(n.note_id, GoldNote(n.note_id, (), ())) for n in fitted.values()]
        fold_B = np.array([fold_of[digest] for digest in fitted], np.int64)
        theirs = remember([(stream, told, fold_B)], row_of, len(memory.notes_F), settings.detect)
        self._write_arrays("memory.safetensors", memory_arrays(withdraw(memory, theirs)))
        self.erasure.files["memory.safetensors"] = len(fitted)

    def _write_arrays(self, name: str, arrays: Arrays) -> None:
        plain = {key: np.asarray(arrays[key], order="C") for key in sorted(arrays)}
        data = safetensors.numpy.save(plain)
        self._write(name, lambda path: write_bytes(path, data))

    def _drop_aliases(self, lexicon: list[dict[str, Any]]) -> None:
        """Drops aliases that are the client's, with their vectors and their numbers."""
        before = list_aliases(_lexicon_of(lexicon))
        kept = [
            {**each, "aliases": [a for a in each["aliases"] if not self._traces.names(a)]}
            for each in lexicon
        ]
        left = set(list_aliases(_lexicon_of(kept)))
        stays_A = np.array([alias in left for alias in before], bool)
        if stays_A.all():
            return
        vectors = self._contents.arrays["embeddings"]
        arrays = {**vectors, "aliases": vectors["aliases"][stays_A]}
        held: Any = self._contents.documents["held_out"]
        row_A = np.cumsum(stays_A) - 1
        held = {**held, "aliases": [int(row_A[row]) for row in held["aliases"] if stays_A[row]]}
        self._write("lexicon.json", lambda path: write_json(path, kept))
        self._write_arrays("embeddings.safetensors", arrays)
        self._write("held_out.json", lambda path: write_json(path, held))
        gone = int((~stays_A).sum())
        names = ("lexicon.json", "embeddings.safetensors", "held_out.json")
        self.erasure.files |= {n: gone + (self.erasure.files.get(n) or 0) for n in names}

    def _write(self, name: str, write: Callable[[Path], None]) -> None:
        def describe(path: Path) -> int:
            write(path)
            data = path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            self._entries |= {name: {"sha256": digest, "size": len(data)}}
            return 1

        # Not in the folder: a file that the manifest does not list makes it unreadable.
        self._replacement.write(self._folder / name, describe, beside=self._folder)

    def _remove(self, name: str) -> None:
        self._replacement.remove(self._folder / name)
        del self._entries[name]
        self.erasure.files[name] = None


def _lexicon_of(documents: Iterable[Mapping[str, Any]]) -> Lexicon:
    return Lexicon(
        tuple(
            Concept(each["concept_id"], each["label"], tuple(each["aliases"])) for each in documents
        )
    )
