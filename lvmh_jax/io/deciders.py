"""What a detector decides by: scorer, memory, note-level head; to documents, arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from lvmh_jax.data.bags import BagSpace
from lvmh_jax.data.grams import GRAM_SPACE
from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.memory import MentionMemory
from lvmh_jax.detect.notehead import SIGNS, NoteHead
from lvmh_jax.detect.scorer import Calibration, Scorer, Thresholds
from lvmh_jax.io.arrays import Arrays, check_shapes, flatten, scorer_shapes, unflatten
from lvmh_jax.train.notehead import NoteHeadFit
from lvmh_jax.train.scorer import ScorerFit, widen_fit


def scorer_document(scorer: Scorer) -> dict[str, Any]:
    """Everything of a scorer that is not an array."""
    return {
        "features": [feature.name for feature in FEATURES],
        "hidden": scorer.hidden,
        "calibration": asdict(scorer.calibration),
        "thresholds": asdict(scorer.thresholds),
    }


def scorer_arrays(scorer: Scorer) -> Arrays:
    """The arrays of a scorer."""
    fit = scorer.fit
    fixed: Arrays = {"group": fit.group_G, "mean": fit.mean_F, "std": fit.std_F}
    return {**fixed, **{f"params/{k}": v for k, v in flatten(fit.params_G).items()}}


def read_scorer(document: Mapping[str, Any], arrays: Arrays) -> Scorer:
    """Rebuilds a scorer; features that were not known when it was fitted weigh nothing.

    Raises:
      ValueError: it was fitted on features that this version does not compute.
    """
    known = list(document["features"])
    column_K = [place for place, feature in enumerate(FEATURES) if feature.name in known]
    if [FEATURES[column].name for column in column_K] != known:
        raise ValueError("the scorer was fitted on other features")
    models, features = len(arrays["group"]), len(known)
    shapes = scorer_shapes(int(document["hidden"]), features)
    expected = {f"params/{name}": (models, *shape) for name, shape in shapes.items()}
    fixed = {"group": (models,), "mean": (features,), "std": (features,)}
    check_shapes(arrays, {**expected, **fixed})
    params = {k.removeprefix("params/"): v for k, v in arrays.items() if k.startswith("params/")}
    fit = ScorerFit(unflatten(params), arrays["group"], arrays["mean"], arrays["std"])
    return Scorer(
        widen_fit(fit, column_K, len(FEATURES)),
        int(document["hidden"]),
        Calibration(**document["calibration"]),
        Thresholds(**{name: _read_limit(limit) for name, limit in document["thresholds"].items()}),
    )


def _read_limit(value: object) -> float:
    """A threshold in confidence, or `OFF`.

    Raises:
      ValueError: it is none.
    """
    if not isinstance(value, int | float) or not 0 <= value <= OFF:
        raise ValueError(f"a threshold is none: expected 0 to {OFF}")
    return float(value)


def memory_arrays(memory: MentionMemory) -> Arrays:
    """The counts of a memory; wordings are hashes."""
    return {
        "keys": memory.keys_K,
        "seen": memory.seen_KF.astype(np.int32),
        "cells": memory.cell_P,
        "right": memory.right_PF.astype(np.int32),
        "holds": memory.holds_CF.astype(np.int32),
        "notes": memory.notes_F.astype(np.int32),
    }


def read_memory(arrays: Arrays, concepts: int) -> MentionMemory:
    """Rebuilds a memory.

    Raises:
      ValueError: the arrays do not fit each other or the lexicon.
    """
    keys, cells, folds = (len(arrays[name]) for name in ("keys", "cells", "notes"))
    shapes = {"keys": (keys,), "cells": (cells,), "notes": (folds,)}
    counts = {"seen": (keys, folds), "right": (cells, folds), "holds": (concepts, folds)}
    check_shapes(arrays, {**shapes, **counts})
    if cells and not 0 <= arrays["cells"].min() <= arrays["cells"].max() < keys * concepts:
        raise ValueError("a remembered concept is outside the lexicon")
    names = ("seen", "cells", "right", "holds", "notes")
    return MentionMemory(arrays["keys"], *(arrays[name].astype(np.int64) for name in names))


def head_document(head: NoteHead) -> dict[str, Any]:
    """Everything of a note-level head that is not an array."""
    return {
        "calibration": asdict(head.calibration),
        "threshold": head.threshold,
        "informs": head.informs,
    }


def is_head_of_words(document: Mapping[str, Any]) -> bool:
    """Whether a head is of version 0.2, which read words and pairs of them: none does any more."""
    return "buckets" in document


def head_arrays(head: NoteHead) -> Arrays:
    """The arrays of a note-level head; grams are hashes."""
    return {
        "kernel": head.fit.kernel_GVC,
        "bias": head.fit.bias_GC,
        "group": head.fit.group_G,
        "concepts": head.concept_K,
        "grams": head.space.grams_G,
        "idf": head.space.idf_G,
        "signs": head.space.signs_S,
    }


def read_head(document: Mapping[str, Any], arrays: Arrays, concepts: int) -> NoteHead:
    """Rebuilds a note-level head.

    Raises:
      ValueError: the arrays do not fit each other or the lexicon.
    """
    groups, grams, signs, known = (len(arrays[n]) for n in ("group", "grams", "signs", "concepts"))
    shapes = {"group": (groups,), "grams": (grams,), "idf": (grams,), "signs": (signs,)}
    models = {"kernel": (groups, grams + signs, known), "bias": (groups, known)}
    check_shapes(arrays, {**shapes, **models, "concepts": (known,)})
    ends = {"grams": GRAM_SPACE, "signs": SIGNS * concepts, "concepts": concepts}
    for name, end in ends.items():
        rows = arrays[name].astype(np.int64)
        if len(rows) and (rows[0] < 0 or rows[-1] >= end or (np.diff(rows) <= 0).any()):
            raise ValueError(f"{name} of the note-level head are out of order or out of range")
    return NoteHead(
        BagSpace(arrays["grams"], arrays["idf"], arrays["signs"]),
        NoteHeadFit(arrays["kernel"], arrays["bias"], arrays["group"]),
        arrays["concepts"],
        Calibration(**document["calibration"]),
        _read_limit(document["threshold"]),
        bool(document["informs"]),
    )
