"""Reading happens in one place a format: no command can skip its validator."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import architecture
from tests.malformed.readers import PARSERS, find_parsers

PACKAGE = Path(__file__).resolve().parents[2] / architecture.PACKAGE
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}


def test_nothing_parses_files_but_their_readers() -> None:
    assert [line for path, source in SOURCES.items() for line in find_parsers(path, source)] == []


def test_every_exception_is_used() -> None:
    calls = {
        path: {ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if is_call(node)}
        for path, source in SOURCES.items()
    }
    for pattern, allowed in PARSERS.items():
        for path in calls.keys() & set(allowed):
            words = pattern.replace("\\", "").replace("loads?", "loads")
            assert any(name.split(".")[-1] in words for name in calls[path] if name), path


def is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("pipeline/keywords.py", "import json\nrows = json.loads(path.read_text())"),
        ("pipeline/train.py", "def f(p):\n    return pd.read_parquet(p)"),
        ("cli/link.py", "from json import loads"),
        ("io/suggestions.py", "rows = csv.DictReader(stream)"),
        ("io/tables.py", "table = parquet.read_table(path)"),
        ("io/export.py", "np.load(path, allow_pickle=True)"),
        ("io/artefact.py", "pickle.load(stream)"),
        ("io/modelerasure.py", "safetensors.numpy.load_file(path)"),
    ],
)
def test_a_reader_beside_is_found(path: str, source: str) -> None:
    assert len(list(find_parsers(path, source))) == 1


def test_the_readers_pass() -> None:
    assert list(find_parsers("data/documents.py", "json.loads(text)")) == []
    assert list(find_parsers("pipeline/train.py", "json.dumps(1)\nparse_json(text, where)")) == []
