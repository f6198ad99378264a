"""Reads what a command said."""

from __future__ import annotations

import json

from click.testing import Result

from lvmh_jax.config import SCHEMA_VERSION


def error_of(result: Result) -> str:
    """The one line of a failure."""
    assert "Traceback" not in result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    return line


def json_of(result: Result) -> dict:
    """The one line of JSON."""
    (line,) = result.stdout.splitlines()
    found = json.loads(line)
    assert found.pop("schema_version") == SCHEMA_VERSION
    return found
