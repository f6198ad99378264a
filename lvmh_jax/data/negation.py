"""Finds negation cues, the words that deny or reject something, in twelve languages.

The phrases of `cues` are parsed by `cuephrases`. The longest phrase that begins at a token wins, so
that "not only" does not count as "not".
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import compress, repeat

from lvmh_jax.data.cuephrases import (
    DENIERS,
    EXACT,
    GAP,
    KINDS,
    MASK,
    FormMatcher,
    Pattern,
    fits_atom,
    join_atoms,
    list_patterns,
    read_words,
)
from lvmh_jax.data.cues import CUES, ELSEWHERE
from lvmh_jax.data.text import UNSPACED_CHARACTER

GAP_TOKENS = 3
GAP_CHARACTERS = 8  # maximum gap in unspaced scripts
_LINKS = "|".join(f"{lists.joins}|{lists.ors}" for lists in CUES.values())


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue in a text: its tokens, its kind, and where it may stand.

    It may stand `before` or `after` what it denies. With `across`, it may also deny what the
    previous clause names: "a scarf, not interested". With `late`, it stands after its head more
    often than before: "Gold möchte sie vermeiden".
    """

    tokens: tuple[int, ...]
    kind: str
    before: bool
    after: bool
    across: bool
    late: bool

    @property
    def first(self) -> int:
        """Its first token."""
        return self.tokens[0]

    @property
    def last(self) -> int:
        """Its last token."""
        return self.tokens[-1]


def find_cues(
    forms: Sequence[str], language: str, parted: Container[int] = frozenset()
) -> list[Cue]:
    """Finds the cues of a text, in order, without words hidden by masks ("not only").

    Args:
      forms: folded tokens of the text; those in `ACCENTED` keep their accents.
      language: upper-case ISO 639-1; any other string means the cues of all languages.
      parted: tokens with a comma or stronger punctuation before them.

    >>> find_cues(["not", "only", "navy", "no", "red"], "EN")
    [Cue(tokens=(3,), kind='deny', before=True, after=True, across=False, late=False)]
    """
    return [cue for cue in find_cues_and_masks(forms, language, parted) if cue.kind != MASK]


def find_cues_and_masks(
    forms: Sequence[str],
    language: str,
    parted: Container[int] = frozenset(),
    named: bool = False,
) -> list[Cue]:
    """Finds the cues of a text like `find_cues`, and the masks.

    Args:
      forms: see `find_cues`.
      language: see `find_cues`.
      parted: see `find_cues`.
      named: whether the text is a name, in which masks of the list `named` deny.

    >>> [(cue.kind, cue.tokens) for cue in find_cues_and_masks(["cannot", "tolerate"], "EN")]
    [('mask', (0, 1))]
    """
    known = language if language in CUES else ""
    used: set[int] = set()
    cues, present = [], frozenset(forms)
    starting = [*map(_starting, repeat(known), forms)]
    for first in compress(range(len(forms)), starting):
        if first in used:
            continue
        after = forms[first + 1] if first + 1 < len(forms) else ""
        may = (p for p in starting[first] if p.second is None or p.second == after)
        near = (p for p in may if p.last is None or p.last in present)
        asked = (p for p in near if not (named and p.named))
        fits = [(at, p) for p in asked if (at := _match(p, forms, first, parted))]
        if not fits:
            continue
        most = max(len(at) for at, _ in fits)
        longest = [(at, p) for at, p in fits if len(at) == most]
        at, kind = longest[0][0], min((p.kind for _, p in longest), key=KINDS.index)
        if kind in DENIERS and _ends_in_mask(known, forms, at, parted):
            continue  # "said no problem": the mask is found at its own first token
        used.update(range(at[0], at[-1] + 1) if kind == MASK else at)
        sides = [p for _, p in longest if p.kind in DENIERS]
        names = ("before", "after", "across", "late")
        where = {name: any(getattr(p, name) for p in sides) for name in names}
        cues.append(Cue(tuple(at), kind, **where))
    return cues


def _ends_in_mask(
    language: str, forms: Sequence[str], at: Sequence[int], parted: Container[int]
) -> bool:
    """Whether a mask begins within a cue and continues after it."""
    return any(
        pattern.kind == MASK and _match(pattern, forms, token, parted)[-1:] > [at[-1]]
        for token in at[1:]
        for pattern in _starting(language, forms[token])
    )


def holds_cue(forms: Sequence[str], language: str = "") -> bool:
    """Whether a phrase contains a denial, like the alias "no logo"."""
    return any(cue.kind in DENIERS for cue in find_cues(forms, language))


def find_denials(forms: Sequence[str], language: str = "") -> list[Cue]:
    """Finds the cues that deny in a name, including masks of the list `named`.

    >>> [cue.tokens for cue in find_denials(["cannot", "tolerate", "nickel"], "EN")]
    [(0,)]
    """
    found = find_cues_and_masks(forms, language, named=True)
    return [cue for cue in found if cue.kind in DENIERS]


def list_denials(forms: Sequence[str], language: str = "") -> list[Cue]:
    """Like `find_denials`, but empty for a double negation, which is affirmative.

    >>> [len(list_denials(text.split(), "EN")) for text in ("no day without tea", "no tea no milk")]
    [0, 2]
    """
    denials = find_denials(forms, language)
    return [] if _turn_round(denials, forms) else denials


