"""`lvmh-jax lexicon accept`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table


@click.group(
    "lexicon",
    invoke_without_command=True,
    epilog="""\b
Example:
  lvmh-jax keywords
  lvmh-jax lexicon accept data/outputs/alias_suggestions.csv --output new_lexicon.json
  lvmh-jax detect --lexicon new_lexicon.json

Commands take --workspace DIR, --json, --quiet, --verbose and --debug.""",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Add accepted aliases to the lexicon."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command(
    "accept",
    epilog="""\b
Example:
  lvmh-jax keywords                     then open the file and write yes beside right aliases
  lvmh-jax lexicon accept data/outputs/alias_suggestions.csv --output new_lexicon.json
  lvmh-jax lexicon accept data/outputs/alias_suggestions.csv --in-place""",
)
@click.argument("suggestions", type=options.FILE, metavar="SUGGESTIONS.csv")
@options.output_file(
    "--output",
    "output_file",
    "New lexicon to write; the file must not exist yet. FILE.json, or, if the workspace's lexicon "
    "is a table, FILE.csv with the same columns.",
    ".json",
    ".csv",
)
@click.option(
    "--in-place", is_flag=True, help="Overwrite the workspace's lexicon instead of writing a copy."
)
@click.option(
    "--min-confidence",
    type=options.SHARE,
    metavar="P",
    help="Also accept unmarked rows of at least this confidence, 0 to 1. Confident suggestions may "
    "still be wrong: check the new aliases before you use them.",
)
@options.workspace
@options.common
def accept(
    output: Output,
    workspace: Path,
    suggestions: Path,
    output_file: Path | None,
    in_place: bool,
    min_confidence: float | None,
) -> None:
    """Add suggested aliases to a copy of the lexicon.

    Accepts the rows whose column `accept` says yes, y, 1, true or x, or yes in a language of the
    notes (oui); a row that says no is never accepted. Refused are rows with an unknown concept, an
    alias that this or another concept already lists, personal data, or characters damaged by a
    wrong encoding. Rows are numbered as in a spreadsheet: the header is row 1, and blank rows
    count. The new lexicon works with `detect --lexicon` and `show --lexicon` without training.
    """
    if (output_file is None) == (not in_place):
        raise click.UsageError("give either --output FILE or --in-place")
    with output.starting():
        from lvmh_jax.io.outputs import require_writable
        from lvmh_jax.io.suggestions import find_lexicon

    options.require_workspace(workspace)
    source = find_lexicon(workspace)
    target = output_file or source
    if target.suffix.lower() == ".csv" and source.suffix.lower() != ".csv":
        raise click.UsageError(
            f"{target.as_posix()} would be a table, and {source.as_posix()} is JSON; give FILE.json"
        )
    if output_file is not None and output_file.exists():
        raise click.UsageError(f"{output_file.as_posix()} already exists; choose another name")
    require_writable(target)
    with output.starting():
        from lvmh_jax.pipeline.curate import accept as take

    with output.progress() as progress:
        result = take(
            suggestions,
            workspace,
            output=output_file,
            min_confidence=min_confidence,
            progress=progress,
        )
    output.result(result, _lines(result))


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    yield f"output: {result['output']}"
    yield from table(
        [(key, figure(result[key])) for key in ("rows", "chosen", "added", "concepts")]
    )
    yield f"refused: {figure(result['refused_by_reason']) or 'none'}"
