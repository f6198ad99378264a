"""Curation is measured on what was truly removed, and judged as it says."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.curation import SHARE, cut_aliases, find_occurring, judge
from lvmh_jax.data.text import tokenize
from lvmh_jax.io.workspace import LEXICON, read_workspace
from lvmh_jax.stages.keywords import key_of
from tests.conftest import REPOSITORY


def test_a_share_of_the_alias_texts_is_gone_from_every_concept(tmp_path: Path) -> None:
    cut = cut_aliases(REPOSITORY, tmp_path / "cut", 3)
    before = json.loads((REPOSITORY / LEXICON).read_text(encoding="utf-8"))
    left = read_workspace(cut.root).lexicon.concepts
    texts = {alias.casefold() for entry in before.values() for alias in entry["aliases"]}
    kept = {alias.casefold() for concept in left for alias in concept.aliases}
    assert abs(len(texts - kept) / len(texts) - SHARE) < 0.01
    gone = {key_of(tokenize(text)) for text in texts - kept}
    assert gone - {""} == cut.removed.keys()
    labels = {entry["label"].casefold() for entry in before.values()}
    assert labels & texts <= kept
    assert not (cut.root / "data/gold").exists()
    other = cut_aliases(REPOSITORY, tmp_path / "other", 4)
    assert other.removed.keys() != cut.removed.keys()
    occurring = find_occurring(cut, REPOSITORY)
    assert 50 < len(occurring) < len(cut.removed)


def test_only_removed_aliases_are_judged() -> None:
    def row(alias: str, confidence: float) -> dict[str, str]:
        return {"alias": alias, "concept_id": "bag", "confidence": str(confidence)}

    rows = [row("Tote", 0.9), row("hat", 0.8), row("else", 0.8), row("cabas", 0.1)]
    removed = {"tote": {"bag"}, "hat": {"hats"}, "cabas": {"bag"}}
    found = judge(rows, removed, {"tote", "hat", "cabas"}, 0.4)
    assert found == ("3", "1", "0.333", "1 of 2", "0.500", "1")
    assert judge(rows, removed, {"tote", "cabas"}, 0.0)[1:4] == ("2", "1.000", "2 of 3")
