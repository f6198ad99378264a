"""The lexicon: concepts with their aliases, from the pipeline's JSON document or CSV table.

Real lexicons are machine-made and noisy. Faults with an unambiguous meaning are accepted, and
reported in one warning per kind. Ambiguous ones are refused, with concept and key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lvmh_jax.data.documents import kind_of, quote
from lvmh_jax.data.yesno import parse_mark
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import BUCKETS, LANGUAGES, Alias, Concept, Lexicon

MAX_ALIAS_CHARACTERS = 1000  # four times the longest of 77,000 disease names
ACRONYM_LETTERS = 5

NO_BUCKET = "no bucket, read as 'other'"
BAD_BUCKET = "a bucket that is not known, read as 'other'"
BAD_LANGUAGE = "a language that is not known"
JOINED_ALIASES = "aliases in one string, split at '|'"
DIRTY_TEXT = "control characters or lone surrogates in a label or alias, removed"
BLANK_ALIAS = "an alias without a printable character, left out"
LONG_ALIAS = f"an alias of more than {MAX_ALIAS_CHARACTERS} characters, left out"
LONG_LABEL = f"a label of more than {MAX_ALIAS_CHARACTERS} characters, for which its id stands"
MAX_COUNT = 2**53  # above this, JSON numbers read as floats are no longer exact

_SHAPE = "an object of concepts: {concept_id: {label, aliases, bucket or rule, ...}}"
# Cc except white space, which is collapsed, and Cs, which UTF-8 cannot encode.
_DIRT = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff]")
_CODE = re.compile(r"[^\W\d_]{1,20}([-_][^\W_]{1,20}){0,4}")
# A character that is a word by itself: kana, Han ideographs, Hangul syllables.
_WORD_CHARACTER = re.compile(
    r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff\uac00-\ud7a3]"
)


def parse_lexicon(document: object, where: str) -> tuple[Lexicon, list[str]]:
    """Parses the JSON form, `{concept_id: {label, aliases, ...}}`.

    Args:
      document: the parsed JSON.
      where: name of the file, for messages.

    Returns:
      The lexicon in file order, and the warnings.

    Raises:
      InvalidInputError: not an object, no concept, or a key of the wrong type.

    >>> lexicon, _ = parse_lexicon({"bag": {"aliases": ["sac"], "rule": "bucket=intent"}}, "l.json")
    >>> lexicon.concepts[0].bucket, lexicon.concepts[0].label
    ('intent', 'bag')
    """
    if not isinstance(document, dict):
        raise InvalidInputError(
            f"the document is {kind_of(document)}", where=where, expected=_SHAPE
        )
    for number, key in enumerate(document, start=1):
        _check_identifier(key, where, f" (concept {number} of {len(document)})")
    return _build_lexicon(((where, *item) for item in document.items()), where)


def parse_lexicon_table(
    rows: Iterable[tuple[str, Mapping[str, str]]], where: str
) -> tuple[Lexicon, list[str]]:
    """Parses the CSV form: the same keys as columns, lists joined by `|`, empty cells absent.

    Args:
      rows: one concept each: its place, such as `row 2`, and column to cell.
      where: name of the file, for messages.

    Returns:
      The lexicon in file order, and the warnings.

    Raises:
      InvalidInputError: no row, a missing column, a duplicate concept, or a malformed cell.
    """
    return _build_lexicon(_concepts_of_rows(rows, where), where)


def list_aliases(lexicon: Lexicon) -> tuple[Alias, ...]:
    """Lists all surface forms worth matching: per concept the label, then the aliases.

    Forms of one concept that differ only in case count once, as first written. But a form of up to
    five capitals is kept beside one in another case: "ALS" is a disease and "als" a word, and the
    matcher distinguishes them. A label that only repeats an identifier ("gift_for_pet", "C002616")
    is left out, because nobody writes it in a note.

    >>> concept = Concept("als", "ALS", ("als", "Als", "a", "茶"))
    >>> [alias.text for alias in list_aliases(Lexicon((concept,)))]
    ['ALS', 'als', '茶']
    """
    found: list[Alias] = []
    for row, concept in enumerate(lexicon.concepts):
        seen: set[tuple[str, bool]] = set()
        label = () if _is_coined(concept) else (concept.label,)
        for raw in (*label, *concept.aliases):
            text = _collapse(raw)
            key = (text.casefold(), _is_short_capitals(text))
            if key not in seen and (len(text) >= 2 or _WORD_CHARACTER.fullmatch(text)):
                seen.add(key)
                found.append(Alias(text, row))
    return tuple(found)


def is_identifier(text: str) -> bool:
    r"""Whether a text may be a concept id: printable, not blank, of limited length.

    >>> is_identifier("gift_for_pet"), is_identifier("a\n"), is_identifier(" ")
    (True, False, False)
    """
    return bool(text.strip()) and text.isprintable() and len(text) <= MAX_ALIAS_CHARACTERS


def _collapse(text: str) -> str:
    """Collapses white space to single spaces; returns the text itself if nothing changes.

    Millions of aliases are then held in memory once.
    """
    clean = " ".join(text.split())
    return text if clean == text else clean


def _is_coined(concept: Concept) -> bool:
    label = concept.label
    return label == concept.concept_id and ("_" in label or any(map(str.isdigit, label)))


def _is_short_capitals(text: str) -> bool:
    return text.isupper() and sum(char.isalpha() for char in text) <= ACRONYM_LETTERS


class _Reports:
    """Collects tolerated faults, and reports each kind in one line."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, str]] = {}  # kind -> concept id -> what it has

    def add(self, kind: str, concept_id: str, value: str = "") -> None:
        """Records a fault of a concept, with the value if the report should show the first one."""
        self._found.setdefault(kind, {}).setdefault(concept_id, value)

    def lines(self, where: str) -> list[str]:
        out = []
        for kind, ids in self._found.items():
            count = "1 concept has" if len(ids) == 1 else f"{len(ids)} concepts have"
            concept_id, value = next(iter(ids.items()))
            first = f"{quote(concept_id)}: {quote(value)}" if value else quote(concept_id)
            out.append(f"{where}: {count} {kind} (first: {first})")
        return out


