"""Languages as Python code writes them: read as `prepare` reads those of an export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lvmh_jax.data.rawnotes import parse_language
from lvmh_jax.errors import warn_caller
from lvmh_jax.io.notecheck import list_codes
from lvmh_jax.records import LANGUAGES


def read_languages(written: Sequence[str]) -> list[str]:
    """Upper-case ISO 639-1 of the twelve languages, "" where a text's is not known.

    Warns:
      LvmhWarning: some are none of the twelve; they count as not known.

    >>> read_languages(["fr-FR", "Italian", "it_IT", "FRA", ""])
    ['FR', 'IT', 'IT', 'FR', '']
    """
    codes = [parse_language(each) for each in written]
    is_known = [code == "" or code in LANGUAGES for code in codes]
    if not all(is_known):
        pairs = zip(written, is_known, strict=True)
        unknown = Counter(each.strip().upper() for each, known in pairs if not known)
        warn_caller(
            f"{unknown.total():,} of {len(written):,} languages are none of the twelve and count "
            f"as not known: {list_codes(unknown)}; expected ISO 639-1 codes: {', '.join(LANGUAGES)}"
        )
    return [code if code and known else "" for code, known in zip(codes, is_known, strict=True)]
