"""What the polarity cues of a language are; `cuephrases` says how they are written."""

from __future__ import annotations

from typing import NamedTuple


class CueLists(NamedTuple):
    """The cues of one language, phrases parted by `|`.

    Attributes:
      either: stand before or behind what they deny.
      verbs: stand behind it, where a language has its verbs there, or else before it.
      before, after: stand only there.
      backward: stand behind it, as a clause of their own too, or where nothing is there before it:
        "dogs? She said no", "she said no dogs".
      refusals: stand before or behind, and behind also as a clause of their own.
      over_before, over_after: say that it held once: given up, stopped, sold.
      masks: look like cues and are none, many as they deny twice: "never without".
      named: masks that deny once and name a thing so, "cannot tolerate", "no limit": a note that
        has one says that the thing is so, yet what it names has an opposite.
      but: end what a cue denies.
      joins, ors: carry it on to the next thing; `ors` surely, where a list has commas.
      articles: may stand before a thing of a list, and say nothing of their own.
      bare: single words of cues that deny a thing without a verb, "no", "without".
      nots: those that do so unless a verb is beside them.
    """

    either: str = ""
    verbs: str = ""
    before: str = ""
    after: str = ""
    backward: str = ""
    refusals: str = ""
    over_before: str = ""
    over_after: str = ""
    masks: str = ""
    named: str = ""
    but: str = ""
    joins: str = ""
    ors: str = ""
    articles: str = ""
    bare: str = ""
    nots: str = ""
