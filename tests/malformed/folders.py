"""Model folders that are wrong: changed after they were written, or written so with a manifest.

A fault is a function that changes a sound folder. Of a `SIGNED` one the manifest is written anew
afterwards, as somebody would who wants the folder to be taken: only what the files say can tell.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from tests.malformed.damage import DEEP, MILLION, damage
from tests.malformed.outcomes import REFUSED, WORKS, Outcomes, outcomes

Fault = Callable[[Path], object]
FILES = ("metadata.json", "manifest.json", "lexicon.json", "weights.safetensors", "README.md")
WEIGHTS = "weights.safetensors"


def _replace(name: str, content: bytes, folder: Path) -> None:
    (folder / name).write_bytes(content)


def _damage(name: str, label: str, folder: Path) -> None:
    path = folder / name
    path.write_bytes(damage(path.read_bytes())[label])


def _link(name: str, target: str, folder: Path) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target)


def _fifo(name: str, folder: Path) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)


def _into_folder(name: str, folder: Path) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()


def _link_outside(name: str, folder: Path) -> None:
    outside = folder.parent / "outside.bin"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)


def _grow(name: str, folder: Path) -> None:
    os.truncate(folder / name, 8 << 30)  # sparse: it takes no room


def _manifest(change: Callable[[dict[str, Any]], object], folder: Path) -> None:
    """Changes the manifest, in the form in which it is written."""
    document = json.loads((folder / "manifest.json").read_text())
    change(document)
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    (folder / "manifest.json").write_text(text)


def _entry(name: str, **fields: Any) -> Fault:
    given = {"sha256": "0" * 64, "size": 1, **fields}
    return partial(_manifest, lambda document: document["files"].update({name: given}))


TAMPERED: dict[str, Fault] = (
    {f"{name}: {label}": partial(_damage, name, label) for name in FILES for label in damage(b"")}
    | {
        f"{name} {label}": fault
        for name in FILES
        for label, fault in {
            "is missing": lambda folder, name=name: (folder / name).unlink(),
            "is a folder": partial(_into_folder, name),
            "is a pipe": partial(_fifo, name),
            "is a link to nothing": partial(_link, name, "nowhere"),
            "is a link to itself": partial(_link, name, name),
            "is a link to /etc/passwd": partial(_link, name, "/etc/passwd"),
            "is a link to /dev/zero": partial(_link, name, "/dev/zero"),
            "is a link to the same file": partial(_link_outside, name),
            "has 8 GB": partial(_grow, name),
        }.items()
    }
    | {
        "a pickle beside": partial(_replace, "model.pkl", pickle.dumps({"a": 1})),
        "numpy's pickle beside": partial(_replace, "extra.npy", pickle.dumps({"a": 1})),
        "code beside": partial(_replace, "custom.py", b"import os\n"),
        "a hidden file beside": partial(_replace, ".DS_Store", b"\0"),
        "an unlisted document": partial(_replace, "more.json", b"{}"),
        "an unlisted tensor file": partial(_replace, "more.safetensors", b"\2\0\0\0\0\0\0\0{}"),
        "an empty folder": lambda folder: (folder / "more.json").mkdir(),
        "a link to a folder": partial(_link, "checkpoints", "/etc"),
        "a link upwards": partial(_link, "checkpoints", ".."),
        "a pipe beside": partial(_fifo, "more.json"),
        "manifest: a path upwards": _entry("../metadata.json"),
        "manifest: a path through a folder": _entry("a/../../b.json"),
        "manifest: an absolute path": _entry("/etc/passwd"),
        "manifest: a Windows path": _entry("C:\\a.json"),
        "manifest: a dot": _entry("./lexicon.json"),
        "manifest: an empty name": _entry(""),
        "manifest: a name with a line end": _entry("a\nb.json"),
        "manifest: a name of a million letters": _entry("a" * MILLION + ".json"),
        "manifest: size is text": _entry("lexicon.json", size="1"),
        "manifest: size is negative": _entry("lexicon.json", size=-1),
        "manifest: digest is a number": _entry("lexicon.json", sha256=7),
        "manifest: a further key": _entry("lexicon.json", mode=0o777),
        "manifest: files is a list": partial(_manifest, lambda d: d.update(files=[])),
        "manifest: no file": partial(_manifest, lambda d: d.update(files={})),
        "manifest: another schema": partial(_manifest, lambda d: d.update(schema_version=99)),
        "manifest: schema is true": partial(_manifest, lambda d: d.update(schema_version=True)),
        "manifest: NaN": lambda folder: _replace(
            "manifest.json", b'{"schema_version": NaN}', folder
        ),
    }
)


def tensor_file(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """A safetensors file whose header says what it should not."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def _one(**fields: Any) -> bytes:
    given = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **fields}
    return tensor_file({"a": given}, bytes(8))


