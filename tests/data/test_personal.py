"""Which finds stop a save, and what lies behind escapes."""

from __future__ import annotations

import pytest

from lvmh_jax.data.personal import read_forms, redact_fully, stops_save
from lvmh_jax.data.privacy import find_personal


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("anna@example.fr", True),
        ("+33 6 12 34 56 78", True),
        ("FR76 3000 6000 0112 3456 7890 189", True),
        ("4111 1111 1111 1111", True),
        ("https://www.linkedin.com/in/anna-k", True),
        ("https://www.example.com/bags/black", False),
        ("mrs. dupont", False),
        ("DR SYNDROME", False),
    ],
)
def test_only_what_identifies_stops_a_save(text: str, stops: bool) -> None:
    found = find_personal(text)
    assert found
    assert any(stops_save(text, each) for each in found) == stops


@pytest.mark.parametrize(
    "text",
    [
        r"anna\u0040example.fr",
        "anna&#64;example.fr",
        "anna%40example.fr",
        r"anna%5Cu0040example.fr",
    ],
)
def test_escapes_hide_nothing(text: str) -> None:
    assert "anna@example.fr" in list(read_forms(text))
    assert "anna" not in redact_fully(f"mail {text}")
