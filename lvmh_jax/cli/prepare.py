"""`lvmh-jax prepare`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os.path import exists
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, table

DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|"}


@click.command(
    "prepare",
    epilog="""\b
Example:
  lvmh-jax prepare export.csv --dry-run
  lvmh-jax prepare export.csv --workspace boutique --client-column "Client ID"

\b
The export has ID and Transcription, and may have Date, Duration, Language and Length, under these
names or their equivalents in the twelve languages. CSV (UTF-8, UTF-16, Windows-1252), JSON lines
and parquet are recognised by their content.""",
)
@click.argument("raw", type=options.FILE, metavar="RAW")
@click.option(
    "--workspace",
    type=options.FOLDER,
    default=".",
    metavar="DIR",
    help="Folder to write data/processed/ in (default: the current folder).",
)
@click.option(
    "--client-column",
    metavar="NAME",
    help="Column of the client's id (default: `client_id`, else the note's id, so each note is its "
    "own client).",
)
@click.option("--id-column", metavar="NAME", help="Column of the note's id (default: by its name).")
@click.option("--text-column", metavar="NAME", help="Column of the text (default: by its name).")
@click.option("--date-column", metavar="NAME", help="Column of the date (default: by its name).")
@click.option(
    "--language-column", metavar="NAME", help="Column of the language (default: by its name)."
)
@click.option(
    "--delimiter",
    metavar="CHAR",
    help="Delimiter of CSV: , ; | or tab (default: found from the header).",
)
@click.option("--encoding", metavar="NAME", help="Encoding of a text file (default: detected).")
@click.option(
    "--language-default",
    metavar="XX",
    help="Language of notes that name none (default: detected offline).",
)
@click.option(
    "--date-order",
    type=click.Choice(["dmy", "mdy"]),
    help="Whether numeric dates have day or month first (default: found from all dates of the "
    "column).",
)
@click.option("--keep-personal-data", is_flag=True, help="Leave personal data in the texts.")
@click.option("--force", is_flag=True, help="Replace existing notes and candidates.")
@click.option("--dry-run", is_flag=True, help="Read and report everything, write nothing.")
@options.common
def command(
    output: Output,
    raw: Path,
    workspace: Path,
    client_column: str | None,
    id_column: str | None,
    text_column: str | None,
    date_column: str | None,
    language_column: str | None,
    delimiter: str | None,
    encoding: str | None,
    language_default: str | None,
    date_order: str | None,
    keep_personal_data: bool,
    force: bool,
    dry_run: bool,
) -> None:
    """Clean a raw export into notes and keyword candidates.

    Texts are normalised, dates and languages read, duplicates reported, and personal data is
    redacted: what has a form or is announced, such as [EMAIL], [PHONE] or [NAME]. That is no
    anonymisation. A table in the end says what was found, changed and dropped.
    """
    delimiter = _read_delimiter(delimiter)
    from lvmh_jax.records import LANGUAGES

    default = (language_default or "").upper()
    if default and default not in LANGUAGES:
        raise click.UsageError(f"--language-default is one of {', '.join(LANGUAGES)}")
    with output.starting():
        from lvmh_jax.io.rawcolumns import Told
        from lvmh_jax.io.workspace import CANDIDATES, NOTES
        from lvmh_jax.pipeline.prepare import prepare

    if not dry_run and exists(raw):
        targets = [workspace / NOTES, workspace / CANDIDATES]
        options.keep_inputs(targets, [raw], "move it to another folder, and give it from there")

    with output.progress() as progress:
        result = prepare(
            raw,
            workspace,
            told=Told(client_column, id_column, text_column, date_column, language_column),
            delimiter=delimiter,
            encoding=encoding,
            default_language=default,
            date_order=date_order,
            keep_personal_data=keep_personal_data,
            force=force,
            dry_run=dry_run,
            progress=progress,
        )
    output.result({"dry_run": dry_run, **result}, _lines(result))


def _read_delimiter(written: str | None) -> str | None:
    if written is None:
        return None
    delimiter = DELIMITERS.get(written.lower(), written)
    if len(delimiter) != 1 or delimiter in '"\r\n\0' or delimiter.isalnum():
        raise click.UsageError(
            "--delimiter is one character, no letter and no digit, such as ';', or `tab`"
        )
    return delimiter


def _lines(result: Mapping[str, Any]) -> Iterator[str]:
    doubles, languages = result["duplicates"], result["languages"]
    dropped = {why: count for why, count in result["dropped"].items() if count}
    repeats = f"{doubles['exact']:,} exact, {doubles['near']:,} near"
    if doubles["first_lines"]:
        first, again = doubles["first_lines"][0]
        repeats += f" (first: lines {first} and {again}; all kept)"
    detected = dict(languages["detected"])
    unknown = detected.pop("none", 0)
    rows = [
        ("rows read", f"{result['rows_read']:,}"),
        (
            "notes written",
            "none (dry run)" if not result["outputs"] else f"{result['notes_written']:,}",
        ),
        ("clients", f"{result['clients']:,}"),
        ("dropped", _counts(dropped)),
        ("languages given", _counts(languages["given"])),
        ("detected", _counts(detected)),
        *([("not recognised", f"the language of {_count(unknown, 'note')}")] if unknown else []),
        ("dates", _describe_dates(result["dates"])),
        ("same text", repeats),
        (result["personal_data"], _counts(result["redactions"])),
        ("candidates", f"{result['candidates']:,}"),
        ("seconds", f"{result['seconds']:.1f} ({result['notes_per_second']:,.0f} notes/s)"),
    ]
    yield from table(rows)
    if count := languages["not_understood"]:
        yield f"{_count(count, 'language')} not understood: detected instead"
    if count := result["names_spared"]:
        listed = "`doctor --rule personal-name` lists these"
        yield f"{_count(count, 'name')} kept, as aliases of the lexicon: {listed}"
    if count := result["ids_with_personal_data"]:
        yield f"{_count(count, 'id')} with what looks like personal data; ids are kept"
    for path in result["outputs"]:
        yield f"output: {path}"


def _describe_dates(dates: Mapping[str, Any]) -> str:
    told = f"{dates['read']:,} read, {dates['none']:,} none, {dates['unread']:,} not understood"
    if dates["first_unread_lines"]:
        told += f" (first in line {dates['first_unread_lines'][0]})"
    if dates["either_order"] or dates["order"] == "month first":
        told += f"; {dates['order']}" + ("" if dates["is_order_told"] else ", which no date tells")
    return told


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
