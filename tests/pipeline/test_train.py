"""What training writes, and what it must not read or tell."""

from __future__ import annotations

import json
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest

from lvmh_jax.data.inspection import Inspection
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.data.lint import lint
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import unpack_model
from lvmh_jax.io.manifest import verify_manifest
from lvmh_jax.io.tracking import EVENTS, METRICS, TRACKING, cut_events
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.records import Lexicon, Note
from tests.conftest import REPOSITORY
from tests.generators import LEXICON, NOTES, make_workspace, note_row, tiny_notes
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    read_json,
    read_tree,
    run,
    run_well,
    tiny_settings,
)

PIPELINE_KEYS = {
    "model_type",
    "size",
    "embedding_dim",
    "epochs",
    "batch_size",
    "learning_rate",
    "num_concepts",
    "num_training_examples",
    "training_date",
    "best_loss",
    "final_accuracy",
    "training_history",
}
OUR_KEYS = {
    "schema_version",
    "package_versions",
    "seed",
    "backend",
    "devices",
    "wall_time_s",
    "inputs",
    "configuration",
    "validation",
    "thresholds",
    "pii_report",
}
FILES = {
    "metadata.json",
    "concept_mapping.json",
    "training_examples.json",
    "weights.safetensors",
    "embeddings.safetensors",
    "README.md",
    "manifest.json",
    "report.html",
    "metrics.jsonl",
}
MAIL = "ada.lovelace@maison.example"
ONE_EPOCH = ("--size", "tiny", "--epochs", "1")


# The folder.


def test_the_folder_is_whole_and_named_by_the_contract(shop: Shop) -> None:
    assert re.fullmatch(r"concept_model_tiny_\d{8}_\d{6}", shop.model.name)
    assert {path.name for path in shop.model.iterdir() if path.is_file()} >= FILES
    assert any((shop.model / "checkpoints").iterdir())
    assert [path.name for path in shop.model.parent.iterdir()] == [shop.model.name]  # no part
    verify_manifest(shop.model)
    listed = read_json(shop.model / "manifest.json")["files"]
    assert set(listed) == set(read_tree(shop.model)) - {"manifest.json"}
    for name, entry in listed.items():
        assert sha256((shop.model / name).read_bytes()).hexdigest() == entry["sha256"]


def test_the_readme_of_models_names_every_file(shop: Shop) -> None:
    told = (REPOSITORY / "models" / "README.md").read_text("utf-8")
    made = {name for name in read_tree(shop.model) if not name.startswith("checkpoints/")}
    assert [name for name in sorted({*made, "checkpoints/"}) if f"`{name}`" not in told] == []


def test_metadata_has_the_keys_of_the_pipeline_and_ours(shop: Shop) -> None:
    metadata = shop.metadata
    assert set(metadata) >= PIPELINE_KEYS | OUR_KEYS
    settings = tiny_settings()
    assert metadata["model_type"] == "concept_detector"
    assert metadata["size"] == "tiny"
    assert metadata["embedding_dim"] == settings.model.width
    assert metadata["batch_size"] == settings.train.batch_size
    assert metadata["learning_rate"] == settings.train.learning_rate
    assert metadata["seed"] == settings.train.seed
    assert datetime.fromisoformat(metadata["training_date"]).tzinfo is not None
    assert read_json(shop.model / "metadata.json")["configuration"]["scorer"]["steps"] == 150
    assert metadata["package_versions"]["jax"]


def test_best_loss_and_final_accuracy_are_those_of_the_best_epoch(shop: Shop) -> None:
    check_history(shop.metadata, asked=tiny_settings().train.epochs)
    assert shop.result["metrics"]["final_accuracy"] == shop.metadata["final_accuracy"]
    assert shop.result["metrics"]["best_loss"] == shop.metadata["best_loss"]


def check_history(metadata: dict, asked: int) -> None:
    history = metadata["training_history"]
    ran = metadata["epochs_run"]
    assert metadata["epochs"] == asked >= ran
    assert history["epochs"] == list(range(1, ran + 1))
    assert len(history["loss"]) == len(history["accuracy"]) == ran
    best = history["loss"].index(min(history["loss"]))
    assert metadata["best_epoch"] == best + 1
    assert metadata["best_loss"] == history["loss"][best]
    assert metadata["final_accuracy"] == history["accuracy"][best]
    assert history["train_accuracy"] != history["accuracy"]


