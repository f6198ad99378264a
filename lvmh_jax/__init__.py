"""Trains concept detectors for multilingual client notes from a lexicon, in JAX.

    from lvmh_jax import Detector
    mentions = Detector.load("models/concept_model_base_20261122_164507").detect(texts)

Importing this package imports neither JAX nor pandas; `Detector` and `ConceptVectorizer` (a
transformer of scikit-learn) bring what they need.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ConceptVectorizer", "Detector", "__version__"]

__version__ = "0.2.8"


def __getattr__(name: str) -> Any:
    if name == "Detector":
        from lvmh_jax.api import Detector

        return Detector
    if name == "ConceptVectorizer":
        from lvmh_jax.vectorizer import ConceptVectorizer

        return ConceptVectorizer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
