"""Links phrases to concepts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.detect.link import link_phrases
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.runtime import enable_compile_cache


def link(model_path: Path, phrases: Sequence[str], top_k: int) -> list[dict[str, Any]]:
    """One result a phrase, in order: `phrase`, `nil`, and the `top_k` best concepts."""
    contents = read_model(model_path)
    enable_compile_cache()
    return link_with(unpack_model(contents, str(model_path)), phrases, top_k)


def link_with(model: TrainedModel, phrases: Sequence[str], top_k: int) -> list[dict[str, Any]]:
    """The same with a model that is loaded."""
    detector = model.detector
    linked = link_phrases(phrases, detector.index, detector.encoder, model.linking, top_k)
    results = []
    for row, phrase in enumerate(phrases):
        pairs = zip(
            linked.concepts_NK[row].tolist(), linked.confidence_NK[row].tolist(), strict=True
        )
        concepts = [
            {
                "concept_id": detector.concepts[concept].concept_id,
                "label": detector.concepts[concept].label,
                "confidence": confidence,
            }
            for concept, confidence in pairs
        ]
        sure = bool(concepts) and concepts[0]["confidence"] >= model.linking.threshold
        results.append({"phrase": phrase, "nil": not sure, "concepts": concepts})
    return results
