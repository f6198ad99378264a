"""`lvmh-jax doctor` as a user meets it, and `train` before a lexicon with personal data."""

from __future__ import annotations

import copy
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lvmh_jax.display.doctorpage import write_page
from tests.cli.results import error_of, json_of
from tests.generators import (
    GOLD_DEV,
    LEXICON,
    LEXICON_TABLE,
    NOTES,
    TINY_GOLD,
    TINY_LEXICON,
    make_workspace,
    write_file,
)

FIXED = "taxonomy/lexicon_v1.fixed.json"
MAIL = "anna.k@example.fr"


def noisy() -> dict:
    lexicon = copy.deepcopy(TINY_LEXICON)
    lexicon["handbag"]["aliases"] += ["black", "with", MAIL]
    lexicon["handbag"]["examples"] += ["N99"]
    return lexicon


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_workspace(tmp_path, lexicon=noisy(), gold={"dev": [TINY_GOLD]})


def test_findings_come_by_rule_with_counts_first(run, shop) -> None:
    result = run("doctor", "--quiet")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("1 error, ")
    assert (
        "  black: held by 2 concepts [handbag colour_black]; 10 notes: N2 N2_1 N2_2 N2_3 N2_4"
        in lines
    )
    assert "  with: frequent words of EN alone [handbag]" in lines
    assert "  Handbag: 1 of 2 examples name no note of the workspace [handbag]" in lines
    assert any(line.startswith("  repair: keep it in the concept") for line in lines)
    for title in ("coverage", "lexicon", "gold", "training"):
        assert title in lines
    assert MAIL not in result.output


def test_ten_findings_of_a_rule_unless_all_are_asked_for(run, tmp_path: Path) -> None:
    lexicon = {f"c{row}": {"label": f"word{row} two", "aliases": []} for row in range(14)}
    make_workspace(tmp_path, lexicon=lexicon)
    words = ("doctor", "--rule", "label-only")
    some, every = run(*words, "-q"), run(*words, "--verbose")
    assert some.stdout.count("the label alone") == 10
    assert "... and 4 more" in some.stdout
    assert every.stdout.count("the label alone") == 14


def test_json_has_everything(run, shop) -> None:
    report = json_of(run("doctor", "--json"))
    assert report["exit_code"] == 0
    assert report["severities"]["error"] == 1
    (error,) = [each for each in report["findings"] if each["severity"] == "error"]
    assert (error["rule"], error["concepts"], error["alias"]) == (
        "personal-data",
        ["handbag"],
        "[EMAIL]",
    )
    assert report["gold"]["dev"]["outside_lexicon"] == 0
    assert report["coverage"]["all"] == {
        "notes": 50,
        "notes_with_match": 1.0,
        "matches_a_note": 2.0,
    }
    assert report["coverage"]["by_bucket"]["intent"]["notes_with_match"] == 1.0
    assert report["training"]["contexts_ambiguous_skipped"] == 10
    assert report["lexicon"]["concepts"] == 3
    assert "fix" not in report


def test_fix_writes_beside_and_train_takes_it(run, shop) -> None:
    before = (shop / LEXICON).read_bytes()
    report = json_of(run("doctor", "--json", "--fix"))
    assert (shop / LEXICON).read_bytes() == before
    counts = {"stop-word": 1, "personal-data": 1, "lost-example": 1}
    assert report["fix"]["counts"] == counts
    fixed = json.loads((shop / FIXED).read_text("utf-8"))
    assert fixed["handbag"]["aliases"] == [*TINY_LEXICON["handbag"]["aliases"], "black"]
    (shop / FIXED).replace(shop / LEXICON)
    nothing = {"output": None, "counts": {}, "repairs": []}
    assert json_of(run("doctor", "--json", "--fix"))["fix"] == nothing
    lines = run("doctor", "--quiet", "--fix").stdout.splitlines()
    assert lines[-1] == "repaired: nothing, so nothing is written"
    assert not (shop / FIXED).exists()


def test_a_refused_file_is_a_finding_and_the_rest_is_checked(run, shop) -> None:
    write_file(shop, GOLD_DEV, "{no json\n")
    write_file(shop, "data/processed/candidates.csv", "a,b\n")
    result = run("doctor", "--json")
    assert result.exit_code == 3
    report = json_of(result)
    schema = [each for each in report["findings"] if each["rule"] == "schema"]
    assert [each["severity"] for each in schema][:2] == ["error", "error"]
    assert any("candidates.csv" in each["evidence"] for each in schema)
    assert report["rules"]["shared-alias"]["count"] == 1


