"""What the writer of samples and the gate leave of a corpus of personal data: nothing."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import redaction
from lvmh_jax.errors import QualityGateError
from lvmh_jax.io.gate import scan_model
from lvmh_jax.pipeline.samples import MOST_CONTEXTS, sample_examples
from lvmh_jax.records import Lexicon, Note, Workspace

METADATA = {"model_type": "concept_detector", "schema_version": 1}
NOTHING_HELD = SimpleNamespace(held_A=np.zeros(0, bool), held_notes=frozenset())


@pytest.fixture(scope="module")
def corpus() -> list[str]:
    """Seeded strings in 13 locales, and each of them once more as JSON escapes it."""
    plain = [sample.text for sample in redaction.make_samples(30, 11)]
    return [*plain, *(json.dumps(text)[1:-1] for text in plain)]


def write_samples(texts: list[str], *, include_text: bool) -> list[dict[str, str]]:
    """The samples of all texts, as many as a model has at a time."""
    contexts = []
    for start in range(0, len(texts), MOST_CONTEXTS):
        part = texts[start : start + MOST_CONTEXTS]
        notes = tuple(Note(f"N{row}", f"C{row}", text) for row, text in enumerate(part))
        workspace = Workspace(notes, Lexicon(()))
        document, _ = sample_examples(workspace, (), NOTHING_HELD, include_text=include_text)
        contexts += document["context_examples"]
    return contexts


def test_nothing_is_left_of_a_corpus_in_plain_and_escaped_form(
    corpus: list[str], tmp_path: Path
) -> None:
    assert len(corpus) >= 2 * 5000
    assert len(redaction.LOCALES) >= 8
    contexts = write_samples(corpus, include_text=False)
    assert len(contexts) == len(corpus)
    documents = {"training_examples": {"concept_examples": [], "context_examples": contexts}}
    report = scan_model(tmp_path, METADATA, documents, {}, "# card")
    assert report["hits"] == {}
    assert report["scanned_texts"] > len(corpus)


def test_the_scan_sees_what_was_not_redacted(corpus: list[str], tmp_path: Path) -> None:
    contexts = write_samples(corpus[-500:], include_text=True)
    documents = {"training_examples": {"concept_examples": [], "context_examples": contexts}}
    with pytest.raises(QualityGateError, match=r"personal data in \d+ texts of the model: train"):
        scan_model(tmp_path, METADATA, documents, {}, "# card")
