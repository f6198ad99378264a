"""Options that several commands share, each defined once: name, help text and meaning."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from os.path import exists, realpath  # unlike Path.exists, no error in an unreadable folder
from pathlib import Path
from typing import Any, TypeAlias

import click

from lvmh_jax.cli.output import Output
from lvmh_jax.errors import NotFoundError, UsageError

Command: TypeAlias = Callable[..., None]
MOST_WORKERS = 256
RUNNERS = ("pool", "ray")  # as in pipeline/runners.py, which is slow to import
FOLDER = click.Path(path_type=Path)  # existence is not checked here: a missing one is exit 4, not 2
FILE = click.Path(path_type=Path)
PAGE = (".html", ".htm")
NEUTRAL = ("", ".txt")  # endings of a text file that promise no format


class Number(click.FloatRange):
    """A finite number in a range; click itself lets `nan` pass every range."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Parses and checks a number."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


SHARE = Number(0, 1)


def common(command: Command) -> Command:
    """Adds `--json --quiet --verbose --debug`; the command gets them as one `output`."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object, on one line.")
    @click.option("--quiet", "-q", is_flag=True, help="Print warnings, but no progress.")
    @click.option("--verbose", "-v", is_flag=True, help="Print a line for every step, and details.")
    @click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
    @functools.wraps(command)
    def with_output(*, as_json: bool, quiet: bool, verbose: bool, debug: bool, **rest: Any) -> None:
        del debug  # read from the command line itself, which may be what is wrong: cli/errors.py
        if quiet and verbose:
            raise click.UsageError("--quiet and --verbose exclude each other; give one")
        _keep_inputs(click.get_current_context().command.params, rest)
        command(output=Output(as_json, quiet, verbose), **rest)

    return with_output


def _keep_inputs(params: Sequence[click.Parameter], values: Mapping[str, Any]) -> None:
    """Raises UsageError if a file to write is one that the command, or training, reads."""
    outputs = [each for each in params if isinstance(each.type, OutputFile)]
    asked = {each.opts[0]: path for each in outputs if (path := values.get(each.name or ""))}
    if not any(exists(path) for path in asked.values()):
        return
    from lvmh_jax.io.workspace import SUGGESTIONS, list_inputs

    given = (values.get(each.name or "") for each in params if each.type is FILE)
    inputs = [path for path in given if isinstance(path, Path)]
    if isinstance(workspace := values.get("workspace"), Path):
        inputs += [*list_inputs(workspace), workspace / SUGGESTIONS]
    for option, path in asked.items():
        if exists(path):
            keep_inputs([path], inputs, f"choose another file for {option}")


def keep_inputs(targets: Iterable[Path], inputs: Sequence[Path], fix: str) -> None:
    """Refuses to overwrite inputs, for files whose names no option gives in full.

    Args:
      targets: files to write; they may not exist yet.
      inputs: files that the command, or training, reads; they may not exist.
      fix: what to do instead.

    Raises:
      UsageError: a target is an input, under the same name or another.
    """
    for path in targets:
        if any(_is_same(path, each) for each in inputs):
            what = "and would be replaced" if exists(path) else "which is not there yet"
            raise UsageError(f"is an input, {what}", where=path.as_posix(), fix=fix)


def _is_same(path: Path, other: Path) -> bool:
    both_there = exists(path) and exists(other)
    return path.samefile(other) if both_there else realpath(path) == realpath(other)


def workspace(command: Command) -> Command:
    """Adds `--workspace`."""
    return click.option(
        "--workspace",
        type=FOLDER,
        default=".",
        metavar="DIR",
        help="Folder with data/ and taxonomy/ (default: the current folder).",
    )(command)


def folders(command: Command) -> Command:
    """Adds `--workspace` and `--models-dir`, by default WORKSPACE/models."""

    @workspace
    @click.option(
        "--models-dir",
        type=FOLDER,
        metavar="DIR",
        help="Folder of the trained models (default: WORKSPACE/models).",
    )
    @functools.wraps(command)
    def with_folders(*, workspace: Path, models_dir: Path | None, **rest: Any) -> None:
        command(workspace=workspace, models_dir=models_dir or workspace / "models", **rest)

    return with_folders


def trained_model(command: Command) -> Command:
    """Adds `--model-path`, `--workspace` and `--models-dir`.

    The command gets `workspace` and `find_model`, which it calls once its options are checked, so
    that a wrong option is reported before a missing model.
    """

    @click.option(
        "--model-path",
        default="best",
        metavar="PATH|best",
        help="Model folder, or its name in the models folder; `best` (default) is the one with the "
        "highest validated F1 among those of the same lexicon and protocol as the newest.",
    )
    @folders
    @functools.wraps(command)
    def with_model(*, workspace: Path, model_path: str, models_dir: Path, **rest: Any) -> None:
        def find_model() -> Path:
            from lvmh_jax.io.runs import resolve_model

            require_workspace(workspace)
            return resolve_model(model_path, models_dir)

        command(workspace=workspace, find_model=find_model, **rest)

    return with_model


def require_workspace(workspace: Path) -> None:
    """Makes sure that the folder exists.

    Raises:
      NotFoundError: it does not. Without this check the error would be "no trained model here",
        which sends people to train.
    """
    if not exists(workspace):
        raise NotFoundError(
            "No data found; no such folder",
            where=workspace.as_posix(),
            fix="check the path of --workspace",
        )


def file(name: str, target: str, about: str) -> Callable[[Command], Command]:
    """Adds an option that names a file to read; None if it is not given."""
    return click.option(name, target, type=FILE, metavar="FILE", help=about)


class OutputFile(click.Path):
    """A file to write, whose suffix must fit the format that is written."""

    def __init__(self, suffixes: Sequence[str], neutral: Sequence[str]) -> None:
        super().__init__(path_type=Path)
        self._suffixes, self._neutral = suffixes, neutral

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Parses and checks a name."""
        refuse_stdout(value)
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        require_format(path, self._suffixes, self._neutral)
        return path


