"""`forget` as its user meets it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from pyarrow import parquet

from tests.cli.results import error_of, json_of
from tests.generators import NOTES
from tests.pipeline.erasing import CLIENT, MODEL

Run = Callable[..., Result]


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Path:
    """The site as the current folder, which `run` makes it."""
    return Path(shutil.copytree(template, tmp_path, dirs_exist_ok=True))


def test_it_erases_and_says_what(run: Run, site: Path) -> None:
    told = run("forget", "--client-id", CLIENT, "--dry-run", "-q").stdout
    assert told.startswith("dry run")
    assert "receipt" not in told
    assert len(parquet.read_table(site / NOTES)) == 5
    result = run("forget", "--client-id", CLIENT, "-q")
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert f"{NOTES}  " in result.stdout
    assert f"retrain due: {MODEL}" in lines
    assert CLIENT not in result.output
    assert len(parquet.read_table(site / NOTES)) == 3
    again = run("forget", "--client-id", CLIENT, "-q")
    assert again.exit_code == 0
    assert again.stdout.startswith("nothing of this client found in ")
    assert run("train", "--dry-run", "-q").exit_code == 0  # what is left can be trained on


def test_json_has_the_figures_and_the_receipt(run: Run, site: Path) -> None:
    found = json_of(run("forget", "--client-id", CLIENT, "--json", "-q"))
    assert found["notes"] == 2
    assert found["found"]
    assert not found["dry_run"]
    assert {"path": NOTES, "rows": 2} in found["files"]
    receipt = json.loads(Path(found["receipt"]).read_text("utf-8"))
    assert {each["path"] for each in receipt["files"]} == {each["path"] for each in found["files"]}
    nothing = json_of(run("forget", "--client-id", CLIENT, "--json", "-q"))
    assert not nothing["found"]
    assert nothing["receipt"] is None


def test_list_and_the_users_of_a_model_say_that_training_is_due(run: Run, site: Path) -> None:
    assert "retrain due" not in run("list").output
    assert not json_of(run("list", "--json"))["models"][0]["retrain_due"]
    run("forget", "--client-id", CLIENT, "-q")
    assert f"*r  {MODEL}" in run("list").stdout
    assert "r retrain due" in run("list").stdout
    assert json_of(run("list", "--json"))["models"][0]["retrain_due"]
    for command in ("detect", "evaluate"):
        result = run(command, "-q")
        assert result.exit_code == 0
        (line,) = [line for line in result.stderr.splitlines() if "trained again" in line]
        assert line.startswith("Warning: ")
        assert "trained again" not in result.stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "Missing option '--client-id'"),
        (("--client-id", " "), 2, "--client-id is empty"),
        (("--client-id", "C", "--workspace", "nowhere"), 4, "No data found"),
        (("--client-id", "C", "--outputs", "nowhere"), 4, "check --outputs"),
        (("--client-id", CLIENT, "--receipt", "taxonomy"), 2, "cannot be written"),
    ],
)
def test_wrong_options_are_told_in_a_line(
    run: Run, site: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    before = (site / NOTES).read_bytes()
    result = run("forget", *words)
    assert result.exit_code == code
    assert told in error_of(result)
    assert CLIENT not in error_of(result)
    assert (site / NOTES).read_bytes() == before
