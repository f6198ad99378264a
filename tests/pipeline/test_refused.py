"""Bad input of every kind: one line, the code of the contract, no traceback, nothing written."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lvmh_jax.io.manifest import write_manifest
from tests.generators import (
    CANDIDATES,
    GOLD_DEV,
    LEXICON,
    NOTES,
    TINY_GOLD,
    json_lines,
    make_workspace,
    note_row,
    tiny_notes,
    write_file,
    write_notes,
    write_parquet,
)
from tests.pipeline.workshop import (
    TRAIN,
    Shop,
    copy_model,
    failure_of,
    read_tree,
    run,
)

SECRET = "Quixotic"  # stands in every note; no message may quote it


def notes_with(*rows: dict) -> Callable[[Path], object]:
    return lambda root: write_notes(root, [*rows])


def lexicon_of(value: object) -> Callable[[Path], object]:
    text = value if isinstance(value, str) else json.dumps(value)
    return lambda root: write_file(root, LEXICON, text)


def gold_of(*rows: object) -> Callable[[Path], object]:
    return lambda root: write_file(root, GOLD_DEV, json_lines(rows))


def without_text(root: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "text"} for row in tiny_notes()]
    write_parquet(root, NOTES, {key: [row[key] for row in rows] for key in rows[0]})


NOTE = note_row("N1", f"{SECRET} handbag")
BAD_GOLD = {**TINY_GOLD, "spans": [{"start": 8, "end": 999, "concept_id": "colour_black"}]}
# What is done to a sound workspace; the code; what the line says.
BROKEN: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "no notes file": (lambda root: (root / NOTES).unlink(), 4, "No data found"),
    "no lexicon": (lambda root: (root / LEXICON).unlink(), 4, "No data found"),
    "nothing at all": (shutil.rmtree, 4, "No data found"),
    "zero notes": (notes_with(), 3, "it holds no note"),
    "a column is missing": (without_text, 3, "text"),
    "a null id": (notes_with(NOTE, note_row("N2", "x") | {"note_id": None}), 3, "null or empty"),
    "an id twice": (notes_with(NOTE, NOTE), 3, "again in row 2"),
    "no parquet": (lambda root: write_file(root, NOTES, f"{SECRET},1\n"), 3, NOTES),
    "an empty notes file": (lambda root: write_file(root, NOTES, b""), 3, NOTES),
    "an empty lexicon": (lexicon_of({}), 3, LEXICON),
    "an empty lexicon file": (lexicon_of(""), 3, LEXICON),
    "broken lexicon": (lexicon_of('{"a": {"label":'), 3, LEXICON),
    "a lexicon that is a list": (lexicon_of([1]), 3, LEXICON),
    "aliases that are numbers": (lexicon_of({"a": {"label": "a", "aliases": [1]}}), 3, "aliases"),
    "no alias to learn": (lexicon_of({"C_1": {"label": "C_1", "aliases": []}}), 3, "no concept"),
    "candidates without columns": (
        lambda r: write_file(r, CANDIDATES, "a,b\n1,2\n"),
        3,
        CANDIDATES,
    ),
    "gold beyond its text": (gold_of(BAD_GOLD), 3, f"{GOLD_DEV}:1"),
    "gold without an id": (gold_of({"spans": [], "concepts": []}), 3, f"{GOLD_DEV}:1"),
    "empty gold": (lambda root: write_file(root, GOLD_DEV, "\n"), 3, GOLD_DEV),
}


@pytest.mark.parametrize("name", BROKEN)
def test_training_refuses_a_broken_workspace(name: str, tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "shop")
    break_it, code, words = BROKEN[name]
    break_it(root)
    before = read_tree(tmp_path)
    line = failure_of(run("train", "--size", "tiny", "--workspace", root), code)
    assert words in line
    assert SECRET not in line
    assert read_tree(tmp_path) == before
    assert not (root / "models").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--size", "tinny"), "did you mean 'tiny'"),
        (("--sise", "tiny"), "--size"),
        (("--set", "train.epoch=3"), "did you mean 'train.epochs'"),
        (("--set", "trian.epochs=3"), "did you mean 'train'"),
        (("--set", "train.epochs"), "SECTION.KEY=VALUE"),
        (("--set", "train.epochs=many"), "a whole number"),
        (("--epochs", "0"), "--epochs"),
        (("--learning-rate", "nan"), "--learning-rate"),
        (("--seed", "-1"), "--seed"),
        (("surplus",), "surplus"),
    ],
)
def test_training_refuses_wrong_usage(words: tuple[str, ...], says: str, tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "shop")
    before = read_tree(tmp_path)
    line = failure_of(run("train", "--size", "tiny", "--workspace", root, *words), 2)
    assert says in line
    assert read_tree(tmp_path) == before
    assert not (root / "models").exists()


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("train.optimizer=rowwis", "did you mean 'rowwise'"),
        ("train.schedule=warmup_cosin", "did you mean 'warmup_cosine'"),
        ("model.name=ngrams", "did you mean 'ngram'"),
    ],
)
def test_an_unknown_name_in_a_setting_is_refused_before_anything_is_written(
    setting: str, says: str, tmp_path: Path
) -> None:
    root = make_workspace(tmp_path / "shop")
    result = run("train", "--size", "tiny", "--workspace", root, "--set", setting)
    assert says in failure_of(result, 2)
    assert not (root / "models").exists()


def test_several_models_are_not_saved_by_steps(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "shop")
    words = ("--seeds", "2", "--set", "checkpoint.every_steps=5")
    line = failure_of(run("train", "--size", "tiny", "--workspace", root, *words), 2)
    assert "checkpoint.every_steps is 5" in line
    assert not (root / "models").exists()


@pytest.mark.parametrize(
    "setting",
    [
        "model.buckets=1",
        "train.seed=-1",
        "train.nil_weight=nan",
        "train.learning_rate=inf",
        "detect.concepts_per_span=-1",
    ],
)
def test_a_setting_out_of_its_range_is_a_usage_error(setting: str, tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "shop")
    words = ("train", "--size", "tiny", "--epochs", "1", "--workspace", root, "--set", setting)
    assert setting.partition("=")[0] in failure_of(run(*words), 2)


def test_an_unknown_command_names_the_nearest() -> None:
    assert "did you mean 'train'" in failure_of(run("trian"), 2)


# Models that are none.


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def edit(path: Path, key: str, value: object) -> None:
    """Changes a document and makes the manifest agree: only its content is wrong."""
    document = json.loads(path.read_text("utf-8"))
    document[key] = value
    path.write_text(json.dumps(document), encoding="utf-8")
    write_manifest(path.parent)


MODELS: dict[str, tuple[Callable[[Path], object], int, str]] = {
    "a flipped bit": (lambda m: flip(m / "weights.safetensors"), 3, "weights.safetensors"),
    "a file less": (lambda m: (m / "embeddings.safetensors").unlink(), 3, "is missing"),
    "a file more": (lambda m: (m / "notes.csv").write_text("a\n"), 3, "not in the manifest"),
    "no manifest": (lambda m: (m / "manifest.json").unlink(), 3, "manifest.json is missing"),
    "no metadata": (lambda m: (m / "metadata.json").unlink(), 3, "metadata.json is missing"),
    "another kind": (lambda m: edit(m / "metadata.json", "model_type", "bert"), 3, "model_type"),
    "another schema": (lambda m: edit(m / "metadata.json", "schema_version", 99), 3, "99"),
    "no such folder": (shutil.rmtree, 4, "no such model folder"),
    "features of another version": (
        lambda m: edit(m / "decision.json", "scorer", {"features": ["x"]}),
        3,
        "do not fit together",
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_broken_model_is_refused(name: str, shop: Shop, tmp_path: Path) -> None:
    model = copy_model(shop, tmp_path)
    break_it, code, words = MODELS[name]
    break_it(model)
    output = tmp_path / "out" / "found.csv"
    line = failure_of(
        run("detect", "--workspace", shop.root, "--model-path", model, "--output", output), code
    )
    assert words in line
    assert not output.parent.exists()


def test_a_foreign_folder_is_refused(shop: Shop, tmp_path: Path) -> None:
    write_file(tmp_path, "foreign/config.json", "{}")
    for command in ("evaluate", "detect", "link"):
        words = (command, "--workspace", shop.root, "--model-path", tmp_path / "foreign")
        assert "not a model folder" in failure_of(run(*words), 3)


# Places that cannot be written.


@pytest.mark.parametrize("place", ["file/found.csv", "folder"])
def test_a_place_that_cannot_be_written_is_named(place: str, shop: Shop, tmp_path: Path) -> None:
    write_file(tmp_path, "file", "")
    (tmp_path / "folder").mkdir()
    before = read_tree(tmp_path)
    words = ("detect", "--workspace", shop.root, "--dictionary-only", "--output", tmp_path / place)
    line = failure_of(run(*words), 2)
    assert f"{place}: cannot be written" in line
    assert read_tree(tmp_path) == before


def test_a_models_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "shop")
    blocked = write_file(tmp_path, "file", "")
    words = ("train", "--size", "tiny", "--workspace", root, "--models-dir", blocked / "models")
    assert "file/models: cannot be written" in failure_of(run(*words), 2)


def test_a_word_of_the_options_never_hides_the_other(shop: Shop) -> None:
    words = ("detect", "--workspace", shop.root, "--min-confidence", "0.5")
    assert "exclude each other" in failure_of(run(*words, "--min-precision", "0.5"), 2)
    assert "--min-confidence" in failure_of(run(*words[:-1], "1.5"), 2)


def test_json_tells_a_failure_too(tmp_path: Path) -> None:
    result = run("train", "--workspace", tmp_path / "absent", "--json")
    assert result.exit_code == 4
    (line,) = result.stdout.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == 4
    assert "No data found" in error["message"]


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("train.batch_size=5000", r"batch of 5,000 rows of 8 aliases is larger than the data"),
        ("train.shards=2", r"train.shards is 2, and 1 devices do not divide by it"),
        ("train.precision=half", r"no precision named 'half'"),
        ("train.epochs=0", r"train.epochs is 0; expected 1 or more"),
    ],
)
def test_settings_that_no_run_can_have_leave_nothing(
    tmp_path: Path, setting: str, says: str
) -> None:
    root = make_workspace(tmp_path / "shop")
    words = (*TRAIN, "--workspace", root, "--models-dir", tmp_path / "models", "--set", setting)
    assert re.search(says, failure_of(run(*words), 2))
    assert not (tmp_path / "models").exists()
