"""Notes and raw exports that are wrong: parquet, CSV and JSON lines."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.generators import NOTE_COLUMNS
from tests.malformed.damage import DEEP, MILLION, damage
from tests.malformed.lexicons import TABLE_SURVIVES, with_damage
from tests.malformed.outcomes import REFUSED, SECRET, WORKS, Outcomes, outcomes

ROWS = 3


def parquet_bytes(table: pa.Table, **options: Any) -> bytes:
    """A table as a parquet file."""
    stream = io.BytesIO()
    parquet.write_table(table, stream, **options)
    return stream.getvalue()


def notes(drop: Sequence[str] = (), **columns: Any) -> bytes:
    """Notes as parquet, some of whose columns are other than they should be."""
    given: dict[str, Any] = {name: [""] * ROWS for name in NOTE_COLUMNS}
    given |= {"note_id": ["N1", "N2", "N3"], "text": [SECRET] * ROWS} | columns
    return parquet_bytes(pa.table({name: given[name] for name in given if name not in drop}))


def export(**columns: Any) -> bytes:
    """A raw export as parquet, some of whose columns are other than they should be."""
    given = {"ID": ["1", "2", "3"], "Transcription": [f"{SECRET} {row}" for row in range(ROWS)]}
    return parquet_bytes(pa.table(given | columns))


def _twins(names: Sequence[str]) -> bytes:
    return parquet_bytes(pa.Table.from_arrays([pa.array(["a"])] * len(names), list(names)))


def _bad_utf8() -> pa.Array:
    return pa.array([b"\xff\xfe", b"a\x80", b"\xed\xa0\x80"]).view(pa.string())


_BEYOND = 10**11  # seconds: the year 5138; of days, far beyond the year 9999
KINDS: dict[str, tuple[Any, str, str]] = {  # column -> what notes do with it, what `prepare` does
    "lists": (pa.array([[SECRET]] * ROWS), REFUSED, REFUSED),
    "empty lists": (pa.array([[]] * ROWS, pa.list_(pa.null())), REFUSED, REFUSED),
    "objects": (pa.array([{"a": SECRET}] * ROWS), REFUSED, REFUSED),
    "maps": (pa.array([[("a", 1)]] * ROWS, pa.map_(pa.string(), pa.int8())), REFUSED, REFUSED),
    "bytes": (pa.array([b"\xff\x00"] * ROWS), REFUSED, REFUSED),
    "fixed bytes": (pa.array([b"\xff\x00"] * ROWS, pa.binary(2)), REFUSED, REFUSED),
    "text that is no UTF-8": (_bad_utf8(), REFUSED, REFUSED),
    "true and false": (pa.array([True, False, None]), WORKS, REFUSED),
    "durations": (pa.array([1, 2, 3], pa.duration("s")), WORKS, REFUSED),
    "nulls": (pa.nulls(ROWS), WORKS, WORKS),
    "null texts": (pa.nulls(ROWS, pa.string()), WORKS, WORKS),
    "NaN": (pa.array([float("nan"), float("inf"), None]), WORKS, WORKS),
    "half floats": (pa.array([1, 2, 3], pa.float16()), WORKS, WORKS),
    "decimals": (pa.array([Decimal("1.10")] * ROWS), WORKS, REFUSED),
    "unsigned": (pa.array([2**64 - 1] * ROWS, pa.uint64()), WORKS, WORKS),
    "dates": (pa.array([dt.date(1, 1, 1)] * ROWS), WORKS, WORKS),
    "dates beyond years": (pa.array([2**31 - 1] * ROWS, pa.date32()), WORKS, REFUSED),
    "times": (pa.array([dt.time(1)] * ROWS), WORKS, WORKS),
    "stamps": (pa.array([dt.datetime(2026, 1, 8)] * ROWS), WORKS, WORKS),
    "stamps beyond years": (pa.array([_BEYOND] * ROWS, pa.timestamp("s")), WORKS, WORKS),
    "stamps of no zone": (pa.array([1] * ROWS, pa.timestamp("us", "No/Where")), REFUSED, REFUSED),
    "dictionary": (pa.array(["a", None, "a"]).dictionary_encode(), WORKS, WORKS),
    "dictionary of numbers": (pa.array([1, None, 1]).dictionary_encode(), WORKS, WORKS),
    "large texts": (pa.array(["a"] * ROWS, pa.large_string()), WORKS, WORKS),
    "NULs": (pa.array(["\0", "a\0b", ""]), WORKS, WORKS),
    "a million letters": (pa.array(["a" * MILLION] * ROWS), WORKS, WORKS),
    "right to left marks": (pa.array(["\u202e\u200f"] * ROWS), WORKS, WORKS),
    "combining marks": (pa.array(["e" + "\u0301" * 99_999] * ROWS), WORKS, WORKS),
    "emoji": (pa.array(["👩\u200d👩\u200d👧\U0001f3fd" * 99] * ROWS), WORKS, WORKS),
    "byte order marks": (pa.array(["\ufeff\ufeff", "a\ufeff", ""]), WORKS, WORKS),
}
_REFUSED_NOTES: dict[str, bytes] = {
    f"no column {name}": notes(drop=[name]) for name in NOTE_COLUMNS
} | {
    "no column": parquet_bytes(pa.table({})),
    "no row": notes(**{name: pa.array([], pa.string()) for name in NOTE_COLUMNS}),
    "columns in capitals": notes(drop=["text"], TEXT=["a"] * ROWS),
    "column twice": _twins([*NOTE_COLUMNS, "text"]),
    "ids are null": notes(note_id=[None, "a", None]),
    "ids are empty": notes(note_id=["", "a", " "]),
    "ids are the same": notes(note_id=["a", "a", "b"]),
    "ids are the same as numbers": notes(note_id=[7, 7, 8]),
    "ids are NaN": notes(note_id=[1.0, float("nan"), 2.0]),
    "ids are lists": notes(note_id=[["a"], ["b"], ["c"]]),
    "magic alone": b"PAR1" * 2,
    "footer length of 4 GB": notes()[:-8] + b"\xff\xff\xff\xff" + b"PAR1",
    "footer length of 0": notes()[:-8] + b"\0\0\0\0" + b"PAR1",
    "encrypted": notes()[:-4] + b"PARE",
    "footer overwritten": notes()[:-600] + b"\xff" * 592 + notes()[-8:],
    "first page overwritten": notes()[:4] + b"\xff" * 64 + notes()[68:],
    "an Arrow file": b"ARROW1\0\0" + bytes(80),
}
_WORKING_NOTES: dict[str, bytes] = {
    "ids with line ends": notes(note_id=["a\n", "a\r\n", "a\0"]),
    "ids of a million letters": notes(note_id=["a" * MILLION, "b", "c"]),
    "a thousand further columns": notes(**{f"x{row}": [row] * ROWS for row in range(1000)}),
    "a further column of lists": notes(more=[[[[]]]] * ROWS),
    "languages that are texts": notes(language=[SECRET, "fr ", "klingon"]),
}


def _kinds(place: int) -> Outcomes:
    write = notes if place == 1 else export
    columns = ("text", "language", "client_id") if place == 1 else ("Transcription", "Language")
    return {
        f"{name} holds {label}": (write(**{name: row[0]}), row[place])
        for label, row in KINDS.items()
        for name in columns
    }


def _damaged(raw: bytes) -> Outcomes:
    # The second footer of a file that is there twice still counts from the first byte.
    return {
        label: (content, WORKS if label == "twice" else REFUSED)
        for label, content in damage(raw).items()
    }


NOTES_CASES = outcomes(_REFUSED_NOTES, _WORKING_NOTES) | _kinds(1) | _damaged(notes())
EXPORT_PARQUET = _kinds(2) | _damaged(export())

NOTES_CSV = "note_id,text,language\nN1,sac noir à main,FR\nN2,黒い,JA\n"
NOTES_LINES = '{"note_id": "N1", "text": "sac noir à main"}\n{"note_id": "N2", "text": "黒い"}\n'
_LINE = '{"note_id": "N3", "text": %s}\n'
CSV_CASES = outcomes(
    {
        "no id": NOTES_CSV + ",x,\n",
        "id twice": NOTES_CSV + "N1,x,\n",
        "cell too many": NOTES_CSV + f"N3,{SECRET},FR,\n",
        "cell missing": NOTES_CSV + f"{SECRET}\n",
        "no text column": NOTES_CSV.replace("text", "note"),
        "column twice": NOTES_CSV.replace("language", "text"),
        "header alone": NOTES_CSV.split("\n")[0] + "\n",
        "open quote": NOTES_CSV + f'N3,"{SECRET},FR\n',
        "text of a million letters": NOTES_CSV + f"N3,{'a' * MILLION},FR\n",
    },
    {
        "text with NUL": NOTES_CSV + "N3,a\0b,FR\n",
        "no text": NOTES_CSV + "N3,,\n",
        "text of 100,000 letters": NOTES_CSV + f"N3,{'a' * 100_000},FR\n",
        "a line end in quotes": NOTES_CSV + 'N3,"a\nb",FR\n',
    },
) | with_damage(NOTES_CSV, TABLE_SURVIVES | {"escape sequence"})
LINES_CASES = outcomes(
    {
        "text is a list": NOTES_LINES + _LINE % "[]",
        "text is an object": NOTES_LINES + _LINE % "{}",
        "text is true": NOTES_LINES + _LINE % "true",
        "text is NaN": NOTES_LINES + _LINE % "NaN",
        "id is null": NOTES_LINES + '{"note_id": null, "text": "a"}\n',
        "id twice": NOTES_LINES * 2,
        "no text": NOTES_LINES + '{"note_id": "N3"}\n',
        "key twice": NOTES_LINES + '{"note_id": "N3", "note_id": "N4", "text": "a"}\n',
        "deep": NOTES_LINES + _LINE % ("[" * DEEP + "]" * DEEP),
        "number of 5,000 digits": NOTES_LINES + _LINE % ("9" * 5000),
        "one list": f"[{NOTES_LINES.replace(chr(10), chr(44))}]",
        "no JSON": NOTES_LINES + SECRET,
    },
    {
        "lone surrogate": NOTES_LINES + _LINE % '"\\ud800"',
        "NUL": NOTES_LINES + _LINE % '"\\u0000"',
        "number": NOTES_LINES + _LINE % "1e999",
        "null": NOTES_LINES + _LINE % "null",
        "a million letters": NOTES_LINES + _LINE % f'"{"a" * MILLION}"',
        "unknown key": NOTES_LINES + '{"note_id": "N3", "text": "a", "more": 1}\n',
    },
) | with_damage(NOTES_LINES, {"BOM", "Windows line ends", "white space around", "UTF-7"})

EXPORT_CSV = (
    "ID,Date,Duration,Language,Length,Transcription\n"
    f"1,08/01/2026,3,FR,short,Cliente {SECRET} fidèle\n2,2026-01-09,4,EN,short,A black bag\n"
)
EXPORT_LINES = (
    f'{{"ID": 1, "Date": "08/01/2026", "Transcription": "Cliente {SECRET}"}}\n'
    '{"ID": "2", "Language": "EN", "Transcription": "A black bag"}\n'
)
EXPORT_ROW = "3,{date},1,{language},short,{text}\n"


def _row(text: str = "A bag", date: str = "2026-01-08", language: str = "EN") -> str:
    return EXPORT_CSV + EXPORT_ROW.format(text=text, date=date, language=language)


# `prepare` takes what spreadsheets write: other encodings, where they make words of it. Damaged
# UTF-8 read as Windows-1252 makes none ("fidÃ¨le").
_ENCODINGS = {"BOM", "two BOMs", "UTF-16", "UTF-16 big end", "UTF-16 without mark", "UTF-7"}
_ENCODINGS |= {"Windows line ends", "white space around", "twice"}
_line = json.dumps
EXPORT_CSV_CASES = outcomes(
    {
        "no id column": EXPORT_CSV.replace("ID", "Number", 1),
        "no text column": EXPORT_CSV.replace("Transcription", "Colour"),
        "no header": EXPORT_CSV.split("\n", 1)[1],
        "header alone": EXPORT_CSV.split("\n")[0],
        "header with cells too many": EXPORT_CSV.replace("\n", ",,\n", 1),
        "two text columns": EXPORT_CSV.replace("Length", "Text").replace("Transcription", "Note"),
        "no id": _row().replace("3,2026", ",2026"),
        "id again with another text": _row() + "1,,,,,Something else\n",
        "cell too many": EXPORT_CSV + f"3,,,,,{SECRET},{SECRET}\n",
        "cell missing": EXPORT_CSV + f"3,{SECRET}\n",
        "open quote": EXPORT_CSV + f'3,,,,,"{SECRET}\n',
        "quote within a cell": EXPORT_CSV + '3,,,,,"a"b\n',
        "text of two million letters": _row("a" * 2 * MILLION),
        "text of 200,000 letters": _row("a" * 200_000),
        "told delimiter is a quote": f'sep="\n{EXPORT_CSV}',
        "told delimiter is a line end": f"sep=\r\n{EXPORT_CSV}\r",
        "told delimiter is NUL": f"sep=\0\n{EXPORT_CSV}",
    },
    {
        "semicolons": EXPORT_CSV.replace(",", ";"),
        "tabs": EXPORT_CSV.replace(",", "\t"),
        "told delimiter": "sep=;\n" + EXPORT_CSV.replace(",", ";"),
        "empty cells at the edge": EXPORT_CSV.replace("\n", ",,\n").replace(",,\n", "\n", 1),
        "NUL in a text": _row("a\0bag"),
        "text of marks": _row("\u202e\u200f\u0301"),
        "text of emoji": _row("👩\u200d👩\u200d👧" * 99),
        "text of combining marks": _row("e" + "\u0301" * 20_000),
        "date that is none": _row(date="99/99/9999"),
        "date of the year 0": _row(date="0000-00-00"),
        "date of Arabic digits": _row(date="٠٨/٠١/٢٠٢٦"),
        "date of superscripts": _row(date="²²/¹/²⁰²⁶"),
        "language that is a text": _row(language=SECRET),
        "a formula": _row("=cmd|'/C calc'!A0"),
        "the same row twice": EXPORT_CSV + EXPORT_CSV.split("\n", 1)[1],
    },
) | with_damage(
    EXPORT_CSV,
    _ENCODINGS | {"cut by two bytes", "old Mac line ends", "right to left mark", "escape sequence"},
)
EXPORT_LINES_CASES = outcomes(
    {
        "text is a list": EXPORT_LINES + _line({"ID": 3, "Transcription": [SECRET]}),
        "text is true": EXPORT_LINES + _line({"ID": 3, "Transcription": True}),
        "id is NaN": EXPORT_LINES + '{"ID": NaN, "Transcription": "a"}',
        "id is null": EXPORT_LINES + _line({"ID": None, "Transcription": "a"}),
        "no text": EXPORT_LINES + _line({"ID": 3}),
        "key twice": EXPORT_LINES + '{"ID": 3, "ID": 4, "Transcription": "a"}',
        "deep": EXPORT_LINES + '{"ID": ' + "[" * DEEP,
        "a list": "{}\n" + EXPORT_LINES,
        "line of two million letters": EXPORT_LINES + _line({"ID": 3, "Note": "a" * 2 * MILLION}),
        "number of 5,000 digits": EXPORT_LINES + '{"ID": %s, "Note": ""}' % ("9" * 5000),
    },
    {
        "lone surrogate": EXPORT_LINES + _line({"ID": "3\ud800", "Transcription": "a\udfff"}),
        "NUL": EXPORT_LINES + _line({"ID": "3", "Transcription": "a\0"}),
        "id beyond floats": EXPORT_LINES + '{"ID": 1e999, "Transcription": "a"}',
        "null text": EXPORT_LINES + _line({"ID": 3, "Transcription": None}),
        "object beside": EXPORT_LINES + _line({"ID": 3, "Transcription": "a", "x": {"y": []}}),
        "blank lines": "\n \n" + EXPORT_LINES + "\n",
    },
) | with_damage(EXPORT_LINES, _ENCODINGS)
