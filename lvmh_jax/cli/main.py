"""The command `lvmh-jax`: a group whose commands are imported when they are called.

This module and those of the commands import only click, the standard library and `errors`, so
`--help` is instant. A command imports what it needs when it runs.
"""

from __future__ import annotations

import atexit
import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click

from lvmh_jax import __version__
from lvmh_jax.cli.errors import run_guarded
from lvmh_jax.errors import nearest_name

# Name to module; each module holds one click command, named `command`.
COMMANDS = {
    "prepare": "lvmh_jax.cli.prepare",
    "doctor": "lvmh_jax.cli.doctor",
    "train": "lvmh_jax.cli.train",
    "list": "lvmh_jax.cli.list_models",
    "evaluate": "lvmh_jax.cli.evaluate",
    "report": "lvmh_jax.cli.report",
    "detect": "lvmh_jax.cli.detect",
    "show": "lvmh_jax.cli.show",
    "link": "lvmh_jax.cli.link",
    "embed": "lvmh_jax.cli.embed",
    "segment": "lvmh_jax.cli.segment",
    "relations": "lvmh_jax.cli.relations",
    "keywords": "lvmh_jax.cli.keywords",
    "lexicon": "lvmh_jax.cli.lexicon",
    "review": "lvmh_jax.cli.review",
    "forget": "lvmh_jax.cli.forget",
}


class LazyGroup(click.Group):
    """A group that imports a command when it is named, and reports failures in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, but an unknown command is answered with the nearest name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(f"no command {name!r}; {nearest_name(name, COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs the command line and leaves with its exit code.

        Replaces click's own, which exits with 1 when a pipe is closed, treats any EOFError as
        Ctrl-C, and drops the message of an interrupt.
        """
        from lvmh_jax.io.collector import relax_collector, spare_loaded

        words = list(sys.argv[1:] if args is None else args)
        name = prog_name or "lvmh-jax"
        relax_collector()
        # Else Python collects all objects at exit, which takes .3 s after a training.
        atexit.register(spare_loaded)

        def run() -> None:
            self._main_shell_completion(extra, name, complete_var)
            with self.make_context(name, list(words), **extra) as ctx:
                self.invoke(ctx)

        code = run_guarded(run, words)
        if standalone_mode:
            sys.exit(code)
        return code


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  lvmh-jax train                 learn from ./taxonomy and ./data, write ./models/...
  lvmh-jax list                  see the trained models and which one is best
  lvmh-jax detect                write data/outputs/note_concepts.csv with the best model

\b
Exit codes:
  0 done                         4 not found: no data, no such model
  1 internal error               5 resume refused: configuration or data differ
  2 wrong usage, or an output    6 a quality gate failed
    that cannot be written
  3 an input file is invalid     130 interrupted

Every command has its own --help. Results go to stdout, progress and warnings to stderr.""",
)
@click.option("--version", "tells_version", is_flag=True, help="Show the version and exit.")
@click.option("--json", "as_json", is_flag=True, hidden=True)
@click.pass_context
def main(ctx: click.Context, tells_version: bool, as_json: bool) -> None:
    """Finds the concepts of a lexicon in multilingual client notes, and learns new wordings.

    A workspace is a folder with notes (data/processed/notes_clean.parquet) and a lexicon
    (taxonomy/lexicon_v1.json). Train a detector on it once, then use it on any notes.
    """
    if tells_version:
        from lvmh_jax.cli.output import Output

        lines = [f"lvmh-jax, version {__version__}"]
        Output(as_json).result({"version": __version__}, lines)
        ctx.exit()
    if as_json:
        raise click.UsageError("--json belongs behind a command, or to --version")
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
