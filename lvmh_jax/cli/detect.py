"""`lvmh-jax detect`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table

OUTPUT = Path("data", "outputs", "note_concepts.csv")


@click.command(
    "detect",
    epilog="""\b
Example:
  lvmh-jax detect
  lvmh-jax detect --notes export.parquet --output found.csv --min-precision 0.9""",
)
@options.model_path
@click.option(
    "--notes",
    "notes_file",
    type=options.FILE,
    metavar="FILE",
    help="Notes to read (default: data/processed/notes_clean.parquet of the workspace).",
)
@click.option(
    "--output",
    "output_file",
    type=options.FILE,
    metavar="FILE",
    help=f"CSV to write (default: WORKSPACE/{OUTPUT.as_posix()}).",
)
@click.option(
    "--min-confidence",
    type=options.SHARE,
    metavar="P",
    help="Keep mentions of at least this confidence, 0 to 1.",
)
@click.option(
    "--min-precision",
    type=options.SHARE,
    metavar="P",
    help="Choose the confidence that reached this precision in validation, 0 to 1.",
)
@click.option("--dictionary-only", is_flag=True, help="Exact matches only, without learning.")
@click.option(
    "--max-per-alias",
    type=click.IntRange(1),
    metavar="N",
    help="Keep at most N matches of an alias in a note (default: all).",
)
@options.folders
@options.common
def command(
    output: Output,
    workspace: Path,
    models_dir: Path,
    model_path: str,
    notes_file: Path | None,
    output_file: Path | None,
    min_confidence: float | None,
    min_precision: float | None,
    dictionary_only: bool,
    max_per_alias: int | None,
) -> None:
    """Find the concepts in notes and write them as CSV.

    A row is a mention: note, client, concept, the alias it matched, where in the text it is, how
    sure the model is, and whether the note affirms or negates it.
    """
    if min_confidence is not None and min_precision is not None:
        raise click.UsageError("--min-confidence and --min-precision exclude each other; give one")
    from lvmh_jax.io.runs import resolve_model

    path = resolve_model(model_path, models_dir)
    from lvmh_jax.pipeline.detect import detect

    with output.progress() as progress:
        result = detect(
            path,
            workspace,
            notes_file=notes_file,
            output=output_file or workspace / OUTPUT,
            min_confidence=min_confidence,
            min_precision=min_precision,
            dictionary_only=dictionary_only,
            max_per_alias=max_per_alias,
            progress=progress,
        )
        for warning in result.get("warnings", ()):
            progress.warn(str(warning))
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    yield f"output: {result['output']}"
    keys = ("notes", "mentions", "seconds", "notes_per_second")
    yield from table([(key.replace("_", " "), figure(result.get(key))) for key in keys])
