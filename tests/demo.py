"""The demo workspace, its gold, and what the detector proposes there without learning."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from lvmh_jax.calibrate.targets import MIN_OVERLAP
from lvmh_jax.config import Settings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.encode import TopConcepts
from lvmh_jax.detect.index import build_index
from lvmh_jax.detect.propose import propose
from lvmh_jax.io.workspace import read_workspace
from lvmh_jax.records import GoldSpan

ROOT = Path(__file__).resolve().parents[1]
CASED = ("FR", "EN", "IT", "ES", "DE", "PT", "NL", "RU")
# A known gap fails by an assertion alone: a case that the gold does not have is an error.
XFAIL = partial(pytest.mark.xfail, strict=True, raises=AssertionError)
Place = tuple[int, int]


class SilentEncoder:
    """Stands in for the encoder: every vector and every probability is zero."""

    settings = SimpleNamespace(buckets=1024, width=1)

    def embed_tokens(self, table, rarity_V):
        return np.zeros((len(rarity_V), 1), np.float32)

    def embed_phrases(self, tokens_VD, phrases):
        return np.zeros((len(phrases), 1), np.float32)

    def rank_concepts(self, tokens_VD, phrases, best):
        zeros = np.zeros((len(phrases), best), np.float32)
        return TopConcepts(zeros.astype(np.int64), zeros)

    def compare_concepts(self, vectors_ND, row_P, concept_P):
        return (np.zeros(len(concept_P), np.float32),) * 3

    def score_context(self, tokens_VD, contexts, row_P, concept_P):
        return np.zeros(len(concept_P), np.float32)


class Demo:
    """The notes of the demo by short name ("DE_002"), and an index of its lexicon."""

    def __init__(self) -> None:
        workspace = read_workspace(ROOT)
        aliases = list_aliases(workspace.lexicon)
        vectors_AD = np.zeros((len(aliases), 1), np.float32)
        concepts = len(workspace.lexicon.concepts)
        self.index = build_index(aliases, concepts, SilentEncoder(), vectors_AD)
        self.row_of = workspace.lexicon.row_of
        self.texts = {note.note_id.removeprefix("AUT_"): note.text for note in workspace.notes}
        gold = [note for split in workspace.gold.values() for note in split]
        self.gold = {note.note_id.removeprefix("AUT_"): note.spans for note in gold}

    @property
    def cased(self) -> list[str]:
        """The texts that are written with capitals and small letters."""
        return [text for note, text in self.texts.items() if note[:2] in CASED]

    def find(self, texts: Sequence[str]) -> Candidates:
        """The candidates of some texts; of an encoder that is silent nothing is asked."""
        settings = replace(Settings().detect, min_coverage_alone=0.0)
        unknown = [""] * len(texts)
        return propose(texts, unknown, self.index, SilentEncoder(), settings).candidates

    @cached_property
    def _places(self) -> dict[tuple[str, str], list[Place]]:
        names = list(self.texts)
        concepts = list(self.row_of)
        places: dict[tuple[str, str], list[Place]] = {}
        for note, concept, place in list_places(self.find(list(self.texts.values()))):
            places.setdefault((names[note], concepts[concept]), []).append(place)
        return places

    def span_of(self, note: str, words: str, concept: str) -> GoldSpan:
        """The gold span of some words; ValueError unless they name the concept there, once."""
        text = self.texts[note]
        (span,) = [
            span
            for span in self.gold[note]
            if span.concept_id == concept and text[span.start : span.end] == words
        ]
        return span

    def forms(self, concept: str) -> list[str]:
        """What the lexicon lists for a concept."""
        row = self.row_of[concept]
        return [alias.text for alias in self.index.aliases if alias.row == row]

    def proposes(self, note: str, span: GoldSpan) -> bool:
        """Whether a candidate of the span's concept lies where the span does."""
        found = self._places.get((note, span.concept_id), [])
        return _any_overlaps(found, (span.start, span.end))

    def proposes_in(self, text: str, place: Place, concept: str) -> bool:
        """The same for a place in any text."""
        row = self.row_of[concept]
        found = [each for _, which, each in list_places(self.find([text])) if which == row]
        return _any_overlaps(found, place)


def list_places(found: Candidates) -> Iterator[tuple[int, int, Place]]:
    """Note, concept and place of each candidate."""
    columns = (found.note_N, found.concept_N, found.start_N, found.end_N)
    for note, concept, start, end in zip(*(c.tolist() for c in columns), strict=True):
        yield note, concept, (start, end)


def _any_overlaps(found: Iterable[Place], place: Place) -> bool:
    """Whether one lies so that the scorer is taught that it is the mention."""
    return any(overlap(place, each) >= MIN_OVERLAP for each in found)


def overlap(first: Place, second: Place) -> float:
    """Intersection over union."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return max(shared, 0) / (max(first[1], second[1]) - min(first[0], second[0]))


def shows(table: str, gaps: str = "") -> pytest.MarkDecorator:
    """Rows `note | words | concept` as cases, and gaps with their cause behind the last bar."""
    cases = []
    for line in [*table.strip().splitlines(), *gaps.strip().splitlines()]:
        note, words, concept, *cause = [cell.strip() for cell in line.split("|")]
        marks = [XFAIL(reason=each) for each in cause]
        cases.append(pytest.param(note, words, concept, marks=marks, id=f"{note} {words}"))
    return pytest.mark.parametrize(("note", "words", "concept"), cases)
