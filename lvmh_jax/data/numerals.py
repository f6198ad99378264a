"""Reads the number in a token: "38mm", "b12", "٤٠", "2nd", "iii".

A Roman numeral that is also a word or an abbreviation ("I", "x", Italian "vi", "IV" of a drip)
counts only after a word that announces a number: "type I", "factor V". Spelt-out numbers, and those
in Chinese characters, are not read, because they are parts of too many other words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", int, NDArray[np.int64])

_DIGITS = re.compile(r"\d+")
_GLUED = re.compile(r"([^\W\d_]*)\d+([^\W\d_]*)")
_WRITTEN = re.compile(r"\d|[Ⅰ-ⅿ]|(?<![^\W\d_])[ivx]+(?![^\W\d_])", re.IGNORECASE)
_ROMANS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx".split()
_VALUES = {form: value for value, form in enumerate(_ROMANS, 1)}
_UNSURE = frozenset("i iv v vi x xi xx".split())
# Folded words that announce any number after them.
ANNOUNCING = frozenset(
    "type types typ typen tipo tipi tipos тип типа типу تايب النوع "
    "factor factors facteur faktor fattore fator фактор "
    "class classe clase klasse класс grade grado grau grad grades stage stade stadium stadio "
    "estadio estagio стадия стадии phase fase фаза group groupe gruppe gruppo grupo группа "
    "size sizes taille talla tamanho taglia grosse schuhgrosse kleidergrosse ringgrosse maat "
    "misura размер مقاس pointure vintage millesime jahrgang annata cosecha safra "
    "room chambre zimmer camera habitacion quarto kamer номер غرفه suite "
    "no nr num number numero nummer model modele modelo modell modello".split()
)
_MASK = (1 << 62) - 1
_STEP = 1_000_003
_MOST_DIGITS = 18


def join_numbers(left: Number, right: Number) -> Number:
    """Id of a number of two parts, such as "38.5" of 38 and 5; ints or int64 arrays."""
    return (left * _STEP + right) & _MASK


@lru_cache(maxsize=1 << 16)
def read_number(form: str) -> int:
    """Positive id of the number in a folded form; equal numbers have equal ids.

    Returns: 0 without a number; the negated id if the number counts only when announced.

    >>> read_number("18k") == read_number("xviii") == read_number("١٨") > 0
    True
    >>> read_number("h1n1") == read_number("h5n1"), read_number("gold"), read_number("v") < 0
    (False, 0, True)
    """
    if form in _VALUES:
        return -(_VALUES[form] + 1) if form in _UNSURE else _VALUES[form] + 1
    named = 0
    for digits in _DIGITS.findall(form):
        # Starts at 1, so that "1" and "0.1" differ.
        named = join_numbers(named, int(digits[-_MOST_DIGITS:]) + 1)
    return named


def read_letters(form: str) -> tuple[str, str]:
    """The letters before and after the digits of a form; both "" if it has none.

    >>> read_letters("b12"), read_letters("40mm"), read_letters("iii")
    (('b', ''), ('', 'mm'), ('', ''))
    """
    found = _GLUED.fullmatch(form)
    return (found[1], found[2]) if found else ("", "")


def may_say_number(text: str) -> bool:
    """Whether a token of a text may contain a number; False is definite."""
    return _WRITTEN.search(text) is not None
