"""A workspace folder, read and validated in one go: notes, lexicon, candidates, gold.

Nothing is guessed and nothing is half read: what is missing is listed with what to run, what is
broken is refused in one line, and what is merely odd is accepted with a warning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from os.path import exists  # unlike Path.exists, False where a folder may not be searched
from pathlib import Path
from typing import NoReturn

from lvmh_jax.config import FEW_NOTES
from lvmh_jax.data.documents import parse_json
from lvmh_jax.data.gold import parse_gold
from lvmh_jax.data.lexicon import MAX_COUNT, parse_lexicon, parse_lexicon_table
from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError
from lvmh_jax.io import notes as note_files
from lvmh_jax.io.collector import pause_collector
from lvmh_jax.io.sources import Sources, parse_csv, read_csv_rows
from lvmh_jax.records import Candidate, GoldNote, Lexicon, Note, Workspace

NOTES = "data/processed/notes_clean.parquet"
CANDIDATES = "data/processed/candidates.csv"
LEXICON = "taxonomy/lexicon_v1.json"
LEXICON_TABLE = "taxonomy/lexicon_v1.csv"
GOLD = "data/gold"
SUGGESTIONS = "data/outputs/alias_suggestions.csv"  # a person marks them
NO_LEXICON_FIX = "write a lexicon, copy one there, or give its folder with --workspace DIR"
NO_DATA_FIX = (
    "write the notes with `lvmh-jax prepare EXPORT`, run the pipeline that writes them, or give "
    "their folder with --workspace DIR"
)

TABLE_COLUMNS = ("concept_id", "aliases")  # of a lexicon that people keep in a spreadsheet
COLUMN_FIX = "name the columns so in the first row"
CANDIDATE_COLUMNS = ("candidate", "language", "freq_notes", "avg_score", "example_note_ids")


def list_inputs(root: Path) -> list[Path]:
    """The files of a workspace that commands read, there or not."""
    names = (NOTES, CANDIDATES, LEXICON, LEXICON_TABLE)
    return [*(root / name for name in names), *sorted((root / GOLD).glob("*.jsonl"))]


def read_workspace(
    root: Path,
    *,
    splits: tuple[str, ...] = ("train", "dev"),
    notes_file: Path | None = None,
    most_notes: int | None = None,
) -> Workspace:
    """Reads everything that training or evaluation needs.

    Args:
      root: the workspace folder.
      splits: gold splits to read where they are there; no other gold file is opened.
      notes_file: notes to read instead of the workspace's, as `read_notes_file` reads them.
      most_notes: of a larger file, a sample of so many is read, and the annotated notes.

    Returns:
      The workspace. A split without a file, or of whose notes the workspace has none, has no key.

    Raises:
      NotFoundError: notes or lexicon are not there.
      InvalidInputError: a file is there, but empty or not of its format.
    """
    sources = Sources(root)
    notes_path = notes_file or root / NOTES
    lexicon_paths = (root / LEXICON, root / LEXICON_TABLE)
    if notes_file:
        _require_notes(notes_file, is_given=True)
    if not exists(notes_path) or not any(map(exists, lexicon_paths)):
        fix = NO_LEXICON_FIX if exists(notes_path) else NO_DATA_FIX
        _raise_no_data(notes_path, *lexicon_paths, fix=fix)
    required = note_files.REQUIRED if notes_file else note_files.COLUMNS
    stream = note_files.NoteStream(sources, notes_path, required)
    if most_notes is None or stream.total <= most_notes:
        notes = tuple(chain.from_iterable(stream))
    else:
        notes = note_files.sample_notes(stream, most_notes, _list_annotated(root / GOLD, splits))
        sources.warnings.append(
            f"{sources.name(notes_path)}: {len(notes):,} of {stream.total:,} notes are read, "
            "chosen by a hash of their ids (--set train.most_notes=N)"
        )
    if len(notes) < FEW_NOTES:
        sources.warnings.append(
            f"{sources.name(notes_path)}: {len(notes)} notes are few: figures will be unstable "
            f"below {FEW_NOTES}"
        )
    lexicon = read_lexicon(sources, *lexicon_paths)
    candidates = read_candidates(sources, root / CANDIDATES)
    gold = read_gold(sources, root / GOLD, splits, {note.note_id: note.text for note in notes})
    return Workspace(
        notes=notes,
        total_notes=stream.total,
        lexicon=lexicon,
        candidates=candidates,
        gold=gold,
        digests=sources.digests,
        warnings=tuple(sources.warnings),
    )


def read_notes_file(path: Path, *, root: Path | None = None) -> tuple[tuple[Note, ...], list[str]]:
    """Reads notes alone, for `detect --notes FILE`: parquet, `.csv` or `.jsonl`.

    Args:
      path: the file; `note_id` and `text` are enough.
      root: the workspace whose notes they are, for messages; None for a file that a user named.

    Returns:
      The notes in file order, and the warnings.

    Raises:
      NotFoundError: the file is not there.
      InvalidInputError: it is empty or not of its format.
    """
    _require_notes(path, is_given=root is None)
    sources = Sources(root or path.parent)
    return note_files.read_notes(sources, path, note_files.REQUIRED), sources.warnings


def read_notes_of(root: Path) -> tuple[tuple[Note, ...], list[str]]:
    """Reads the notes of a workspace alone: `detect` needs no lexicon but the model's.

    Raises:
      NotFoundError, InvalidInputError: as `read_notes_file`.
    """
    return read_notes_file(root / NOTES, root=root)


def stream_notes(
    root: Path, notes_file: Path | None = None, *, may_be_empty: bool = False
) -> tuple[note_files.NoteStream, list[str]]:
    """The notes of a workspace, or of a file, to be read piece by piece.

    Returns:
      The stream, and the list of warnings, which grows until the stream has ended.

    Raises:
      NotFoundError, InvalidInputError: as `read_notes_file`; of single notes, when they are read.
    """
    path = notes_file or root / NOTES
    _require_notes(path, is_given=notes_file is not None)
    sources = Sources(path.parent if notes_file else root)
    stream = note_files.NoteStream(sources, path, note_files.REQUIRED, may_be_empty=may_be_empty)
    return stream, sources.warnings


def read_lexicon_file(path: Path) -> tuple[Lexicon, list[str]]:
    """Reads a lexicon alone, `.csv` by its name and JSON otherwise, and the warnings.

    Raises:
      NotFoundError: the file is not there.
      InvalidInputError: it is empty or not of its format.
    """
    if not exists(path):
        raise NotFoundError(
            "no such file", where=path.as_posix(), fix="check the path of the lexicon"
        )
    sources = Sources(path.parent)
    is_table = path.suffix.lower() == ".csv"
    absent = path.with_name(f".{path.name}.none")
    paths = (absent, path) if is_table else (path, absent)
    return read_lexicon(sources, *paths), sources.warnings


def _require_notes(path: Path, *, is_given: bool) -> None:
    """Raises NotFoundError where there is no file of notes.

    Args:
      path: the file.
      is_given: by its name, so that another workspace would not help.
    """
    if not exists(path):
        _raise_no_data(path, fix="check the path of --notes" if is_given else NO_DATA_FIX)


def _raise_no_data(*paths: Path, fix: str) -> NoReturn:
    looked = (f"{path.as_posix()} ({'found' if exists(path) else 'missing'})" for path in paths)
    raise NotFoundError(f"No data found; looked for {', '.join(looked)}", fix=fix)


def read_lexicon(sources: Sources, json_path: Path, table_path: Path) -> Lexicon:
    """The lexicon of the JSON file, or of the table where there is no JSON file.

    Raises:
      InvalidInputError: it is empty or not of its format.
    """
    if not exists(json_path):
        return _read_table(sources, table_path)
    where = sources.name(json_path)
    with pause_collector():
        document = parse_json(sources.read_text(json_path), where)
        lexicon, warnings = parse_lexicon(document, where)
    sources.warnings += warnings
    if exists(table_path) and (told := _describe_table(sources.root, table_path, lexicon)):
        sources.warnings.append(f"{where}: it is read, and not {sources.name(table_path)}, {told}")
    return lexicon


def _read_table(sources: Sources, path: Path) -> Lexicon:
    where = sources.name(path)
    text = sources.read_table(path)
    rows = read_csv_rows(text, where, TABLE_COLUMNS, delimiter=None, fix=COLUMN_FIX)
    lexicon, warnings = parse_lexicon_table(((row.place, row.cells) for row in rows), where)
    sources.warnings += warnings
    return lexicon


def _describe_table(root: Path, path: Path, lexicon: Lexicon) -> str:
    """In what a table beside the JSON differs from it; "" where it says the same, as it may.

    Who edits the table in a spreadsheet would wait for ever for what it changes.
    """
    fix = "delete or rename the one that is not meant"
    try:
        table = _read_table(Sources(root), path)
    except LvmhError:
        return f"which is there too and cannot be read: {fix}"
    ours, theirs = ({one.concept_id: one for one in each.concepts} for each in (lexicon, table))
    differing = len(ours.keys() ^ theirs.keys()) + sum(
        {*theirs[name].aliases} != {*ours[name].aliases}
        or (theirs[name].sensitive and not ours[name].sensitive)  # it need not have the column
        for name in ours.keys() & theirs.keys()
    )
    count = "1 concept" if differing == 1 else f"{differing:,} concepts"
    return f"which is there too and differs in {count}: {fix}" if differing else ""


def read_candidates(sources: Sources, path: Path) -> tuple[Candidate, ...]:
    """Keyword candidates; none, with a warning, where there is no file.

    Raises:
      InvalidInputError: it is empty or not of its format.
    """
    where = sources.name(path)
    if not exists(path):
        sources.warnings.append(f"{where}: not there; no keyword candidates")
        return ()
    rows = parse_csv(sources.read_text(path), where, CANDIDATE_COLUMNS)
    named = [(number, row) for number, row in enumerate(rows, start=1) if row["candidate"].strip()]
    if len(named) < max(len(rows), 1):
        sources.warnings.append(
            f"{where}: {len(rows) - len(named)} rows without a candidate: skipped"
            if rows
            else f"{where}: it holds no candidate"
        )
    return tuple(_parse_candidate(row, f"{where}: row {number}") for number, row in named)


def _parse_candidate(row: Mapping[str, str], place: str) -> Candidate:
    frequency = _parse_number(row, "freq_notes", place)
    if not 0 <= frequency <= MAX_COUNT or frequency % 1:
        raise InvalidInputError(
            "column freq_notes is not a count", where=place, expected="a whole number, 0 or more"
        )
    return Candidate(
        text=" ".join(row["candidate"].split()),
        languages=tuple(code for code in row["language"].upper().split("|") if code),
        freq_notes=int(frequency),
        avg_score=_parse_number(row, "avg_score", place),
        example_note_ids=tuple(part for part in row["example_note_ids"].split("|") if part),
    )


def _parse_number(row: Mapping[str, str], column: str, place: str) -> float:
    """A cell as a finite number, 0 where it is empty."""
    try:
        value = float(row[column] or 0)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidInputError(
            f"column {column} is not a number", where=place, expected="a finite number"
        )
    return value


def _list_annotated(folder: Path, splits: tuple[str, ...]) -> set[str]:
    """Ids that gold files name, before their notes are read; what is broken is told later."""
    found: set[str] = set()
    for path in (folder / f"{split}.jsonl" for split in splits):
        lines: list[str] = []
        with suppress(LvmhError):
            lines = Sources(folder).read_text(path).split("\n")
        for line in lines:
            with suppress(LvmhError):
                fields = parse_json(line, "") if line.strip() else None
                if isinstance(fields, dict):
                    found.add(str(fields.get("note_id")))
    return found


def read_gold(
    sources: Sources, folder: Path, splits: tuple[str, ...], texts: Mapping[str, str]
) -> dict[str, tuple[GoldNote, ...]]:
    """Annotated notes by split; a split without a file, or without a note of `texts`, has no key.

    Args:
      sources: reads the files.
      folder: of the gold files.
      splits: to read.
      texts: of the workspace's notes, by id.

    Raises:
      InvalidInputError: a file is empty or not of its format.
    """
    gold: dict[str, tuple[GoldNote, ...]] = {}
    split_of: dict[str, str] = {}
    for split in splits:
        path = folder / f"{split}.jsonl"
        if not exists(path):
            continue
        # Not splitlines: U+2028 and others may stand inside a JSON string.
        lines = sources.read_text(path).split("\n")
        kept, warnings = parse_gold(lines, sources.name(path), texts)
        sources.warnings += warnings
        if kept:
            gold[split] = kept
        shared = [note for note in kept if split_of.setdefault(note.note_id, split) != split]
        if shared:
            sources.warnings.append(
                f"{sources.name(path)}: {len(shared)} notes are in split "
                f"{split_of[shared[0].note_id]} too: scores on one are not free of the other"
            )
    return gold
