"""Input of the `doctor` rules: a lexicon, its surface forms, and the notes that they match.

Notes are referred to by row. Their texts are read once, for the dictionary, and appear in no
finding.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lvmh_jax.data.cleartext import even_all
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.data.matcher import DictionaryMatcher, Hit
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.data.text import Token, fold_with_offsets, tokenize
from lvmh_jax.records import LANGUAGES, Alias, Concept, Lexicon, Note

MOST_NOTES = 5  # maximum note ids in a finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a rule found at one place, before it becomes a finding.

    `notes` are rows of notes; `count` is what the rule counts, such as notes or aliases.
    """

    concepts: tuple[str, ...]
    alias: str
    count: int
    notes: Sequence[int]
    told: str


@dataclass(frozen=True)
class Inspection:
    """A lexicon together with its notes."""

    lexicon: Lexicon
    notes: Sequence[Note]

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """Concepts in file order."""
        return self.lexicon.concepts

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """The surface forms that a detector matches."""
        return list_aliases(self.lexicon)

    @cached_property
    def folded(self) -> list[str]:
        """Each alias in the form that the dictionary compares."""
        evened, _ = even_all([alias.text for alias in self.aliases])
        return [fold_with_offsets(text)[0] for text in evened]

    @cached_property
    def tokens(self) -> list[list[Token]]:
        """The tokens of each alias."""
        return [tokenize(alias.text) for alias in self.aliases]

    @cached_property
    def hits(self) -> list[list[Hit]]:
        """Dictionary matches of each note."""
        return DictionaryMatcher(self.aliases).find_all([note.text for note in self.notes])

    @cached_property
    def fired(self) -> dict[str, list[int]]:
        """Folded form to the rows of the notes that it matches."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        for row, hits in enumerate(self.hits):
            for hit in hits:
                for alias in hit.aliases:
                    found[self.folded[alias]][row] = None
        return {form: list(rows) for form, rows in found.items()}

    @cached_property
    def rows_of(self) -> dict[str, list[int]]:
        """Folded form to the rows of its aliases."""
        found: dict[str, list[int]] = defaultdict(list)
        for row, form in enumerate(self.folded):
            found[form].append(row)
        return dict(found)

    @cached_property
    def aliases_of(self) -> list[list[int]]:
        """Alias rows of each concept."""
        found: list[list[int]] = [[] for _ in self.concepts]
        for row, alias in enumerate(self.aliases):
            found[alias.row].append(row)
        return found

    def notes_of(self, row: int) -> list[int]:
        """Rows of the notes that an alias matches."""
        return self.fired.get(self.folded[row], [])

    def languages_of(self, concept: Concept) -> tuple[str, ...]:
        """Supported languages of a concept; all twelve if it names none of them."""
        return tuple(code for code in concept.languages if code in LANGUAGES) or LANGUAGES

    def see(self, row: int, told: str, concepts: Iterable[int] = ()) -> Evidence:
        """Evidence about one alias: the notes it matches, and its concept or the given ones."""
        alias = self.aliases[row]
        places = list(concepts) or [alias.row]
        fired = self.notes_of(row)
        ids = tuple(self.concepts[place].concept_id for place in places)
        return Evidence(ids, redact_fully(alias.text), len(fired), fired[:MOST_NOTES], told)