def test_patience_stops_and_the_best_epoch_is_kept(tmp_path: Path) -> None:
    root = private_workspace(tmp_path)
    words = ("--epochs", "9", "--set", "train.patience=1", "--learning-rate", "3")
    answer = answer_of("train", "--size", "tiny", "--workspace", root, *words)
    assert set(answer) == {"schema_version", "model_path", "metrics"}
    metadata = read_json(Path(answer["model_path"]) / "metadata.json")
    check_history(metadata, asked=9)
    assert metadata["epochs_run"] < 9
    assert metadata["best_epoch"] == metadata["epochs_run"] - 1
    metrics = answer["metrics"]
    told = [metrics[f"epochs_{name}"] for name in ("planned", "run", "kept")]
    assert told == [9, metadata["epochs_run"], metadata["best_epoch"]]


def test_counts_are_those_of_the_workspace(shop: Shop) -> None:
    metadata = shop.metadata
    lexicon = read_json(shop.root / LEXICON)
    workspace = read_workspace(shop.root)
    aliases = list_aliases(workspace.lexicon)
    held = read_json(shop.model / "held_out.json")
    assert metadata["num_concepts"] == len(lexicon)
    assert metadata["num_notes"] == NOTE_COUNT
    assert metadata["num_notes_held_out"] == len(held["notes"]) == NOTE_COUNT // 10
    assert metadata["num_aliases"] == len(aliases)
    assert metadata["num_aliases_held_out"] == len(held["aliases"]) == round(len(aliases) / 10)
    assert metadata["num_training_examples"] > len(aliases) - len(held["aliases"])


def test_inputs_are_proven_by_their_hashes(shop: Shop) -> None:
    inputs = shop.metadata["inputs"]
    assert {NOTES, LEXICON, "data/gold/train.jsonl", "data/gold/dev.jsonl"} <= set(inputs)
    for name, digest in inputs.items():
        assert sha256((shop.root / name).read_bytes()).hexdigest() == digest


def test_concept_mapping_is_the_lexicon_in_file_order(shop: Shop) -> None:
    mapping = read_json(shop.model / "concept_mapping.json")
    lexicon = read_json(shop.root / LEXICON)
    assert mapping["concepts"] == list(lexicon)
    assert mapping["labels"] == [entry["label"] for entry in lexicon.values()]
    buckets = [entry["rule"].removeprefix("bucket=") for entry in lexicon.values()]
    assert mapping["buckets"] == buckets
    vectors = read_model(shop.model).arrays["embeddings"]["concepts"]
    assert len(vectors) == len(lexicon)


def test_training_examples_were_trained_on(shop: Shop) -> None:
    examples = read_json(shop.model / "training_examples.json")
    pairs, contexts = examples["concept_examples"], examples["context_examples"]
    assert 0 < len(pairs) <= 100
    assert 0 < len(contexts) <= 50
    assert {frozenset(pair) for pair in pairs} == {frozenset({"concept", "keyword", "bucket"})}
    assert {frozenset(c) for c in contexts} == {frozenset({"text", "language", "client_id"})}
    model = unpack_model(read_model(shop.model), "")
    aliases = model.detector.index.aliases
    hidden = {alias.text for alias, held in zip(aliases, model.held_A, strict=True) if held}
    assert hidden
    assert not hidden & {pair["keyword"] for pair in pairs}


def test_the_card_says_how_good_the_model_is_and_on_what(shop: Shop) -> None:
    card = (shop.model / "README.md").read_text(encoding="utf-8")
    assert card.startswith(f"# {shop.model.name}\n")
    assert shop.metadata["validation"]["protocol"] in card
    assert f"{shop.metadata['final_accuracy']:.3f}" in card


def test_epochs_are_logged_as_they_are_in_the_metadata(shop: Shop) -> None:
    lines = (shop.model / METRICS).read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    keys = ["epoch", "loss", "accuracy", "train_loss", "train_accuracy", "seconds"]
    assert [list(row) for row in rows] == [keys] * len(rows)
    history = shop.metadata["training_history"]
    assert [row["epoch"] for row in rows] == history["epochs"]
    for key in keys[1:-1]:
        assert [row[key] for row in rows] == history[key]
    assert all(row["seconds"] > 0 for row in rows)
    data = (shop.model / TRACKING / EVENTS).read_bytes()
    assert cut_events(data, len(rows)) == (data, len(rows))


