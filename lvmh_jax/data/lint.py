"""The rules of `doctor` for a lexicon, one table row each.

A rule reads an `Inspection` and yields evidence; the table defines severity and repair. An `error`
stops a command that reads the workspace, a `warning` costs quality, a `hint` may cost some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lvmh_jax.data import lintaliases as aliases
from lvmh_jax.data import lintconcepts as concepts
from lvmh_jax.data.inspection import Evidence, Inspection
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.errors import UsageError, nearest_name

ERROR, WARNING, HINT = "error", "warning", "hint"
SEVERITIES = (ERROR, WARNING, HINT)
SCHEMA = "schema"  # findings of the file parsers; not a rule of the table


class Rule(NamedTuple):
    """A row of the table; `counts` names the unit of a finding's count."""

    severity: str
    about: str
    check: Callable[[Inspection], Iterator[Evidence]]
    repair: str
    counts: str = "notes"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `alias` is redacted, `notes` holds up to five note ids."""

    rule: str
    severity: str
    concepts: tuple[str, ...]
    alias: str
    count: int
    counts: str
    notes: tuple[str, ...]
    evidence: str
    repair: str


RULES: dict[str, Rule] = {
    "personal-data": Rule(
        ERROR,
        "aliases and ids with e-mail, phone, IBAN, card, national number, account or personal page",
        aliases.find_identifying,
        "drop the alias, rename the id; `train` does not save it, save with --allow-alias CONCEPT",
    ),
    "personal-name": Rule(
        WARNING,
        "aliases with a name after a title, a date of birth, or a postal address",
        aliases.find_names,
        "drop the alias if it names a person",
    ),
    "empty-concept": Rule(
        WARNING,
        "concepts that nothing can name",
        concepts.find_empty,
        "add aliases, or drop the concept",
        "aliases",
    ),
    "shared-alias": Rule(
        WARNING,
        "aliases of several concepts",
        aliases.find_shared,
        "keep it in the concept that it means, or merge the concepts",
    ),
    "stop-word": Rule(
        WARNING,
        "aliases of stop words alone",
        aliases.find_stop_words,
        "drop the alias",
    ),
    "short-alias": Rule(
        WARNING,
        "aliases of up to three characters that are no word",
        aliases.find_short,
        "drop it, or write an acronym in capitals",
    ),
    "joined-aliases": Rule(
        WARNING,
        "aliases that look like several in one, and as one hardly stand in a note",
        aliases.find_joined,
        'part aliases with | in a table (oud|agarwood), list them in JSON (["oud", "agarwood"])',
    ),
    "too-frequent": Rule(
        WARNING,
        f"aliases that fire in {aliases.TOO_FREQUENT:.0%} of the notes or more",
        aliases.find_too_frequent,
        "read the notes: is it the concept there? if not, make the alias longer",
    ),
    "mixed-script": Rule(
        WARNING,
        "look-alike letters of another alphabet, hidden characters",
        aliases.find_mixed_scripts,
        "retype the alias in one alphabet",
    ),
    "near-duplicate": Rule(
        WARNING,
        "aliases one typo from those of another concept",
        concepts.find_near,
        "if they mean the same, merge the concepts, or correct the typo",
    ),
    "language-gap": Rule(
        WARNING,
        "languages of the notes in which few concepts have an alias",
        concepts.find_language_gaps,
        "add aliases in that language",
    ),
    "fragment": Rule(
        HINT,
        "labels and firing aliases that begin or end with a function word, or repeat a word",
        aliases.find_fragments,
        "cut it to a whole phrase, or drop it",
    ),
    "one-character": Rule(
        HINT,
        "aliases of one character in Chinese, Japanese or another script without spaces",
        aliases.find_single,
        "list the words of the notes that hold it and mean the concept (猫咪: 猫 is in 熊猫, too)",
    ),
    "number-series": Rule(
        HINT,
        "aliases that differ in a number alone",
        concepts.find_series,
        "drop the concept or list the wording without its number",
    ),
    "duplicate-spelling": Rule(
        HINT,
        "aliases that a concept has twice but for case or width",
        concepts.find_respelled,
        "drop one",
        "aliases",
    ),
    "label-only": Rule(
        HINT,
        "concepts that only their label names",
        concepts.find_label_only,
        "add wordings of other people and languages; drop a label that nobody would write",
    ),
    "never-fires": Rule(
        HINT,
        "concepts of which no alias is in any note",
        concepts.find_silent,
        "add wordings that the notes use, or drop the concept",
        "aliases",
    ),
    "lost-example": Rule(
        HINT,
        "examples that name notes which are not there",
        concepts.find_lost_examples,
        "drop these ids",
        "examples",
    ),
}


def choose_rules(names: Iterable[str]) -> tuple[str, ...]:
    """Checks the names of rules; all rules if none is given.

    Raises:
      UsageError: there is no rule of that name.
    """
    chosen = tuple(dict.fromkeys(names))
    for name in chosen:
        if name not in RULES and name != SCHEMA:
            raise UsageError(f"no rule {name!r}", fix=nearest_name(name, [SCHEMA, *RULES]))
    return chosen or (SCHEMA, *RULES)


def lint(seen: Inspection, names: Iterable[str]) -> Iterator[Finding]:
    """Yields the findings of the named rules, by rule, and the most frequent in notes first."""
    for name in names:
        rule = RULES.get(name)
        if rule is None:
            continue
        for found in sorted(rule.check(seen), key=lambda each: -each.count):
            yield Finding(
                rule=name,
                severity=rule.severity,
                concepts=tuple(map(redact_fully, found.concepts)),
                alias=found.alias,
                count=found.count,
                counts=rule.counts,
                notes=tuple(seen.notes[row].note_id for row in found.notes),
                evidence=found.told,
                repair=rule.repair,
            )
