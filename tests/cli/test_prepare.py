"""`lvmh-jax prepare` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.results import error_of, json_of

NOTES = Path("data/processed/notes_clean.parquet")
GOOD = (
    "ID,Date,Language,Transcription\nA1,08/01/2026,FR,Mme Laurent aime le cuir\nA2,hier,,Le cuir\n"
)


def write(text: str | bytes, name: str = "raw.csv") -> str:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def test_help_stands_alone(run) -> None:
    text = " ".join(run("prepare", "--help").stdout.split())
    for words in ("Example:", "lvmh-jax prepare export.csv --dry-run", "--client-column", "RAW"):
        assert words in text


def test_summary(run) -> None:
    result = run("prepare", write(GOOD), "--quiet")
    assert result.exit_code == 0
    for words in (
        "rows read        2",
        "dates            1 read, 0 none, 1 not understood (first in line 3)",
        "redacted         NAME 1",
        f"output: {NOTES}",
    ):
        assert words in result.stdout
    assert "no column Duration, Length" in result.stderr
    assert NOTES.is_file()


def test_notes_that_stand_for_clients_are_told(run) -> None:
    named = "ID,Client,N° Client,Kundennr.,Text\nA1,Mme Durand,K1,,cuir\nA2,,K1,,sac\nA3,,,,bague\n"
    result = run("prepare", write(named), "--json", "--quiet", "--dry-run")
    assert json_of(result)["clients"] == 3
    (line,) = [line for line in result.stderr.splitlines() if "client" in line]
    assert line.endswith(
        "each note is its own client; to take them from 'N° Client', give "
        "--client-column 'N° Client'"
    )
    given = ("--client-column", "N° Client", "--quiet", "--dry-run")
    result = run("prepare", write(named), *given)
    assert "clients          2" in result.stdout
    assert "raw.csv: 1 note names no client: each is its own client" in result.stderr
    told = run("prepare", write(named.replace("A3,,,", "A3,,K2,")), *given)
    assert "its own client" not in told.output
    assert "own client" not in run("prepare", write(GOOD), "--quiet", "--dry-run").output


@pytest.mark.parametrize(
    ("dates", "options", "read", "told"),
    [
        ("03/25/2026 04/05/2026", (), "2 read, 0 none, 0 not understood; month first\n", ""),
        ("25/03/2026 04/05/2026", (), "2 read, 0 none, 0 not understood; day first\n", ""),
        (
            "06/07/2026 04/05/2026",
            (),
            "2 read, 0 none, 0 not understood; day first, which no date tells\n",
            "",
        ),
        ("2026-03-25 2026-05-04", (), "2 read, 0 none, 0 not understood\n", ""),
        (
            "25/03/2026 03/25/2026",
            (),
            "1 read, 0 none, 1 not understood (first in line 3)\n",
            "1 date can only be month first: all are read day first, and these left empty "
            "(--date-order mdy reads all month first)",
        ),
        (
            "25/03/2026 03/25/2026 04/05/2026",
            ("--date-order", "mdy"),
            "2 read, 0 none, 1 not understood (first in line 2); month first\n",
            "--date-order dmy reads all day first",
        ),
    ],
)
def test_the_dates_of_a_column_tell_their_order(
    run, dates: str, options: tuple[str, ...], read: str, told: str
) -> None:
    rows = "".join(f"A{row},{day},cuir\n" for row, day in enumerate(dates.split()))
    result = run("prepare", write("ID,Date,Text\n" + rows), "--quiet", *options)
    assert f"dates            {read}" in result.stdout
    assert told in result.stderr
    assert ("--date-order" in result.stderr) == bool(told)


def test_columns_may_be_named(run) -> None:
    raw = write("Ref;Memo client;Langue\nA1;le cuir;?klingon\n")
    assert "--text-column NAME" in error_of(run("prepare", raw, "--quiet"))
    words = ("--id-column", "Ref", "--text-column", "memo client")
    result = run("prepare", raw, "--quiet", *words)
    assert result.exit_code == 0, result.output
    assert "rows read        1" in result.stdout
    assert "1 language not understood: detected instead" in result.stdout


def test_notes_of_no_language_are_told_as_such(run) -> None:
    raw = write("ID,Text\nA1,12 34\nA2,Cherche un sac à main noir\n")
    told = " ".join(run("prepare", raw, "--quiet").stdout.split())
    assert "detected FR 1 not recognised the language of 1 note" in told


def test_json(run) -> None:
    found = json_of(run("prepare", write(GOOD), "--json", "--quiet", "--dry-run"))
    assert found["dry_run"] is True
    assert (found["rows_read"], found["outputs"], found["redactions"]) == (2, [], {"NAME": 1})
    assert found["dates"]["first_unread_lines"] == [3]
    assert not NOTES.exists()


@pytest.mark.parametrize(
    ("content", "options", "code", "reason"),
    [
        (None, (), 4, "No data found"),
        ("", (), 3, "the file is empty"),
        ("A1,Mme Durand\n", (), 3, "no column for ID and Transcription"),
        (GOOD + "A1,,,Mme Durand\n", (), 3, "ID 'A1' is in line 2 and again in line 4"),
        (GOOD + "A1,,,Mme Durand\nA2,,,Durand\n", (), 3, "2 rows have the ID of an earlier row"),
        (GOOD + '"A3,,,Mme Durand\n', (), 3, "raw.csv:4: not valid CSV"),
        (b"PK\x03\x04Durand", (), 3, "Excel workbook"),
        (GOOD, ("--delimiter", "ab"), 2, "one character"),
        (GOOD, ("--delimiter", "x"), 2, "no letter and no digit"),
        (GOOD, ("--delimiter", "7"), 2, "no letter and no digit"),
        ('[{"ID": "A1", "Transcription": "Mme Durand"}]', (), 3, "expected JSON lines"),
        (GOOD, ("--encoding", "elvish"), 2, "no encoding 'elvish'"),
        (GOOD, ("--language-default", "xx"), 2, "--language-default is one of FR"),
        (GOOD, ("--client-column", "Dat"), 2, "did you mean 'Date'?"),
        (GOOD, ("--workspace", "raw.csv"), 2, "cannot be written"),
    ],
)
def test_a_failure_is_one_line_and_writes_nothing(
    run, content: str | bytes | None, options: tuple[str, ...], code: int, reason: str
) -> None:
    if content is not None:
        write(content)
    result = run("prepare", "raw.csv", "--quiet", *options)
    assert result.exit_code == code
    assert reason in error_of(result)
    assert "Durand" not in result.output
    assert [path for path in Path().rglob("*") if path.is_file()] == (
        [Path("raw.csv")] if content is not None else []
    )


def test_nothing_is_replaced_without_force(run) -> None:
    write(GOOD)
    assert run("prepare", "raw.csv", "--quiet").exit_code == 0
    refused = run("prepare", "raw.csv", "--quiet")
    assert refused.exit_code == 2
    assert "--force" in error_of(refused)
    assert run("prepare", "raw.csv", "--quiet", "--force").exit_code == 0


def test_no_file_is_a_usage_error(run) -> None:
    result = run("prepare")
    assert result.exit_code == 2
    assert "RAW" in error_of(result)
