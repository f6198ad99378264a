"""Raw export to `notes_clean.parquet` and `candidates.csv` (the way into a workspace)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from os.path import exists
from pathlib import Path
from typing import Any

from lvmh_jax.data.cleaning import NoteCleaner, RawRow, read_owner
from lvmh_jax.data.clientids import StandIns
from lvmh_jax.data.dateorder import ORDERS, DateOrder, judge_dates
from lvmh_jax.data.keywords import KeywordCounter
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.data.productnames import SparedNames
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.prepared import require_free, write_prepared
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.rawcolumns import BY_NAME, Told
from lvmh_jax.io.rawfiles import RawFile, open_raw
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.workspace import CANDIDATES, LEXICON, LEXICON_TABLE, NOTES, read_lexicon
from lvmh_jax.records import LANGUAGES, Candidate, Note

EVERY = 20_000  # notes between two lines of progress


def prepare(
    raw: Path,
    workspace: Path,
    *,
    told: Told = BY_NAME,
    delimiter: str | None = None,
    encoding: str | None = None,
    default_language: str = "",
    date_order: str | None = None,
    keep_personal_data: bool = False,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Cleans an export into a workspace; with `dry_run` everything but writing.

    Args:
      raw: the export; it is read twice, for all its dates decide how one of them is read.
      workspace: where the notes go; names that its lexicon has are kept.
      told: columns that the user names.
      delimiter: of CSV; None to be told by the header.
      encoding: of a text file; None to be told by its bytes.
      default_language: of notes that name none; "" to be detected.
      date_order: `dmy` or `mdy`; None to be told by the dates.
      keep_personal_data: leaves texts as they are.
      force: replaces notes and candidates that are there.
      dry_run: writes nothing.
      progress: is told how far it is, and of what is assumed.

    Returns: the summary, as `--json` prints it.
    """
    started_s = read_clock()
    if not dry_run:
        require_free(workspace, force=force)
    file = open_raw(raw, told=told, delimiter=delimiter, encoding=encoding)
    order = judge_dates((row.date for row in _read_again(file)), date_order)
    stand_ins = _open_stand_ins(file)
    cleaner = NoteCleaner(
        file.where,
        default_language=default_language,
        keep_personal_data=keep_personal_data,
        stand_in=stand_ins.name,
        month_first=order.month_first,
        spare=_read_spared(workspace, file.warnings if keep_personal_data else None).drop,
    )
    counter = KeywordCounter()
    progress.start("note", 0)
    notes = _stream(file, cleaner, counter, progress)
    candidates = _write(notes, counter, None if dry_run else workspace)
    progress.stop()
    if file.has_clients:
        file.warnings += _warn_of_clients(cleaner, stand_ins, file.where)
    file.warnings += _warn_of_dates(order, file.where)
    for warning in file.warnings:
        progress.warn(warning)
    seconds = read_clock() - started_s
    outputs = [] if dry_run else [str(workspace / NOTES), str(workspace / CANDIDATES)]
    return {
        "outputs": outputs,
        "input": {"file": file.where, "format": file.form, "encoding": file.encoding},
        **_summary(cleaner, order),
        "candidates": candidates,
        "personal_data": "kept" if keep_personal_data else "redacted",
        "warnings": file.warnings,
        "seconds": round(seconds, 3),
        "notes_per_second": round(cleaner.tally.read / max(seconds, 1e-9), 1),
    }


def _read_again(file: RawFile) -> Iterator[RawRow]:
    """The rows once more; what is assumed is told when they are cleaned."""
    return replace(file, warnings=[]).rows()


def _open_stand_ins(file: RawFile) -> StandIns:
    def read() -> Iterator[tuple[str, str]]:
        # Of JSON a later line may have the client's id, where the first has none.
        may_have = file.has_clients or file.form == "jsonl"
        return map(read_owner, _read_again(file) if may_have else ())

    return StandIns(read)


