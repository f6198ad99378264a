"""The scope of a negation cue: the nearest head on its side, and the list that head belongs to."""

from __future__ import annotations

from bisect import bisect_left as bisect
from collections.abc import Iterator
from dataclasses import replace

from lvmh_jax.data.cuephrases import OVER
from lvmh_jax.data.negation import Cue
from lvmh_jax.detect.listing import list_items
from lvmh_jax.detect.scene import NEAR, REACH, STEM_REACH, Scene

# A head is a span that a cue may deny (`scene.Head`); distances are in words (`scene.apart`).
CLAUSE_REACH = 6.0  # from a head to a cue that is its own clause: "asked for gold, was told no"
OVER_COMMA = 6.0  # from a head to a cue at the beginning of the next clause
OPENING = 3  # position up to which a cue begins a clause: "the watch, she is not interested"


def take_heads(cue: Cue, scene: Scene) -> Iterator[tuple[int, int]]:
    """Finds what a cue denies, as (first, last) tokens: heads, or the token next to the cue."""
    inside = _list_inside(cue, scene)
    yield from inside
    if inside and not cue.before:
        return  # "does not have gold on it": "it" is not denied
    if cue.before and not cue.late and scene.names_next(cue.last):
        cue = replace(cue, after=False)
    taken = _take_nearest(cue, scene)
    # A less likely head may be the verb, so the token next to the cue is denied as well.
    yield from taken or [*_take_nearest(cue, scene.wider), *_list_beside(cue, scene)]


def _take_nearest(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """The heads that a cue denies; those in its own clause come first."""
    sides = (_take_behind, _take_before) if cue.late else (_take_before, _take_behind)
    ways = (way(cue, scene) for way in (*sides, _take_across))
    return next(filter(None, ways), [])


def _list_inside(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """Heads between the parts of a cue: "né oro né argento"."""
    if not (cue.after and len(cue.tokens) <= cue.last - cue.first):
        return []
    begin, end = bisect(scene.heads, (cue.first, 0)), bisect(scene.heads, (cue.last, 0))
    return scene.heads[begin:end]


def _take_before(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """Denied heads after the cue."""
    # Heads do not overlap, so at most one that begins before the cue's end ends after it.
    head = bisect(scene.heads, (cue.last + 1, 0))
    head -= head > 0 and scene.heads[head - 1][1] > cue.last
    if not cue.before or head == len(scene.heads):
        return []
    first = max(scene.heads[head][0], cue.last + 1)
    near = scene.apart(cue.last, first) <= (STEM_REACH if first in scene.stems else REACH)
    # "Sold the house and wants a watch": only the house is over.
    near &= cue.kind != OVER or scene.opens.isdisjoint(range(cue.last + 1, first + 1))
    return list_items(cue, head, 1, scene) if near else []


def _take_behind(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """Denied heads before the cue, in the same clause."""
    head = bisect(scene.heads, (cue.first, 0)) - 1
    may = cue.after or scene.is_clause(cue)  # "pas" denies what precedes it only as its own clause
    near = may and head >= 0 and _reaches_back(cue, scene.heads[head][1], scene)
    return list_items(cue, head, -1, scene) if near else []


def _take_across(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """Denied heads in the clause before the cue's clause."""
    head = bisect(scene.heads, (cue.first, 0)) - 1
    may = cue.after or scene.is_clause(cue)
    near = may and head >= 0 and _reaches_across(cue, scene.heads[head][1], scene)
    return list_items(cue, head, -1, scene) if near else []


def _reaches_back(cue: Cue, last: int, scene: Scene) -> bool:
    """Whether a cue is near enough to the head before it, whose last token is `last`."""
    reach = max(scene.reach, CLAUSE_REACH) if cue.across else scene.reach
    reach = STEM_REACH if last in scene.stems else reach
    return scene.apart(min(last, cue.first - 1), cue.first) <= reach


def _reaches_across(cue: Cue, last: int, scene: Scene) -> bool:
    """Whether a cue refers to the previous clause, to a head whose last token is `last`."""
    opening = range(cue.first - OPENING + 1, cue.first + 1)
    may = not scene.answers.isdisjoint(opening) or scene.is_clause(cue)
    if not may and not (cue.across and not scene.begins.isdisjoint(opening)):
        return False
    is_next = scene.stretch_T[cue.first] - scene.stretch_T[last] == 1
    return is_next and scene.place_T[cue.first] - scene.place_T[last] <= OVER_COMMA


def _list_beside(cue: Cue, scene: Scene) -> list[tuple[int, int]]:
    """Tokens right next to a cue that has no head."""
    beside = []
    last = len(scene.place_T) - 1
    if cue.before:
        for token in range(cue.last + 1, min(cue.last + 2, last) + 1):
            if scene.apart(cue.last, token) <= NEAR:
                beside.append((token, token))
                if token in scene.joins and token < last:
                    beside.append((token + 1, token + 1))
    if cue.after:
        for token in range(max(cue.first - 2, 0), cue.first):
            if scene.apart(token, cue.first) <= NEAR:
                beside.append((token, token))
    return beside
