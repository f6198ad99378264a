"""Dates of birth: a complete date next to a word that announces one.

A birthday without a year ("birthday 12 May"), an age or a year alone stays, because advisors need
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lvmh_jax.data.announcers import Announcement

LATEST = 2019  # of a birthday with a year: a later one is the day of the party
_CENTURY = 30  # of two digits: 29 is 2029

_YEAR = r"(?:19|20)\d\d"
_MONTH = r"[^\W\d_]{3,12}"
_WRITTEN = (
    rf"(?<!\d)(?:{_YEAR} ?[./-] ?\d{{1,2}} ?[./-] ?\d{{1,2}}"
    rf"|\d{{1,2}} ?[./-] ?\d{{1,2}} ?[./-] ?(?:{_YEAR}|\d\d)|\d{{1,2}} \d{{1,2}} {_YEAR}"
    r"|(?:19|20)\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(?:19|20)\d\d"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er|\.|º|ª)?[ -]{{0,2}}(?:of |de |d')?{_MONTH}\.?,?"
    rf"(?: de| del| do)?[ -]{_YEAR}"
    rf"|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? {_YEAR}"
    r"|(?:(?:19|20)?\d\d|(?:昭和|平成|令和|大正)\d{1,2})"
    r" ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日일号]?"
    r")(?!\d)"
)
_PLACE = r"(?-i:[A-ZÀ-ÖØ-ÞА-ЯЁ][\w'-]{1,24}(?:[ -][A-ZÀ-ÖØ-ÞА-ЯЁ][\w'-]{1,24}){0,2})"
_DAY = (  # of the week
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:maan|dins|woens|donder|vrij|zater|zon)dag"
    r"|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica|(?:segunda|terça|quarta|quinta|sexta)"
    r"-feira|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
)
_FORM = r" ?\((?:[^\W\d_]{1,4}[./ -]?){1,3}\)"  # "(dd/mm/yyyy)", and the end of "né(e)"
_AFTER = re.compile(
    rf"(?:{_FORM})?[\s:=,.()-]{{0,4}}(?:(?:à|a|in|em|en|te|в|zu|at) {_PLACE},? ?)?"
    r"(?:(?:le|on|the|am|il|el|em|en|op|den|in|is|est|ist|è|é|es|в|في|بتاريخ|은|는|は|が|是|为|為"
    rf"|{_DAY})[ :,]{{0,2}}){{0,3}}(?P<date>{_WRITTEN})",
    re.IGNORECASE,
)
# Only "生" and "생" themselves may belong to something else: the production, the party.
_BEFORE = re.compile(
    rf"(?P<date>{_WRITTEN})(?= ?(?:[にの]?生まれ|出生|에? ?출생|г\. ?р\.|г\.р|года рождения"
    r"|(?P<doubtful>生(?![产產産效効活花地鲜鮮])|생(?![가-힣]))))",
    re.IGNORECASE,
)
_BRACKETED = re.compile(rf"(?P<date>{_WRITTEN}) ?[(\[]\Z", re.IGNORECASE)
_MOST_WRITTEN = 40  # characters of a date and a bracket
# Eight digits have the year at either end.
_FULL_YEAR = re.compile(rf"(?<!\d){_YEAR}(?=[01]\d[0-3]\d|\D|\Z)|{_YEAR}\Z")
_SHORT_YEAR = re.compile(r"(?<!\d)\d\d(?= ?[年년])|\d\d\Z")


def find_births(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of dates of birth; a span may lie in another.

    Args:
      text: with plain digits, spaces and hyphens.
      announced: what `find_announcements` found in it.

    >>> from lvmh_jax.data.announcers import find_announcements
    >>> text = "Née le 12/05/1980, birthday 12 May"
    >>> [text[start:end] for start, end in find_births(text, find_announcements(text))]
    ['12/05/1980']
    """
    for word in announced:
        if word.family not in ("birth", "birthday"):
            continue
        if match := _AFTER.match(text, word.end):
            if word.family == "birth" or _is_past(match):
                yield match.span("date")
        # "(DOB)" behind it; but "12/05/2026 (naissance de sa fille)" may be a delivery.
        before = max(0, word.start - _MOST_WRITTEN)
        if (match := _BRACKETED.search(text, before, word.start)) and _is_past(match):
            yield match.span("date")
    if any(word.family == "birth_last" for word in announced):
        for match in _BEFORE.finditer(text):
            if match["doubtful"] is None or _is_past(match):
                yield match.span("date")


def _is_past(match: re.Match[str]) -> bool:
    return _year_of(match["date"]) <= LATEST


def _year_of(written: str) -> int:
    if full := _FULL_YEAR.search(written):
        return int(full.group())
    short = _SHORT_YEAR.search(written)
    year = int(short.group()) if short else 0
    return year + (2000 if year < _CENTURY else 1900)
