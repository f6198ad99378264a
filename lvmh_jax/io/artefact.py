"""The model folder: JSON and safetensors, no code and no pickle, written once and verified on load.

A run is written to a part folder, gets its manifest last, and is renamed: a reader never sees half
a model. The same contents give the same bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from lvmh_jax.data.documents import quote
from lvmh_jax.errors import InvalidInputError, LvmhError
from lvmh_jax.io import manifest
from lvmh_jax.io.gate import scan_model

README = "README.md"
RESERVED = frozenset({"metadata", "manifest"})
MAX_TENSORS = 256  # of a file; we write about ten
STEM = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class ModelContents:
    """What a model folder holds.

    Attributes:
      metadata: `metadata.json`; `model_type` and `schema_version` are required.
      documents: stem to the value of `stem.json`.
      arrays: stem to the named arrays of `stem.safetensors`.
      readme: the model card, Markdown.
    """

    metadata: dict[str, Any]
    documents: dict[str, object] = field(default_factory=dict)
    arrays: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)
    readme: str = ""


def write_model(
    part: Path,
    contents: ModelContents,
    *,
    obsolete: tuple[str, ...] = (),
    allowed_concepts: Collection[str] = (),
) -> dict[str, Any]:
    """Writes every file of a model into a part folder, the manifest last.

    What is already there (`checkpoints/`, a report) stays, and is listed too. All texts are scanned
    for personal data before the first is written.

    Args:
      part: the folder; it is made.
      contents: what to write.
      obsolete: files of the run that the model has no use for.
      allowed_concepts: concepts that may have personal data in their aliases.

    Returns: the report on personal data, as `metadata.json` has it.

    Raises:
      QualityGateError: a text identifies a person.
      ValueError: a document or array stem is not a plain file stem, or is taken.
      LvmhError: a number in a document or an array is not finite.
    """
    stems = [*contents.documents, *contents.arrays]
    bad = [stem for stem in stems if stem in RESERVED or not STEM.fullmatch(stem)]
    if bad:
        raise ValueError(f"not a stem of a model file: {bad}")
    report = _scan(part, contents, obsolete, allowed_concepts)
    part.mkdir(parents=True, exist_ok=True)
    manifest.write_json(part / manifest.METADATA, {**contents.metadata, "pii_report": report})
    for stem, document in contents.documents.items():
        manifest.write_json(part / f"{stem}.json", document)
    for stem, arrays in contents.arrays.items():
        manifest.write_bytes(part / f"{stem}.safetensors", _encode_arrays(stem, arrays))
    manifest.write_bytes(part / README, contents.readme.encode())
    for name in obsolete:
        (part / name).unlink(missing_ok=True)
    manifest.write_manifest(part)
    return report


def _scan(
    part: Path, contents: ModelContents, obsolete: Collection[str], allowed: Collection[str]
) -> dict[str, Any]:
    given = contents.metadata.get("pii_report") or {}
    parts = (contents.metadata, contents.documents, contents.arrays, contents.readme)
    return {**given, **scan_model(part, *parts, leaving=obsolete, allowed=allowed)}


def finish_model(part: Path, final: Path) -> None:
    """Gives a whole part folder its final name.

    Raises:
      FileExistsError: the final name is taken; the caller chooses the next free second.
    """
    # os.rename would replace an empty folder without a word.
    if final.exists():
        raise FileExistsError(17, "there is a model of that name already", str(final))
    manifest.sync_folder(part)
    os.rename(part, final)
    manifest.sync_folder(final.parent)


def read_model(path: Path, *, verify: bool = True) -> ModelContents:
    """Reads a model folder.

    Args:
      path: the folder.
      verify: compare every file with the manifest first; False only where that was just done.

    Raises:
      NotFoundError: there is no such folder.
      InvalidInputError: it is not a model of ours, or not the one that was written.
    """
    if verify:
        manifest.verify_manifest(path)
    manifest.require_folder(path)
    metadata = manifest.read_metadata(path)
    documents = {
        file.stem: manifest.read_json(file)
        for file in sorted(path.glob("*.json"))
        if file.stem not in RESERVED
    }
    arrays = {file.stem: _read_arrays(file) for file in sorted(path.glob("*.safetensors"))}
    return ModelContents(metadata, documents, arrays, _read_text(path / README))


def _encode_arrays(stem: str, arrays: Mapping[str, np.ndarray]) -> bytes:
    if len(arrays) > MAX_TENSORS:
        raise ValueError(f"{stem} has {len(arrays)} arrays, more than {MAX_TENSORS}")
    # Sorted, and without safetensors' own metadata, whose order changes from run to run.
    # order="C" and not ascontiguousarray, which turns a scalar into a vector.
    plain = {name: np.asarray(arrays[name], order="C") for name in sorted(arrays)}
    bad = [name for name, array in plain.items() if array.dtype.kind not in "biuf"]
    if bad:
        raise ValueError(f"{stem}: not an array of numbers: {bad}")
    infinite = [name for name, array in plain.items() if not np.isfinite(array).all()]
    if infinite:
        # `read_model` refuses them, so such a model could never be loaded.
        raise LvmhError(
            f"array {quote(infinite[0])} of {stem} is not finite",
            expected="finite numbers in every array of a model",
            fix="train with a lower learning rate",
        )
    return safetensors.numpy.save(plain)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            names = list(file.keys())
            if len(names) > MAX_TENSORS:
                raise InvalidInputError(
                    f"holds {len(names)} arrays", where=str(path), expected=f"at most {MAX_TENSORS}"
                )
            arrays = {name: file.get_tensor(name) for name in names}
    # Of an element type that numpy lacks the library tells whatever numpy said.
    except (safetensors.SafetensorError, OSError, AttributeError, TypeError, ValueError):
        raise InvalidInputError(
            "is not a safetensors file", where=str(path), fix=manifest.REPAIR
        ) from None
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
            raise InvalidInputError(
                f"array {quote(name)} holds what is no finite number",
                where=str(path),
                fix=manifest.REPAIR,
            )
    return arrays


def _read_text(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with manifest.as_unreadable(path):
            return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError("is not UTF-8", where=str(path), fix=manifest.REPAIR) from None
