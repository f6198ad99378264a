"""Frequencies kept between runs are those of the lists, and a bad cache is done without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lvmh_jax.data import frequency
from lvmh_jax.data.frequency import fold_lists, read_frequencies
from lvmh_jax.io import frequencies
from lvmh_jax.io.frequencies import keep_frequencies
from lvmh_jax.io.runtime import CACHE_SWITCH
from lvmh_jax.pipeline import loading

FEW = {"the": 127, "ete": 380, "的": 140}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of its own, of a process that knows no words yet, and of short lists."""
    monkeypatch.setenv(CACHE_SWITCH, str(tmp_path / "cache"))
    monkeypatch.setattr(frequency, "_ways", [])
    monkeypatch.setattr(frequencies, "fold_lists", lambda: dict(FEW))
    read_frequencies.cache_clear()
    yield tmp_path / "cache"
    read_frequencies.cache_clear()


def read_anew() -> dict[str, int]:
    read_frequencies.cache_clear()
    keep_frequencies()
    return read_frequencies()


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*")) if folder.is_dir() else []


def test_what_was_kept_is_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_anew() == FEW
    monkeypatch.setattr(frequencies, "fold_lists", lambda: pytest.fail("made anew"))
    assert read_anew() == FEW


def test_nothing_is_read_before_a_word_is_asked_for(folder: Path) -> None:
    keep_frequencies()
    assert not kept(folder)


def test_a_model_that_is_loaded_reads_what_is_kept(folder: Path, monkeypatch) -> None:
    monkeypatch.setattr(loading, "unpack_model", lambda contents, where: None)
    monkeypatch.setattr(loading, "list_warnings", lambda contents: [])
    loading.unpack(None, Path("model"), pytest.fail)
    assert read_frequencies() == FEW
    assert len(kept(folder)) == 1


def test_all_words_survive(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frequencies, "fold_lists", fold_lists)
    assert read_anew() == read_anew() == fold_lists()


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-30], bytes.upper])
def test_a_broken_file_is_made_anew(folder: Path, damage) -> None:
    read_anew()
    (file,) = kept(folder)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert read_anew() == FEW
    assert file.read_bytes() == whole


def test_another_version_of_the_lists_is_another_file(folder: Path, monkeypatch) -> None:
    read_anew()
    monkeypatch.setattr(frequencies, "version", lambda name: "0.0")
    read_anew()
    assert len(kept(folder)) == 2


def test_nothing_is_kept_where_the_cache_is_off(folder: Path, monkeypatch) -> None:
    monkeypatch.setenv(CACHE_SWITCH, "off")
    assert read_anew() == FEW
    assert not kept(folder)


def test_a_folder_that_cannot_be_written_is_done_without(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert read_anew() == FEW
