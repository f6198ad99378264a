"""What each command passes on and prints; the pipeline is played by fakes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from lvmh_jax.config import Settings
from lvmh_jax.evaluate.basis import HELD_OUT
from lvmh_jax.io.manifest import write_manifest
from tests.cli.results import error_of, json_of

FIGURE = {"value": 0.5, "ci_low": 0.4, "ci_high": 0.6}
MODEL = "concept_model_base_20261122_164507"


def test_train_passes_on_what_was_given_only(run, fake, presets) -> None:
    calls = fake("train", {"model_path": Path("models") / MODEL, "metrics": {"f1": 0.75}})
    result = run("train", "--json")
    assert json_of(result) == {"model_path": f"models/{MODEL}", "metrics": {"f1": 0.75}}
    assert presets == [
        {
            "size": "base",
            "epochs": None,
            "batch_size": None,
            "learning_rate": None,
            "seed": None,
            "seeds": None,
            "include_text": None,
            "assignments": (),
        }
    ]
    ((args, kwargs),) = calls
    assert args == (Path(), Path("models"), Settings())
    assert (kwargs["resume"], kwargs["dry_run"]) == (None, False)


def test_train_passes_on_every_option(run, fake, presets) -> None:
    calls = fake("train", {"plan": {"steps": 1200, "concepts": 230, "gold_notes": {}}})
    words = "--size large --epochs 3 --batch-size 8 --learning-rate 1e-2 --seed 7 --include-text"
    more = "--set train.patience=2 --set model.width=8 --workspace shop --resume last --dry-run"
    Path("shop").mkdir()
    result = run("train", *words.split(), *more.split())
    assert result.exit_code == 0
    assert result.stdout == "steps       1,200\nconcepts    230\ngold notes  none\n"
    assert presets[0] == {
        "size": "large",
        "epochs": 3,
        "batch_size": 8,
        "learning_rate": 0.01,
        "seed": 7,
        "seeds": None,
        "include_text": True,
        "assignments": ("train.patience=2", "model.width=8"),
    }
    ((args, kwargs),) = calls
    assert args[:2] == (Path("shop"), Path("shop/models"))
    assert (kwargs["resume"], kwargs["dry_run"]) == ("last", True)


def test_train_prints_folder_and_figures(run, fake) -> None:
    metrics = {"final_accuracy": np.float32(0.65), "best_loss": float("nan"), "f1": FIGURE}
    fake("train", {"model_path": Path("models") / MODEL, "metrics": metrics})
    result = run("train", "--models-dir", "elsewhere")
    assert result.stdout.splitlines() == [
        f"model: models/{MODEL}",
        "final accuracy  0.650",
        "best loss       -",
        "f1              0.500 [0.400, 0.600]",
    ]
    found = json_of(run("train", "--json"))["metrics"]
    assert found["best_loss"] is None
    assert found["f1"] == FIGURE


def test_list_shows_the_best_and_the_broken(run, model: Path) -> None:
    broken = model.with_name("concept_model_base_20261122_170000")
    broken.mkdir()
    result = run("list")
    assert result.exit_code == 0
    head, first, second, problem, star = result.stdout.splitlines()
    assert head.split() == "model size concepts accuracy F1 measured on trained".split()
    assert first.split() == ["!", broken.name]
    expected = f"* {MODEL} base 230 0.650 0.750 gold-dev 2026-11-22T16:45:07"
    assert second.split() == expected.split()
    assert "metadata.json is missing" in problem
    assert star.startswith("* best")
    listed = json_of(run("list", "--json"))["models"]
    assert [each["name"] for each in listed] == [broken.name, MODEL]
    assert listed[1]["path"] == f"models/{MODEL}"
    assert {"size", "num_concepts", "final_accuracy", "training_date"} <= set(listed[1])


def test_list_says_where_a_model_that_does_not_compare_scores_higher(run, model: Path) -> None:
    assert "not ranked" not in run("list").stdout
    for stamp, change in (
        ("150000", {"validation": {"protocol": "held-out-aliases", "f1": 0.9}}),
        ("140000", {"inputs": {"taxonomy/lexicon_v1.json": "bb"}}),
        ("130000", {"validation": {"protocol": "held-out-aliases", "f1": 0.1}}),
    ):
        older = model.with_name(f"concept_model_base_20261122_{stamp}")
        shutil.copytree(model, older)
        metadata = json.loads((older / "metadata.json").read_text())
        metadata["validation"]["f1"] = 0.8
        date = {"training_date": f"2026-11-22T{stamp[:2]}:00:00"}
        (older / "metadata.json").write_text(json.dumps(metadata | date | change))
        write_manifest(older)
    lines = run("list").stdout.splitlines()
    assert lines[-2:] == [
        "* best: what --model-path best takes",
        "not ranked, though the F1 is higher: concept_model_base_20261122_150000 (0.900, and 1 "
        "more), for it was measured with another protocol than the newest",
    ]
    metadata = json.loads((model / "metadata.json").read_text())
    erased = model.with_name("concept_model_base_20261122_120000")
    shutil.copytree(model, erased)
    metadata |= {"training_date": "2026-11-22T12:00:00", "retrain_due": True}
    metadata["validation"]["f1"] = 0.95
    (erased / "metadata.json").write_text(json.dumps(metadata))
    write_manifest(erased)
    lines = run("list").stdout.splitlines()
    assert "(0.950, and 2 more), for it learned from data of a client" in lines[-2]
    assert lines[-1].startswith("r retrain due")
    metadata |= {"retrain_due": False, "configuration": {"notehead": {"buckets": 8}}}
    metadata["learned_matches"] = {"note_level": {"ships": True}}
    (erased / "metadata.json").write_text(json.dumps(metadata))
    write_manifest(erased)
    assert "(0.950, and 2 more), for part of it is not used" in run("list").stdout.splitlines()[-1]


def test_list_tells_no_figure_of_too_few_mentions_but_what_decided(run, model: Path) -> None:
    metadata = json.loads((model / "metadata.json").read_text())
    metadata["validation"] = {"protocol": HELD_OUT, "f1": 0.0, "dictionary": {"gold": 3}}
    metadata["learned_matches"] = {
        "mode": "additions",
        "decided_on": "gold-train-crossval",
        "f1": {"dictionary": 0.943, "additions": 0.972},
    }
    (model / "metadata.json").write_text(json.dumps(metadata))
    write_manifest(model)
    head, row, _ = run("list").stdout.splitlines()
    assert head.endswith("trained              F1 that decided what ships")
    assert "0.650     not measurable (3 mentions)  held-out-aliases" in row
    assert row.endswith("0.972 gold-train-crossval")


def test_help_tells_the_rule_by_which_best_and_the_segments_are_chosen(run) -> None:
    told = " ".join(run("segment", "--help").stdout.split())
    assert "the highest (silhouette - that of shuffled clients) x stability" in told
    assert "F1 among those of the same lexicon and protocol as the newest" in told


def test_list_of_nothing_is_no_failure(run) -> None:
    result = run("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "make one with `lvmh-jax train`" in result.stderr
    assert json_of(run("list", "--json")) == {"models": [], "unfinished": []}


def test_list_tells_runs_that_are_not_finished_and_what_to_do(run, model: Path) -> None:
    assert "not finished" not in run("list").stdout
    first, last = (
        model.with_name(f".concept_model_{size}_20261122_{stamp}.part")
        for size, stamp in (("large", "150000"), ("base", "160000"))
    )
    first.mkdir()
    assert run("list").stdout.splitlines()[-1] == (
        f"not finished: 1 run {first.name}; `lvmh-jax train --resume last` with the same options "
        "goes on; where no training is under way, `rm -r models/.concept_model_*.part` removes "
        "what is left"
    )
    last.mkdir()
    assert f"not finished: 2 runs, the newest {last.name};" in run("list").stdout
    paths = [f"models/{last.name}", f"models/{first.name}"]
    assert [part["path"] for part in json_of(run("list", "--json"))["unfinished"]] == paths
    shutil.rmtree(model)
    alone = run("list")
    assert alone.stdout.startswith("not finished: 2 runs")
    assert "make one with `lvmh-jax train`" in alone.stderr


@pytest.mark.parametrize("option", ["--models-dir", "--workspace"])
def test_list_of_an_absent_folder_is_exit_4(run, option: str) -> None:
    result = run("list", option, "absent")
    assert result.exit_code == 4
    assert "absent: no such folder" in error_of(result)


READERS = [
    *(["train"], ["evaluate"], ["detect"], ["link"], ["keywords"], ["embed"], ["segment"]),
    *(
        ["relations"],
        ["report"],
        ["show", "--text", "a"],
        ["doctor"],
        ["forget", "--client-id", "a"],
    ),
    *(["review", "export", "--output", "x"], ["review", "import", "x"]),
    ["lexicon", "accept", "x.csv", "--output", "y.json"],
]


@pytest.mark.parametrize("words", READERS)
def test_an_absent_workspace_is_told_before_what_is_not_in_it(
    run, tmp_path: Path, words: list[str]
) -> None:
    result = run(*words, "--workspace", "typo")
    assert result.exit_code == 4
    told = "Error: typo: No data found; no such folder; check the path of --workspace"
    assert error_of(result) == told
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["evaluate", "detect", "link"])
def test_no_model_is_exit_4(run, name: str) -> None:
    result = run(name)
    assert result.exit_code == 4
    assert "no trained model here; run `lvmh-jax train` first" in error_of(result)
    result = run(name, "--model-path", "absent")
    assert result.exit_code == 4
    assert "models/absent: no such model folder" in error_of(result)


EVALUATION = {
    "protocol": "gold-dev",
    "precision": FIGURE,
    "recall": FIGURE,
    "f1": FIGURE,
    "macro_f1": 0.25,
    "span_strict": {"precision": 0.1, "recall": 0.2, "f1": 0.3},
    "span_relaxed": None,
    "by_bucket": {"intent": {"precision": 1.0, "recall": 0.5, "f1": 0.667}},
    "by_language": {"FR": 0.5},
    "dictionary": {"precision": FIGURE, "recall": FIGURE, "f1": FIGURE},
    "notes": 30,
    "warnings": ["few notes"],
}


def test_evaluate_prints_the_protocol_first(run, fake, model: Path) -> None:
    calls = fake("evaluate", EVALUATION)
    result = run("evaluate", "--split", "test", "--predictions", "p.csv", "--dictionary-only")
    assert result.exit_code == 0
    assert result.stderr == "Warning: few notes\n"
    lines = result.stdout.splitlines()
    assert lines[:3] == ["protocol: gold-dev", f"model: models/{MODEL}", "notes: 30"]
    table = {line[:18].strip(): line[18:].split("  ") for line in lines[4:]}
    assert table["notes, micro"][-1] == "0.500 [0.400, 0.600]"
    assert table["notes, macro"][-1] == "0.250"
    assert "spans, relaxed" not in table
    assert table["FR"][-1] == "0.500"
    ((args, kwargs),) = calls
    assert args == (Path("models") / MODEL, Path())
    assert kwargs.pop("progress")
    assert kwargs == {
        "split": "test",
        "predictions": Path("p.csv"),
        "dictionary_only": True,
        "errors": False,
        "include_text": False,
        "plot": None,
    }


@pytest.mark.parametrize(
    ("count", "told"), [(20, ["0.500", "0.250", "0.333"]), (3, ["not measurable (3 mentions)"])]
)
def test_evaluate_tells_what_is_denied(run, fake, model: Path, count: int, told: list) -> None:
    denied = {"precision": 0.5, "recall": 0.25, "f1": 1 / 3, "gold": count}
    fake("evaluate", {**EVALUATION, "denied": denied})
    (line,) = (e for e in run("evaluate").stdout.splitlines() if e.startswith("notes, denied"))
    assert line.removeprefix("notes, denied").split(maxsplit=3 if count > 3 else 0) == told


def test_evaluate_json_keeps_every_key(run, fake, model: Path) -> None:
    fake("evaluate", EVALUATION)
    assert json_of(run("evaluate", "--json", "--quiet")) == EVALUATION


def test_detect_has_its_defaults(run, fake, model: Path) -> None:
    answer = {"output": Path("o.csv"), "notes": 2000, "mentions": 9, "seconds": 1.25}
    calls = fake("detect", {**answer, "notes_per_second": 1600.0})
    result = run("detect", "--workspace", ".", "--model-path", MODEL)
    assert result.exit_code == 0
    assert "notes per second  1600.000" in result.stdout
    ((args, kwargs),) = calls
    assert args == (Path("models") / MODEL, Path())
    assert kwargs.pop("progress")
    assert kwargs == {
        "notes_file": None,
        "output": Path("data/outputs/note_concepts.csv"),
        "lexicon_file": None,
        "min_confidence": None,
        "min_precision": None,
        "dictionary_only": False,
        "max_per_alias": None,
        "workers": None,
        "runner": "pool",
        "resume": False,
    }
    run("detect", "--notes", "n.parquet", "--output", "x.csv", "--min-precision", "0.9")
    assert calls[1][1]["notes_file"] == Path("n.parquet")
    assert calls[1][1]["output"] == Path("x.csv")
    assert calls[1][1]["min_precision"] == 0.9


@pytest.mark.parametrize("name", ["detect", "evaluate"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(run, fake, name: str) -> None:
    calls = fake(name, {})
    option = "--output" if name == "detect" else "--predictions"
    Path("file").write_text("x")
    for place in ("file/found.csv", "."):
        # There is no model either, which is found out later.
        result = run(name, option, place)
        assert result.exit_code == 2
        assert f"{place}: cannot be written (" in error_of(result)
        assert json_of(run(name, option, place, "--json"))["error"]["code"] == 2
    assert calls == []


def test_asking_for_the_default_output_makes_no_folder(run) -> None:
    assert run("detect").exit_code == 4
    assert not Path("data").exists()


def answer_link(phrases: list[str]) -> list[dict]:
    concept = {"concept_id": "C1", "label": "Été 夏", "confidence": np.float32(0.5)}
    return [{"phrase": each, "nil": not each, "concepts": [concept]} for each in phrases]


def test_link_keeps_every_line_and_its_order(run, fake, model: Path) -> None:
    phrases = ["sac rouge", "", "a\u2028b", "last"]
    calls = fake("link", answer_link(phrases))
    result = run("link", "--top-k", "1", stdin="\ufeffsac rouge\r\n\na\u2028b\nlast".encode())
    assert result.exit_code == 0
    assert calls[0][0] == (Path("models") / MODEL, phrases, 1)
    lines = result.stdout.split("\n")
    assert lines[0] == "sac rouge\tC1 Été 夏 (0.500)"
    assert lines[1] == ""
    assert len(lines) == len(phrases) + 1
    results = json_of(run("link", "--json", stdin="x"))["results"]
    assert results[0]["concepts"][0] == {"concept_id": "C1", "label": "Été 夏", "confidence": 0.5}


def test_link_reads_files_and_refuses_what_is_no_text(run, fake, model: Path) -> None:
    calls = fake("link", [])
    Path("phrases.txt").write_bytes("été\n\n".encode())
    assert run("link", "--input", "phrases.txt").exit_code == 0
    assert calls[0][0][1] == ["été", ""]
    Path("latin.txt").write_bytes(b"ok\n\xe9t\xe9\n")
    result = run("link", "--input", "latin.txt")
    assert result.exit_code == 3
    assert "latin.txt:2: is not UTF-8" in error_of(result)
    assert run("link", "--input", "absent.txt").exit_code == 4
    assert run("link", "--input", "models").exit_code == 3
    assert json_of(run("link", "--json")) == {"results": []}
