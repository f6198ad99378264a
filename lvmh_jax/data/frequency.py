"""How common a word is in its language at large, from wordfreq's lists.

The lexicon alone cannot tell "passionate about" from "cashmere": it uses both in one concept. A
list of the frequent words of twelve languages can (docs/log.md: the largest gain of the scorer on
a workspace that did not fit it). A form has one frequency, its highest over the languages, for the
language of a note is often missing or wrong.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.features import TokenTable
from lvmh_jax.data.text import fold_form

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pt", "ru", "zh")
RARE = 3.0  # what a word outside the lists counts as
LEAST = 3.5  # Zipf frequency of the rarest word kept: half of the lists, at the same F1


@cache
def read_frequencies() -> dict[str, float]:
    """Zipf frequencies (van Heuven et al. 2014: log10 per billion words) of folded forms."""
    # Here, not above: 0.2 s that `--help` need not spend.
    import wordfreq

    zipf_of: dict[str, float] = {}
    fold = fold_form.__wrapped__  # a form is folded once; its cache is for notes
    for language in LANGUAGES:
        # One list of words for every centibel below one word in one.
        for centibels, words in enumerate(wordfreq.get_frequency_list(language, "small")):
            zipf = 9.0 - centibels / 100
            if zipf < LEAST:
                break
            for word in words:
                form = fold(word)
                if zipf_of.get(form, 0.0) < zipf:
                    zipf_of[form] = zipf
    return zipf_of


def zipf_of_table(table: TokenTable) -> NDArray[np.float32]:
    """Frequency of each row of a token table; float32 [V], `RARE` at padding."""
    known = read_frequencies()
    return np.array([known.get(form, RARE) for form, _ in table.row_of], np.float32)


def zipf_of_form(form: str) -> float:
    """Frequency of a folded form.

    >>> zipf_of_form("the") > zipf_of_form("cashmere") == RARE
    True
    """
    return read_frequencies().get(form, RARE)
