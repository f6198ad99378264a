"""How common a word is in its language at large, from wordfreq's lists.

The lexicon alone cannot tell "passionate about" from "cashmere": it uses both in one concept. A
list of the frequent words of twelve languages can (docs/log.md: the largest gain of the scorer on
a workspace that did not fit it). A form has one frequency, its highest over the languages, for the
language of a note is often missing or wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import TokenTable
from lvmh_jax.data.text import fold_anew

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pt", "ru", "zh")
RARE = 3.0  # what a word outside the lists counts as
LEAST = 3.5  # Zipf frequency of the rarest word kept: half of the lists, at the same F1
UNKNOWN = 900  # centibels of a word that no list has
_ways: list[Callable[[], dict[str, int]]] = []


@cache
def read_frequencies() -> dict[str, int]:
    """Frequencies of folded forms, as `fold_lists` gives them; read once a process."""
    return _ways[-1]() if _ways else fold_lists()


def read_frequencies_by(way: Callable[[], dict[str, int]]) -> None:
    """Names a quicker way to what `fold_lists` gives, for when a word is first asked for."""
    _ways[:] = [way]


def fold_lists() -> dict[str, int]:
    """Centibels below one word in one of the folded forms of all lists; a form's least number."""
    # Here, not above: 0.2 s that `--help` need not spend.
    import wordfreq

    centibels_of: dict[str, int] = {}
    for language in LANGUAGES:
        # One list of words for every centibel below one word in one.
        for centibels, words in enumerate(wordfreq.get_frequency_list(language, "small")):
            if _zipf(centibels) < LEAST:
                break
            for word in words:
                form = fold_anew(word)
                if centibels_of.get(form, UNKNOWN) > centibels:
                    centibels_of[form] = centibels
    return centibels_of


def _zipf(centibels: Any) -> Any:
    """Zipf frequency (van Heuven et al. 2014): log10 per billion words."""
    return 9.0 - centibels / 100


def zipf_of_table(table: TokenTable) -> NDArray[np.float32]:
    """Frequency of each row of a token table; float32 [V], `RARE` at padding."""
    known = read_frequencies()
    centibels_V = np.array(list(map(known.get, table.forms, repeat(UNKNOWN))))
    return np.where(centibels_V == UNKNOWN, RARE, _zipf(centibels_V)).astype(np.float32)


def zipf_of_form(form: str) -> float:
    """Frequency of a folded form.

    >>> zipf_of_form("the") > zipf_of_form("cashmere") == RARE
    True
    """
    centibels = read_frequencies().get(form, UNKNOWN)
    return RARE if centibels == UNKNOWN else float(_zipf(centibels))
