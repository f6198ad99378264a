"""Lexicons that are wrong, as JSON and as a table."""

from __future__ import annotations

import json
from typing import Any

from tests.generators import TINY_LEXICON
from tests.malformed.damage import DEEP, MILLION, damage, encodings
from tests.malformed.outcomes import REFUSED, WORKS, Outcomes, outcomes

JSON = json.dumps(TINY_LEXICON, ensure_ascii=False, indent=1)
TABLE = (
    "concept_id,label,aliases,languages,freq_notes,examples,rule\n"
    "handbag,Handbag,handbag|sac à main|バッグ,EN|FR,5,N1,bucket=intent\n"
    "black,Black,black|noir|黒い,EN|FR,4,N1|N2,bucket=preferences\n"
)


def of(key: str = "bag", **fields: Any) -> str:
    """A lexicon of one concept, some of whose keys are other than they should be."""
    return json.dumps({key: {"aliases": ["sac"], **fields}})


def raw(fields: str) -> str:
    """A lexicon of one concept, of JSON that `json.dumps` does not write."""
    return f'{{"bag": {{"aliases": ["sac"], {fields}}}}}'


def cell(column: str, value: str) -> str:
    """A table of one concept with one cell that is other than it should be."""
    names = TABLE.split("\n")[0].split(",")
    row = dict.fromkeys(names, "") | {"concept_id": "bag", "aliases": "sac", column: value}
    quoted = ",".join('"' + each.replace('"', '""') + '"' for each in row.values())
    return ",".join(names) + f"\n{quoted}\n"


def marked(first: str, second: str) -> str:
    """The table with a column `sensitive` in place of `rule`."""
    table = TABLE.replace("rule", "sensitive")
    return table.replace("bucket=intent", first).replace("bucket=preferences", second)


