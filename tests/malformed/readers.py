"""Finds code that reads a file of the user past the reader of its format."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

# A call that turns a file's content into values -> the modules that may make it. Those that are no
# readers of a user's files parse what this program wrote, in memory or a moment ago.
PARSERS: dict[str, tuple[str, ...]] = {
    r"json\.loads?": (
        "data/documents.py",  # every JSON document and line of a user
        "io/manifest.py",  # of a model folder, behind its manifest
        "io/texts.py",  # the gate's: texts of what is about to be written
        "io/default_scorer.py",  # of the package itself
        "io/tracking.py",  # our own log of a run
        "data/personal.py",  # an escape within a text
        "data/exchange.py",  # between processes of one run
        "pipeline/encoder.py",  # between processes of one run
        "spacy_component.py",  # bytes that it made, in memory
    ),
    r"csv\.(reader|DictReader)": (
        "io/delimiters.py",  # a header that a reader of these gave it
        "io/sources.py",
        "io/rawfiles.py",
        "io/csvrows.py",
    ),
    r"(pa\.)?parquet\.(ParquetFile|ParquetDataset|read_\w+)|pq\.\w+": (
        "io/parquetfiles.py",
        "io/erasure.py",  # copies rows as they are written
        "io/parts.py",  # our own, of an interrupted run, behind their digests
    ),
    r"pd\.read_\w+|pandas\.read_\w+|pa\.csv\.\w+|pa\.json\.\w+": (),
    r"safetensors\.(safe_open|load\w*)|safetensors\.numpy\.load\w*|safe_open": ("io/artefact.py",),
    r"np\.(load|loadtxt|genfromtxt|fromfile)|marshal\.loads?|shelve\.open": (
        "io/frequencies.py",  # our own cache, of the words of a library
    ),
    # What goes from process to process of one run, and comes back.
    r"pickle\.(loads?|dumps|Unpickler)": ("io/pool.py", "io/raypool.py"),
    r"yaml\.\w+|eval|exec": (),
}


def find_parsers(path: str, source: str) -> Iterator[str]:
    """Problems of one module, a line each: a parser that is called where none may be.

    `from json import loads` is one too, whatever it is called by.
    """
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Call):
            names = [ast.unparse(node.func)]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{(node.module or '').split('.')[-1]}.{each.name}" for each in node.names]
        for name in names:
            for pattern, allowed in PARSERS.items():
                if re.fullmatch(pattern, name) and path not in allowed:
                    yield f"{path}:{node.lineno}: {name} reads past the reader of its format"
