"""Removes clients from a workspace, its outputs and its models (GDPR Art. 17), with a receipt.

Everything is read, and every new version written, before the first file is replaced.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from os.path import abspath, lexists
from pathlib import Path
from typing import Any

from lvmh_jax.calibrate.gold import hash_note
from lvmh_jax.config import SCHEMA_VERSION
from lvmh_jax.data.forgetting import Traces, find_shared
from lvmh_jax.data.privacy import pseudonym
from lvmh_jax.errors import InvalidInputError, NotFoundError, UsageError
from lvmh_jax.io import workspace as reader
from lvmh_jax.io.erasure import ERASERS, erase_other_csv
from lvmh_jax.io.leftaliases import find_left_aliases
from lvmh_jax.io.manifest import METADATA
from lvmh_jax.io.modelerasure import ModelEraser
from lvmh_jax.io.naming import is_ours, list_data_files, list_folders, names_client
from lvmh_jax.io.parts import is_worthless, list_unfinished
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.replacing import SUFFIX, Replacement, drop_leftovers, finish
from lvmh_jax.io.runs import PART_NAME, PREFIX
from lvmh_jax.io.runtime import read_clock
from lvmh_jax.io.sources import Sources
from lvmh_jax.records import GoldNote, Note

JOURNAL = "data/.forget.json"
RECEIPT = "forget_receipt_"
OUTPUTS = "data/outputs"
FOLDERS = ("data", "taxonomy")


@dataclass
class _Account:
    """What was done, for the receipt; names are relative and hold no id.

    Attributes:
      files: file to rows that went, None where it went whole.
      looked_at: every file that was read.
      not_read: files of a format that cannot be searched.
      left: files that name a client and were not changed.
      marked: models that are due to be trained again.
    """

    files: dict[str, int | None] = field(default_factory=dict)
    looked_at: list[str] = field(default_factory=list)
    not_read: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)


def forget(
    client_ids: Sequence[str],
    workspace_dir: Path,
    models_dir: Path,
    *,
    outputs: Sequence[Path] = (),
    receipt: Path | None = None,
    dry_run: bool = False,
    progress: Progress,
) -> dict[str, Any]:
    """Forgets clients; a client that is nowhere changes nothing, and gets no receipt.

    A receipt that named the client would be what is to be erased. It has an HMAC-SHA-256 of each
    id under a random key, which is printed and not kept: who has key and id can prove for whom
    the receipt stands, and nobody else can try ids until one fits. The journal has it as long as
    files are being replaced, and who completes a run that was cut off is told it.

    Args:
      client_ids: as the column `client_id` has them.
      workspace_dir: its `data/` and `taxonomy/` are searched, and what commands of ours wrote in it
        and in its other folders; of other files there it is told which name the client.
      models_dir: whose models are changed and marked; it may not be there.
      outputs: further files and folders with outputs.
      receipt: where to write it (default: in `data/`).
      dry_run: only tell.
      progress: takes remarks and warnings.

    Raises:
      NotFoundError: no notes, or no such output.
      InvalidInputError: a file is broken or a link; nothing is changed.
      UsageError: a file cannot be written, or a dry run after one that was cut off; nothing is
        changed.
    """
    started_s, now = read_clock(), datetime.now(UTC)
    # A file that is named twice, by different paths, is to be found once.
    workspace_dir, models_dir = Path(abspath(workspace_dir)), Path(abspath(models_dir))
    outputs = [Path(abspath(each)) for each in outputs]
    roots = [workspace_dir, models_dir, *outputs, *([receipt.parent] if receipt else [])]
    if not dry_run:
        if (told := finish(workspace_dir / JOURNAL, roots)) is not None:
            progress.warn(f"completed a run that was cut off{told}")
        _drop_leftovers(workspace_dir, models_dir, *outputs)
    _refuse_after_cut(workspace_dir / JOURNAL)
    notes, gold, traces = _find_notes(workspace_dir, frozenset(client_ids), progress)
    similar = _count_similar(workspace_dir, traces.clients)
    work = _Work(workspace_dir, models_dir, traces, Replacement(workspace_dir / JOURNAL, roots))
    key, written = secrets.token_hex(16), None
    try:
        account = work.plan(notes, gold, outputs, now)
        # Nothing may fail behind the erasure, for the key is told once, at the end.
        left_aliases = find_left_aliases(workspace_dir, models_dir, traces)
        _warn(similar, account.left, progress)
        if account.files and not dry_run:
            written = work.stage_receipt(key, now, receipt)
            work.replacement.commit(f"; its receipt: {written}; its receipt key: {key}")
    finally:
        work.replacement.discard()
    return {
        "found": bool(account.files),
        "dry_run": dry_run,
        "clients": len(traces.clients),
        "notes": len(notes),
        "files": [{"path": name, "rows": rows} for name, rows in account.files.items()],
        "models_marked": account.marked,
        "looked_at": len(account.looked_at),
        "not_read": account.not_read,
        "left": account.left,
        "left_aliases": left_aliases,
        "similar_ids": similar,
        "receipt": str(written) if written else None,
        "receipt_key": key if written else None,
        "seconds": round(read_clock() - started_s, 3),
    }


def _drop_leftovers(workspace_dir: Path, *others: Path) -> None:
    drop_leftovers([*(workspace_dir / each for each in FOLDERS), *others])
    drop_leftovers([workspace_dir, *list_folders(workspace_dir)], deep=False)


def _refuse_after_cut(journal: Path) -> None:
    if journal.exists():
        raise UsageError(
            "a run was cut off, and its new versions wait to be put in place",
            where=journal.as_posix(),
            fix="run without --dry-run, which completes it first",
        )


def _find_notes(
    root: Path, clients: frozenset[str], progress: Progress
) -> tuple[list[Note], dict[str, GoldNote], Traces]:
    """The clients' notes, their annotation, and what they may be known by.

    Every other input is read too, so that no broken one is rewritten.
    """
    notes, warnings = reader.stream_notes(root)
    _refuse_links([root / folder for folder in FOLDERS])
    found = [note for batch in notes for note in batch if note.client_id in clients]
    sources = Sources(root)
    lexicons = (root / reader.LEXICON, root / reader.LEXICON_TABLE)
    if any(map(lexists, lexicons)):
        reader.read_lexicon(sources, *lexicons)
    if (root / reader.CANDIDATES).exists():
        reader.read_candidates(sources, root / reader.CANDIDATES)
    splits = tuple(sorted(path.stem for path in (root / reader.GOLD).glob("*.jsonl")))
    texts = {note.note_id: note.text for note in found}
    gold = reader.read_gold(sources, root / reader.GOLD, splits, texts)
    for warning in warnings:
        progress.detail(warning)
    theirs = {each.note_id: each for split in splits for each in gold.get(split, ())}
    traces = Traces(clients, texts)
    others = (note.text for batch in notes for note in batch if note.client_id not in clients)
    return found, theirs, replace(traces, shared=find_shared(traces, others))


def _warn(similar: int, left: Sequence[str], progress: Progress) -> None:
    if similar:
        ids_are = "1 client's id is" if similar == 1 else f"{similar} clients' ids are"
        progress.warn(
            f"{ids_are} the same but for case or spaces, and nothing of theirs was changed; if it"
            " is the one you mean, give --client-id as column client_id has it"
        )
    for name in left:
        progress.warn(f"{name}: it names the client and was not changed; see to it yourself")


def _count_similar(root: Path, clients: frozenset[str]) -> int:
    """Ids of other clients that are one of these but for case and spaces."""
    wanted = {_fold_id(client) for client in clients}
    notes, _ = reader.stream_notes(root)
    others = {note.client_id for batch in notes for note in batch} - clients
    return sum(_fold_id(other) in wanted for other in others)


def _fold_id(client_id: str) -> str:
    return "".join(client_id.split()).casefold()


class _Work:
    """Finds the files, and has the new versions written."""

    def __init__(self, root: Path, models: Path, traces: Traces, replacement: Replacement) -> None:
        self._root, self._models, self._traces = root, models, traces
        self.replacement, self.account = replacement, _Account()

    def plan(
        self,
        notes: Sequence[Note],
        gold: Mapping[str, GoldNote],
        outputs: Sequence[Path],
        now: datetime,
    ) -> _Account:
        """Plans everything, the notes last: who is cut off before the end can still be found."""
        named = {hash_note(note): note for note in notes}
        for folder in sorted(self._models.iterdir()) if self._models.is_dir() else ():
            self._plan_model(folder, named, gold, f"{now:%Y-%m-%d}")
        kept_outputs = [self._root / OUTPUTS, *outputs]
        last = self._root / reader.NOTES
        paths = list(_list_files([*kept_outputs, *(self._root / each for each in FOLDERS)]))
        for folder in (self._root, *self._other_folders()):
            paths += list_unfinished(folder)
        worthless = [path for path in paths if is_worthless(path)]
        for path in [*(path for path in paths if path not in (last, *worthless)), last]:
            if not path.is_relative_to(self._models):
                is_output = any(path.is_relative_to(each) for each in kept_outputs)
                self._plan_file(path, is_output=is_output)
        # Of a run that was killed: nobody can say whose rows they hold, and nobody needs them.
        for path in worthless if self.account.files else ():
            self._remove(path)
        planned = {path.resolve() for path in paths}
        for folder in (self._root, *self._other_folders()):
            for path in self._list_data(folder):
                if path.resolve() not in planned:
                    self._plan_other(path)
        return self.account

    def _other_folders(self) -> Iterator[Path]:
        """Folders beside those of the contract, such as one that `keywords --output` made."""
        known = {*(self._root / each for each in FOLDERS), self._models}
        yield from (each for each in list_folders(self._root) if each not in known)

    def _list_data(self, folder: Path) -> list[Path]:
        try:
            return list_data_files(folder)
        except PermissionError:  # as lost+found: not ours, but not searched either
            self.account.not_read.append(f"{self._name(folder)}/")
            return []

    def _plan_other(self, path: Path) -> None:
        """A file beside data/: rows go where it is one that our commands write."""
        if is_ours(path) and not path.is_symlink():
            with suppress(InvalidInputError):  # a name of ours and other content: told
                self._plan_file(path, is_output=False)
                return
        name = self._name(path)
        self._plan_page(path, name, is_output=False)
        self.account.looked_at.append(name)

    def stage_receipt(self, key: str, now: datetime, chosen: Path | None) -> Path:
        """Has the receipt written with the rest; `chosen` is where, or None for `data/`."""
        document = _make_receipt(self.account, self._traces, key, now)
        return _stage_receipt(document, self._root, chosen, self.replacement)

    def _plan_file(self, path: Path, *, is_output: bool) -> None:
        name = self._name(path)
        # `keywords` keeps marked suggestions as FILE.csv.bak.
        bare = path.name.removesuffix(".bak") if is_output or is_ours(path) else path.name
        suffix = Path(bare).suffix.lower()
        count = None
        known = is_output or suffix != ".json" or path.parent == self._root / "taxonomy"
        if suffix in ERASERS and known and path.stat().st_size:
            erase = ERASERS[suffix]
            count = self.replacement.write(path, lambda to: erase(path, to, self._traces))
            if count is None and is_output and suffix == ".csv":
                # A table of columns that we do not know may be someone's work: rows go, not all.
                other = partial(erase_other_csv, path, traces=self._traces)
                count = self.replacement.write(path, other)
        if count:
            self.account.files[name] = count
        if count is None:
            self._plan_page(path, name, is_output=is_output)
        self.account.looked_at.append(name)

    def _plan_page(self, path: Path, name: str, *, is_output: bool) -> None:
        """A file without rows goes whole where it is an output, and is told elsewhere."""
        named = names_client(path, self._traces)
        if named is None:
            self.account.not_read.append(name)
        if named or self._traces.names(path.name):
            # Rows of a parquet file without ids may be of anybody: it does not go whole.
            if is_output and path.suffix.lower() != ".parquet":
                self._remove(path)
            else:
                self.account.left.append(name)

    def _remove(self, path: Path) -> None:
        self.replacement.remove(path)
        self.account.files[self._name(path)] = None

    def _plan_model(
        self, folder: Path, notes: Mapping[str, Note], gold: Mapping[str, GoldNote], day: str
    ) -> None:
        name = self._name(folder)
        if folder.is_symlink() and folder.is_dir():
            raise _link(folder)
        if PART_NAME.fullmatch(folder.name) and notes:
            # Its checkpoints were learned from notes that are gone, so it could not go on anyway.
            self.replacement.remove(folder)
            self.account.files[f"{name}/"] = None
        is_model = folder.name.startswith(PREFIX) or (folder / METADATA).is_file()
        if not folder.is_dir() or folder.name.startswith(".") or not is_model:
            return
        eraser = ModelEraser(folder, self._traces, self.replacement)
        erasure = eraser.plan(notes, gold, day, trained_on=bool(notes))
        self.account.files |= {f"{name}/{file}": rows for file, rows in erasure.files.items()}
        self.account.looked_at.append(name)
        if erasure.marked:
            self.account.marked.append(folder.name)

    def _name(self, path: Path) -> str:
        """A path as messages show it, without an id that it may hold."""
        return self._traces.hide(Sources(self._root).name(path))


def _list_files(places: Iterable[Path]) -> Iterator[Path]:
    """Files in folders and below, each once; links are refused."""
    seen: set[Path] = set()
    for place in places:
        if not lexists(place):
            continue
        _refuse_links([place])
        for path in sorted(place.rglob("*")) if place.is_dir() else [place]:
            ours = path.name.startswith(RECEIPT) or path.name.endswith(SUFFIX)
            if path.is_file() and not ours and path not in seen:
                seen.add(path)
                yield path


def _refuse_links(places: Iterable[Path]) -> None:
    for place in places:
        for path in [place, *(place.rglob("*") if place.is_dir() else ())]:
            if path.is_symlink():
                raise _link(path)


def _link(path: Path) -> InvalidInputError:
    return InvalidInputError(
        "it is a symbolic link, and what it points to may be used elsewhere",
        where=path.as_posix(),
        expected="a file",
        fix="put the file itself there, or remove the link",
    )


def require_outputs(outputs: Iterable[Path]) -> None:
    """Raises NotFoundError when an output that was named is not there."""
    for path in outputs:
        if not lexists(path):
            raise NotFoundError("no such file or folder", where=str(path), fix="check --outputs")


def _make_receipt(account: _Account, traces: Traces, key: str, now: datetime) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "time": now.isoformat(timespec="seconds"),
        "clients": sorted(pseudonym(client, key) for client in traces.clients),
        "clients_are": "first 12 hexadecimal digits of HMAC-SHA-256 of the id; the key was printed",
        "notes": len(traces.notes),
        "files": [
            {"path": name, "removed": "all" if rows is None else rows}
            for name, rows in account.files.items()
        ],
        "models_marked": account.marked,
        "looked_at": account.looked_at,
        "not_read": account.not_read,
        "left": account.left,
    }


def _stage_receipt(
    document: dict[str, Any], root: Path, chosen: Path | None, replacement: Replacement
) -> Path:
    data = (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    stamp = f"{document['time'][:10].replace('-', '')}_{hashlib.sha256(data).hexdigest()[:8]}"
    path = chosen or root / "data" / f"{RECEIPT}{stamp}.json"
    replacement.write(path, lambda to: to.write_bytes(data))
    return path
