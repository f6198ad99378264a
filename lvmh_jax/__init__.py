"""Trains concept detectors for multilingual client notes from a lexicon, in JAX.

    from lvmh_jax import Detector
    mentions = Detector.load("models/concept_model_base_20261122_164507").detect(texts)

Importing this package imports neither JAX nor pandas; `Detector` and `ConceptVectorizer` (a
transformer of scikit-learn) bring what they need.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Once more, for type checkers and editors do not run `__getattr__`; a test compares the two.
if TYPE_CHECKING:
    from lvmh_jax.api import Detector
    from lvmh_jax.errors import LvmhError, LvmhWarning
    from lvmh_jax.records import Mention
    from lvmh_jax.vectorizer import ConceptVectorizer

__all__ = ["ConceptVectorizer", "Detector", "LvmhError", "LvmhWarning", "Mention", "__version__"]

__version__ = "0.4.1"

_MODULE_OF = {
    "Detector": "api",
    "ConceptVectorizer": "vectorizer",
    "LvmhError": "errors",
    "LvmhWarning": "errors",
    "Mention": "records",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
