"""`note_concepts.csv` and the options that decide what is in it; `link` and its results."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyarrow import parquet

from lvmh_jax.data.text import fold_with_offsets
from lvmh_jax.errors import UsageError
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.manifest import write_json, write_manifest
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.workspace import NOTES
from lvmh_jax.pipeline.detect import _configure, confidence_for
from tests.detect.builders import make_scored
from tests.detect.heads import make_head
from tests.generators import LEXICON, json_lines, note_row, write_file, write_notes
from tests.pipeline.workshop import (
    NOTE_COUNT,
    Shop,
    answer_of,
    copy_model,
    failure_of,
    read_json,
    read_rows,
    run,
    run_well,
    texts_of,
)

COLUMNS = [
    "note_id",
    "client_id",
    "concept_id",
    "matched_alias",
    "evidence_span_start",
    "evidence_span_end",
    "confidence",
    "detection_method",
    "polarity",
]
RULE = "rule-based"
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def model(shop: Shop) -> TrainedModel:
    return unpack_model(read_model(shop.model), "")


@pytest.fixture
def detect(shop: Shop, tmp_path: Path):
    """Detects with options, and returns the rows."""

    def detect(*words: str | Path) -> list[dict[str, str]]:
        output = tmp_path / "found.csv"
        answer = answer_of("detect", "--workspace", shop.root, "--output", output, *words)
        rows = read_rows(output)
        assert answer["mentions"] == len(rows)
        return rows

    return detect


def keys(rows: list[dict[str, str]]) -> set[Key]:
    return {(row["note_id"], row["evidence_span_start"], row["concept_id"]) for row in rows}


def confidences(rows: list[dict[str, str]]) -> list[float]:
    return [float(row["confidence"]) for row in rows]


# The file.


def test_rows_are_those_of_the_contract(shop: Shop) -> None:
    answer = answer_of("detect", "--workspace", shop.root)
    path = shop.root / "data/outputs/note_concepts.csv"
    assert Path(answer["output"]) == path
    assert path.read_text("utf-8").splitlines()[0] == ",".join(COLUMNS)
    rows, texts = read_rows(path), texts_of(shop.root)
    assert answer["notes"] == NOTE_COUNT
    assert answer["mentions"] == len(rows) > NOTE_COUNT
    concepts = set(read_json(shop.model / "concept_mapping.json")["concepts"])
    for row in rows:
        start, end = int(row["evidence_span_start"]), int(row["evidence_span_end"])
        surface = texts[row["note_id"]][start:end]
        assert surface.strip() == surface != ""
        assert row["concept_id"] in concepts
        assert row["client_id"]
        assert 0 <= float(row["confidence"]) <= 1
        assert row["detection_method"] in ("rule-based", "ml-enhanced")
        assert row["polarity"] in ("affirmed", "negated")
        assert row["matched_alias"]
        if row["detection_method"] == "rule-based":
            assert fold_with_offsets(surface)[0] == fold_with_offsets(row["matched_alias"])[0]
    order = list(texts)
    places = [(order.index(row["note_id"]), int(row["evidence_span_start"])) for row in rows]
    assert places == sorted(places)


def test_the_extension_chooses_the_format(shop: Shop, tmp_path: Path, detect) -> None:
    rows = detect()
    run_well("detect", "--workspace", shop.root, "--output", tmp_path / "found.parquet")
    table = parquet.read_table(tmp_path / "found.parquet")
    assert table.column_names == COLUMNS
    listed = table.to_pylist()
    assert [(each["note_id"], each["concept_id"]) for each in listed] == [
        (row["note_id"], row["concept_id"]) for row in rows
    ]
    assert [each["confidence"] for each in listed] == pytest.approx(confidences(rows))


def test_the_order_of_the_notes_does_not_matter(shop: Shop, tmp_path: Path, detect) -> None:
    texts = texts_of(shop.root)
    expected = detect()
    turned = [
        {"note_id": name, "text": text, "language": name.split("_")[1]}  # AUT_FR_001
        for name, text in reversed(texts.items())
    ]
    file = write_file(tmp_path, "turned.jsonl", json_lines(turned))
    rows = detect("--notes", file)
    rows.sort(key=lambda row: list(texts).index(row["note_id"]))
    unchanged = [name for name in COLUMNS if name not in ("client_id", "confidence")]
    for row, other in zip(rows, expected, strict=True):
        assert [row[name] for name in unchanged] == [other[name] for name in unchanged]
    assert confidences(rows) == pytest.approx(confidences(expected), abs=2e-6)


def test_notes_of_a_csv_with_two_columns(tmp_path: Path, detect, model: TrainedModel) -> None:
    alias = model.detector.index.aliases[0]
    file = write_file(tmp_path, "n.csv", f'note_id,text\nA,\nB,"one, {alias.text}"\n')
    rows = detect("--notes", file, "--dictionary-only")
    (row,) = (row for row in rows if row["matched_alias"] == alias.text)
    assert (row["note_id"], row["client_id"]) == ("B", "B")
    assert row["evidence_span_start"] == str(len("one, "))


@pytest.mark.parametrize("target", ["none.csv", "none.parquet", "vectors.parquet"])
def test_where_no_note_is_new_there_are_no_rows(shop: Shop, tmp_path: Path, target: str) -> None:
    """As of a night without a visit; training on none stays refused."""
    command = "embed" if target.startswith("vectors") else "detect"
    path, output = tmp_path / "none.parquet", tmp_path / "out" / target
    parquet.write_table(parquet.read_table(shop.root / NOTES).slice(0, 0), path)
    words = (command, "--workspace", shop.root, "--notes", path, "--output", output)
    result = run(*words)
    assert result.exit_code == 0
    assert "none.parquet: it holds no note: the output has no row" in result.stderr
    if output.suffix == ".csv":
        assert output.read_text().splitlines() == [",".join(COLUMNS)]
    else:
        assert parquet.read_table(output).num_rows == 0


# What decides.


def test_min_confidence_keeps_what_is_sure_enough(detect, model: TrainedModel) -> None:
    assert model.detector.scorer is not None
    found = {least: detect("--min-confidence", str(least)) for least in (0.1, 0.4, 0.7)}
    for least, rows in found.items():
        assert min(confidences(rows)) >= least
    assert keys(found[0.7]) < keys(found[0.4]) < keys(found[0.1])
    assert detect("--min-confidence", "1") == []


def test_min_confidence_counts_for_concepts_without_a_span() -> None:
    detector = replace(make_scored(), note_head=make_head(threshold=0.25))
    model: Any = SimpleNamespace(detector=detector, scorer_source="gold", curve=[(0.75, 0.9)])
    cases = ((None, None, 0.25), (0.125, None, 0.25), (0.5, None, 0.5), (None, 0.8, 0.75))
    for confidence, precision, expected in cases:
        head = _configure(model, confidence, precision, False, None, Progress(None).warn).note_head
        assert head is not None
        assert head.threshold == expected
    assert _configure(model, 0.5, None, True, None, Progress(None).warn).note_head is None


def test_min_confidence_counts_for_the_dictionary_too(detect, model: TrainedModel) -> None:
    precision = model.detector.dictionary_precision
    everything = detect("--dictionary-only")
    assert everything
    assert confidences(everything) == pytest.approx([precision] * len(everything), abs=1e-6)
    assert detect("--dictionary-only", "--min-confidence", str(precision / 2)) == everything
    assert detect("--dictionary-only", "--min-confidence", "1") == []


def test_min_precision_is_the_confidence_that_reached_it(detect, model: TrainedModel) -> None:
    surest = max(confidences(detect()))
    precision = max(share for at, share in model.curve if at <= surest)
    least = min(at for at, share in model.curve if share >= precision)
    assert confidence_for(model, precision) == least
    assert min(float(r["confidence"]) for r in detect() if r["detection_method"] == RULE) < least
    rows = detect("--min-precision", str(precision))
    assert rows == detect("--min-confidence", str(least))
    assert min(confidences(rows)) >= least - 1e-6


def test_a_precision_out_of_reach_is_a_usage_error(shop: Shop, tmp_path: Path) -> None:
    copied = copy_model(shop, tmp_path)
    decision: Any = read_json(copied / "decision.json")
    decision["precision_curve"] = [[0.2, 0.5], [0.9, 0.75]]
    write_json(copied / "decision.json", decision)
    write_manifest(copied)
    output = tmp_path / "out.csv"
    words = ("detect", "--workspace", shop.root, "--model-path", copied, "--output", output)
    line = failure_of(run(*words, "--min-precision", "0.8"), 2)
    assert "--min-precision 0.8 was not reached" in line
    assert not output.exists()
    with pytest.raises(UsageError, match=r"0\.8 was not reached"):
        confidence_for(unpack_model(read_model(copied), ""), 0.8)
    assert run(*words, "--min-precision", "0.7").exit_code == 0


def test_min_precision_of_the_dictionary_is_measured_too(shop: Shop, tmp_path: Path) -> None:
    copied = copy_model(shop, tmp_path)
    decision: Any = read_json(copied / "decision.json")
    decision["dictionary_precision"] = 0.5
    write_json(copied / "decision.json", decision)
    write_manifest(copied)
    words = ("detect", "--workspace", shop.root, "--model-path", copied, "--dictionary-only")
    result = run(*words, "--min-precision", "0.9", "--output", tmp_path / "out.csv")
    assert result.exit_code == 2


def test_dictionary_only_finds_aliases_alone(detect) -> None:
    alone, both = detect("--dictionary-only"), detect()
    assert {row["detection_method"] for row in alone} == {"rule-based"}
    assert {row["detection_method"] for row in both} == {"rule-based", "ml-enhanced"}


def test_max_per_alias_is_the_cap_of_the_pipeline(
    tmp_path: Path, detect, model: TrainedModel
) -> None:
    alias = next(
        a for a in model.detector.index.aliases if a.text.isalpha() and a.text.isascii()
    ).text
    rows = [{"note_id": name, "text": f"{alias}, " * 5} for name in ("A", "B")]
    file = write_file(tmp_path, "many.jsonl", json_lines(rows))
    words = ("--notes", file, "--dictionary-only")
    assert len(detect(*words)) == 5 * len(detect(*words, "--max-per-alias", "1")) > 5
    capped = detect(*words, "--max-per-alias", "3")
    starts = [int(r["evidence_span_start"]) for r in capped if r["note_id"] == "A"]
    assert sorted(set(starts)) == [0, len(alias) + 2, 2 * (len(alias) + 2)]


def test_a_failure_leaves_the_old_file(shop: Shop, tmp_path: Path) -> None:
    output = write_file(tmp_path, "found.csv", "old\n")
    rows = [note_row("N1", "x"), note_row("N1", "y")]
    write_notes(tmp_path, rows, "twice.parquet")
    words = ("--notes", tmp_path / "twice.parquet", "--output", output)
    failure_of(run("detect", "--workspace", shop.root, *words), 3)
    assert output.read_text() == "old\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.csv", "twice.parquet"]


# Linking.


def test_links_come_one_a_line_in_order(shop: Shop, model: TrainedModel) -> None:
    alias = model.detector.index.aliases[3]
    phrases = ["zzz", "", alias.text, "   ", "a\u2028b", "zzz"]
    words = ("link", "--workspace", shop.root, "--top-k", "4")
    results = answer_of(*words, stdin="\n".join(phrases).encode())["results"]
    assert [result["phrase"] for result in results] == phrases
    for result in results:
        assert len(result["concepts"]) == 4
        assert set(result["concepts"][0]) == {"concept_id", "label", "confidence"}
        sure = [each["confidence"] for each in result["concepts"]]
        assert sure == sorted(sure, reverse=True)
        assert result["nil"] == (sure[0] < model.linking.threshold)
    assert results[1]["nil"] is results[3]["nil"] is True
    best = results[2]["concepts"][0]
    owners = {
        model.detector.concepts[a.row].concept_id
        for a in model.detector.index.aliases
        if a.text.casefold() == alias.text.casefold()
    }
    assert best["concept_id"] in owners
    assert results[0] == results[5]


def test_link_gives_all_concepts_where_more_are_asked_for(shop: Shop, model: TrainedModel) -> None:
    words = ("link", "--workspace", shop.root, "--top-k", "9999")
    (result,) = answer_of(*words, stdin="sac")["results"]
    assert len(result["concepts"]) == len(model.detector.concepts)
    assert answer_of(*words)["results"] == []


def test_link_takes_a_lexicon_as_detect_does(shop: Shop, tmp_path: Path) -> None:
    concept, entry = next(iter(read_json(shop.root / LEXICON).items()))
    part = {concept: {**entry, "label": "Umbrella", "aliases": ["quantum umbrella"]}}
    part_file = write_file(tmp_path, "part.json", json.dumps(part))
    words = ("link", "--workspace", shop.root, "--lexicon", part_file)
    told = run_well(*words, stdin="quantum umbrella\nzzz")
    (best, *_), *_ = (line.split("\t")[1:] for line in told.stdout.splitlines())
    assert best.startswith(f"{concept} Umbrella (")
    assert "concepts of the model are not in it and are not found" in told.stderr
    for result in answer_of(*words, stdin="zzz")["results"]:
        assert [each["concept_id"] for each in result["concepts"]] == [concept]
    line = failure_of(run(*words[:-1], tmp_path / "none.json"), 4)
    assert "no such file; check the path of the lexicon" in line


def test_a_lexicon_file_takes_the_place_of_the_models(shop: Shop, tmp_path: Path) -> None:
    lexicon = json.loads((shop.root / LEXICON).read_text(encoding="utf-8"))
    concept = next(iter(lexicon))
    lexicon[concept]["aliases"] = ["quantum umbrella"]
    richer = write_file(tmp_path, "lexicon.json", json.dumps(lexicon))
    notes = write_file(tmp_path, "n.csv", "note_id,text\nn1,she wants a quantum umbrella\n")
    words = ("detect", "--model-path", shop.model, "--notes", notes, "--output", tmp_path / "o.csv")
    assert answer_of(*words, "--dictionary-only")["mentions"] == 0
    assert answer_of(*words, "--dictionary-only", "--lexicon", richer)["mentions"] == 1
    (row,) = read_rows(tmp_path / "o.csv")
    assert (row["concept_id"], row["matched_alias"]) == (concept, "quantum umbrella")
    assert "are not found" not in run(*words, "--lexicon", richer).stderr
    part = write_file(tmp_path, "part.json", json.dumps({concept: lexicon[concept]}))
    told = run_well(*words, "--lexicon", part).stderr
    left = [name for name in lexicon if name != concept]
    assert f"{len(left)} of {len(lexicon)} concepts of the model are not in it and are" in told
    assert f"not found, first {left[0]}\n" in told
    lexicon["stranger"] = lexicon[concept]
    strange = write_file(tmp_path, "strange.json", json.dumps(lexicon))
    line = failure_of(run(*words, "--lexicon", strange), 3)
    assert "1 concepts that the model was not trained with, first stranger" in line
    line = failure_of(run(*words, "--lexicon", tmp_path / "absent.json"), 4)
    assert "no such file; check the path of the lexicon" in line
