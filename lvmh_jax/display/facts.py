"""What the report of a model is made of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.evaluate.basis import Decided, adds_to, count_mentions, read_decided, tell_figure
from lvmh_jax.evaluate.confusion import ConceptErrors, ConceptScore, Confusion
from lvmh_jax.records import Concept

Interval = tuple[float, float]


@dataclass(frozen=True)
class Fresh:
    """What was measured for the report on a workspace.

    Attributes:
      command: that measures the same.
      figures: as `evaluate` gives them.
      intervals: `by_bucket` and `by_language` -> name -> 95 % interval of the F1.
      dictionary_recall: language -> share of annotated concepts that an alias names.
      same_inputs: input file -> whether the workspace has the one of the training.
      warnings: of the workspace, one line each, without note text.
      findings: of `doctor`: `rules` -> rule -> how often, `left_out`, `notes`.
      concepts: the figures of those that most notes hold.
      examples: a sentence of each confusion, redacted, in the order of `confusions`.
    """

    command: str
    figures: Mapping[str, Any]
    intervals: Mapping[str, Mapping[str, Interval]]
    dictionary_recall: Mapping[str, float]
    confusions: Sequence[Confusion]
    errors: Sequence[ConceptErrors]
    same_inputs: Mapping[str, bool]
    warnings: Sequence[str] = ()
    findings: Mapping[str, Any] = field(default_factory=dict)
    concepts: Sequence[ConceptScore] = ()
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class Facts:
    """A model as its folder describes it.

    Attributes:
      name: of the folder.
      metadata: `metadata.json`.
      concepts: of the lexicon, in its order.
      vectors_CD: float, of the concepts.
      command: that trains it again.
      curve: (confidence, precision of mentions from it up), rising; empty where unknown.
      fresh: what was measured now; None without a workspace.
    """

    name: str
    metadata: Mapping[str, Any]
    concepts: Sequence[Concept]
    vectors_CD: NDArray[np.floating]
    command: str
    curve: Sequence[tuple[float, float]] = field(default=())
    fresh: Fresh | None = None

    @property
    def figures(self) -> Mapping[str, Any]:
        """The figures to show: those measured now, else those of the training."""
        return self.fresh.figures if self.fresh else group_of(self.metadata, "validation")

    @property
    def decided(self) -> Decided | None:
        """What decided what ships, where that says more than the figures to show."""
        found, mentions = read_decided(self.metadata), count_mentions(self.figures)
        return found if adds_to(found, self.figures.get("protocol"), mentions) else None

    @property
    def scorer(self) -> str:
        """What fitted the scorer that ships: `gold`, `default` (the demo's gold), or `none`."""
        return str(group_of(self.metadata, "learned_matches").get("scorer", ""))

    @property
    def findings(self) -> Mapping[str, Any]:
        """What the rules of `doctor` found now, else when it was trained."""
        now = self.fresh.findings if self.fresh else {}
        return now or group_of(self.metadata, "data_findings")


def group_of(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part of a JSON object; empty where it is not there or no object."""
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def list_of(record: Mapping[str, Any], key: str) -> Sequence[Any]:
    """A list in a JSON object; empty where it is not there or no list."""
    value = record.get(key)
    return value if isinstance(value, list | tuple) else ()


def number_of(value: object) -> float | None:
    """A finite figure, with or without an interval; None for anything else."""
    if isinstance(value, Mapping):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def show_f1(figures: Mapping[str, Any]) -> str:
    """The F1, or in its place that it rests on too few mentions.

    >>> show_f1({"f1": 0.0, "dictionary": {"f1": 0.0, "gold": 3}})
    'not measurable (3 mentions)'
    """
    return tell_figure(show_figure(figures.get("f1")), count_mentions(figures))


def show_figure(value: object) -> str:
    """Three decimals, with the interval where there is one; `-` for none.

    >>> show_figure({"value": 0.8125, "ci_low": 0.75, "ci_high": 0.9})
    '0.812 [0.750, 0.900]'
    """
    number = number_of(value)
    if number is None:
        return "-" if value is None or isinstance(value, Mapping) else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    low, high = (
        (number_of(value.get("ci_low")), number_of(value.get("ci_high")))
        if isinstance(value, Mapping)
        else (None, None)
    )
    return (
        f"{number:.3f}" if low is None or high is None else f"{number:.3f} [{low:.3f}, {high:.3f}]"
    )
