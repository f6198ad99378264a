"""`lvmh-jax review export` and `lvmh-jax review import`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from os.path import exists
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table


@click.group(
    "review",
    invoke_without_command=True,
    epilog="""\b
Example:
  lvmh-jax review export --n 30 --output tasks.json
  lvmh-jax review import reviewed.json
  lvmh-jax train

Commands take --workspace DIR, --json, --quiet, --verbose and --debug; `export` also takes
--model-path PATH and --models-dir DIR.""",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Export notes to annotate, and import the result."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command(
    "export",
    epilog="""\b
Example:
  lvmh-jax review export --n 30 --output tasks.json
  lvmh-jax review export --n 50 --output tasks.json --labels labelling.xml
  lvmh-jax review export --format doccano --output tasks.json""",
)
@options.output_file(
    "--output",
    "output_file",
    "File to write: one task per line (.jsonl), or one JSON array (.json).",
    ".jsonl",
    ".json",
)
@click.option(
    "--n",
    "count",
    type=click.IntRange(1),
    default=30,
    metavar="N",
    help="Number of notes to export (default: 30).",
)
@click.option(
    "--strategy",
    type=click.Choice(["uncertainty", "random"]),
    default="random",
    help="Which notes: random ones (the default), or those about which the model is least certain, "
    "of varied concepts and languages (uncertainty). Wherever we measured, random notes taught the "
    "model as much or more.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["label-studio", "doccano"]),
    default="label-studio",
    help="Annotation tool that will read the file (default: label-studio).",
)
@options.output_file(
    "--labels", "labels_file", "Also write Label Studio's labelling interface (XML).", ".xml"
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    metavar="S",
    help="Seed of `--strategy random` (default: 0); another seed picks other notes.",
)
@options.trained_model
@options.common
def export(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    output_file: Path | None,
    count: int,
    strategy: str,
    form: str,
    labels_file: Path | None,
    seed: int,
) -> None:
    """Write notes to annotate, with proposed spans.

    Notes that are already in a gold file are left out. The output contains the notes' texts
    unredacted, because annotators have to read them. A label is a concept id; the prefix `not:`
    says that the note denies the concept.
    """
    if output_file is None:
        raise click.UsageError("give --output FILE")
    if labels_file is not None and form != "label-studio":
        raise click.UsageError("--labels is for Label Studio; leave it out with --format doccano")
    from lvmh_jax.io.outputs import require_writable

    for file in (output_file, labels_file):
        if file is not None:
            require_writable(file)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.review import export as write

    with output.progress() as progress:
        result = write(
            path,
            workspace,
            output=output_file,
            labels=labels_file,
            count=count,
            strategy=strategy,
            form=form,
            seed=seed,
            progress=progress,
        )
    keys = ("notes", "unannotated", "annotated", "proposed_spans", "seconds")
    output.result(result, [f"model: {path}", *_lines(result, keys)])


@command.command(
    "import",
    epilog="""\b
Example:
  lvmh-jax review import reviewed.json
  lvmh-jax review import project-export.json --split dev""",
)
@click.argument("reviewed", type=options.FILE, metavar="REVIEWED")
@click.option(
    "--split",
    type=click.Choice(["train", "dev"]),
    default="train",
    help="Gold split to append to (default: train).",
)
@options.workspace
@options.common
def take(output: Output, workspace: Path, reviewed: Path, split: str) -> None:
    """Check annotated notes, and append them to the gold notes.

    Reads exports of Label Studio (JSON) and doccano (JSON lines). Every span has to lie within the
    note's unchanged text and name a concept of the lexicon; otherwise nothing is written. A note
    that is already in the split is replaced; one that is in another split is refused.
    """
    options.require_workspace(workspace)
    with output.starting():
        from lvmh_jax.io.outputs import require_writable
        from lvmh_jax.io.reviews import place_gold
        from lvmh_jax.pipeline.review import take_in

    target = place_gold(workspace, split)
    require_writable(target)
    if exists(reviewed):
        fix = "move it to another folder, and give it from there"
        options.keep_inputs([target], [reviewed], fix)
    with output.progress() as progress:
        result = take_in(reviewed, workspace, split=split, progress=progress)
    keys = ("imported", "added", "replaced", "without_annotation", "spans", "negated_spans")
    output.result(result, _lines(result, keys))


def _lines(result: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    yield f"output: {result['output']}"
    if result.get("labels"):
        yield f"labels: {result['labels']}"
    yield from table([(key.replace("_", " "), figure(result[key])) for key in keys])
