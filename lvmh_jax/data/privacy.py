"""Redaction of personal data in notes (`prepare`) and in the texts of a model folder.

It is a first line of defence without guarantee. It finds data with a form (e-mail addresses,
numbers with a checksum) and data announced by a word ("passport", "born", "phone", a title). A name
without a title ("Meeting with Girard") stays. So we say "redacted", never "anonymous".
benchmarks/RESULTS.md has the recall.

If the end of a name is unclear, too much is redacted rather than too little. Every quantifier is
bounded, so the time is linear in the length of the text.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lvmh_jax.data.addresses import find_addresses
from lvmh_jax.data.announcers import Announcement, find_announcements
from lvmh_jax.data.births import find_births
from lvmh_jax.data.handles import find_handles
from lvmh_jax.data.identity import find_identities
from lvmh_jax.data.names import find_names
from lvmh_jax.data.phones import find_phones

Finder = Callable[[str, Sequence[Announcement]], Iterator[tuple[int, int]]]

# Character for character, so that offsets stay valid: digits of other scripts and full-width forms
# to ASCII, typographic spaces and hyphens in numbers to plain ones.
_PLAIN = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    **{0x0660 + digit: 0x30 + digit for digit in range(10)},
    **{0x06F0 + digit: 0x30 + digit for digit in range(10)},
    **dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), 0x2D),
    0x2019: 0x27,
}

_DIGIT = re.compile(r"\d")
_DOMAIN_LABEL = r"[A-Za-z0-9\u00c0-\u024f\u0400-\u04ff-]{1,63}"
_TOP_DOMAIN = r"[A-Za-z\u0400-\u04ff]{2,24}"
_EMAIL = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9\u00c0-\u024f._%+-]{{1,64}}@"
    rf"(?:{_DOMAIN_LABEL}\.){{1,6}}{_TOP_DOMAIN}"
)
_URL = re.compile(
    r"(?<![A-Za-z0-9@])(?:https?://|ftp://|www\.)[!-~\u00c0-\u024f]{2,2000}"
    r"|(?<![A-Za-z0-9@.-])(?:[a-z0-9-]{1,63}\.){1,4}"
    r"(?:com|net|org|me|fr|de|it|es|uk|nl|pt|ru|cn|jp)/[!-~]{1,2000}",
    re.IGNORECASE,
)
_URL_TAIL = ".,;:!?'\")]}>"
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}"
    r"(?:[ -]?[A-Za-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\d.,+])[2-6](?:[ -]?\d){12,18}(?!\d)")
# Two words written together: "exampleMme", "IDMme".
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Found(NamedTuple):
    """Personal data: half-open code-point offsets in the text, and its kind, such as `EMAIL`."""

    start: int
    end: int
    kind: str


def find_personal(text: str) -> list[Found]:
    """Finds personal data, ordered and without overlap; `cleartext.KINDS` lists the kinds.

    >>> find_personal("Mme Laurent, laurent@example.fr")
    [Found(start=4, end=11, kind='NAME'), Found(start=13, end=31, kind='EMAIL')]
    """
    plain = text.translate(_PLAIN)
    announced = find_announcements(plain)
    has_digit = _DIGIT.search(plain) is not None
    taken: list[Found] = []
    is_taken = bytearray(len(text))
    for kind, find, needs_digit in _FINDERS:
        if needs_digit and not has_digit:
            continue
        for start, end in find(plain, announced):
            reached = is_taken.find(1, start, end) if kind == "ADDRESS" else -1
            if reached > start:  # a town may extend into what follows, such as "IBAN"
                end = reached
            if not any(is_taken[start:end]):
                is_taken[start:end] = b"\1" * (end - start)
                taken.append(Found(start, end, kind))
    return sorted(taken)


def mask(text: str, found: Sequence[Found]) -> str:
    """Replaces findings of `find_personal` by placeholders.

    >>> mask("ask Anna", [Found(4, 8, "NAME")])
    'ask [NAME]'
    """
    out: list[str] = []
    position = 0
    for start, end, kind in found:
        out += (text[position:start], f"[{kind}]")
        position = end
    return "".join((*out, text[position:]))


def redact(text: str) -> str:
    """Replaces personal data by placeholders of its kind, such as [EMAIL] or [NAME].

    >>> redact("Signora Rossi vuole la borsa Milano, rossi@example.it")
    'Signora [NAME] vuole la borsa Milano, [EMAIL]'
    """
    return mask(text, find_personal(text))


def pseudonym(identifier: str, salt: str) -> str:
    """Stable pseudonym of an identifier: 12 hexadecimal digits of its HMAC-SHA-256.

    It is keyed, because identifiers are few and short, so plain hashes could be found by trying all
    of them. Whoever keeps the salt can still erase or join by client.

    >>> pseudonym("CL_001", "salt") == pseudonym("CL_001", "salt") != pseudonym("CL_001", "other")
    True
    """
    key, message = (part.encode("utf-8", "surrogatepass") for part in (salt, identifier))
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:12]


def _find_emails(text: str, _: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    if "@" in text:
        yield from (match.span() for match in _EMAIL.finditer(text))


def _find_urls(text: str, _: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    if "/" not in text and "www." not in text.lower():
        return
    for match in _URL.finditer(text):
        yield match.start(), match.start() + len(match.group().rstrip(_URL_TAIL))


def _find_ibans(text: str, _: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    for match in _IBAN.finditer(text):
        # If the rest resembles nothing else, a failing checksum is taken for a typing error.
        written = match.group()
        is_formal = written.isupper() and sum(char.isdigit() for char in written) >= 10
        length = _longest_valid(written, 15, _passes_mod_97) or (len(written) if is_formal else 0)
        if length:
            yield match.start(), match.start() + length


def _find_cards(text: str, _: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        length = _longest_valid(match.group(), 13, _passes_luhn)
        if length:
            yield match.start(), match.start() + length


def _longest_valid(written: str, minimum: int, is_valid: Callable[[str], bool]) -> int:
    """Length of the longest valid prefix that ends with a group of characters, else 0.

    The text after a number may look like another group of it: "... 0130 00 VIP", "... 1111 12/27".
    """
    for end in range(len(written), minimum - 1, -1):
        is_boundary = end == len(written) or not written[end].isalnum()
        compact = "".join(filter(str.isalnum, written[:end]))
        if is_boundary and written[end - 1].isalnum() and len(compact) >= minimum:
            if is_valid(compact):
                return end
    return 0


def _passes_mod_97(iban: str) -> bool:
    """ISO 13616: letters as 10 to 35, the first four characters moved to the end, remainder 1."""
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def _passes_luhn(number: str) -> bool:
    """ISO/IEC 7812-1: every second digit from the right doubled, digits summed, divisible by 10."""
    doubled = (int(char) * (1 + index % 2) for index, char in enumerate(reversed(number)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


# In order of reliability: a span found by an earlier finder is not examined again. The last column:
# whether the finder can find anything in a text without a digit.
_FINDERS: tuple[tuple[str, Finder, bool], ...] = (
    ("EMAIL", _find_emails, False),
    ("URL", _find_urls, False),
    ("IBAN", _find_ibans, True),
    ("BIRTHDATE", find_births, True),
    ("ID", find_identities, True),
    ("CARD", _find_cards, True),
    ("ADDRESS", find_addresses, True),
    ("PHONE", find_phones, True),
    ("HANDLE", find_handles, False),
    ("NAME", find_names, False),
)


def holds_personal(name: str) -> bool:
    """Whether the name of a column contains personal data, even if attached to a word.

    If a line break is missing, the first row ends up in the header.

    >>> holds_personal("IDMme Laurent"), holds_personal("clientID")
    (True, False)
    """
    return bool(find_personal(_JOINT.sub(" ", name)))
