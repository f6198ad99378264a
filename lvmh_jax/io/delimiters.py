"""What is between the cells of a CSV file, told by its header."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence

DELIMITERS = (",", ";", "\t", "|")
_SHOWN = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}
SEPARATOR_LINE = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)  # Excel's `sep=;`


def find_delimiter(line: str, count_known: Callable[[Sequence[str]], int]) -> str:
    """The delimiter with which a header names most columns; the comma where none is better.

    Args:
      line: the first line of the file.
      count_known: how many of the names of a header are known.

    >>> find_delimiter("note_id;text", lambda header: "text" in header)
    ';'
    """
    line = line.lstrip("\ufeff")
    told = SEPARATOR_LINE.match(line)
    if told:
        return told[1]

    def known(delimiter: str) -> int:
        try:
            return count_known(next(csv.reader([line], delimiter=delimiter), []))
        except csv.Error:
            return 0

    return max(DELIMITERS, key=known)


def fold_columns(header: Sequence[str]) -> list[str]:
    """A header in small letters, as a person wrote it in a spreadsheet.

    A column whose name in small letters another one has already keeps its own.

    >>> fold_columns(["Concept_ID", " Concept id", "Notes", "notes"])
    ['concept_id', 'concept_id', 'Notes', 'notes']
    """
    folded = ["_".join(re.split(r"[\s_-]+", name.strip().casefold())) for name in header]
    return [old if new in header else new for new, old in zip(folded, header, strict=True)]


def show_delimiter(delimiter: str) -> str:
    """A delimiter as messages name it."""
    return _SHOWN.get(delimiter, repr(delimiter))
