"""Damage that can befall any file: cut off, another format by the same name, another encoding."""

from __future__ import annotations

import gzip
import io
import pickle
import zipfile
from functools import cache

DEEP = 100_000
MILLION = 1_000_000


@cache
def _zipped(raw: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a", raw)
    return stream.getvalue()


def damage(raw: bytes) -> dict[str, bytes]:
    """A sound file, damaged in each way that leaves its name what it was."""
    half = len(raw) // 2
    return {
        "empty": b"",
        "one byte": raw[:1],
        "cut at a quarter": raw[: len(raw) // 4],
        "cut at a half": raw[:half],
        "cut at nine tenths": raw[: len(raw) * 9 // 10],
        "cut by two bytes": raw[:-2],
        "first byte lost": raw[1:],
        "twice": raw + raw,
        "backwards": raw[::-1],
        "gzip": gzip.compress(raw, mtime=0),
        "zip": _zipped(raw),
        "pickle": pickle.dumps({"a": [1, 2]}),
        "old pickle": pickle.dumps({"a": [1, 2]}, protocol=0),
        "PNG": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "ELF": b"\x7fELF\x02\x01\x01" + bytes(60),
        "HTML": b"<!DOCTYPE html><html><body>404</body></html>",
        "LFS pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
        "merge marks": b"<<<<<<< HEAD\n" + raw + b"\n=======\n" + raw + b"\n>>>>>>> other\n",
        "NULs": bytes(4096),
        "NUL before": b"\0" + raw,
        "NULs behind": raw + bytes(512),
        "hole of NULs": raw[:half] + bytes(64) + raw[half + 64 :],
        "0xFF": b"\xff" * 300,
        "blank": b" \r\n\t \n",
        "deep lists": b"[" * DEEP,
        "deep objects": b'{"a":' * DEEP,
        "a million letters": b"a" * MILLION,
        "a million lines": b"\n" * MILLION,
        "a million quotes": b'"' * MILLION,
        "a million commas": b"," * MILLION,
    }


def encodings(text: str) -> dict[str, bytes]:
    """A sound text, in other encodings and with bytes that no encoding has."""
    raw = text.encode()
    half = len(text) // 2
    return {
        "BOM": b"\xef\xbb\xbf" + raw,
        "two BOMs": b"\xef\xbb\xbf" * 2 + raw,
        "UTF-16": text.encode("utf-16"),
        "UTF-16 big end": b"\xfe\xff" + text.encode("utf-16-be"),
        "UTF-16 without mark": text.encode("utf-16-le"),
        "UTF-16 cut in a unit": text.encode("utf-16")[:-1],
        "UTF-32": text.encode("utf-32"),
        "UTF-7": text.encode("utf-7"),
        "lone continuation": raw[:9] + b"\x80" + raw[9:],
        "encoded surrogate": raw[:9] + b"\xed\xa0\x80" + raw[9:],
        "overlong NUL": raw[:9] + b"\xc0\x80" + raw[9:],
        "Latin-1 behind": raw + "été".encode("latin-1"),
        "letter cut behind": raw + "é".encode()[:1],
        "Windows line ends": text.replace("\n", "\r\n").encode(),
        "old Mac line ends": text.replace("\n", "\r").encode(),
        "line separators": text.replace("\n", "\u2028").encode(),
        "white space around": f" \n{text}\n \n".encode(),
        "right to left mark": f"\u200f{text}".encode(),
        "escape sequence": (text[:half] + "\x1b[2J" + text[half:]).encode(),
    }
