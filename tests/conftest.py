"""One environment for every test: CPU, strict array ranks, one shared compilation cache.

Everything is set through environment variables, so that jax stays unimported in the tests that
do not need it and the subprocesses that a test starts inherit the same.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from lvmh_jax import Detector
    from tests.pipeline.workshop import Shop

REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared"  # the owners' data and scorer; absent in a clone


def _cache_folder() -> Path:
    """The user's cache folder, or a temporary one where that cannot be written."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = base / "lvmh-jax" / "tests"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / f"lvmh-jax-tests-{os.getuid()}"
    return folder if os.access(folder, os.W_OK) else Path(tempfile.mkdtemp(prefix="lvmh-jax-"))


# setdefault: `JAX_PLATFORMS=cuda make test-gpu` must be able to say otherwise.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_NUMPY_RANK_PROMOTION", "raise")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", str(_cache_folder()))
# Compiling is most of the run time of our small models, so every program is worth keeping.
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")

# No deadline: a first call compiles. Derandomized: a red build must be red again on a rerun.
settings.register_profile("repository", deadline=None, derandomize=True)
settings.load_profile("repository")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write tests/golden/ anew instead of comparing with it (`make golden`)",
    )


@pytest.fixture
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """True when the test is to write its golden file instead of comparing with it."""
    return bool(request.config.getoption("--rewrite-golden"))


@pytest.fixture
def shared() -> Path:
    """The owners' folder next to the checkout; a test that needs it is skipped in a clone."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared next to the checkout")
    return SHARED


# Shared by tests that do not modify them; imports are local, so that other tests need not wait.


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    from tests.pipeline.workshop import trained

    return trained(tmp_path_factory)


@pytest.fixture(scope="session")
def bare_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    from tests.pipeline.workshop import trained_without_gold

    return trained_without_gold(tmp_path_factory)


@pytest.fixture(scope="session")
def detector(shop: Shop) -> Detector:
    from lvmh_jax import Detector

    return Detector.load(shop.model)


@pytest.fixture(scope="session")
def texts(shop: Shop) -> list[str]:
    from tests.pipeline.workshop import texts_of

    return list(texts_of(shop.root).values())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with traces of a client, to copy."""
    from tests.pipeline.erasing import make_site

    return make_site(tmp_path_factory.mktemp("template"))
