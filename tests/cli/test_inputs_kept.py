"""No command writes over a file that it, or training, reads, whichever option names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.results import error_of

CANDIDATES = Path("data/processed/candidates.csv")
EXPORT = "ID,Language,Transcription\nA1,FR,Elle aime le cuir\n"
MOVE = "move it to another folder, and give it from there"


def put(path: Path, text: str = "mine") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("there", [True, False])
def test_keywords_does_not_write_candidates_where_training_reads_them(run, there: bool) -> None:
    CANDIDATES.parent.mkdir(parents=True)
    if there:
        put(CANDIDATES)
    result = run("keywords", "--output", "data/processed")
    assert result.exit_code == 2
    told = "is an input, " + ("and would be replaced" if there else "which is not there yet")
    said = f"Error: {CANDIDATES}: {told}; choose another folder for --output"
    assert error_of(result) == said
    assert [path.name for path in CANDIDATES.parent.iterdir()] == [CANDIDATES.name] * there
    assert run("keywords", "--output", "data/new").exit_code == 4  # no model, as it goes on


def test_nor_through_a_link_in_the_folder_that_is_given_by_default(run) -> None:
    lexicon = put(Path("taxonomy/lexicon_v1.csv"))
    Path("data/outputs").mkdir(parents=True)
    Path("data/outputs/alias_suggestions.csv").symlink_to("../../taxonomy/lexicon_v1.csv")
    result = run("keywords")
    assert result.exit_code == 2
    assert "alias_suggestions.csv: is an input, and would be replaced" in error_of(result)
    assert lexicon.read_text() == "mine"


@pytest.mark.parametrize("command", ["detect", "segment"])
def test_suggestions_that_a_person_marks_are_no_output_of_others(run, command: str) -> None:
    marked = put(Path("data/outputs/alias_suggestions.csv"))
    result = run(command, "--output", str(marked))
    assert result.exit_code == 2
    assert error_of(result).startswith(f"Error: {marked}: is an input, and would be replaced")
    assert marked.read_text() == "mine"


@pytest.mark.parametrize("words", [(), ("--force",)])
def test_prepare_does_not_replace_the_export(run, words: tuple[str, ...]) -> None:
    raw = put(CANDIDATES, EXPORT)
    result = run("prepare", str(raw), *words)
    assert result.exit_code == 2
    assert error_of(result) == f"Error: {raw}: is an input, and would be replaced; {MOVE}"
    assert raw.read_text() == EXPORT
    assert run("prepare", str(raw), "--dry-run").exit_code == 0


def test_review_import_does_not_replace_what_came_back(run) -> None:
    reviewed = put(Path("data/gold/train.jsonl"))
    result = run("review", "import", str(reviewed))
    assert result.exit_code == 2
    assert error_of(result) == f"Error: {reviewed}: is an input, and would be replaced; {MOVE}"


def test_evaluate_does_not_list_errors_over_an_input(run) -> None:
    put(CANDIDATES)
    result = run("evaluate", "--errors", str(CANDIDATES))
    assert result.exit_code == 2
    told = "is an input, and would be replaced; choose another file for --errors"
    assert error_of(result) == f"Error: {CANDIDATES}: {told}"
    assert CANDIDATES.read_text() == "mine"
