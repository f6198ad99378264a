"""Finds what belongs to a client in files, and builds documents without it.

Rows are matched by `client_id` and `note_id`. Text without rows counts as the client's if it
contains an identifier as a word, or a whole sentence of one of the notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ahocorasick_rs import AhoCorasick

from lvmh_jax.data.text import repair_text, tokenize

MIN_SENTENCE = 30  # characters; shorter ones ("Budget 5K.") are used by many clients
MIN_MIXED, MIN_DIGITS = 4, 8  # minimum length of an id that does not occur on a page by chance
FULL_EXAMPLES = 5  # FORMATS: maximum notes listed for a candidate; a shorter list is complete
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？؟])\s*|[\r\n]+")
_PLACEHOLDER = re.compile(r"\[[A-Z]{2,10}\]")
_DROPPED = object()
# JSON keys whose lists hold ids, whatever the ids look like.
_ID_LISTS = frozenset(
    {"clients", "client_ids", "notes", "note_ids", "examples"}
    | {"evidence_note_ids", "example_note_ids"}
)


@dataclass(frozen=True)
class Traces:
    """The clients to forget, and their notes.

    Attributes:
      clients: their ids.
      notes: note id to text.
      shared: sentences that also occur in other clients' notes, and so identify nobody.
    """

    clients: frozenset[str]
    notes: Mapping[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def owns(self, client_id: object, note_id: object) -> bool:
        """Whether a table row belongs to one of these clients; a missing cell is None."""
        return _cell(client_id) in self.clients or _cell(note_id) in self.notes

    def is_id(self, value: object) -> bool:
        """Whether a value is the id of one of the clients or notes."""
        return isinstance(value, str) and (value in self.clients or value in self.notes)

    def names(self, text: str) -> bool:
        """Whether a text contains an id, or a sentence of a note.

        Numeric and very short ids are not searched for, because any page has such numbers.
        >>> traces = Traces(frozenset({"CL_1"}), {"N_77": "Cherche un sac. Aime la mer, en juin."})
        >>> traces.names("see CL_1"), traces.names("see CL_10"), traces.names("aime la mer")
        (True, False, False)
        """
        if any(name in text and _as_word(name).search(text) for name in self._telling):
            return True
        if len(text) < MIN_SENTENCE:
            return False
        flat = " ".join(text.split())
        return any(sentence in flat for sentence in self.sentences)

    def hide(self, text: str) -> str:
        """Replaces each id in a text, such as a file name, by a placeholder."""
        for name in sorted(filter(None, (*self.clients, *self.notes)), key=len, reverse=True):
            text = _as_word(name).sub("[CLIENT]", text)
        return text

    def could_be(self, redacted: str) -> bool:
        """Whether a text is one of the notes, or a redacted version of one.

        >>> traces = Traces(frozenset({"C"}), {"N": "Mme Laurent, cherche un sac bleu"})
        >>> traces.could_be("Mme [NAME], cherche un sac bleu"), traces.could_be("Mme [NAME], non")
        (True, False)
        """
        return any(_fits(redacted, text) for text in self.notes.values())

    def count_notes(self, phrase: str) -> int:
        """Number of notes that contain a phrase as words (anywhere in unspaced scripts)."""
        wanted = " ".join(phrase.casefold().split())
        holding = [text for text in self._folded if wanted and wanted in text]
        spaced = wanted.isascii() or max(map(ord, wanted), default=0) < 0x2E80
        if not spaced:
            return len(holding)
        word = _as_word(wanted)
        return sum(word.search(text) is not None for text in holding)

    def holders(self, phrase: str) -> frozenset[str]:
        """The notes that contain a phrase, matched by folded tokens as `keywords` does.

        >>> sorted(Traces(frozenset(), {"N": "L'École, à Paris"}).holders("ecole a"))
        ['N']
        """
        wanted = _fold(phrase)
        return frozenset(
            name for name, text in self._tokenized.items() if wanted.strip() and wanted in text
        )

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """Sentences of the notes that are long enough to identify them."""
        whole = {" ".join(text.split()) for text in self.notes.values()}
        parts = {
            " ".join(part.split())
            for text in self.notes.values()
            for part in _SENTENCE_END.split(text)
        }
        found = {each for each in whole | parts if len(each) >= MIN_SENTENCE}
        return tuple(sorted(found - self.shared))

    @cached_property
    def _telling(self) -> tuple[str, ...]:
        return tuple(name for name in {*self.clients, *self.notes} if _is_telling(name))

    @cached_property
    def _folded(self) -> tuple[str, ...]:
        return tuple(" ".join(text.casefold().split()) for text in self.notes.values())

    @cached_property
    def _tokenized(self) -> dict[str, str]:
        return {name: _fold(text) for name, text in self.notes.items()}


def find_shared(traces: Traces, texts: Iterable[str]) -> frozenset[str]:
    """Sentences of the client's notes that also occur in texts of others."""
    if not traces.sentences:
        return frozenset()
    patterns = list(traces.sentences)
    automaton = AhoCorasick([repair_text(each) for each in patterns])
    found: set[int] = set()
    for text in texts:
        flat = repair_text(" ".join(text.split()))
        found.update(hit[0] for hit in automaton.find_matches_as_indexes(flat, overlapping=True))
    return frozenset(patterns[place] for place in found)


