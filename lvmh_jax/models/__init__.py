"""Architectures: a row in `MODELS` each. Importing this module does not import jax."""

from __future__ import annotations

import importlib
from typing import Any

from lvmh_jax.config import ModelSettings
from lvmh_jax.errors import UsageError, nearest_name

# name -> (module, class). The class takes (settings, concepts, dtype), has NgramEncoder's methods,
# and names four parameters alike: `table`, of which `look_up` sums rows and the row-wise optimizer
# updates them; `classes`, a vector a concept, "none" last; `bias`, a number each; and `scale`, that
# of the logits, which are `scale` times the cosine with a class, plus its bias. A context counts by
# the sum of its words alone: `score_context` is given that in place of them.
MODELS = {"ngram": ("lvmh_jax.models.ngram", "NgramEncoder")}


def build_model(settings: ModelSettings, concepts: int, dtype: Any = "float32") -> Any:
    """The Flax module of `settings.name` for a lexicon of `concepts` concepts.

    Args:
      settings: of the model.
      concepts: C.
      dtype: of its products; parameters and what it returns are float32 whatever it is.

    Raises:
      UsageError: no such architecture.
    """
    if settings.name not in MODELS:
        raise UsageError(
            f"no model named {settings.name!r}", fix=nearest_name(settings.name, MODELS)
        )
    module, name = MODELS[settings.name]
    return getattr(importlib.import_module(module), name)(settings, concepts, dtype)
