"""`show` and `report` as a user runs them, on a model trained in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from lvmh_jax.io.manifest import verify_manifest, write_manifest
from lvmh_jax.io.reports import add_report
from lvmh_jax.pipeline.report import training_command
from tests.generators import LEXICON, write_file
from tests.pipeline.workshop import (
    Shop,
    answer_of,
    copy_model,
    failure_of,
    read_json,
    read_tree,
    run,
    run_well,
    texts_of,
)

ASK = "lvmh-jax report --workspace DIR"
HOSTILE = "<script>alert(1)</script> "


@pytest.fixture
def note(shop: Shop) -> tuple[str, str]:
    """A note, and its text."""
    return next(iter(texts_of(shop.root).items()))


def test_show_finds_what_detect_finds(shop: Shop, note, tmp_path: Path) -> None:
    note_id, text = note
    shown = answer_of("show", "--workspace", shop.root, "--note-id", note_id)
    assert shown["text"] == text
    assert shown["mentions"]
    output = tmp_path / "found.csv"
    run_well("detect", "--workspace", shop.root, "--output", output)
    rows = [line.split(",") for line in output.read_text("utf-8").splitlines()]
    written = {(row[2], row[4], row[5]) for row in rows if row[0] == note_id}
    places = {(m["concept_id"], str(m["start"]), str(m["end"])) for m in shown["mentions"]}
    assert places == written


def test_show_underlines_and_writes_a_page(shop: Shop, note, tmp_path: Path) -> None:
    note_id, text = note
    page = tmp_path / "deep" / "note.html"
    done = run_well("show", "--workspace", shop.root, "--note-id", note_id, "--html", page)
    first = answer_of("show", "--workspace", shop.root, "--note-id", note_id)["mentions"][0]
    assert f"1 {first['label']}" in done.stdout
    assert "1━" in done.stdout
    assert text[first["start"] : first["end"]].splitlines()[0] in done.stdout
    assert f"page: {page}" in done.stdout
    written = page.read_text("utf-8")
    assert 'data-n="1' in written
    assert f"Concepts in note {note_id}" in written


def test_show_takes_a_text_and_obeys_nothing_in_it(shop: Shop, note, tmp_path: Path) -> None:
    page = tmp_path / "note.html"
    words = ("--text", f"{HOSTILE}\x1b[2J{note[1]}", "--html", page)
    done = run_well("show", "--workspace", shop.root, *words)
    assert "\x1b" not in done.stdout
    written = page.read_text("utf-8")
    assert "<script" not in written
    assert "\x1b" not in written
    assert "&lt;script&gt;" in written


def test_show_takes_the_language_of_a_text(shop: Shop) -> None:
    entries = read_json(shop.root / LEXICON)
    alias = next(entry["aliases"][0] for entry in entries.values() if entry["aliases"])
    words = ("show", "--workspace", shop.root, "--text", f"mai {alias}")
    spoken = {name: answer_of(*words, "--language", name) for name in ("it", "Italian", "FR")}
    assert spoken["it"] == spoken["Italian"] != spoken["FR"]
    assert spoken["Italian"]["language"] == "IT"


def test_show_in_a_narrow_terminal_and_with_colours(shop: Shop, note, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    done = run_well("show", "--workspace", shop.root, "--text", note[1])
    assert max(map(len, done.stdout.splitlines())) <= 30


def test_show_takes_a_lexicon_as_detect_does(shop: Shop, tmp_path: Path) -> None:
    entries = read_json(shop.root / LEXICON)
    concept, other = list(entries)[:2]
    entries[concept] |= {"label": "Umbrella", "aliases": ["quantum umbrella"], "languages": "XQ"}
    part = {name: entries[name] for name in (concept, other)}
    part_file = write_file(tmp_path, "part.json", json.dumps(part))
    words = ("show", "--workspace", shop.root, "--text", "she wants a quantum umbrella")
    assert "quantum umbrella" not in {each["alias"] for each in answer_of(*words)["mentions"]}
    found = answer_of(*words, "--lexicon", part_file)["mentions"]
    (row,) = [each for each in found if each["alias"] == "quantum umbrella"]
    assert (row["concept_id"], row["label"]) == (concept, "Umbrella")

    output = ("--output", tmp_path / "found.csv")
    detected = run_well("detect", "--workspace", shop.root, *output, "--lexicon", part_file, "-q")
    shown = run_well(*words, "--lexicon", part_file)
    assert "a language that is not known" in shown.stderr
    left = list(entries)[2:]
    assert f"{len(left)} of {len(entries)} concepts of the model are not in it" in shown.stderr
    assert shown.stderr == detected.stderr


def test_show_refuses_a_lexicon_as_detect_does(shop: Shop, tmp_path: Path) -> None:
    entries = read_json(shop.root / LEXICON)
    page = write_file(
        tmp_path, "strange.html", json.dumps({**entries, "stranger": {"aliases": []}})
    )
    words = ("show", "--workspace", shop.root, "--text", "ring", "--lexicon")
    assert "not trained with, first stranger" in failure_of(run(*words, page), 3)
    line = failure_of(run(*words, tmp_path / "none.json"), 4)
    assert "no such file; check the path of the lexicon" in line
    assert "is an input, and would be replaced" in failure_of(run(*words, page, "--html", page), 2)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 2, "give either --note-id or --text"),
        (("--text", "a", "--note-id", "b"), 2, "give either --note-id or --text"),
        (("--text", "caf\udce9"), 2, "--text is not valid"),
        (("--text", "a", "--language", "klingon"), 2, "--language is one of FR, EN"),
        (("--note-id", "b", "--language", "FR"), 2, "--language goes with --text"),
        (("--note-id", "nobody"), 4, "notes_clean.parquet: no note 'nobody'; see its column"),
        (("--text", "x" * 100_001), 2, "100,001 characters"),
        (("--text", "a", "--html", "."), 2, "cannot be written"),
        (("--text", "a", "--model-path", "none"), 4, "no such model folder"),
    ],
)
def test_show_tells_what_is_wrong(shop: Shop, words, code: int, told: str) -> None:
    assert told in failure_of(run("show", "--workspace", shop.root, *words), code)


def test_report_becomes_a_part_of_the_model(shop: Shop, tmp_path: Path) -> None:
    model = copy_model(shop, tmp_path)
    before = read_tree(model)
    for _ in range(2):  # over what training wrote, and over its own
        answer = answer_of("report", "--model-path", model, "--output", model / "report.html")
        verify_manifest(model)
    after = read_tree(model)
    assert answer["output"] == str(model / "report.html")
    assert {name for name in after if after[name] != before.get(name)} == {
        "report.html",
        "manifest.json",
    }
    page = after["report.html"].decode()
    assert answer["bytes"] == len(after["report.html"]) < 3_000_000
    saved = shop.metadata["validation"]
    assert (answer["protocol"], answer["f1"]) == (saved["protocol"], saved["f1"])
    told = run_well("report", "--model-path", model).stdout
    assert saved["protocol"] in told
    assert f"{saved['f1']['value']:.3f}" in page
    assert f"{saved['f1']['value']:.3f}" in told
    # What it has without a workspace, and what it asks for one for: as the help says.
    assert "F1 by language" in page
    assert "Share that is right, by confidence" in page
    assert page.count(ASK) == 1
    assert "annotated notes." not in page
    assert answer_of("show", "--model-path", model, "--text", "ring")["mentions"] is not None


def test_report_without_a_workspace_leaves_the_page_of_training(shop: Shop, tmp_path: Path) -> None:
    model = copy_model(shop, tmp_path)
    before = read_tree(model)
    answer = answer_of("report", "--model-path", model)
    assert read_tree(model) == before
    assert answer["kept"] is True
    assert answer["bytes"] == len(before["report.html"])
    assert "measures anew" in run_well("report", "--model-path", model).stdout
    add_report(model, "an older page")
    assert answer_of("report", "--model-path", model, "--workspace", shop.root)["kept"] is False
    assert ASK not in (model / "report.html").read_text("utf-8")


def test_report_writes_the_page_that_is_not_there(shop: Shop, tmp_path: Path) -> None:
    model = copy_model(shop, tmp_path)
    (model / "report.html").unlink()
    write_manifest(model)
    assert answer_of("report", "--model-path", model)["kept"] is False
    verify_manifest(model)
    assert ASK in (model / "report.html").read_text("utf-8")


def test_report_with_a_workspace_measures_as_evaluate_does(shop: Shop, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    before = read_tree(shop.model)
    answer = answer_of("report", "--workspace", shop.root, "--output", page)
    figures = answer_of("evaluate", "--workspace", shop.root)
    assert answer["f1"] == figures["f1"]
    assert answer["protocol"] == figures["protocol"]
    assert read_tree(shop.model) == before
    written = page.read_text("utf-8")
    assert ASK not in written
    assert "One concept for another" in written
    assert "another, or not there" not in written
    # Twenty characters of a note are a quotation: of a confusion each, redacted, and of no other.
    quoted = [
        sum(text[at : at + 20] in written for at in range(0, len(text) - 20, 20)) > 0
        for text in texts_of(shop.root).values()
    ]
    assert 0 < sum(quoted) <= written.count('<br><span class="soft">')


def test_report_tells_what_is_wrong(shop: Shop, tmp_path: Path) -> None:
    failure_of(run("report", "--model-path", tmp_path / "none"), 4)
    assert list(tmp_path.iterdir()) == []
    model = copy_model(shop, tmp_path)
    (model / "README.md").write_text("changed")
    page = (model / "report.html").read_bytes()
    assert "README.md" in failure_of(run("report", "--model-path", model), 3)
    assert (model / "report.html").read_bytes() == page
    words = ("report", "--workspace", tmp_path / "nowhere", "--models-dir", shop.model.parent)
    assert "No data found" in failure_of(run(*words), 4)


def test_the_command_trains_such_a_model(shop: Shop) -> None:
    command = training_command(shop.metadata)
    assert command.startswith("lvmh-jax train --size tiny --epochs ")
    assert command.endswith("--set scorer.hidden=16 --set scorer.steps=150")
    changed = json.loads(json.dumps(shop.metadata["configuration"]))
    changed["train"]["schedule"] = "constant"
    changed["train"]["tied"] = True  # a setting of another version is not one of ours
    said = training_command(SimpleNamespace(configuration=changed).__dict__)
    assert "--set train.schedule=constant" in said
    assert "tied" not in said
