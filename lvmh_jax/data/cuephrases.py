"""Parses the phrases of `cues`, which deny or reject something, into token patterns.

Syntax: words separated by spaces are consecutive tokens, `word*` is a token with this prefix,
`~piece` a token that contains the piece, `…` skips a few tokens of a clause, and `… …` twice as
many. The text may have a comma where the phrase has one. `negation` finds the patterns in texts.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from lvmh_jax.data.cues import CueLists
from lvmh_jax.data.text import fold_form, tokenize

DENY, OVER, MASK, BUT, JOIN, OR = "deny", "over", "mask", "but", "join", "or"
EXACT, PREFIX, PIECE, GAP = "exact", "prefix", "piece", "gap"
# Kind of each list, and the fields before, after, across and late of its cues (see `negation.Cue`).
LISTS = {
    "masks": (MASK, False, False, False, False),
    "named": (MASK, False, False, False, False),
    "over_before": (OVER, True, False, False, False),
    "over_after": (OVER, False, True, False, False),
    "either": (DENY, True, True, False, False),
    "verbs": (DENY, True, True, False, True),
    "before": (DENY, True, False, False, False),
    "after": (DENY, False, True, True, False),
    "backward": (DENY, True, True, True, True),
    "refusals": (DENY, True, True, True, False),
    "but": (BUT, False, False, False, False),
    "joins": (JOIN, False, False, False, False),
    "ors": (OR, False, False, False, False),
}
# Of two phrases of the same length that match, the one of the earlier kind wins.
KINDS = (MASK, OVER, DENY, BUT, JOIN, OR)
DENIERS = (OVER, DENY)

# Words that differ from their folded form only by an accent: IT "né" is not "ne", "è" not "e".
ACCENTED = {
    "ne": frozenset({"né"}),
    "e": frozenset({"è", "é"}),
    "si": frozenset({"sí", "sì"}),
}

Atom = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed phrase: an atom for each of its tokens, the fields of its cue, and shortcuts.

    A mask that is `named` denies in a name: "cannot tolerate nickel". `second` and `last` are the
    forms of the second and the last token where these are exact, for quick tests before all
    atoms are matched.
    """

    atoms: tuple[Atom, ...]
    kind: str
    before: bool
    after: bool
    across: bool
    late: bool
    has_comma: bool = False
    named: bool = False
    second: str | None = None
    last: str | None = None


@cache
def list_patterns(lists: CueLists) -> list[Pattern]:
    """Parses all phrases of a language."""
    patterns = []
    for name, what in LISTS.items():
        for phrase in filter(None, getattr(lists, name).split("|")):
            atoms = parse_phrase(phrase)
            places = (atoms[1:2], atoms[1:][-1:])
            ends = (next((form for kind, form in at if kind == EXACT), None) for at in places)
            patterns.append(Pattern(atoms, *what, "," in phrase, name == "named", *ends))
    return patterns


def parse_phrase(phrase: str) -> tuple[Atom, ...]:
    """Parses a phrase into atoms.

    >>> parse_phrase("steer* clear of")
    (('prefix', 'steer'), ('exact', 'clear'), ('exact', 'of'))
    >>> parse_phrase("~n't"), parse_phrase("n … que")[1]
    ((('piece', "n't"),), ('gap', ''))
    """
    atoms: list[Atom] = []
    for word in phrase.replace("…", " … ").replace(",", " ").split():
        if word == "…":
            atoms.append((GAP, ""))
        elif word.startswith("~"):
            # Not tokenized: a piece of a token need not be one.
            atoms.append((PIECE, fold_form(word[1:])))
        else:
            written = word.removesuffix("*")
            tokens = [(token.form, written[token.start : token.end]) for token in tokenize(written)]
            forms = [text if text in ACCENTED.get(form, ()) else form for form, text in tokens]
            last = PREFIX if word.endswith("*") else EXACT
            atoms += [(EXACT, form) for form in forms[:-1]]
            atoms.append((last, forms[-1]))
    return tuple(atoms)


def fits_atom(atom: Atom, form: str) -> bool:
    """Whether a folded token matches an atom that is not a gap.

    >>> [fits_atom(("prefix", "steer"), form) for form in ("steers", "clear")]
    [True, False]
    """
    kind, wanted = atom
    if kind == EXACT:
        return form == wanted
    return form.startswith(wanted) if kind == PREFIX else wanted in form


class FormMatcher(NamedTuple):
    """Matches forms that are in a set, begin with a prefix, or contain a piece.

    A regular expression would try each of 150 prefixes at every letter.
    """

    exact: frozenset[str]
    begins: tuple[str, ...]
    pieces: tuple[str, ...]

    def match(self, form: str) -> bool:
        """Whether a form matches."""
        return form in self.exact or self.match_loosely(form)

    def match_loosely(self, form: str) -> bool:
        """Whether it matches by a prefix or a piece."""
        return form.startswith(self.begins) or any(piece in form for piece in self.pieces)


def join_atoms(atoms: Collection[Atom]) -> FormMatcher:
    """Builds a matcher of forms that fit any of the atoms."""
    exact, begins, pieces = (
        [form for kind, form in atoms if kind == wanted] for wanted in (EXACT, PREFIX, PIECE)
    )
    return FormMatcher(frozenset(exact), tuple(begins), tuple(pieces))


@cache
def read_words(listed: str) -> FormMatcher:
    """Builds a matcher from a list of single words in `CueLists`, separated by `|`."""
    return join_atoms([parse_phrase(word)[0] for word in listed.split("|") if word])
