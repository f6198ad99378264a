"""Writes a workspace of synthetic notes: for throughput and scale tests only.

Never quote a quality figure on these notes: each is made of aliases of the lexicon between stock
phrases, so a dictionary finds them all. They show how fast and how large, not how good.

    python benchmarks/synthetic.py --lexicon taxonomy/lexicon_v1.json --notes 1000000 --out DIR

Notes are composed in arrays, a row group at a time, and streamed to parquet, so memory does not
grow with their number. The 12 languages take turns. The same seed and size give the same bytes.
On 2 shared cores, a million notes: 4 s and 300 MB of memory, or 16 s with `--gold`.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

CARRIERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "carriers.json").read_text(encoding="utf-8")
)
LANGUAGES = tuple(CARRIERS)
SCRIPTS = {"HIRAGANA": "JA", "KATAKANA": "JA", "HANGUL": "KO", "ARABIC": "AR", "CYRILLIC": "RU"}
LATIN = tuple(language for language in LANGUAGES if CARRIERS[language]["words"])

ROW_GROUP = 50_000  # notes in memory at a time
SENTENCES = (2, 9)  # of a note: fewest, and one more than most
MENTION_SHARE = 0.7  # of the sentences; the others hold no alias
NOTES_PER_CLIENT = 4
UNDATED_SHARE = 0.02
DAYS = np.arange("2024-01-01", "2026-01-01", dtype="datetime64[D]").astype(str).tolist()
COLUMNS = ("note_id", "client_id", "date", "duration", "language", "length", "text")
SCHEMA = pa.schema([(name, pa.string()) for name in COLUMNS])


@dataclass(frozen=True)
class Stock:
    """What notes are made of. A sentence is three pieces: opening, alias or nothing, closing.

    Attributes:
      pieces: text of each piece; the first is empty.
      lengths_P: int64 code points of each piece.
      concepts: concept id of each piece, empty where it is no alias.
      aliases: for each language, the pieces that are its aliases.
      carriers: for each language, (opening, closing) rows that take an alias.
      fillers: for each language, (opening, closing) rows that take none.
    """

    pieces: pa.Array
    lengths_P: npt.NDArray[np.int64]
    concepts: list[str]
    aliases: list[npt.NDArray[np.int64]]
    carriers: list[npt.NDArray[np.int64]]
    fillers: list[npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Group:
    """One row group: N notes over S sentences."""

    table: pa.Table
    first_N1: npt.NDArray[np.int64]  # first sentence of each note, and one past the last
    piece_S: npt.NDArray[np.int64]  # the alias of each sentence, 0 where there is none
    start_S: npt.NDArray[np.int64]  # where it starts in the note's text


def guess_languages(alias: str, concept_languages: Sequence[str]) -> list[str]:
    """Guesses which languages an alias can stand in: by script, then by its function words.

    >>> guess_languages("Geschenk für die Tochter", ["FR", "DE"])
    ['DE']
    >>> guess_languages("golf", ["FR", "DE"])
    ['FR', 'DE']
    """
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in alias if char.isalpha()}
    for script, language in SCRIPTS.items():
        if script in scripts:
            return [language]
    options = ("JA", "ZH") if "CJK" in scripts else LATIN
    listed = [language for language in options if language in concept_languages] or list(options)
    words = set(alias.lower().split())
    hits = {language: len(words.intersection(CARRIERS[language]["words"])) for language in listed}
    best = max(hits.values())
    return [language for language in listed if hits[language] == best]


def make_stock(lexicon: dict[str, dict[str, Any]]) -> Stock:
    """Cuts the aliases of a lexicon and the stock phrases into pieces."""
    pieces, concepts = [""], [""]
    pools: dict[str, list[int]] = {language: [] for language in LANGUAGES}
    for concept_id, concept in lexicon.items():
        aliases = concept["aliases"]
        listed = str(concept.get("languages") or "").split("|")
        for alias in aliases.split("|") if isinstance(aliases, str) else aliases:
            if alias.strip():
                for language in guess_languages(alias, listed):
                    pools[language].append(len(pieces))
                pieces.append(alias.strip())
                concepts.append(concept_id)
    if len(pieces) == 1:
        raise SystemExit("the lexicon has no alias to compose notes from")
    # A language without aliases borrows all: real notes mix languages too.
    everything = list(range(1, len(pieces)))
    carriers: list[npt.NDArray[np.int64]] = []
    fillers: list[npt.NDArray[np.int64]] = []
    for language in LANGUAGES:
        phrases, joiner = CARRIERS[language], CARRIERS[language]["joiner"]
        for rows, texts in ((carriers, phrases["carriers"]), (fillers, phrases["fillers"])):
            halves = [(text + joiner).partition("{}") for text in texts]
            first = len(pieces)
            pieces += [half for opening, _, closing in halves for half in (opening, closing)]
            rows.append(np.arange(first, len(pieces), dtype=np.int64).reshape(-1, 2))
    return Stock(
        pieces=pa.array(pieces, pa.string()),
        lengths_P=np.array([len(piece) for piece in pieces], np.int64),
        concepts=concepts + [""] * (len(pieces) - len(concepts)),
        aliases=[np.array(pools[language] or everything, np.int64) for language in LANGUAGES],
        carriers=carriers,
        fillers=fillers,
    )


def compose_group(stock: Stock, first: int, last: int, seed: int) -> Group:
    """Composes the notes [first, last); random draws depend only on seed and `first`."""
    rng = np.random.default_rng([seed, first])
    language_N = np.arange(first, last) % len(LANGUAGES)
    sentences_N = rng.integers(*SENTENCES, last - first)
    first_N1 = np.concatenate([[0], np.cumsum(sentences_N)])
    pieces_S3 = _draw_pieces(stock, np.repeat(language_N, sentences_N), rng)
    lengths_Q = stock.lengths_P[pieces_S3.ravel()]
    end_Q = np.cumsum(lengths_Q)
    note_start_N = (end_Q - lengths_Q)[3 * first_N1[:-1]]
    alias_start_S = (end_Q - lengths_Q)[1::3]
    lists = pa.LargeListArray.from_arrays(3 * first_N1, stock.pieces.take(pieces_S3.ravel()))
    texts = pc.utf8_rtrim_whitespace(pc.binary_join(lists, ""))
    return Group(
        table=_make_table(first, language_N, sentences_N, texts, rng),
        first_N1=first_N1,
        piece_S=pieces_S3[:, 1],
        start_S=alias_start_S - np.repeat(note_start_N, sentences_N),
    )


def _draw_pieces(
    stock: Stock, language_S: npt.NDArray[np.int64], rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draws opening, alias (0: none) and closing of each sentence, in its language."""
    pieces_S3 = np.zeros((len(language_S), 3), np.int64)
    mentions_S = rng.random(len(language_S)) < MENTION_SHARE
    for row in range(len(LANGUAGES)):
        for chosen_S, phrases in (
            ((language_S == row) & mentions_S, stock.carriers[row]),
            ((language_S == row) & ~mentions_S, stock.fillers[row]),
        ):
            pieces_S3[chosen_S, ::2] = phrases[rng.integers(0, len(phrases), chosen_S.sum())]
        chosen_S = (language_S == row) & mentions_S
        pieces_S3[chosen_S, 1] = rng.choice(stock.aliases[row], chosen_S.sum())
    return pieces_S3


