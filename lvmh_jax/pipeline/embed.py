"""Embeds notes and writes `note_vectors.parquet` (stage 5 of the pipeline)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from lvmh_jax.io.columns import load_readers
from lvmh_jax.io.locks import hold_output
from lvmh_jax.io.parts import VECTORS, identify_run
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.runtime import read_clock, read_version, stop_on_sigterm
from lvmh_jax.io.tables import VectorBatch, write_vectors
from lvmh_jax.io.workspace import NOTES, stream_notes
from lvmh_jax.pipeline.loading import load_model
from lvmh_jax.pipeline.resuming import Batch, Made, open_parts, telling_the_way_on, work_through
from lvmh_jax.pipeline.runners import POOL, open_runner
from lvmh_jax.stages.vectors import make_embedder


def embed(
    model_path: Path,
    workspace_dir: Path,
    *,
    notes_file: Path | None,
    output: Path,
    workers: int | None = None,
    runner: str = POOL,
    resume: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Embeds, and streams the vectors into a file that appears whole or not at all.

    The bytes are the same with any number of `workers`, and with any `runner`. With `resume` the
    finished parts of an interrupted run are taken up, where there are any.

    Raises:
      UsageError: another run is writing the output, or it cannot be written.
      ResumeRefusedError: the interrupted run had another model or other notes.
    """
    with ExitStack() as stack:
        stack.enter_context(stop_on_sigterm())
        stack.enter_context(hold_output(output))
        load_readers()
        started_s = read_clock()
        # Before the model: what is wrong with the notes need not wait for it.
        notes, warnings = stream_notes(workspace_dir, notes_file, may_be_empty=True)
        notes.check_ids()
        opened_s = read_clock()
        said, work = open_runner(
            partial(load_embedder, model_path), runner, workers, notes.total, stack
        )
        for warning in said:
            progress.warn(warning)
        started_s += read_clock() - opened_s
        identify = partial(_identify, model_path, notes_file or workspace_dir / NOTES)
        parts = open_parts(output, VECTORS, notes.total, identify, resume, progress)
        resumed = parts.notes
        progress.start("note", notes.total)
        with telling_the_way_on(parts):
            vectors = work_through(work, notes, notes.total, parts, progress)
            count, width = write_vectors(output, vectors)
        parts.drop()
        seconds = read_clock() - started_s  # the farewells of workers are no work
    progress.stop()
    for warning in warnings:
        progress.warn(warning)
    return {
        "output": str(output),
        "notes": count,
        "notes_resumed": resumed,
        "width": width,
        "seconds": round(seconds, 3),
        "notes_per_second": round((count - resumed) / max(seconds, 1e-9), 1),
    }


def load_embedder(model_path: Path) -> tuple[list[str], Callable[[Batch], Made[VectorBatch]]]:
    """Loads a model: the warnings, and the function that embeds a batch of notes."""
    said: list[str] = []
    detector = load_model(model_path, said.append).detector
    # One thread adds in one order: each worker, however many cores it has, gets the same frame.
    with threadpool_limits(1):
        embedder = make_embedder(detector)
    detector.warm_up()

    def embed_batch(batch: Batch) -> Made[VectorBatch]:
        ids = [note.note_id for note in batch], [note.client_id for note in batch]
        return len(batch), [VectorBatch(*ids, embedder.embed(batch))]

    return said, embed_batch


def _identify(model_path: Path, notes_file: Path) -> dict[str, Any]:
    """What the parts of this run depend on."""
    options = {"command": "embed", "version": read_version()}
    return identify_run(model_path, {"notes": notes_file}, options)
