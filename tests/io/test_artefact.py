"""What is written is what is read, in the same bytes every time, or nothing is read at all."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError
from lvmh_jax.io import manifest
from lvmh_jax.io.artefact import ModelContents, finish_model, read_model, write_model

METADATA = {"model_type": "concept_detector", "schema_version": 1, "size": "base", "b": 1, "a": 2}


def make_contents() -> ModelContents:
    draw = np.random.default_rng(0)
    grid = draw.normal(size=(6, 4)).astype(np.float32)
    return ModelContents(
        metadata=dict(METADATA),
        documents={"concept_mapping": {"concepts": ["C1"], "labels": ["Été 夏"]}, "settings": [1]},
        arrays={
            "weights": {"table": grid, "turned": grid.T, "scalar": np.float32(3).reshape(())},
            "index": {"rows": np.arange(5, dtype=np.int32), "none": np.zeros((0, 4), np.float32)},
        },
        readme="# Model\n",
    )


@pytest.fixture
def model(tmp_path: Path) -> Path:
    write_model(tmp_path / "model", make_contents())
    return tmp_path / "model"


def test_contents_come_back(model: Path) -> None:
    expected, found = make_contents(), read_model(model)
    assert found.metadata.pop("pii_report")["hits"] == {}
    assert found.metadata == expected.metadata
    assert list(found.metadata) == list(expected.metadata)
    assert found.documents == expected.documents
    assert found.readme == expected.readme
    assert found.arrays.keys() == expected.arrays.keys()
    for stem, group in expected.arrays.items():
        assert found.arrays[stem].keys() == group.keys()
        for name, value in group.items():
            np.testing.assert_array_equal(found.arrays[stem][name], value, strict=True)


def test_folder_holds_safe_files_only(model: Path) -> None:
    assert {path.name for path in model.iterdir()} == {
        "README.md",
        "concept_mapping.json",
        "index.safetensors",
        "manifest.json",
        "metadata.json",
        "settings.json",
        "weights.safetensors",
    }


def test_bytes_do_not_depend_on_the_order_of_arrays(model: Path, tmp_path: Path) -> None:
    contents = make_contents()
    weights = dict(reversed(contents.arrays["weights"].items()))
    contents.arrays["weights"] = weights
    write_model(tmp_path / "again", contents)
    for path in model.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


@given(
    value=arrays.arrays(
        st.sampled_from([np.float32, np.int32, np.uint8, np.int64, np.float64]),
        arrays.array_shapes(min_dims=0, max_dims=3, max_side=4, min_side=0),
        elements={"allow_nan": False, "allow_infinity": False},
    )
)
def test_any_array_survives_bit_for_bit(
    value: np.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("model")
    write_model(folder, ModelContents(METADATA, arrays={"a": {"x": value, "flip": value.T}}))
    found = read_model(folder).arrays["a"]
    for name, expected in (("x", value), ("flip", value.T)):
        assert found[name].dtype == expected.dtype
        assert found[name].shape == expected.shape
        assert found[name].tobytes() == expected.tobytes()


def test_flipped_bits_are_refused_in_every_file(model: Path) -> None:
    draw = random.Random(1)
    for path in model.iterdir():
        whole = path.read_bytes()
        for place in draw.sample(range(len(whole)), min(12, len(whole))):
            broken = bytearray(whole)
            broken[place] ^= 1 << draw.randrange(8)
            path.write_bytes(bytes(broken))
            with pytest.raises(InvalidInputError, match=r"manifest|changed|JSON|missing|extension"):
                read_model(model)
        path.write_bytes(whole)
    read_model(model)


def test_foreign_or_newer_metadata_is_refused(tmp_path: Path) -> None:
    for change, message in (
        ({"model_type": "other"}, "not of a model of lvmh-jax"),
        ({"schema_version": 2}, "schema_version 2; expected 1"),
    ):
        folder = tmp_path / next(iter(change))
        write_model(folder, ModelContents({**METADATA, **change}))
        with pytest.raises(InvalidInputError, match=message):
            read_model(folder)


def test_too_many_tensors_are_refused(tmp_path: Path) -> None:
    many = {f"t{i}": np.zeros(1, np.float32) for i in range(257)}
    with pytest.raises(ValueError, match="more than 256"):
        write_model(tmp_path / "ours", ModelContents(METADATA, arrays={"a": many}))
    folder = tmp_path / "foreign"
    write_model(folder, ModelContents(METADATA))
    safetensors.numpy.save_file(many, folder / "a.safetensors")
    manifest.write_manifest(folder)
    with pytest.raises(InvalidInputError, match="holds 257 arrays; expected at most 256"):
        read_model(folder)


def test_file_that_is_no_safetensors_is_refused(model: Path) -> None:
    (model / "weights.safetensors").write_bytes(b"\x80\x04pickle")
    manifest.write_manifest(model)
    with pytest.raises(InvalidInputError, match="is not a safetensors file"):
        read_model(model)


def test_readme_that_is_no_text_is_refused(model: Path) -> None:
    (model / "README.md").write_bytes(b"\xff\xfe\xff")
    manifest.write_manifest(model)
    with pytest.raises(InvalidInputError, match=r"README\.md: is not UTF-8"):
        read_model(model)


def test_objects_are_never_written(tmp_path: Path) -> None:
    texts = {"a": {"x": np.array(["a", None], dtype=object)}}
    with pytest.raises(ValueError, match="not an array of numbers"):
        write_model(tmp_path, ModelContents(METADATA, arrays=texts))


@pytest.mark.parametrize("stem", ["metadata", "manifest", "../a", "a/b", "", "A.b"])
def test_stems_are_plain(tmp_path: Path, stem: str) -> None:
    with pytest.raises(ValueError, match="not a stem"):
        write_model(tmp_path, ModelContents(METADATA, documents={stem: {}}))


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_what_reading_would_refuse_is_not_written(tmp_path: Path, number: float) -> None:
    weights = {"table": np.array([1.0, number], np.float32)}
    with pytest.raises(LvmhError, match="array 'table' of weights is not finite"):
        write_model(tmp_path / "model", ModelContents(METADATA, arrays={"weights": weights}))


def test_nan_is_refused_with_the_name_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(LvmhError, match=r"metadata\.json: cannot be written as JSON"):
        write_model(tmp_path, ModelContents({**METADATA, "best_loss": float("nan")}))


def test_half_a_model_is_no_model(tmp_path: Path) -> None:
    # A crash before the manifest: whatever else is there, it is not read.
    write_model(tmp_path, make_contents())
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(InvalidInputError, match=r"manifest\.json is missing"):
        read_model(tmp_path)


def test_finish_renames_once(tmp_path: Path) -> None:
    part, final = tmp_path / ".m.part", tmp_path / "m"
    (part / "checkpoints").mkdir(parents=True)
    (part / "checkpoints" / "1").write_bytes(b"state")
    write_model(part, make_contents())
    finish_model(part, final)
    assert not part.exists()
    assert "checkpoints/1" in json.loads((final / "manifest.json").read_text())["files"]
    read_model(final)
    write_model(part, make_contents())
    with pytest.raises(FileExistsError, match="a model of that name already"):
        finish_model(part, final)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileExistsError, match="a model of that name already"):
        finish_model(part, tmp_path / "empty")
    read_model(part)


def test_verify_can_be_left_out_but_the_folder_must_be_there(model: Path) -> None:
    (model / "README.md").write_text("changed")
    assert read_model(model, verify=False).readme == "changed"
    with pytest.raises(NotFoundError, match="no such model folder"):
        read_model(model.with_name("absent"), verify=False)
