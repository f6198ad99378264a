"""Parts of a lexicon: what `partial` measures with, and what the shipped scorer learns from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import default_scorer, partial
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.scorer import Calibration
from lvmh_jax.errors import NotFoundError
from lvmh_jax.io.workspace import read_workspace
from tests.detect.builders import make_fitted

ROOT = Path(__file__).resolve().parents[2]


def test_a_part_has_so_many_concepts_in_their_order() -> None:
    document = dict.fromkeys("abcdefghij")
    kept = [[*partial.keep_concepts(document, 4, seed)] for seed in range(5)]
    assert all(len(each) == 4 and each == sorted(each) for each in kept)
    assert len({tuple(each) for each in kept}) > 1


def test_gold_says_nothing_of_other_concepts() -> None:
    spans = [{"concept_id": "ring", "start": 0}, {"concept_id": "sofa", "start": 5}]
    line = json.dumps({"note_id": "n", "concepts": ["ring", "sofa"], "spans": spans})
    kept = json.loads(partial.keep_annotated(line, {"ring"}))
    assert kept == {"note_id": "n", "concepts": ["ring"], "spans": spans[:1]}


def test_a_workspace_that_is_not_there_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "RESULTS.md"
    given = ["--workspace", str(tmp_path), "--out", str(out)]
    assert partial.main(given) == NotFoundError.exit_code
    assert capsys.readouterr().err.startswith("Error: ")
    assert not out.exists()


def test_concepts_of_a_part_share_some_aliases() -> None:
    whole = read_workspace(ROOT)
    part = default_scorer.keep_part(whole, 0.25, seed=3)
    before = {c.concept_id: c.aliases for c in whole.lexicon.concepts}
    assert len(part.lexicon.concepts) == round(0.25 * len(before))
    given = [
        (c.concept_id, alias)
        for c in part.lexicon.concepts
        for alias in c.aliases[len(before[c.concept_id]) :]
    ]
    known = len(list_aliases(part.lexicon)) - len(given)
    assert 0.05 * known < len(given) < 0.2 * known
    others = {alias for c in part.lexicon.concepts for alias in before[c.concept_id]}
    assert all(alias in others and alias not in before[concept] for concept, alias in given)


def test_notes_of_each_detector_count_apart() -> None:
    fitted, notes, gold = make_fitted()
    scorer = replace(fitted.scorer, calibration=Calibration())
    fold_B = np.zeros(len(notes), np.int64)
    groups = scorer.fit.group_G
    fold_B[:] = groups[groups >= 0].min()
    one = default_scorer.decode_all([fitted], notes, gold, scorer, fold_B)
    two = default_scorer.decode_all([fitted, fitted], notes, gold, scorer, fold_B)
    width = len(notes) * len(fitted.concepts)
    assert one.gold
    assert two.gold == one.gold | {pair + width for pair in one.gold}
    np.testing.assert_array_equal(two.pair_M, np.append(one.pair_M, one.pair_M + width))
    np.testing.assert_array_equal(two.right_M, np.append(one.right_M, one.right_M))
