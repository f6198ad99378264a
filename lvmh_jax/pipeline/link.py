"""Links phrases to concepts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lvmh_jax.detect.link import link_phrases
from lvmh_jax.io.export import TrainedModel
from lvmh_jax.io.progress import Progress
from lvmh_jax.pipeline.loading import load_model, take_lexicon


def link(
    model_path: Path,
    phrases: Sequence[str],
    top_k: int,
    *,
    lexicon_file: Path | None = None,
    progress: Progress,
) -> list[dict[str, Any]]:
    """Links phrases with a model folder: one result for each phrase, in order.

    Returns: `phrase`, `nil` (whether the best concept is not sure enough), and `concepts`, the
      `top_k` best with `concept_id`, `label` and `confidence`.
    """
    model = take_lexicon(load_model(model_path, progress.warn), lexicon_file, progress.warn)
    return link_with(model, phrases, top_k)


def link_with(model: TrainedModel, phrases: Sequence[str], top_k: int) -> list[dict[str, Any]]:
    """As `link`, with a loaded model."""
    detector = model.detector
    known = detector.index, detector.encoder, model.linking
    linked = link_phrases(phrases, *known, top_k, detector.absent)
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
        results.append({"phrase": phrase, "nil": bool(linked.nil_N[row]), "concepts": concepts})
    return results
