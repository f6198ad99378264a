"""How much of a list a negation cue denies: "no rose, iris or musk" denies all three.

A list is a sequence of heads separated only by commas, articles and conjunctions. Commas alone do
not make a list: "no leather, navy please" continues with a wish. What closes the list decides:

- "or": all items are denied.
- "and": all items are denied, unless the cue is bare ("no logo, black and gold hardware"). A cue
  that is not bare has a verb ("hates", "does not like"). Items that each have an article belong
  together whatever the cue is ("pas de rose, d'iris et de musc").
- the enumeration mark of Chinese and Japanese: all items that it joins are denied.
- nothing: three items or more are denied if each has an article and the cue has a verb ("déteste le
  oud, la vanille, le musc").

If the cue comes after the list, the same rules apply from the end of the list, but the list must
begin the sentence: in "loves rose, iris and oud is not for her", "rose" belongs to another clause.
Verb-final languages are exempt: "mag Vanille, Zitrus und Leder nicht".
"""

from __future__ import annotations

from dataclasses import dataclass

from lvmh_jax.data.negation import Cue
from lvmh_jax.detect.scene import FAR_REACH, JOINING_BEGINNINGS, Scene

COMMAS, MARKS, SLASHES = frozenset(",，،"), frozenset("、"), frozenset("/")
# Languages in which three items with only commas are a list: "장미, 아이리스, 머스크는 싫어하심".
ENUMERATING = ("KO",)
VERB_BEFORE = ("FR", "DE", "NL")  # the verb precedes "not": "n'aime pas", "mag kein"
FEW = 2  # minimum number of gaps in a list without a conjunction


@dataclass(frozen=True)
class _Gap:
    """What separates two items of a list.

    Attributes:
      closes: "or", "and", or empty without a conjunction.
      parted: whether there is a comma.
      marked: whether there is an enumeration mark.
      has_article: whether the second item has an article.
      bare: whether there is nothing but at most one conjunction.
    """

    closes: str
    parted: bool
    marked: bool
    has_article: bool
    bare: bool


def list_items(cue: Cue, head: int, step: int, scene: Scene) -> list[tuple[int, int]]:
    """Lists the heads that a cue denies: the nearest one and its list, as (first, last) tokens.

    Args:
      cue: the cue.
      head: index of the nearest head in `scene.heads`.
      step: 1 if the list continues after the head, -1 if before it.
      scene: the note.
    """
    gaps: list[_Gap] = []
    at = head
    while 0 <= at + step < len(scene.heads):
        left, right = sorted((at, at + step))
        gap = _read_gap(scene.heads[left][1], scene.heads[right][0], scene)
        if gap is None:
            break
        gaps.append(gap)
        at += step
    count = _count_denied(gaps, cue, head, step, scene)
    low, high = sorted((head, head + step * count))
    return scene.heads[low : high + 1]


def _read_gap(left: int, right: int, scene: Scene) -> _Gap | None:
    """Classifies the gap between two heads; None if they do not belong to one list."""
    words = range(left + 1, right)
    marks = [scene.written.gaps[token].strip() for token in range(left + 1, right + 1)]
    if scene.sentence_T[left] != scene.sentence_T[right]:
        return None
    joins = scene.joins | scene.ors
    if any(token not in scene.articles and token not in joins for token in words):
        return None
    signs = {sign for mark in marks for sign in mark if sign not in "'’`"}
    if not signs <= COMMAS | MARKS | SLASHES:
        return None
    prefix = JOINING_BEGINNINGS.get(scene.written.language)
    prefixed = prefix is not None and scene.written.forms[right].startswith(prefix)
    joined = [token for token in words if token in joins]
    is_and = bool(joined) or prefixed or (not words and left in scene.joining)
    is_or = bool(SLASHES & signs) or any(token in scene.ors for token in joined)
    if not (signs or is_and or is_or):
        return None
    return _Gap(
        closes="or" if is_or else "and" if is_and else "",
        parted=bool(COMMAS & signs),
        marked=bool(MARKS & signs),
        has_article=any(token in scene.articles for token in words),
        bare=len(words) == len(joined) <= 1,
    )


def _count_denied(gaps: list[_Gap], cue: Cue, head: int, step: int, scene: Scene) -> int:
    """How many items after the first one, counted from the cue, are denied as well."""
    if step < 0:
        return _count_behind(gaps, head, scene)
    sure = _has_verb(cue, scene.heads[head][0], scene)
    each = _has_article(cue, scene.heads[head][0], scene) and all(gap.has_article for gap in gaps)
    denied, parted = 0, False
    for count, gap in enumerate(gaps, 1):
        parted |= gap.parted
        plain = gap.bare and not parted
        if gap.closes == "or" or gap.marked or (gap.closes and (sure or each or plain)):
            denied, parted = count, False
        elif gap.closes:
            break
    if not denied and len(gaps) >= FEW and sure and each:
        return len(gaps)
    return denied


def _count_behind(gaps: list[_Gap], head: int, scene: Scene) -> int:
    """The same for a cue after the list, so that the end of the list comes first."""
    begin = scene.heads[head - len(gaps)][0] - 1
    while begin >= 0 and begin in scene.articles:
        begin -= 1
    opens = begin < 0 or scene.sentence_T[begin] != scene.sentence_T[begin + 1]
    language = scene.written.language
    whole = opens or language in FAR_REACH
    closed = language in ENUMERATING and len(gaps) >= FEW
    for count, gap in enumerate(gaps):
        closed |= gap.closes != ""
        if not (gap.marked or (closed and whole) or (gap.closes and not gap.parted)):
            return count
    return len(gaps)


def _has_verb(cue: Cue, first: int, scene: Scene) -> bool:
    """Whether the cue is a verb or next to one: "hates", "does not like", "n'aime pas"."""
    if cue.first in scene.bare:
        return False
    if not scene.nots.issuperset(cue.tokens):
        return True
    between = range(cue.last + 1, first)
    behind = cue.first > 0 and scene.stretch_T[cue.first - 1] == scene.stretch_T[cue.first]
    follows = behind and scene.written.language in VERB_BEFORE
    return follows or any(token not in scene.articles for token in between)


def _has_article(cue: Cue, first: int, scene: Scene) -> bool:
    """Whether the item after a cue has an article, or the cue ends in one."""
    return first - 1 in scene.articles and first - 1 >= cue.first
