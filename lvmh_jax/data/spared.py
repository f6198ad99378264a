"""Names of products behind a title, as "Miss Dior": kept where the lexicon has them as written.

A title within an alias announces no person, so neither what follows it in the alias nor the words
behind that are taken for a name. Where an alias does name a person, that name stays: `doctor` lists
these aliases (rule `personal-name`). Lexicons that were mined from notes have such, as "frau koch",
in small letters, so an alias counts only where its name has a capital.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lvmh_jax.data.announcers import find_announcements
from lvmh_jax.data.matcher import DictionaryMatcher
from lvmh_jax.data.privacy import Found, find_personal
from lvmh_jax.records import Alias

_FAMILIES = {"title", "patronymic", "name_arabic", "name_han", "name_hangul"}


class SparedNames:
    """The aliases of a lexicon that would be taken for a title and a name."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        """Takes all aliases. One without a title is left out: "rose" does not spare "Mme Rose"."""
        named = [alias for alias in aliases if _has_name(alias.text)]
        self._matcher = DictionaryMatcher(named) if named else None

    def drop(self, text: str, found: Sequence[Found]) -> list[Found]:
        """What was found in a text, without the names whose title stands within an alias.

        >>> text = "Mme Durand porte Miss Dior"
        >>> SparedNames([Alias("Miss Dior", 0)]).drop(text, find_personal(text))
        [Found(start=4, end=10, kind='NAME')]
        """
        if self._matcher is None or not any(each.kind == "NAME" for each in found):
            return list(found)
        hits = [(hit.start, hit.end) for hit in self._matcher.find(text)]
        return [
            each
            for each in found
            if each.kind != "NAME" or not any(start <= each.start < end for start, end in hits)
        ]


def _has_name(text: str) -> bool:
    """Whether it has a title and a name with a capital, or one in a script without capitals."""
    if _FAMILIES.isdisjoint(word.family for word in find_announcements(text)):
        return False
    names = [text[each.start : each.end] for each in find_personal(text) if each.kind == "NAME"]
    return any(name != name.lower() or name == name.upper() for name in names)
