"""The gate: a learned addition or removal ships only where validation says that it helps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lvmh_jax.detect.decode import OFF
from lvmh_jax.detect.scorer import Scorer, Thresholds

MARGIN = 1e-9
DICTIONARY = "dictionary"
DENIALS = "denials"  # the dictionary's matches, and which of them the context denies
NO_GAIN = "they did not beat the dictionary on validation"


@dataclass(frozen=True)
class NoteLevel:
    """What a note-level head was decided by.

    Attributes:
      ships: whether it does.
      protocol: what the figures were measured on.
      f1_without, f1_with: note-level F1 of spans alone, and of spans and head.
      margin: what the second has to be higher by.
      gold_notes: annotated notes that fitted the head.
      concepts: how many it knows.
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
    """What ships, and the figures it was decided by.

    Attributes:
      mode: `dictionary`, `denials`, `additions`, `removals` or `both`.
      protocol: what the figures were measured on.
      f1: F1 of each mode that was measured; without gold also `agreement`, the share of places
        that the dictionary knows where learned matches name its concept, of how many (`judged`),
        `rarer_words`, by how many Zipf units the lexicon's words are rarer than those that fitted
        the scorer, and `mentions`, how many of hidden aliases there were to find.
      note_level: whether concepts without a span ship; None where that was not measured.
      why_off: why nothing learned is added or removed; empty where something is.
    """

    mode: str
    protocol: str
    f1: dict[str, float]
    note_level: NoteLevel | None = None
    why_off: str = ""


def decide(f1: dict[str, float], protocol: str) -> Decision:
    """Picks the best mode; on a tie the one that changes less, so never below the dictionary.

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
    """Ships a note-level head where spans and head are better than spans by a margin.

    >>> decide_note_level(0.5, 0.504, 0.005, "gold-dev").ships
    False
    >>> decide_note_level(0.5, 0.506, 0.005, "gold-dev").ships
    True
    """
    return NoteLevel(f1_with > f1_without + margin, protocol, f1_without, f1_with, margin)


def apply_decision(scorer: Scorer, decision: Decision) -> Scorer | None:
    """The scorer with what was not allowed switched off; None leaves the dictionary alone."""
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
