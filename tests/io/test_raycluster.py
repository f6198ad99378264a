"""What `--runner ray` says without Ray; the rest is in tests/pipeline/test_ray.py."""

from __future__ import annotations

import sys

import pytest

from lvmh_jax.errors import UsageError
from lvmh_jax.io.raycluster import connect


def test_the_extra_is_named_where_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install '\.\[ray\]'` in the checkout"), connect(1):
        pass


def test_a_client_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "ray://127.0.0.1:10001")
    with pytest.raises(UsageError, match=r"RAY_ADDRESS: Ray Client cannot run this"), connect(1):
        pass
