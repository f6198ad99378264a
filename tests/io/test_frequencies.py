"""Frequencies kept between runs are those of the lists, and a bad cache is done without."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvmh_jax.data import frequency
from lvmh_jax.data.frequency import fold_lists, read_frequencies
from lvmh_jax.io import frequencies
from lvmh_jax.io.frequencies import recall_frequencies
from lvmh_jax.io.runtime import CACHE_SWITCH

FEW = {"the": 127, "ete": 380, "的": 140}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, of a process that knows no words yet, and of short lists."""
    monkeypatch.setenv(CACHE_SWITCH, str(tmp_path / "cache"))
    monkeypatch.setattr(frequency, "_known", {})
    monkeypatch.setattr(frequencies, "fold_lists", lambda: dict(FEW))
    return tmp_path / "cache"


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*")) if folder.is_dir() else []


def test_what_was_kept_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recall_frequencies()
    monkeypatch.setattr(frequency, "_known", {})
    monkeypatch.setattr(frequencies, "fold_lists", lambda: pytest.fail("made anew"))
    recall_frequencies()
    assert read_frequencies() == FEW


def test_all_words_survive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequencies, "fold_lists", fold_lists)
    recall_frequencies()
    monkeypatch.setattr(frequency, "_known", {})
    recall_frequencies(keep=False)
    assert read_frequencies() == fold_lists()


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-30], bytes.upper])
def test_a_broken_file_is_made_anew(folder: Path, damage, monkeypatch) -> None:
    recall_frequencies()
    (file,) = kept(folder)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    monkeypatch.setattr(frequency, "_known", {})
    recall_frequencies(keep=False)
    assert not frequency._known
    recall_frequencies()
    assert file.read_bytes() == whole
    assert read_frequencies() == FEW


def test_another_version_of_the_lists_is_another_file(folder, monkeypatch) -> None:
    recall_frequencies()
    monkeypatch.setattr(frequencies, "version", lambda name: "0.0")
    recall_frequencies()
    assert len(kept(folder)) == 2


def test_nothing_is_kept_where_the_cache_is_off(folder: Path, monkeypatch) -> None:
    monkeypatch.setenv(CACHE_SWITCH, "off")
    recall_frequencies()
    assert not kept(folder)
    assert not frequency._known


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    recall_frequencies()
    assert read_frequencies() == FEW
