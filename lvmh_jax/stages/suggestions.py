"""Accepting suggested aliases into a copy of a lexicon: what may be added, and why the rest not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lvmh_jax.data.cleartext import even_text, find_placeholders
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.data.personal import kinds_in
from lvmh_jax.data.text import fold_with_offsets
from lvmh_jax.records import Concept, Lexicon

Mark: TypeAlias = tuple[str, str, str]  # concept id, alias, and what stands in column `accept`

UNKNOWN, LISTED, OTHERS = "unknown-concept", "already-listed", "alias-of-another-concept"
PERSONAL, UNUSABLE = "personal-data", "cannot-be-matched"
DAMAGED, PLACEHOLDER = "damaged-characters", "placeholder"
REASONS = {
    UNKNOWN: "the lexicon has no such concept",
    LISTED: "the concept lists it already",
    OTHERS: "another concept lists it",
    PERSONAL: "it holds personal data",
    UNUSABLE: "it is empty, a single letter, or holds '|'",
    DAMAGED: "it holds characters that a wrong encoding has damaged",
    PLACEHOLDER: "it is what `prepare` writes in place of personal data",
}
# U+FFFD stands for what could not be read; C1 controls are bytes of Windows-1252, or of UTF-8,
# read as Latin-1. No keyboard writes either, and no note would ever match them.
_DAMAGED = re.compile("[\x80-\x9f\ufffd]")


@dataclass(frozen=True)
class Suggestion:
    """A row of `alias_suggestions.csv`.

    Attributes:
      row: its number as a spreadsheet counts, the header and blank rows too.
      confidence: None where the file has none.
      accepted: what a person wrote beside it; None for nothing.
    """

    row: int
    concept_id: str
    alias: str
    confidence: float | None
    accepted: bool | None


@dataclass(frozen=True)
class Refusal:
    """A row that was not taken, and a key of `REASONS`."""

    row: int
    concept_id: str
    reason: str


def key_of(concept_id: str, alias: str) -> tuple[str, str]:
    """By what a suggestion is the same as another.

    >>> key_of("handbag ", "Sac  à MAIN")
    ('handbag', 'sac à main')
    """
    return concept_id.strip(), _fold(" ".join(alias.split()))


def carry_marks(
    marks: Sequence[Mark], rows: Sequence[tuple[str, str]]
) -> tuple[list[str], list[Mark]]:
    """What a person wrote beside suggestions, beside new ones.

    Args:
      marks: of suggestions that have one.
      rows: concept id and alias of the new suggestions.

    Returns:
      The mark of each row, "" for none, and the marks that no row takes.

    >>> carry_marks([("bag", "Tote", "yes"), ("bag", "sac", "no")], [("bag", "tote"), ("bag", "x")])
    (['yes', ''], [('bag', 'sac', 'no')])
    """
    mark_of = {key_of(concept_id, alias): mark for concept_id, alias, mark in marks}
    carried = {key: mark_of.get(key, "") for key in (key_of(*row) for row in rows)}
    # Of two marks of the same suggestion the last is taken.
    lost = [each for each in marks if carried.get(key_of(*each[:2])) != each[2]]
    return [carried[key_of(*row)] for row in rows], lost


def choose(rows: Sequence[Suggestion], min_confidence: float | None) -> list[Suggestion]:
    """The rows that are to be taken: those marked yes, and, by confidence, those without a mark."""
    return [
        row
        for row in rows
        if row.accepted
        or (
            row.accepted is None
            and min_confidence is not None
            and row.confidence is not None
            and row.confidence >= min_confidence
        )
    ]


def add_aliases(
    document: Mapping[str, Any], lexicon: Lexicon, rows: Sequence[Suggestion]
) -> tuple[dict[str, Any], list[Suggestion], list[Refusal]]:
    """Adds aliases to a copy of a lexicon document.

    Args:
      document: the JSON object; it is not changed.
      lexicon: the same, as it is understood.
      rows: chosen.

    Returns:
      The new document, the rows that were added and those that were refused.
    """
    owners: dict[str, set[str]] = {}
    for alias in list_aliases(lexicon):
        owner = lexicon.concepts[alias.row].concept_id
        owners.setdefault(_fold(alias.text), set()).add(owner)
    known = lexicon.row_of
    grown: dict[str, list[str]] = {}
    added, refused = [], []
    for row in rows:
        reason = _find_fault(row, known, owners)
        if reason:
            refused.append(Refusal(row.row, row.concept_id, reason))
            continue
        owners[_fold(row.alias)] = {row.concept_id}
        grown.setdefault(row.concept_id, []).append(row.alias)
        added.append(row)
    return (
        {key: _grow(fields, grown.get(key, ())) for key, fields in document.items()},
        added,
        refused,
    )


def _find_fault(row: Suggestion, known: Mapping[str, int], owners: Mapping[str, set[str]]) -> str:
    """A key of `REASONS`, "" for a row that may be added."""
    if _DAMAGED.search(row.alias):
        return DAMAGED
    if find_placeholders(row.alias):
        return PLACEHOLDER
    if row.concept_id not in known:
        return UNKNOWN
    holders = owners.get(_fold(row.alias), set())
    if row.concept_id in holders:
        return LISTED
    if holders:
        return OTHERS
    if kinds_in(row.alias):
        return PERSONAL
    return "" if _is_matched(row.alias) else UNUSABLE


def _is_matched(alias: str) -> bool:
    probe = Lexicon((Concept("probe_0", "probe_0", (alias,)),))
    return "|" not in alias and alias.isprintable() and bool(list_aliases(probe))


def _fold(text: str) -> str:
    """As the dictionary compares texts."""
    return fold_with_offsets(even_text(text).text)[0]


def join_aliases(cell: str, new: Sequence[str]) -> str:
    """A cell of aliases with more of them, and without empty places.

    >>> join_aliases("ring|", ["gold hoop"])
    'ring|gold hoop'
    """
    return "|".join([*(part for part in cell.split("|") if part.strip()), *new])


def _grow(fields: Mapping[str, Any], new: Sequence[str]) -> dict[str, Any]:
    """A concept's entry with more aliases, in the form it had: a list, or one joined string."""
    if not new:
        return dict(fields)
    written = fields["aliases"]
    if isinstance(written, str):
        return {**fields, "aliases": join_aliases(written, new)}
    return {**fields, "aliases": [*written, *new]}
