"""The scorer that ships with the package, as `benchmarks/default_scorer.py` wrote it."""

from __future__ import annotations

import json
from importlib.resources import files

from safetensors.numpy import load

from lvmh_jax.calibrate.fit import DefaultScorer
from lvmh_jax.io.deciders import read_scorer


def load_default_scorer() -> DefaultScorer:
    """Reads the package data."""
    folder = files("lvmh_jax.detect").joinpath("default")
    document = json.loads(folder.joinpath("scorer.json").read_text(encoding="utf-8"))
    arrays = load(folder.joinpath("scorer.safetensors").read_bytes())
    return DefaultScorer(
        scorer=read_scorer(document["scorer"], arrays),
        curve=[(float(at), float(share)) for at, share in document["precision_curve"]],
        dictionary_precision=float(document["dictionary_precision"]),
        zipf=float(document["zipf"]),
        notes=frozenset(document["note_hashes"]),
    )
