"""Counts the malformed inputs that were tried, over all workers, and prints the count."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from lvmh_jax.io.artefact import write_model
from tests.io.test_export import DETECTORS, pack
from tests.malformed.bombs import make_bombs
from tests.malformed.outcomes import LABEL, REFUSED, WORKS, attempt, base_workspace

Attempt = Callable[..., str]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Adds up what the tests recorded; of one that failed nothing is counted."""
    total: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for key, counts in report.user_properties:
            if key == LABEL:
                total.update(counts)
    if total:
        terminalreporter.write_line(
            f"malformed inputs tried: {total.total()} "
            f"(refused {total[REFUSED]}, worked {total[WORKS]})"
        )


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Attempt:
    """Tries a reader on an input and records the outcome; see `outcomes.attempt`."""
    # No Counter: xdist sends built-in types only.
    counts: dict[str, int] = {}
    request.node.user_properties.append((LABEL, counts))

    def try_it(read: Callable[[], object], names: str | tuple[str, ...]) -> str:
        outcome = attempt(read, names)
        counts[outcome] = counts.get(outcome, 0) + 1
        return outcome

    return try_it


@pytest.fixture
def count(request: pytest.FixtureRequest) -> Callable[[Counter[str]], None]:
    """Records outcomes of inputs that another process tried."""

    def record(counts: Counter[str]) -> None:
        request.node.user_properties.append((LABEL, dict(counts)))

    return record


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that is right, whose notes and keywords hold a text that no message may tell."""
    return base_workspace(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="session")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Parquet files that unpack to gigabytes."""
    return make_bombs(tmp_path_factory.mktemp("bombs"))


@pytest.fixture
def workspace(sound: Path, tmp_path: Path) -> Path:
    """A copy of it, to break."""
    return Path(shutil.copytree(sound, tmp_path / "workspace"))


@pytest.fixture(scope="session")
def sound_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that is right: untrained weights, a scorer, a lexicon."""
    folder = tmp_path_factory.mktemp("models") / "concept_model_base_20261122_164507"
    write_model(folder, pack(DETECTORS["random scorer"]()))
    return folder


@pytest.fixture
def model(sound_model: Path, tmp_path: Path) -> Path:
    """A copy of it, to break."""
    return Path(shutil.copytree(sound_model, tmp_path / sound_model.name))
