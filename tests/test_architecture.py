"""The house stands as docs/design.md says, and each rule can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import architecture

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / architecture.PACKAGE
HEAVY = ("jax", "jaxlib", "flax", "optax", "orbax", "pandas", "pyarrow", "click", "rich")


def read_sources(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.py"))
    }


SOURCES = read_sources(PACKAGE)
DEVELOPMENT = {
    f"{folder}/{path}": source
    for folder in ("tests", "benchmarks")
    for path, source in read_sources(ROOT / folder).items()
}


@pytest.mark.parametrize("check", [architecture.check_imports, architecture.check_gold])
def test_package_keeps_its_floors(check) -> None:
    assert [line for path, source in SOURCES.items() for line in check(path, source)] == []


def test_package_has_no_import_cycle() -> None:
    assert architecture.check_cycles(SOURCES) == []


@pytest.mark.parametrize("check", [architecture.check_size, architecture.check_prints])
def test_code_is_small_and_silent(check) -> None:
    everything = {**SOURCES, **DEVELOPMENT}
    assert [line for path, source in everything.items() for line in check(path, source)] == []


def test_names_say_something() -> None:
    assert [
        line for path in {**SOURCES, **DEVELOPMENT} for line in architecture.check_names(path)
    ] == []


def test_every_folder_of_code_is_a_package() -> None:
    # setuptools leaves a folder without __init__.py out of the wheel, without a word.
    folders = {(PACKAGE / path).parent for path in SOURCES}
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []


def test_low_floors_import_without_heavy_libraries() -> None:
    light = [
        architecture.module_of(path)
        for path in SOURCES
        if architecture.FLOW[architecture.room_of(architecture.module_of(path))] <= 1
        or path == "models/presets.py"
    ]
    assert "lvmh_jax.errors" in light
    done = import_without(HEAVY, light)
    assert done.returncode == 0, done.stderr


def import_without(
    blocked: tuple[str, ...], modules: list[str]
) -> subprocess.CompletedProcess[str]:
    """Imports modules in a fresh interpreter in which the blocked ones cannot be imported."""
    script = (
        "import importlib, sys\n"
        f"sys.modules.update(dict.fromkeys({blocked!r}))\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_readme_tree_is_the_real_tree() -> None:
    readme = ROOT / "README.md"
    if not readme.exists():
        pytest.skip("no README yet")
    text = readme.read_text(encoding="utf-8")
    assert len(architecture.find_tree(text)) > 10
    assert architecture.check_tree(text, ROOT) == []


# Each rule on a source that breaks it.


@pytest.mark.parametrize(
    ("path", "source", "problem"),
    [
        ("data/text.py", "from lvmh_jax.models import ngram", "data imports models"),
        ("data/text.py", "from lvmh_jax import io", "data imports io"),
        ("data/text.py", "from lvmh_jax import Detector", "data imports __init__"),
        (
            "data/text.py",
            "def f():\n    from ..cli import main",
            "data/text.py:2: data imports cli",
        ),
        ("data/__init__.py", "from ..train import fit", "data imports train"),
        ("models/ngram.py", "import lvmh_jax.train.fit", "models imports train"),
        ("models/__init__.py", "TABLE = {'a': 'lvmh_jax.train.fit'}", "models imports train"),
        ("records.py", "import lvmh_jax.config", "records imports config"),
        ("errors.py", "import numpy as np", "numpy belongs on floor 1"),
        ("data/text.py", "import jax.numpy as jnp", "jax belongs on floor 2"),
        ("evaluate/metrics.py", "import pandas as pd", "pandas belongs on floor 4"),
        ("pipeline/train.py", "import click", "click belongs on floor 6"),
        ("io/tables.py", "import polars", "polars is not a dependency"),
        ("shed/spade.py", "", "no floor for 'shed'"),
    ],
)
def test_imports_can_fail(path: str, source: str, problem: str) -> None:
    (found,) = architecture.check_imports(path, source)
    assert problem in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (
            "data/matcher.py",
            "import numpy, unicodedata\nfrom . import text\nfrom ..records import Note",
        ),
        ("train/fit.py", "import jax\nfrom lvmh_jax.models import MODELS"),
        ("cli/main.py", "import click\nfrom lvmh_jax.pipeline.train import train"),
        ("__init__.py", "from lvmh_jax.api import Detector"),
    ],
)
def test_downward_imports_pass(path: str, source: str) -> None:
    assert architecture.check_imports(path, source) == []


def test_cycles_can_fail() -> None:
    sources = {
        "data/text.py": "def f():\n    from lvmh_jax.data import lexicon",
        "data/lexicon.py": "from lvmh_jax.data.text import fold",
    }
    (found,) = architecture.check_cycles(sources)
    assert "lvmh_jax.data.text" in found


def test_sizes_can_fail() -> None:
    body = "    x = 1\n" * 41
    (found,) = architecture.check_size("a.py", f"def f():\n{body}")
    assert "f has 41 lines" in found
    documented = f'def f():\n    """Says.\n\n    More.\n    """\n{"    x = 1" * 1}\n'
    assert architecture.check_size("a.py", documented) == []
    (found,) = architecture.check_size("a.py", "x = 1\n" * 401)
    assert "401 lines" in found


def test_names_can_fail() -> None:
    assert architecture.check_names("data/utils.py")
    assert architecture.check_names("common/text.py")
    assert architecture.check_names("data/commonness.py") == []


def test_prints_can_fail() -> None:
    assert architecture.check_prints("a.py", "def f():\n    print('x')") == ["a.py:2: print"]
    assert architecture.check_prints("a.py", "console.print('x')") == []


@pytest.mark.parametrize(
    ("path", "source", "problem"),
    [
        ("pipeline/train.py", "read('data/gold/test.jsonl')", "test split"),
        ("pipeline/train.py", "read(split='test')", "test split"),
        ("io/workspace.py", "for split in ('dev', 'test'): pass", "test split"),
        ("train/fit.py", "open(f'{folder}/{split}.jsonl')", "gold file"),
        ("pipeline/detect.py", "folder / 'data/gold'", "gold file"),
    ],
)
def test_gold_can_fail(path: str, source: str, problem: str) -> None:
    (found,) = architecture.check_gold(path, source)
    assert problem in found


def test_gold_has_its_readers() -> None:
    assert architecture.check_gold("pipeline/evaluate.py", "read(split='test')") == []
    assert architecture.check_gold("io/workspace.py", "path = f'data/gold/{split}.jsonl'") == []
    assert architecture.check_gold("train/fit.py", '"""Never data/gold/test.jsonl."""') == []
    assert architecture.check_gold("io/manifest.py", "allowed = {'.json', '.jsonl'}") == []


def test_light_imports_can_fail() -> None:
    done = import_without(("decimal",), ["decimal"])
    assert done.returncode != 0
    assert "decimal" in done.stderr


TREE = """# Title

