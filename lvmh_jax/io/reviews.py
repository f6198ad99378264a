"""Files of the review loop: tasks out, reviewed tasks in, gold appended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from lvmh_jax.data.documents import parse_json, quote
from lvmh_jax.data.gold import parse_gold
from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError
from lvmh_jax.io.outputs import write_whole
from lvmh_jax.io.sources import Sources
from lvmh_jax.io.workspace import GOLD
from lvmh_jax.records import GoldNote
from lvmh_jax.stages.reviews import (
    count_annotations,
    list_other_results,
    read_review,
    stands_as_proposed,
)


def list_annotated(root: Path) -> dict[str, str]:
    """Note id to the split that annotates it, of every split; of each line the id alone is kept.

    Held-out splits too: a note of theirs that came back into train would be no held-out note.
    A file that cannot be read has no ids: who evaluates with it is told. A byte order mark is
    dropped, as `Sources` does: the first note would be no JSON, and free to come back into train.
    """
    found: dict[str, str] = {}
    for path in sorted((root / GOLD).glob("*.jsonl")):
        with suppress(OSError):
            for line in path.read_text(encoding="utf-8-sig", errors="replace").split("\n"):
                with suppress(LvmhError):
                    fields = parse_json(line, "") if line.strip() else None
                    if isinstance(fields, dict):
                        found.setdefault(str(fields.get("note_id")), path.stem)
    return found


def write_tasks(path: Path, tasks: Sequence[Mapping[str, Any]]) -> None:
    """Writes tasks, one a line, or as one JSON array where the name ends in `.json`.

    Raises:
      UsageError: as `write_whole`.
    """
    lines = [json.dumps(task, ensure_ascii=False) for task in tasks]
    is_array = path.suffix.lower() == ".json"
    text = "[\n" + ",\n".join(lines) + "\n]\n" if is_array else "\n".join([*lines, ""])
    write_whole(path, lambda temporary: _write_text(temporary, text))


def read_reviews(
    path: Path, texts: Mapping[str, str], known: Collection[str], elsewhere: Mapping[str, str]
) -> tuple[list[GoldNote], int, list[str]]:
    """Reads what came back, a task a line or one JSON array.

    Args:
      path: the file.
      texts: note id to text, of the workspace.
      known: concept ids.
      elsewhere: note id to the other split that annotates it: what measures must not fit.

    Returns:
      The reviewed notes, the number of tasks that nobody has annotated, and the warnings.

    Raises:
      NotFoundError: there is no such file.
      InvalidInputError: a task is not valid, or a note is reviewed twice or annotated elsewhere.
    """
    if not path.exists():
        raise NotFoundError("No data found; no such file", where=path.as_posix())
    sources = Sources(path.parent)
    where = sources.name(path)
    notes: list[GoldNote] = []
    place_of: dict[str, str] = {}
    untouched = proposed = several = 0
    others: Counter[str] = Counter()
    for document, place in _list_tasks(sources.read_text(path), where):
        note = read_review(document, place, texts, known)
        if note is None:
            untouched += 1
            continue
        proposed += stands_as_proposed(document)
        several += count_annotations(document) > 1
        others.update(list_other_results(document))
        if note.note_id in place_of:
            raise InvalidInputError(
                f"note {quote(note.note_id)} is reviewed twice, first at {place_of[note.note_id]}",
                where=place,
                fix="leave one out; of several annotators Label Studio's JSON says which counts",
            )
        if note.note_id in elsewhere:
            raise InvalidInputError(
                f"note {quote(note.note_id)} is in split {elsewhere[note.note_id]} already",
                where=place,
                fix="leave it out: a note that fits and measures flatters the score",
            )
        place_of[note.note_id] = place
        notes.append(note)
    if not notes:
        raise InvalidInputError(
            "it holds no reviewed note", where=where, expected="one or more annotated tasks"
        )
    return notes, untouched, [*sources.warnings, *_tell_odd(several, proposed, others)]


def _tell_odd(several: int, proposed: int, others: Counter[str]) -> Iterator[str]:
    """Warnings: of several annotations, of results that are no spans, of documents nobody saw."""
    if others:
        kinds = ", ".join(quote(kind)[1:-1] for kind in sorted(others))
        yield f"{others.total()} results of Label Studio are no spans ({kinds}): left out"
    if several:
        yield f"{several} tasks have several annotations: the ground truth counts, else the latest"
    if proposed:
        yield (
            f"{proposed} notes are as the model proposed them; if nobody looked at them, they "
            "teach it its own mistakes: export approved documents only"
        )


def _list_tasks(text: str, where: str) -> Iterator[tuple[object, str]]:
    if text.lstrip().startswith("["):
        document = parse_json(text, where)
        for number, each in enumerate(document if isinstance(document, list) else [], start=1):
            yield each, f"{where}: task {number}"
        return
    if not text.lstrip().startswith("{"):
        raise InvalidInputError(
            "it is no JSON",
            where=where,
            expected="JSON of Label Studio, or JSON lines of doccano",
            fix="export the project in one of these formats, not as CoNLL or CSV",
        )
    # Not splitlines: U+2028 and others may stand inside a JSON string.
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield parse_json(line, f"{where}:{number}"), f"{where}:{number}"


def append_gold(
    root: Path, split: str, notes: Sequence[GoldNote], texts: Mapping[str, str]
) -> tuple[Path, list[str]]:
    """Appends gold notes to a split; a note that is there is replaced where it stands.

    Args:
      root: the workspace.
      split: `train` or `dev`.
      notes: in the order to append.
      texts: note id to text, of the workspace.

    Returns:
      The file, and the ids of the notes that were replaced.

    Raises:
      InvalidInputError: the split is there but not of its format; nothing is written.
      UsageError: as `write_whole`.
    """
    path = place_gold(root, split)
    new = {note.note_id: _to_line(note) for note in notes}
    lines: list[str] = []
    replaced: list[str] = []
    if path.exists():
        sources = Sources(root)
        for number, line in enumerate(sources.read_text(path).split("\n"), start=1):
            fields = parse_json(line, f"{sources.name(path)}:{number}") if line.strip() else {}
            name = fields.get("note_id") if isinstance(fields, dict) else None
            if isinstance(name, str) and name in new:
                replaced.append(name)
                lines.append(new.pop(name))
            elif line.strip():
                lines.append(line)
    lines += new.values()
    parse_gold(lines, f"{GOLD}/{split}", texts)
    write_whole(path, lambda temporary: _write_text(temporary, "\n".join([*lines, ""])))
    return path, replaced


def place_gold(root: Path, split: str) -> Path:
    """The file of a split."""
    return (root / GOLD / split).with_suffix(".jsonl")


def _to_line(note: GoldNote) -> str:
    spans = [
        {"start": s.start, "end": s.end, "concept_id": s.concept_id}
        | ({"negated": True} if s.negated else {})
        for s in note.spans
    ]
    fields = {"note_id": note.note_id, "spans": spans, "concepts": list(note.concepts)}
    return json.dumps(fields, ensure_ascii=False)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
