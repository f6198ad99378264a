"""Times `prepare` on synthetic raw exports: notes/s and memory against their number.

    python benchmarks/prepare.py --notes 1000 10000 100000 1000000

The notes are those of synthetic.py with, in every fifth, an e-mail address, a phone number or a
titled name, as CSV. Each size is a fresh process, start-up included; nothing of `prepare` is
switched off. Writes its section of benchmarks/RESULTS.md.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

if not __package__:  # run as a file: Python looks beside it, not in the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import sections, synthetic
from benchmarks.speed import run_cli

SIZES = (1_000, 10_000, 100_000)
COLUMNS = ("ID", "Date", "Duration", "Language", "Length", "Transcription")
SOURCES = ("note_id", "date", "duration", "language", "length", "text")
PERSONAL = (
    " Mail: client{n}@example.com.",
    " Tel. +33 6 12 34 {a:02d} {b:02d}.",
    " Mme Durand{n} viendra.",
)
EVERY = 5  # notes, one holds personal data
HEAD = ("notes", "wall s", "notes/s", "peak RSS", "redacted notes", "candidates")


def add_personal(text: str, number: int) -> str:
    """A note's text, with personal data behind every fifth.

    >>> add_personal("Golf.", 5)
    'Golf. Tel. +33 6 12 34 05 05.'
    >>> add_personal("Golf.", 6)
    'Golf.'
    """
    if number % EVERY:
        return text
    form = PERSONAL[number // EVERY % len(PERSONAL)]
    return text + form.format(n=number, a=number % 100, b=number // 100 % 100 or number % 100)


def list_rows(notes: Path) -> Iterator[list[str]]:
    """The rows of a raw export, a row group at a time."""
    number = 0
    for batch in pq.ParquetFile(notes).iter_batches(50_000, columns=list(SOURCES)):
        for row in zip(*(batch.column(name).to_pylist() for name in SOURCES), strict=True):
            yield [*(cell or "" for cell in row[:-1]), add_personal(row[-1], number)]
            number += 1


def write_export(notes: int, lexicon: Path, out: Path) -> None:
    """Writes a raw export of synthetic notes as CSV."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        workspace = Path(folder) / "workspace"
        synthetic.write_workspace(lexicon, workspace, notes, 0, False)
        with out.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(list_rows(workspace / "data" / "processed" / "notes_clean.parquet"))


def measure(notes: int, lexicon: Path) -> list[str]:
    """One size, as a line of the table."""
    sys.stderr.write(f"{notes:,} notes\n")
    with tempfile.TemporaryDirectory(prefix="lvmh-prepare-") as folder:
        scratch = Path(folder)
        export = scratch / "export.csv"
        write_export(notes, lexicon, export)
        done = run_cli("prepare", export, "--workspace", scratch / "out", "--json", "--quiet")
        return make_line(notes, done.seconds, done.peak_rss_bytes, done.payload)


def make_line(notes: int, seconds: float, peak_rss_bytes: int, said: dict[str, Any]) -> list[str]:
    """A line of the table; what `prepare` found is in its JSON.

    >>> make_line(1000, 4.0, 210_000_000, {"notes_with_personal_data": 200, "candidates": 9876})
    ['1,000', '4.0', '250', '0.21 GB', '200', '9,876']
    """
    return [
        f"{notes:,}",
        f"{seconds:.1f}",
        f"{notes / seconds:,.0f}",
        f"{peak_rss_bytes / 1e9:.2f} GB",
        f"{said['notes_with_personal_data']:,}",
        f"{said['candidates']:,}",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints and writes the section; returns the exit code of the contract."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--notes", nargs="+", type=int, default=list(SIZES))
    lexicon = sections.ROOT / "taxonomy" / "lexicon_v1.json"
    parser.add_argument("--lexicon", type=Path, default=lexicon, help="default: the demo's")
    parser.add_argument("--out", type=Path, default=sections.RESULTS, help="results file")
    options = parser.parse_args(given)
    out = options.out.resolve()

    def write() -> str:
        start = sections.describe_run("benchmarks/prepare.py", given, out)
        start += f" Load average before: {os.getloadavg()[0]:.1f}."
        rows = [measure(notes, options.lexicon) for notes in options.notes]
        table = sections.markdown_table(HEAD, rows)
        return f"""## Prepare

{start}

{table}

Fresh processes, start-up included: synthetic notes in twelve languages as CSV, personal data in one
of {EVERY}.
"""

    return sections.publish(out, "prepare", write)


if __name__ == "__main__":
    sys.exit(main())
