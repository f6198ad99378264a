"""Lexicons, keywords and gold that are wrong, through the one reader of a workspace."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from lvmh_jax.io.workspace import read_workspace
from tests.generators import CANDIDATES, GOLD_DEV, LEXICON, LEXICON_TABLE, write_file
from tests.malformed import annotations, lexicons

CASES = {
    LEXICON: lexicons.JSON_CASES,
    LEXICON_TABLE: lexicons.TABLE_CASES,
    CANDIDATES: annotations.CANDIDATE_CASES,
    GOLD_DEV: annotations.GOLD_CASES,
}


@pytest.mark.parametrize(
    ("name", "label"),
    [(name, label) for name, table in CASES.items() for label in table],
)
def test_a_malformed_file(name: str, label: str, workspace: Path, tried) -> None:
    content, stated = CASES[name][label]
    if name == LEXICON_TABLE:
        (workspace / LEXICON).unlink()
    write_file(workspace, name, content)
    assert tried(partial(read_workspace, workspace), name) == stated
