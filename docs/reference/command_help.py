"""Writes the help of every command where a page of the documentation asks for it.

The page then has what `--help` prints, and cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

MARK = "<!-- help of every command -->"
WIDTH = 96  # of a block of code on a desktop


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs calls this for every page, before it reads the Markdown."""
    if MARK not in markdown:
        return markdown
    from lvmh_jax.cli.main import main

    return markdown.replace(MARK, "\n".join(_sections(main, "lvmh-jax", 2)))


def _sections(command: click.Command, name: str, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH)
    context.help_option_names = ["-h", "--help"]
    yield f"\n{'#' * level} {name}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            below = command.get_command(context, each)
            if below is not None:
                yield from _sections(below, f"{name} {each}", min(level + 1, 3))
