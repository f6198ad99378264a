"""`lvmh-jax show`."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output

if TYPE_CHECKING:
    from lvmh_jax.pipeline.show import Shown


@click.command(
    "show",
    epilog="""\b
Example:
  lvmh-jax show --text "Cherche un bracelet pour sa femme" --language FR
  lvmh-jax show --note-id N0012 --html note.html
  lvmh-jax show --note-id N0012 --lexicon new_lexicon.json""",
)
@click.option("--note-id", metavar="ID", help="Note of the workspace to show.")
@click.option("--text", metavar="TEXT", help="Text to show instead of a note.")
@click.option(
    "--language",
    metavar="NAME",
    help="Language of --text, as ISO 639-1 or by name; it decides which words deny.",
)
@options.output_file(
    "--html", "html", "Also write the note as one page; it holds the note's text.", *options.PAGE
)
@options.lexicon
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    note_id: str | None,
    text: str | None,
    language: str | None,
    html: Path | None,
    lexicon_file: Path | None,
) -> None:
    """Show a note with its concepts underlined.

    Several lines under one place are overlapping concepts; a dashed line is a concept that the note
    denies. The list below has label, confidence, polarity, words and alias.
    """
    if (note_id is None) == (text is None):
        raise click.UsageError("give either --note-id or --text")
    if language is not None and text is None:
        raise click.UsageError("--language goes with --text; a note has its own")
    if not _is_unicode(text or ""):
        raise click.UsageError("--text is not valid in the encoding of this terminal")
    if html is not None:
        from lvmh_jax.io.outputs import require_writable

        require_writable(html)
    path = find_model()
    with output.starting():
        from lvmh_jax.pipeline.show import list_found, show

    with output.progress() as progress:
        shown = show(
            path,
            workspace,
            note_id=note_id,
            text=text,
            html=html,
            language=_read_language(language or ""),
            lexicon_file=lexicon_file,
            progress=progress,
        )
    payload = {
        "note_id": note_id,
        "text": shown.note.text,
        "language": shown.note.language,
        "mentions": list_found(shown),
        "html": html,
    }
    output.result(payload, _lines(shown, html))


def _read_language(written: str) -> str:
    from lvmh_jax.data.rawnotes import parse_language
    from lvmh_jax.records import LANGUAGES

    code = parse_language(written)
    if code is None or code not in ("", *LANGUAGES):
        raise click.UsageError(f"--language is one of {', '.join(LANGUAGES)}")
    return code


def _lines(shown: Shown, html: Path | None) -> Iterator[str]:
    """Lines with colours where stdout is a terminal that has them; NO_COLOR takes them away."""
    from rich.cells import cell_len
    from rich.console import Console
    from rich.text import Text

    from lvmh_jax.display.terminal import PLAIN, Strokes, draw_note

    width = shutil.get_terminal_size().columns
    strokes = Strokes() if _has(sys.stdout, "".join(Strokes())) else PLAIN
    lines = draw_note(
        shown.note.text, shown.mentions, shown.labels, width, cell_len, strokes=strokes
    )
    console = Console(
        file=io.StringIO(),
        force_terminal=sys.stdout is not None and sys.stdout.isatty(),
        no_color=bool(os.environ.get("NO_COLOR")),
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in lines:
        with console.capture() as captured:
            drawn = Text.assemble(*((run.text, run.style) for run in line))
            console.print(drawn, soft_wrap=True, end="")
        yield captured.get()
    if html is not None:
        yield f"page: {html}"


def _is_unicode(text: str) -> bool:
    """False for bytes of the command line that Python could not decode."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _has(stream: object, characters: str) -> bool:
    """Whether the encoding of a stream has some characters."""
    try:
        characters.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True
