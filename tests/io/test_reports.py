"""A report becomes a part of the model, and changes nothing else of what the manifest proves."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError, UsageError
from lvmh_jax.io import reports
from lvmh_jax.io.manifest import MANIFEST, verify_manifest, write_manifest
from lvmh_jax.io.reports import REPORT, add_report
from tests.pipeline.workshop import read_json, read_tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    (made / "metadata.json").write_text("{}\n")
    (made / "weights.safetensors").write_bytes(b"12345678")
    write_manifest(made)
    return made


def test_a_report_is_listed_and_the_rest_is_as_it_was(folder: Path) -> None:
    before = read_json(folder / MANIFEST)["files"]
    for page in ("<p>one</p>", "<p>two, longer: déjà</p>"):
        assert add_report(folder, page) == folder / REPORT
        verify_manifest(folder)
        assert (folder / REPORT).read_text("utf-8") == page
        after = read_json(folder / MANIFEST)["files"]
        assert {name: after[name] for name in before} == before
        assert set(after) == {*before, REPORT}


@pytest.mark.parametrize("had_report", [False, True])
def test_a_file_that_changed_is_told_and_not_blessed(folder: Path, had_report: bool) -> None:
    if had_report:
        add_report(folder, "<p>old</p>")
    (folder / "weights.safetensors").write_bytes(b"1234567x")
    before = read_tree(folder)
    with pytest.raises(InvalidInputError, match=r"'weights\.safetensors' is not as the manifest"):
        add_report(folder, "<p>new</p>")
    assert read_tree(folder) == before


@pytest.mark.parametrize("had_report", [False, True])
def test_a_manifest_that_cannot_be_written_leaves_a_sound_model(
    folder: Path, had_report: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if had_report:
        add_report(folder, "<p>old</p>")
    before = read_tree(folder)

    def fail(path: Path, value: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reports, "write_json", fail)
    with pytest.raises(LvmhError, match="No space left on device"):
        add_report(folder, "<p>new</p>")
    assert read_tree(folder) == before
    verify_manifest(folder)


def test_a_folder_in_the_place_of_the_report_is_refused(folder: Path) -> None:
    (folder / REPORT).mkdir()
    with pytest.raises(UsageError, match="cannot be written"):
        add_report(folder, "<p>new</p>")
