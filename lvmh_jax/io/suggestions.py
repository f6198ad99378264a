"""Files of the lexicon's curation: judged candidates, suggested aliases, new concepts, lexicons."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any, TypeAlias

from lvmh_jax.data.documents import dump_json, parse_json, quote
from lvmh_jax.data.lexicon import parse_lexicon, parse_lexicon_table
from lvmh_jax.data.yesno import parse_mark
from lvmh_jax.errors import InvalidInputError, NotFoundError, UsageError
from lvmh_jax.io.csvrows import Row, edit_csv
from lvmh_jax.io.outputs import find_target, write_whole
from lvmh_jax.io.sources import CsvRow, Sources, parse_csv, read_csv_rows
from lvmh_jax.io.workspace import CANDIDATE_COLUMNS, LEXICON, LEXICON_TABLE, TABLE_COLUMNS
from lvmh_jax.records import Lexicon
from lvmh_jax.stages.suggestions import Mark, Suggestion, join_aliases

JUDGED_COLUMNS = (
    *CANDIDATE_COLUMNS,
    "concept_id",
    "confidence",
    "is_new",
    "status",
    "score",
    "cluster_id",
)
SUGGESTION_COLUMNS = (
    "concept_id",
    "label",
    "alias",
    "language",
    "notes",
    "evidence_note_ids",
    "confidence",
    "accept",
)
NEW_CONCEPT_COLUMNS = ("cluster_id", "name", "candidates", "notes", "evidence_note_ids", "cohesion")
NEEDED = ("concept_id", "alias")
LONGEST_MARK = 12  # characters
Warn: TypeAlias = Callable[[str], object]
_SPACES = re.compile(r"[^\S\x85]+")  # that one is a damaged "…" where a person wrote the cell


def _say_nothing(_: str) -> None:
    pass


def write_table(
    path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]], *, marked: bool = False
) -> int:
    """Writes a CSV file that appears when it is whole; returns the number of rows.

    Args:
      path: of the file.
      columns: the header.
      rows: the cells of each.
      marked: with a byte order mark, without which Excel takes UTF-8 for Windows-1252. For files
        that a person edits: those that machines read have none.

    Raises:
      UsageError: as `write_whole`.
    """
    count = 0
    encoding = "utf-8-sig" if marked else "utf-8"

    def write(temporary: Path) -> None:
        nonlocal count
        with temporary.open("w", encoding=encoding, newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                writer.writerow(row)
                count += 1

    write_whole(path, write)
    return count


def read_suggestions(path: Path, warn: Warn = _say_nothing) -> list[Suggestion]:
    """Reads `alias_suggestions.csv`, or any CSV with `concept_id` and `alias`.

    A person has marked it in a spreadsheet, which may save it with semicolons and decimal commas.

    Args:
      path: of the file.
      warn: is told of an encoding that was assumed.

    Raises:
      NotFoundError: there is no such file.
      InvalidInputError: it is not of its format.
    """
    if not path.exists():
        fix = "run `lvmh-jax keywords`, which writes it"
        raise NotFoundError("No data found; no such file", where=path.as_posix(), fix=fix)
    sources = Sources(path.parent)
    where = sources.name(path)
    # All of them first: what breaks the table is told before what stands in a cell.
    text = _read_table(sources, path, warn)
    rows = list(read_csv_rows(text, where, NEEDED, delimiter=None))
    return [_make_suggestion(row, where) for row in rows]


def _read_table(sources: Sources, path: Path, warn: Warn) -> str:
    text = sources.read_table(path)
    for warning in sources.warnings:
        warn(warning)
    return text


def read_marks(path: Path) -> list[Mark]:
    """What a person wrote into column `accept` of a file, whatever it is.

    Raises:
      InvalidInputError: it cannot be read, or is no CSV with `concept_id` and `alias`.
    """
    sources = Sources(path.parent)
    text = sources.read_table(path)
    rows = parse_csv(text, path.as_posix(), NEEDED, delimiter=None)
    cells = ((row["concept_id"], row["alias"], row.get("accept", "").strip()) for row in rows)
    return [each for each in cells if each[2]]


def keep_beside(path: Path) -> Path:
    """Keeps a file that is to be replaced under a further name, FILE.bak, and returns that.

    Raises:
      UsageError: its folder cannot be written.
    """
    try:
        for number in count(1):
            name = f"{path.name}.bak" if number == 1 else f"{path.stem}-{number}{path.suffix}.bak"
            if not os.path.lexists(kept := path.with_name(name)):
                break
        try:
            os.link(
                find_target(path), kept
            )  # so that readers find the old file until the new one is there
        except OSError:  # a file system without hard links
            copyfile(path, kept)
    except OSError as error:
        raise UsageError(
            f"cannot be kept ({error.strerror or type(error).__name__})",
            where=path.as_posix(),
            fix="move it away, or choose another folder",
        ) from error
    return kept


def _make_suggestion(row: CsvRow, where: str) -> Suggestion:
    cells = row.cells
    written = cells.get("accept", "").strip()
    place = f"{where}: {row.place}"
    accepted = parse_mark(written)
    if written and accepted is None:
        raise InvalidInputError(
            f"{_show_mark(written)} is not known",
            where=place,
            expected="yes or no, in any language of the notes, or an empty cell",
        )
    cell = cells.get("confidence", "").strip()
    try:
        confidence = float(cell.replace(",", ".")) if cell else None
    except ValueError:
        confidence = float("nan")
    if confidence is not None and not 0 <= confidence <= 1:
        raise InvalidInputError("column confidence is out of range", where=place, expected="0 to 1")
    return Suggestion(
        row=row.number,
        concept_id=cells["concept_id"].strip(),
        alias=_SPACES.sub(" ", cells["alias"]).strip(" "),
        confidence=confidence,
        accepted=accepted,
    )


def _show_mark(written: str) -> str:
    """A mark in a message: a word that we do not know; a sentence may be about a client."""
    is_word = len(written) <= LONGEST_MARK and written.isalpha()
    return f"{quote(written)} in column accept" if is_word else "what stands in column accept"


def find_lexicon(root: Path) -> Path:
    """The lexicon file of a workspace.

    Raises:
      NotFoundError: there is none.
    """
    for name in (LEXICON, LEXICON_TABLE):
        if (root / name).exists():
            return root / name
    looked = " and ".join((root / name).as_posix() for name in (LEXICON, LEXICON_TABLE))
    raise NotFoundError(
        f"No data found; looked for {looked}", fix="give their folder with --workspace DIR"
    )


def read_document(path: Path, warn: Warn = _say_nothing) -> tuple[dict[str, Any], Lexicon]:
    """A lexicon as its JSON object, every key kept, and as it is understood.

    A table becomes the object that stands for the same lexicon.

    Args:
      path: of the file.
      warn: is told of an encoding that was assumed.

    Raises:
      InvalidInputError: it is not of its format.
    """
    sources = Sources(path.parent)
    where = sources.name(path)
    if path.suffix.lower() != ".csv":
        text = sources.read_text(path)
        document = parse_json(text, where)
        lexicon, _ = parse_lexicon(document, where)
        return dict(document) if isinstance(document, dict) else {}, lexicon
    lexicon = _parse_table(_read_table(sources, path, warn), where)
    made = {
        each.concept_id: {
            "label": each.label,
            "aliases": list(each.aliases),
            "languages": "|".join(each.languages),
            "freq_notes": each.freq_notes,
            "examples": list(each.examples),
            "rule": f"bucket={each.bucket}",
            **({"sensitive": True} if each.sensitive else {}),
        }
        for each in lexicon.concepts
    }
    return made, lexicon


def _parse_table(text: str, where: str) -> Lexicon:
    rows = read_csv_rows(text, where, TABLE_COLUMNS, delimiter=None)
    return parse_lexicon_table(((row.place, row.cells) for row in rows), where)[0]


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Writes a lexicon as JSON that people can read, also one with a lone surrogate.

    Raises:
      UsageError: as `write_whole`.
    """
    text = dump_json(document)
    write_whole(path, lambda temporary: _write_text(temporary, text))