def _pair(first: Sequence[int], second: Sequence[int], size: int) -> bytes:
    def entry(offsets: Sequence[int]) -> dict[str, Any]:
        return {"dtype": "U8", "shape": [offsets[1] - offsets[0]], "data_offsets": list(offsets)}

    return tensor_file({"a": entry(first), "b": entry(second)}, bytes(size))


BAD_TENSORS: dict[str, bytes] = {
    "header of 2**63 bytes": tensor_file({}, length=2**63),
    "header longer than the file": tensor_file({}, length=1000),
    "header of 200 MB": tensor_file({}, length=200_000_000),
    "header is no JSON": tensor_file(b"not json"),
    "header is a list": tensor_file([]),
    "header is deep": tensor_file(b"[" * DEEP),
    "header is a pickle": tensor_file(pickle.dumps({"a": 1})),
    "header is no UTF-8": tensor_file(b'{"\xff": 1}'),
    "shorter than its length": b"\0\0\0",
    "tensors overlap": _pair((0, 8), (4, 12), 12),
    "tensors are the same bytes": _pair((0, 8), (0, 8), 8),
    "a hole between tensors": _pair((0, 4), (8, 12), 12),
    "bytes behind the last": _pair((0, 4), (4, 8), 99),
    "offsets backwards": _one(data_offsets=[8, 0]),
    "offsets beyond the end": _one(shape=[2**20], data_offsets=[0, 2**22]),
    "offsets are negative": _one(data_offsets=[-8, 0]),
    "a tensor of 2**62 numbers": _one(shape=[2**31, 2**31]),
    "a shape that overflows": _one(shape=[2**32, 2**32, 2]),
    "a shape of a huge number": _one(shape=[2**80]),
    "a shape of text": _one(shape=["2"]),
    "a shape of NaN": tensor_file(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}'),
    "an unknown type": _one(dtype="PICKLE"),
    "type and bytes differ": _one(dtype="F64"),
    "no offsets": tensor_file({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)),
    "brain floats": _one(dtype="BF16", shape=[4]),
    "eight-bit floats": _one(dtype="F8_E4M3", shape=[8]),
    "257 tensors": safetensors.numpy.save({f"a{n}": np.zeros(1, "f4") for n in range(257)}),
    "other tensors": safetensors.numpy.save({"a": np.zeros(4, "f4")}),
    "no tensor": tensor_file({}),
    "a pickle": pickle.dumps(np.zeros(4)),
    "numpy's own format": b"\x93NUMPY\x01\x00" + bytes(80),
}


def change_tensors(change: Callable[[dict[str, np.ndarray]], object], folder: Path) -> None:
    """Rewrites the weights."""
    arrays = safetensors.numpy.load((folder / WEIGHTS).read_bytes())
    change(arrays)
    (folder / WEIGHTS).write_bytes(safetensors.numpy.save(arrays))


def _fill(value: float) -> Fault:
    return partial(change_tensors, lambda arrays: arrays["table"].fill(value))


def change_json(name: str, keys: Sequence[str | int], value: object, folder: Path) -> None:
    """Puts a value into a document; `DELETED` takes the key out."""
    document = json.loads((folder / name).read_text())
    place = document
    for key in keys[:-1]:
        place = place[key]
    if value is DELETED:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    (folder / name).write_text(json.dumps(document))


