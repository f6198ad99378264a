"""`lvmh-jax detect`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
  lvmh-jax detect --notes export.parquet --output found.csv --min-precision 0.9
  lvmh-jax detect --notes millions.parquet --output found.parquet --workers 8 --resume""",
)
@options.notes
@options.output_file(
    "--output",
    "output_file",
    f"FILE.csv or FILE.parquet to write (default: WORKSPACE/{OUTPUT.as_posix()}).",
    ".csv",
    ".parquet",
    neutral=("",),
)
@options.lexicon
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
    help="Keep mentions from the confidence on that reached this precision in validation.",
)
@options.dictionary_only
@click.option(
    "--max-per-alias",
    type=click.IntRange(1),
    metavar="N",
    help="Keep at most N matches of an alias in a note; denials are counted separately "
    "(default: all).",
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
    lexicon_file: Path | None,
    min_confidence: float | None,
    min_precision: float | None,
    dictionary_only: bool,
    max_per_alias: int | None,
    workers: int | None,
    runner: str,
    resume: bool,
) -> None:
    """Find the concepts in notes and write them as a table.

    A row is a mention: note, client, concept, the alias it matched, its place in the text, the
    confidence, and whether the note affirms or negates it. If the output cannot be written, the
    command stops with exit code 2 before any work.

    The file appears when it is complete. Until then a run over many thousand notes keeps finished
    parts beside it, in .FILE.parts, for --resume; with another model, other notes or other options,
    --resume is refused with exit code 5.
    """
    if min_confidence is not None and min_precision is not None:
        raise click.UsageError("--min-confidence and --min-precision exclude each other; give one")
    from lvmh_jax.io.outputs import require_writable

    target = output_file or workspace / OUTPUT
    require_writable(target)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.detect import detect

    with output.progress() as progress:
        result = detect(
            path,
            workspace,
            notes_file=notes_file,
            output=target,
            lexicon_file=lexicon_file,
            min_confidence=min_confidence,
            min_precision=min_precision,
            dictionary_only=dictionary_only,
            max_per_alias=max_per_alias,
            workers=workers,
            runner=runner,
            resume=resume,
            progress=progress,
        )
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    yield f"output: {result['output']}"
    keys = ("notes", "mentions", "seconds", "notes_per_second")
    yield from table([(key.replace("_", " "), figure(result.get(key))) for key in keys])
