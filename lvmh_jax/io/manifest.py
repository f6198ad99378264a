"""Durable files, and the manifest that proves what a model folder holds before it is read.

Neither safetensors nor Orbax carries a checksum of the numbers: a flipped bit loads as a different
weight. So every file is synced and listed with its size and sha256, and the list is written last:
a folder without a sound manifest is no model.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from lvmh_jax.config import SCHEMA_VERSION
from lvmh_jax.data.documents import dump_json
from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError, nearest_name

MANIFEST = "manifest.json"
METADATA = "metadata.json"
MODEL_TYPE = "concept_detector"
CHECKPOINTS = "checkpoints"  # Orbax names its own files: any extension is allowed below it
SUFFIXES = frozenset(
    {
        ".json",
        ".md",
        ".safetensors",
        ".npz",
        ".html",
        ".svg",
        ".png",
        ".jsonl",
        ".csv",
        ".tfevents",
    }
)
SMALL_BYTES = 16 * 2**20  # manifest and metadata: thousands of times what we write
LARGE_BYTES = 512 * 2**20  # other documents: a million aliases fit
REPAIR = "copy the folder again from its source, or train again"

Entries = dict[str, dict[str, Any]]


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder survive a power loss; Windows cannot, and needs no call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a file that is there whole or not at all, and still there after a power loss."""
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def write_json(path: Path, value: object) -> None:
    """Writes JSON as people can read it.

    Raises:
      LvmhError: a number is not finite, or a value is not of JSON: NaN would break other readers.
    """
    try:
        data = _encode(value)
    except (TypeError, ValueError) as error:
        raise LvmhError(
            f"cannot be written as JSON ({type(error).__name__})",
            where=str(path),
            expected="finite numbers, texts, lists and objects",
        ) from error
    write_bytes(path, data)


def read_json(path: Path, *, limit_bytes: int = LARGE_BYTES) -> Any:
    """Reads a JSON file of at most `limit_bytes`.

    Raises:
      InvalidInputError: it cannot be read, is too large, not UTF-8, not JSON, nested too deep, or
        holds NaN or a key twice.
    """
    with as_unreadable(path), path.open("rb") as stream:
        data = stream.read(limit_bytes + 1)
    if len(data) > limit_bytes:
        raise InvalidInputError(
            "is too large", where=str(path), expected=f"at most {limit_bytes:,} bytes"
        )
    try:
        return json.loads(
            data.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys
        )
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise InvalidInputError("is not valid JSON", where=place, fix=REPAIR) from None
    except (ValueError, RecursionError) as error:
        reason = f"is not valid JSON ({type(error).__name__})"
        raise InvalidInputError(reason, where=str(path), fix=REPAIR) from None


