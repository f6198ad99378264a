"""What is refused: each in one line that names the file, and tells nothing of a note."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.workspace import read_workspace
from tests.generators import (
    CANDIDATE_HEADER,
    CANDIDATES,
    GOLD_DEV,
    LEXICON,
    LEXICON_TABLE,
    NOTES,
    TINY_GOLD,
    TINY_LEXICON,
    json_lines,
    make_workspace,
    note_row,
    tiny_notes,
    write_file,
    write_parquet,
)

SECRET = "Mme Secret"
CONCEPT = '{"aliases": ["a"]}'
VALID_LEXICON = json.dumps(TINY_LEXICON)
BAD_LEXICONS: dict[str, tuple[bytes | str, str]] = {
    "empty file": (b"", "the file is empty"),
    "blank file": (" \n ", "not valid JSON at line 2, column 2"),
    "null": ("null", "the document is null"),
    "list": ("[]", "the document is a list"),
    "number": ("12", "the document is a number"),
    "string": ('"Mme Secret"', "the document is a string"),
    "no concept": ("{}", "the lexicon is empty"),
    "cut off": (VALID_LEXICON[:-20], "not valid JSON"),
    "trailing comma": (f'{{"a": {CONCEPT},}}', "not valid JSON"),
    "single quotes": ("{'a': {'aliases': []}}", "not valid JSON"),
    "comment": (f'{{"a": {CONCEPT}}} // Mme Secret', "not valid JSON"),
    "two documents": ("{}\n{}", "not valid JSON at line 2"),
    "concept twice": (f'{{"a": {CONCEPT}, "a": {CONCEPT}}}', "object; merge the two, or rename"),
    "concept on two lines": (f'{{"a": {CONCEPT},\n\n"a" : {CONCEPT}}}', "object (lines 1 and 3);"),
    "cut off in its line": ('{"a":', "not valid JSON at line 1, column 6: Expecting value; look"),
    "key twice": ('{"a": {"aliases": [], "aliases": []}}', "key 'aliases' appears twice"),
    "NaN": ('{"a": {"aliases": [], "freq_notes": NaN}}', "NaN is not a JSON value"),
    "Infinity": ('{"a": {"aliases": [], "freq_notes": -Infinity}}', "-Infinity is not a JSON"),
    "overflow": ('{"a": {"aliases": [], "freq_notes": 1e999}}', "'freq_notes' is a number"),
    "10,000 digits": ('{"a": {"freq_notes": ' + "9" * 10_000 + "}}", "a number that is too long"),
    "deep lists": ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
    "deep objects": ('{"a":' * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
    "UTF-16": (VALID_LEXICON.encode("utf-16"), "expected UTF-8"),
    "UTF-16 BE": (b"\xfe\xff" + VALID_LEXICON.encode("utf-16-be"), "expected UTF-8"),
    "UTF-16, no mark": (VALID_LEXICON.encode("utf-16-le"), "expected UTF-8"),
    "UTF-32": (VALID_LEXICON.encode("utf-32"), "expected UTF-8"),
    "Latin-1": ('{"é": {"aliases": []}}'.encode("latin-1"), "byte 2 is not UTF-8"),
    "gzip": (gzip.compress(b"{}", mtime=0), "UTF"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "byte 0 is not UTF-8"),
    "NUL bytes": (b"\0" * 64, "expected UTF-8"),
    "raw NUL in a string": ('{"a\0": {"aliases": []}}', "Invalid control character"),
    "concept is a list": ('{"a": ["x"]}', "concept 'a': it is a list"),
    "concept is null": ('{"a": null}', "concept 'a': it is null"),
    "concept is a string": ('{"a": "Mme Secret"}', "concept 'a': it is a string"),
    "blank id": (f'{{" ": {CONCEPT}}}', "concept id ' ' is not an identifier"),
    "id with NUL": (f'{{"a\\u0000": {CONCEPT}}}', "is not an identifier"),
    "id with a surrogate": (f'{{"\\ud800": {CONCEPT}}}', "is not an identifier"),
    "long id": (f'{{"{"i" * 9999}\\n": {CONCEPT}}}', "is not an identifier"),
    "no aliases": ('{"a": {"label": "x"}}', "key 'aliases' is missing"),
    "null aliases": ('{"a": {"aliases": null}}', "key 'aliases' is missing"),
    "aliases number": ('{"a": {"aliases": 3}}', "key 'aliases' is a number"),
    "aliases object": ('{"a": {"aliases": {"x": 1}}}', "key 'aliases' is an object"),
    "alias number": ('{"a": {"aliases": ["x", 3]}}', "key 'aliases' holds a number"),
    "alias null": ('{"a": {"aliases": [null]}}', "key 'aliases' holds null"),
    "alias list": ('{"a": {"aliases": [["x"]]}}', "key 'aliases' holds a list"),
    "label number": ('{"a": {"aliases": [], "label": 3}}', "key 'label' is a number"),
    "bucket list": ('{"a": {"aliases": [], "bucket": ["intent"]}}', "key 'bucket' is a list"),
    "rule object": ('{"a": {"aliases": [], "rule": {}}}', "key 'rule' is an object"),
    "languages number": ('{"a": {"aliases": [], "languages": 1}}', "key 'languages' is a number"),
    "language null": ('{"a": {"aliases": [], "languages": [null]}}', "'languages' holds null"),
    "negative count": ('{"a": {"aliases": [], "freq_notes": -2}}', "'freq_notes' is a number"),
    "count as text": ('{"a": {"aliases": [], "freq_notes": "2"}}', "'freq_notes' is a string"),
    "examples number": ('{"a": {"aliases": [], "examples": 7}}', "key 'examples' is a number"),
    "sensitive number": ('{"a": {"aliases": [], "sensitive": 1}}', "'sensitive' is a number"),
}
BAD_CANDIDATES: dict[str, tuple[bytes | str, str]] = {
    "empty file": (b"", "the file is empty"),
    "blank line": ("\n", "missing columns candidate, language"),
    "no header": (f"{SECRET},FR,2,0.5,N1\n", "missing columns candidate"),
    "column missing": (
        "candidate,language,freq_notes,avg_score\n",
        "missing column example_note_ids (",
    ),
    "column twice": (CANDIDATE_HEADER.replace("\n", ",language\n"), "'language' is there twice"),
    "semicolons": (CANDIDATE_HEADER.replace(",", ";"), "missing columns candidate"),
    "cell too many": (CANDIDATE_HEADER + "Mme Secret,FR,2,0.5,N1,N2\n", "the row has 6 cells"),
    "cells missing": (CANDIDATE_HEADER + "a,FR,2,0.5,N1\nMme Secret\n", ":3: the row has 1 cells"),
    "open quote": (CANDIDATE_HEADER + '"Mme Secret,FR,2,0.5,N1\n', "not valid CSV"),
    "count is text": (CANDIDATE_HEADER + "a,FR,Mme Secret,0.5,\n", "row 1: column freq_notes"),
    "count negative": (CANDIDATE_HEADER + "a,FR,-1,0.5,\n", "freq_notes is not a count"),
    "count broken": (CANDIDATE_HEADER + "a,FR,1.5,0.5,\n", "freq_notes is not a count"),
    "score NaN": (CANDIDATE_HEADER + "a,FR,1,nan,\n", "avg_score is not a number"),
    "score infinite": (CANDIDATE_HEADER + "a,FR,1,1e999,\n", "avg_score is not a number"),
    "UTF-16": (CANDIDATE_HEADER.encode("utf-16"), "expected UTF-8"),
    "Latin-1": ((CANDIDATE_HEADER + "é,FR,1,1,\n").encode("latin-1"), "is not UTF-8"),
}
BAD_GOLD: dict[str, tuple[bytes | str, str]] = {
    "empty file": (b"", "the file is empty"),
    "blank lines": ("\n\n", "it holds no gold note"),
    "no JSON": (json_lines([TINY_GOLD]) + SECRET, "dev.jsonl:2: not valid JSON"),
    "one JSON list": (json.dumps([TINY_GOLD]), "dev.jsonl:1: the line is a list"),
    "printed JSON": (json.dumps(TINY_GOLD, indent=1), "dev.jsonl:1: not valid JSON"),
    "note twice": (json_lines([TINY_GOLD] * 2), "dev.jsonl:2: note N2 is annotated twice"),
    "UTF-16": (json_lines([TINY_GOLD]).encode("utf-16"), "expected UTF-8"),
    "past the end": (
        json_lines([TINY_GOLD | {"spans": [{"start": 0, "end": 99, "concept_id": "x"}]}]),
        "dev.jsonl:1: note N2: span [0, 99) ends after the text, which has 45 characters",
    ),
}


def break_notes(change: Callable[[dict[str, list[object]]], object]) -> Callable[[Path], object]:
    """A workspace breaker: writes notes whose columns were changed."""

    def apply(root: Path) -> None:
        columns: dict[str, list[object]] = {
            key: [row[key] for row in tiny_notes()] for key in note_row("", "")
        }
        columns["text"] = [SECRET] * 5
        change(columns)
        write_parquet(root, NOTES, columns)

    return apply


def cut_notes(root: Path) -> None:
    raw = (root / NOTES).read_bytes()
    write_file(root, NOTES, raw[: len(raw) // 2])


def overwrite_footer(root: Path) -> None:
    raw = bytearray((root / NOTES).read_bytes())
    raw[-600:-8] = b"\xff" * 592
    write_file(root, NOTES, bytes(raw))


def write_invalid_utf8(root: Path) -> None:
    values = pa.array([b"\xff\xfe"] * 2).view(pa.string())
    columns = {key: pa.array(["a", "b"]) for key in note_row("", "")} | {"text": values}
    write_parquet(root, NOTES, columns)


def write_twin_columns(root: Path) -> None:
    names = [*note_row("", ""), "text"]
    write_parquet(root, NOTES, pa.Table.from_arrays([pa.array(["a"])] * len(names), names))


BAD_NOTES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty file": (lambda root: write_file(root, NOTES, b""), "the file is empty"),
    "a text file": (lambda root: write_file(root, NOTES, SECRET), "cannot be read as parquet"),
    "magic alone": (lambda root: write_file(root, NOTES, b"PAR1PAR1"), "cannot be read as parquet"),
    "encrypted": (lambda root: write_file(root, NOTES, b"PARE" * 9), "cannot be read as parquet"),
    "cut off": (cut_notes, "cannot be read as parquet"),
    "footer overwritten": (overwrite_footer, "cannot be read as parquet"),
    "no text column": (break_notes(lambda columns: columns.pop("text")), "missing column text;"),
    "two columns missing": (
        break_notes(lambda columns: (columns.pop("language"), columns.pop("client_id"))),
        "missing columns client_id, language; expected note_id, client_id, date",
    ),
    "raw export": (
        lambda root: write_parquet(root, NOTES, {"ID": ["1"], "Transcription": [SECRET]}),
        "this is a raw export: run `lvmh-jax prepare FILE` on it first",
    ),
    "other case": (
        break_notes(lambda columns: columns.update({"Text": columns.pop("text")})),
        "missing column text",
    ),
    "column twice": (write_twin_columns, "column 'text' is there twice"),
    "no note": (
        break_notes(lambda columns: [values.clear() for values in columns.values()]),
        "it holds no note",
    ),
    "null id": (
        break_notes(lambda columns: columns.update(note_id=["a", None, "b", "", "c"])),
        "note_id is null or empty in 2 of 5 rows, first in row 2",
    ),
    "NaN id": (
        break_notes(lambda columns: columns.update(note_id=[1.0, math.nan, 2.0, 3.0, 4.0])),
        "note_id is null or empty in 1 of 5 rows, first in row 2",
    ),
    "duplicate id": (
        break_notes(lambda columns: columns.update(note_id=["a", "b", "c", "b", "a"])),
        "note_id 'b' is in row 2 and again in row 4",
    ),
    "lists of texts": (
        break_notes(lambda columns: columns.update(text=[[SECRET]] * 5)),
        "column text holds list",
    ),
    "objects": (
        break_notes(lambda columns: columns.update(language=[{"code": "FR"}] * 5)),
        "column language holds struct",
    ),
    "bytes": (
        break_notes(lambda columns: columns.update(text=[b"\xff"] * 5)),
        "column text holds binary; expected a column of text",
    ),
    "invalid UTF-8": (write_invalid_utf8, "cannot be read as parquet"),
}
BAD_TABLES: dict[str, tuple[bytes | str, str]] = {
    "empty file": (b"", "the file is empty"),
    "header alone": ("concept_id,aliases\n", "the lexicon is empty"),
    "column missing": ("concept_id,Synonyms\n", "cells; found concept_id, synonyms); expected con"),
    "concept twice": ('concept_id,aliases\na,"x\ny"\n\na,y\n', "row 4 (line 5): concept 'a' app"),
    "blank id": ("concept_id,aliases\na,b\n,x\n", "row 3: concept id '' is not an identifier"),
    "header missing": (f"{SECRET},x\n", "(read with a comma between cells); expected concept_id"),
    "count": ("concept_id,aliases,freq_notes\na,x,many\n", "'freq_notes' is a string"),
}

CASES: list[tuple[str, str, bytes | str | Callable[[Path], object], str]] = [
    (name, f"{name} {label}", fault, message)
    for name, table in (
        (NOTES, BAD_NOTES),
        (LEXICON, BAD_LEXICONS),
        (LEXICON_TABLE, BAD_TABLES),
        (CANDIDATES, BAD_CANDIDATES),
        (GOLD_DEV, BAD_GOLD),
    )
    for label, (fault, message) in table.items()  # type: ignore[attr-defined]
]


@pytest.mark.parametrize(
    ("name", "fault", "message"),
    [(name, fault, message) for name, _, fault, message in CASES],
    ids=[label for _, label, _, _ in CASES],
)
def test_refused(
    tmp_path: Path, name: str, fault: bytes | str | Callable[[Path], object], message: str
) -> None:
    root = make_workspace(tmp_path)
    if name == LEXICON_TABLE:
        (root / LEXICON).unlink()
    if callable(fault):
        fault(root)
    else:
        write_file(root, name, fault)
    with pytest.raises(InvalidInputError, match=rf"^{name}") as caught:
        read_workspace(root)
    text = str(caught.value)
    assert message in text
    assert caught.value.exit_code == 3
    assert "\n" not in text
    assert len(text) < 300
    assert SECRET not in text


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    root = make_workspace(tmp_path)
    (root / CANDIDATES).unlink()
    (root / CANDIDATES).mkdir()
    with pytest.raises(
        InvalidInputError, match=r"candidates\.csv: cannot be read \(Is a directory"
    ):
        read_workspace(root)


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_lexicon_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = bytearray(json.dumps(TINY_LEXICON, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    root = make_workspace(tmp_path_factory.mktemp("damaged"), notes=tiny_notes())
    write_file(root, LEXICON, bytes(raw))
    refusal = ""
    try:
        read_workspace(root)
    except InvalidInputError as error:
        refusal = str(error)
    assert refusal.startswith(LEXICON if refusal else "")
    assert "\n" not in refusal
