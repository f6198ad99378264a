"""Raw export to `notes_clean.parquet` and `candidates.csv` (the way into a workspace)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvmh_jax.data.cleaning import NoteCleaner, read_owner
from lvmh_jax.data.keywords import KeywordCounter
from lvmh_jax.data.standins import StandIns
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.prepared import require_free, write_prepared
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.rawcolumns import BY_NAME, Told
from lvmh_jax.io.rawfiles import RawFile, open_raw
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.workspace import CANDIDATES, NOTES
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
    keep_personal_data: bool = False,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Cleans an export into a workspace; with `dry_run` everything but writing.

    Returns: the summary, as `--json` prints it.
    """
    started_s = read_clock()
    if not dry_run:
        require_free(workspace, force=force)
    file = open_raw(raw, told=told, delimiter=delimiter, encoding=encoding)
    cleaner, stand_ins = _open_cleaner(file, default_language, keep_personal_data)
    counter = KeywordCounter()
    notes = _stream(file, cleaner, counter, progress)
    candidates: list[Candidate] = []

    def list_candidates() -> list[Candidate]:
        candidates.extend(counter.candidates())
        return candidates

    progress.start("note", 0)
    if dry_run:
        for _ in notes:
            pass
        list_candidates()
    else:
        write_prepared(workspace, notes, list_candidates)
    progress.stop()
    if told.client is not None:
        file.warnings += _warn_of_clients(cleaner, stand_ins, file.where)
    for warning in file.warnings:
        progress.warn(warning)
    seconds = read_clock() - started_s
    outputs = [] if dry_run else [str(workspace / NOTES), str(workspace / CANDIDATES)]
    return {
        "outputs": outputs,
        "input": {"file": file.where, "format": file.form, "encoding": file.encoding},
        **_summary(cleaner),
        "candidates": len(candidates),
        "personal_data": "kept" if keep_personal_data else "redacted",
        "warnings": file.warnings,
        "seconds": round(seconds, 3),
        "notes_per_second": round(cleaner.tally.read / max(seconds, 1e-9), 1),
    }


def _open_cleaner(file: RawFile, language: str, keep: bool) -> tuple[NoteCleaner, StandIns]:
    again = replace(file, warnings=[])  # what it assumes is told once
    has_clients = file.told.client is not None
    stand_ins = StandIns(lambda: map(read_owner, again.rows() if has_clients else ()))
    cleaner = NoteCleaner(
        file.where, default_language=language, keep_personal_data=keep, stand_in=stand_ins.name
    )
    return cleaner, stand_ins


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


def _warn_of_clients(cleaner: NoteCleaner, stand_ins: StandIns, where: str) -> list[str]:
    """A line where notes count as clients though there is a column of clients."""
    count, moved = cleaner.tally.without_client, stand_ins.moved
    names = "note names" if count == 1 else "notes name"
    called = f"; {moved:,} with the ID of a client as `note:` and the ID" if moved else ""
    own = f"{where}: {count:,} {names} no client: each is its own client{called}"
    return [own] if count else []


def _summary(cleaner: NoteCleaner) -> dict[str, Any]:
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
        },
        "duplicates": {
            "exact": duplicates.exact,
            "near": duplicates.near,
            "first_lines": [list(pair) for pair in duplicates.lines],
        },
        "redactions": dict(tally.redactions.most_common()),
        "notes_with_personal_data": tally.redacted_notes,
        "ids_with_personal_data": tally.ids_with_personal_data,
    }
