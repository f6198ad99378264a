"""Every text of a model folder, decoded, with its place: what the gate reads before a save.

Strings and keys of JSON, cells of CSV, words of HTML and SVG, lines of Markdown, headers of tensor
files, printable runs of event files. Numbers, tensors and pictures are not text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

PLAIN = frozenset({".md", ".csv", ".txt"})
MARKUP = frozenset({".html", ".svg"})
EVENTS = "events.out.tfevents"
MAX_HEADER_BYTES = 100 * 2**20  # of a tensor file: the limit of safetensors itself
_RUN = re.compile(rb"[\x20-\x7e\xc2-\xf4][\x20-\x7e\x80-\xf4]{5,}")
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'')
_TOLD = frozenset({"title", "alt", "href", "src", "content", "value", "aria-label"})


class Text(NamedTuple):
    """A text of a file, and the keys that lead to it; a key itself ends its own path."""

    keys: tuple[str | int, ...]
    text: str


def walk_json(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[Text]:
    """Strings of a JSON value, and the keys of its objects.

    >>> [each.text for each in walk_json({"a": ["b", 1]})]
    ['a', 'b']
    """
    if isinstance(value, str):
        yield Text(keys, value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield Text((*keys, key), str(key))
            yield from walk_json(each, (*keys, key))
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from walk_json(each, (*keys, place))


def read_texts(path: Path) -> Iterator[Text]:
    """Texts of a file, by its name; none of a file that holds numbers alone."""
    suffix = path.suffix.lower()
    if path.name.startswith(EVENTS):
        for match in _RUN.finditer(path.read_bytes()):
            yield Text((), match.group().decode("utf-8", "ignore"))
    elif suffix == ".safetensors":
        yield from _read_header(path)
    elif suffix in MARKUP:
        reader = _MarkupReader()
        reader.feed(path.read_text(encoding="utf-8", errors="replace"))
        yield from (Text((), text) for text in reader.texts)
    elif suffix in PLAIN:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (Text((number,), line) for number, line in enumerate(lines, start=1))
    elif suffix == ".jsonl":
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            yield from _walk_bytes(line, number)
    elif suffix == ".json" or not suffix:  # Orbax's own documents have no extension
        yield from _walk_bytes(path.read_bytes())


def _walk_bytes(data: bytes, *keys: int) -> Iterator[Text]:
    try:
        yield from walk_json(json.loads(data), keys)
    except (ValueError, RecursionError):
        return  # not JSON: of Orbax's binary files, the numbers


def _read_header(path: Path) -> Iterator[Text]:
    with path.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        header = stream.read(min(length, MAX_HEADER_BYTES))
    yield from _walk_bytes(header)


class _MarkupReader(HTMLParser):
    """Collects words, attributes that are shown, and the strings of scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what an attribute says, and whether code follows."""
        self._code = tag in ("script", "style")
        self.texts += [value for name, value in attrs if value and name in _TOLD]

    def handle_endtag(self, tag: str) -> None:
        """Code ends."""
        self._code = False

    def handle_data(self, data: str) -> None:
        """Notes words, and of code its strings."""
        if self._code:
            self.texts += [one or two for one, two in _LITERAL.findall(data)]
        elif data.strip():
            self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        """A comment is text too."""
        self.texts.append(data)
