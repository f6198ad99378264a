"""Rules of `doctor` about single aliases; each yields its evidence in lexicon order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from lvmh_jax.data.frequency import RARE, zipf_of_form
from lvmh_jax.data.functionwords import find_stop_language, function_words
from lvmh_jax.data.inspection import Evidence, Inspection
from lvmh_jax.data.matcher import is_acronym
from lvmh_jax.data.personal import kinds_in, redact_fully
from lvmh_jax.data.text import UNSPACED_CHARACTER, fold_form

TOO_FREQUENT = 0.15  # share of notes; a more frequent concept hardly distinguishes clients
LEAST_FREQUENT = 10  # notes; in a small workspace the share is not reliable
SHORT = 3  # characters; four are a word in most languages
PART_WORDS, PART_CHARACTERS = 3, 30  # maximum size of an item in a list read as one alias
_COMMAS = ",，、،"
_PARTING = re.compile(f"[;|；｜{_COMMAS}]")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")  # scripts with letters that look alike
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_WITHOUT_VOWELS = "\u0590"  # Hebrew, Arabic and what comes after them
_JOINERS = "\u200c\u200d"  # required in Persian and emoji


def find_shared(seen: Inspection) -> Iterator[Evidence]:
    """Forms shared by several concepts."""
    for rows in seen.rows_of.values():
        places = list(dict.fromkeys(seen.aliases[row].row for row in rows))
        if len(places) > 1:
            yield seen.see(rows[0], f"held by {len(places)} concepts", places)


def find_short(seen: Inspection) -> Iterator[Evidence]:
    """Aliases of up to three characters that are in no word list.

    Except capitals ("NFT") and scripts where a character is a syllable or a word. In scripts
    without vowels, two or three letters are a word.
    """
    for row, alias in enumerate(seen.aliases):
        text = alias.text
        if len(text) > SHORT or is_acronym(text):
            continue
        if UNSPACED_CHARACTER.search(text) or _HANGUL.search(text):
            continue
        is_word = len(text) == SHORT and zipf_of_form(fold_form(text)) > RARE
        if not (is_word or text >= _WITHOUT_VOWELS):
            yield seen.see(row, f"{len(text)} characters")
    for concept in seen.concepts:  # single letters, which the dictionary ignores
        for text in concept.aliases:
            if len(text) == 1 and not UNSPACED_CHARACTER.match(text) and not _HANGUL.match(text):
                yield Evidence((concept.concept_id,), text, 0, (), "1 character: never matched")


def find_single(seen: Inspection) -> Iterator[Evidence]:
    """Aliases of one character in an unspaced script, where word boundaries are unknown."""
    for row, alias in enumerate(seen.aliases):
        if len(alias.text) == 1 and UNSPACED_CHARACTER.match(alias.text):
            yield seen.see(row, "1 character: found within longer words, too")


def find_stop_words(seen: Inspection) -> Iterator[Evidence]:
    """Aliases that consist of stop words of one of their concept's languages."""
    for row, (alias, tokens) in enumerate(zip(seen.aliases, seen.tokens, strict=True)):
        if is_acronym(alias.text) or any(token.unspaced for token in tokens):
            continue
        # As written, not folded: "té" is tea, and "te" is not.
        words = [alias.text[token.start : token.end].lower() for token in tokens]
        concept = seen.concepts[alias.row]
        language = find_stop_language(words, seen.languages_of(concept))
        if language and max(map(len, words)) > 1 and words[0] not in _NEGATIONS:
            yield seen.see(row, f"frequent words of {language} alone")


def find_joined(seen: Inspection) -> Iterator[Evidence]:
    """Aliases that are lists: short items joined by a separator of another file format.

    Catalogues invert their entries ("Transport, defect of"), so a comma only counts as separator if
    the concept has no other alias, that is, if the alias is a whole table cell.
    """
    for row, alias in enumerate(seen.aliases):
        concept = seen.concepts[alias.row]
        if alias.text == " ".join(concept.label.split()):
            continue
        is_alone = len(concept.aliases) == 1
        for mark in dict.fromkeys(_PARTING.findall(alias.text)):
            parts = alias.text.split(mark)
            if all(map(_is_short, parts)) and (is_alone or mark not in _COMMAS):
                yield seen.see(row, f"{len(parts)} wordings with {mark!r} between them?")
                break