def output_file(
    name: str, target: str, about: str, *suffixes: str, neutral: Sequence[str] = NEUTRAL
) -> Callable[[Command], Command]:
    """Adds an option that names a file to write; None if it is not given.

    Args:
      name: of the option.
      target: name of the command's argument.
      about: help text.
      suffixes: of the formats that can be written.
      neutral: suffixes that stand for no format, and are accepted.
    """
    kind = OutputFile(suffixes, neutral)
    return click.option(name, target, type=kind, metavar="FILE", help=about)


def refuse_stdout(value: str | os.PathLike[str]) -> None:
    """Refuses `-`, which other programs take for standard output, as the name of an output.

    Raises:
      UsageError: it is `-`. Standard output is for results; files appear when they are complete.
    """
    if os.fspath(value) == "-":
        raise UsageError(
            "nothing but the result is written to standard output",
            where="-",
            expected="the name of a file or folder to write",
        )


def require_format(path: Path, suffixes: Sequence[str], neutral: Sequence[str] = NEUTRAL) -> None:
    """Refuses a name whose suffix stands for a format that is not written.

    Raises:
      UsageError: it is such a name: FILE.xlsx would hold CSV, and Excel would not open it.
    """
    if path.suffix.lower() not in (*suffixes, *neutral):
        names = " or ".join(f"FILE{suffix}" for suffix in suffixes)
        raise UsageError("not a format that we write", where=path.as_posix(), expected=names)


def lexicon(command: Command) -> Command:
    """Adds `--lexicon`."""
    about = (
        "Labels and aliases to use in place of the model's, without training. A label is found "
        "like an alias, also if there are no aliases; a concept without an entry is not found."
    )
    return file("--lexicon", "lexicon_file", about)(command)


def notes(command: Command) -> Command:
    """Adds `--notes`."""
    about = "Notes to read (default: data/processed/notes_clean.parquet of the workspace)."
    return file("--notes", "notes_file", about)(command)


def clients_of_notes(command: Command) -> Command:
    """Adds `--notes`, `--concepts` and `--include-sensitive`: where clients' concepts come from."""
    concepts = "Mentions to read, as `detect` writes them (default: detect them now)."
    command = click.option(
        "--include-sensitive",
        is_flag=True,
        help="Keep the concepts that the lexicon marks as sensitive; by default they are left out.",
    )(command)
    return notes(file("--concepts", "concepts_file", concepts)(command))


def dictionary_only(command: Command) -> Command:
    """Adds `--dictionary-only`."""
    return click.option(
        "--dictionary-only", is_flag=True, help="Use exact matches of the lexicon only."
    )(command)


def work(command: Command) -> Command:
    """Adds `--workers`, `--runner` and `--resume`, for commands that work through many notes."""
    command = click.option(
        "--resume",
        is_flag=True,
        help="Continue an interrupted run; if there is none, start at the first note.",
    )(command)
    command = click.option(
        "--runner",
        type=click.Choice(RUNNERS),
        default=RUNNERS[0],
        help="Where the workers run: as processes of this machine, or as actors on a Ray cluster "
        "(default: pool).",
    )(command)
    return click.option(
        "--workers",
        type=click.IntRange(1, MOST_WORKERS),
        metavar="N",
        help="Work in N processes, each with the model in memory; the output is the same (default: "
        "1; from 20,000 notes on, one per core, at most 4, except with an accelerator or on Ray).",
    )(command)
