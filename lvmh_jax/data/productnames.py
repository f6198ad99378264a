"""Product names with a title, such as "Miss Dior", which are not redacted if the lexicon has them.

If the title is inside an alias, what follows it in the alias is not a person's name. Words after
the alias are redacted ("Mme Rose [NAME]"), unless they begin like part of a product name: "Miss
Dior Eau de Parfum". If an alias does name a person, that name stays; `doctor` lists such aliases
(rule `personal-name`). Lexicons mined from notes contain some in lower case, such as "frau koch",
so an alias counts only if its name has a capital.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from lvmh_jax.data.announcers import find_announcements
from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.privacy import Found, find_personal
from lvmh_jax.records import Alias

_FAMILIES = {"title", "patronymic", "name_arabic", "name_han", "name_hangul"}
_WORD = re.compile(r"[^\W\d_]{1,40}")
_PARTICLES = frozenset(
    "de du des d la le les l di da del della dell dos das do van von der den ten ter the n".split()
)
# Words that continue a product name. No colours, and of flowers only "rose", as they are surnames.
_OF_PRODUCTS = frozenset(
    "eau eaux parfum parfums perfume parfüm profumo perfum cologne toilette extrait essence elixir"
    " élixir absolu absolue absolute absolutely blooming bouquet intense intensely originale"
    " original limited edition édition edizione edición collection collezione colección kollektion"
    " set coffret gift body hair hand mist spray lotion cream crème creme crema gel oil huile balm"
    " baume savon soap candle bougie lipstick mascara serum sérum mask masque bag bags sac sacs"
    " borsa bolso tasche tas handbag clutch pouch wallet mini micro small medium large".split()
)


class SparedNames:
    """Aliases of a lexicon that look like a title with a name."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        """Takes all aliases; ignores those without a title: "rose" does not spare "Mme Rose"."""
        named = [alias for alias in aliases if _has_name(alias.text)]
        self._matcher = DictionaryMatcher(named) if named else None

    def drop(self, text: str, found: Sequence[Found]) -> list[Found]:
        """Removes names from the findings in a text if their title is inside an alias.

        >>> text = "Mme Durand porte Miss Dior"
        >>> SparedNames([Alias("Miss Dior", 0)]).drop(text, find_personal(text))
        [Found(start=4, end=10, kind='NAME')]
        """
        if self._matcher is None or not any(each.kind == "NAME" for each in found):
            return list(found)
        hits = [(hit.start, hit.end) for hit in self._matcher.find(text)]
        return list(_cut(text, found, hits))


def _cut(text: str, found: Sequence[Found], hits: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Findings with each such name reduced to what follows the alias."""
    for each in found:
        ends = [end for start, end in hits if start <= each.start < end]
        if each.kind != "NAME" or not ends:
            yield each
        elif rest := _find_rest(text, ends[0], each.end):
            yield Found(rest, each.end, each.kind)


def _find_rest(text: str, start: int, end: int) -> int | None:
    """Start of a name in what follows an alias; None if there is none."""
    words = list(_WORD.finditer(text, start, max(start, end)))
    own = next((word for word in words if word.group().lower() not in _PARTICLES), None)
    if own is None or own.group().lower() in _OF_PRODUCTS:
        return None
    return words[0].start()


def _has_name(text: str) -> bool:
    """Whether a text has a title and a name with a capital, or in a script without capitals."""
    if _FAMILIES.isdisjoint(word.family for word in find_announcements(text)):
        return False
    names = [text[each.start : each.end] for each in find_personal(text) if each.kind == "NAME"]
    return any(name != name.lower() or name == name.upper() for name in names)