def _turn_round(denials: Sequence[Cue], forms: Sequence[str]) -> bool:
    """Whether the denials of a phrase cancel out: "no day without", "verzichtet nie".

    Lists ("no tea and no milk") and negative concord ("no usa nunca", in Romance and Slavic
    languages) do not cancel out. In unspaced scripts these are not recognised, and two denials
    always cancel out.
    """
    if len(denials) < 2:
        return False
    if UNSPACED_CHARACTER.match(forms[denials[0].first]):
        return True
    # Cues of the list `either`, or after their head: verbs, which are either late or across.
    twice = [cue for cue in denials if cue.after and (cue.late == cue.across or not cue.before)]
    if len(twice) == len(denials) and any(cue.before and not cue.late for cue in twice):
        return False
    links = find_words(_LINKS, forms)
    said = [[forms[token] for token in cue.tokens] for cue in denials]
    return any(
        said[at] != said[at - 1] and not links & {cue.first - 1, cue.first}
        for at, cue in enumerate(denials)
        if at
    )


@lru_cache(maxsize=1 << 17)
def may_deny(form: str, after: str, language: str) -> bool:
    """Whether a denial in a language (in any, if it is unknown) may begin with two forms.

    >>> [may_deny(form, after, "EN") for form, after in (("no", ""), ("or", ""), ("is", "navy"))]
    [True, False, False]
    >>> may_deny("is", "out", "EN")
    True
    """
    known = language if language in CUES else ""
    denying = (p.atoms for p in _starting(known, form) if p.kind in DENIERS)
    return any(
        len(atoms) == 1 or atoms[1][0] == GAP or fits_atom(atoms[1], after) for atoms in denying
    )


@lru_cache(maxsize=1 << 16)
def may_deny_somewhere(form: str) -> bool:
    """Whether a denial in any language may begin with a form: a fast test before `may_deny`.

    >>> [may_deny_somewhere(form) for form in ("no", "ohne", "don't", "navy")]
    [True, True, True, False]
    """
    return _list_denying_heads().match(form)


def find_words(listed: str, forms: Sequence[str]) -> frozenset[int]:
    """Finds the tokens that match a list of single words of `CueLists`.

    >>> sorted(find_words("no|kein*", ["no", "one", "keine"]))
    [0, 2]
    """
    matcher = read_words(listed)
    # `__contains__` is mapped by a loop in C.
    fits = matcher.match if matcher.begins or matcher.pieces else matcher.exact.__contains__
    return frozenset(compress(range(len(forms)), map(fits, forms)))


@cache
def _list_denying_heads() -> FormMatcher:
    """Builds the matcher of forms with which a denial may begin, in any language."""
    patterns = [pattern for lists in CUES.values() for pattern in list_patterns(lists)]
    return join_atoms({pattern.atoms[0] for pattern in patterns if pattern.kind in DENIERS})


def read_cues() -> None:
    """Parses the cues of all languages in advance, so that the first notes are not slower."""
    for language in CUES:
        _compile(language)


@lru_cache(maxsize=1 << 17)
def _starting(language: str, form: str) -> tuple[Pattern, ...]:
    """The patterns that may begin with a form."""
    exact, loose, begins_loose = _compile(language)
    found = tuple(exact.get(form, ()))
    if not begins_loose.match_loosely(form):
        return found
    return (*found, *(p for p in loose if fits_atom(p.atoms[0], form)))


@cache
def _compile(
    language: str,
) -> tuple[dict[str, list[Pattern]], list[Pattern], FormMatcher]:
    """Patterns by their exact first form, and patterns that begin with a prefix or a piece.

    The third value matches the first forms of the latter.
    """
    exact: dict[str, list[Pattern]] = {}
    loose = []
    for lists in (CUES[language],) if language else CUES.values():
        for pattern in list_patterns(lists):
            kind, form = pattern.atoms[0]
            if not language and len(pattern.atoms) == 1 and form in ELSEWHERE:
                continue
            if kind == EXACT:
                exact.setdefault(form, []).append(pattern)
            else:
                loose.append(pattern)
    return exact, loose, join_atoms({pattern.atoms[0] for pattern in loose})


def _match(pattern: Pattern, forms: Sequence[str], first: int, parted: Container[int]) -> list[int]:
    """Positions of a pattern's tokens if it begins at `first`; empty if it does not match there.

    Only a refusal may continue after a comma ("no, thanks"): "not, only navy" is not "not only".
    """
    at = [first]  # already checked by `_starting`
    place, reach = first + 1, 0
    for atom in pattern.atoms[1:]:
        if atom[0] == GAP:
            unspaced = UNSPACED_CHARACTER.match(forms[first])
            reach += GAP_CHARACTERS if unspaced else GAP_TOKENS
            continue
        stop = min(place + reach + 1, len(forms))
        while place < stop and not fits_atom(atom, forms[place]):
            place += 1
        is_parted = any(each in parted for each in range(at[-1] + 1, place + 1))
        may_part = not reach and (pattern.across or pattern.has_comma)
        if place >= stop or (is_parted and not may_part):
            return []
        at.append(place)
        place, reach = place + 1, 0
    return at