def forget_candidate(row: Mapping[str, str], traces: Traces) -> dict[str, str] | None:
    """Removes the notes from a row of `candidates.csv`, and lowers its count.

    The count falls by the number of notes that contain the keyword or, if greater, of those listed
    for it. A row that only these notes produced is removed: its count reaches 0, or its complete
    list consisted of them. `avg_score` stays, because the notes' shares in it are unknown.

    Returns: the row, or None if it is removed.
    """
    listed = [part for part in row["example_note_ids"].split("|") if part]
    kept = [part for part in listed if part not in traces.notes]
    lost = max(len(listed) - len(kept), traces.count_notes(row["candidate"]))
    if not lost:
        return dict(row)
    left = float(row["freq_notes"] or 0) - lost
    theirs = bool(listed) and not kept and len(listed) < FULL_EXAMPLES
    if left <= 0 or theirs or traces.names(row["candidate"]):
        return None
    count = f"{left:.1f}" if "." in row["freq_notes"] else str(int(left))
    return {**row, "freq_notes": count, "example_note_ids": "|".join(kept)}


def forget_concept(fields: Mapping[str, Any], traces: Traces) -> tuple[dict[str, Any], int]:
    """Removes the client's examples and aliases from a concept of a lexicon (JSON or table row).

    `freq_notes` falls by the number of removed examples. An alias is removed if it names the
    client or is a sentence of a note; other wordings belong to the lexicon.

    Returns: the concept, and the number of removed entries.
    """
    kept = dict(fields)
    gone = {}
    for key, is_theirs in (("examples", traces.is_id), ("aliases", traces.names)):
        written = fields.get(key)
        parts = written.split("|") if isinstance(written, str) else written
        if not isinstance(parts, list):
            continue
        left = [part for part in parts if not (isinstance(part, str) and is_theirs(part))]
        gone[key] = len(parts) - len(left)
        if gone[key]:
            kept[key] = "|".join(left) if isinstance(written, str) else left
    if gone.get("examples") and "freq_notes" in fields:  # a table may lack this column
        kept["freq_notes"] = _lower(fields.get("freq_notes"), gone["examples"])
    return kept, sum(gone.values())


def forget_lexicon(document: Mapping[str, Any], traces: Traces) -> tuple[dict[str, Any], int]:
    """Removes the client's examples and aliases from a lexicon; also returns their number."""
    fixed, count = {}, 0
    for concept_id, fields in document.items():
        fixed[concept_id], gone = forget_concept(fields, traces)
        count += gone
    return fixed, count


