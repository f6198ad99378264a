"""`--runner ray` on a cluster of two machines, one of which is lost: the bytes of one process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from lvmh_jax.cli import options
from lvmh_jax.detect import detector
from lvmh_jax.io import progress as progress_module
from lvmh_jax.io.raypool import RayPool
from lvmh_jax.pipeline import resuming, runners
from tests.conftest import REPOSITORY
from tests.generators import NOTES, write_file, write_notes
from tests.pipeline.workshop import Shop, failure_of, read_rows, read_tree, run, run_well

# Ray's own code is not free of warnings.
pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("ignore")]
ray = pytest.importorskip("ray", reason="no extra `ray`; `make test-ray` installs it")
cluster_utils = pytest.importorskip("ray.cluster_utils")

BATCH = 10
TURNS = 12  # times the 60 notes of the shop: 72 batches
TOTAL = 60 * TURNS
MARK = "zyzzyva"  # in every text: found in no log
MOST_S = 240.0


@pytest.fixture(scope="module")
def notes(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = parquet.read_table(shop.root / NOTES).to_pylist()
    many = [
        {**row, "note_id": f"{row['note_id']}_{turn}", "text": f"{row['text']} {MARK}"}
        for turn in range(TURNS)
        for row in rows
    ]
    return write_notes(tmp_path_factory.mktemp("many"), many, "many.parquet")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "BATCH_NOTES", BATCH)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head without a CPU, where the driver is, and two machines with one each."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    cluster = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False}
    )
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1)
        cluster.wait_for_nodes()
        monkeypatch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


class Losses:
    """Calls `lose` each time a command is done with as many notes as `at` says."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, lose: Callable[[], None], at: tuple[int, ...]
    ) -> None:
        self.at, self.done = list(at), list[int]()
        advance = progress_module.Progress.advance

        def count(told: Any, done: int, **figures: float) -> None:
            advance(told, done, **figures)
            if self.at and done >= self.at[0]:
                self.at.pop(0)
                self.done.append(done)
                lose()

        monkeypatch.setattr(progress_module.Progress, "advance", count)


def find_workers() -> list[dict[str, Any]]:
    """Actors that work on notes now."""
    table = ray._private.state.actors(actor_state_name="ALIVE")
    return [each for each in table.values() if "_Worker" in each["ActorClassName"]]


def words_of(command: str, shop: Shop, notes: Path, output: Path, *more: str) -> list[str | Path]:
    base = [command, "--workspace", shop.root, "--model-path", shop.model, "--workers", "2"]
    given = [] if command == "keywords" else ["--notes", notes]
    return [*base, *given, "--output", output, *more]


def test_the_command_line_names_the_runners() -> None:
    assert list(options.RUNNERS) == list(runners.RUNNERS)


@pytest.mark.parametrize(("command", "name"), [("detect", "found.csv"), ("embed", "v.parquet")])
def test_two_machines_write_the_bytes_of_one(
    command: str, name: str, shop: Shop, notes: Path, cluster: Any, tmp_path: Path
) -> None:
    pool, cloud = tmp_path / "pool" / name, tmp_path / "ray" / name
    run_well(*words_of(command, shop, notes, pool))
    done = run_well(*words_of(command, shop, notes, cloud, "--runner", "ray"))
    assert cloud.read_bytes() == pool.read_bytes()
    assert not ray.is_initialized()
    assert os.listdir(cloud.parent) == [name]
    assert "ray" not in done.stderr.lower()
    if command == "detect":
        told = [row["note_id"] for row in read_rows(cloud)]
        assert len(set(told)) > TOTAL // 2
    else:
        ids = parquet.read_table(cloud)["note_id"].to_pylist()
        assert ids == parquet.read_table(notes)["note_id"].to_pylist()
    assert_no_note_in(Path(cluster.head_node.get_session_dir_path()))


def assert_no_note_in(session: Path) -> None:
    logs = [path for path in session.rglob("*") if path.is_file()]
    assert len(logs) > 5
    assert [path.name for path in logs if MARK.encode() in path.read_bytes()] == []


# A worker is lost.


