"""What tests share: builders of tiny workspaces, and hypothesis strategies for texts and lexicons.

A workspace that `make_workspace` makes is valid; a test overwrites the one file it is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st
from pyarrow import parquet

from lvmh_jax.records import BUCKETS, LANGUAGES

NOTE_COLUMNS = ("note_id", "client_id", "date", "duration", "language", "length", "text")
NOTES = "data/processed/notes_clean.parquet"
CANDIDATES = "data/processed/candidates.csv"
LEXICON = "taxonomy/lexicon_v1.json"
LEXICON_TABLE = "taxonomy/lexicon_v1.csv"
GOLD_DEV = "data/gold/dev.jsonl"
CANDIDATE_HEADER = "candidate,language,freq_notes,avg_score,example_note_ids\n"

# Two scripts with capitals, two without, one emoji outside the basic plane, one combining mark.
TINY_NOTES = (
    ("N1", "FR", "Cliente fidèle, cherche un sac à main noir."),
    ("N2", "EN", "Wants a BLACK handbag 👜, gift for her mother."),
    ("N3", "JA", "黒いバッグをお探し。"),
    ("N4", "AR", "تريد حقيبة سوداء."),
    ("N5", "ES", "Bolso negro, cafe\u0301 solo."),
)
TINY_LEXICON: dict[str, dict[str, Any]] = {
    "handbag": {
        "label": "Handbag",
        "aliases": ["handbag", "sac à main", "bolso", "バッグ", "حقيبة"],
        "languages": "EN|FR|ES|JA|AR",
        "freq_notes": 5,
        "examples": ["N1"],
        "rule": "bucket=intent",
    },
    "colour_black": {
        "label": "Black",
        "aliases": ["black", "noir", "negro", "黒い"],
        "languages": "EN|FR|ES|JA",
        "freq_notes": 4,
        "examples": ["N1", "N2"],
        "rule": "bucket=preferences",
    },
    "gift_for_parent": {
        "label": "Gift for a parent",
        "aliases": ["gift for her mother"],
        "languages": "EN",
        "freq_notes": 1,
        "examples": [],
        "rule": "bucket=occasion",
    },
}
# "BLACK" in N2.
TINY_GOLD: dict[str, Any] = {
    "note_id": "N2",
    "spans": [{"start": 8, "end": 13, "concept_id": "colour_black"}],
    "concepts": ["colour_black"],
}


def note_row(note_id: str, text: str | None, **fields: str | None) -> dict[str, str | None]:
    """A notes row with every column; what is not given has a plain value."""
    row: dict[str, str | None] = dict.fromkeys(NOTE_COLUMNS, "")
    row |= {"note_id": note_id, "client_id": f"C_{note_id}", "date": "2026-01-08"}
    row |= {"language": "EN", "length": "short", "text": text}
    return row | fields


def tiny_notes(copies: int = 1) -> list[dict[str, str | None]]:
    """The tiny notes, repeated under new ids where more are wanted."""
    return [
        note_row(note_id if copy == 0 else f"{note_id}_{copy}", text, language=language)
        for copy in range(copies)
        for note_id, language, text in TINY_NOTES
    ]


def write_file(root: Path, name: str, content: bytes | str) -> Path:
    """Writes one file of a workspace, folders included."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def write_parquet(root: Path, name: str, columns: Mapping[str, Any] | pa.Table) -> Path:
    """Writes columns, Arrow arrays or lists, as parquet."""
    path = write_file(root, name, b"")
    table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    parquet.write_table(table, path)
    return path


def write_notes(root: Path, rows: Iterable[Mapping[str, str | None]], name: str = NOTES) -> Path:
    """Writes notes as the pipeline does: every column text."""
    listed = list(rows)
    columns = {key: pa.array([row[key] for row in listed], pa.string()) for key in NOTE_COLUMNS}
    return write_parquet(root, name, columns)


def json_lines(rows: Iterable[object]) -> str:
    """JSON lines, as gold files are."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def make_workspace(
    root: Path,
    *,
    notes: Iterable[Mapping[str, str | None]] | None = None,
    lexicon: object = TINY_LEXICON,
    candidates: str | None = CANDIDATE_HEADER + "noir,FR,2,0.5,N1|N2\nbudget,EN|FR,1,0.4,N2\n",
    gold: Mapping[str, Iterable[object]] | None = None,
) -> Path:
    """Writes a workspace that is valid unless an argument makes it otherwise.

    Args:
      root: its folder.
      notes: rows of `note_row`; 50 by default, as fewer give a warning.
      lexicon: what the JSON holds.
      candidates: the CSV; None leaves the file out.
      gold: split to its rows.

    Returns:
      The folder.
    """
    write_notes(root, tiny_notes(10) if notes is None else notes)
    write_file(root, LEXICON, json.dumps(lexicon, ensure_ascii=False))
    if candidates is not None:
        write_file(root, CANDIDATES, candidates)
    for split, rows in (gold or {}).items():
        write_file(root, f"data/gold/{split}.jsonl", json_lines(rows))
    return root


def texts(max_size: int = 60) -> st.SearchStrategy[str]:
    """Any Unicode text that a file can hold, leaning to what breaks offsets."""
    anything = st.characters(exclude_categories=["Cs"])
    tricky = st.sampled_from("aÉé ß\u0301\u200dİǅ黒バ가ش👜👩\U0001f3fd\ufeff\n\u2028.,|")
    return st.text(st.one_of(anything, tricky), max_size=max_size)


def words() -> st.SearchStrategy[str]:
    """A word of one of several scripts, two characters or more."""
    return st.one_of(
        st.text("abcdeéÀZ", min_size=2, max_size=8),
        st.text("бвгдЖ", min_size=2, max_size=6),
        st.text("黒革色茶", min_size=2, max_size=4),
        st.text("가나다", min_size=2, max_size=4),
        st.text("حقيبة", min_size=2, max_size=6),
    )


@st.composite
def lexicon_documents(draw: st.DrawFn, aliases: st.SearchStrategy[str] | None = None) -> Any:
    """A valid JSON lexicon: every optional key there or not, lists as lists or as `|` strings."""
    concepts = {}
    joined = st.booleans()
    for concept_id in draw(st.lists(words(), min_size=1, max_size=5, unique=True)):
        forms = draw(st.lists(words() if aliases is None else aliases, max_size=5))
        codes = draw(st.lists(st.sampled_from(LANGUAGES), max_size=3))
        optional = {
            "label": draw(words()),
            "languages": "|".join(codes) if draw(joined) else codes,
            "freq_notes": draw(st.integers(0, 10**6)),
            "examples": draw(st.lists(words(), max_size=3)),
            "rule": draw(st.sampled_from([f"bucket={name}" for name in BUCKETS])),
            "sensitive": draw(st.booleans()),
        }
        chosen = draw(st.sets(st.sampled_from(sorted(optional))))
        concepts[concept_id] = {"aliases": "|".join(forms) if draw(joined) else forms}
        concepts[concept_id] |= {key: optional[key] for key in sorted(chosen)}
    return concepts
