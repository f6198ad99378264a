"""Parameters as flat arrays with names, and the shapes that they have to have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, TypeAlias

import jax
import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import ModelSettings
from lvmh_jax.models import build_model
from lvmh_jax.models.scorer import MentionScorer

Arrays: TypeAlias = dict[str, NDArray[Any]]


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Arrays:
    """Nested dicts of arrays to one, keys joined by `/`."""
    flat: Arrays = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}/")
        else:
            flat[prefix + key] = np.asarray(value)
    return flat


def unflatten(flat: Arrays) -> dict[str, Any]:
    """The inverse of `flatten`."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        *folders, name = path.split("/")
        place = tree
        for folder in folders:
            place = place.setdefault(folder, {})
        place[name] = value
    return tree


def encoder_shapes(settings: ModelSettings, concepts: int) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter of an encoder, by its flattened name; computes nothing."""
    model = build_model(settings, concepts)
    phrase = (
        np.zeros((1, 1, 1), np.int32),
        np.zeros((1, 1), np.int32),
        np.zeros((1, 1), np.float32),
    )
    init = partial(model.init, method="initialise")
    # The key is made inside: outside it is a program that is compiled.
    shapes = jax.eval_shape(lambda: init(jax.random.key(0), *phrase))
    return _shapes(shapes["params"])


def scorer_shapes(hidden: int, features: int) -> dict[str, tuple[int, ...]]:
    """Shape of every parameter of a scorer, by its flattened name."""
    row = np.zeros((1, features), np.float32)
    init = MentionScorer(hidden).init
    return _shapes(jax.eval_shape(lambda: init(jax.random.key(0), row)))


def _shapes(tree: Any) -> dict[str, tuple[int, ...]]:
    leaves = jax.tree_util.tree_leaves_with_path(tree)
    return {
        jax.tree_util.keystr(path, simple=True, separator="/"): leaf.shape for path, leaf in leaves
    }


def check_shapes(arrays: Arrays, expected: Mapping[str, tuple[int, ...]]) -> None:
    """Raises ValueError unless the arrays have the expected names and shapes."""
    if {name: array.shape for name, array in arrays.items()} != dict(expected):
        raise ValueError("arrays have other names or shapes than the configuration says")
