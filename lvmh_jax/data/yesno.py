"""Parses yes and no as written in spreadsheet cells, in the twelve languages."""

from __future__ import annotations

from lvmh_jax.data.text import fold_form

# Folded. Spreadsheets write TRUE in the language of their user, such as VRAI or WAHR, and pandas
# reads a column of 1 and empty cells as 1.0.
YES = frozenset(
    "yes y 1 1.0 true x oui si ja sim да نعم 是 はい 예 네 "
    "vrai wahr vero verdadero verdadeiro waar истина".split()
)
NO = frozenset(
    "no n 0 0.0 false non nein nao nee нет لا 否 いいえ 아니요 아니오 "
    "faux falsch falso onwaar ложь".split()
)


def parse_mark(written: str) -> bool | None:
    """Parses a yes or no in any supported language; None if it is neither.

    >>> [parse_mark(each) for each in ("Oui", "SÌ", "não", "いいえ", "perhaps")]
    [True, True, False, False, None]
    """
    word = fold_form(written.strip())
    return True if word in YES else False if word in NO else None
