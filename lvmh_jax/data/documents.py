"""Strict parsing of JSON documents, and quoting of their keys in messages.

`json` silently accepts duplicate keys (one concept would vanish) and NaN and Infinity (not valid
JSON, and they spoil every mean). Both are refused here. Messages give the place, never a value,
because a value may be a client's note.
"""

from __future__ import annotations

import json
import re

from lvmh_jax.errors import InvalidInputError

QUOTED_CHARACTERS = 60  # enough to find a key again, short enough for one line
_LINE = re.compile(r":\d+\Z")
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "a string",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


class _RefusedError(ValueError):
    """Raised inside the JSON decoder; carries what is wrong."""


class _TwiceError(Exception):
    """Raised inside the JSON decoder, which knows no position: for a duplicate key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parse_json(text: str, where: str) -> object:
    """Parses one JSON document.

    Args:
      text: the document.
      where: file, or file:line, for the message.

    Returns:
      Dicts, lists, strings, numbers, bools and None.

    Raises:
      InvalidInputError: not JSON, a key twice in one object, NaN or Infinity, nested too deeply,
        or a number too long to read.

    >>> parse_json('{"a": [1]}', "x.json")
    {'a': [1]}
    >>> parse_json('{"a": 1, "a": 2}', "x.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    lvmh_jax.errors.InvalidInputError: x.json: key 'a' appears twice in one object; merge the two...
    """
    try:
        document: object = json.loads(
            text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant
        )
    except _RefusedError as refusal:
        raise InvalidInputError(str(refusal), where=where) from None
    except _TwiceError as twice:
        what = f"key {quote(twice.key)} appears twice in one object"
        fix = "merge the two, or rename one"
        raise InvalidInputError(what + _tell_lines(text, twice.key), where=where, fix=fix) from None
    except json.JSONDecodeError as error:
        # Of JSON lines, `where` has the line already.
        line = "" if _LINE.search(where) else f"line {error.lineno}, "
        raise InvalidInputError(
            f"not valid JSON at {line}column {error.colno}: {error.msg}",
            where=where,
            fix="look there and just before for a comma, quote or bracket that is missing or extra",
        ) from None
    except RecursionError:
        raise InvalidInputError("JSON is nested too deeply", where=where) from None
    except ValueError:  # the interpreter's limit on the digits of a whole number
        raise InvalidInputError("JSON holds a number that is too long", where=where) from None
    return document


def dump_json(value: object, *, allow_nan: bool = True) -> str:
    r"""Formats a JSON document for readers: an indent of one space, and a final newline.

    UTF-8 cannot encode a lone surrogate, which JSON may hold as an escape. In that case all
    non-ASCII characters are written as escapes.
    >>> dump_json(["é"]), dump_json(["é\ud83d"])
    ('[\n "é"\n]\n', '[\n "\\u00e9\\ud83d"\n]\n')
    """
    text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=allow_nan) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=1, allow_nan=allow_nan) + "\n"
    return text


def kind_of(value: object) -> str:
    """Describes the type of a JSON value, for a message.

    >>> kind_of([]), kind_of(None)
    ('a list', 'null')
    """
    return _KINDS.get(type(value), type(value).__name__)


def quote(text: str) -> str:
    r"""Formats a key or identifier for a message: redacted, quoted, on one line, shortened.

    >>> quote("a\nb"), quote("anna.k@example.fr")
    ("'a\\nb'", "'[EMAIL]'")
    """
    # Imported here because the recognisers load slowly, and few runs quote anything.
    from lvmh_jax.data.personal import redact_fully

    text = redact_fully(text)
    shown = text if len(text) <= QUOTED_CHARACTERS else text[: QUOTED_CHARACTERS - 3] + "..."
    return repr(shown)


def _tell_lines(text: str, key: str) -> str:
    """The lines of a key that occurs twice in a document; "" if they cannot be determined."""
    written = re.escape(json.dumps(key, ensure_ascii=False))
    places = [found.start() for found in re.finditer(rf"{written}\s*:", text)]
    lines = [text.count("\n", 0, place) + 1 for place in places]
    return f" (lines {lines[0]} and {lines[1]})" if len({*lines}) == len(lines) == 2 else ""


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keyed = dict(pairs)
    if len(keyed) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return keyed


def _refuse_constant(name: str) -> object:
    raise _RefusedError(f"{name} is not a JSON value; expected a number or null")
