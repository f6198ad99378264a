"""Random damage, the same for the same seed: bytes of any file, and values of JSON documents."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

NASTY: tuple[object, ...] = (
    *(None, True, 0, -1, 2**31, 2**63, 1e308, -0.5, "", " ", "\0", "\ud800", "\u202e", "👜"),
    *("|", "a" * 5000, "e" + "\u0301" * 500, [], {}, [[]], [None], {"": None}, ["x"] * 300),
)
RAW = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"',
    b"\n",
    b",",
    b"{",
    b"[",
    b"NaN",
    b"1e999",
)


def _flip(raw: bytes, draw: random.Random) -> bytes:
    out = bytearray(raw)
    for _ in range(draw.choice((1, 1, 2, 8, 64))):
        out[draw.randrange(len(out))] ^= 1 << draw.randrange(8)
    return bytes(out)


def _cut(raw: bytes, draw: random.Random) -> bytes:
    return raw[: draw.randrange(len(raw))]


def _drop(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(raw))
    return raw[:start] + raw[start + draw.choice((1, 2, 7, 64, 512)) :]


def _insert(raw: bytes, draw: random.Random) -> bytes:
    start = draw.randrange(len(raw))
    return raw[:start] + draw.choice(RAW) * draw.choice((1, 1, 3, 100)) + raw[start:]


def _copy(raw: bytes, draw: random.Random) -> bytes:
    start, to = draw.randrange(len(raw)), draw.randrange(len(raw))
    return raw[:to] + raw[start : start + draw.choice((1, 16, 300))] + raw[to:]


def _overwrite(raw: bytes, draw: random.Random) -> bytes:
    start, length = draw.randrange(len(raw)), draw.choice((1, 4, 8, 64))
    return raw[:start] + draw.randbytes(length) + raw[start + length :]


CHANGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _cut, _drop, _insert, _copy, _overwrite),
)


def mutate_bytes(raw: bytes, seed: int) -> bytes:
    """A file with one to three random faults."""
    draw = random.Random(seed)
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        raw = draw.choice(CHANGES)(raw, draw) or b"\0"
    return raw


def mutate_json(text: str, seed: int) -> str:
    """JSON, or JSON lines, with one to three values or keys that are other than they were."""
    draw = random.Random(seed)
    lines = text.split("\n") if "\n{" in text else [text]
    row = draw.randrange(len(lines))
    if not lines[row].strip():
        return text + lines[0]
    document = [json.loads(lines[row])]
    for _ in range(draw.choice((1, 1, 2, 3))):
        _change(document, draw)
    lines[row] = json.dumps((document or [None])[0], ensure_ascii=draw.random() < 0.5)
    return "\n".join(lines)


def _change(value: Any, draw: random.Random) -> None:
    """Changes something within a list or an object."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = draw.choice(keys)
    if isinstance(value[key], dict | list) and value[key] and draw.random() < 0.8:
        return _change(value[key], draw)
    what = draw.random()
    if what < 0.6:
        value[key] = deepcopy(draw.choice(NASTY))
    elif what < 0.75 and isinstance(value, dict):
        value[str(draw.choice(NASTY))] = value.pop(key)
    elif what < 0.9:
        value.pop(key)
    else:
        value[key] = [deepcopy(value[key]) for _ in range(3)]
    return None
