"""`lvmh-jax embed`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table

OUTPUT = Path("data", "outputs", "note_vectors.parquet")


@click.command(
    "embed",
    epilog="""\b
Example:
  lvmh-jax embed
  lvmh-jax embed --notes export.parquet --output vectors.parquet
  lvmh-jax embed --notes millions.parquet --output vectors.parquet --workers 8 --resume""",
)
@options.notes
@options.output_file(
    "--output",
    "output_file",
    f"Parquet to write (default: WORKSPACE/{OUTPUT.as_posix()}).",
    ".parquet",
    neutral=("",),  # it is no text
)
@options.work
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    notes_file: Path | None,
    output_file: Path | None,
    workers: int | None,
    runner: str,
    resume: bool,
) -> None:
    """Turn notes into vectors and write them as parquet.

    A row is a note: its id, its client and a vector of length 1. Notes that hold the same concepts
    lie near each other, in whatever languages they are written; a note without a word is zeros.

    The file appears when it is complete. Until then a run over many thousand notes keeps finished
    parts beside it, in .FILE.parts, for --resume; with another model or other notes, --resume is
    refused with exit code 5.
    """
    from lvmh_jax.io.outputs import require_writable

    target = output_file or workspace / OUTPUT
    require_writable(target)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.embed import embed

    with output.progress() as progress:
        result = embed(
            path,
            workspace,
            notes_file=notes_file,
            output=target,
            workers=workers,
            runner=runner,
            resume=resume,
            progress=progress,
        )
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    yield f"output: {result['output']}"
    keys = ("notes", "width", "seconds", "notes_per_second")
    yield from table([(key.replace("_", " "), figure(result.get(key))) for key in keys])