def _make_table(
    first: int,
    language_N: npt.NDArray[np.int64],
    sentences_N: npt.NDArray[np.int64],
    texts: pa.Array,
    rng: np.random.Generator,
) -> pa.Table:
    """Adds the columns that detection does not read, so that files have their real shape."""
    rows = range(first, first + len(language_N))
    undated_N = rng.random(len(rows)) < UNDATED_SHARE
    days_N = pa.array(rng.integers(0, len(DAYS), len(rows)), mask=undated_N)
    size_N = np.digitize(sentences_N, [4, 7])
    columns = [
        pa.array([f"SYN_{row:09d}" for row in rows]),
        pa.array([f"CL_{row // NOTES_PER_CLIENT:09d}" for row in rows]),
        pa.array(DAYS).take(days_N),
        pa.array(["15 min", "30 min", "60 min"]).take(pa.array(size_N)),
        pa.array(LANGUAGES).take(pa.array(language_N)),
        pa.array(["short", "medium", "long"]).take(pa.array(size_N)),
        texts.cast(pa.string()),
    ]
    return pa.table(columns, schema=SCHEMA)


def gold_lines(stock: Stock, group: Group) -> Iterator[str]:
    """Yields the gold line of each note of a group."""
    ids = group.table.column("note_id").to_pylist()
    pieces, starts = group.piece_S.tolist(), group.start_S.tolist()
    ends = (group.start_S + stock.lengths_P[group.piece_S]).tolist()
    firsts = group.first_N1.tolist()
    for row, note_id in enumerate(ids):
        spans = [
            {"start": starts[s], "end": ends[s], "concept_id": stock.concepts[pieces[s]]}
            for s in range(firsts[row], firsts[row + 1])
            if pieces[s]
        ]
        concepts = sorted({str(span["concept_id"]) for span in spans})
        gold = {"note_id": note_id, "spans": spans, "concepts": concepts}
        yield json.dumps(gold, ensure_ascii=False) + "\n"


def write_workspace(lexicon: Path, out: Path, notes: int, seed: int, gold: bool) -> None:
    """Writes lexicon, notes and, if asked for, dev gold under `out`."""
    stock = make_stock(json.loads(lexicon.read_text(encoding="utf-8-sig")))
    for folder in ("taxonomy", "data/processed", "data/gold"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(lexicon, out / "taxonomy" / "lexicon_v1.json")
    notes_path = out / "data" / "processed" / "notes_clean.parquet"
    gold_path = out / "data" / "gold" / "dev.jsonl"
    gold_path.unlink(missing_ok=True)  # of an earlier run with other notes
    with ExitStack() as stack:
        writer = stack.enter_context(pq.ParquetWriter(notes_path, SCHEMA))
        gold_file = stack.enter_context(gold_path.open("w", encoding="utf-8")) if gold else None
        for first in range(0, notes, ROW_GROUP):
            group = compose_group(stock, first, min(first + ROW_GROUP, notes), seed)
            writer.write_table(group.table, row_group_size=ROW_GROUP)
            if gold_file is not None:
                gold_file.writelines(gold_lines(stock, group))


def read_peak_rss_bytes() -> int:
    """Peak memory of this process.

    On Linux not `ru_maxrss`, which starts with what the parent held when it forked.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(peak.split()[1]) << 10
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """Parses the command line, writes the workspace, and prints its speed as one JSON line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lexicon", type=Path, required=True, help="taxonomy/lexicon_v1.json")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new workspace")
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gold", action="store_true", help="write data/gold/dev.jsonl too")
    args = parser.parse_args()
    started = time.perf_counter()
    write_workspace(args.lexicon, args.out, args.notes, args.seed, args.gold)
    seconds = time.perf_counter() - started
    report = {
        "notes": args.notes,
        "seconds": round(seconds, 2),
        "notes_per_s": round(args.notes / seconds),
        "peak_rss_mb": read_peak_rss_bytes() >> 20,
    }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