def write_grown_table(source: Path, path: Path, grown: Mapping[str, Sequence[str]]) -> None:
    """Writes a lexicon table with more aliases; columns, delimiter and other rows are as read.

    Args:
      source: the table to grow, a CSV that `read_document` reads.
      path: where to write; it may be the same.
      grown: concept id to its new aliases.

    Raises:
      InvalidInputError: it is Windows-1252, in which a new alias cannot be written, or what would
        be written cannot be read again; then nothing is.
      UsageError: as `write_whole`.
    """

    def grow(row: Row) -> Row:
        new = grown.get(row["concept_id"], ())
        return {**row, "aliases": join_aliases(row["aliases"], new)} if new else row

    def write(temporary: Path) -> None:
        edit_csv(source, temporary, TABLE_COLUMNS, lambda _: grow)
        _require_same(source, temporary, path.as_posix())

    write_whole(path, write)


def _require_same(source: Path, grown: Path, where: str) -> None:
    """Raises InvalidInputError where a table with more aliases is not read with the same cells."""
    before, after = (Sources(path.parent).read_table(path) for path in (source, grown))
    _parse_table(after, where)
    if _read_others(before, where) != _read_others(after, where):
        raise InvalidInputError(
            "with the new aliases its other cells would be read otherwise: nothing is written",
            where=where,
            fix="write the lexicon as JSON, with --output FILE.json",
        )


def _read_others(text: str, where: str) -> list[dict[str, str]]:
    """The cells of a table but those of aliases."""
    rows = read_csv_rows(text, where, TABLE_COLUMNS, delimiter=None)
    return [{**row.cells, "aliases": ""} for row in rows]


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
