"""Writes tables of settings and presets from the code: values, and the comments beside them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

SETTINGS = "<!-- tables of settings -->"
PRESETS = "<!-- table of presets -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """MkDocs calls this for every page, before it reads the Markdown."""
    for mark, make in ((SETTINGS, _sections), (PRESETS, _presets)):
        if mark in markdown:
            markdown = markdown.replace(mark, "\n".join(make()))
    return markdown


def _sections() -> Iterator[str]:
    from lvmh_jax import config

    for name, section in asdict(config.Settings()).items():
        if not isinstance(section, dict):
            continue
        kind = type(getattr(config.Settings(), name))
        yield f"\n## {name}\n\n{inspect.getdoc(kind)}\n\n| {name}. | default | why |\n|---|---|---|"
        reasons = dict(_read_comments(inspect.getsource(kind)))
        for key, value in section.items():
            yield f"| `{key}` | {_show(value)} | {_cell(reasons.get(key, ''))} |"


def _read_comments(source: str) -> Iterator[tuple[str, str]]:
    """Each field of a dataclass with the comment above it and the one behind it."""
    lines = source.splitlines()
    (body,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    for field in body.body:
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        above, row = [], field.lineno - 2
        while lines[row].strip().startswith("#"):
            above.insert(0, lines[row].strip("# "))
            row -= 1
        behind = lines[field.lineno - 1][field.end_col_offset :].strip().lstrip("# ")
        yield field.target.id, " ".join([*above, behind]).strip()


def _presets() -> Iterator[str]:
    from lvmh_jax.config import Settings
    from lvmh_jax.models.presets import MANY_CONCEPTS, PRESETS

    yield "| preset | differs from the defaults by |\n|---|---|"
    plain = asdict(Settings())
    for name, settings in PRESETS.items():
        sections = {key: value for key, value in asdict(settings).items() if key != "size"}
        changed = [
            f"`{section}.{key}={_show(value)}`"
            for section, values in sections.items()
            for key, value in values.items()
            if value != plain[section][key]
        ]
        yield f"| `{name}` | {', '.join(changed) or 'nothing'} |"
    large = [
        f"`{s}.{k}={_show(v)}`" for s, values in MANY_CONCEPTS.items() for k, v in values.items()
    ]
    bound = Settings().train.full_softmax_below
    yield f"| {bound:,} concepts or more | {', '.join(large)}, where left at the default |"


def _show(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cell(text: str) -> str:
    return re.sub(r"\|", r"\\|", text)
