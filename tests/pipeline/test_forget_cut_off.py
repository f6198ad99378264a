"""A `forget` that was cut off while it replaced files, or could not: the next one completes it."""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path

import pytest

from lvmh_jax.data.privacy import pseudonym
from lvmh_jax.errors import InvalidInputError, LvmhError, UsageError
from lvmh_jax.io import replacing
from lvmh_jax.io.artefact import read_model
from lvmh_jax.io.progress import Progress
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.pipeline.forget import JOURNAL, forget
from tests.generators import write_file
from tests.pipeline.erasing import CLIENT, MODEL, run, traces_in
from tests.pipeline.workshop import read_tree


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


@pytest.mark.parametrize(("fault", "stride"), [(Killed, 4), (OSError, 1)])
def test_cut_off_anywhere_the_next_run_completes_it(
    template: Path, tmp_path: Path, fault: type[BaseException], stride: int, monkeypatch
) -> None:
    """Kills the run before renames and removals in turn; or has each of them fail."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)  # of hundreds of copies
    step = 0
    while True:
        root = Path(shutil.copytree(template, tmp_path / f"cut{step}"))
        if not run_until(root, step, fault):
            break
        assert (root / JOURNAL).exists()
        before = read_tree(root)
        with pytest.raises(UsageError, match="without --dry-run"):
            run(root, dry_run=True)
        assert read_tree(root) == before
        assert_next_run_tells_the_key(root)
        assert traces_in(root) == set()
        assert not (root / JOURNAL).exists()
        assert [*root.rglob("*.forget")] == []
        read_model(root / "models" / MODEL)
        read_workspace(root, splits=("train",))
        step += stride
    assert step > 15


def assert_next_run_tells_the_key(root: Path) -> None:
    said = io.StringIO()
    forget(["nobody"], root, root / "models", progress=Progress(said, quiet=True))
    (receipt,) = (root / "data").glob("forget_receipt_*")
    _, place, key = said.getvalue().rstrip().split("; ")
    assert place.endswith(str(receipt))
    hashes = json.loads(receipt.read_text("utf-8"))["clients"]
    assert hashes == [pseudonym(CLIENT, key.rpartition(" ")[2])]


def test_a_journal_that_cannot_be_removed_keeps_the_key(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == site / JOURNAL:
            raise PermissionError
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(LvmhError, match="cannot be replaced"):
            run(site)
    assert_next_run_tells_the_key(site)


def run_until(root: Path, steps: int, fault: type[BaseException]) -> bool:
    """Runs until the fault happens before the given step; False where it ended first."""
    taken = 0
    take = replacing._take

    def count(kind: str, source: Path, target: Path) -> None:
        nonlocal taken
        if taken == steps:
            raise fault
        taken += 1
        take(kind, source, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replacing, "_take", count)
        try:
            run(root)
        except (Killed, LvmhError):
            return True
    return False


def test_a_journal_of_others_touches_no_file_outside(site: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    steps = [["remove", str(precious), str(precious)]]
    write_file(site, JOURNAL, json.dumps({"schema_version": 1, "steps": steps}))
    with pytest.raises(InvalidInputError, match="outside of the folders"):
        run(site)
    assert precious.read_text() == "mine"
