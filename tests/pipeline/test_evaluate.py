"""Figures: which protocol, on which rows, and that others who count come to the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from lvmh_jax.calibrate.gold import hash_note
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.records import Mention, Note
from tests.generators import json_lines, note_row, write_file, write_notes
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    failure_of,
    make_shop,
    read_rows,
    run,
    run_well,
    trained,
    trained_on_dev,
)

KEYS = {"schema_version", "protocol", "precision", "recall", "f1", "macro_f1"}
KEYS |= {"span_strict", "span_relaxed"}
FIGURES = ("precision", "recall", "f1")


@pytest.fixture(scope="module")
def gold_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return trained(tmp_path_factory)


@pytest.fixture(scope="module")
def dev_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return trained_on_dev(tmp_path_factory)


def load(shop: Shop) -> TrainedModel:
    return unpack_model(read_model(shop.model), "")


def predict(shop: Shop, path: Path, *words: str | Path) -> tuple[dict[str, Any], list[dict]]:
    """What `evaluate` answers, and the rows that it scored."""
    root = ("--workspace", shop.root)
    return answer_of("evaluate", *root, "--predictions", path, *words), read_rows(path)


def row_of(mention: Mention) -> tuple:
    sure = f"{mention.confidence:.6f}"
    return (mention.note_id, mention.concept_id, str(mention.start), str(mention.end), sure)


def rows_as_tuples(rows: list[dict]) -> list[tuple]:
    spans = ("evidence_span_start", "evidence_span_end")
    return [
        (r["note_id"], r["concept_id"], r[spans[0]], r[spans[1]], r["confidence"]) for r in rows
    ]


def gold_notes(shop: Shop, split: str = "dev") -> tuple[list[dict], list[Note]]:
    lines = (shop.root / f"data/gold/{split}.jsonl").read_text("utf-8").splitlines()
    gold = [json.loads(line) for line in lines]
    wanted = {row["note_id"] for row in gold}
    notes = [note for note in read_workspace(shop.root).notes if note.note_id in wanted]
    return gold, notes


def count_pairs(gold: list[dict], rows: list[dict]) -> tuple[float, float, float]:
    """Note-level precision, recall and F1, counted by sets."""
    held = {(row["note_id"], concept) for row in gold for concept in row["concepts"]}
    found = {(r["note_id"], r["concept_id"]) for r in rows if r["polarity"] == "affirmed"}
    right = len(held & found)
    return right / len(found), right / len(held), 2 * right / (len(held) + len(found))


# Gold.


def test_gold_decides_and_every_key_is_there(gold_shop: Shop) -> None:
    answer = answer_of("evaluate", "--workspace", gold_shop.root)
    assert set(answer) >= KEYS
    assert answer["protocol"] == "gold-dev"
    for name in FIGURES:
        figure = answer[name]
        assert 0 <= figure["ci_low"] <= figure["value"] <= figure["ci_high"] <= 1
        assert figure["ci_low"] < figure["ci_high"]
    for name in ("span_strict", "span_relaxed"):
        assert set(answer[name]) >= set(FIGURES)
    assert answer["span_strict"]["f1"] <= answer["span_relaxed"]["f1"]
    assert answer["notes"] == len(gold_notes(gold_shop)[0]) == NOTE_COUNT // 3
    assert answer["coverage"]["recall_ceiling"] < 1
    assert answer["coverage"]["outside"]


@pytest.mark.parametrize("name", ["gold_shop", "dev_shop", "bare_shop"])
def test_training_reported_what_evaluation_finds(name: str, request: pytest.FixtureRequest) -> None:
    shop = request.getfixturevalue(name)
    answer = answer_of("evaluate", "--workspace", shop.root)
    validation = shop.metadata["validation"]
    assert {key: answer[key] for key in validation} == validation
    assert shop.result["metrics"]["f1"] == answer["f1"]
    assert shop.result["metrics"]["protocol"] == answer["protocol"]


@pytest.mark.parametrize("words", [(), ("--dictionary-only",)])
def test_figures_are_those_of_the_rows_written(
    words: tuple[str, ...], gold_shop: Shop, tmp_path: Path
) -> None:
    answer, rows = predict(gold_shop, tmp_path / "p.csv", *words)
    expected = count_pairs(gold_notes(gold_shop)[0], rows)
    assert [answer[name]["value"] for name in FIGURES] == pytest.approx(expected)
    if words:
        assert {row["detection_method"] for row in rows} == {"rule-based"}
        assert answer["f1"]["value"] == answer["dictionary"]["f1"]


def test_what_is_denied_is_measured(gold_shop: Shop, tmp_path: Path) -> None:
    answer, rows = predict(gold_shop, tmp_path / "p.csv")
    denied = {
        (row["note_id"], span["concept_id"])
        for row in gold_notes(gold_shop)[0]
        for span in row["spans"]
        if span.get("negated")
    }
    found = {(r["note_id"], r["concept_id"]) for r in rows if r["polarity"] == "negated"}
    counts = (len(denied & found), len(found), len(denied))
    assert tuple(answer["denied"][key] for key in ("tp", "predicted", "gold")) == counts
    assert denied
    # A dictionary denies nothing, and the figure says so.
    answer, _ = predict(gold_shop, tmp_path / "p.csv", "--dictionary-only")
    assert (answer["denied"]["recall"], answer["denied"]["predicted"]) == (0.0, 0)


@pytest.mark.parametrize("name", ["gold_shop", "dev_shop"])
def test_the_owners_scorer_agrees(
    name: str, request: pytest.FixtureRequest, shared: Path, tmp_path: Path
) -> None:
    shop = request.getfixturevalue(name)
    answer, _ = predict(shop, tmp_path / "p.csv")
    script = [sys.executable, str(shared / "tools" / "score.py"), str(shop.root)]
    done = subprocess.run(
        [*script, str(tmp_path / "p.csv"), "--split", "dev"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = json.loads(done.stdout)
    short = {"precision": "p", "recall": "r", "f1": "f1"}
    for ours, key in short.items():
        assert theirs["note_level"][key] == pytest.approx(answer[ours]["value"], abs=6e-5)
        for level in ("span_strict", "span_relaxed"):
            assert theirs[level][key] == pytest.approx(answer[level][ours], abs=6e-5)
    assert theirs["macro_f1"] == pytest.approx(answer["macro_f1"], abs=6e-5)
    assert theirs["notes"] == answer["notes"]


def test_dev_is_scored_by_what_ships_where_train_fitted_it(gold_shop: Shop, tmp_path: Path) -> None:
    _, rows = predict(gold_shop, tmp_path / "p.csv")
    _, notes = gold_notes(gold_shop)
    assert rows_as_tuples(rows) == [row_of(m) for m in load(gold_shop).detector.detect(notes)]


# Cross-validation.


def test_dev_alone_is_scored_by_models_that_did_not_see_the_note(
    dev_shop: Shop, tmp_path: Path
) -> None:
    answer, rows = predict(dev_shop, tmp_path / "p.csv")
    assert answer["protocol"] == "gold-dev-crossval"
    model = load(dev_shop)
    _, notes = gold_notes(dev_shop)
    folds = [model.fold_of[hash_note(note)] for note in notes]
    assert len(set(folds)) > 1
    crossed = [row_of(mention) for mention in model.detector.detect(notes, folds)]
    assert rows_as_tuples(rows) == crossed
    assert crossed != [row_of(mention) for mention in model.detector.detect(notes)]


def test_other_gold_is_scored_by_what_ships(dev_shop: Shop, tmp_path: Path) -> None:
    root = make_shop(tmp_path, "dev")
    model = load(dev_shop)
    gold, notes = gold_notes(dev_shop)
    renamed = {note.note_id: f"other-{note.note_id}" for note in notes}
    fresh = [replace(note, note_id=renamed[note.note_id]) for note in notes]
    write_file(
        root,
        "data/gold/dev.jsonl",
        json_lines({**row, "note_id": renamed[row["note_id"]]} for row in gold),
    )
    replace_notes(root, fresh)
    shop = Shop(root, dev_shop.model, {})
    answer, found = predict(shop, tmp_path / "p.csv", "--model-path", dev_shop.model)
    assert answer["protocol"] == "gold-dev"
    assert rows_as_tuples(found) == [row_of(mention) for mention in model.detector.detect(fresh)]


def replace_notes(root: Path, notes: list[Note]) -> None:
    write_notes(root, [note_row(n.note_id, n.text, language=n.language) for n in notes])


# Mistakes and pictures.


@pytest.mark.parametrize("name", ["gold_shop", "dev_shop"])
def test_mistakes_are_what_keeps_the_score_below_one(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    shop = request.getfixturevalue(name)
    answer, rows = predict(shop, tmp_path / "p.csv", "--errors")
    gold, _ = gold_notes(shop)
    held = {(row["note_id"], concept) for row in gold for concept in row["concepts"]}
    found = {(r["note_id"], r["concept_id"]) for r in rows if r["polarity"] == "affirmed"}
    pairs = {
        kind: {(e["note_id"], e["concept_id"]) for e in answer["errors"] if e["kind"] == kind}
        for kind in ("wrong", "missed")
    }
    assert pairs == {"wrong": found - held, "missed": held - found}
    assert len(answer["errors"]) == len(found ^ held)
    last = answer["precision_recall"][-1]
    assert [last[key] for key in ("precision", "recall")] == [
        answer[key]["value"] for key in ("precision", "recall")
    ]
    texts = {note.note_id: note for note in read_workspace(shop.root).notes}
    for each in answer["errors"]:
        assert each["sentence"] != texts[each["note_id"]].text or len(each["sentence"]) < 300


def test_mistakes_are_quoted_without_personal_data_unless_asked(
    gold_shop: Shop, tmp_path: Path
) -> None:
    mail = "ada.lovelace@maison.example"
    root = make_shop(tmp_path / "shop", "dev")
    gold, notes = gold_notes(Shop(root, gold_shop.model, {}))
    # Before each sentence, so that all offsets move alike.
    said = f"Mail {mail}, "
    replace_notes(root, [replace(note, text=said + note.text) for note in notes])
    for row in gold:
        for span in row["spans"]:
            span["start"], span["end"] = span["start"] + len(said), span["end"] + len(said)
    write_file(root, "data/gold/dev.jsonl", json_lines(gold))
    words = ("evaluate", "--workspace", root, "--model-path", gold_shop.model, "--errors")
    assert mail not in run_well(*words).output
    assert "[EMAIL]" in run_well(*words, "--json").output
    assert mail in run_well(*words, "--json", "--include-text").output


def test_mistakes_go_to_a_file(gold_shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "new" / "errors.csv"
    result = run_well("evaluate", "--workspace", gold_shop.root, "--errors", file)
    assert f"written to: {file}" in result.stdout
    rows = read_rows(file)
    listed = answer_of("evaluate", "--workspace", gold_shop.root, "--errors")["errors"]
    assert [row["sentence"] for row in rows] == [each["sentence"] for each in listed]
    assert set(rows[0]) == set(listed[0])


def test_mistakes_need_annotated_notes(bare_shop: Shop) -> None:
    line = failure_of(run("evaluate", "--workspace", bare_shop.root, "--errors"), 4)
    assert "no annotated notes" in line


@pytest.mark.parametrize("name", ["gold_shop", "bare_shop"])
def test_a_picture_says_the_same_figure(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    shop = request.getfixturevalue(name)
    file = tmp_path / "p.svg"
    answer = answer_of("evaluate", "--workspace", shop.root, "--plot", file)
    drawn = "".join(ElementTree.fromstring(file.read_text("utf-8")).itertext())
    f1 = f"{answer['f1']['value']:.3f}" if answer["measurable"] else "not measurable (0 mentions)"
    assert f1 in drawn
    assert answer["protocol"] in drawn
    assert ("nothing was measured" in drawn) == (name == "bare_shop")


def test_a_picture_of_another_kind_is_refused_before_the_work(
    gold_shop: Shop, tmp_path: Path
) -> None:
    words = ("evaluate", "--workspace", gold_shop.root, "--plot", tmp_path / "p.jpg")
    assert "FILE.svg or FILE.png" in failure_of(run(*words), 2)
    words = ("evaluate", "--workspace", gold_shop.root, "--errors", tmp_path)
    assert "cannot be written" in failure_of(run(*words), 2)


# Without gold.


def test_without_gold_hidden_aliases_are_measured(bare_shop: Shop) -> None:
    result = run_well("evaluate", "--workspace", bare_shop.root)
    assert result.stdout.startswith("protocol: held-out-aliases\n")
    answer = answer_of("evaluate", "--workspace", bare_shop.root)
    assert answer["protocol"] == "held-out-aliases"
    assert answer["macro_f1"] is answer["span_strict"] is answer["span_relaxed"] is None
    assert answer["denied"] is None
    assert answer["notes"] == NOTE_COUNT // 10  # those that training did not see
    assert answer["dictionary"]["tp"] == 0  # what is hidden cannot be looked up


def test_on_another_workspace_every_note_is_held_out(bare_shop: Shop, tmp_path: Path) -> None:
    root = make_shop(tmp_path)
    renamed = [replace(n, note_id=f"other-{n.note_id}") for n in read_workspace(root).notes]
    replace_notes(root, renamed)
    words = ("--workspace", root, "--model-path", bare_shop.model)
    answer = answer_of("evaluate", *words)
    assert (answer["protocol"], answer["notes"]) == ("held-out-aliases", NOTE_COUNT)
    told = rf"on {answer['mentions']} mentions? of hidden aliases in {NOTE_COUNT} notes: 20 are"
    assert re.search(told, run_well("evaluate", *words).stderr)


# The test split.


def test_a_broken_test_split_is_noticed_when_it_is_asked_for(gold_shop: Shop) -> None:
    assert run("evaluate", "--workspace", gold_shop.root).exit_code == 0
    line = failure_of(run("evaluate", "--workspace", gold_shop.root, "--split", "test"), 3)
    assert "data/gold/test.jsonl:1" in line
    assert "this is no JSON" not in line


def test_an_absent_test_split_is_not_found(dev_shop: Shop) -> None:
    line = failure_of(run("evaluate", "--workspace", dev_shop.root, "--split", "test"), 4)
    assert "no gold of split 'test'" in line


def test_the_test_split_is_measured_like_dev(gold_shop: Shop, tmp_path: Path) -> None:
    root = make_shop(tmp_path, "test")
    words = ("--workspace", root, "--model-path", gold_shop.model, "--split", "test")
    answer = answer_of("evaluate", *words, "--predictions", tmp_path / "p.csv")
    assert answer["protocol"] == "gold-test"
    gold, _ = gold_notes(Shop(root, gold_shop.model, {}), "test")
    expected = count_pairs(gold, read_rows(tmp_path / "p.csv"))
    assert [answer[name]["value"] for name in FIGURES] == pytest.approx(expected)
