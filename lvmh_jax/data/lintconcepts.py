"""Rules of `doctor` about concepts, pairs of concepts, and the lexicon compared with its notes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np

from lvmh_jax.data.inspection import MOST_NOTES, Evidence, Inspection
from lvmh_jax.data.personal import redact_fully
from lvmh_jax.data.text import UNSPACED_CHARACTER
from lvmh_jax.records import LANGUAGES

LEAST_TYPO = 7  # characters; shorter forms often differ by one letter without a typo
LEAST_TYPO_WORD = 5  # characters of the differing word: "hepatitis B" is not "hepatitis C"
SERIES = 3  # number of forms that differ only in digits, from which they count as a pattern
LEAST_LANGUAGE = 0.02  # share of notes from which a language belongs to the workspace
_DIGITS = re.compile(r"\d+")
# Scripts that identify a language, in contrast to Latin letters.
_SCRIPT = {"AR": "ARABIC", "RU": "CYRILLIC", "KO": "HANGUL", "JA": "HIRAGANA|KATAKANA|CJK"}
_SCRIPT["ZH"] = "CJK"


def find_empty(seen: Inspection) -> Iterator[Evidence]:
    """Concepts without any form that could match."""
    for concept, rows in zip(seen.concepts, seen.aliases_of, strict=True):
        if not rows:
            yield Evidence((concept.concept_id,), "", 0, (), "no alias and no label that is one")


def find_label_only(seen: Inspection) -> Iterator[Evidence]:
    """Concepts with no alias besides their label."""
    for concept, rows in zip(seen.concepts, seen.aliases_of, strict=True):
        if rows and not concept.aliases:
            yield seen.see(rows[0], "the label alone names it")


def find_silent(seen: Inspection) -> Iterator[Evidence]:
    """Concepts without a match; a longer alias of another concept may take precedence."""
    if not seen.notes:
        return
    for concept, rows in zip(seen.concepts, seen.aliases_of, strict=True):
        if rows and not any(seen.notes_of(row) for row in rows):
            told = "its one form" if len(rows) == 1 else f"each of its {len(rows)} forms"
            told += " matches nowhere"
            told += f"; the lexicon counts {concept.freq_notes}" if concept.freq_notes else ""
            yield Evidence((concept.concept_id,), redact_fully(concept.label), len(rows), (), told)


def find_series(seen: Inspection) -> Iterator[Evidence]:
    """Forms of a concept that differ only in a number: a pattern written out."""
    for rows in seen.aliases_of:
        shapes: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            if any(map(str.isdigit, seen.folded[row])):
                shapes[_DIGITS.sub("0", seen.folded[row])].append(row)
        for group in shapes.values():
            if len(group) >= SERIES:
                told = f"{len(group)} forms differ in a number alone"
                notes = list(dict.fromkeys(note for row in group for note in seen.notes_of(row)))
                concept = seen.concepts[seen.aliases[group[0]].row].concept_id
                text = redact_fully(seen.aliases[group[0]].text)
                yield Evidence((concept,), text, len(notes), notes[:MOST_NOTES], told)


def find_respelled(seen: Inspection) -> Iterator[Evidence]:
    """Aliases of a concept that differ only in case or accents from an earlier one."""
    for concept in seen.concepts:
        first: dict[str, str] = {}
        for alias in concept.aliases:
            key = unicodedata.normalize("NFKC", alias).casefold()
            before = first.setdefault(key, alias)
            if before != alias and not alias.isupper() and not before.isupper():
                told = "differs in case or width from one before"
                yield Evidence((concept.concept_id,), redact_fully(alias), 1, (), told)


def find_lost_examples(seen: Inspection) -> Iterator[Evidence]:
    """Concepts whose examples refer to missing notes."""
    known = {note.note_id for note in seen.notes}
    for concept in seen.concepts if known else ():
        lost = [note_id for note_id in concept.examples if note_id not in known]
        if lost:
            told = f"{len(lost)} of {len(concept.examples)} examples name no note of the workspace"
            yield Evidence((concept.concept_id,), redact_fully(concept.label), len(lost), (), told)


def find_near(seen: Inspection) -> Iterator[Evidence]:
    """Pairs of concepts whose aliases differ by one typo, or only in accents and word breaks."""
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for one, two in _typo_pairs(seen):
        first, second = seen.aliases[one].row, seen.aliases[two].row
        if first != second:
            pairs[min(first, second), max(first, second)].append((one, two))
    for (first, second), rows in sorted(pairs.items()):
        one, two = min(rows, key=lambda pair: _rank_pair(seen, pair))
        more = f", and {len(rows) - 1} more such" if len(rows) > 1 else ""
        told = f"beside {redact_fully(seen.aliases[two].text)!r}{more}"
        found = seen.see(one, told, (first, second))
        notes = list(dict.fromkeys([*seen.notes_of(one), *seen.notes_of(two)]))
        yield replace(found, count=len(notes), notes=notes[:MOST_NOTES])


def _rank_pair(seen: Inspection, pair: tuple[int, int]) -> tuple[int, list[str]]:
    """Sort key: pairs that occur in most notes first, ties by their texts."""
    count = sum(len(seen.notes_of(row)) for row in pair)
    return -count, [seen.aliases[row].text for row in pair]


def _typo_pairs(seen: Inspection) -> Iterator[tuple[int, int]]:
    """Aliases whose forms share a deletion: they differ by one edit or swap.

    Compares sorted hashes of all deletions, so that 77,000 aliases take seconds and little memory.
    Python's `hash` is salted in every run, which would change the order of the results.
    """
    forms = list(seen.rows_of)
    words = [[token.form for token in seen.tokens[rows[0]]] for rows in seen.rows_of.values()]
    bare = ["".join(each) for each in words]
    owners, hashes = [], []
    for row, form in enumerate(bare):
        if len(form) < LEAST_TYPO or UNSPACED_CHARACTER.search(form):
            continue
        variants = {form, *(form[:at] + form[at + 1 :] for at in range(len(form)))}
        # UTF-8 cannot encode a lone surrogate, which JSON may hold.
        hashes += [crc32(variant.encode("utf-8", "surrogatepass")) for variant in variants]
        owners += [row] * len(variants)
    order = np.argsort(np.array(hashes, np.int64), kind="stable")
    sorted_H, owner_H = np.array(hashes, np.int64)[order], np.array(owners, np.int64)[order]
    starts = np.flatnonzero(np.diff(sorted_H, prepend=sorted_H[:1] - 1))
    done: set[tuple[int, int]] = set()
    for group in np.split(owner_H, starts[1:]) if len(sorted_H) else ():
        for place, one in enumerate(group.tolist()):
            for two in group[place + 1 :].tolist():
                pair = (min(one, two), max(one, two))
                if one != two and pair not in done and _is_typo(words[one], words[two]):
                    done.add(pair)
                    for row in seen.rows_of[forms[pair[0]]]:
                        yield from ((row, other) for other in seen.rows_of[forms[pair[1]]])


def _is_typo(one: Sequence[str], two: Sequence[str]) -> bool:
    """Whether two forms differ only in word breaks, or by one edit inside a word.

    An edit of the first letter ("mère", "père") or in a number makes a different word.
    """
    if "".join(one) == "".join(two):
        return True
    apart = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]]
    if len(one) != len(two) or len(apart) != 1:
        return False
    short, long = sorted(apart[0], key=len)
    if len(short) < LEAST_TYPO_WORD or short[0] != long[0] or any(map(str.isdigit, short + long)):
        return False
    start = next((i for i, char in enumerate(short) if char != long[i]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    is_swap = short[start : start + 2] == long[start : start + 2][::-1]
    return short[start + 1 :] == long[start + 1 :] or (
        is_swap and short[start + 2 :] == long[start + 2 :]
    )


def find_language_gaps(seen: Inspection) -> Iterator[Evidence]:
    """Languages of the notes without any concept: by script if it is distinctive, else by lists."""
    spoken = Counter(note.language for note in seen.notes)
    for code, count in spoken.most_common():
        if code not in LANGUAGES or count < LEAST_LANGUAGE * len(seen.notes):
            continue
        covered = _count_covering(seen, code)
        if covered * 10 < len(seen.concepts):
            rows = [row for row, note in enumerate(seen.notes) if note.language == code]
            told = f"{covered} of {len(seen.concepts)} concepts have an alias in {code}"
            yield Evidence((), code, count, rows[:MOST_NOTES], told)


def _count_covering(seen: Inspection, code: str) -> int:
    if code not in _SCRIPT:
        return sum(not c.languages or bool({code, "ALL"} & {*c.languages}) for c in seen.concepts)
    names = tuple(_SCRIPT[code].split("|"))
    return sum(
        any(_is_written_in(seen.aliases[row].text, names) for row in rows)
        for rows in seen.aliases_of
    )


def _is_written_in(text: str, names: tuple[str, ...]) -> bool:
    if text.isascii():
        return False
    return any(unicodedata.name(char, "").startswith(names) for char in text)