def test_the_report_tells_scores_and_what_doctor_found(shop: Shop) -> None:
    page = (shop.model / "report.html").read_text("utf-8")
    assert f"{shop.metadata['validation']['f1']['value']:.3f}" in page
    assert "Precision by recall" in page
    assert "95 % interval" in page
    rules = shop.metadata["data_findings"]["rules"]
    found = list(lint(Inspection(*private_parts(shop)), rules))
    assert rules == {name: sum(each.rule == name for each in found) for name in rules}
    assert rules["never-fires"] > 0
    assert "(never-fires)" in page
    for text in read_workspace(shop.root).notes:
        assert text.text[:40] not in page


def private_parts(shop: Shop) -> tuple[Lexicon, tuple[Note, ...]]:
    workspace = read_workspace(shop.root)
    return workspace.lexicon, workspace.notes


def test_a_report_that_fails_does_not_cost_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(facts: object) -> str:
        raise RuntimeError(MAIL)

    monkeypatch.setattr("lvmh_jax.pipeline.report.render_report", fail)
    result = run("train", *ONE_EPOCH, "--workspace", private_workspace(tmp_path), "--json")
    assert result.exit_code == 0
    assert "report.html could not be written (RuntimeError)" in result.stderr
    assert MAIL not in result.output
    model = Path(json.loads(result.stdout)["model_path"])
    verify_manifest(model)
    assert not (model / "report.html").exists()


def test_a_report_that_the_gate_refuses_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lvmh_jax.pipeline.report.render_report", lambda facts: f"<p>{MAIL}</p>")
    result = run("train", *ONE_EPOCH, "--workspace", private_workspace(tmp_path), "--json")
    assert result.exit_code == 0
    assert "report.html would have held personal data" in result.stderr
    model = Path(json.loads(result.stdout)["model_path"])
    verify_manifest(model)
    assert MAIL not in folder_text(model)


def test_a_run_that_asks_for_no_checkpoint_writes_none(tmp_path: Path) -> None:
    root = private_workspace(tmp_path)  # its programs are those of the tests around this one
    never = ("--set", "checkpoint.every_epochs=0")
    model = Path(answer_of("train", *ONE_EPOCH, *never, "--workspace", root)["model_path"])
    verify_manifest(model)
    assert not (model / "checkpoints").exists()


def test_a_concept_that_is_let_through_is_redacted_in_the_report(tmp_path: Path) -> None:
    lexicon = {"bag": {"label": f"ask {MAIL}", "aliases": ["handbag", "purse"]}}
    root = make_workspace(tmp_path, lexicon=lexicon)
    answer = answer_of("train", *ONE_EPOCH, "--workspace", root, "--allow-alias", "bag")
    model = Path(answer["model_path"])
    assert MAIL in (model / "lexicon.json").read_text("utf-8")
    page = (model / "report.html").read_text("utf-8")
    assert MAIL not in page
    assert "ask [EMAIL]" in page


# What training must not see.


def test_training_never_reads_the_test_split(shop: Shop) -> None:
    assert (shop.root / "data/gold/test.jsonl").exists()
    assert "data/gold/test.jsonl" not in shop.metadata["inputs"]


def test_held_out_aliases_decide_without_gold_and_gold_where_there_is_some(shop: Shop) -> None:
    assert shop.metadata["learned_matches"]["decided_on"] == "gold-dev"
    assert shop.metadata["validation"]["protocol"] == "gold-dev"
    decision = shop.metadata["learned_matches"]
    assert decision["f1"][decision["mode"]] >= decision["f1"]["dictionary"]


def test_a_dry_run_plans_and_writes_nothing(shop: Shop, tmp_path: Path) -> None:
    before = read_tree(shop.root)
    words = ("train", "--workspace", shop.root, "--models-dir", tmp_path / "m", "--dry-run")
    assert "annotated concepts are not in the lexicon, so they count" in run_well(*words).stderr
    plan = answer_of(*words)["plan"]
    assert (plan["notes"], plan["epochs"], plan["size"]) == (NOTE_COUNT, 30, "base")
    assert plan["aliases_held_out"] == shop.metadata["num_aliases_held_out"]
    assert read_tree(shop.root) == before
    assert list(tmp_path.iterdir()) == []


# What a model folder must not tell.


def private_workspace(root: Path, **gold: list) -> Path:
    rows = tiny_notes(10)
    rows += [
        note_row(f"NOTE_{row:04}", f"Quixotic client, wants a handbag. Write to {MAIL}.")
        | {"client_id": f"CLIENT_{row:04}"}
        for row in range(30)
    ]
    return make_workspace(root, notes=rows, gold=gold)


