"""Kill -9 at any moment: what goes on ends with the bytes of a run that was never stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.pipeline.workshop import TRAIN, Shop, run_well

# A save after every step: then half of the time of a run is inside saves.
EVERY_STEP = ("--set", "checkpoint.every_steps=1")
NO_KILL = "none"


def words_of(shop: Shop, models: Path) -> list[str]:
    """Begins a run, or goes on with the one that is there."""
    words = [*TRAIN, *EVERY_STEP, "--workspace", str(shop.root), "--models-dir", str(models)]
    return [*words, "--resume", "last"] if list(models.glob(".*.part")) else words


def live(shop: Shop, models: Path, plan: str) -> subprocess.Popen[str]:
    """Starts a process that begins a run, or goes on with the one that is there."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.pipeline.killed", plan, *words_of(shop, models)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> bool:
    """Whether a process was killed; it must have ended well otherwise."""
    said, _ = process.communicate(timeout=300)
    assert process.returncode in (0, -signal.SIGKILL), said
    return process.returncode != 0


def check_weights(shop: Shop, models: Path) -> None:
    (model,) = models.iterdir()
    names = sorted(path.name for path in shop.model.glob("*.safetensors"))
    assert names
    for name in names:
        assert (model / name).read_bytes() == (shop.model / name).read_bytes(), name


def draw_plan(rng: random.Random) -> str:
    kind = rng.choice(("call", "file", "save"))
    if kind == "call":
        return f"call {rng.randint(1, 6)} {rng.choice(('before', 'after'))}"
    if kind == "file":
        return f"file {rng.randint(1, 150)}"
    return f"save {rng.randint(1, 5)} {rng.uniform(0.0, 0.1):.4f}"


@pytest.mark.slow
def test_three_kills_change_no_byte(shop: Shop, tmp_path: Path) -> None:
    for plan in ("call 3 before", "file 40", "save 2 0.02"):
        assert end(live(shop, tmp_path, plan)), f"nothing was killed by: {plan}"
        (part,) = tmp_path.iterdir()
        assert part.name.endswith(".part")
    assert not end(live(shop, tmp_path, NO_KILL))
    check_weights(shop, tmp_path)


def test_sigterm_saves_and_says_how_to_go_on(shop: Shop, tmp_path: Path) -> None:
    process = live(shop, tmp_path, NO_KILL)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob(".*/checkpoints/1.json")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.terminate()
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "interrupted; go on with --resume last and the same options" in said
    run_well(*words_of(shop, tmp_path))
    check_weights(shop, tmp_path)


@pytest.mark.slow
def test_three_hundred_kills_change_no_byte(shop: Shop, tmp_path: Path) -> None:
    """Runs that are killed and resumed until they end, and then another; two side by side."""
    wanted = int(os.environ.get("LVMH_KILLS", "300"))
    with ThreadPoolExecutor(2) as pool:
        lives = [pool.submit(kill_often, shop, tmp_path / str(s), s, wanted // 2) for s in (0, 1)]
        ended = [each.result() for each in lives]
    landed = ended[0][0] + ended[1][0]
    whole = ended[0][1] + ended[1][1]
    told = f"{landed.total()} kills landed: {dict(landed)}; {whole.total()} runs ended, all alike\n"
    sys.stdout.write(told)
    assert landed.total() == wanted // 2 * 2
    assert min(landed[kind] for kind in ("call", "file", "save")) > wanted // 10
    assert whole.total() > wanted // 100


def kill_often(shop: Shop, folder: Path, seed: int, wanted: int) -> tuple[Counter, Counter]:
    """Kinds of the kills that landed, and of the plans that came too late for their run."""
    rng = random.Random(seed)
    landed: Counter = Counter()
    too_late: Counter = Counter()
    while landed.total() < wanted:
        models = folder / str(too_late.total())
        models.mkdir(parents=True, exist_ok=True)
        plan = draw_plan(rng)
        if end(live(shop, models, plan)):
            landed[plan.split()[0]] += 1
        else:
            check_weights(shop, models)
            too_late[plan.split()[0]] += 1
    return landed, too_late
