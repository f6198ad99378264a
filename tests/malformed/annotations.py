"""Keyword candidates and gold that are wrong."""

from __future__ import annotations

import json
from typing import Any

from tests.generators import TINY_GOLD
from tests.malformed.damage import DEEP, MILLION
from tests.malformed.lexicons import TABLE_SURVIVES, with_damage
from tests.malformed.outcomes import CANDIDATES_CSV, SECRET, outcomes

HEADER = CANDIDATES_CSV.split("\n")[0] + "\n"
GOLD = json.dumps(TINY_GOLD) + '\n{"note_id": "N1", "spans": [], "concepts": ["handbag"]}\n'


def row(
    candidate: str = "noir",
    language: str = "FR",
    freq: str = "2",
    score: str = "0.5",
    examples: str = "N1",
) -> str:
    """Candidates with one row, behind one that names a client."""
    return f"{HEADER}{SECRET},FR,1,0.1,\n{candidate},{language},{freq},{score},{examples}\n"


_REFUSED_ROWS: dict[str, str] = {
    f"{name} is {label}": row(**{name: value})
    for name in ("freq", "score")
    for label, value in {
        "text": "many",
        "NaN": "nan",
        "infinite": "-inf",
        "beyond floats": "1e999",
        "hexadecimal": "0x10",
        "a date": "2026-01-01",
        "NUL": "\0",
        "a comma number": '"1,5"',
    }.items()
} | {
    "count is negative": row(freq="-2"),
    "count is a fraction": row(freq="2.5"),
    "count of 300 digits": row(freq="1e300"),
    "no header": row().split("\n", 1)[1],
    "header in capitals": row().replace("candidate", "CANDIDATE", 1),
    "column missing": row().replace("avg_score", "score"),
    "column twice": row().replace("avg_score", "freq_notes"),
    "semicolons": row().replace(",", ";"),
    "cell too many": row(examples="N1,N2"),
    "cells missing": HEADER + f"{SECRET}\n",
    "open quote": HEADER + f'"{SECRET},FR,1,1,\n',
    "text behind a quote": HEADER + '"a"b,FR,1,1,\n',
    "keyword of a million letters": row("a" * MILLION),
}
_WORKING_ROWS: dict[str, str] = {
    "header alone": HEADER,
    "no keyword": row(""),
    "keyword with NUL": row("no\0ir"),
    "keyword of 100,000 letters": row("a" * 100_000),
    "keyword of emoji": row("👜 e\u0301\u0301"),
    "keyword of right to left marks": row("\u200f\u202eحقيبة"),
    "keyword twice": row() + row().split("\n", 1)[1],
    "a formula": row("=1+1"),
    "unknown language": row(language="klingon|\U0001f600"),
    "empty numbers": row(freq="", score=""),
    "example that is nowhere": row(examples="N999|../../x"),
    "a further column": "\n".join(line + (",x" if line else "") for line in row().split("\n")),
}
_SPAN = {"start": 8, "end": 13, "concept_id": "colour_black"}


def gold(**fields: Any) -> str:
    """A line of gold, some of whose keys are other than they should be."""
    return json.dumps({**TINY_GOLD, **fields}) + "\n"


def span(**fields: Any) -> str:
    """A line of gold with one span that is other than it should be."""
    return gold(spans=[{**_SPAN, **fields}])


_REFUSED_LINES: dict[str, str] = (
    {
        f"{key} is {label}": gold(**{key: value})
        for key in ("note_id", "spans", "concepts")
        for label, value in {
            "a number": 3,
            "an object": {},
            "true": True,
            "text in a list": [3],
        }.items()
    }
    | {
        f"{key} is {label}": span(**{key: value})
        for key in ("start", "end")
        for label, value in {
            "text": "8",
            "a fraction": 8.5,
            "true": True,
            "null": None,
            "negative": -1,
            "a list": [8],
            "huge": 2**63,
        }.items()
    }
    | {
        "offset of 4,000 digits": gold(spans=[]).replace(
            "[]", '[{"start": 0, "end": %s, "concept_id": "a"}]' % ("9" * 4000), 1
        ),
        "offset of minus 4,000 digits": gold(spans=[]).replace(
            "[]", '[{"start": -%s, "end": 1, "concept_id": "a"}]' % ("9" * 4000), 1
        ),
        "offset is NaN": span(start=float("nan")),
        "offset beyond floats": span().replace("13", "1e999"),
        "span is empty": span(end=8),
        "span is backwards": span(start=13, end=8),
        "span past the end": span(end=10_000),
        "span is a list": gold(spans=[[8, 13, "a"]]),
        "span without concept": gold(spans=[{"start": 8, "end": 13}]),
        "concept is a number": span(concept_id=7),
        "concept is empty": span(concept_id=""),
        "concept with NUL": span(concept_id="a\0"),
        "concept with a lone surrogate": span(concept_id="\ud800"),
        "concept of a million letters": span(concept_id="a" * MILLION),
        "listed concept with a line end": gold(concepts=["a\nb"]),
        "negated is text": span(negated="no"),
        "note id is missing": '{"spans": [], "concepts": []}\n',
        "concepts are missing": '{"note_id": "N2"}\n',
        "note twice": gold() * 2,
        "key twice": '{"note_id": "N2", "note_id": "N3", "concepts": []}\n',
        "deep spans": '{"note_id": "N2", "concepts": [], "spans": '
        + "[" * DEEP
        + "]" * DEEP
        + "}\n",
        "line is null": "null\n",
        "line is text": f'"{SECRET}"\n',
        "line is no JSON": f"{SECRET}\n",
        "printed over lines": json.dumps(TINY_GOLD, indent=1),
        "one list": json.dumps([TINY_GOLD]),
        "a million braces": "{" * MILLION,
    }
)
_WORKING_LINES: dict[str, str] = {
    "unknown concept": span(concept_id="nowhere"),
    "unknown note": gold(note_id="N999"),
    "note id of a million letters": gold(note_id="N" * MILLION),
    "note id with a lone surrogate": gold(note_id="\ud800"),
    "null spans": gold(spans=None),
    "unknown key": gold(by="me", at=[1, {"x": None}]),
    "blank lines between": f"\n\n{gold()}\n \n",
    "line separator in a string": gold(by="a\u2028b").replace("\\u2028", "\u2028"),
    "concept of emoji": span(concept_id="👜"),
    "the same span twice": gold(spans=[_SPAN, _SPAN]),
}
CANDIDATE_CASES = outcomes(_REFUSED_ROWS, _WORKING_ROWS) | with_damage(
    CANDIDATES_CSV, TABLE_SURVIVES
)
GOLD_CASES = outcomes(_REFUSED_LINES, _WORKING_LINES) | with_damage(
    GOLD, {"BOM", "Windows line ends", "white space around", "UTF-7"}
)
