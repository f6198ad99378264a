"""Splits gold annotation by note into `train.jsonl` and `dev.jsonl`, every language in both.

    python benchmarks/split_gold.py --workspace . --dev 30 data/gold/train.jsonl data/gold/dev.jsonl

It was run once, on the gold that was written for the demo workspace (80 notes); the two files in
`data/gold/` are its result. It takes any number of gold files as one, so running it again on its
own result changes nothing. Notes are split, not clients: a client may have a note in each.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from pyarrow import parquet


def choose_dev(language_of: Mapping[str, str], count: int) -> set[str]:
    """Chooses the notes of `dev`: the same share of each language, at least one and not all.

    Shares are rounded by largest remainder. Within a language the notes with the lowest hash of
    their id are taken, which depends on nothing but the ids.

    Args:
      language_of: note id to language.
      count: notes to choose.

    Raises:
      ValueError: a language has a single note, or the count cannot be met.

    >>> sorted(choose_dev({"a": "FR", "b": "FR", "c": "FR", "d": "DE", "e": "DE"}, 2))
    ['c', 'd']
    """
    notes_of: dict[str, list[str]] = defaultdict(list)
    for note_id in sorted(language_of, key=lambda id_: hashlib.sha256(id_.encode()).digest()):
        notes_of[language_of[note_id]].append(note_id)
    if any(len(notes) < 2 for notes in notes_of.values()):
        raise ValueError("a language with a single note cannot be in both splits")
    exact = {name: count * len(notes) / len(language_of) for name, notes in notes_of.items()}
    quota = {name: max(1, int(share)) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (quota[name] - exact[name], name))
    for name in by_remainder:
        if sum(quota.values()) < count and quota[name] < len(notes_of[name]) - 1:
            quota[name] += 1
    if sum(quota.values()) != count:
        raise ValueError(f"{count} notes cannot be spread over {len(quota)} languages")
    return {note_id for name, notes in notes_of.items() for note_id in notes[: quota[name]]}


def split_lines(
    lines: list[str], language_of: Mapping[str, str], count: int
) -> dict[str, list[str]]:
    """Assigns each gold line, unchanged, to a split; lines are sorted by note id."""
    line_of = {json.loads(line)["note_id"]: line.strip() for line in lines if line.strip()}
    dev = choose_dev({note_id: language_of[note_id] for note_id in line_of}, count)
    splits: dict[str, list[str]] = {"train": [], "dev": []}
    for note_id in sorted(line_of):
        splits["dev" if note_id in dev else "train"].append(line_of[note_id])
    return splits


def main(arguments: list[str] | None = None) -> None:
    """Reads the gold files, and writes both splits to the workspace."""
    parser = argparse.ArgumentParser(description="Splits gold annotation by note.")
    parser.add_argument("gold", nargs="+", type=Path, help="gold files, taken as one")
    parser.add_argument("--workspace", type=Path, default=Path(), help="has the notes")
    parser.add_argument("--dev", type=int, default=30, help="notes in dev.jsonl")
    given = parser.parse_args(arguments)
    table = parquet.read_table(given.workspace / "data/processed/notes_clean.parquet")
    language_of = dict(
        zip(table["note_id"].to_pylist(), table["language"].to_pylist(), strict=True)
    )
    lines = [line for path in given.gold for line in path.read_text("utf-8").split("\n")]
    for name, kept in split_lines(lines, language_of, given.dev).items():
        path = given.workspace / "data/gold" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(kept) + "\n", encoding="utf-8")
        sys.stdout.write(f"{path}: {len(kept)} notes\n")


if __name__ == "__main__":
    main()
