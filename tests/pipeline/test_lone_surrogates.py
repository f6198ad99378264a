"""A lexicon with a lone surrogate, which JSON can hold and UTF-8 cannot, is written again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvmh_jax.pipeline.doctor import FIXED
from tests.generators import LEXICON, TINY_LEXICON, make_workspace, write_file
from tests.pipeline.workshop import read_json, run_well

HALF = "sac\ud83d"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose lexicon has it in an alias and under another key, and a letter to drop."""
    bag = TINY_LEXICON["handbag"]
    entry = {**bag, "aliases": [*bag["aliases"], HALF, "x"], HALF: [HALF, "é"]}
    # Escaped where it must be alone, so that the text is in no style of `json`.
    text = json.dumps({**TINY_LEXICON, "handbag": entry}).replace("\\u00e0", "à")
    root = make_workspace(tmp_path / "w")
    write_file(root, LEXICON, text)
    return root


def test_an_alias_is_accepted_and_nothing_else_changes(root: Path) -> None:
    before = read_json(root / LEXICON)
    file = write_file(root, "s.csv", "concept_id,alias,accept\nhandbag,tote,yes\n")
    run_well("lexicon", "accept", file, "--workspace", root, "--output", root / "new.json")
    run_well("lexicon", "accept", file, "--workspace", root, "--in-place")
    before["handbag"]["aliases"].append("tote")
    assert read_json(root / LEXICON) == read_json(root / "new.json") == before


def test_doctor_repairs_it(root: Path) -> None:
    run_well("doctor", "--fix", "--workspace", root)
    assert read_json(root / FIXED)["handbag"][HALF] == [HALF, "é"]


def test_a_client_is_forgotten(root: Path) -> None:
    run_well("forget", "--client-id", "C_N1", "--workspace", root)
    after = read_json(root / LEXICON)
    assert after["handbag"]["examples"] == []
    assert after["handbag"][HALF] == [HALF, "é"]


def test_a_lexicon_without_it_stays_readable(tmp_path: Path) -> None:
    root = make_workspace(tmp_path / "w")
    file = write_file(root, "s.csv", "concept_id,alias,accept\nhandbag,tote,yes\n")
    run_well("lexicon", "accept", file, "--workspace", root, "--in-place")
    assert "sac à main" in (root / LEXICON).read_text(encoding="utf-8")
