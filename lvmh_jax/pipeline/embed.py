"""Embeds notes and writes `note_vectors.parquet` (stage 5 of the pipeline)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.data.frequency import read_frequencies
from lvmh_jax.detect.detector import batch_stream
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import unpack_model
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import enable_compile_cache, read_clock
from lvmh_jax.io.tables import VectorBatch, write_vectors
from lvmh_jax.io.threads import map_in_order
from lvmh_jax.io.workspace import stream_notes
from lvmh_jax.records import Note
from lvmh_jax.stages.vectors import NoteEmbedder, make_embedder


def embed(
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    output: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Embeds, and streams the vectors into a file that appears whole or not at all."""
    contents = read_model(model_path)
    enable_compile_cache()
    embedder = make_embedder(unpack_model(contents, str(model_path)).detector)
    if embedder.detector.scorer is not None:
        read_frequencies()  # a second, part of loading: the first note need not wait for it
    started_s = read_clock()
    notes, warnings = stream_notes(workspace_dir, notes_file)
    width = embedder.frame_CD.shape[1]
    progress.start("note", notes.total)
    count = write_vectors(output, _stream(embedder, notes, progress), width)
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    seconds = read_clock() - started_s
    return {
        "output": str(output),
        "notes": count,
        "width": width,
        "seconds": round(seconds, 3),
        "notes_per_second": round(count / max(seconds, 1e-9), 1),
    }


def _stream(
    embedder: NoteEmbedder, notes: Iterable[Sequence[Note]], progress: Progress
) -> Iterator[VectorBatch]:
    def embed_batch(batch: Sequence[Note]) -> VectorBatch:
        ids = [note.note_id for note in batch], [note.client_id for note in batch]
        return VectorBatch(*ids, embedder.embed(batch))

    done = 0
    for vectors in map_in_order(embed_batch, batch_stream(notes)):
        yield vectors
        done += len(vectors.note_ids)
        progress.advance(done, examples=float(done))