def _is_short(part: str) -> bool:
    """Whether an item of a list may be an alias."""
    is_brief = len(part.split()) <= PART_WORDS and len(part.strip()) <= PART_CHARACTERS
    return is_brief and any(map(str.isalpha, part))


def find_too_frequent(seen: Inspection) -> Iterator[Evidence]:
    """Forms that match an implausible share of the notes."""
    for form, notes in seen.fired.items():
        share = len(notes) / len(seen.notes)
        if share >= TOO_FREQUENT and len(notes) >= LEAST_FREQUENT:
            rows = seen.rows_of[form]
            places = list(dict.fromkeys(seen.aliases[row].row for row in rows))
            yield seen.see(rows[0], f"fires in {share:.0%} of the notes", places)


def find_fragments(seen: Inspection) -> Iterator[Evidence]:
    """Labels that begin or end with a function word or repeat one, and aliases that end with one.

    An alias without matches does no harm, and "in September" is complete. Catalogues invert their
    entries ("Transport, defect of"), so forms with a comma are exempt.
    """
    for row, alias in enumerate(seen.aliases):
        concept = seen.concepts[alias.row]
        is_label = alias.text == " ".join(concept.label.split())
        told = ""
        if "," not in alias.text and (is_label or seen.notes_of(row)):
            told = _describe_fragment(seen, row, is_label=is_label)
        if told:
            yield seen.see(row, ("the label " if is_label else "") + told)


def _describe_fragment(seen: Inspection, row: int, *, is_label: bool) -> str:
    tokens = seen.tokens[row]
    if len(tokens) < 2 or any(token.unspaced for token in tokens):
        return ""
    words = [token.form for token in tokens]
    for left, right in pairwise(words):
        if left == right and len(left) > SHORT:
            return "repeats a word"
    languages = seen.languages_of(seen.concepts[seen.aliases[row].row])
    for code in languages:
        known = function_words(code)
        # A capital is a name: "cyclosporin A".
        if words[-1] in known and not seen.aliases[row].text[tokens[-1].start].isupper():
            return f"ends with the function word {words[-1]!r}"
    begins = is_label and any(words[0] in function_words(code) for code in languages)
    return f"begins with the function word {words[0]!r}" if begins else ""


def find_mixed_scripts(seen: Inspection) -> Iterator[Evidence]:
    """Words that mix alphabets, look-alike letters of another alphabet, and hidden characters."""
    for row, alias in enumerate(seen.aliases):
        told = _describe_script(alias.text)
        if told:
            yield seen.see(row, told)


def _describe_script(text: str) -> str:
    if text.isascii():
        return ""
    if any(unicodedata.category(char) == "Cf" and char not in _JOINERS for char in text):
        return "holds a hidden character"
    scripts = [_scripts_of(word) for word in text.split()]
    mixed = next((found for found in scripts if len(found) > 1), None)
    return f"{' and '.join(mixed)} letters in one word" if mixed else ""


def _scripts_of(word: str) -> list[str]:
    names = (unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha())
    return list(dict.fromkeys(name.title() for name in names if name in _SCRIPTS))


def find_identifying(seen: Inspection) -> Iterator[Evidence]:
    """Ids and aliases that identify a person, with which `train` refuses to start."""
    for concept in seen.concepts:
        kinds = [kind for kind, stops in kinds_in(concept.concept_id) if stops]
        if kinds:
            name = redact_fully(concept.concept_id)
            yield Evidence((name,), "", 0, (), f"{', '.join(kinds)} in the id of the concept")
    yield from _find_personal(seen, stops=True)


def find_names(seen: Inspection) -> Iterator[Evidence]:
    """Aliases with a person's name after a title, or with a postal address."""
    return _find_personal(seen, stops=False)


def _find_personal(seen: Inspection, *, stops: bool) -> Iterator[Evidence]:
    for row, alias in enumerate(seen.aliases):
        kinds = [kind for kind, stopping in kinds_in(alias.text) if stopping == stops]
        if kinds:
            yield seen.see(row, ", ".join(kinds))


_NEGATIONS = frozenset({"no", "non", "not", "nicht", "kein", "keine", "sans", "без", "не", "нет"})
