"""Names of files to write that are refused whatever the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.results import error_of


@pytest.mark.parametrize("command", ["detect", "embed"])
def test_rows_are_not_written_as_text(run, command: str) -> None:
    result = run(command, "--output", "x.txt")
    assert result.exit_code == 2
    assert "x.txt: not a format that we write; expected FILE." in error_of(result)


@pytest.mark.parametrize(
    "words",
    [
        ["detect", "--output"],
        ["evaluate", "--predictions"],
        ["embed", "--output"],
        ["segment", "--output"],
        ["relations", "--output"],
        ["relations", "--graph"],
        ["keywords", "--output"],
        ["review", "export", "--output"],
        ["review", "export", "--output", "x", "--labels"],
        ["report", "--output"],
        ["show", "--text", "a", "--html"],
        ["doctor", "--html"],
        ["lexicon", "accept", "a.csv", "--output"],
        ["forget", "--client-id", "a", "--receipt"],
    ],
)
def test_no_file_is_named_as_standard_output(run, tmp_path: Path, words: list[str]) -> None:
    result = run(*words, "-")
    assert result.exit_code == 2
    told = "Error: -: nothing but the result is written to standard output; expected the name of"
    assert error_of(result).startswith(told)
    assert not list(tmp_path.iterdir())
