"""A model folder as the commands use it: read, its programs cached, unpacked, given a lexicon."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lvmh_jax.io.artefact import ModelContents, read_model
from lvmh_jax.io.deciders import is_head_of_words
from lvmh_jax.io.export import TrainedModel, unpack_model
from lvmh_jax.io.frequencies import keep_frequencies
from lvmh_jax.io.modelerasure import describe_retraining
from lvmh_jax.io.runtime import allow_jax, enable_compile_cache, read_version
from lvmh_jax.io.workspace import read_lexicon_file

_MINOR = re.compile(r"\d+\.\d+")


def load_model(model_path: Path, warn: Callable[[str], None]) -> TrainedModel:
    """The model of a folder; `warn` hears what who uses it should know.

    Raises:
      NotFoundError, InvalidInputError: as reading a model.
    """
    return unpack(read_model(model_path), model_path, warn)


def list_warnings(contents: ModelContents) -> list[str]:
    """What who uses a model should know of it, a line each."""
    due = describe_retraining(contents.metadata)
    decision: Any = contents.documents["decision"]
    head = decision["note_head"]
    warnings = [due] if due else []
    if head and is_head_of_words(head):
        warnings.append(
            "what this model learned of whole notes is of version 0.2, which counted words, and is "
            "not used any more: train again"
        )
    elif told := _describe_version(contents.metadata):
        warnings.append(told)
    return warnings


def _describe_version(metadata: Mapping[str, Any]) -> str:
    """That a model is of another version, major or minor; "" where it is not, or nobody knows."""
    versions = metadata.get("package_versions")
    trained = versions.get("lvmh-jax") if isinstance(versions, Mapping) else None
    here = read_version()
    old, new = (_MINOR.match(str(each)) for each in (trained, here))
    if old is None or new is None or old[0] == new[0]:
        return ""
    return (
        f"this model was trained with lvmh-jax {old[0]} and this is {here}: its rows, and the "
        "figures that it has of itself, may be others now; `lvmh-jax evaluate` measures it anew, "
        "and a model that is trained again has its own"
    )


def unpack(contents: ModelContents, model_path: Path, warn: Callable[[str], None]) -> TrainedModel:
    """The model of what was read of a folder; `warn` hears what who uses it should know.

    Raises:
      InvalidInputError: as reading a model.
      UsageError: the process was forked after jax was used.
    """
    allow_jax()
    enable_compile_cache()
    keep_frequencies()
    model = unpack_model(contents, str(model_path))
    for warning in list_warnings(contents):
        warn(warning)
    return model


def take_lexicon(
    model: TrainedModel, lexicon_file: Path | None, warn: Callable[[str], None]
) -> TrainedModel:
    """The model with the labels and aliases of a lexicon file, without training.

    Args:
      model: as it was trained.
      lexicon_file: of concepts that it knows; None leaves the model as it is.
      warn: hears what is odd in the file, and that it leaves concepts out.

    Raises:
      NotFoundError, InvalidInputError: no such file, not a lexicon, or a concept that the model
        does not know.
    """
    if lexicon_file is None:
        return model
    lexicon, warnings = read_lexicon_file(lexicon_file)
    detector = model.detector.with_lexicon(lexicon)
    for warning in warnings:
        warn(warning)
    if detector.absent:  # rows that are missing look like no finds
        first = detector.concepts[min(detector.absent)].concept_id
        warn(
            f"{lexicon_file}: {len(detector.absent):,} of {len(detector.concepts):,} concepts of "
            f"the model are not in it and are not found, first {first}"
        )
    return replace(model, detector=detector)
