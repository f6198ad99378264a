"""Phone numbers: by form, by an announcing word, and by `phonenumbers`.

Forms alone miss how each country groups its digits, and the library alone takes prices for numbers
of small countries. So digits without a known form must be announced, or be valid in a supported
country and grouped as is usual there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lvmh_jax.data.announcers import Announcement

# Where clients of our twelve languages live.
REGIONS = (
    *("FR", "BE", "CH", "GB", "US", "IE", "IT", "ES", "MX", "DE", "AT", "PT", "BR", "NL", "JP"),
    *("KR", "CN", "HK", "TW", "RU", "AE", "SA", "EG", "QA", "KW"),
)
_FORM = re.compile(
    r"(?<!\d)(?<!\d[.,/:-])(?:"  # not from the middle of a number or a date
    r"\(?(?:\+|00) ?[1-9](?:[ ./()-]{0,3}\d){7,14}"  # international
    # National with its leading 0, unless it is a date: 01.02.2026.
    r"|\(?(?!\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d)0\d(?:[ ./()-]{0,2}\d){7,9}"
    r"|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}(?P<us>[.-])\d{3}(?P=us)\d{4}"  # North America
    r"|\(\d{2,5}\)[ -]?\d(?:[ -]?\d){5,8}"  # an area code in brackets
    r"|1[3-9]\d(?P<cn>[ -]?)\d{4}(?P=cn)\d{4}"  # China, mobile
    r"|8[ -]?\(\d{3}\)[ -]?\d{3}[ -]?\d\d[ -]?\d\d"  # Russia
    r"|8[ -]?[3489]\d\d[ -]?\d{3}[ -]?\d\d[ -]?\d\d|8 \d{3} \d{3} ?\d\d ?\d\d"
    r"|\d{2,4}-\d{3,4}-\d{4}"  # Japan, Korea; the leading 0 lost in a spreadsheet
    r"|[67]\d\d(?P<es>[ .-]?)\d{3}(?P=es)\d{3}|[67]\d\d(?:[ .-]\d\d){3}"  # Spain, mobile
    r"|3[2-9]\d[ .-]?\d{3}[ .-]?\d{4}|9[1236]\d ?\d{3} ?\d{3}"  # Italy, Portugal, mobile
    r")(?:(?i: ?x| ?ext\.?| poste| доб\.?) ?\d{1,5})?(?![\d%€$£])"
)
_RUN = re.compile(r"(?<![\d.,+/:-])\d(?:[ .-]?\d){7,12}(?![\d%€$£])(?![.,]\d)")
_ANNOUNCED = re.compile(
    r"[\w.' ]{0,12}?[\s:.=#№°()，：-]{0,4}"
    r"(?P<number>[+(]{0,2}\d(?:[ ./()-]{0,2}\d){6,13})(?![\d%€$£])"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .]\d{3})+")
_DATE = re.compile(r"(?:\d{4}[ ./-]\d{1,2}[ ./-]\d{1,2}|\d{1,2}[ ./-]\d{1,2}[ ./-]\d{4})(?!\d)")


def find_phones(text: str, announced: Sequence[Announcement]) -> Iterator[tuple[int, int]]:
    """Yields the half-open spans of phone numbers; spans may be nested.

    Args:
      text: text with plain digits, spaces and hyphens.
      announced: result of `find_announcements` on it.
    """
    yield from (match.span() for match in _FORM.finditer(text))
    for word in announced:
        if word.family == "phone" and (match := _ANNOUNCED.match(text, word.end)):
            if not _DATE.match(match["number"]):
                yield match.span("number")
    for match in _RUN.finditer(text):
        if _is_written_as_abroad(match.group()):
            yield match.span()


def _is_written_as_abroad(written: str) -> bool:
    """Whether the digits are grouped as a country writes its own numbers."""
    groups = re.split(r"\D", written)
    if not 3 <= len(groups) <= 6 or _THOUSANDS.fullmatch(written) or _DATE.match(written):
        return False
    # Imported here, because training and `--help` rarely need it.
    import phonenumbers

    for region in REGIONS:
        try:
            number = phonenumbers.parse(written, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
            if re.findall(r"\d+", form) == groups:
                return True
    return False
