"""What a user sees of a malformed file: exit code 3, one line on stderr, nothing written."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.generators import CANDIDATES, GOLD_DEV, LEXICON, NOTES, write_file
from tests.malformed import tables
from tests.malformed.bombs import make_hollow
from tests.malformed.commands import run_commands
from tests.malformed.damage import DEEP
from tests.malformed.folders import BAD_TENSORS, TAMPERED
from tests.malformed.isolated import ROOT
from tests.malformed.outcomes import MOST_S, REFUSED, base_workspace, check_message
from tests.malformed.test_bombs import MOST_MB

EXPORTS: dict[str, bytes] = {
    "empty.csv": b"",
    "header.csv": b"a,b,c\n1,2,3\n",
    "utf32.csv": tables.EXPORT_CSV.encode("utf-32"),
    "squeezed.csv": gzip.compress(tables.EXPORT_CSV.encode()),
    "quote.csv": tables.EXPORT_CSV.encode() + b'3,"open',
    "latin.csv": tables.EXPORT_CSV.encode() + b"\xe9\n",
    "deep.jsonl": b'{"ID": ' + b"[" * DEEP,
    "twice.jsonl": tables.EXPORT_LINES.encode() + b'{"ID": 1, "Transcription": "x"}\n',
    "cut.parquet": tables.export()[:-9],
    "lists.parquet": tables.export(Transcription=[["a"]] * tables.ROWS),
}
PARTS: dict[str, tuple[str, bytes]] = {
    "lexicon": (LEXICON, b'{"bag": {"aliases": NaN}}'),
    "candidates": (CANDIDATES, b"candidate\nbag\n"),
    "gold": (GOLD_DEV, b"[" * DEEP),
    "notes": (NOTES, b"PAR1"),
}


def list_tree(root: Path) -> dict[str, tuple[int, int]]:
    """Every path below a folder with its size, and a file's time of change.

    That of a folder tells of a lock that came and went.
    """
    stats = [(path, path.lstat()) for path in sorted(root.rglob("*"))]
    return {
        str(path): (each.st_size, 0 if path.is_dir() else each.st_mtime_ns) for path, each in stats
    }


def build_commands(
    root: Path, model: Path, bomb: Path, change: Callable[[Path, str], Path]
) -> dict[str, Any]:
    """Commands by the name that their message has to hold; each has a wrong file of its own."""
    target = ("--workspace", root / "target")
    found: dict[str, Any] = {}
    for name, content in EXPORTS.items():
        found[name] = ("prepare", write_file(root, name, content), *target)
    os.mkfifo(root / "pipe.csv")
    (root / "folder.csv").mkdir()
    make_hollow(root / "hollow.csv", 64 << 30)
    for name in ("pipe.csv", "folder.csv", "hollow.csv"):
        found[name] = ("prepare", root / name, *target)
    found[bomb.name] = ("prepare", bomb, *target)
    for name, (path, content) in PARTS.items():
        workspace = base_workspace(root / name)
        write_file(workspace, path, content)
        found[path] = ("train", "--workspace", workspace, "--dry-run")
    sound = base_workspace(root / "sound")
    for label in ("a pickle beside", "manifest: a path upwards", "metadata.json is a pipe"):
        folder = change(model, label)
        found[folder.name] = ("detect", "--workspace", sound, "--model-path", folder)
    found["texts.csv"] = (
        *("detect", "--workspace", sound, "--model-path", model),
        *("--notes", write_file(root, "texts.csv", b"\xff\xfe")),
    )
    return found


def test_every_command_refuses_in_one_line(
    sound_model: Path, bombs: dict[str, Path], tmp_path: Path, count
) -> None:
    def change(model: Path, label: str) -> Path:
        folder = tmp_path / "models" / label.replace(" ", "_").replace(":", "")
        shutil.copytree(model, folder)
        TAMPERED[label](folder)
        return folder

    commands = build_commands(tmp_path, sound_model, bombs["10 GB of one text"], change)
    assert len(commands) >= 20
    before = list_tree(tmp_path)
    answers = run_commands(list(commands.values()))
    assert list_tree(tmp_path) == before
    for name, answer in zip(commands, answers, strict=True):
        (line,) = answer["err"].splitlines()
        assert line.startswith("Error: "), name
        assert answer["code"] == 3, line
        check_message(line, name)
        assert answer["out"] == "", name
        assert answer["cpu_s"] < MOST_S, (name, answer["cpu_s"])
        assert answer["peak_mb"] < MOST_MB, (name, answer["peak_mb"])
    count(Counter({REFUSED: len(answers)}))


@pytest.mark.parametrize("name", ["utf32.csv", "deep.jsonl", "cut.parquet"])
def test_a_process_from_its_start(name: str, tmp_path: Path, count) -> None:
    raw = write_file(tmp_path, name, EXPORTS[name])
    done = subprocess.run(
        [sys.executable, "-m", "lvmh_jax", "prepare", raw, "--workspace", tmp_path, "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    check_message(line, name)
    assert json.loads(done.stdout)["error"]["code"] == 3
    assert list(tmp_path.iterdir()) == [raw]
    count(Counter({REFUSED: 1}))


def test_the_tables_that_are_tried_are_long() -> None:
    assert len(BAD_TENSORS) > 25
    assert len(TAMPERED) > 150