def load_fragile(folder: str) -> tuple[list[str], Callable[[int], int]]:
    """A function that ends its process in the middle of the 8th item, the first time."""

    def work(item: int) -> int:
        time.sleep(0.05)
        if item == 7 and not os.path.exists(mark := os.path.join(folder, "died")):
            open(mark, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return item * item

    return ["loaded"], work


def test_an_item_whose_worker_dies_over_it_counts_once(cluster: Any, tmp_path: Path) -> None:
    with RayPool(partial(load_fragile, str(tmp_path)), 2) as pool:
        assert pool.said == ["loaded"]
        assert list(pool.map(range(30))) == [item * item for item in range(30)]
        assert (tmp_path / "died").exists()
        assert pool.repeated >= 1


@pytest.mark.parametrize(("command", "name"), [("detect", "found.csv"), ("embed", "v.parquet")])
def test_a_killed_worker_process_changes_nothing(
    command: str,
    name: str,
    shop: Shop,
    notes: Path,
    cluster: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    whole, output = tmp_path / f"whole_{name}", tmp_path / name
    run_well(*words_of(command, shop, notes, whole))
    killed: list[set[int]] = []

    def kill_workers() -> None:
        killed.append({worker["Pid"] for worker in find_workers()})
        for process in killed[-1]:
            os.kill(process, signal.SIGKILL)

    losses = Losses(monkeypatch, kill_workers, (TOTAL // 4, TOTAL // 2))
    run_well(*words_of(command, shop, notes, output, "--runner", "ray"))
    # On a busy machine a second worker may not be there yet; whoever is killed later is a new one.
    first, second = killed
    assert first
    assert second
    assert not first & second
    assert 0 < losses.done[0] < losses.done[1] < TOTAL - 100  # there was work left
    assert output.read_bytes() == whole.read_bytes()


def test_a_lost_machine_changes_nothing(
    shop: Shop,
    notes: Path,
    cluster: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    whole, output = tmp_path / "whole.csv", tmp_path / "found.csv"
    run_well(*words_of("detect", shop, notes, whole))

    def lose_machine() -> None:
        here = {each["Address"]["NodeID"] for each in find_workers()}
        node = next(each for each in cluster.worker_nodes if each.node_id in here)
        cluster.remove_node(node, allow_graceful=False)

    losses = Losses(monkeypatch, lose_machine, (TOTAL // 3,))
    started = time.monotonic()
    run_well(*words_of("detect", shop, notes, output, "--runner", "ray"))
    assert time.monotonic() - started < MOST_S
    assert losses.done[0] < TOTAL - 100
    assert len(cluster.worker_nodes) == 1  # the other went on alone
    assert output.read_bytes() == whole.read_bytes()


def test_keywords_are_the_same(shop: Shop, notes: Path, cluster: Any, tmp_path: Path) -> None:
    for runner in options.RUNNERS:
        words = words_of("keywords", shop, notes, tmp_path / runner, "--runner", runner)
        run_well(*words)
    pool, cloud = (read_tree(tmp_path / runner) for runner in options.RUNNERS)
    assert pool == cloud
    assert len(pool) == 3


def test_a_run_is_taken_up_on_the_cluster(
    shop: Shop, notes: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    whole, output = tmp_path / "whole.csv", tmp_path / "found.csv"
    run_well(*words_of("detect", shop, notes, whole))
    monkeypatch.setattr(resuming, "PART_NOTES", 100)

    def interrupt() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        Losses(patched, interrupt, (TOTAL // 2,))
        words = words_of("detect", shop, notes, output, "--runner", "ray")
        line = failure_of(run(*words), 130)
    assert "--resume to go on" in line
    assert not ray.is_initialized()
    run_well(*words, "--resume")
    assert output.read_bytes() == whole.read_bytes()


# What is wrong is one line.


def test_a_failure_of_a_worker_keeps_its_code(
    shop: Shop, notes: Path, cluster: Any, tmp_path: Path
) -> None:
    lexicon = {"stranger": {"label": "S", "aliases": ["x"], "rule": "bucket=intent"}}
    strange = write_file(tmp_path, "strange.json", json.dumps(lexicon))
    words = words_of("detect", shop, notes, tmp_path / "f.csv", "--runner", "ray")
    line = failure_of(run(*words, "--lexicon", strange), 3)
    assert "first stranger" in line
    assert os.listdir(tmp_path) == ["strange.json"]


def test_no_cluster_at_the_address(
    shop: Shop, notes: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = words_of("detect", shop, notes, tmp_path / "f.csv", "--runner", "ray")
    monkeypatch.setenv("RAY_ADDRESS", "ray://127.0.0.1:10001")
    assert "Ray Client" in failure_of(run(*words), 2)
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    assert "no Ray cluster answers" in failure_of(run(*words), 4)


# A cluster of its own.


def list_processes(mark: str) -> list[str]:
    """Processes that have a word on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().decode(errors="replace")
        except OSError:  # ended meanwhile
            continue
        if mark in line:
            found.append(line)
    return found


@pytest.fixture
def short_path() -> Iterator[Path]:
    """For Ray's sockets, whose paths have at most 107 characters."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ray") as folder:
        yield Path(folder)


def test_an_interrupted_command_leaves_no_process(
    shop: Shop, notes: Path, short_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(short_path))  # its processes are known by it
    words = words_of("detect", shop, notes, tmp_path / "f.csv", "--runner", "ray")
    process = subprocess.Popen(
        [sys.executable, "-m", "lvmh_jax", *map(str, words)],
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(tmp_path.glob(".f.csv.*.part")) and process.poll() is None:
        time.sleep(0.05)
    assert list_processes(str(short_path))
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the group has it
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert told.splitlines()[-1].startswith("Error: interrupted")
    until = time.monotonic() + 20
    while (left := list_processes(str(short_path))) and time.monotonic() < until:
        time.sleep(0.2)
    assert left == []
    assert not list(tmp_path.glob(".f.csv*"))
