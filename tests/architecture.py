"""The rules of the house (docs/design.md) as functions from source to problems, one line each.

Everything is read with `ast`; nothing is imported. `test_architecture.py` runs each rule on the
repository, and on a bad source that must fail it.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

PACKAGE = "lvmh_jax"

# Rooms in the order of the data flow, with their floor. A module may import lower floors, and on
# its own floor what comes before it. The public `__init__` only forwards to `api`.
FLOW = {
    "errors": 0,
    "records": 0,
    "config": 0,
    "data": 1,
    "models": 2,
    "train": 2,
    "detect": 3,
    "evaluate": 3,
    "calibrate": 3,
    "stages": 3,
    "display": 3,
    "io": 4,
    "pipeline": 5,
    "serve": 5,
    "api": 5,
    "vectorizer": 5,
    "spacy_component": 5,
    "__init__": 5,
    "cli": 6,
    "__main__": 6,
}
# The lowest floor on which a library may be imported; one that is not here is not a dependency.
THIRD_PARTY = {
    "numpy": 1,
    "scipy": 1,
    "ahocorasick_rs": 1,
    "wordfreq": 1,
    "phonenumbers": 1,
    "stdnum": 1,
    "py3langid": 1,
    "jax": 2,
    "flax": 2,
    "optax": 2,
    "mlflow": 4,
    "orbax": 4,
    "pandas": 4,
    "pyarrow": 4,
    "ray": 4,
    "resvg_py": 4,
    "rich": 4,
    "safetensors": 4,
    "sklearn": 3,
    "spacy": 5,
    "threadpoolctl": 3,
    "click": 6,
}
MODULE_NAME = re.compile(PACKAGE + r"(\.\w+)+")
BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40

GOLD_READER = "io/workspace.py"
TRAINING_LOG = "metrics.jsonl"  # the one file of lines that is no gold
# `train` may read every other split; only these may so much as name this one.
TEST_SPLIT_READERS = re.compile(r"^(evaluate/.*|(pipeline|cli)/evaluate\.py)$")

TREE_FILE_WORDS = {"LICENSE", "Makefile"}


def room_of(module: str) -> str:
    """The room of a dotted module name: `lvmh_jax.data.text` is in `data`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def module_of(path: str) -> str:
    """Dotted name of a path relative to the package: `data/text.py` is `lvmh_jax.data.text`."""
    parts = [PACKAGE, *Path(path).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_imports(path: str, source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, dotted module) of each import, inside functions too, relative ones resolved.

    `from a import b` yields `a.b`: whether b is a module is for the caller to know.
    """
    package = module_of(path).split(".")
    if Path(path).name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = [*above, *(node.module.split(".") if node.module else [])]
            yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)


def check_imports(path: str, source: str) -> list[str]:
    """Finds upward imports, and third-party imports above or outside their floor.

    A string that is a module's name counts too: `importlib.import_module` is an import.
    """
    room = room_of(module_of(path))
    if room not in FLOW:
        return [f"{path}: no floor for {room!r}; add it to FLOW and to docs/design.md"]
    order = list(FLOW)
    problems = []
    named = [(line, text) for line, text in _find_strings(source) if MODULE_NAME.fullmatch(text)]
    for line, target in [*find_imports(path, source), *named]:
        top = target.split(".")[0]
        if top == PACKAGE:
            name = room_of(target)
            name = name if name in FLOW else "__init__"  # `from lvmh_jax import Detector`
            lower = FLOW[name] < FLOW[room]
            before = FLOW[name] == FLOW[room] and order.index(name) <= order.index(room)
            if not (lower or before):
                problems.append(f"{path}:{line}: {room} imports {name}, which is above it")
        elif top not in sys.stdlib_module_names:
            if top not in THIRD_PARTY:
                problems.append(f"{path}:{line}: {top} is not a dependency")
            elif FLOW[room] < THIRD_PARTY[top]:
                problems.append(f"{path}:{line}: {top} belongs on floor {THIRD_PARTY[top]} and up")
    return problems


def check_cycles(sources: Mapping[str, str]) -> list[str]:
    """Finds a cycle of module-level imports among path -> source."""
    modules = {module_of(path): path for path in sources}
    graph: dict[str, set[str]] = {}
    for module, path in modules.items():
        targets = {target for _, target in find_imports(path, sources[path])}
        targets |= {target.rpartition(".")[0] for target in targets}
        graph[module] = (targets & modules.keys()) - {module, PACKAGE}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"import cycle: {' -> '.join(error.args[1])}"]
    return []


def check_size(path: str, source: str) -> list[str]:
    """Finds files and functions that are too long; a docstring is not counted."""
    problems = []
    lines = len(source.splitlines())
    if lines > MAX_FILE_LINES:
        problems.append(f"{path}: {lines} lines; at most {MAX_FILE_LINES}")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if length > MAX_FUNCTION_LINES:
                where = f"{path}:{node.lineno}: {node.name}"
                problems.append(f"{where} has {length} lines; at most {MAX_FUNCTION_LINES}")
    return problems


def check_names(path: str) -> list[str]:
    """Finds files and folders whose name says nothing."""
    names = Path(path).with_suffix("").parts
    return [f"{path}: {name!r} says nothing" for name in names if name.lower() in BANNED_NAMES]


def check_prints(path: str, source: str) -> list[str]:
    """Finds calls of print: the command line writes with click.echo, nothing else writes."""
    return [
        f"{path}:{node.lineno}: print"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


def check_gold(path: str, source: str) -> list[str]:
    """Finds modules that read gold past the workspace reader, or name the test split.

    With both absent, training cannot open `data/gold/test.jsonl`: the reader opens the splits
    that it is asked for, and only evaluation can ask for that one.
    """
    problems = []
    for line, text in _find_strings(source):
        if TEST_SPLIT_READERS.match(path):
            continue
        if text == "test" or "test.jsonl" in text:
            problems.append(f"{path}:{line}: names the test split; only evaluate may")
        elif text == TRAINING_LOG:
            continue
        elif re.search(r"[\w}]\.jsonl|data/gold", text) and path != GOLD_READER:
            problems.append(f"{path}:{line}: names a gold file; only {GOLD_READER} reads gold")
    return problems


def _find_strings(source: str) -> Iterator[tuple[int, str]]:
    """Yields (line, text) of strings, docstrings left out; `{}` is what an f-string fills in."""
    tree = ast.parse(source)
    skipped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(part) for part in node.values)
            parts = [str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in skipped:
                yield node.lineno, node.value


def find_tree(readme: str) -> list[str]:
    """Lists the folders (`data/`) and `.py` files that the tree in a README names.

    The tree is the fenced block that starts with `lvmh-jax/`. A line may name several entries; its
    comment starts after three spaces or `#`. Names with a placeholder (`*`) are not entries.
    """
    fences = re.findall(r"^```\w*\n(lvmh-jax/.*?)^```", readme, flags=re.DOTALL | re.MULTILINE)
    entries: list[str] = []
    stack: list[str] = []
    for line in fences[0].splitlines()[1:] if fences else []:
        drawn = re.match(r"^[\s│├└─|`+-]*", line)
        depth = max(len(drawn.group()) if drawn else 0, 4) // 4 - 1
        column = re.split(r"\s{3,}|\s#", line[drawn.end() if drawn else 0 :])[0]
        names = list(_leading_names(column.split()))
        parent = "".join(stack[:depth])
        entries += [parent + name for name in names if name.endswith(("/", ".py"))]
        stack = [*stack[:depth], *[name for name in names if name.endswith("/")][-1:]]
    return entries


def _leading_names(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        is_name = re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", word)
        if not (is_name and ("/" in word or "." in word.rstrip(".") or word in TREE_FILE_WORDS)):
            return
        yield word


def check_tree(readme: str, root: Path) -> list[str]:
    """Compares the tree in a README with the folder it describes."""
    named = find_tree(readme)
    problems = [
        f"README names {entry}, which is not there"
        for entry in named
        if not (root / entry).exists()
    ]
    for init in sorted((root / PACKAGE).rglob("__init__.py")):
        folder = init.parent.relative_to(root).as_posix() + "/"
        if folder not in named:
            problems.append(f"README's tree lacks {folder}")
    return problems
