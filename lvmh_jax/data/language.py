"""The language of a text that names none, out of the twelve that we know.

By `py3langid` (BSD-3, 4.5 MB with its model, needs only numpy), restricted to our languages.
`lingua` knows short texts better, but its wheel has 96 MB for a question that a note of fifty
words answers by itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lvmh_jax.records import LANGUAGES

MAX_CHARACTERS = 400  # more does not change the answer, and costs
MIN_LETTERS = 12  # below, a name or a number decides
MIN_PROBABILITY = 0.6


@cache
def _identifier() -> Any:
    # Here, not above: 0.2 s and 60 MB that only a note without a language needs.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code.lower() for code in LANGUAGES])
    return identifier


def detect_language(text: str) -> str:
    """The language of a text as upper-case ISO 639-1, "" where it is not sure enough.

    >>> detect_language("Elle cherche un sac pour l'anniversaire de sa fille")
    'FR'
    >>> detect_language("OK")
    ''
    """
    head = text[:MAX_CHARACTERS]
    # A Han, kana or Hangul character says as much as several letters.
    letters = sum((1 if char < "\u2e80" else 3) for char in head if char.isalpha())
    if letters < MIN_LETTERS:
        return ""
    code, probability = _identifier().classify(head)
    return str(code).upper() if probability >= MIN_PROBABILITY else ""
