"""A state comes back bit for bit, or the step before it does, and says so."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint as ocp
import pytest

from lvmh_jax.errors import InvalidInputError, ResumeRefusedError
from lvmh_jax.io import checkpoints
from lvmh_jax.io.checkpoints import latest_step, restore_checkpoint, save_checkpoint


def make_state(seed: int) -> dict:
    key = jax.random.key(seed)
    params = {"table": jax.random.normal(key, (8, 4)), "bias": jnp.zeros(4)}
    return {
        "params": params,
        "opt_state": optax.adamw(1e-3).init(params),
        "key": key,
        "step": jnp.int32(seed),
        "epoch": np.int64(seed),
    }


def assert_same(left: object, right: object) -> None:
    assert jax.tree.structure(left) == jax.tree.structure(right)
    for one, two in zip(jax.tree.leaves(left), jax.tree.leaves(right), strict=True):
        if jnp.issubdtype(one.dtype, jax.dtypes.prng_key):
            one, two = jax.random.key_data(one), jax.random.key_data(two)
        assert one.dtype == two.dtype
        assert np.asarray(one).tobytes() == np.asarray(two).tobytes()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "checkpoints"
    for step in (1, 2, 10):
        save_checkpoint(folder, step, make_state(step), {"history": [step]})
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(saved, tmp_path / "checkpoints"))


def test_a_full_disk_is_an_error_of_the_system(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("RESOURCE_EXHAUSTED: Failed to write [os_error_code='28']")

    with monkeypatch.context() as patched:
        patched.setattr("orbax.checkpoint.StandardCheckpointer.save", refuse)
        with pytest.raises(OSError, match="No space left on device"):
            save_checkpoint(folder, 11, make_state(11), {})
    monkeypatch.setattr(
        "lvmh_jax.io.checkpoints.shutil.disk_usage", lambda _: SimpleNamespace(free=1000)
    )
    with pytest.raises(OSError, match="No space left on device"):
        save_checkpoint(folder, 11, make_state(11), {})
    assert latest_step(folder) == 10


def test_state_comes_back_bit_for_bit(folder: Path) -> None:
    found = restore_checkpoint(folder, make_state(0))
    assert found is not None
    assert (found.step, found.extra, found.warnings) == (10, {"history": [10]}, [])
    assert_same(found.state, make_state(10))


def test_abstract_target_is_enough(folder: Path) -> None:
    params = make_state(0)["params"]
    target = {**make_state(0), "params": jax.eval_shape(lambda: params)}
    found = restore_checkpoint(folder, target)
    assert found is not None
    assert_same(found.state, make_state(10))


def test_newest_steps_are_kept(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["10", "10.json", "2", "2.json"]
    assert latest_step(folder) == 10


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert latest_step(tmp_path / "absent") is None
    assert restore_checkpoint(tmp_path / "absent", make_state(0)) is None


def test_every_flipped_file_falls_back_and_says_so(folder: Path) -> None:
    draw = random.Random(0)
    files = [path for path in [*folder.glob("10/**/*"), folder / "10.json"] if path.is_file()]
    assert len(files) > 6
    for path in files[:: max(1, len(files) // 8)]:
        whole = path.read_bytes()
        broken = bytearray(whole)
        broken[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(broken))
        found = restore_checkpoint(folder, make_state(0))
        assert found is not None
        assert found.step == 2
        assert_same(found.state, make_state(2))
        (warning,) = found.warnings
        assert "step 10 is broken and not used" in warning
        path.write_bytes(whole)


def test_emptied_or_missing_files_fall_back(folder: Path) -> None:
    (folder / "10" / "state" / "_METADATA").write_bytes(b"")
    assert restore_checkpoint(folder, make_state(0)).step == 2
    (folder / "10" / "state" / "_METADATA").unlink()
    assert restore_checkpoint(folder, make_state(0)).step == 2


def flip_bits(folder: Path, flips: int, seed: int) -> dict[int, int]:
    """Flips a bit of any file, restores, and mends it again; how often which step came back."""
    draw = random.Random(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    restored: dict[int, int] = {}
    for _ in range(flips):
        path = draw.choice(files)
        whole = path.read_bytes()
        broken = bytearray(whole)
        broken[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(broken))
        found = restore_checkpoint(folder, make_state(0))
        path.write_bytes(whole)
        assert found is not None
        assert_same(found.state, make_state(found.step))
        assert found.extra == {"history": [found.step]}
        is_newest = path.relative_to(folder).parts[0] in ("10", "10.json")
        assert found.step == (2 if is_newest else 10), path
        assert len(found.warnings) == is_newest
        restored[found.step] = restored.get(found.step, 0) + 1
    return restored


def test_thirty_flips_restore_what_was_saved(folder: Path) -> None:
    assert set(flip_bits(folder, 30, seed=0)) == {2, 10}


@pytest.mark.slow
def test_five_hundred_flips_restore_what_was_saved(folder: Path) -> None:
    restored = flip_bits(folder, 500, seed=1)
    sys.stdout.write(f"500 flips, none used: restored steps {restored}\n")
    assert min(restored.values()) > 100


def test_all_steps_broken_is_an_error(folder: Path) -> None:
    for path in folder.glob("*/contents.json"):
        path.write_text("{}")
    with pytest.raises(InvalidInputError, match=r"no checkpoint can be restored .*step 10"):
        restore_checkpoint(folder, make_state(0))


def test_unfinished_save_does_not_count(folder: Path) -> None:
    # A crash between Orbax and our manifest, or in the middle of Orbax.
    (folder / "10.json").unlink()
    (folder / "11" / "state.orbax-checkpoint-tmp").mkdir(parents=True)
    assert latest_step(folder) == 2
    found = restore_checkpoint(folder, make_state(0))
    assert found is not None
    assert found.step == 2
    save_checkpoint(folder, 3, make_state(3), {})
    assert sorted(path.name for path in folder.iterdir()) == ["2", "2.json", "3", "3.json"]


def test_saving_again_replaces_the_branch_that_was_left(folder: Path) -> None:
    save_checkpoint(folder, 2, make_state(7), {"again": True})
    found = restore_checkpoint(folder, make_state(0))
    assert found is not None
    assert (found.step, found.extra) == (2, {"again": True})
    assert_same(found.state, make_state(7))


def test_ctrl_c_waits_for_the_save_to_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save = ocp.StandardCheckpointer.save

    def save_disturbed(self, *args, **options):
        signal.raise_signal(signal.SIGINT)
        return save(self, *args, **options)

    monkeypatch.setattr(ocp.StandardCheckpointer, "save", save_disturbed)
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(folder, 11, make_state(11), {})
    assert signal.getsignal(signal.SIGINT) is before
    assert latest_step(folder) == 11


def wider(state: dict) -> dict:
    return {**state, "params": {**state["params"], "table": jnp.zeros((8, 5))}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (wider, r"float32\[8, 4\] at \['params'\]\['table'\]; expected float32\[8, 5\]"),
        (lambda state: {**state, "step": jnp.float32(0)}, r"int32\[\] at \['step'\]; expected f"),
        (lambda state: {**state, "more": jnp.zeros(2)}, r"nothing at \['more'\]"),
        (lambda state: {k: state[k] for k in state if k != "key"}, "expected nothing"),
    ],
)
def test_state_of_another_model_is_refused(folder: Path, change, message: str) -> None:
    with pytest.raises(ResumeRefusedError, match=message):
        restore_checkpoint(folder, change(make_state(0)))


def test_arguments_are_checked(tmp_path: Path) -> None:
    for step, keep in ((1, 0), (-1, 2)):
        with pytest.raises(ValueError, match="expected at least"):
            save_checkpoint(tmp_path, step, make_state(0), {}, keep=keep)


def test_relative_folder_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_checkpoint(Path("run"), 1, {"a": jnp.ones(2)}, {})
    assert latest_step(Path("run")) == 1
    assert restore_checkpoint(Path("run"), {"a": jnp.zeros(2)}).step == 1


def test_nothing_reaches_the_terminal(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, jax.numpy as jnp\n"
        "from lvmh_jax.io.checkpoints import *\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "save_checkpoint(folder, 1, {'a': jnp.ones(2)}, {})\n"
        "restore_checkpoint(folder, {'a': jnp.zeros(2)})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("", "")


def test_log_level_is_given_back() -> None:
    import logging

    level = logging.getLogger("absl").level
    with checkpoints._quiet():
        assert logging.getLogger("absl").level == logging.CRITICAL
    assert logging.getLogger("absl").level == level
