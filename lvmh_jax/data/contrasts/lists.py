"""How a language names the members of closed classes: months, weekdays, seasons, kin, before.

A phrase is one word or a few tokens in a row; phrases are parted by `|`, members in their order by
`;`, and `ann{a,o}` is short for `anna|anno`. A word that is another one in any of the twelve
languages (FR `son`, EN `may`, IT `mai`) stands only with what tells it: a note's language is often
not known, and an alias has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MONTHS = (
    "january february march april may june july august september october november december"
).split()
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
SEASONS = "spring summer autumn winter".split()
RELATIVES = (
    "wife husband girlfriend boyfriend mother father daughter son sister brother grandmother "
    "grandfather granddaughter grandson aunt uncle niece nephew cousin mother_in_law "
    "father_in_law in_law"
).split()
PERSONS = [*RELATIVES, *"friend boss colleague".split()]
ORDER = "before after during".split()
# Each class, and how many members a concept may name that is about these: one that names January,
# March, May and October is about any month.
CLASSES = ((MONTHS, 3), (WEEKDAYS, 5), (SEASONS, 2), (PERSONS, len(PERSONS)), (ORDER, 1))
# Words that mean any of some members: they contradict none of these.
GROUPS = {
    "weekend": "saturday sunday",
    "workday": "monday tuesday wednesday thursday friday",
    "partner": "wife husband girlfriend boyfriend",
    "bride": "wife girlfriend",
    "groom": "husband boyfriend",
    "parent": "mother father",
    "child": "daughter son",
    "sibling": "sister brother",
    "grandparent": "grandmother grandfather",
    "grandchild": "granddaughter grandson",
    "nibling": "niece nephew",
    "family": " ".join(RELATIVES),
}


@dataclass(frozen=True)
class ContrastLists:
    """Phrases of one language.

    Attributes:
      months, weekdays, seasons: of each member, from January, Monday and spring on.
      others: of other members, and of names of `GROUPS`; of several joined by a space.
      nothing: phrases with such a word that mean something else ("mother of pearl").
      endings: what a word of these may end with beside, written with it: Korean particles.
      beginnings: what it may begin with, as Arabic prepositions do.
    """

    months: str
    weekdays: str
    seasons: str
    others: Mapping[str, str] = field(default_factory=dict)
    nothing: str = ""
    endings: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
