"""Detects the language of a text among the twelve supported ones.

Uses `py3langid` (BSD-3, 4.5 MB with its model, only needs numpy), restricted to these languages.
`lingua` is better on short texts, but its wheel has 96 MB, and a note of fifty words is easy.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lvmh_jax.records import LANGUAGES

MAX_CHARACTERS = 400  # more text takes longer but does not change the result
MIN_LETTERS = 12  # in shorter texts a name or a number would decide
MIN_PROBABILITY = 0.6


@cache
def _identifier() -> Any:
    # Imported here, because it takes 0.2 s and 60 MB that only notes without a language need.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code.lower() for code in LANGUAGES])
    return identifier


def detect_language(text: str) -> str:
    """Detects the language as upper-case ISO 639-1; "" if it is not certain enough.

    >>> detect_language("Elle cherche un sac pour l'anniversaire de sa fille")
    'FR'
    >>> detect_language("OK")
    ''
    """
    head = text[:MAX_CHARACTERS]
    # A Han, kana or Hangul character carries as much information as several letters.
    letters = sum((1 if char < "\u2e80" else 3) for char in head if char.isalpha())
    if letters < MIN_LETTERS:
        return ""
    code, probability = _identifier().classify(head)
    return str(code).upper() if probability >= MIN_PROBABILITY else ""