def _build_lexicon(
    items: Iterable[tuple[str, str, object]], where: str
) -> tuple[Lexicon, list[str]]:
    """Builds a lexicon from places, ids and definitions."""
    reports = _Reports()
    concepts = tuple(_parse_concept(key, value, place, reports) for place, key, value in items)
    if not concepts:
        raise InvalidInputError("the lexicon is empty", where=where, expected=_SHAPE)
    return Lexicon(concepts), reports.lines(where)


def _check_identifier(key: object, where: str, more: str = "") -> None:
    # The id is written to every output, and may serve as a label.
    if not isinstance(key, str) or not is_identifier(key):
        raise InvalidInputError(
            f"concept id {quote(str(key))} is not an identifier{more}",
            where=where,
            expected=f"a name of printable characters, {MAX_ALIAS_CHARACTERS} at most",
            fix="give it a name of its own, or remove it",
        )


def _parse_concept(key: str, value: object, where: str, reports: _Reports) -> Concept:
    where = f"{where}: concept {quote(key)}"
    if not isinstance(value, dict):
        raise InvalidInputError(
            f"it is {kind_of(value)}", where=where, expected="an object with label and aliases"
        )
    label = _clean(_text(value, "label", where), key, reports)
    if len(label) > MAX_ALIAS_CHARACTERS:
        reports.add(LONG_LABEL, key)
        label = ""
    examples = _strings(value, "examples", where)
    return Concept(
        concept_id=key,
        label=label or key,
        aliases=_parse_aliases(value, key, where, reports),
        bucket=_parse_bucket(value, key, where, reports),
        languages=_parse_languages(value, key, where, reports),
        freq_notes=_parse_count(value, where),
        examples=tuple(dict.fromkeys(_DIRT.sub("", each) for each in examples)),
        sensitive=_parse_sensitive(value, where),
    )


def _parse_aliases(
    fields: Mapping[str, object], concept_id: str, where: str, reports: _Reports
) -> tuple[str, ...]:
    if fields.get("aliases") is None:
        raise InvalidInputError(
            "key 'aliases' is missing", where=where, expected="a list of strings, which may be []"
        )
    if isinstance(fields["aliases"], str):
        reports.add(JOINED_ALIASES, concept_id)
    kept: dict[str, None] = {}
    for raw in _strings(fields, "aliases", where):
        alias = _clean(raw, concept_id, reports)
        if len(alias) > MAX_ALIAS_CHARACTERS:
            reports.add(LONG_ALIAS, concept_id)
        elif not alias:
            reports.add(BLANK_ALIAS, concept_id)
        else:
            kept[alias] = None
    return tuple(kept)


def _clean(text: str, concept_id: str, reports: _Reports) -> str:
    """Collapses white space and removes unprintable characters; the result may be empty."""
    clean = _collapse(text)
    if clean.isprintable():  # the fast path: 77,000 aliases pass here
        return clean
    if _DIRT.search(clean):
        reports.add(DIRTY_TEXT, concept_id)
        clean = " ".join(_DIRT.sub("", clean).split())
    shows = any(char.isprintable() and not char.isspace() for char in clean)
    return clean if shows else ""


