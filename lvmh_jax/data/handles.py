"""Account names: "@rose_k88", "WeChat id: chenxj", "微信 chenxj88".

A name with @ needs a digit or underscore, or the name of a network before it, because brands and
places also use @: "@milano". A name without @ must be announced by a network, and an ordinary word
("Instagram loves") counts only if it is called an id.
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
_WORDS = {"line", "signal"}  # also ordinary words, so the name must be called an id
LEAST = 5  # minimum characters unless it is called an id; "J12" and "B25" are products


def find_handles(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of account names, including @.

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
