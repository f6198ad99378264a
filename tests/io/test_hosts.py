"""How processes end together; real ones are in tests/pipeline/test_hosts.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import jax
import pytest

from lvmh_jax.errors import InvalidInputError, LvmhError
from lvmh_jax.io import hosts as module
from lvmh_jax.io.hosts import ALONE, ENVIRONMENT, JoinedHosts
from tests.conftest import REPOSITORY


class Store:
    """The coordinator's keys."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.changed = threading.Condition()

    def key_value_set(self, key: str, value: str) -> None:
        with self.changed:
            self.values[key] = value
            self.changed.notify_all()

    def blocking_key_value_get(self, key: str, timeout_ms: int) -> str:
        with self.changed:
            if not self.changed.wait_for(lambda: key in self.values, timeout_ms / 1000):
                raise jax.errors.JaxRuntimeError("DEADLINE_EXCEEDED: no such key")
            return self.values[key]

    def key_value_dir_get(self, folder: str) -> list[tuple[str, str]]:
        with self.changed:
            return [(k, v) for k, v in self.values.items() if k.startswith(f"{folder}/")]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def left(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Exit codes of processes that left at once, or will when Python ends."""
    codes: list[int] = []
    monkeypatch.setattr(module, "GRACE_S", 0)
    monkeypatch.setattr(module, "LEAVING_S", 0)
    monkeypatch.setattr(module, "TICK_MS", 10)
    monkeypatch.setattr(module, "_leave", codes.append)
    monkeypatch.setattr(module.atexit, "register", lambda leave, code: codes.append(code))
    monkeypatch.setattr(jax.distributed, "shutdown", lambda: codes.append(-1))
    yield codes
    # A thread that still follows would leave for good once `_leave` is itself again.
    store.values.setdefault(module.OUTCOME, module.DONE)
    with store.changed:
        store.changed.notify_all()
    for thread in threading.enumerate():
        if "_follow" in thread.name:
            thread.join(10)


def leader_of(store: Store) -> JoinedHosts:
    return JoinedHosts(0, 2, store)


def other_of(store: Store) -> JoinedHosts:
    return JoinedHosts(1, 2, store)


def test_one_process_has_its_own_and_leads() -> None:
    with ALONE.together():
        assert ALONE.gather(b"part") == [b"part"]
        assert ALONE.copy_from_leader({"a": 1}) == {"a": 1}
        assert ALONE.leads


def test_all_that_ends_well_says_farewell(store: Store, left: list[int]) -> None:
    with leader_of(store).together():
        pass
    with other_of(store).together():  # waits for the leader, who is done
        pass
    assert left == [-1, -1]
    assert store.values == {module.OUTCOME: module.DONE}


@pytest.mark.parametrize(
    ("error", "code"),
    [(InvalidInputError("broken"), 3), (KeyboardInterrupt(), 130), (MemoryError(), 1)],
)
def test_a_failure_of_the_leader_ends_the_others(
    store: Store, left: list[int], error: BaseException, code: int
) -> None:
    with pytest.raises(type(error)), leader_of(store).together():
        raise error
    assert left == [code]  # and no farewell, which would wait for the others
    assert store.values[module.OUTCOME] == str(code)
    other_of(store)._follow()
    assert left == [code, code]
    assert f"{module.LEFT}/1" in store.values


def test_a_failure_of_another_is_told_by_the_leader(store: Store, left: list[int]) -> None:
    with pytest.raises(InvalidInputError), other_of(store).together():
        raise InvalidInputError("broken", where="notes.csv")
    leader = leader_of(store)
    # It notices while it waits for the other's size...
    with pytest.raises(LvmhError, match=r"process 1 failed: notes\.csv: broken") as caught:
        leader.gather(b"part")
    assert caught.value.exit_code == 3
    # ...or by a connection that broke.
    with pytest.raises(LvmhError, match="process 1 failed"), leader.together():
        raise ValueError("UNKNOWN: Gloo AllReduce failed: Connection reset by peer")
    assert left[:2] == [3, 3]


def test_a_connection_that_broke_is_told_as_such(store: Store, left: list[int]) -> None:
    lost = jax.errors.JaxRuntimeError("UNKNOWN: Gloo all-reduce failed: Connection reset by peer")
    with pytest.raises(LvmhError, match="another process is gone; go on with --resume last"):
        with leader_of(store).together():
            raise lost
    with pytest.raises(RuntimeError, match="INTERNAL: a fault of our own"):
        with leader_of(store).together():
            raise RuntimeError("INTERNAL: a fault of our own")


def test_what_another_tells_holds_no_text_of_notes(store: Store, left: list[int]) -> None:
    with pytest.raises(KeyError), other_of(store).together():
        raise KeyError("Mme Durand aime les roses")
    assert store.values[f"{module.FAILED}/1"] == "1 KeyError"


def test_an_environment_that_names_nobody_is_wrong_usage() -> None:
    script = (
        "import json, os\n"
        "from lvmh_jax.errors import UsageError\n"
        "from lvmh_jax.io.hosts import join_hosts, ENVIRONMENT\n"
        "found, here = [], 'localhost:1'\n"
        "for values in (), (here,), (here, 'two', '0'), (here, '2', '2'):\n"
        "    os.environ.update(zip(ENVIRONMENT, values))\n"
        "    try: join_hosts()\n"
        "    except UsageError as error: found.append(str(error))\n"
        "print(json.dumps(found))\n"
    )
    environment = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
    environment |= {"PYTHONPATH": str(REPOSITORY), "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    messages = json.loads(done.stdout)
    assert len(messages) == 4
    for message in messages:
        assert "--distributed, and the environment does not say with whom" in message
        assert "set JAX_COORDINATOR_ADDRESS, JAX_NUM_PROCESSES, JAX_PROCESS_ID" in message