def test_a_byte_order_mark_is_a_hint(run, shop) -> None:
    write_file(shop, LEXICON, b"\xef\xbb\xbf" + (shop / LEXICON).read_bytes())
    told = [each for each in json_of(run("doctor", "--json"))["findings"] if "BOM" in str(each)]
    assert [each["severity"] for each in told] == ["hint"]


def test_gold_of_a_concept_that_was_renamed_is_told(run, shop) -> None:
    lexicon = noisy()
    lexicon["handbag"]["aliases"].remove(MAIL)
    lexicon["color_black"] = lexicon.pop("colour_black")
    write_file(shop, LEXICON, json.dumps(lexicon))
    result = run("doctor", "--quiet")
    assert result.exit_code == 0
    assert "'colour_black' (1 note; did you mean 'color_black'?)" in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (NOTES, b"PAR1", 3),
        (NOTES, None, 4),
        (LEXICON, "[]", 3),
        (LEXICON, "", 3),
        (LEXICON, None, 4),
    ],
)
def test_half_a_workspace_is_checked_by_half(run, shop, name, content, code) -> None:
    if content is None:
        (shop / name).unlink()
    else:
        write_file(shop, name, content)
    result = run("doctor", "--quiet")
    assert result.exit_code == code
    assert "error schema (1)" in result.stdout
    assert result.stderr == ""
    assert ("lexicon" in result.stdout.splitlines()) == (name == NOTES)


def test_an_empty_folder_is_exit_4(run) -> None:
    result = run("doctor")
    assert result.exit_code == 4
    assert "No data found" in error_of(result)
    assert "`lvmh-jax prepare EXPORT`" in error_of(result)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--rule", "stopword"), "no rule 'stopword'; did you mean 'stop-word'"),
        (("--html", "."), "cannot be written"),
    ],
)
def test_wrong_usage_is_exit_2_and_writes_nothing(run, shop, words, reason) -> None:
    result = run("doctor", "--quiet", "--fix", *words)
    assert result.exit_code == 2
    assert reason in error_of(result)
    assert not (shop / FIXED).exists()


def test_a_table_has_nothing_that_fix_could_repair(run, shop) -> None:
    (shop / LEXICON).unlink()
    write_file(shop, LEXICON_TABLE, "concept_id,aliases\nbag,sac|sac noir\n")
    assert run("doctor", "--quiet").exit_code == 0
    result = run("doctor", "--quiet", "--fix")
    assert result.exit_code == 3
    assert "there is no lexicon to repair" in error_of(result)


class Page(HTMLParser):
    """Collects the tags of a page and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs) -> None:
        self.tags.add(tag)
        self.loads += [name for name, _ in attrs if name in ("src", "href")]


def test_the_page_is_escaped_and_loads_nothing(run, tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>&<b>"
    lexicon = {
        f"id{evil}": {"label": f"of {evil} of", "aliases": [evil]},
        "b": {"label": "handbag", "aliases": [evil]},
    }
    make_workspace(tmp_path, lexicon=lexicon)
    assert run("doctor", "--quiet", "--html", "deep/report.html").exit_code == 0
    text = (tmp_path / "deep/report.html").read_text("utf-8")
    page = Page(text)
    assert "script" not in page.tags
    assert page.loads == []
    assert "&lt;script&gt;" in text
    assert "prefers-color-scheme:dark" in text
    assert "width=device-width" in text
    for note in ("sac à main noir", "gift for her mother"):
        assert note not in text


def test_a_page_of_nothing_is_a_page() -> None:
    text = write_page("x", {"findings": [], "severities": {"error": 0}, "rules": {}})
    assert text.startswith("<!doctype html>")
    assert "0 errors" in text


# The gate, before training begins.


def test_train_refuses_personal_data_before_it_begins(run, shop, monkeypatch) -> None:
    monkeypatch.undo()  # the presets of this folder are fakes
    monkeypatch.chdir(shop)
    result = run("train", "--quiet")
    assert result.exit_code == 6
    assert "1 concept has personal data in an alias or label: handbag (EMAIL)" in result.stderr
    assert not (shop / "models").exists()
    allowed = run("train", "--quiet", "--dry-run", "--allow-alias", "handbag")
    assert allowed.exit_code == 0, allowed.output
    wrong = run("train", "--quiet", "--dry-run", "--allow-alias", "handbga")
    assert wrong.exit_code == 2
    assert "no concept 'handbga'; did you mean 'handbag'" in error_of(wrong)
