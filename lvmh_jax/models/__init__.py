"""Architectures, one row of `MODELS` each. Importing this module does not import jax."""

from __future__ import annotations

import importlib
from typing import Any

from lvmh_jax.config import ModelSettings
from lvmh_jax.errors import UsageError, nearest_name

# name -> (module, class). The class takes (settings, concepts, dtype) and has the methods of
# NgramEncoder. Training and detection rely on four parameter names: `table`, whose rows `look_up`
# sums and the row-wise optimizer updates; `classes`, one vector per concept and a last one for
# "none"; `bias`, one number per class; and `scale`. A logit is `scale` times the cosine with a
# class, plus its bias. `score_context` must depend only on the sum of its token vectors, because
# training passes it that sum.
MODELS = {"ngram": ("lvmh_jax.models.ngram", "NgramEncoder")}


def build_model(settings: ModelSettings, concepts: int, dtype: Any = "float32") -> Any:
    """Builds the Flax module of the row `settings.name`.

    Args:
      settings: of the model.
      concepts: C, the number of lexicon concepts.
      dtype: of matrix products; parameters and outputs are always float32.

    Raises:
      UsageError: no such architecture.
    """
    if settings.name not in MODELS:
        raise UsageError(
            f"no model named {settings.name!r}", fix=nearest_name(settings.name, MODELS)
        )
    module, name = MODELS[settings.name]
    return getattr(importlib.import_module(module), name)(settings, concepts, dtype)
