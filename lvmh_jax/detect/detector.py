"""The detector: notes to mentions, in memory (no disk access)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.lexicon import list_aliases
from lvmh_jax.data.negation import read_cues
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.decode import OFF, pass_thresholds, select_likely
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import AliasIndex, build_index
from lvmh_jax.detect.languages import NoteLanguages
from lvmh_jax.detect.memory import MentionMemory
from lvmh_jax.detect.notehead import NoteHead, NoteView, mark_spoken
from lvmh_jax.detect.propose import MayPass, Proposals, propose
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.records import (
    AFFIRMED,
    ML_ENHANCED,
    NEGATED,
    RULE_BASED,
    Alias,
    Concept,
    Lexicon,
    Mention,
    Note,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
BATCH_NOTES = 256  # bounds memory; scores do not depend on it
BATCH_CHARACTERS = 50_000
NO_LANGUAGE = "ZXX"  # ISO 639-2: no linguistic content
WARMING = 20  # aliases in the warm-up note: enough for at least one match


@dataclass(frozen=True)
class ConceptDetector:
    """A trained detector; it is immutable and may be used from several threads.

    Attributes:
      concepts: concepts of the lexicon that the model was trained with; their order defines the
        concept rows.
      index: lookup structures over the lexicon's aliases.
      encoder: the trained encoder.
      scorer: scores candidates; None if learned matches did not help, and then the dictionary
        decides alone.
      dictionary_precision: measured precision of dictionary matches. It is their confidence if
        there is no scorer.
      settings: settings of candidate generation and decoding.
      memory: counts over the workspace's annotated notes; None unless the scorer was fitted on
        them.
      note_head: the note-level head, which informs the scorer, names concepts that no span
        expresses, or both; None if neither helped.
      listed: rows of the concepts in another lexicon, in that lexicon's order; None for all. The
        others still compete for spans but are never reported.
    """

    concepts: tuple[Concept, ...]
    index: AliasIndex
    encoder: PhraseEncoder
    scorer: Scorer | None
    dictionary_precision: float
    settings: DetectSettings
    memory: MentionMemory | None = None
    note_head: NoteHead | None = None
    listed: tuple[int, ...] | None = None

    @cached_property
    def absent(self) -> frozenset[int]:
        """Rows of the concepts that another lexicon leaves out."""
        listed = range(len(self.concepts)) if self.listed is None else self.listed
        return frozenset(range(len(self.concepts))).difference(listed)

    def detect(self, notes: Sequence[Note], groups: Sequence[int] | None = None) -> list[Mention]:
        """Finds mentions, note by note in order.

          notes: any number; texts may be empty.
          groups: for each note the fold whose models score it (cross-validation); by default the
            models that were fitted on all notes.

        Returns: the mentions of the first note in reading order, then those of the second, and so
          on; those without a span come last in their note.
        """
        limits = self.scorer.thresholds if self.scorer else Thresholds()
        return self.detect_at(notes, [limits], groups)[0]

    def detect_at(
        self,
        notes: Sequence[Note],
        limits_L: Sequence[Thresholds],
        groups: Sequence[int] | None = None,
    ) -> list[list[Mention]]:
        """Finds mentions at several sets of thresholds, scoring the notes once.

        Args:
          notes: as for `detect`.
          limits_L: thresholds in place of the scorer's own; without a scorer they have no effect.
          groups: as for `detect`.

        Returns: for each set of thresholds, the mentions that `detect` would return with it.
        """
        found_L: list[list[Mention]] = [[] for _ in limits_L]
        for batch in batch_notes(notes):
            part = [notes[row] for row in batch]
            if self.scorer is None:
                exact = self._look_up(part)
                parts_L = [exact] * len(limits_L)
            else:
                groups_B = None if groups is None else np.array([groups[row] for row in batch])
                parts_L = self._detect_batch(part, self.scorer, groups_B, limits_L)
            for found, more in zip(found_L, parts_L, strict=True):
                found += more
        return [cap_per_alias(found, self.settings.max_per_alias) for found in found_L]

    def with_lexicon(self, lexicon: Lexicon) -> ConceptDetector:
        """The same detector with the labels and aliases of another lexicon, without training.

        A concept missing from it is no longer reported. It still competes, with the aliases it had
        except those that the new lexicon gives to another concept; otherwise its wordings would
        be attributed to the nearest remaining concept. New aliases are embedded like those of
        training, so they match exactly and softly, and count as evidence for their concept.

        Args:
          lexicon: of concepts that the detector was trained with.

        Raises:
          InvalidInputError: it has a concept that the detector does not know, or no alias.
        """
        row_of = Lexicon(self.concepts).row_of
        new = [each.concept_id for each in lexicon.concepts if each.concept_id not in row_of]
        if new:
            raise InvalidInputError(
                f"the lexicon has {len(new)} concepts that the model was not trained with, first "
                f"{new[0]}",
                fix="train again, or leave them out",
            )
        listed = tuple(row_of[each.concept_id] for each in lexicon.concepts)
        given = [replace(alias, row=listed[alias.row]) for alias in list_aliases(lexicon)]
        if not given:
            raise InvalidInputError("the lexicon has no alias of a concept that the model knows")
        concepts = list(self.concepts)
        for row, concept in zip(listed, lexicon.concepts, strict=True):
            concepts[row] = concept
        rivals = list_rivals(self.index.aliases, given, frozenset(listed))
        aliases = sorted([*given, *rivals], key=attrgetter("row"))
        index = build_index(aliases, len(concepts), self.encoder)
        return replace(self, concepts=tuple(concepts), index=index, listed=listed)

    def propose(
        self,
        notes: Sequence[Note],
        fold_B: Ints | None = None,
        may_pass: MayPass | None = None,
    ) -> Proposals:
        """Candidates of a batch of notes, with their features.

        Args:
          notes: a batch.
          fold_B: int64 fold of each note, whose annotation must not be used.
          may_pass: selects candidates by all features but the context score; default: all.
        """
        texts = [note.text for note in notes]
        languages = NoteLanguages(texts, [note.language for note in notes])
        known = self.index, self.encoder, self.settings, self.memory
        head = self.note_head
        asked = head is not None and (head.informs or head.speaks)
        return propose(texts, languages, *known, fold_B, may_pass, head if asked else None)

    def _detect_batch(
        self,
        notes: Sequence[Note],
        scorer: Scorer,
        groups_B: Ints | None,
        limits_L: Sequence[Thresholds],
    ) -> list[list[Mention]]:
        least = min((limits.add_learned for limits in limits_L), default=OFF)

        def group(found: Candidates) -> Ints | None:
            return None if groups_B is None else groups_B[found.note_N]

        def may_pass(found: Candidates, features_NF: Floats) -> NDArray[np.bool_]:
            return scorer.glance(features_NF, found.exact_N, least, group(found))

        proposals = self.propose(notes, groups_B, may_pass)
        logits_N2 = scorer.score(proposals.features_NF, group(proposals.candidates))
        exact_N = proposals.candidates.exact_N
        confidence_N = scorer.calibration.confidence(logits_N2[:, 0], exact_N)
        return [
            self._decode(notes, proposals, confidence_N, logits_N2, limits) for limits in limits_L
        ]

    def _decode(
        self,
        notes: Sequence[Note],
        proposals: Proposals,
        confidence_N: Floats,
        logits_N2: Floats,
        limits: Thresholds,
    ) -> list[Mention]:
        found, view = proposals.candidates, proposals.view
        eligible_N = pass_thresholds(
            confidence_N, found.exact_N, limits.keep_exact, limits.add_learned
        )
        rows = select_likely(found, confidence_N, eligible_N, logits_N2, limits.overlapping)
        if self.absent:
            rows = rows[~np.isin(found.concept_N[rows], [*self.absent])]
        picked = found.take(rows)
        # Column by column: calling `Mention` with keywords is three times as slow.
        mentions = list(
            map(
                Mention,
                [notes[row].note_id for row in picked.note_N.tolist()],
                [self.concepts[row].concept_id for row in picked.concept_N.tolist()],
                [self._alias_text(row) for row in picked.alias_N.tolist()],
                picked.start_N.tolist(),
                picked.end_N.tolist(),
                confidence_N[rows].tolist(),
                [RULE_BASED if exact else ML_ENHANCED for exact in picked.exact_N.tolist()],
                [NEGATED if negated else AFFIRMED for negated in (logits_N2[rows, 1] > 0).tolist()],
            )
        )
        if self.note_head is None or view is None or not self.note_head.speaks:
            return mentions
        whole = self._name_unspoken(notes, picked, self.note_head, view)
        placed = [*zip(picked.note_N.tolist(), mentions, strict=True), *whole]
        return [mention for _, mention in sorted(placed, key=lambda pair: pair[0])]

    def _name_unspoken(
        self, notes: Sequence[Note], picked: Candidates, head: NoteHead, view: NoteView
    ) -> list[tuple[int, Mention]]:
        """Mentions without a span, of concepts that none of the picked spans names, by note."""
        sure_BK = head.confide(view.logits_BK)
        spoken_BK = mark_spoken(
            picked.note_N, picked.concept_N, len(notes), len(self.concepts), head.concept_K
        )
        speaks_K = ~np.isin(head.concept_K, [*self.absent])
        note_M, place_M = np.nonzero(~spoken_BK & (sure_BK >= head.threshold) & speaks_K)
        return [
            (
                note,
                Mention(
                    note_id=notes[note].note_id,
                    concept_id=self.concepts[head.concept_K[place]].concept_id,
                    alias="",
                    start=None,
                    end=None,
                    confidence=float(sure_BK[note, place]),
                    method=ML_ENHANCED,
                ),
            )
            for note, place in zip(note_M.tolist(), place_M.tolist(), strict=True)
        ]

    def _alias_text(self, row: int) -> str:
        return self.index.aliases[row].text if row >= 0 else ""

    def _look_up(self, notes: Sequence[Note]) -> list[Mention]:
        """The dictionary's matches; a shared alias gives a mention of every concept that has it."""
        sure, named_A = self.dictionary_precision, self._named_A
        hits_B = self.index.find_exact([note.text for note in notes])
        found = [
            Mention(note.note_id, concept_id, text, start, end, sure)
            for note, hits in zip(notes, hits_B, strict=True)
            for start, end, rows in hits
            for row in rows
            for concept_id, text in (named_A[row],)
        ]
        if not self.absent:
            return found
        unnamed = {self.concepts[row].concept_id for row in self.absent}
        return [mention for mention in found if mention.concept_id not in unnamed]

    @cached_property
    def _named_A(self) -> list[tuple[str, str]]:
        """(concept id, alias text) of each alias."""
        return [(self.concepts[each.row].concept_id, each.text) for each in self.index.aliases]

    def warm_up(self) -> None:
        """Compiles and loads what detection needs, so that the first real call is not slower."""
        if self.scorer is not None:
            read_cues()
            samples = " ".join(alias.text for alias in self.index.aliases[:WARMING])
            # The language is given, because language detection would load 90 MB.
            self.detect([Note("", "", samples, NO_LANGUAGE)])

    def dictionary_only(self) -> ConceptDetector:
        """The same detector with nothing learned: exact matches of the lexicon only."""
        return replace(self, scorer=None, note_head=None)