def forget_samples(document: Mapping[str, Any], traces: Traces) -> tuple[dict[str, Any], int]:
    """Removes texts of the client's notes, redacted or not, from `training_examples.json`."""
    kept = dict(document)
    kept["context_examples"] = [
        each
        for each in document["context_examples"]
        if each["client_id"] not in traces.clients and not traces.could_be(each["text"])
    ]
    kept["concept_examples"] = [
        each for each in document["concept_examples"] if not traces.names(each["keyword"])
    ]
    both = ("context_examples", "concept_examples")
    count = sum(len(document[key]) - len(kept[key]) for key in both)
    return kept, count


def forget_held_out(
    document: Mapping[str, Any], hashes: Iterable[str]
) -> tuple[dict[str, Any], int]:
    """Removes the hashes of the client's notes from `held_out.json`; also returns their number."""
    gone = set(hashes)
    notes = [each for each in document["notes"] if each not in gone]
    folds = {each: fold for each, fold in document["folds"].items() if each not in gone}
    count = len(document["notes"]) - len(notes) + len(document["folds"]) - len(folds)
    return {**document, "notes": notes, "folds": folds}, count


def forget_json(value: Any, traces: Traces) -> tuple[Any, int]:
    """Removes the client from a JSON value; list elements that are theirs are removed whole.

    Returns: the value, empty if all of it was theirs, and the number of removed parts.
    >>> forget_json([{"note_id": "N", "f1": 1}, {"note_id": "M"}], Traces(frozenset(), {"N": ""}))
    ([{'note_id': 'M'}], 1)
    """
    counter = [0]
    pruned = _prune(value, traces, counter, top=True)
    return ({} if pruned is _DROPPED else pruned), counter[0]


def _prune(
    value: Any, traces: Traces, counter: list[int], *, top: bool = False, key: str = ""
) -> Any:
    if isinstance(value, str):
        theirs = traces.names(value) or (
            key in _ID_LISTS and any(map(traces.is_id, value.split("|")))
        )
        counter[0] += theirs
        return _DROPPED if theirs else value
    if isinstance(value, list):
        pruned = [_prune(each, traces, counter, key=key) for each in value]
        return [each for each in pruned if each is not _DROPPED]
    if not isinstance(value, dict):
        return value
    owners = (value.get("client_id"), value.get("note_id"))
    if traces.owns(*owners):
        counter[0] += 1
        return _DROPPED
    if any(owners):  # the row belongs to somebody else, whatever it says
        return value
    kept = {}
    for name, each in value.items():
        if traces.names(name):
            counter[0] += 1
            continue
        left = _prune(each, traces, counter, key=name)
        if left is not _DROPPED:
            kept[name] = left
        elif isinstance(each, str) and not top:
            return _DROPPED  # a row that quotes the client is theirs
    return kept


def _fits(redacted: str, text: str) -> bool:
    """Whether a text consists of the parts between placeholders, in order."""
    first, *rest = _PLACEHOLDER.split(redacted)
    if not rest:
        return redacted == text
    if not (text.startswith(first) and text.endswith(rest[-1])) or not "".join((first, *rest)):
        return False
    place = len(first)
    for part in rest[:-1]:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return place + len(rest[-1]) <= len(text)


def _lower(value: object, by: int) -> object:
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}(\.0+)?", value):
        return str(max(int(value.partition(".")[0]) - by, 0))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return max(value - by, 0)
    return value


def _fold(text: str) -> str:
    return f" {' '.join(token.form for token in tokenize(text))} "


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _as_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def _is_telling(name: str) -> bool:
    if name.isdigit():
        return len(name) >= MIN_DIGITS
    return len(name) >= MIN_MIXED and any(map(str.isdigit, name)) and any(map(str.isalpha, name))
