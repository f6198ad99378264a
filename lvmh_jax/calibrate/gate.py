"""The gate: a learned addition or removal ships only where validation says that it helps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lvmh_jax.calibrate.confidence import OFF
from lvmh_jax.detect.scorer import Scorer

MARGIN = 1e-9


@dataclass(frozen=True)
class Decision:
    """What ships, and the figures it was decided by.

    Attributes:
      mode: `dictionary`, `additions`, `removals` or `both`.
      protocol: what the figures were measured on.
      f1: F1 of each mode that was measured; without gold also `agreement`, the share of places
        that the dictionary knows where learned matches name its concept.
    """

    mode: str
    protocol: str
    f1: dict[str, float]


def decide(f1: dict[str, float], protocol: str) -> Decision:
    """Picks the best mode; on a tie the one that changes less, so never below the dictionary.

    >>> decide({"dictionary": 0.6, "additions": 0.7, "both": 0.7}, "gold-dev").mode
    'additions'
    >>> decide({"dictionary": 0.6, "additions": 0.6}, "gold-dev").mode
    'dictionary'
    """
    mode = "dictionary"
    for name in ("additions", "removals", "both"):
        if name in f1 and f1[name] > f1[mode] + MARGIN:
            mode = name
    return Decision(mode, protocol, f1)


def apply_decision(scorer: Scorer, decision: Decision) -> Scorer | None:
    """The scorer with what was not allowed switched off; None leaves the dictionary alone."""
    limits = scorer.thresholds
    if decision.mode == "dictionary":
        return None
    if decision.mode == "additions":
        limits = replace(limits, keep_exact=0.0)
    elif decision.mode == "removals":
        limits = replace(limits, add_learned=OFF)
    return replace(scorer, thresholds=limits)
