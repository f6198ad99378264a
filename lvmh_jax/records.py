"""The frozen records that flow from stage to stage, and the fixed words of FORMATS.md.

Offsets are half-open and count Unicode code points of the *original* `Note.text`.
Confidences and shares are in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

BUCKETS = ("intent", "occasion", "preferences", "constraints", "lifestyle", "next_action", "other")
LANGUAGES = ("FR", "EN", "IT", "ES", "DE", "PT", "NL", "JA", "KO", "ZH", "AR", "RU")

RULE_BASED = "rule-based"
ML_ENHANCED = "ml-enhanced"
AFFIRMED = "affirmed"
NEGATED = "negated"


@dataclass(frozen=True, slots=True)
class Note:
    """One client note; `language` is upper-case ISO 639-1, or whatever the file said."""

    note_id: str
    client_id: str
    text: str
    language: str = ""
    date: str | None = None
    duration: str = ""
    length: str = ""

    def __reduce__(self) -> tuple[type[Note], tuple[str | None, ...]]:
        """Pickles the fields; what `dataclass` does for slots takes ten times as long."""
        return Note, (
            self.note_id,
            self.client_id,
            self.text,
            self.language,
            self.date,
            self.duration,
            self.length,
        )


@dataclass(frozen=True, slots=True)
class Concept:
    """One lexicon entry; `aliases` are as written, deduplicated, and may be empty."""

    concept_id: str
    label: str
    aliases: tuple[str, ...]
    bucket: str = "other"
    languages: tuple[str, ...] = ()
    freq_notes: int = 0
    examples: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All concepts in file order; a concept's row is its position here."""

    concepts: tuple[Concept, ...]

    @property
    def row_of(self) -> dict[str, int]:
        """Concept id to row."""
        return {concept.concept_id: row for row, concept in enumerate(self.concepts)}


@dataclass(frozen=True, slots=True)
class Alias:
    """One surface form of one concept; a text that two concepts share is two aliases."""

    text: str
    row: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A keyword extracted from the notes; it may or may not express a known concept."""

    text: str
    languages: tuple[str, ...] = ()
    freq_notes: int = 0
    avg_score: float = 0.0
    example_note_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A span that an annotator marked; a negated concept does not hold for the note."""

    start: int
    end: int
    concept_id: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class GoldNote:
    """The annotation of one note; `concepts` are those that hold for it."""

    note_id: str
    spans: tuple[GoldSpan, ...]
    concepts: tuple[str, ...]


class Mention(NamedTuple):
    """A concept found in a note, with its evidence; a tuple, because there are millions.

    `start` and `end` are None, and `alias` empty, for a note-level mention without a span.
    """

    note_id: str
    concept_id: str
    alias: str
    start: int | None
    end: int | None
    confidence: float
    method: str = RULE_BASED
    polarity: str = AFFIRMED


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that `train` and `evaluate` read, validated.

    Attributes:
      notes: all notes of the file, or a sample of them.
      total_notes: number of notes in the file.
      gold: split name to its notes; a split without a file has no key.
      digests: path relative to the workspace, to the sha256 of the file as it was read.
      warnings: one line each for the user, without note text.
    """

    notes: tuple[Note, ...]
    lexicon: Lexicon
    candidates: tuple[Candidate, ...] = ()
    gold: dict[str, tuple[GoldNote, ...]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    total_notes: int = 0