_WRONG_TYPES = {"number": 3, "true": True, "object": {"a": 1}, "mixed list": ["a", None]}
_REFUSED_JSON: dict[str, str] = {
    f"{key} is {label}": of(**{key: value})
    for key in ("aliases", "label", "bucket", "rule", "languages", "examples")
    for label, value in _WRONG_TYPES.items()
} | {
    "null aliases": of(aliases=None),
    "label is a list": of(label=["a"]),
    "sensitive is text": of(sensitive="yes"),
    "sensitive is null in a list": of(sensitive=[None]),
    "count is negative": of(freq_notes=-1),
    "count is a fraction": of(freq_notes=1.5),
    "count is a list": of(freq_notes=[1]),
    "count is true": of(freq_notes=True),
    "count is text": of(freq_notes="1"),
    "count beyond floats": raw('"freq_notes": 1e999'),
    "count of 300 digits": raw('"freq_notes": 1e300'),
    "count of 4,000 digits": raw('"freq_notes": ' + "9" * 4000),
    "count of 5,000 digits": raw('"freq_notes": ' + "9" * 5000),
    "NaN": raw('"freq_notes": NaN'),
    "Infinity": raw('"label": Infinity'),
    "minus Infinity in a list": raw('"examples": [-Infinity]'),
    "concept twice": '{"a": {"aliases": []}, "a": {"aliases": []}}',
    "concept twice by an escape": '{"a": {"aliases": []}, "\\u0061": {"aliases": []}}',
    "key twice": raw('"label": "a", "label": "b"'),
    "concept is null": '{"bag": null}',
    "concept is a list": '{"bag": ["sac"]}',
    "no concept": "{}",
    "a list of concepts": '[{"concept_id": "bag", "aliases": []}]',
    "wrapped": '{"concepts": {"bag": {"aliases": []}}}',
    "id is empty": of(""),
    "id is blank": of(" \u00a0"),
    "id with NUL": of("a\0b"),
    "id with a line end": of("a\nb"),
    "id with a lone surrogate": of("a\ud800"),
    "id with a right to left override": of("a\u202eb"),
    "id of a million letters": of("a" * MILLION),
    "deep alias": raw('"examples": ' + "[" * DEEP + "]" * DEEP),
    "half an escape": raw('"label": "\\u12"'),
    "raw line end in a string": raw('"label": "a\nb"'),
    "single quotes": "{'bag': {'aliases': []}}",
    "trailing comma": '{"bag": {"aliases": [],}}',
    "comment": '{"bag": {"aliases": []}} // mine',
}
_WORKING_JSON: dict[str, str] = {
    "alias of a million letters": of(aliases=["a" * MILLION, "sac"]),
    "label of a million letters": of(label="a" * MILLION),
    "bucket of a million letters": of(bucket="a" * MILLION),
    "language of a million letters": of(languages="A" * MILLION),
    "alias with NUL": of(aliases=["s\0ac"]),
    "alias with a lone surrogate": of(aliases=["sac\ud83d"]),
    "label of lone surrogates": of(label="\udfff\ud800"),
    "language with a lone surrogate": of(languages=["\ud800", "FR"]),
    "example with a lone surrogate": of(examples=["N\ud800"]),
    "alias is empty": of(aliases=["", " ", "sac"]),
    "alias of right to left marks": of(aliases=["\u200f\u202e", "حقيبة\u200f"]),
    "alias of combining marks alone": of(aliases=["\u0301\u0301", "cafe\u0301"]),
    "alias of a thousand combining marks": of(aliases=["e" + "\u0301" * 999]),
    "alias of emoji": of(aliases=["👜", "👩\u200d👩\u200d👧", "\U0001f3fd"]),
    "alias of private use": of(aliases=["\ue000\U0010ffff"]),
    "alias twice": of(aliases=["sac", "SAC", "sac"]),
    "alias with bars": of(aliases="|sac||bag|"),
    "100,000 aliases": of(aliases=[f"alias {row}" for row in range(100_000)]),
    "no alias": of(aliases=[]),
    "null label": of(label=None),
    "unknown key": of(colour={"deep": [[[]]]}),
    "unknown bucket": of(bucket="constructor"),
    "id is __proto__": of("__proto__"),
    "id is a path": of("../../etc/passwd"),
    "id is a formula": of("=cmd|'/C calc'!A0"),
    "id of emoji": of("👜"),
}
_REFUSED_TABLE: dict[str, str] = {
    "no id column": TABLE.replace("concept_id", "id"),
    "no alias column": TABLE.replace("aliases", "forms"),
    "column twice": TABLE.replace("label", "aliases"),
    "header alone": TABLE.split("\n")[0],
    "concept twice": TABLE + "handbag,,bag,,,,\n",
    "cell too many": TABLE + "shoe,,shoe,,,,,,\n",
    "cell missing": TABLE + "shoe,,shoe\n",
    "open quote": TABLE + '"shoe,,shoe,,,,\n',
    "text behind a quote": TABLE + '"shoe"x,,shoe,,,,\n',
    "id is empty": cell("concept_id", ""),
    "id with NUL": cell("concept_id", "a\0b"),
    "id with a line end": cell("concept_id", "a\nb"),
    "count is text": cell("freq_notes", "many"),
    "count is negative": cell("freq_notes", "-1"),
    "count is NaN": cell("freq_notes", "nan"),
    "count of 400 digits": cell("freq_notes", "9" * 400),
    "sensitive is perhaps": marked("perhaps", ""),
    "alias of a million letters": cell("aliases", "a" * MILLION),
}
_WORKING_TABLE: dict[str, str] = {
    "semicolons": TABLE.replace(",", ";"),
    "header in capitals": TABLE.replace("concept_id", "CONCEPT_ID"),
    "tabs": TABLE.replace(",", "\t"),
    "alias of 100,000 letters": cell("aliases", "a" * 100_000),
    "alias with NUL": cell("aliases", "s\0ac"),
    "alias with a line end": cell("aliases", "sac\nnoir"),
    "alias of right to left marks": cell("aliases", "\u200f|حقيبة\u200f"),
    "alias of emoji": cell("aliases", "👜|👩\u200d👩\u200d👧|e\u0301\u0301"),
    "aliases empty": cell("aliases", ""),
    "bars alone": cell("aliases", "|||"),
    "count with a point": cell("freq_notes", "4.0"),
    "sensitive is VRAI": marked("VRAI", "FAUX"),
    "unknown language": cell("languages", "XX|klingon"),
    "a formula": cell("label", "=HYPERLINK(1)"),
}
# UTF-7 is ASCII throughout: nothing tells it from text that means itself.
_JSON_SURVIVES = {"BOM", "Windows line ends", "old Mac line ends", "white space around", "UTF-7"}
# The last cell of a table may be shorter than it was, and nobody can know.
TABLE_SURVIVES = {"BOM", "Windows line ends", "old Mac line ends", "UTF-7", "cut by two bytes"}


def with_damage(text: str, survives: set[str]) -> Outcomes:
    """The damage of `damage.py` to a sound file, with what is stated of each."""
    everything = damage(text.encode()) | encodings(text)
    assert survives <= everything.keys()
    return {
        label: (content, WORKS if label in survives else REFUSED)
        for label, content in everything.items()
    }


JSON_CASES = outcomes(_REFUSED_JSON, _WORKING_JSON) | with_damage(JSON, _JSON_SURVIVES)
TABLE_CASES = outcomes(_REFUSED_TABLE, _WORKING_TABLE) | with_damage(
    TABLE, TABLE_SURVIVES | {"escape sequence"}
)