def _parse_bucket(
    fields: Mapping[str, object], concept_id: str, where: str, reports: _Reports
) -> str:
    """Bucket as defined in FORMATS.md: key `bucket`, else `rule` as bucket=VALUE or BUCKET=..."""
    written = name = _text(fields, "bucket", where).strip()
    if not name:
        written = _text(fields, "rule", where).strip()
        key, sign, value = (part.strip() for part in written.partition("="))
        name = value if key.lower() == "bucket" else key if sign else ""
        written = value if sign and key.lower() == "bucket" else written
    if name.lower() in BUCKETS:
        return name.lower()
    reports.add(BAD_BUCKET if written else NO_BUCKET, concept_id, written)
    return "other"


def _parse_languages(
    fields: Mapping[str, object], concept_id: str, where: str, reports: _Reports
) -> tuple[str, ...]:
    codes = (code.strip().upper() for code in _strings(fields, "languages", where))
    found = dict.fromkeys(code for code in codes if code)
    if any(code not in LANGUAGES for code in found):
        reports.add(BAD_LANGUAGE, concept_id)
    # Anything that is not like a code is dropped, because no file could hold a lone surrogate.
    return tuple(code for code in found if _CODE.fullmatch(code))


def _parse_count(fields: Mapping[str, object], where: str) -> int:
    value = fields.get("freq_notes", 0)
    if isinstance(value, float) and value.is_integer():  # a table with gaps makes floats of them
        value = int(value)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_COUNT:
        raise InvalidInputError(
            f"key 'freq_notes' is {kind_of(value)}",
            where=where,
            expected="a whole number of notes, 0 or more",
        )
    return value


def _parse_sensitive(fields: Mapping[str, object], where: str) -> bool:
    value = fields.get("sensitive")
    if value is not None and not isinstance(value, bool):
        raise InvalidInputError(
            f"key 'sensitive' is {kind_of(value)}",
            where=where,
            expected="true or false",
            fix="write it without quotes" if isinstance(value, str) else "",
        )
    return bool(value)


def _text(fields: Mapping[str, object], key: str, where: str) -> str:
    """The string under a key; "" if the key is absent or null."""
    value = fields.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidInputError(
            f"key {quote(key)} is {kind_of(value)}", where=where, expected="a string"
        )
    return value or ""


def _strings(fields: Mapping[str, object], key: str, where: str) -> list[str]:
    """The strings under a key, which holds a list or one string joined by `|`."""
    value = fields.get(key)
    if value is None:
        return []
    items = [part for part in value.split("|") if part] if isinstance(value, str) else value
    if not isinstance(items, list):
        raise InvalidInputError(
            f"key {quote(key)} is {kind_of(value)}", where=where, expected="a list of strings"
        )
    for item in items:
        if not isinstance(item, str):
            raise InvalidInputError(
                f"key {quote(key)} holds {kind_of(item)}", where=where, expected="strings alone"
            )
    return items


def _concepts_of_rows(
    rows: Iterable[tuple[str, Mapping[str, str]]], where: str
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Converts each row to its place, and the id and object of the JSON form."""
    seen: dict[str, str] = {}
    for place, row in rows:
        for column in ("concept_id", "aliases"):
            if column not in row:
                raise InvalidInputError(f"column '{column}' is missing", where=where)
        concept_id = row["concept_id"]
        _check_identifier(concept_id, f"{where}: {place}")
        if concept_id in seen:
            raise InvalidInputError(
                f"concept {quote(concept_id)} appears twice, first in {seen[concept_id]}",
                where=f"{where}: {place}",
                expected="a row a concept",
                fix="join the aliases of the two with | in one row, or give one another id",
            )
        seen[concept_id] = place
        fields: dict[str, object] = {key: cell for key, cell in row.items() if cell}
        # Split here, because the joined string is normal in a table and deserves no warning.
        fields["aliases"] = [part for part in row["aliases"].split("|") if part]
        fields.update(_typed_cells(row, f"{where}: {place}"))
        yield f"{where}: {place}", concept_id, fields


def _typed_cells(row: Mapping[str, str], where: str) -> dict[str, object]:
    """Converts cells that JSON types; an unreadable count stays a string, to be refused later."""
    typed: dict[str, object] = {}
    if re.fullmatch(r"\d{1,12}(\.0+)?", row.get("freq_notes", "")):
        typed["freq_notes"] = int(row["freq_notes"].partition(".")[0])
    if "sensitive" in row:
        typed["sensitive"] = parse_mark(row["sensitive"])
        if typed["sensitive"] is None and row["sensitive"].strip():
            raise InvalidInputError(
                f"concept {quote(row['concept_id'])}: column 'sensitive' is neither yes nor no",
                where=where,
                expected="TRUE or FALSE, yes or no in a language of the notes, or an empty cell",
            )
    return typed
