"""What the polarity cues of a language are; `negation` says how they are written."""

from __future__ import annotations

from typing import NamedTuple


class CueLists(NamedTuple):
    """The cues of one language, phrases parted by `|`.

    Attributes:
      either: stand before or behind what they deny.
      verbs: stand behind it, where a language has its verbs there, or else before it.
      before, after: stand only there.
      refusals: stand before or behind, and behind also as a clause of their own.
      over_before, over_after: say that it held once: given up, stopped, sold.
      masks: look like cues and are none.
      but: end what a cue denies.
      joins: carry it on to the next thing.
    """

    either: str = ""
    verbs: str = ""
    before: str = ""
    after: str = ""
    refusals: str = ""
    over_before: str = ""
    over_after: str = ""
    masks: str = ""
    but: str = ""
    joins: str = ""