def folder_text(model: Path, *, without: str = "") -> str:
    files = [path for path in model.rglob("*") if path.is_file() and path.name != without]
    return "".join(path.read_bytes().decode("utf-8", "replace") for path in files)


def test_a_model_holds_no_personal_data_and_no_more_text_than_it_says(tmp_path: Path) -> None:
    root = private_workspace(tmp_path)
    answer = answer_of("train", "--size", "tiny", "--epochs", "1", "--workspace", root)
    model = Path(answer["model_path"])
    everything = folder_text(model)
    for secret in (MAIL, "lovelace", "CLIENT_", "NOTE_"):
        assert secret not in everything
    # The samples hold redacted text, and nothing else holds any.
    assert "Quixotic" in (model / "training_examples.json").read_text("utf-8")
    assert "uixotic" not in folder_text(model, without="training_examples.json")
    report = read_json(model / "metadata.json")["pii_report"]
    assert report["texts"] == "redacted"
    assert report["texts_with_redactions"] > 0


def test_a_warning_that_names_a_note_stays_out_of_the_model(tmp_path: Path) -> None:
    odd = {"start": 25, "end": 32, "concept_id": "handbag"}
    gold = [{"note_id": "NOTE_0003", "spans": [odd], "concepts": []}]
    root = private_workspace(tmp_path, dev=gold)
    answer = answer_of("train", "--size", "tiny", "--epochs", "1", "--workspace", root)
    assert "NOTE_0003" not in folder_text(Path(answer["model_path"]))


def test_include_text_keeps_what_the_user_asked_for(tmp_path: Path) -> None:
    root = private_workspace(tmp_path)
    words = ("train", "--size", "tiny", "--epochs", "1", "--workspace", root, "--include-text")
    model = Path(answer_of(*words)["model_path"])
    samples = (model / "training_examples.json").read_text("utf-8")
    assert MAIL in samples
    assert "CLIENT_" in samples
    assert MAIL not in folder_text(model, without="training_examples.json")
    assert read_json(model / "metadata.json")["pii_report"]["texts"] == "as written"


# A lexicon as the pipeline writes them.


def noisy_lexicon() -> dict[str, dict]:
    return {
        "CONCEPT_1": {
            "label": "sac à main",
            "aliases": "sac|sac à main|bag|recherche sac pour",
            "languages": "FR|EN",
            "freq_notes": 138,
            "examples": ["SA_0186", "ELSEWHERE"],
            "rule": "bucket=intent",
        },
        "CONCEPT_2": {"label": "noir", "aliases": ["noir", "sac", "a", "N"], "rule": "other=C2"},
        "CONCEPT_3": {"label": "cadeau mère", "aliases": [], "rule": "nonsense"},
        "CONCEPT_4": {"label": "gift for her mother", "aliases": []},
        "CONCEPT_5": {"label": "CONCEPT_5", "aliases": "", "bucket": "lifestyle"},
        "CONCEPT_6": {"label": "VIP", "aliases": ["vip", "VIP", "client vip", "vip 客层"]},
    }


def test_a_noisy_lexicon_trains_evaluates_and_detects(tmp_path: Path) -> None:
    root = make_workspace(tmp_path, lexicon=noisy_lexicon(), candidates=None)
    result = run_well("train", "--size", "tiny", "--workspace", root, "--json")
    warnings = [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]
    assert any("candidates.csv" in line for line in warnings)
    assert any("bucket" in line for line in warnings)
    model = Path(json.loads(result.stdout)["model_path"])
    mapping = read_json(model / "concept_mapping.json")
    assert mapping["concepts"] == list(noisy_lexicon())
    buckets = ["intent", "other", "other", "other", "lifestyle", "other"]
    assert mapping["buckets"] == buckets
    assert answer_of("evaluate", "--workspace", root)["protocol"] == "held-out-aliases"
    assert answer_of("detect", "--workspace", root)["mentions"] > 0


@pytest.mark.slow  # another number of concepts, and so all compilations anew
def test_labels_alone_train(tmp_path: Path) -> None:
    lexicon = {"a": {"label": "handbag", "aliases": []}, "b": {"label": "noir", "aliases": []}}
    root = make_workspace(tmp_path, lexicon=lexicon)
    result = run("train", "--size", "tiny", "--epochs", "1", "--workspace", root)
    assert result.exit_code == 0, result.output
    assert "none could be held out" in result.stderr
