"""Names of accounts: "@rose_k88", "WeChat id: chenxj", "微信 chenxj88".

An address with @ needs a digit or an underscore, or the name of a network before it, for houses and
places have such too: "@milano". Without @ a network must announce it, and a word as people write
them ("Instagram loves") is none unless it is called an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lvmh_jax.data.announcers import Announcement

_BARE = re.compile(r"(?<![A-Za-z0-9_.@])@(?=[A-Za-z.]{0,28}[\d_])[A-Za-z_][A-Za-z0-9_.]{2,29}")
_ID = (
    r"(?P<id>(?i:id|user ?name|user|handle|account|compte|pseudo|konto|cuenta|conto|conta|perfil"
    r"|profil|profilo)(?![A-Za-z0-9])|[账帐帳]?[号號]|アカウント|아이디|계정|аккаунт|ник(?![а-яё])|حساب|معرف)"
)
_AFTER = re.compile(
    rf"[ :=.()]{{0,3}}(?:{_ID})?(?P<gap>[ :=.()]{{0,3}}(?:(?:is |est |ist |は|是|为|為) ?)?)"
    r"(?P<name>(?P<at>@)?[A-Za-z_](?:[A-Za-z0-9_.-]{0,28}[A-Za-z0-9_]))(?![A-Za-z0-9])"
)
_SIGN = re.compile(r"[\d_]")
_WORDS = {"line", "signal"}  # these are words, too: an id must be named
LEAST = 5  # characters of what is not called an id; "J12" and "B25" are products


def find_handles(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of names of accounts, with their @.

    Args:
      text: with plain spaces and hyphens.
      announced: what `find_announcements` found in it.

    >>> from lvmh_jax.data.announcers import find_announcements
    >>> text = "@rose_k88, WeChat id: chenxj, seen on Instagram"
    >>> [text[start:end] for start, end in find_handles(text, find_announcements(text))]
    ['chenxj', '@rose_k88']
    """
    for word in announced:
        if word.family == "network" and (match := _AFTER.match(text, word.end)):
            if _is_handle(match, text[word.start : word.end].lower()):
                yield match.span("name")
    if "@" in text:
        for match in _BARE.finditer(text):
            yield match.start(), match.start() + len(match.group().rstrip("."))


def _is_handle(match: re.Match[str], network: str) -> bool:
    name, is_called = match["name"], match["id"] is not None
    if match["at"]:
        return len(name) > 3
    has_sign = _SIGN.search(name) is not None
    if is_called:
        return has_sign or (len(name) >= LEAST and match["gap"].strip(" .()") != "")
    return network not in _WORDS and len(name) >= LEAST and has_sign and name.islower()
