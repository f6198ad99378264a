"""`lvmh-jax keywords`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure, table
from lvmh_jax.errors import UsageError

OUTPUTS = Path("data", "outputs")
TABLES = (".csv", ".json", ".jsonl", ".parquet", ".tsv", ".txt", ".xlsx")


@click.command(
    "keywords",
    epilog="""\b
Example:
  lvmh-jax keywords
  lvmh-jax keywords --output curation --min-confidence 0.6 --min-notes 2
  lvmh-jax keywords --workspace millions --workers 8 --resume""",
)
@click.option(
    "--output",
    "output_dir",
    type=options.FOLDER,
    metavar="DIR",
    help=f"Folder to write the three files to (default: WORKSPACE/{OUTPUTS.as_posix()}).",
)
@click.option(
    "--min-confidence",
    type=options.SHARE,
    default=0.4,
    metavar="P",
    help="Lowest confidence of a suggested alias, 0 to 1 (default: 0.4).",
)
@click.option(
    "--min-notes",
    type=click.IntRange(1),
    default=1,
    metavar="N",
    help="Notes that a suggestion must occur in (default: 1; for a new concept 2).",
)
@options.work
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    output_dir: Path | None,
    min_confidence: float,
    min_notes: int,
    workers: int | None,
    runner: str,
    resume: bool,
) -> None:
    """Find wordings and concepts that the lexicon lacks.

    Judges every keyword candidate, and every wording that the model finds in the notes.
    candidates.csv says which concept each candidate expresses and whether it is a new wording;
    alias_suggestions.csv lists new wordings of known concepts for a person to accept (`lvmh-jax
    lexicon accept`); new_concepts.csv lists groups of candidates that no concept covers. Wordings
    with personal data, recognised by form or by a title before them in a note, are never suggested.

    Marks in the column `accept` of an existing alias_suggestions.csv are carried over; if a mark
    has no row any more, the old file is kept as alias_suggestions.csv.bak. The column `notes` of
    new_concepts.csv is a lower bound of the notes that hold a group: for wordings in more than 64
    notes it is not known how many notes they share.

    The files appear when they are complete. Until then a run over many thousand notes keeps
    finished parts beside them, in .candidates.csv.parts, for --resume; with another model, other
    notes, candidates or options, --resume is refused with exit code 5.
    """
    with output.starting():
        from lvmh_jax.io.outputs import require_writable
        from lvmh_jax.io.workspace import list_inputs
        from lvmh_jax.pipeline.keywords import FILES, keywords

    if output_dir is not None:
        options.refuse_stdout(output_dir)
    target = output_dir or workspace / OUTPUTS
    if target.suffix.lower() in TABLES and not target.is_dir():
        raise UsageError(
            "three files are written", where=target.as_posix(), expected="the name of a folder"
        )
    files = [target / name for name in FILES]
    for file in files:
        require_writable(file)
    options.keep_inputs(files, list_inputs(workspace), "choose another folder for --output")
    path = find_model()
    with output.progress() as progress:
        result = keywords(
            path,
            workspace,
            output=target,
            min_confidence=min_confidence,
            min_notes=min_notes,
            workers=workers,
            runner=runner,
            resume=resume,
            progress=progress,
        )
    output.result(result, _lines(path, result))


def _lines(path: Path, result: Mapping[str, Any]) -> Iterator[str]:
    yield f"model: {path}"
    for file in result["outputs"]:
        yield f"output: {file}"
    keys = ("candidates", "suggested_aliases", "new_concepts", "seconds")
    yield from table([(key.replace("_", " "), figure(result[key])) for key in keys])
    yield f"candidates: {figure(result['statuses']) or 'none'}"
    if result["surest"]:
        yield ""
        rows = [("suggested alias", "concept", "notes", "confidence")]
        for each in result["surest"]:
            sure = figure(each["confidence"])
            rows.append((each["alias"], each["concept_id"], str(each["notes"]), sure))
        yield from table(rows)
    if result["largest"]:
        yield ""
        groups = [("new concept", "notes", "candidates")]
        for each in result["largest"]:
            groups.append((each["name"], str(each["notes"]), ", ".join(each["candidates"])))
        yield from table(groups)
