"""What stands in the place of a file and is none: a folder, a pipe, a link, a file of another."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from lvmh_jax.io.tables import read_findings, read_profiles
from lvmh_jax.io.workspace import read_lexicon_file, read_notes_file, read_workspace
from tests.generators import CANDIDATES, GOLD_DEV, LEXICON, LEXICON_TABLE, NOTES
from tests.malformed.outcomes import REFUSED, WORKS
from tests.malformed.test_models import use_model
from tests.malformed.test_tables import read_raw

NOBODY = 65534
FILES = (NOTES, LEXICON, LEXICON_TABLE, CANDIDATES, GOLD_DEV)
OPTIONAL = (CANDIDATES, GOLD_DEV)
READERS: dict[str, Callable[[Path], object]] = {
    "notes.parquet": read_notes_file,
    "notes.csv": read_notes_file,
    "notes.jsonl": read_notes_file,
    "lexicon.json": read_lexicon_file,
    "lexicon.csv": read_lexicon_file,
    "export.csv": read_raw,
    "export.parquet": read_raw,
    "note_concepts.csv": read_findings,
    "note_concepts.parquet": read_findings,
    "client_profiles.csv": read_profiles,
    "concept_model_base_20261122_164507": use_model,
}
PLACES: dict[str, Callable[[Path], object]] = {
    "a folder": Path.mkdir,
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to a folder": lambda path: path.symlink_to(path.parent),
    "a link to /dev/zero": lambda path: path.symlink_to("/dev/zero"),
    "a link to a pipe": lambda path: (os.mkfifo(f"{path}.pipe"), path.symlink_to(f"{path}.pipe")),
}


@pytest.mark.parametrize("label", PLACES)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("most_notes", [None, 3], ids=["all", "a sample"])
def test_no_file_in_a_workspace(
    label: str, name: str, most_notes: int | None, workspace: Path, tried
) -> None:
    if name == LEXICON_TABLE:
        (workspace / LEXICON).unlink()
    (workspace / name).unlink(missing_ok=True)
    PLACES[label](workspace / name)
    # A link that leads nowhere is a file that is not there, which some may be.
    absent = label in ("a link to itself", "a link to nothing") and name in OPTIONAL
    read = partial(read_workspace, workspace, most_notes=most_notes)
    assert tried(read, name) == (WORKS if absent else REFUSED)


@pytest.mark.parametrize("label", PLACES)
@pytest.mark.parametrize("name", READERS)
def test_no_file_to_read(label: str, name: str, tmp_path: Path, tried) -> None:
    (tmp_path / "empty").mkdir()
    PLACES[label](tmp_path / "empty" / name)
    assert tried(partial(READERS[name], tmp_path / "empty" / name), name) == REFUSED


@contextmanager
def unprivileged(path: Path) -> Iterator[None]:
    """Takes the right to read a path from the user, who may be root, to whom modes mean nothing."""
    mode = stat.S_IMODE(path.stat().st_mode)
    path.chmod(0)
    if os.getuid() == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
        path.chmod(mode)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; that of `tmp_path` is its owner's alone."""
    folder = Path(tempfile.mkdtemp(prefix="lvmh-jax-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_may_not_be_read(name: str, sound: Path, open_folder: Path, tried) -> None:
    root = Path(shutil.copytree(sound, open_folder / "workspace"))
    for folder in (root, *root.rglob("*/")):
        folder.chmod(0o755)
    if name == LEXICON_TABLE:
        (root / LEXICON).rename(root / name)
    with unprivileged(root / name):
        assert tried(partial(read_workspace, root), name) == REFUSED


@pytest.mark.parametrize(
    "name", ["metadata.json", "manifest.json", "weights.safetensors", "README.md", ""]
)
def test_a_model_that_may_not_be_read(
    name: str, sound_model: Path, open_folder: Path, tried
) -> None:
    model = Path(shutil.copytree(sound_model, open_folder / sound_model.name))
    model.chmod(0o755)
    with unprivileged(model / name):
        assert tried(partial(use_model, model), model.name) == REFUSED
