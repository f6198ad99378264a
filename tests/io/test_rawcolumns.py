"""Which column holds what: by names that people give, by options, and what a message may show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.rawcolumns import Told
from lvmh_jax.io.rawfiles import open_raw
from tests.io.rawexports import parquet_bytes, write


def test_client_column(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID,Client ID,Transcription\nA1,C7,noir\n")
    for name in ("Client ID", "client id"):
        (row,) = open_raw(path, told=Told(client=name)).rows()
        assert row.client_id == "C7"
    with pytest.raises(UsageError, match="did you mean 'Client ID'"):
        list(open_raw(path, told=Told(client="Client-ID")).rows())


def test_our_own_name_of_the_client_needs_no_option(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID,Client_ID ,Client,Text\nA1,C7,Mme Durand,noir\n")
    file = open_raw(path)
    (row,) = file.rows()
    assert (row.client_id, file.has_clients) == ("C7", True)
    assert not any("client" in warning for warning in file.warnings)
    (row,) = open_raw(path, told=Told(client="Client")).rows()
    assert row.client_id == "Mme Durand"
    twice = write(tmp_path / "twice.csv", "ID,client_id,client_id,Text\nA1,C7,C8,noir\n")
    file = open_raw(twice)
    assert [row.client_id for row in file.rows()] == [""]
    assert any("give --client-column" in warning for warning in file.warnings)


def test_columns_that_are_not_read_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID,Shop,Text,Client,,Advisor\nA1,Paris,noir,,,Max\n")
    file = open_raw(path)
    list(file.rows())
    assert file.warnings[-1] == f"{path}: 2 columns are not read: 'Shop', 'Advisor'"
    file = open_raw(path, told=Told(client="Client", id="Shop"))
    list(file.rows())
    assert file.warnings[-1] == f"{path}: 2 columns are not read: 'ID', 'Advisor'"
    # What may be somebody's note is counted alone.
    path = write(tmp_path / "headless.csv", "A1,Mme Durand aime le noir\nA2,bleu\n")
    file = open_raw(path, told=Told(id="A1", text="Mme Durand aime le noir"))
    list(file.rows())
    assert not any("not read" in warning for warning in file.warnings)
    path = write(tmp_path / "headless.csv", "A1,Mme Durand aime le noir,x y\nA2,bleu,\n")
    file = open_raw(path, told=Told(id="A1", text="Mme Durand aime le noir"))
    list(file.rows())
    assert file.warnings[-1] == f"{path}: 1 column is not read"


def test_keys_of_json_lines_that_are_not_read_are_told_once(tmp_path: Path) -> None:
    many = [{"ID": n, "Text": "noir", "Shop": 1} | {f"K{n}": 1} for n in range(90)]
    lines = "".join(f"{json.dumps(each)}\n" for each in [*many, {"ID": 99, "Text": "a"}])
    file = open_raw(write(tmp_path / "raw.jsonl", lines))
    assert len(list(file.rows())) == 91
    # A key of few lines may be somebody's name.
    assert file.warnings == [f"{file.where}: 91 columns are not read: 'Shop' and 90 more"]
    file = open_raw(write(tmp_path / "raw.jsonl", "".join(lines.splitlines(True)[-1:])))
    list(file.rows())
    assert file.warnings == []


def test_date_and_language_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "raw.csv", "ID,Vu le,Parle,Transcription\nA1,08/01/2026,IT,noir\n")
    (row,) = open_raw(path, told=Told(date="vu le", language="Parle")).rows()
    assert (row.date, row.language) == ("08/01/2026", "IT")
    file = open_raw(path)
    assert len(list(file.rows())) == 1
    assert "give --date-column NAME and --language-column NAME" in file.warnings[0]
    with pytest.raises(UsageError, match="no column 'Vu' for --date-column"):
        list(open_raw(path, told=Told(date="Vu")).rows())
    with pytest.raises(UsageError, match="--date-column and --language-column name the same"):
        list(open_raw(path, told=Told(date="Parle", language="parle")).rows())
    twice = write(tmp_path / "twice.csv", "ID,Datum,Date RDV,Text\nA1,1,2,noir\n")
    with pytest.raises(InvalidInputError, match=r"could both be Date; .* --date-column NAME"):
        list(open_raw(twice).rows())


@pytest.mark.parametrize(
    "header",
    [
        "Réf. Note;N° Client;Date RDV;Langue;Commentaire vendeur",
        "Notiznr.;Kundennr.;Besuchsdatum;Sprache;Notiz",
        "Ref. Nota;Nº Cliente;Fecha visita;Idioma;Comentario",
        "Rif. nota;Codice cliente;Data visita;Lingua;Commento",
        "Numero nota;Id cliente;Data da visita;Língua;Comentário",
        "ID;Code Cliente;Date;Language;Text",
        "ID;顧客番号;日付;言語;本文",
        "ID;客户编号;日期;语言;文本",
        "ID;고객번호;날짜;언어;내용",
        "ID;Код клиента;Дата;Язык;Текст",
        "ID;رقم العميل;التاريخ;اللغة;النص",
    ],
)
def test_names_that_shops_give_their_columns(tmp_path: Path, header: str) -> None:
    path = write(tmp_path / "raw.csv", f"{header}\nA1;C7;08/01/2026;IT;noir\n")
    file = open_raw(path)
    (row,) = file.rows()
    assert (row.note_id, row.client_id, row.text) == ("A1", "", "noir")
    assert (row.date, row.language) == ("08/01/2026", "IT")
    client = header.split(";")[1]
    assert f"--client-column '{client}'" in file.warnings[-1]  # the contract asks for the option
    (row,) = open_raw(path, told=Told(client=client)).rows()
    assert row.client_id == "C7"


def test_a_column_that_may_hold_the_clients_name_is_no_id(tmp_path: Path) -> None:
    for name in ("Client", "Kunde", "Cliente"):
        path = write(tmp_path / "raw.csv", f"ID;{name};Text\nA1;Mme Durand;noir\n")
        file = open_raw(path)
        (row,) = file.rows()
        assert row.client_id == ""
        assert file.warnings[-1].endswith(
            f"if '{name}' holds their ids, give --client-column '{name}'"
        )


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_id_and_text_columns(tmp_path: Path, delimiter: str) -> None:
    text = "Note,Ref,Notes,Memo\nwhat,A1,internal,noir\n".replace(",", delimiter)
    path = write(tmp_path / "raw.csv", text)
    (row,) = open_raw(path, told=Told(id="ref", text="Memo")).rows()
    assert (row.note_id, row.text) == ("A1", "noir")
    with pytest.raises(InvalidInputError, match=r"'Note' and 'Notes' .* --text-column NAME"):
        list(open_raw(path, told=Told(id="Ref")).rows())
    with pytest.raises(UsageError, match=r"no column 'Mem' for --text-column among 'Note'"):
        list(open_raw(path, told=Told(id="Ref", text="Mem")).rows())
    with pytest.raises(UsageError, match="name the same column"):
        list(open_raw(path, told=Told(id="Ref", text="ref")).rows())


def test_columns_that_are_not_known_are_counted(tmp_path: Path) -> None:
    lines = "numero;commentaire_client;jour\n7;noir;2026-01-08\n"
    known = lines.replace("jour", "Date")
    for name, text, told in (("raw.csv", lines, "3"), ("date.csv", known, "'Date' and 2 more")):
        with pytest.raises(InvalidInputError, match="no column for ID and Transcription") as caught:
            list(open_raw(write(tmp_path / name, text)).rows())
        message = str(caught.value)
        assert f"Transcription among {told}; expected" in message
        assert "commentaire" not in message
        assert "ID (or noteid, " in message
        assert "Transcription (or transcript, text, note, " in message
        assert "--id-column NAME and --text-column NAME" in message


def test_all_columns_of_what_is_a_header_are_shown(tmp_path: Path) -> None:
    names = [
        "Réf",
        "Date visite",
        "Langue",
        "Vendeur",
        "Compte rendu",
        *(f"Col {n}" for n in "abc"),
    ]
    path = write(tmp_path / "raw.csv", f"{','.join(names)}\n{'x,' * 7}x\n")
    with pytest.raises(InvalidInputError, match=f"among {', '.join(map(repr, names))}; expected"):
        list(open_raw(path).rows())
    with pytest.raises(UsageError, match="did you mean 'Réf'"):
        list(open_raw(path, told=Told(id="Ref")).rows())
    wide = write(tmp_path / "wide.csv", ",".join(["Date", "Langue", *("abcdefghijklmnopqrstuvw")]))
    with pytest.raises(InvalidInputError, match="'r' and 5 more"):
        list(open_raw(wide).rows())


def test_a_name_that_differs_in_accents_is_told_though_the_line_may_be_a_note(
    tmp_path: Path,
) -> None:
    path = write(tmp_path / "raw.csv", "Numéro,Mémo\nA1,noir\n")
    with pytest.raises(UsageError, match="for --text-column among 2; did you mean 'Mémo'"):
        list(open_raw(path, told=Told(id="Numéro", text="memo")).rows())


@pytest.mark.parametrize(
    "names",
    [
        ["A1", "Note", "Mme Durand"],
        ["ID", "Langue", "TexteA1", "FR", "Durand"],  # behind a lost line end
        ["Date", "Langue", "2026-01-08", "Durand"],
        ["Date", "Langue", "Durand", "Durand revient pour le sac bleu de sa mère"],
        ["Date", "Langue", "Mme Durand"],
        ["Durand", "aime le cuir"],
        ["Durand"],
        ["Durand " * 9, "Date"],
        ["Date", "Durand", "Sophie"],  # behind a lost line end
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_first_line_that_may_be_a_note_is_not_shown(
    tmp_path: Path, names: list[str], form: str
) -> None:
    cells = {name: ["x"] for name in names}
    rows = f"{json.dumps(dict.fromkeys(names, 'x'))}\n"
    content = {"csv": f"{','.join(names)}\n", "jsonl": rows, "parquet": parquet_bytes(**cells)}
    path = tmp_path / f"raw.{form}"
    given = content[form]
    path.write_bytes(given if isinstance(given, bytes) else given.encode())
    near = [Told(id="Ref"), Told(text="Durant"), Told(client="Mme Duran")]
    with pytest.raises(InvalidInputError, match=r"no (key|column for) ") as caught:
        list(open_raw(path).rows())
    errors = [caught]
    for told in near:
        with pytest.raises(UsageError, match="no column ") as caught:
            list(open_raw(path, told=told).rows())
        errors.append(caught)
    assert not any("Durand" in str(each.value) for each in errors)
