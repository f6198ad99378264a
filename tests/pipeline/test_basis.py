"""What is told where no annotated note measures a model: no figure of too few, and what decided."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lvmh_jax.evaluate.basis import LEAST_MENTIONS
from lvmh_jax.evaluate.metrics import Score
from lvmh_jax.pipeline.evaluate import tell_basis
from tests.pipeline.workshop import (
    TRAIN,
    Shop,
    answer_of,
    run_well,
    trained_on_train,
)


def read_gold(shop: Shop) -> list[dict]:
    lines = (shop.root / "data/gold/train.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_training_tells_that_nothing_was_measured(bare_shop: Shop, tmp_path: Path) -> None:
    words = (*TRAIN, "--epochs", "1", "--workspace", bare_shop.root, "--models-dir", tmp_path)
    result = run_well(*words)
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("no gold:"))
    assert line.endswith("ten annotated notes would show them (`lvmh-jax review export`)")
    rows = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in result.stdout.splitlines()[1:])
    few = "not measurable (0 mentions)"
    assert (rows["f1"], rows["dictionary f1"]) == (few, few)
    mentions = bare_shop.metadata["learned_matches"]["mentions"]
    assert rows["f1 that decided"] == f"not measurable ({mentions} mentions)"
    assert rows["decided on"].startswith("held-out-aliases: mentions of hidden aliases")
    assert {"mentions", "measurable", "decision"}.isdisjoint(rows)


def test_few_mentions_measure_nothing_and_what_decided_is_told(bare_shop: Shop) -> None:
    result = run_well("evaluate", "--workspace", bare_shop.root)
    table = result.stdout.splitlines()[4:]
    mentions = bare_shop.metadata["learned_matches"]["mentions"]
    assert mentions < LEAST_MENTIONS  # what this test rests on
    told = [" ".join(line.split()) for line in table]
    assert told[:3] == [
        "precision recall f1",
        "notes, micro - - not measurable (0 mentions)",
        "decided on held-out-aliases",
    ]
    few = f"not measurable ({mentions} mentions)"
    assert told[-1] == f"dictionary alone, from which these aliases are hidden {few}"
    assert all(line.endswith(few) for line in told[3:])
    assert "nothing can be measured; to measure on annotated notes, take some" in result.stderr
    answer = answer_of("evaluate", "--workspace", bare_shop.root)
    assert (answer["measurable"], answer["mentions"]) == (False, 0)
    assert answer["f1"] == {"value": 0.0, "ci_low": 0.0, "ci_high": 0.0}  # numbers, as ever
    card = (bare_shop.model / "README.md").read_text("utf-8")
    assert "| F1 (held-out-aliases) | not measurable (0 mentions) |" in card
    assert (
        answer_of("evaluate", "--workspace", bare_shop.root, "--dictionary-only")["decision"]
        is None
    )


def test_enough_mentions_say_what_they_are_of() -> None:
    told = tell_basis(Score(tp=0, predicted=4, gold=LEAST_MENTIONS), 60)
    assert told == (
        "the figures rest on 20 mentions of hidden aliases in 60 notes; that of the dictionary is "
        "0 by construction, for these aliases are hidden from it"
    )


def test_gold_train_alone_is_told_by_its_cross_fitted_figure(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    shop = trained_on_train(tmp_path_factory)
    decided = shop.metadata["learned_matches"]
    expected = {
        "protocol": "gold-train-crossval",
        "mode": decided["mode"],
        "f1": decided["f1"][decided["mode"]],
        "dictionary_f1": decided["f1"]["dictionary"],
        "mentions": sum(len(row["concepts"]) for row in read_gold(shop)),
    }
    answer = answer_of("evaluate", "--workspace", shop.root)
    assert answer["decision"] == shop.result["metrics"]["decision"] == expected
    result = run_well("evaluate", "--workspace", shop.root)
    rows = [line.split() for line in result.stdout.splitlines()]
    assert ["decided", "on", "gold-train-crossval"] in rows
    assert ["dictionary", "alone", f"{expected['dictionary_f1']:.3f}"] in rows
    assert "annotate other notes and take them in with `lvmh-jax review import --split dev`" in (
        result.stderr
    )
    told = f"{expected['dictionary_f1']:.3f} of the dictionary alone"
    assert told in run_well("report", "--workspace", shop.root).stdout
    page = (shop.model / "report.html").read_text("utf-8")
    assert "there were none: those of <code>train</code> decided what ships" in page
    assert "annotated notes, and there were none" not in page
    assert told in page
    assert told in (shop.model / "README.md").read_text("utf-8")
    (model,) = answer_of("list", "--workspace", shop.root)["models"]
    assert (model["decided_on"], model["decided_f1"]) == (expected["protocol"], expected["f1"])
