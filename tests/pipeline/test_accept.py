"""`lexicon accept` from the command line to its files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lvmh_jax.io.workspace import read_lexicon_file, read_workspace
from tests.generators import (
    LEXICON,
    LEXICON_TABLE,
    TINY_LEXICON,
    make_workspace,
    note_row,
    write_file,
    write_notes,
)
from tests.pipeline.workshop import (
    Shop,
    answer_of,
    failure_of,
    read_json,
    read_rows,
    read_tree,
    run,
    run_well,
)


def suggest(root: Path, *lines: str, header: str = "concept_id,alias,confidence,accept") -> Path:
    return write_file(root, "s.csv", "\n".join([header, *lines, ""]))


def test_accepted_aliases_are_found_without_training(shop: Shop, tmp_path: Path) -> None:
    file = suggest(tmp_path, "handbag,Zwirbelspiel,0.4,yes", "handbag,other,0.4,no")
    new = tmp_path / "new.json"
    before = read_tree(shop.root / "taxonomy")
    words = ("lexicon", "accept", file, "--workspace", shop.root, "--output", new)
    answer = answer_of(*words)
    assert (answer["rows"], answer["chosen"], answer["added"]) == (2, 1, 1)
    assert read_tree(shop.root / "taxonomy") == before
    write_notes(tmp_path, [note_row("n", "Er liebt Zwirbelspiel.")])
    mentions = tmp_path / "m.csv"
    given = ("--model-path", shop.model, "--workspace", tmp_path, "--output", mentions)
    run_well("detect", *given, "--lexicon", new)
    assert ("handbag", "Zwirbelspiel", "rule-based") in {
        (row["concept_id"], row["matched_alias"], row["detection_method"])
        for row in read_rows(mentions)
    }
    assert "already exists; choose another name" in failure_of(run(*words), 2)


def test_what_is_refused_is_told_and_the_rest_is_taken(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    rows = ("handbag,tote,0.9,", "belt,cinta,0.95,", "handbag,NOIR,0.99,", "handbag,bolso,1,")
    file = suggest(tmp_path, *rows, "handbag,unsure,0.2,")
    result = run_well(
        "lexicon", "accept", file, "--workspace", root, "--min-confidence", "0.9", "--in-place"
    )
    assert "refused: unknown-concept 1, alias-of-another-concept 1, already-listed 1" in (
        result.stdout
    )
    assert "Warning: 1 row is refused: another concept lists it (first: row 4)" in result.stderr
    grown = read_json(root / LEXICON)
    assert grown["handbag"]["aliases"] == [*TINY_LEXICON["handbag"]["aliases"], "tote"]
    assert read_workspace(root).lexicon.row_of["handbag"] == 0


def test_marks_in_the_languages_of_the_notes(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    yes = ["Oui", "SÌ", "sí", "si", "JA", "sim", "Да", "نعم", "是", "はい", "예", "네", "X", "1"]
    no = ["Non", "no", "NEIN", "Não", "nao", "nee", "Нет", "لا", "否", "いいえ", "아니요", "0"]
    rows = [f"handbag,tote{'abcdefghijklmnopqrstuvwxyz'[n]},1,{m}" for n, m in enumerate(yes + no)]
    words = ("--workspace", root, "--min-confidence", "0", "--in-place")
    answer = answer_of("lexicon", "accept", suggest(tmp_path, *rows), *words)
    assert (answer["rows"], answer["added"]) == (len(yes + no), len(yes))


def test_damaged_characters_are_refused(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    damaged = ("caf\ufffd", "sac\x85", "b\x9cuf")
    rows = ("handbag,tote,,yes", *(f"handbag,{alias},,yes" for alias in damaged), "belt,x,,yes")
    words = ("--workspace", root, "--output", tmp_path / "n.json")
    result = run_well("lexicon", "accept", suggest(tmp_path, *rows), *words, "--json")
    assert "3 rows are refused: it holds characters that a wrong encoding has" in result.stderr
    assert "damaged (first: row 3)" in result.stderr
    refused = json.loads(result.stdout)["refused"]
    assert [each["row"] for each in refused] == [3, 4, 5, 6]
    assert [each["reason"] for each in refused] == ["damaged-characters"] * 3 + ["unknown-concept"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("told", [False, True])
def test_a_file_that_a_spreadsheet_saved_is_read(
    tmp_path: Path, delimiter: str, told: bool
) -> None:
    root = make_workspace(tmp_path / "w")
    rows = ("concept_id|alias|confidence|accept", 'handbag|"to,te"|0,98|', "handbag|bag|0,2|")
    text = "".join(row.replace("|", delimiter) + "\r\n" for row in rows)
    before = f"sep={delimiter}\r\n" if told else ""
    file = write_file(tmp_path, "s.csv", f"\ufeff{before}{text}".encode())
    words = ("--workspace", root, "--min-confidence", "0.9", "--in-place")
    answer = answer_of("lexicon", "accept", file, *words)
    assert (answer["rows"], answer["chosen"], answer["added"]) == (2, 1, 1)
    assert read_json(root / LEXICON)["handbag"]["aliases"][-1] == "to,te"


def test_a_file_of_windows_is_read_and_told(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    (root / LEXICON).unlink()
    table = "Concept_ID;Label;Aliases\r\nhandbag;Sac à main;sac à main\r\n"
    write_file(root, LEXICON_TABLE, table.encode("cp1252"))
    marked = "Concept ID;ALIAS;Accept\r\nhandbag;besace beurrée;oui\r\n"
    file = write_file(tmp_path, "s.csv", marked.encode("cp1252"))
    words = ("lexicon", "accept", file, "--workspace", root, "--output", tmp_path / "n.json")
    done = run_well(*words)
    assert "s.csv: it is not UTF-8: read as cp1252 (save it as UTF-8" in done.stderr
    assert f"{Path(LEXICON_TABLE).name}: it is not UTF-8: read as cp1252" in done.stderr
    aliases = read_json(tmp_path / "n.json")["handbag"]["aliases"]
    assert aliases == ["sac à main", "besace beurrée"]


TABLE = (
    "\ufeffConcept_ID;Label;Aliases;Owner\r\n"
    'handbag;Sac à main;"sac à main|sac|";"Ann; shop"\r\n'
    'belt;Ceinture;;"two\nlines"\r\n'
)


@pytest.mark.parametrize("in_place", [True, False])
def test_a_table_takes_aliases_in_its_own_columns_and_separator(
    tmp_path: Path, in_place: bool
) -> None:
    root = make_workspace(tmp_path / "w")
    (root / LEXICON).unlink()
    source = write_file(root, LEXICON_TABLE, TABLE.encode())
    file = suggest(tmp_path, "belt,cinta,1,yes", "handbag,tote,1,yes", "belt,Gürtel,1,yes")
    new = source if in_place else tmp_path / "n.csv"
    where = ("--in-place",) if in_place else ("--output", new)
    answer = answer_of("lexicon", "accept", file, "--workspace", root, *where)
    assert (answer["output"], answer["added"]) == (str(new), 3)
    grown = TABLE.replace('"sac à main|sac|"', "sac à main|sac|tote")
    assert new.read_bytes().decode() == grown.replace("Ceinture;", "Ceinture;cinta|Gürtel")
    assert in_place or source.read_bytes().decode() == TABLE
    assert read_lexicon_file(new)[0].concepts[1].aliases == ("cinta", "Gürtel")


def test_a_table_that_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch) -> None:
    root = make_workspace(tmp_path / "w")
    (root / LEXICON).unlink()
    source = write_file(root, LEXICON_TABLE, TABLE.encode())
    file = suggest(tmp_path, "belt,cinta,1,yes")
    words = ("lexicon", "accept", file, "--workspace", root, "--in-place")
    lossy = {"Ann; shop": "Ann", '"two\nlines"': "two\nlines"}
    said = ("with the new aliases its other cells would be read otherwise", "cells; expected 4")
    for (kept, lost), told in zip(lossy.items(), said, strict=True):

        def lose(path, target, *_, kept=kept, lost=lost) -> None:
            target.write_bytes(path.read_bytes().replace(kept.encode(), lost.encode()))

        monkeypatch.setattr("lvmh_jax.io.suggestions.edit_csv", lose)
        line = failure_of(run(*words), 3)
        assert told in line
        assert Path(LEXICON_TABLE).name in line
        assert source.read_bytes() == TABLE.encode()
        assert os.listdir(source.parent) == [source.name]


def test_what_a_table_cannot_hold_leaves_it_as_it_is(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    file = suggest(tmp_path, "handbag,сумка,1,yes")
    words = ("lexicon", "accept", file, "--workspace", root)
    told = failure_of(run(*words, "--output", tmp_path / "n.csv"), 2)
    assert "n.csv would be a table, and" in told
    assert "lexicon_v1.json is JSON; give FILE.json" in told
    (root / LEXICON).unlink()
    table = "concept_id,label,aliases\nhandbag,Sac à main,sac à main\n".encode("cp1252")
    source = write_file(root, LEXICON_TABLE, table)
    told = failure_of(run(*words, "--in-place"), 3)
    assert "it is cp1252, which has no such letter as a new cell holds; save the file as" in told
    assert source.read_bytes() == table
    assert os.listdir(source.parent) == [source.name]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "concept_id,label\nhandbag,x\n",
            "alias (read with a comma between cells; found concept_id, label)",
        ),
        ("concept_id;label\nhandbag;x\n", "missing column alias (read with a semicolon between"),
        ("idee;wort\nhandbag;x\n", "concept_id, alias (read with a semicolon between cells)"),
        ("concept_id#alias\nhandbag#x\n", "concept_id, alias (read with a comma between cells)"),
        ("concept_id;alias\nhandbag;x;y\n", "s.csv:2: the row has 3 cells"),
        ("concept_id;alias\n\n\nhandbag;x;y\n", "s.csv:4: the row has 3 cells"),
        ("concept_id;alias;confidence\nhandbag;tote;1,2\n", "row 2: column confidence"),
        ("concept_id,alias\nhandbag,tote\n", "none of 1 rows is chosen"),
        (
            "concept_id,alias,accept\nhandbag,tote,perhaps\n",
            "row 2: 'perhaps' in column accept is not",
        ),
        (
            "concept_id,alias,accept\nhandbag,tote,Mme Durand aime\n",
            "row 2: what stands in column accept is not known",
        ),
        ("concept_id,alias,confidence\nhandbag,tote,2\n", "row 2: column confidence"),
        ("concept_id,alias,accept\nbelt,tote,x\n", "all 1 chosen rows are refused: 1 the lexicon"),
        ("", "the file is empty"),
    ],
)
def test_a_file_that_gives_nothing_writes_nothing(tmp_path: Path, content: str, said: str) -> None:
    root = make_workspace(tmp_path / "w")
    file = write_file(tmp_path, "s.csv", content)
    words = ("lexicon", "accept", file, "--workspace", root, "--output", tmp_path / "n.json")
    assert said in failure_of(run(*words), 3)
    assert not (tmp_path / "n.json").exists()


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (["handbag,tote,1,yes", "BAD"], 3),
        (["", "", "handbag,tote,1,yes", "", "BAD"], 6),
        (["\r", "handbag,tote,1,yes", "\r", "BAD", ""], 5),
        ([",,,", "handbag,tote,1,yes", "BAD"], 4),  # as a spreadsheet writes a blank row
    ],
)
def test_a_row_is_counted_as_spreadsheets_and_editors_do(
    tmp_path: Path, rows: list[str], line: int
) -> None:
    root = make_workspace(tmp_path / "w")
    for bad, code in (("handbag,bag,1,perhaps", 3), ("handbag,bag,2,", 3), ("belt,x,1,yes", 0)):
        file = suggest(tmp_path, *(bad if each == "BAD" else each for each in rows))
        assert file.read_text().split("\n")[line - 1] == bad
        new = tmp_path / f"{bad[-3:]}.json"
        words = ("lexicon", "accept", file, "--workspace", root, "--output", new, "--json")
        result = run(*words)
        assert result.exit_code == code
        assert f"row {line}" in result.stderr
        assert "line" not in result.stderr
    assert [each["row"] for each in json.loads(result.stdout)["refused"]] == [line]


@pytest.mark.parametrize(
    ("before", "row", "line"),
    [
        ("sep=,\r\n{header}\r\nhandbag,tote,1,yes\r\n\r\n", 4, 5),
        ('{header}\nhandbag,"to\nte",1,yes\n', 3, 4),
        ('{header}\n\nhandbag,"to\r\n\r\nte",1,yes\n\n', 5, 7),
    ],
)
def test_the_line_is_told_where_it_is_another_than_the_row(
    tmp_path: Path, before: str, row: int, line: int
) -> None:
    root = make_workspace(tmp_path / "w")
    text = before.replace("{header}", "concept_id,alias,confidence,accept")
    file = write_file(tmp_path, "s.csv", f"{text}handbag,bag,1,perhaps\n".encode())
    assert file.read_bytes().split(b"\n")[line - 1] == b"handbag,bag,1,perhaps"
    words = ("lexicon", "accept", file, "--workspace", root, "--output", tmp_path / "n.json")
    assert f"s.csv: row {row} (line {line}): 'perhaps' in" in failure_of(run(*words), 3)


def test_accept_asks_where_to_write_and_for_a_file(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    words = ("lexicon", "accept", tmp_path / "none.csv", "--workspace", root)
    assert "either --output FILE or --in-place" in run(*words).stderr
    assert run(*words, "--output", tmp_path / "n.json", "--in-place").exit_code == 2
    assert "no such file" in failure_of(run(*words, "--output", tmp_path / "n.json"), 4)
    nowhere = ("lexicon", "accept", tmp_path / "none.csv", "--workspace", tmp_path, "--in-place")
    assert "No data found" in failure_of(run(*nowhere), 4)
