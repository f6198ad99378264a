"""The main job as a user does it: train, list, evaluate, detect, link, each in its own process.

The options one by one, and bad input, are in `tests/pipeline`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.generators import write_file
from tests.pipeline.workshop import (
    BROKEN_TEST_SPLIT,
    TRAIN,
    Shop,
    answer_of,
    copy_model,
    make_shop,
    read_json,
    read_rows,
    run_well,
    trained_without_gold,
)

LIST_KEYS = {"name", "path", "size", "num_concepts", "final_accuracy", "training_date"}


@pytest.fixture(autouse=True)
def presets() -> None:
    """The presets that the other tests of this folder play are real here."""


def start(*words: str | Path, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m lvmh_jax`, in another folder than the repository, with another hash seed."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "7"}
    return subprocess.run(
        [sys.executable, "-m", "lvmh_jax", *(str(word) for word in words)],
        cwd=cwd,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def start_well(*words: str | Path, cwd: Path, stdin: str = "") -> str:
    done = start(*words, cwd=cwd, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """What the same training in a process of its own says; its workspace is deleted afterwards."""
    folder = tmp_path_factory.mktemp("second")
    root = make_shop(folder / "shop", "train", "dev")
    write_file(root, "data/gold/test.jsonl", BROKEN_TEST_SPLIT)
    done = start(*TRAIN, "--models-dir", folder / "elsewhere", cwd=root)
    assert done.returncode == 0, done.stderr
    shutil.rmtree(root)
    return done


@pytest.fixture(scope="module")
def second(told: subprocess.CompletedProcess[str]) -> Path:
    return Path(told.stdout.splitlines()[0].removeprefix("model: "))


def test_two_processes_give_the_same_bytes(shop: Shop, second: Path) -> None:
    for name in ("weights", "embeddings", "scorer"):
        file = f"{name}.safetensors"
        assert (second / file).read_bytes() == (shop.model / file).read_bytes(), file
    for name in ("lexicon.json", "concept_mapping.json", "held_out.json", "decision.json"):
        assert (second / name).read_bytes() == (shop.model / name).read_bytes(), name
    assert os.listdir(second.parent) == [second.name]  # no part folder is left


def test_a_model_detects_in_a_fresh_process_without_its_workspace(
    shop: Shop, second: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(second, tmp_path / "somewhere" / "my model"))
    notes = tmp_path / "notes.csv"
    hard = ["", "👜 noir", unicodedata.normalize("NFD", "été à l'hôtel"), "حقيبة", "a\r\nb"]
    rows = [f'H{row},"{text}"' for row, text in enumerate(hard)]
    notes.write_text("\n".join(["note_id,text", *rows]), encoding="utf-8", newline="")
    words = ("detect", "--model-path", moved, "--notes", notes, "--output", "out/found.csv")
    out = start_well(*words, cwd=tmp_path)
    assert "output: out/found.csv" in out
    found = read_rows(tmp_path / "out" / "found.csv")
    answer_of(
        *("detect", "--workspace", shop.root, "--notes", notes),
        *("--output", tmp_path / "expected.csv"),
    )
    assert found == read_rows(tmp_path / "expected.csv")
    for row in found:
        text = hard[int(row["note_id"][1:])]
        assert text[int(row["evidence_span_start"]) : int(row["evidence_span_end"])].strip()


def test_a_model_is_not_changed_by_use(shop: Shop) -> None:
    before = (shop.model / "manifest.json").read_bytes()
    for words in (("evaluate",), ("detect",), ("link",)):
        run_well(*words, "--workspace", shop.root)
    files = {p.relative_to(shop.model).as_posix() for p in shop.model.rglob("*") if p.is_file()}
    assert files == {"manifest.json", *json.loads(before)["files"]}
    assert (shop.model / "manifest.json").read_bytes() == before


def test_list_names_the_models_and_the_best(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    copy_model(shop, tmp_path)
    bare = trained_without_gold(tmp_path_factory)
    target = tmp_path / "models" / "concept_model_tiny_20990101_000000"
    shutil.copytree(bare.model, target)
    models: list[dict[str, Any]] = answer_of("list", "--workspace", tmp_path)["models"]
    assert all(set(model) >= LIST_KEYS for model in models)
    by_name = {model["name"]: model for model in models}
    assert set(by_name) == {shop.model.name, target.name}
    listed = by_name[shop.model.name]
    assert listed["size"] == "tiny"
    for key in ("num_concepts", "final_accuracy", "training_date"):
        assert listed[key] == shop.metadata[key]
    assert listed["score"] == shop.metadata["validation"]["f1"]["value"]
    dates = [model["training_date"] for model in models]
    assert dates == sorted(dates, reverse=True)
    # Models of another protocol are listed and not ranked: the best is of the newest's kind.
    assert [model["name"] for model in models if model["is_best"]] == [models[0]["name"]]


def test_train_prints_the_folder_and_its_figures(
    told: subprocess.CompletedProcess[str], second: Path
) -> None:
    first, *rest = told.stdout.splitlines()
    assert first == f"model: {second}"
    metadata = read_json(second / "metadata.json")
    figures = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in rest)
    assert figures["protocol"] == metadata["validation"]["protocol"]
    assert figures["final accuracy"] == f"{metadata['final_accuracy']:.3f}"
    assert figures["best loss"] == f"{metadata['best_loss']:.3f}"
    assert figures["epochs run"] == f"2 of 2, epoch {metadata['best_epoch']} kept"
    assert "epoch 2/2" in told.stderr
    assert "erased since" not in told.stderr


def test_links_of_a_file(shop: Shop, tmp_path: Path) -> None:
    phrases = tmp_path / "phrases.txt"
    phrases.write_bytes("\ufeffcadeau\r\n\nété\n".encode())
    words = ("link", "--model-path", shop.model, "--input", phrases, "--top-k", "2")
    results = answer_of(*words)["results"]
    assert [result["phrase"] for result in results] == ["cadeau", "", "été"]
    assert [len(result["concepts"]) for result in results] == [2, 2, 2]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("train",), 4, "No data found"),
        (("detect",), 4, "no trained model here"),
    ],
)
def test_failures_of_a_fresh_process_are_one_line(
    words: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    done = start(*words, cwd=tmp_path)
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    assert says in line
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_device_that_is_not_there_is_one_line(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    words = ("train", "--size", "tiny", "--workspace", shop.root, "--models-dir", tmp_path)
    done = start(*words, "--quiet", cwd=tmp_path)
    assert done.returncode == 2
    _, line = done.stderr.splitlines()  # before it: gold names more than the lexicon has
    assert "no device for JAX_PLATFORMS=cuda; unset it, or install jax for that device" in line
    assert list(tmp_path.iterdir()) == []
