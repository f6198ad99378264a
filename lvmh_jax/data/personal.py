"""Decides which personal data identifies a person by itself, so that no model is saved with it.

A number, an account name or an e-mail address belongs to one person. A date of birth belongs to
many, and a name after a title, or a street, is often none ("DR SYNDROME" and "Sao Paulo MCA/MR
Syndrome" are diseases), so these are reported, but not refused.
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
# A personal page: on a site of profiles, or with a path that says so.
_IDENTITY = re.compile(
    r"(?:instagram|facebook|linkedin|tiktok|twitter|x|snapchat|pinterest|youtube|vk|weibo|t|wa)"
    r"\.(?:com|me|ru|cn)/\S|/(?:in|user|users|profile|people|u)/|[~@=]",
    re.IGNORECASE,
)
# Matches runs, because a pair of surrogates is one character.
_ESCAPE = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\[\"\\/bfnrt]")
MOST_FORMS = 8  # decoded forms of one text; an escape of an escape of an escape has four
ROUNDS = 4  # passes of redaction; a placeholder may expose what was next to it
WITHHELD = "[WITHHELD]"  # replaces a text on which redaction does not converge


def stops_save(text: str, found: Found) -> bool:
    """Whether personal data found in a text identifies a person by itself.

    >>> stops_save("see instagram.com/anna.k", Found(4, 24, "URL"))
    True
    >>> stops_save("see www.example.com/bags", Found(4, 24, "URL"))
    False
    """
    if found.kind == "URL":
        return _IDENTITY.search(text, found.start, found.end) is not None
    return found.kind in STOPPING


@lru_cache(maxsize=1 << 17)  # a lexicon is checked three times: before training, and in two files
def kinds_in(text: str) -> tuple[tuple[str, bool], ...]:
    """Kinds of personal data in a text or its decoded escapes, and whether each prevents a save.

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
    r"""Yields a text and its decoded forms (escapes of JSON, HTML and URLs).

    >>> list(read_forms(r"anna\u0040example.fr")), list(read_forms("plain"))
    (['anna\\u0040example.fr', 'anna@example.fr'], ['plain'])
    """
    seen = [text]
    for known in seen:  # grows during iteration, because decoded text may be escaped again
        yield known
        for mark, decode in (("\\", _decode_escapes), ("&", html.unescape), ("%", unquote)):
            decoded = decode(known) if mark in known and len(seen) < MOST_FORMS else known
            if decoded not in seen:
                seen.append(decoded)


def redact_fully(text: str) -> str:
    r"""Redacts a text until nothing more is found, including in its decoded escapes.

    A text with findings in its escapes is returned decoded.

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
    """Decodes the escapes of JSON strings; everything else stays."""
    return _ESCAPE.sub(_decode_escape, text)


def _decode_escape(match: re.Match[str]) -> str:
    try:
        return str(json.loads(f'"{match.group()}"'))
    except ValueError:
        return match.group()
