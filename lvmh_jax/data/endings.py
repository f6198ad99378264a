"""Words for something being over that are part of a concept's name: "vendre sa maison".

"Sold" denies the house in "sold the house", but for a concept about selling it is the meaning of
the concept. So such a cue does not deny an alias that has the same word in any form: "vendu",
"vendre". For a cue of several words the alias must have all of them: "used", "plus" and 手 alone do
not mean that something is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import takewhile

from lvmh_jax.data.cuephrases import DENIERS, GAP, OVER, list_patterns
from lvmh_jax.data.cues import CUES
from lvmh_jax.data.text import UNSPACED_CHARACTER

STEM = 4  # minimum common prefix of two forms of a verb, in letters: "vendu", "vendre"
STEM_SHARE = 0.55  # and as a share of the longer form: "vendut", "vendere"
IRREGULAR = {"sold": "sell"}
# These mean it in any word. 戒 is left out: it means "to quit", but 戒指 is a ring.
CHARACTERS = frozenset("卖売弃飽辞")

Phrase = tuple[str, ...]


def names_end(forms: Sequence[str]) -> bool:
    """Whether a phrase has a word for something being over, in any form and language.

    >>> [names_end(text.split()) for text in ("vendre sa maison", "selling", "sa maison")]
    [True, True, False]
    >>> [names_end(text.split()) for text in ("giving up golf", "giving a gift")]
    [True, False]
    """
    if not CHARACTERS.isdisjoint(forms):
        return True
    phrases = _list_phrases()
    return any(
        _begins_with(forms[at:], phrase)
        for at, form in enumerate(forms)
        for phrase in phrases.get(_begin(form), ())
    )


@lru_cache(maxsize=1 << 16)
def is_end(form: str) -> bool:
    """Whether a word has the stem of a cue for something being over.

    >>> [is_end(form) for form in ("sold", "vendu", "longer")]
    [True, True, False]
    """
    return _begin(IRREGULAR.get(form, form)) in _list_begins()


def is_same_end(form: str, phrase: Sequence[str]) -> bool:
    """Whether a word for which `is_end` holds occurs in a phrase, in any form.

    >>> is_same_end("venduto", ["vendere", "casa"]), is_same_end("sold", ["vendre"])
    (True, False)
    """
    return is_end(form) and any(_is_one_verb(IRREGULAR.get(form, form), each) for each in phrase)


@cache
def _list_phrases() -> dict[str, list[Phrase]]:
    """Cues for something being over, by stem; without those that also deny, such as "no longer"."""
    found: dict[str, list[Phrase]] = {_begin(form): [(form,)] for form in IRREGULAR.values()}
    for lists in CUES.values():
        patterns = list_patterns(lists)
        denying = {p.atoms[0] for p in patterns if p.kind in DENIERS[1:] and len(p.atoms) == 1}
        for pattern in patterns:
            if pattern.kind == OVER and denying.isdisjoint(pattern.atoms):
                phrase = tuple(form for kind, form in pattern.atoms if kind != GAP)
                found.setdefault(_begin(phrase[0]), []).append(phrase)
    return found


@cache
def _list_begins() -> frozenset[str]:
    phrases = [phrase for own in _list_phrases().values() for phrase in own]
    return CHARACTERS.union(_begin(form) for phrase in phrases for form in phrase) - {""}


def _begin(form: str) -> str:
    """The stem by which forms of a verb are recognised; "" for too short a word."""
    if UNSPACED_CHARACTER.match(form):
        return form
    return form[:STEM] if len(form) >= STEM else ""


def _begins_with(forms: Sequence[str], phrase: Phrase) -> bool:
    """Whether words begin with the stems of a cue; gaps of the cue are ignored."""
    pairs = [*zip(forms, phrase, strict=False)]
    return len(pairs) == len(phrase) and all(_is_one_verb(*pair) for pair in pairs)


def _is_one_verb(left: str, right: str) -> bool:
    pairs = zip(left, right, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return left == right or shared >= max(STEM, STEM_SHARE * max(len(left), len(right)))
