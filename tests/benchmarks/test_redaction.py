"""The corpus of the redaction benchmark, and a floor under what is found in a small one."""

from __future__ import annotations

import pytest

from benchmarks import redaction
from lvmh_jax.data.cleartext import KINDS
from lvmh_jax.data.privacy import Found


@pytest.fixture(scope="module")
def samples() -> list[redaction.Sample]:
    return list(redaction.make_samples(6, 5))


def test_the_corpus_is_seeded_and_its_offsets_are_right(samples) -> None:
    assert samples == list(redaction.make_samples(6, 5))
    assert samples != list(redaction.make_samples(6, 6))
    assert {sample.language for sample in samples} == redaction.LOCALES.keys()
    for sample in samples:
        inside = sample.text[sample.start : sample.end]
        assert bool(inside) == bool(sample.kind)
        assert inside == inside.strip()
        if sample.kind == "EMAIL":
            assert "@" in inside


def test_most_is_found_and_little_else(samples) -> None:
    score = redaction.measure(6, 5)
    for kind, count in score.samples.items():
        assert not kind or score.whole[kind] / count > 0.9, kind
    for kind in KINDS:
        assert score.right[kind] / score.found[kind] > 0.97, kind


def test_what_is_half_found_is_half_covered() -> None:
    sample = redaction.Sample("ask Anna Rossi", "EN", "NAME", 4, 14)
    assert redaction.covered(sample, []) == 0
    assert redaction.covered(sample, [Found(9, 14, "NAME")]) == pytest.approx(5 / 9)
    assert redaction.covered(sample, [Found(0, 14, "ID")]) == 1


def test_tables_have_every_kind() -> None:
    score = redaction.measure(1, 0)
    text = redaction.make_tables(score)
    for kind in (*KINDS, "PASSPORT"):
        assert f"| {kind} |" in text
