"""Thousands of random faults of every format: refused in one line or read, and never a crash."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.malformed.fuzzing import FORMATS, try_format
from tests.malformed.isolated import run_many
from tests.malformed.mutations import mutate_bytes, mutate_json
from tests.malformed.outcomes import REFUSED, WORKS
from tests.malformed.test_bombs import MOST_MB

FEW, MANY, MODELS = 60, 5000, 1200


def check(answer: dict[str, Any], tries: int) -> Counter[str]:
    """Counts of an answer, none of which is anything but refusal or success."""
    counts = Counter(json.loads(answer["outcome"])) if "{" in answer["outcome"][:1] else None
    assert counts is not None, answer
    assert counts.total() == tries
    assert counts.keys() == {REFUSED, WORKS}
    assert answer["peak_mb"] < MOST_MB
    return counts


@pytest.mark.parametrize("form", FORMATS)
def test_some_random_faults(form: str, tmp_path: Path, count) -> None:
    counts = try_format(form, tmp_path / "few", range(MANY, MANY + FEW))
    assert counts[REFUSED]
    count(counts)


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_many_random_faults(form: str, tmp_path: Path, count) -> None:
    count(check(run_many(form, tmp_path / "many", range(MANY)), MANY))


@pytest.mark.slow
def test_many_random_faults_of_models(sound_model: Path, tmp_path: Path, count) -> None:
    folder = tmp_path / sound_model.name
    count(check(run_many("model", folder, range(MODELS), sound_model), MODELS))


def test_the_same_seed_is_the_same_fault() -> None:
    raw, text = b"0123456789" * 9, '{"a": [1, {"b": null}], "c": "d"}'
    assert [mutate_bytes(raw, seed) for seed in range(40)] == [
        mutate_bytes(raw, seed) for seed in range(40)
    ]
    assert len({mutate_bytes(raw, seed) for seed in range(40)}) > 35
    assert len({mutate_json(text, seed) for seed in range(40)}) > 20