```text
lvmh-jax/
├── README.md  Makefile      what to read
├── docs/                    design.md: why
│   └── adr/                 decisions
└── lvmh_jax/
    ├── errors.py  records.py   [0] words
    └── data/                [1] preparation
        └── text.py          data/ is not an entry here
```
"""


def test_tree_is_read_and_can_fail(tmp_path: Path) -> None:
    entries = ["docs/", "docs/adr/", "lvmh_jax/", "lvmh_jax/errors.py", "lvmh_jax/records.py"]
    assert architecture.find_tree(TREE) == [*entries, "lvmh_jax/data/", "lvmh_jax/data/text.py"]
    for entry in architecture.find_tree(TREE):
        if entry.endswith("/"):
            (tmp_path / entry).mkdir(parents=True)
            (tmp_path / entry / "__init__.py").touch()
        else:
            (tmp_path / entry).touch()
    assert architecture.check_tree(TREE, tmp_path) == []
    (tmp_path / "lvmh_jax" / "records.py").unlink()
    (tmp_path / "lvmh_jax" / "io").mkdir()
    (tmp_path / "lvmh_jax" / "io" / "__init__.py").touch()
    missing, unnamed = architecture.check_tree(TREE, tmp_path)
    assert missing == "README names lvmh_jax/records.py, which is not there"
    assert unnamed == "README's tree lacks lvmh_jax/io/"
