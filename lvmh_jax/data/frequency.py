"""General frequency of words in their language, from the lists of wordfreq.

The lexicon alone cannot distinguish "passionate about" from "cashmere", as it uses both in one
concept. Frequency lists of twelve languages can (docs/log.md: the largest gain of the scorer on a
workspace that it was not fitted on). A form has one frequency, its highest in any language, because
the language of a note is often missing or wrong.
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
RARE = 3.0  # Zipf frequency of a word that is in no list
LEAST = 3.5  # rarest Zipf frequency kept: half of the lists, with the same F1
UNKNOWN = 900  # centibels of a word that is in no list
_ways: list[Callable[[], dict[str, int]]] = []


@cache
def read_frequencies() -> dict[str, int]:
    """Frequencies of folded forms, as `fold_lists` returns them; read once per process."""
    return _ways[-1]() if _ways else fold_lists()


def read_frequencies_by(way: Callable[[], dict[str, int]]) -> None:
    """Sets a faster substitute for `fold_lists`, such as a cache, used at the first look-up."""
    _ways[:] = [way]


def fold_lists() -> dict[str, int]:
    """Reads all lists; folded form to centibels below a frequency of 1, lowest over languages."""
    # Imported here, because it takes 0.2 s that `--help` should not pay.
    import wordfreq

    centibels_of: dict[str, int] = {}
    for language in LANGUAGES:
        # The list has one entry per centibel below a frequency of 1.
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
    """Zipf frequency of each row of a token table; float32 [V], `RARE` at padding."""
    known = read_frequencies()
    centibels_V = np.array(list(map(known.get, table.forms, repeat(UNKNOWN))))
    return np.where(centibels_V == UNKNOWN, RARE, _zipf(centibels_V)).astype(np.float32)


def zipf_of_form(form: str) -> float:
    """Zipf frequency of a folded form.

    >>> zipf_of_form("the") > zipf_of_form("cashmere") == RARE
    True
    """
    centibels = read_frequencies().get(form, UNKNOWN)
    return RARE if centibels == UNKNOWN else float(_zipf(centibels))