def list_rivals(
    known: Sequence[Alias], given: Sequence[Alias], listed: Container[int]
) -> list[Alias]:
    """Known aliases of unlisted concepts, except those that the lexicon gives to another concept.

    An alias that two concepts already shared stays with both.

    Args:
      known: the aliases of all concepts so far.
      given: the aliases of the new lexicon.
      listed: rows of the new lexicon's concepts.
    """
    before = {(alias.row, alias.text.casefold()) for alias in known}
    folded = ((alias.row, alias.text.casefold()) for alias in given)
    taken = {text for row, text in folded if (row, text) not in before}
    return [
        alias for alias in known if alias.row not in listed and alias.text.casefold() not in taken
    ]


def batch_stream(pieces: Iterable[Sequence[Note]]) -> Iterator[Sequence[Note]]:
    """Cuts a stream of notes into the same batches that `batch_notes` makes of the whole list."""
    held: list[Note] = []
    for piece in pieces:
        held += piece
        *full, last = batch_notes(held) or [range(0)]
        yield from (held[rows.start : rows.stop] for rows in full)
        held = held[last.start :]
    if held:
        yield held


def batch_notes(notes: Sequence[Note]) -> list[range]:
    """Cuts notes into batches of bounded count and length; an overlong note is its own batch."""
    batches: list[range] = []
    start, characters = 0, 0
    for row, note in enumerate(notes):
        full = row - start >= BATCH_NOTES or characters + len(note.text) > BATCH_CHARACTERS
        if full and row > start:
            batches.append(range(start, row))
            start, characters = row, 0
        characters += len(note.text)
    return [*batches, range(start, len(notes))] if len(notes) > start else batches


def cap_per_alias(mentions: Sequence[Mention], most: int) -> list[Mention]:
    """Keeps the first `most` mentions of each alias in a note; 0 keeps all.

    Negated mentions are counted separately: otherwise an early denial would hide the concept.
    """
    if most <= 0:
        return list(mentions)
    seen: dict[tuple[str, ...], int] = {}
    kept = []
    for mention in mentions:
        key = (mention.note_id, mention.concept_id, mention.alias, mention.polarity)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= most:
            kept.append(mention)
    return kept
