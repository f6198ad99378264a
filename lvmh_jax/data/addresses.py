"""Postal addresses: a street with a house number, with a following postcode and town.

A street without a number, a town or a country is only a place and stays: "rue du Faubourg",
"Milano". Patterns start at a word that announces a street; their lookbehind and lookahead are
bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lvmh_jax.data.announcers import Announcement

_BACK = 64  # maximum characters of the address before the announcing word
_UPPER = "[A-ZÀ-ÖØ-ÞĀĆČĐĞŁŃŒŚŠŽА-ЯЁ]"
_WORD = rf"{_UPPER}[A-Za-zÀ-ɏА-яё0-9'’-]{{0,24}}"
# Allows the full stop of an abbreviation ("Dr. Roux"), which does not end a sentence.
_CAPITAL = rf"(?:{_UPPER}[a-zà-ÿ]{{0,2}}\.(?= ?{_UPPER})|{_WORD})"
_PARTICLE = (
    r"(?:de la|de l'|de los|de las|d'|l'|de|du|des|la|le|les|della|delle|dei|degli|dell'|del|di|da"
    r"|do|dos|das|y|e|of|the|an der|am|im|bei|ob|и|им\.)"
)
_TOWN = rf"(?:'s-)?{_WORD}(?:[ -](?:{_PARTICLE} )?{_WORD}){{0,3}}"
_UNIT = (
    r"(?:,? (?:(?i:apt|suite|unit|flat|appartamento|piano|interno|piso|puerta|esc|app|appt|bte|bât"
    r"|корп|стр|кв|к|apartment)\.? ?|#)[\w/]{1,6}\b){0,3}"
)
_POSTCODE = r"(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{3}| ?[A-Z]{2}(?=[ ,]))?"
_UK = r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?![A-Za-z0-9])"
_TAIL = (
    rf"(?:,? ?\n?(?:{_POSTCODE}[, ]{{1,2}}{_TOWN}(?: \([A-Z]{{2}}\))?|{_TOWN},? \d{{4,6}}(?!\d)"
    rf"|{_TOWN}, [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?|(?:{_TOWN},? )?{_UK}"
    rf"|\d{{6}}))"
)
_NUMBER = r"\d{1,4}(?:[-/]\d{1,4}| ?(?:bis|ter|[A-Da-d])\b)?"
_LEAD = re.compile(rf"(?<![\d.,])(?P<number>{_NUMBER}),? \Z")
_LEAD_RU = re.compile(
    r"(?:\d{6}, ?)?(?:г|к|с|п|д|ст|клх|город)\.? ?[А-Я][\w.()-]{1,30}"
    r"(?: [А-Я(][\w.()-]{1,24})?, ?\Z"
)
_NAME = rf"(?:\. ?| )(?:(?:{_PARTICLE}(?: |(?<=')))?(?:{_CAPITAL}|\d{{1,2}}(?= [^\W\d_])) ?){{1,5}}"
_NUMBERED = re.compile(
    rf"{_NAME}(?:, ?|(?<= ))(?:n[.°º]{{1,2}} ?|д\. ?|дом |رقم )?"
    rf"(?P<number>{_NUMBER}|[Ss]/[Nn])(?!\d)"
    rf"{_UNIT}(?P<tail>{_TAIL})?"
)
_NAMED = re.compile(rf"(?:{_NAME}| {_PARTICLE} ?[^\W\d_]{{2,24}}){_UNIT}(?P<tail>{_TAIL})?")
_WITH_TOWN = re.compile(rf"{_NAME},? ?\n?{_POSTCODE} {_TOWN}")
_ARABIC = re.compile(r" (?:[\u0621-\u064a]{2,16} ){1,4}?(?:رقم )?\d{1,4}(?!\d)")
_LAST = re.compile(rf"(?<![\d.,])\d{{1,5}}[A-Za-z]? (?:{_CAPITAL} ){{1,3}}\Z")
_AFTER_LAST = re.compile(rf"\.?{_UNIT}(?P<tail>{_TAIL})?")
_HEAD = re.compile(
    r"(?:[A-ZÄÖÜ][\wäöüß]{1,24}-){0,3}[A-ZÄÖÜ][\wäöüß-]{1,30}\Z|[A-ZÄÖÜ][\w]{2,20} \Z"
)
# Any street that is followed by a postcode of these countries; and a British postcode alone, which
# identifies about a dozen households.
_BY_POSTCODE = re.compile(
    rf"(?<![\w.,])(?:(?:(?:Flat|Studio|Unit|Suite|Apt\.?) \w{{1,5}},? )?(?:\d{{1,5}}[a-z]? )?"
    rf"{_CAPITAL}(?: {_CAPITAL}){{1,3}},? )?"
    rf"(?:(?:{_TOWN},? )?{_UK}|{_TOWN}, [A-Z]{{2}} \d{{5}}(?!\d))"
)
_POSTCODE_SEEN = re.compile(rf"(?<![A-Za-z0-9]){_UK}|, [A-Z]{{2}} \d{{5}}(?!\d)")
_AFTER_PART = re.compile(rf" {_NUMBER}(?!\d)(?P<tail>{_TAIL})?")

_HAN = r"\u4e00-\u9fff"
_JAPANESE = re.compile(
    rf"(?:〒? ?\d{{3}}-\d{{4}} ?)?[{_HAN}]{{2,3}}[都道府県]"
    rf"[{_HAN}\u3041-\u30fcA-Za-z]{{1,24}}\d{{1,4}}(?:丁目|番地?|号|-)"
    rf"(?:\d{{1,4}}(?:番地?|号|-)?){{0,3}}(?: ?[{_HAN}\u30a1-\u30fc]{{1,12}}\d{{1,4}})?"
)
_CHINESE = re.compile(
    rf"[{_HAN}]{{2,24}}?(?:路|街|巷|弄|胡同|大道)(?:\d{{1,5}}(?:弄\d{{1,4}})?[号號](?:\d{{1,4}}[室楼栋号])?"
    rf"|[A-Za-z]座)(?: ?\d{{6}}(?!\d))?"
)
_KOREAN = re.compile(
    r"(?:[가-힣]{1,8}(?:특별시|광역시|특별자치시|특별자치도|도|시|군|구|읍|면) ){1,4}"
    r"[가-힣0-9]{1,12}(?:로|길|거리|동|리|가) ?(?:지하)?\d{1,4}(?:-\d{1,4})?"
    r"(?:번지|호)?(?: ?\([가-힣0-9]{1,10}\))?"
)
_BY_SCRIPT = {"place_han": (_JAPANESE, _CHINESE), "place_hangul": (_KOREAN,)}


def find_addresses(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of postal addresses; spans may be nested.

    Args:
      text: text with plain digits, spaces and hyphens.
      announced: result of `find_announcements` on it.

    >>> from lvmh_jax.data.announcers import find_announcements
    >>> text = "habite 12, rue de Rome, 75008 Paris, aime Rome"
    >>> [text[a:b] for a, b in find_addresses(text, find_announcements(text))]
    ['12, rue de Rome, 75008 Paris']
    """
    find = {"street": _after, "street_last": _before, "street_part": _compound}
    find.update(street_maybe=_compound, street_fr=_french, street_initial=_initial)
    for word in announced:
        if word.family in find and (span := find[word.family](text, word)):
            start, end = span
            yield start, start + len(text[start:end].rstrip(" .,-'’"))
    if _POSTCODE_SEEN.search(text):
        yield from (match.span() for match in _BY_POSTCODE.finditer(text))
    for family in {word.family for word in announced} & _BY_SCRIPT.keys():
        for pattern in _BY_SCRIPT[family]:
            yield from (match.span() for match in pattern.finditer(text))


