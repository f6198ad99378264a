"""Passport and national identity numbers of the countries of our languages.

A number with a distinctive form is recognised by its form. Any other needs a valid checksum
(python-stdnum), or a word before it that announces it.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence

from lvmh_jax.data.announcers import Announcement

# Name of a form: its pattern, and the `stdnum` module that must validate it; "" for none.
_FORMS: dict[str, tuple[str, str]] = {
    "nir": (r"[1-478] ?\d\d ?\d\d ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d", "fr.nir"),
    "codice": (
        r"[A-Z]{3} ?[A-Z]{3} ?\d\d[A-EHLMPRST]\d\d ?[A-Z]\d{3}[A-Z]",
        "",
    ),
    "dni": (r"\d{2}\.?\d{3}\.?\d{3}[ -]?[A-Z]", "es.nif"),
    "nie": (r"[XYZ][ -]?\d{7}[ -]?[A-Z]", "es.nie"),
    "cartao": (r"\d{8} ?\d ?[A-Z0-9]{2}\d", "pt.cc"),
    "steuer": (r"\d\d \d{3} \d{3} \d{3}", "de.idnr"),
    "ric": (r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d{4}[\dXx]", ""),
    "rrn": (r"\d{6}-[1-8]\d{6}", ""),
    "mynumber": (r"(?<!\d )\d{4}(?P<gap>[ -])\d{4}(?P=gap)\d{4}(?! \d)", "jp.in_"),
    "snils": (r"\d{3}-\d{3}-\d{3}[ -]\d\d", ""),
    "nino": (r"[A-CEGHJ-PR-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-DT]", ""),
    "ssn": (r"\d{3}-\d{2}-\d{4}", ""),
    "passport_fr": (r"\d\d[A-Z]{2}\d{5}", ""),
    "emirates": (r"784-\d{4}-\d{7}-\d", ""),
}
_FORM = re.compile(
    r"(?<![A-Za-z0-9])(?<!\d[-./,])(?:"
    + "|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in _FORMS.items())
    + r")(?![A-Za-z0-9]|[-.,/]\d)"
)
_BETWEEN = (
    r"(?:[\s:=.,#№°º()'’-]|(?i:number|numéro|número|numero|nummer|номер|serie|серия|no|nr|nº|n|de|d"
    r"|is|est|es|è|ist|hat|die)(?![^\W_])|رقم|سفر|ها|ه|号码|號碼|番号|号|は|是|为|為|번호|는|은){0,6}"
)
_ANNOUNCED = re.compile(
    rf"[^\W\d_]{{0,16}}?{_BETWEEN}"
    r"(?P<number>[A-Z]{0,3}[ -]?\d(?:[ ./-]?[A-Z0-9]){4,18})(?![A-Za-z0-9])"
)
_NO_NUMBER = re.compile(r"(?:19|20)\d\d[ /-](?:19|20)\d\d|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)")


def find_identities(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of passport and national numbers.

    Args:
      text: with plain digits, spaces and hyphens.
      announced: what `find_announcements` found in it.
    """
    for match in _FORM.finditer(text):
        module = next(_FORMS[name][1] for name in _FORMS if match[name])
        if not module or _is_valid(module, match.group()):
            yield match.span()
    for word in announced:
        found = _ANNOUNCED.match(text, word.end) if word.family == "id" else None
        if found and not _NO_NUMBER.match(found["number"]):
            if sum(map(str.isdigit, found["number"])) >= 5:
                yield found.span("number")


def _is_valid(module: str, number: str) -> bool:
    # Imported here, because only texts with such numbers need it.
    return bool(importlib.import_module(f"stdnum.{module}").is_valid(number))
