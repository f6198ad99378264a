"""A model folder as the commands use it: read, its programs cached, unpacked."""

from __future__ import annotations

from pathlib import Path

from lvmh_jax.io.artefact import ModelContents, read_model
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.frequencies import keep_frequencies
from lvmh_jax.io.runtime import enable_compile_cache


def load_model(model_path: Path) -> TrainedModel:
    """The model of a folder.

    Raises:
      NotFoundError, InvalidInputError: as reading a model.
    """
    return unpack(read_model(model_path), model_path)


def unpack(contents: ModelContents, model_path: Path) -> TrainedModel:
    """The model of what was read of a folder."""
    enable_compile_cache()
    keep_frequencies()
    return unpack_model(contents, str(model_path))
