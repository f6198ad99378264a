"""`lvmh-jax link`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from lvmh_jax.cli import options
from lvmh_jax.cli.output import Output, figure
from lvmh_jax.errors import InvalidInputError, NotFoundError


@click.command(
    "link",
    epilog="""\b
Example:
  lvmh-jax link --input phrases.txt --top-k 3
  echo "red handbag" | lvmh-jax link""",
)
@click.option(
    "--input",
    "input_file",
    default="-",
    metavar="FILE",
    help="Phrases, one per line, UTF-8; `-` (default) is standard input.",
)
@click.option(
    "--top-k",
    type=click.IntRange(1),
    default=5,
    metavar="N",
    help="Nearest concepts for each phrase (default: 5).",
)
@options.lexicon
@options.trained_model
@options.common
def command(
    output: Output,
    workspace: Path,
    find_model: Callable[[], Path],
    input_file: str,
    top_k: int,
    lexicon_file: Path | None,
) -> None:
    """Link phrases to the nearest concepts of the lexicon.

    Prints one result per line, in order, and an empty line for an empty one. The nearest concepts
    are always given; `nil` says that even the first is too far away to be meant.
    """
    path = find_model()
    if input_file == "-" and sys.stdin is not None and sys.stdin.isatty():
        output.progress().say("reading phrases, one a line; end with Ctrl-D")
    phrases = read_phrases(input_file)
    with output.starting():
        from lvmh_jax.pipeline.link import link

    with output.progress() as progress:
        results = link(path, phrases, top_k, lexicon_file=lexicon_file, progress=progress)
    if output.as_json or results:
        output.result({"results": results}, _lines(results))


def read_phrases(input_file: str) -> list[str]:
    """Lines of a file, or of standard input for `-`.

    Only line feeds end a line: U+2028 and its kind belong to the phrase.

    Raises:
      NotFoundError: there is no such file.
      InvalidInputError: it is not UTF-8 text.
    """
    if input_file == "-":
        where, data = "standard input", sys.stdin.buffer.read() if sys.stdin else b""
    else:
        where, file = input_file, Path(input_file)
        if not file.exists():
            raise NotFoundError("no such file", where=where, fix="check --input")
        if file.is_dir():
            raise InvalidInputError("is a folder", where=where, expected="a file, a phrase a line")
        data = file.read_bytes()
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidInputError("is not UTF-8", where=f"{where}:{line}", expected="UTF-8") from None
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _lines(results: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line a phrase: the phrase, then its concepts, separated by tabs.

    An empty line stays one: it names nothing, and line n is still the result of line n.
    """
    for result in results:
        if not result["phrase"].strip():
            yield ""
            continue
        concepts = [
            f"{each['concept_id']} {each['label']} ({figure(each['confidence'])})"
            for each in result["concepts"]
        ]
        nil = ["no known concept; nearest:"] if result["nil"] else []
        yield "\t".join([result["phrase"], *nil, *concepts])
