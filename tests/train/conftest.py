"""One tiny fit, shared: compiling its epoch takes longer than all its epochs together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import numpy as np
import pytest

from lvmh_jax.train.fit import FitState
from tests.train.fitting import Fitting, quick_compiles


@pytest.fixture(autouse=True)
def _quick_compiles() -> Iterator[None]:
    with quick_compiles():
        yield


@pytest.fixture(scope="session")
def fitting() -> Fitting:
    return Fitting()


@pytest.fixture(scope="session")
def run(fitting) -> list[FitState]:
    """The state before the first epoch and after each, of an unbroken run."""
    with quick_compiles():
        start = fitting.start()
        return [start, *fitting.go_on(start)]


@pytest.fixture(scope="session")
def tree_bytes() -> Callable[[Any], list[bytes]]:
    """Every array of a tree as its bytes: what "bit for bit" means."""
    return lambda tree: [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)]