def _french(text: str, word: Announcement) -> tuple[int, int] | None:
    """12, rue de Rome: the number comes before the street, rarely after it."""
    before = text[max(0, word.start - 16) : word.start]
    lead = _LEAD.search(before)
    if lead and (match := _NAMED.match(text, word.end)):
        return word.start - (len(before) - lead.start()), match.end()
    return _after(text, word)


def _after(text: str, word: Announcement) -> tuple[int, int] | None:
    """via, calle, ул.: the name and then the number follow."""
    match = _NUMBERED.match(text, word.end)
    # English uses the word too: "sent via WhatsApp 3 times".
    is_other = (
        match
        and text[word.start : word.end] == "via"
        and text[match.end() : match.end() + 1] == " "
    )
    if match and (match["tail"] or not is_other):
        town = _LEAD_RU.search(text, max(0, word.start - _BACK), word.start)
        return town.start() if town else word.start, match.end()
    if match := _WITH_TOWN.match(text, word.end):
        return word.start, match.end()
    match = _ARABIC.match(text, word.end)
    return (word.start, match.end()) if match else None


def _initial(text: str, word: Announcement) -> tuple[int, int] | None:
    """C. and R. for calle and rua; being so short, they require a postcode."""
    match = _NUMBERED.match(text, word.end)
    return (word.start, match.end()) if match and match["tail"] else None


def _before(text: str, word: Announcement) -> tuple[int, int] | None:
    """Street, road: number and name come before."""
    before = text[max(0, word.start - _BACK) : word.start]
    lead = _LAST.search(before)
    if not lead or text[word.start].islower():
        return None
    match = _AFTER_LAST.match(text, word.end)
    return word.start - (len(before) - lead.start()), match.end() if match else word.end


def _compound(text: str, word: Announcement) -> tuple[int, int] | None:
    """Lindenstraße 5, Prinsengracht 12; words that also mean rings or squares need a postcode."""
    before = text[max(0, word.start - _BACK) : word.start]
    head, match = _HEAD.search(before), _AFTER_PART.match(text, word.end)
    if not head or not match or (word.family == "street_maybe" and not match["tail"]):
        return None
    return word.start - (len(before) - head.start()), match.end()