DELETED = object()
WRONG: dict[str, object] = {
    "gone": DELETED,
    "null": None,
    "a text": "x",
    "a number": -7,
    "huge": 1e300,
    "a list": [None],
    "an object": {"x": 1},
}
KEYS: dict[str, list[tuple[str | int, ...]]] = {
    "metadata.json": [("model_type",), ("schema_version",), ("configuration",)]
    + [("configuration", name) for name in ("model", "detect")]
    + [("configuration", "model", name) for name in ("width", "buckets")],
    "lexicon.json": [(0,)]
    + [(0, name) for name in ("concept_id", "label", "aliases", "bucket", "languages")]
    + [(0, "aliases", 0)],
    "decision.json": [
        (name,)
        for name in ("scorer", "remembers", "dictionary_precision", "linking", "precision_curve")
    ]
    + [("scorer", name) for name in ("features", "hidden", "calibration", "thresholds")]
    + [("scorer", "thresholds", "add_learned")],
    "held_out.json": [("aliases",), ("notes",), ("folds",)],
}
_SIGNED_FILES: dict[str, Fault] = {
    f"tensors: {label}": partial(_replace, WEIGHTS, content)
    for label, content in BAD_TENSORS.items()
} | {
    "weights are NaN": _fill(float("nan")),
    "weights are infinite": _fill(float("inf")),
    "weights are whole numbers": partial(
        change_tensors, lambda a: a.update(table=a["table"].astype("i4"))
    ),
    "weights are cut": partial(change_tensors, lambda a: a.update(table=a["table"][:-1].copy())),
    "a tensor more": partial(change_tensors, lambda a: a.update(more=a["table"])),
    "a tensor less": partial(change_tensors, lambda a: a.pop("table")),
    **{
        f"{name} is gone": lambda folder, name=name: (folder / name).unlink()
        for name in ("lexicon.json", "decision.json", "held_out.json", WEIGHTS)
    },
    **{
        f"{name} {label}": partial(_replace, name, content)
        for name in ("metadata.json", "lexicon.json", "decision.json")
        for label, content in {
            "is deep": b"[" * DEEP,
            "is a pickle": pickle.dumps({"a": 1}),
            "is UTF-16": "{}".encode("utf-16"),
            "holds NaN": b'{"model_type": NaN}',
            "holds a key twice": b'{"a": 1, "a": 2}',
            "is a list": b"[]",
            "is a number": b"7",
            "is empty": b"",
        }.items()
    },
    "README is no UTF-8": partial(_replace, "README.md", b"\xff\xfe\xff"),
}
_WORKING: dict[str, Fault] = {
    "another document": partial(_replace, "more.json", b'{"a": [1, null, "\\ud800"]}'),
    "README is gone": lambda folder: (folder / "README.md").unlink(),
    "README with escapes": partial(_replace, "README.md", "\x1b[2J\u202e".encode()),
}
SIGNED: Outcomes = outcomes(_SIGNED_FILES, _WORKING)
# What is absent has a default, and some values are right ones.
_HARMLESS = {
    "metadata.json configuration.detect is gone",
    "metadata.json configuration.detect is an object",
    "lexicon.json 0.label is a text",
    "decision.json scorer is null",
    "decision.json remembers is null",
    "decision.json scorer.thresholds.add_learned is gone",
    "held_out.json folds is an object",
}


def _list_values() -> Outcomes:
    found: Outcomes = {}
    for name, paths in KEYS.items():
        for keys in paths:
            for label, value in WRONG.items():
                place = f"{name} {'.'.join(map(str, keys))} is {label}"
                stated = WORKS if place in _HARMLESS else REFUSED
                found[place] = (partial(change_json, name, keys, value), stated)
    assert found.keys() >= _HARMLESS
    return found


# Each key of the documents with each wrong value.
VALUES = _list_values()
