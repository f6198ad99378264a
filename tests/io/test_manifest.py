"""A folder is read only when it holds exactly what was written."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError
from lvmh_jax.io import manifest


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "concept_model_base_20261122_164507"
    (folder / "checkpoints" / "3" / "d").mkdir(parents=True)
    (folder / "checkpoints" / "3" / "d" / "4fe1").write_bytes(b"\x00\x01\x02")
    (folder / "weights.safetensors").write_bytes(bytes(range(40)))
    (folder / "README.md").write_text("# Modèle\n", encoding="utf-8")
    metadata = {"model_type": "concept_detector", "schema_version": 1, "size": "base"}
    manifest.write_json(folder / "metadata.json", metadata)
    manifest.write_manifest(folder)
    return folder


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / "manifest.json"
    manifest.write_json(path, {**json.loads(path.read_text()), **changes})


def test_whole_folder_is_accepted(model: Path) -> None:
    manifest.verify_manifest(model)
    listed = manifest.read_entries(model / "manifest.json")
    assert list(listed) == [
        "README.md",
        "checkpoints/3/d/4fe1",
        "metadata.json",
        "weights.safetensors",
    ]
    assert manifest.read_metadata(model)["size"] == "base"


def test_manifest_is_last_and_leaves_no_temporary_file(model: Path) -> None:
    manifest.write_manifest(model)
    names = {path.name for path in model.iterdir()}
    assert names == {
        "README.md",
        "checkpoints",
        "manifest.json",
        "metadata.json",
        "weights.safetensors",
    }
    manifest.verify_manifest(model)


def test_leftover_of_a_crash_is_replaced(model: Path) -> None:
    (model / ".manifest.json.tmp").write_bytes(b"{")
    manifest.write_manifest(model)
    manifest.verify_manifest(model)


def test_every_flipped_bit_is_refused(model: Path) -> None:
    # Every byte of every file, one bit of each, the manifest included.
    draw = random.Random(0)
    files = [path for path in model.rglob("*") if path.is_file()]
    assert len(files) == 5
    flips = 0
    for path in files:
        whole = path.read_bytes()
        for place in range(len(whole)):
            broken = bytearray(whole)
            broken[place] ^= 1 << draw.randrange(8)
            path.write_bytes(bytes(broken))
            with pytest.raises(
                InvalidInputError, match=r"manifest|changed|JSON|missing|size|extension"
            ):
                manifest.verify_manifest(model)
            flips += 1
        path.write_bytes(whole)
    assert flips > 500
    manifest.verify_manifest(model)


def test_every_truncated_file_is_refused(model: Path) -> None:
    for path in [each for each in model.rglob("*") if each.is_file()]:
        whole = path.read_bytes()
        for part in (b"", whole[:-1], whole + b" x"):
            path.write_bytes(part)
            with pytest.raises(InvalidInputError, match=r"another size|JSON|the bytes are not as"):
                manifest.verify_manifest(model)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "name", ["README.md", "metadata.json", "manifest.json", "checkpoints/3/d/4fe1"]
)
def test_missing_file_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(InvalidInputError, match=rf"{name}'? is missing"):
        manifest.verify_manifest(model)


def test_added_file_is_named(model: Path) -> None:
    (model / "extra.json").write_text("{}")
    with pytest.raises(InvalidInputError, match=r"'extra\.json' is not in the manifest"):
        manifest.verify_manifest(model)


@pytest.mark.parametrize("name", ["weights.pkl", "run.py", "noext", ".hidden", "checkpoints"])
def test_unknown_extension_is_refused_even_when_listed(tmp_path: Path, name: str) -> None:
    for required in ("metadata.json", name):
        (tmp_path / required).write_text("{}")
    manifest.write_json(
        tmp_path / "manifest.json", manifest.make_manifest(tmp_path, any_suffix=True)
    )
    with pytest.raises(InvalidInputError, match="extension that is never loaded"):
        manifest.verify_manifest(tmp_path)
    with pytest.raises(InvalidInputError, match="extension that is never loaded"):
        manifest.write_manifest(tmp_path)


def test_links_and_special_files_are_refused(model: Path, tmp_path: Path) -> None:
    readme = model / "README.md"
    elsewhere = tmp_path / "elsewhere.md"
    readme.rename(elsewhere)
    readme.symlink_to(elsewhere)
    with pytest.raises(InvalidInputError, match=r"'README\.md' is a symbolic link"):
        manifest.verify_manifest(model)
    readme.unlink()
    os.mkfifo(readme)
    with pytest.raises(InvalidInputError, match=r"'README\.md' is not a regular file"):
        manifest.verify_manifest(model)


def test_linked_folder_is_refused(model: Path, tmp_path: Path) -> None:
    (model / "checkpoints").rename(tmp_path / "checkpoints")
    (model / "checkpoints").symlink_to(tmp_path / "checkpoints")
    with pytest.raises(InvalidInputError, match="'checkpoints' is a symbolic link"):
        manifest.verify_manifest(model)


@pytest.mark.parametrize(
    "name",
    [
        "../a.json",
        "/etc/a.json",
        "a/../b.json",
        "./a",
        "a//b",
        "..",
        "",
        "C:a",
        "..\\a",
        "\\\\h\\a",
    ],
)
def test_paths_that_lead_out_are_refused(model: Path, name: str) -> None:
    change_manifest(model, files={name: {"sha256": "0" * 64, "size": 1}})
    with pytest.raises(InvalidInputError, match="not a plain relative path"):
        manifest.verify_manifest(model)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"files": []}, "'files' is not an object"),
        ({"files": {"a.json": "0"}}, "the entry of 'a.json'"),
        ({"files": {"a.json": {"sha256": "0", "size": True}}}, "wrong type"),
        ({"files": {"a.json": {"sha256": "0", "size": 1, "more": 1}}}, "the entry of"),
        ({"schema_version": 2}, "has schema_version 2; expected 1"),
        ({"schema_version": True}, "has schema_version True"),
        ({"more": 1}, "the keys are not"),
    ],
)
def test_broken_manifest_is_refused(model: Path, changes: dict, message: str) -> None:
    change_manifest(model, **changes)
    with pytest.raises(InvalidInputError, match=message):
        manifest.verify_manifest(model)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff{}", b"[" * 100_000, b'{"files": NaN}', b"null", b"[]"]
)
def test_manifest_that_is_no_json_is_refused(model: Path, data: bytes) -> None:
    (model / "manifest.json").write_bytes(data)
    with pytest.raises(InvalidInputError, match=r"not valid JSON|the manifest is broken"):
        manifest.verify_manifest(model)


def test_names_cannot_break_the_line(model: Path) -> None:
    change_manifest(model, files={"../\nsecond\x1b[31m" + "x" * 500: {}})
    with pytest.raises(InvalidInputError, match="not a plain relative path") as caught:
        manifest.verify_manifest(model)
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_absent_folder_has_the_nearest_names(model: Path) -> None:
    with pytest.raises(NotFoundError, match=rf"did you mean '{model.name}'"):
        manifest.verify_manifest(model.with_name("concept_model_base_20261122_164508"))
    with pytest.raises(NotFoundError, match="there is none in"):
        manifest.verify_manifest(model / "nothing" / "here")


def test_foreign_folder_and_file_are_refused(model: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    with pytest.raises(InvalidInputError, match=r"not a model folder of lvmh-jax: metadata\.json"):
        manifest.verify_manifest(foreign)
    with pytest.raises(InvalidInputError, match="is a file; expected a model folder"):
        manifest.verify_manifest(model / "README.md")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "classifier"}, "not of a model of lvmh-jax"),
        ({"schema_version": 99}, "has schema_version 99"),
    ],
)
def test_metadata_of_another_kind_is_refused(model: Path, change: dict, message: str) -> None:
    metadata = {**manifest.read_metadata(model), **change}
    manifest.write_json(model / "metadata.json", metadata)
    with pytest.raises(InvalidInputError, match=message):
        manifest.read_metadata(model)


def test_json_is_readable_and_never_holds_nan(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    manifest.write_json(path, {"label": "Été", "b": 1, "a": 2})
    assert path.read_text(encoding="utf-8") == '{\n "label": "Été",\n "b": 1,\n "a": 2\n}\n'
    before = path.read_bytes()
    for value in (float("nan"), float("inf"), {1, 2}):
        with pytest.raises(LvmhError, match=r"a\.json: cannot be written as JSON"):
            manifest.write_json(path, {"loss": value})
    assert path.read_bytes() == before
    with pytest.raises(InvalidInputError, match="is too large"):
        manifest.read_json(path, limit_bytes=4)


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    manifest.write_json(path, 1)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        manifest.write_json(path, 2)
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert manifest.read_json(path) == 1
