"""The gate: learned additions and removals ship only if they help on validation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.scorer import Scorer, Thresholds

MARGIN = 1e-9
DICTIONARY = "dictionary"
DENIALS = "denials"  # dictionary matches with polarity: some are denied by their context
NO_GAIN = "they did not beat the dictionary on validation"


@dataclass(frozen=True)
class NoteLevel:
    """The decision about a note-level head, and the figures behind it.

    Attributes:
      ships: whether the head names concepts.
      protocol: what the figures were measured on.
      f1_without: note-level F1 of spans alone.
      f1_with: note-level F1 of spans and head.
      margin: minimum difference between the two.
      gold_notes: number of annotated notes the head was fitted on.
      concepts: number of concepts it knows.
    """

    ships: bool
    protocol: str
    f1_without: float
    f1_with: float
    margin: float
    gold_notes: int = 0
    concepts: int = 0


@dataclass(frozen=True)
class Decision:
    """What ships, and the figures behind the decision.

    Attributes:
      mode: `dictionary`, `denials`, `additions`, `removals` or `both`.
      protocol: what the figures were measured on.
      f1: F1 of each measured mode. Without gold also: `judged`, the number of learned matches at
        places that the dictionary knows; `agreement`, the share of them that name the dictionary's
        concept; `rarer_words`, by how many Zipf units the lexicon's words are rarer than those of
        the lexicon the scorer was fitted on; `mentions`, the number of mentions of hidden aliases.
      note_level: the decision about the note-level head; None if none was measured.
      why_off: why no learned additions or removals ship; empty if some do.
    """

    mode: str
    protocol: str
    f1: dict[str, float]
    note_level: NoteLevel | None = None
    why_off: str = ""


def decide(f1: dict[str, float], protocol: str) -> Decision:
    """Picks the mode with the highest F1; on a tie, the one that changes the dictionary less.

    Args:
      f1: F1 of each measured mode, including `dictionary`.
      protocol: what it was measured on.

    >>> decide({"dictionary": 0.6, "additions": 0.7, "both": 0.7}, "gold-dev").mode
    'additions'
    >>> decide({"dictionary": 0.6, "additions": 0.6}, "gold-dev").mode
    'dictionary'
    """
    mode = DICTIONARY
    for name in (DENIALS, "additions", "removals", "both"):
        if name in f1 and f1[name] > f1[mode] + MARGIN:
            mode = name
    return Decision(mode, protocol, f1, why_off=NO_GAIN if mode in (DICTIONARY, DENIALS) else "")


def decide_note_level(f1_without: float, f1_with: float, margin: float, protocol: str) -> NoteLevel:
    """Ships a note-level head if it raises F1 by more than a margin.

    >>> decide_note_level(0.5, 0.504, 0.005, "gold-dev").ships
    False
    >>> decide_note_level(0.5, 0.506, 0.005, "gold-dev").ships
    True
    """
    return NoteLevel(f1_with > f1_without + margin, protocol, f1_without, f1_with, margin)


def apply_decision(scorer: Scorer, decision: Decision) -> Scorer | None:
    """Switches off in the scorer what did not help; None if only the dictionary remains."""
    limits = scorer.thresholds
    if decision.mode == DICTIONARY:
        return None
    if decision.mode == DENIALS:
        limits = Thresholds()
    elif decision.mode == "additions":
        limits = replace(limits, keep_exact=0.0)
    elif decision.mode == "removals":
        limits = replace(limits, add_learned=OFF, overlapping=OFF)
    return replace(scorer, thresholds=limits)
