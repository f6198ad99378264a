"""A workspace to erase a client from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "site"))
