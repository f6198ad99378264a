"""Wordings that occur in the notes of one client only, and may therefore be the client's name.

Wordings match as whole words, ignoring case, accents, the amount of white space and invisible
characters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ahocorasick_rs import AhoCorasick

from lvmh_jax.data.cleartext import even_text
from lvmh_jax.data.text import UNSPACED_CHARACTER, fold_anew


def find_theirs(
    wordings: Collection[str], theirs: Iterable[str], others: Iterable[str]
) -> frozenset[str]:
    r"""Wordings that occur in the clients' texts and in none of the others.

    Args:
      wordings: aliases and labels.
      theirs: texts of the clients.
      others: texts of everybody else; read only as long as wordings remain.

    >>> wordings = {"Kessenich", "vase", "ring"}
    >>> find_theirs(wordings, ["Frau KESSENICH, a vase"], ["rings, a Vase"])
    frozenset({'Kessenich'})
    >>> sorted(find_theirs({"Müller", "Zoé", "été"}, ["Frau MÜLLER, Zoe"], ["cet ete"]))
    ['Müller', 'Zoé']
    >>> find_theirs({"Anna Rossi"}, ["Mme Anna\nRo\xadssi"], [])
    frozenset({'Anna Rossi'})
    """
    form_of = {wording: _fold(wording) for wording in wordings}
    left = _find_forms({form for form in form_of.values() if form}, theirs)
    if left:
        left -= _find_forms(left, others)
    return frozenset(wording for wording, form in form_of.items() if form in left)


def _find_forms(forms: set[str], texts: Iterable[str]) -> set[str]:
    patterns = sorted(forms)
    automaton = AhoCorasick(patterns or ["\0"])
    found: set[str] = set()
    for text in texts:
        folded = _fold(text)
        for pattern, start, end in automaton.find_matches_as_indexes(folded, overlapping=True):
            if not (_is_inside(folded, start) or _is_inside(folded, end)):
                found.add(patterns[pattern])
        if len(found) == len(forms):
            break
    return found


def _fold(text: str) -> str:
    return fold_anew(even_text(text).text)


def _is_inside(text: str, place: int) -> bool:
    """Whether a position is inside a word of a script with spaces."""
    return 0 < place < len(text) and _is_spaced(text[place - 1]) and _is_spaced(text[place])


def _is_spaced(char: str) -> bool:
    return char.isalnum() and not UNSPACED_CHARACTER.match(char)