def _read_spared(workspace: Path, warnings: list[str] | None) -> SparedNames:
    """What the lexicon of a workspace spares, where it has one.

    Args:
      workspace: it.
      warnings: takes in that the lexicon is broken; with None that is an error. What else there is
        to say of it the doctor says.
    """
    paths = (workspace / LEXICON, workspace / LEXICON_TABLE)
    if not any(map(exists, paths)):
        return SparedNames(())
    try:
        return SparedNames(list_aliases(read_lexicon(Sources(workspace), *paths)))
    except InvalidInputError as error:
        where = (workspace / error.where).as_posix()
        told = InvalidInputError(error.what, where=where, expected=error.expected, fix=error.fix)
    if warnings is None:
        raise told
    warnings.append(f"{told}; no name of it is spared in candidates")
    return SparedNames(())


def _stream(
    file: RawFile, cleaner: NoteCleaner, counter: KeywordCounter, progress: Progress
) -> Iterator[Note]:
    tally = cleaner.tally
    for row in file.rows():
        cleaned = cleaner.clean(row)
        if tally.read % EVERY == 0:
            progress.advance(tally.read, examples=float(tally.read))
        if cleaned is not None:
            note, redacted = cleaned
            counter.add(note.note_id, note.language, redacted)
            yield note
    cleaner.refuse_conflicts()
    if not tally.written:
        raise InvalidInputError(
            f"it holds no note with text ({tally.read} rows)",
            where=file.where,
            expected="one or more",
        )


def _write(notes: Iterator[Note], counter: KeywordCounter, workspace: Path | None) -> int:
    """Draws all notes, and writes them and the candidates where there is a workspace.

    Returns: how many candidates there are.
    """
    candidates: list[Candidate] = []

    def list_candidates() -> list[Candidate]:
        candidates.extend(counter.candidates())
        return candidates

    if workspace is None:
        deque(notes, maxlen=0)
        list_candidates()
    else:
        write_prepared(workspace, notes, list_candidates)
    return len(candidates)


def _warn_of_clients(cleaner: NoteCleaner, stand_ins: StandIns, where: str) -> list[str]:
    """A line where notes count as clients though there is a column of clients."""
    count, moved = cleaner.tally.without_client, stand_ins.moved
    names = "note names" if count == 1 else "notes name"
    called = f"; {moved:,} with the ID of a client as `note:` and the ID" if moved else ""
    own = f"{where}: {count:,} {names} no client: each is its own client{called}"
    return [own] if count else []


def _warn_of_dates(order: DateOrder, where: str) -> list[str]:
    """A line where dates are lost that the other order would read."""
    if not order.missed:
        return []
    taken, other = ("month", "day") if order.month_first else ("day", "month")
    name = next(name for name, first in ORDERS.items() if first != order.month_first)
    count = f"{order.missed:,} date{'s' if order.missed > 1 else ''}"
    told = f"{count} can only be {other} first: all are read {taken} first, and these left empty"
    return [f"{where}: {told} (--date-order {name} reads all {other} first)"]


def _summary(cleaner: NoteCleaner, order: DateOrder) -> dict[str, Any]:
    tally, duplicates = cleaner.tally, cleaner.duplicates()
    codes = {code: n for code, n in tally.given.items() if code not in LANGUAGES}
    return {
        "rows_read": tally.read,
        "notes_written": tally.written,
        "clients": cleaner.clients,
        "dropped": {"no text": tally.without_text, "identical row": tally.repeated},
        "languages": {
            "given": dict(tally.given.most_common()),
            "detected": {code or "none": n for code, n in tally.detected.most_common()},
            "not_understood": tally.language_unread,
            "outside_the_twelve": codes,
        },
        "dates": {
            "read": tally.dated,
            "none": tally.undated,
            "unread": tally.date_unread,
            "first_unread_lines": tally.date_lines,
            "order": "month first" if order.month_first else "day first",
            "is_order_told": order.is_told,
            "either_order": order.both,
            "only_other_order": order.missed,
        },
        "duplicates": {
            "exact": duplicates.exact,
            "near": duplicates.near,
            "first_lines": [list(pair) for pair in duplicates.lines],
        },
        "redactions": dict(tally.redactions.most_common()),
        "names_spared": tally.spared,
        "notes_with_personal_data": tally.redacted_notes,
        "ids_with_personal_data": tally.ids_with_personal_data,
    }
