"""Which personal data identifies a person by itself, so that no model is saved with it.

A number, an account or an address of the net is one person's. A date of birth is that of many, and
a name behind a title, or a street, is often none ("DR SYNDROME" is a disease, "Sao Paulo MCA/MR
Syndrome" too), so these are told, not refused.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

from lvmh_jax.data.privacy import Found, find_personal, redact

STOPPING = frozenset({"EMAIL", "IBAN", "CARD", "PHONE", "ID", "HANDLE"})
# A page of a person: a site of profiles, or a path that says so.
_IDENTITY = re.compile(
    r"(?:instagram|facebook|linkedin|tiktok|twitter|x|snapchat|pinterest|youtube|vk|weibo|t|wa)"
    r"\.(?:com|me|ru|cn)/\S|/(?:in|user|users|profile|people|u)/|[~@=]",
    re.IGNORECASE,
)
# Several in a row, for a pair of surrogates is one character.
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[\"\\/bfnrt]")
MOST_FORMS = 8  # readings of one text; an escape of an escape of an escape has four
ROUNDS = 4  # a placeholder may bring to light what stood beside it
WITHHELD = "[WITHHELD]"  # of a text where redaction does not come to an end


def stops_save(text: str, found: Found) -> bool:
    """Whether what was found in a text identifies a person by itself.

    >>> stops_save("see instagram.com/anna.k", Found(4, 24, "URL"))
    True
    >>> stops_save("see www.example.com/bags", Found(4, 24, "URL"))
    False
    """
    if found.kind == "URL":
        return _IDENTITY.search(text, found.start, found.end) is not None
    return found.kind in STOPPING


@lru_cache(maxsize=1 << 17)  # a lexicon is read three times: before training, and in two files
def kinds_in(text: str) -> tuple[tuple[str, bool], ...]:
    """Kinds of personal data in a text and behind its escapes, and whether each stops a save.

    >>> kinds_in("Mme Laurent, laurent@example.fr")
    (('EMAIL', True), ('NAME', False))
    """
    found = {
        (each.kind, stops_save(form, each))
        for form in read_forms(text)
        for each in find_personal(form)
    }
    return tuple(sorted(found))


def read_forms(text: str) -> Iterator[str]:
    r"""Yields a text, and the texts that its escapes stand for (JSON, HTML, URLs).

    >>> list(read_forms(r"anna\u0040example.fr")), list(read_forms("plain"))
    (['anna\\u0040example.fr', 'anna@example.fr'], ['plain'])
    """
    seen = [text]
    for known in seen:  # grows while it is read: what is decoded may be escaped in turn
        yield known
        for mark, decode in (("\\", _decode_escapes), ("&", html.unescape), ("%", unquote)):
            decoded = decode(known) if mark in known and len(seen) < MOST_FORMS else known
            if decoded not in seen:
                seen.append(decoded)


def redact_fully(text: str) -> str:
    r"""Redacts a text until nothing is found in it any more, behind escapes neither.

    A text with something behind its escapes comes back decoded.

    >>> redact_fully(r"write to anna\u0040example.fr")
    'write to [EMAIL]'
    """
    for _ in range(ROUNDS):
        text = redact(text)
        left = next((form for form in read_forms(text) if find_personal(form)), None)
        if left is None:
            return text
        text = left
    return WITHHELD


def _decode_escapes(text: str) -> str:
    """Decodes the escapes of JSON strings; what is none of them stays."""
    return _ESCAPE.sub(_decode_escape, text)


def _decode_escape(match: re.Match[str]) -> str:
    try:
        return str(json.loads(f'"{match.group()}"'))
    except ValueError:
        return match.group()
