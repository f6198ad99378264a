"""Tables on a terminal: nothing is cut, the best is marked; in a pipe they are plain."""

from __future__ import annotations

import os
import re

import pytest

from lvmh_jax.cli import tables
from lvmh_jax.cli.output import table

HEAD = ("", "model", "F1", "sentence")
ROWS = [
    ("*", "concept_model_base_20261122_164507", "0.712", "a [red] bag " * 9),
    ("", "concept_model_base_20261122_164508", "0.698", "手袋 " * 30),
]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch):
    def narrow(columns: int) -> None:
        monkeypatch.setattr(tables, "is_terminal", lambda: True)
        monkeypatch.setattr("sys.stdout.fileno", lambda: 1)
        size = os.terminal_size((columns, 24))
        monkeypatch.setattr(tables.os, "get_terminal_size", lambda *_: size)

    return narrow


def plain(lines: list[str]) -> list[str]:
    return [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]


def test_a_pipe_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert tables.show_table(HEAD, ROWS, numbers=(2,), best=(0,)) == table([HEAD, *ROWS])


@pytest.mark.parametrize("columns", [20, 60, 80, 120, 400])
def test_every_word_is_there_at_any_width(columns: int, terminal) -> None:
    terminal(columns)
    told = plain(tables.show_table(HEAD, ROWS, numbers=(2,), wraps=(3,)))
    for row in ROWS:
        assert any(row[1] in line and row[2] in line for line in told)
        words = "".join("".join(line[45:].split()) for line in told)
        assert "".join(row[3].split()) in words
    assert not any("…" in line for line in told)


def test_the_best_is_marked_by_style_unless_colours_are_unwanted(
    terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal(100)
    lines = tables.show_table(HEAD, ROWS, best=(0,))
    assert [("\x1b[1;32m" in line) for line in lines if "concept_model" in line] == [True, False]
    monkeypatch.setenv("NO_COLOR", "1")
    assert not any("32m" in line for line in tables.show_table(HEAD, ROWS, best=(0,)))
