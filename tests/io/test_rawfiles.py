"""Exports as spreadsheets and people make them: what is read, and what is refused in one line."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError, UsageError
from lvmh_jax.io.rawfiles import open_raw
from tests.io.rawexports import HEADER, ROWS, as_csv, parquet_bytes, read, write


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_csv_of_spreadsheets(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = write(tmp_path / "raw.csv", as_csv(delimiter), encoding)
    assert read(path) == ROWS


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends(tmp_path: Path, line_end: str) -> None:
    assert read(write(tmp_path / "raw.csv", as_csv(line_end=line_end))) == ROWS


@pytest.mark.parametrize(
    "header",
    [
        ["Note ID", "Datum", "Dauer", "Sprache", "Länge", "Transkription"],
        [" id", "DATE ", "Durée", "Langue", "Longueur", "TEXTE"],
    ],
)
def test_headers(tmp_path: Path, header: list[str]) -> None:
    assert read(write(tmp_path / "raw.csv", as_csv(header=header))) == ROWS


def test_excels_separator_line_blank_rows_and_empty_cells(tmp_path: Path) -> None:
    text = "sep=;\r\n\r\nID;Transcription\r\nA1;noir\r\n;\r\nA2;bleu;;\r\n\r\n"
    rows = list(open_raw(write(tmp_path / "raw.csv", text)).rows())
    assert [(row.note_id, row.text, row.line) for row in rows] == [
        ("A1", "noir", 4),
        ("A2", "bleu", 6),
    ]


def test_lines_are_counted_through_line_breaks_in_cells(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", 'ID,Transcription\nA1,"one\ntwo"\nA2,three\n')
    assert [row.line for row in open_raw(path).rows()] == [2, 4]


def test_columns_that_are_missing_are_told(tmp_path: Path) -> None:
    file = open_raw(write(tmp_path / "raw.csv", "ID,Transcription\nA1,noir\n"))
    (row,) = file.rows()
    assert (row.date, row.language, row.client_id) == ("", "", "")
    assert file.warnings[0].endswith(
        ": no column Date, Duration, Length: left empty; no column Language: detected, or as "
        "--language-default says; if there is one, give --date-column NAME and --language-column "
        "NAME"
    )


def test_the_contracts_name_wins_over_another(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID,Notes,Transcription\nA1,internal,noir\n")
    assert read(path)[0][-1] == "noir"


def test_encoding_and_delimiter_can_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID~Transcription\nA1~来店、香水\n", "shift_jis")
    assert read(path, delimiter="~", encoding="shift_jis")[0][-1] == "来店、香水"


def test_windows_encoding_is_told(tmp_path: Path) -> None:
    file = open_raw(write(tmp_path / "raw.csv", as_csv(), "cp1252"))
    assert file.encoding == "cp1252"
    assert "not UTF-8: read as cp1252" in file.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "Fidèle – l’été, «œuvre», ÉTÉ À NOËL, €€€€ ……, 5 °C",
        "schön für die Straße, „so“, Ärzte ÄÖÜ",
        "¿Qué?¡Sí! l´amore, più così, não, ções, één, ª º",
        *("Coca™Cola", "Chloé×Disney", "Lycra®Soft", f"{'Une fidèle cliente. ' * 10}LaÉtoile"),
        "met Dušan Škoda and Nataša, Neverfull™, oui…mais",
    ],
)
def test_what_people_write_in_windows_encoding_is_no_other(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "raw.csv", f'ID,Transcription\nA1,"{text}"\n', "cp1252")
    assert read(path)[0][-1] == text


def test_json_lines(tmp_path: Path) -> None:
    lines = [json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS]
    lines.append('{"Transcription": "rest", "id": 7, "extra": [1], "Date": null}')
    found = read(write(tmp_path / "raw.txt", "\n\n".join(lines)))
    assert found == [*ROWS, ["7", "", "", "", "", "rest"]]


def test_parquet_in_groups_and_types(tmp_path: Path) -> None:
    import datetime

    table = pa.table(
        {
            "ID": [1.0, 2.0, 3.0],
            "Date": [datetime.date(2026, 1, 8), None, None],
            "Transcription": ["noir", None, "bleu"],
            "blob": [b"\xff", b"", b""],
        }
    )
    parquet.write_table(table, tmp_path / "raw.parquet", row_group_size=2)
    assert [(row[0], row[1], row[-1]) for row in read(tmp_path / "raw.parquet")] == [
        ("1", "2026-01-08", "noir"),
        ("2", "", ""),
        ("3", "", "bleu"),
    ]


GOOD = "ID,Transcription\nA1,noir\n"
SECRET = "Madame Durand, 06 12 34 56 78"
WHOLE = parquet_bytes(ID=["A1"] * 500, Transcription=[SECRET] * 500)

REFUSED = [
    ("empty", b"", "the file is empty"),
    ("blank", b" \n\r\n\t", "the file is empty"),
    ("workbook", b"PK\x03\x04" + b"\0" * 50, "it is an Excel workbook"),
    ("old workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 50, "it is an old Excel workbook"),
    ("gzip", gzip.compress(GOOD.encode()), r"it is compressed \(gzip\)"),
    ("pdf", b"%PDF-1.7\n", "it is a PDF"),
    ("no header", f"A1,{SECRET}\nA2,{SECRET}\n", "no column for ID and Transcription"),
    ("no text column", "ID,Date\nA1,2026-01-08\n", "no column for Transcription"),
    ("no id column", "Date,Transcription\n2026-01-08,noir\n", "no column for ID"),
    ("two texts", "ID,Text,Notes\nA1,a,b\n", "columns 'Text' and 'Notes' could both be"),
    ("two ids", "ID,Id,Text\nA1,A2,a\n", "columns 'ID' and 'Id' could both be ID"),
    ("too few cells", GOOD + "A2\n", r":3: the row has 1 cells; expected 2"),
    ("too many cells", GOOD + f"A2,{SECRET},x\n", r":3: the row has 4 cells; expected 2"),
    ("open quote", GOOD + f'A2,"{SECRET}\n', r":3: not valid CSV .*; close the one that opens in"),
    ("quote in the middle", GOOD + f'A2,"{SECRET}"x\n', r":3: not valid CSV"),
    (
        "cell too long",
        GOOD + f"A2,{'x' * 200_000}\n",
        r":3: a cell has more than 131,072 char.* of parquet",
    ),
    ("csv without line end", GOOD + "A2," + "x," * 600_000, ":3: the line has more than"),
    ("json without line end", '{"ID": "' + "x" * 1_100_000, ":1: the line has more than"),
    ("damaged utf-8", GOOD.encode() + "é".encode() + b"\xff\xfe,x\n", "byte 27 is not UTF-8"),
    ("utf-8 cut off", "ID,Transcription\né,é".encode()[:-1], "is not UTF-8"),
    (
        "japanese code page",
        "ID,Transcription\nA1,来店香水香水\n".encode("shift_jis"),
        "encoding can",
    ),
    ("cyrillic code page", "ID,Transcription\nA1,кожаная сумка\n".encode("cp1251"), "encoding can"),
    *(
        (
            f"{encoding}, {line[:4]}",
            f"{GOOD}A2,{line}\n".encode(encoding),
            "such as mac_",
        )
        for encoding, lines in (
            (
                "mac_roman",
                (
                    "peau sèche",
                    "un hôtel",
                    "gentil et réservé",
                    "Mädchen",
                    "mañana está",
                    "la città",
                    "doesn’t",
                ),
            ),
            ("shift_jis", ("乾燥肌で香水",)),
            ("gb18030", ("干性皮肤",)),
            ("cp1251", ("сухая кожа",)),
            ("cp1256", ("بشرة جافة",)),
        )
        for line in lines
    ),
    ("binary", bytes(range(1, 256)) * 9, "encoding cannot be told|not valid CSV|no column"),
    ("utf-16 cut off", as_csv().encode("utf-16")[:-1], "not utf-16 throughout"),
    ("json broken", '{"ID": "A1", "Transcription": "x"}\n{"ID": ', ":2: not valid JSON"),
    ("json list", '{"ID": "A1", "Transcription": "x"}\n[1]\n', ":2: the line is a list"),
    ("json without text", '{"ID": "A1"}\n', ":1: no key Transcription among 'ID'; expected"),
    (
        "json line without text",
        '{"ID": "A1", "Transcription": "x"}\n\n{"ID": "A2", "Date": ""}\n',
        ":3: no key Transcription among 'ID', 'Date'; expected Transcription",
    ),
    (
        "json array",
        ' [\n {"ID": "A1", "Transcription": "x"}]',
        "it is one JSON array; expected JSON",
    ),
    ("json array, empty", "[]", "it is one JSON array; expected JSON lines"),
    ("json value", '{"ID": "A1", "Transcription": ["x"]}\n', "'Transcription' is a list"),
    ("json true", '{"ID": true, "Transcription": "x"}\n', "'ID' is true or false"),
    (
        "json key twice",
        '{"ID": "A1", "ID": "A2", "Transcription": "x"}\n',
        "key 'ID' appears twice",
    ),
    ("json NaN", '{"ID": "A1", "Transcription": NaN}\n', "NaN is not a JSON value"),
    ("json deep", '{"ID": ' + "[" * 100_000 + "\n", "nested too deeply"),
    ("parquet cut off", WHOLE[:-40], "cannot be read as parquet"),
    ("parquet head only", b"PAR1", "cannot be read as parquet"),
    ("parquet damaged", WHOLE[:30] + b"\xff" * 60 + WHOLE[90:], "cannot be read as parquet"),
    ("parquet lists", parquet_bytes(ID=[["A"]], Transcription=["x"]), "column ID holds list"),
    ("parquet bytes", parquet_bytes(ID=["A"], Transcription=[b"\xff"]), "'Transcription' is bytes"),
    ("parquet columns", parquet_bytes(a=["A"], b=["x"]), "ID and Transcription among 2"),
]


@pytest.mark.parametrize(
    ("content", "reason"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_bad_file_is_refused_in_one_line_without_its_text(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    path = write(tmp_path / "raw", content)
    with pytest.raises(InvalidInputError, match=reason) as caught:
        list(open_raw(path).rows())
    message = str(caught.value)
    assert message.startswith(path.as_posix())
    assert "\n" not in message
    assert "Durand" not in message


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="No data found"):
        open_raw(tmp_path / "none.csv")
    with pytest.raises(InvalidInputError, match="it is a folder"):
        open_raw(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInputError, match="a pipe or device"):
        open_raw(tmp_path / "pipe")


@pytest.mark.parametrize("name", ["klingon", "rot13", "zlib", "\x00"])
def test_an_encoding_that_is_none(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "raw.csv", GOOD)
    with pytest.raises(UsageError, match="no encoding"):
        open_raw(path, encoding=name)


@pytest.mark.parametrize("name", ["utf-16", "ascii", "utf-8"])
def test_a_wrong_encoding_is_one_line(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "raw.csv", "ID,Transcription\nA1,été\n", "cp1252")
    with pytest.raises(LvmhError, match=r"not |no column"):
        list(open_raw(path, encoding=name).rows())
