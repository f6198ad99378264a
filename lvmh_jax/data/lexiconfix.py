"""Repairs of a lexicon that require no judgement, made on a copy of its document.

Every removal is listed with concept and rule. Stop words, single characters, text that identifies a
person, duplicate spellings and missing examples are removed; white space is trimmed. Everything
else is kept, including unknown keys. A concept is never removed, and no label is changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from lvmh_jax.data.inspection import Inspection
from lvmh_jax.data.lintaliases import find_stop_words
from lvmh_jax.data.personal import kinds_in, redact_fully


class Repair(NamedTuple):
    """One change: the rule, the concept, and the removed text, redacted."""

    rule: str
    concept: str
    dropped: str


def fix_lexicon(
    document: Mapping[str, Any], seen: Inspection
) -> tuple[dict[str, Any], list[Repair]]:
    """Repairs a copy of a lexicon document.

    Args:
      document: a document that `parse_lexicon` accepted; it is not changed.
      seen: the same lexicon together with its notes.

    Returns:
      The repaired document and the changes. Repairing it again changes nothing.
    """
    repairer = _Repairer(seen)
    fixed = {}
    for concept_id, fields in document.items():
        kept = {**fields, "aliases": repairer.fix_aliases(concept_id, _split(fields["aliases"]))}
        written = _split(fields.get("examples"))
        examples = repairer.fix_examples(concept_id, written)
        if examples != written:
            kept["examples"] = examples
        fixed[concept_id] = kept
    return fixed, repairer.repairs


class _Repairer:
    """Repairs the lists of each concept, and records the changes."""

    def __init__(self, seen: Inspection) -> None:
        self.repairs: list[Repair] = []
        self._stops = {(each.concepts[0], each.alias.casefold()) for each in find_stop_words(seen)}
        self._notes = {note.note_id for note in seen.notes}

    def fix_aliases(self, concept_id: str, written: list[str]) -> list[str]:
        """The aliases to keep, trimmed."""
        kept: dict[tuple[str, bool], str] = {}
        for raw in written:
            text = " ".join(raw.split())
            # Capitals count separately: "ALS" is a disease and "als" a word.
            key = (text.casefold(), text.isupper())
            rule = self._fault(concept_id, text) or ("duplicate-spelling" if key in kept else "")
            if rule:
                self._note(rule, concept_id, text)
                continue
            if text != raw:
                self._note("white-space", concept_id, text)
            kept[key] = text
        return list(kept.values())

    def fix_examples(self, concept_id: str, written: list[str]) -> list[str]:
        """Distinct examples that are notes; all of them if there are no notes to check against."""
        kept = [each for each in dict.fromkeys(written) if each in self._notes]
        if not self._notes or len(kept) == len(written):
            return written
        lost = f"{len(written) - len(kept)} of {len(written)}"
        self._note("lost-example", concept_id, lost)
        return kept

    def _note(self, rule: str, concept_id: str, text: str) -> None:
        self.repairs.append(Repair(rule, redact_fully(concept_id), redact_fully(text)))

    def _fault(self, concept_id: str, text: str) -> str:
        """The rule by which an alias is removed; "" if it stays."""
        is_letter = text >= "\u0590" and text.isalpha()  # a syllable, or a word, of many scripts
        if len(text) <= 1 and not is_letter:
            return "short-alias"
        if (concept_id, text.casefold()) in self._stops:
            return "stop-word"
        return "personal-data" if any(stops for _, stops in kinds_in(text)) else ""


def _split(value: object) -> list[str]:
    """A list as the file may hold it: a list, or one string joined by `|`."""
    if isinstance(value, str):
        return [part for part in value.split("|") if part]
    return list(value) if isinstance(value, list) else []
