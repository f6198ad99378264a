"""`lvmh-jax forget`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table


@click.command(
    "forget",
    epilog="""\b
Example:
  lvmh-jax forget --client-id CL_0042 --dry-run     tell what would go
  lvmh-jax forget --client-id CL_0042               erase, and write a receipt
  lvmh-jax train                                    the weights still know: train again""",
)
@click.option(
    "--client-id",
    "client_ids",
    multiple=True,
    required=True,
    metavar="ID",
    help="The client's id as in column client_id; may be given several times.",
)
@click.option(
    "--outputs",
    multiple=True,
    type=options.FILE,
    metavar="PATH",
    help="A further file or folder of outputs; may be given several times (default: only "
    "data/outputs).",
)
@options.output_file(
    "--receipt",
    "receipt_file",
    "Receipt to write, JSON (default: WORKSPACE/data/forget_receipt_*.json).",
    ".json",
)
@click.option("--dry-run", is_flag=True, help="Tell what would go; change nothing.")
@options.folders
@options.common
def command(
    output: Output,
    workspace: Path,
    models_dir: Path,
    client_ids: tuple[str, ...],
    outputs: tuple[Path, ...],
    receipt_file: Path | None,
    dry_run: bool,
) -> None:
    """Erase a client from a workspace and its models.

    Rows of notes, gold, outputs, candidates and lexicon go, and so do the examples, hashes, pages
    and checkpoints that models hold. Weights keep what they learned until you train again, so
    models are marked "retrain due". Files that commands write by name, as alias_suggestions.csv,
    lose their rows in the workspace itself and in its other folders, too. Any other file beside
    data/, such as an export, stays as it is; a warning says where it names the client. All is
    written first and replaced then; a run that was cut off is completed by the next one, which
    tells the key of its receipt. The receipt names no client: it has a keyed hash of the id, and
    the key is printed here alone. Stop trainings that are under way before: their unfinished
    folders are removed.
    """
    if any(not client.strip() for client in client_ids):
        raise click.UsageError("--client-id is empty; give the id of a client")
    if receipt_file is not None:
        from lvmh_jax.io.outputs import find_target, require_writable

        require_writable(receipt_file)
        receipt_file = find_target(receipt_file)
    options.require_workspace(workspace)
    with output.starting():
        from lvmh_jax.pipeline.forget import forget, require_outputs

    require_outputs(outputs)
    with output.progress() as progress:
        result = forget(
            client_ids,
            workspace,
            models_dir,
            outputs=outputs,
            receipt=receipt_file,
            dry_run=dry_run,
            progress=progress,
        )
    output.result(result, _lines(result))


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    if not result["found"]:
        what = "was changed" if result["left"] else "found"
        yield f"nothing of this client {what} in {figure(result['looked_at'])} files"
        yield from _not_read(result)
        return
    if result["dry_run"]:
        yield "dry run: nothing was changed"
    rows = [("file", "removed")]
    for each in result["files"]:
        rows.append((each["path"], "all of it" if each["rows"] is None else figure(each["rows"])))
    yield from table(rows)
    yield from _not_read(result)
    yield f"clients: {figure(result['clients'])}, with {figure(result['notes'])} notes"
    if result["left_aliases"]:
        yield "left, for a wording may be anybody's: what stood in these notes alone"
        yield from table(
            [("lexicon", "concept", "wordings"), *map(_tell_left, result["left_aliases"])]
        )
        yield "take out what names the client; a model loses it with the next training"
    if result["models_marked"]:
        yield f"retrain due: {', '.join(result['models_marked'])}"
    if result["receipt"]:
        yield f"receipt: {result['receipt']}"
        yield f"receipt key (kept nowhere): {result['receipt_key']}"
    yield f"seconds: {figure(result['seconds'])}"


def _tell_left(each: Mapping[str, Any]) -> tuple[str, str, str]:
    return each["path"], each["concept_id"], f"{each['count']}: {', '.join(each['aliases'])}"


def _not_read(result: Mapping[str, Any]) -> Iterator[str]:
    if result["not_read"]:
        yield f"not searched, for they are no text: {', '.join(result['not_read'])}"
