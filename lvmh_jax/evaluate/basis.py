"""What figures rest on, and which figures decided what ships.

Standard library alone: `lvmh-jax list` reads it, and is instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeGuard

HELD_OUT = "held-out-aliases"
# Fewer to find are no basis: over n of them a share of one half is known to .98 / sqrt(n) either
# way, .22 at 20, which is what learning gains on the demo (.71 against .51). And where none of 3 is
# found, the bootstrap's interval is [0, 0], as if that were sure.
LEAST_MENTIONS = 20
KNOWN_CONCEPTS = 230  # of the demo, on which it was measured what a good accuracy is
PROTOCOLS = {
    "gold-dev": "annotated notes (dev) that fitted nothing; what ships, of five, is chosen on dev",
    "gold-test": "annotated notes (test) that fitted nothing",
    "gold-dev-crossval": "annotated notes, each judged by the fold that did not see it",
    "gold-train-crossval": "annotated notes (train), each judged by the fold that did not see it",
    "gold-train": "annotated notes (train), too few to fit on",
    "gold-train-dev": "annotated notes (train and dev), too few to fit on",
    HELD_OUT: "mentions of hidden aliases; precision is an upper bound",
}

_MODES = {"both": "additions and removals", "denials": "its denials"}


def tell_good_accuracy(concepts: object) -> str:
    """What a good accuracy on hidden aliases is; "" where the figure that we know says nothing.

    >>> tell_good_accuracy(300), tell_good_accuracy(42), tell_good_accuracy(None)
    ('about 0.65 is good on 230 concepts in twelve languages', '', '')
    """
    if not isinstance(concepts, int) or not KNOWN_CONCEPTS / 2 <= concepts <= KNOWN_CONCEPTS * 2:
        return ""
    return f"about 0.65 is good on {KNOWN_CONCEPTS} concepts in twelve languages"


@dataclass(frozen=True, slots=True)
class Decided:
    """The figures that decided what ships, as `decision.json` has them.

    Attributes:
      protocol: what they were measured on.
      mode: what ships, as `calibrate.gate.Decision` names it.
      f1: of what ships.
      dictionary_f1: of the dictionary alone, on the same.
      mentions: that there were to find; None where the model is older than this figure.
    """

    protocol: str
    mode: str
    f1: float
    dictionary_f1: float
    mentions: int | None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def read_decided(metadata: Mapping[str, Any]) -> Decided | None:
    """The figures that decided, from `metadata.json`; None where it has none.

    Without gold, denials are what is left where additions are off: no figure decides on them.

    >>> f1 = {"denials": 0.0, "dictionary": 0.0}
    >>> learned = {"mode": "denials", "decided_on": HELD_OUT, "f1": f1}
    >>> read_decided({"learned_matches": learned}) is None
    True
    >>> read_decided({"learned_matches": {**learned, "decided_on": "gold-dev"}}) is None
    False
    """
    learned = metadata.get("learned_matches")
    if not isinstance(learned, Mapping):
        return None
    mode, protocol, f1 = (learned.get(key) for key in ("mode", "decided_on", "f1"))
    if not isinstance(mode, str) or not isinstance(protocol, str) or not isinstance(f1, Mapping):
        return None
    ships, alone = f1.get(mode), f1.get("dictionary")
    if not isinstance(ships, int | float) or not isinstance(alone, int | float):
        return None
    if (mode, protocol) == ("denials", HELD_OUT):
        return None
    return Decided(protocol, mode, ships, alone, _whole(learned.get("mentions")))


def decided_of(result: Mapping[str, Any]) -> Decided | None:
    """Back from the `decision` of a result."""
    found = result.get("decision")
    return Decided(**found) if isinstance(found, Mapping) else None


def count_mentions(figures: Mapping[str, Any]) -> int | None:
    """How many mentions, or concepts of notes, there were to find; None where that is not said.

    >>> count_mentions({"f1": 0.5, "dictionary": {"f1": 0.0, "gold": 3}})
    3
    """
    dictionary = figures.get("dictionary")
    return _whole(dictionary.get("gold")) if isinstance(dictionary, Mapping) else None


def is_measurable(mentions: int | None) -> bool:
    """Whether a figure over so many may be told; what is not said was told before.

    >>> [is_measurable(count) for count in (0, LEAST_MENTIONS - 1, LEAST_MENTIONS, None)]
    [False, False, True, True]
    """
    return mentions is None or mentions >= LEAST_MENTIONS


def tell_few(mentions: int | None) -> str:
    """What stands in the place of a figure that rests on too few.

    >>> tell_few(1)
    'not measurable (1 mention)'
    """
    return f"not measurable ({mentions} mention{'' if mentions == 1 else 's'})"


def tell_figure(figure: str, mentions: int | None) -> str:
    """The figure, unless it rests on too few.

    >>> tell_figure("0.750", LEAST_MENTIONS), tell_figure("0.750", 3)
    ('0.750', 'not measurable (3 mentions)')
    """
    return figure if is_measurable(mentions) else tell_few(mentions)


def tell_decided(decided: Decided) -> str:
    """The F1 that decided, beside the dictionary's.

    >>> tell_decided(Decided("gold-train-crossval", "additions", 0.97222, 0.94286, 37))
    '0.972 with additions, 0.943 of the dictionary alone'
    """
    told = f"{decided.dictionary_f1:.3f} of the {name_dictionary(decided)}"
    if decided.mode != "dictionary":
        told = f"{decided.f1:.3f} with {_MODES.get(decided.mode, decided.mode)}, {told}"
    return tell_figure(told, decided.mentions)


def name_dictionary(decided: Decided) -> str:
    """Whose the figure is: beside hidden aliases a bare 0 of it would look like a fault."""
    hidden = ", from which these aliases are hidden" if decided.protocol == HELD_OUT else ""
    return f"dictionary alone{hidden}"


def tell_protocol(protocol: str) -> str:
    """Its name, and what that means.

    >>> tell_protocol("gold-dev")
    'gold-dev: annotated notes (dev) that fitted nothing; what ships, of five, is chosen on dev'
    """
    return f"{protocol}: {PROTOCOLS[protocol]}" if protocol in PROTOCOLS else protocol


def adds_to(decided: Decided | None, protocol: object, mentions: int | None) -> TypeGuard[Decided]:
    """Whether what decided says more than what was measured: on hidden aliases, or on too few."""
    return decided is not None and (protocol == HELD_OUT or not is_measurable(mentions))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