@contextmanager
def as_unreadable(path: Path) -> Iterator[None]:
    """Turns what the system says of a file that is there into an error of the input."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InvalidInputError(
            f"cannot be read ({reason})", where=str(path), expected="a file"
        ) from None


def read_metadata(folder: Path) -> dict[str, Any]:
    """Reads `metadata.json` of a model folder.

    Raises:
      InvalidInputError: it is missing, broken, of another kind of model or of another schema.
    """
    path = folder / METADATA
    if not path.is_file():
        raise _not_a_model(folder, METADATA)
    metadata = read_json(path, limit_bytes=SMALL_BYTES)
    if not isinstance(metadata, dict) or metadata.get("model_type") != MODEL_TYPE:
        raise InvalidInputError(
            "is not of a model of lvmh-jax", where=str(path), expected=f"model_type {MODEL_TYPE!r}"
        )
    check_schema(metadata.get("schema_version"), path)
    return metadata


def check_schema(version: object, path: Path) -> None:
    """Raises InvalidInputError when a file was written to another schema than ours."""
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InvalidInputError(
            f"has schema_version {_show(version)}",
            where=str(path),
            expected=f"{SCHEMA_VERSION}",
            fix="use the version of lvmh-jax that wrote it, or train again",
        )


def write_manifest(folder: Path) -> None:
    """Lists every file of a folder with size and sha256, after syncing each; call it last."""
    write_json(folder / MANIFEST, make_manifest(folder))


def make_manifest(folder: Path, *, any_suffix: bool = False) -> dict[str, Any]:
    """The manifest of a folder as it is now; every file and folder in it is synced.

    Args:
      folder: the folder.
      any_suffix: True where every extension is allowed, as below `checkpoints/`.

    Raises:
      InvalidInputError: the folder holds a link, a special file or an extension we never load.
    """
    (folder / f".{MANIFEST}.tmp").unlink(missing_ok=True)
    names = list(_walk(folder))
    entries: Entries = {}
    for name in names:
        if not any_suffix:
            _check_suffix(folder, name)
        entries[name] = _describe(folder / name, sync=True)
    for parent in sorted({(folder / name).parent for name in names}, reverse=True):
        sync_folder(parent)
    return {"schema_version": SCHEMA_VERSION, "files": entries}


def verify_manifest(folder: Path, *, digests: bool = True) -> None:
    """Proves that a model folder holds exactly the files it was written with.

    Args:
      folder: the folder.
      digests: False compares names and sizes alone, which reads no file but the manifest.

    Raises:
      NotFoundError: there is no such folder.
      InvalidInputError: anything is missing, added, changed, or not a plain file; names the file.
    """
    require_folder(folder)
    for name in (METADATA, MANIFEST):
        with as_unreadable(folder):
            if not (folder / name).is_file() or (folder / name).is_symlink():
                raise _not_a_model(folder, name)
    check_files(folder, read_entries(folder / MANIFEST), digests=digests)


def holds_metadata(folder: Path) -> bool:
    """Whether a folder looks like a model; it may be broken all the same."""
    return (folder / METADATA).is_file()


def require_folder(folder: Path, is_alike: Callable[[Path], bool] = holds_metadata) -> None:
    """Refuses a folder that is not there.

    Args:
      folder: of a model, or of a run that is to be one.
      is_alike: which folders beside it may have been meant.

    Raises:
      NotFoundError: nothing is there; names the nearest that could be meant.
      InvalidInputError: it is a file.
    """
    # os.path, for a folder in one that may not be searched is none, where Path raises.
    if os.path.isdir(folder):
        return
    if os.path.exists(folder):
        raise InvalidInputError("is a file", where=str(folder), expected="a model folder")
    try:
        names = [path.name for path in folder.parent.iterdir() if is_alike(path)]
    except OSError:
        names = []
    near = difflib.get_close_matches(folder.name, names, n=5, cutoff=0.0)
    hint = nearest_name(folder.name, near) if near else f"there is none in {folder.parent}"
    raise NotFoundError("no such model folder", where=str(folder), fix=hint)


def read_entries(path: Path) -> Entries:
    """Reads and checks the entries of a manifest file.

    Raises:
      InvalidInputError: the manifest is broken, or names a file that it may not.
    """
    manifest = read_json(path, limit_bytes=SMALL_BYTES)
    if not isinstance(manifest, dict) or set(manifest) != {"schema_version", "files"}:
        raise _broken(path, "the keys are not 'schema_version' and 'files'")
    check_schema(manifest["schema_version"], path)
    if not isinstance(manifest["files"], dict):
        raise _broken(path, "'files' is not an object")
    # No sha256 covers this file itself: a lost byte that JSON forgives is refused here.
    if path.read_bytes() != _encode(manifest):
        raise _broken(path, "the bytes are not as they were written")
    for name, entry in manifest["files"].items():
        if "\\" in name or ":" in name or name in ("", "."):
            raise _broken(path, f"{_show(name)} is not a plain relative path")
        pure = PurePosixPath(name)
        if pure.is_absolute() or ".." in pure.parts or str(pure) != name:
            raise _broken(path, f"{_show(name)} is not a plain relative path")
        if not isinstance(entry, dict) or set(entry) != {"sha256", "size"}:
            raise _broken(path, f"the entry of {_show(name)} is not 'sha256' and 'size'")
        if type(entry["size"]) is not int or not isinstance(entry["sha256"], str):
            raise _broken(path, f"the entry of {_show(name)} has a wrong type")
    return manifest["files"]


def check_files(
    folder: Path,
    entries: Mapping[str, Mapping[str, Any]],
    *,
    any_suffix: bool = False,
    digests: bool = True,
) -> None:
    """Compares the files of a folder with the entries of its manifest.

    Args:
      folder: the folder that the names are relative to.
      entries: name to size and sha256.
      any_suffix: True where every extension is allowed, as below `checkpoints/`.
      digests: False leaves the sha256 out.

    Raises:
      InvalidInputError: they differ; names the first file that does.
    """
    found = set(_walk(folder))
    for name in sorted(found | set(entries)):
        if not any_suffix:
            _check_suffix(folder, name)
        if name not in entries:
            fix = f"delete that file if you added it, else {REPAIR}"
            raise _refused(folder, name, "is not in the manifest", fix=fix)
        if name not in found:
            raise _refused(folder, name, "is missing")
        # The size first: a file that grew to gigabytes is refused without being read.
        if (folder / name).lstat().st_size != entries[name]["size"]:
            raise _refused(folder, name, "has another size than when it was written")
        if digests:
            with as_unreadable(folder / name):
                found_now = _describe(folder / name)
            if found_now["sha256"] != entries[name]["sha256"]:
                raise _refused(folder, name, "has changed since it was written (sha256 differs)")


def _walk(folder: Path, prefix: str = "") -> Iterator[str]:
    """Names of all files but the manifest itself, as relative POSIX paths; refuses links."""
    with as_unreadable(folder / prefix), os.scandir(folder / prefix) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    for entry in entries:
        name = prefix + entry.name
        if entry.is_symlink():
            raise _refused(folder, name, "is a symbolic link", fix="a model holds plain files only")
        if entry.is_dir(follow_symlinks=False):
            if not prefix and name != CHECKPOINTS and not os.listdir(entry.path):
                raise _refused(folder, name, "is an empty folder")  # no file of it is listed
            yield from _walk(folder, name + "/")
        elif not entry.is_file(follow_symlinks=False):
            raise _refused(folder, name, "is not a regular file")
        elif name != MANIFEST:
            yield name


def _describe(path: Path, *, sync: bool = False) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if sync and os.name != "nt":
            os.fsync(stream.fileno())
        return {"sha256": digest, "size": stream.tell()}


def _check_suffix(folder: Path, name: str) -> None:
    pure = PurePosixPath(name)
    if pure.suffix not in SUFFIXES and not name.startswith(CHECKPOINTS + "/"):
        fix = f"a model holds {' '.join(sorted(SUFFIXES))} only"
        raise _refused(folder, name, "has an extension that is never loaded", fix=fix)


def _encode(value: object) -> bytes:
    return dump_json(value, allow_nan=False).encode()


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keyed = dict(pairs)
    if len(keyed) < len(pairs):
        raise ValueError("a key twice")
    return keyed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _not_a_model(folder: Path, missing: str) -> InvalidInputError:
    return InvalidInputError(
        f"not a model folder of lvmh-jax: {missing} is missing", where=str(folder), fix=REPAIR
    )


def _refused(folder: Path, name: str, what: str, *, fix: str = REPAIR) -> InvalidInputError:
    return InvalidInputError(f"{_show(name)} {what}", where=str(folder), fix=fix)


def _broken(path: Path, reason: str) -> InvalidInputError:
    return InvalidInputError(f"the manifest is broken: {reason}", where=str(path), fix=REPAIR)


def _show(value: object) -> str:
    """A value from a file, quoted and cut, so that it cannot break the line or flood it."""
    text = repr(value)
    return text if len(text) <= 120 else text[:117] + "..."
