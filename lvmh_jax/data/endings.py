"""Words that say that something is over, where they name the thing itself: "vendre sa maison".

"Sold" denies the house in "sold the house", yet a concept about selling is just what it says. So
what ends something denies no alias that has the same word, in whatever form: "vendu", "vendre".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import takewhile

from lvmh_jax.data.cues import CUES
from lvmh_jax.data.negation import DENIERS, GAP, OVER, list_patterns
from lvmh_jax.data.text import UNSPACED_CHARACTER

STEM = 4  # letters with which two forms of one verb begin, "vendu" and "vendre",
STEM_SHARE = 0.55  # and the share of the longer one: "vendut" and "vendere"
IRREGULAR = {"sold": "sell"}


def names_end(forms: Sequence[str]) -> bool:
    """Whether a phrase has a word that says that something is over, in any form and language.

    >>> [names_end(text.split()) for text in ("vendre sa maison", "selling", "sa maison")]
    [True, True, False]
    """
    return any(_begin(form) in _list_begins() for form in forms)


@lru_cache(maxsize=1 << 16)
def is_end(form: str) -> bool:
    """Whether a word begins as one that says that something is over.

    >>> [is_end(form) for form in ("sold", "vendu", "longer")]
    [True, True, False]
    """
    return _begin(IRREGULAR.get(form, form)) in _list_begins()


def is_same_end(form: str, phrase: Sequence[str]) -> bool:
    """Whether a word that says so is one of a phrase, in any form.

    >>> is_same_end("venduto", ["vendere", "casa"]), is_same_end("sold", ["vendre"])
    (True, False)
    """
    return is_end(form) and any(_is_one_verb(IRREGULAR.get(form, form), each) for each in phrase)


@cache
def _list_begins() -> frozenset[str]:
    """How words begin that say so: not those that deny as well, "no longer"."""
    begins = {_begin(form) for form in IRREGULAR.values()}
    for lists in CUES.values():
        patterns = list_patterns(lists)
        denying = {p.atoms[0] for p in patterns if p.kind in DENIERS[1:] and len(p.atoms) == 1}
        begins |= {
            _begin(form)
            for pattern in patterns
            if pattern.kind == OVER and denying.isdisjoint(pattern.atoms)
            for kind, form in pattern.atoms
            if kind != GAP
        }
    return frozenset(begins - {""})


def _begin(form: str) -> str:
    """First letters by which forms of a verb are told; none of a word too short to be one."""
    if UNSPACED_CHARACTER.match(form):
        return form
    return form[:STEM] if len(form) >= STEM else ""


def _is_one_verb(left: str, right: str) -> bool:
    pairs = zip(left, right, strict=False)
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return left == right or shared >= max(STEM, STEM_SHARE * max(len(left), len(right)))
