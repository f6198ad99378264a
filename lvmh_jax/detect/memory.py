"""Memory of annotated notes: counts of wordings, by a hash of their tokens and by fold.

"Passionate about" was a candidate nine times and never a mention; "pochette" was annotated as a
handbag twice, although no alias says so. Counts are kept per fold of notes, so that the features of
a note never use its own annotation (out-of-fold target encoding: Micci-Barreca, SIGKDD Explorations
3(1), 2001). Only hashes are kept: a model folder must not hold the text of a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.sorting import find_sorted, list_ranges
from lvmh_jax.detect.spans import find_spans, hash_spans
from lvmh_jax.detect.stream import NoteStream
from lvmh_jax.records import GoldNote

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Keys = NDArray[np.uint64]

NOBODY = -1  # no fold is excluded
SAME = 0.5  # minimum intersection over union with a gold span to count as annotated
# Smoothing of the rate: a prior of three mentions in ten wordings, worth one observation.
BELIEF, BELIEVED = 1.0, 0.3
NOTE_BELIEF = 0.2


@dataclass(frozen=True)
class Recalled:
    """Statistics of N candidates; float32 [N] each.

    Attributes:
      right_N: log1p of how often the wording was annotated with the concept.
      seen_N: log1p of how often the wording occurred.
      rate_N: smoothed ratio of the two counts.
      prior_N: log of the smoothed share of annotated notes that have the concept.
      note_N: logit of the note-level head for the concept in the note (`detect.notehead`).
      judged_N: 1 where the head knows the concept; else the logit is 0.
    """

    right_N: Floats
    seen_N: Floats
    rate_N: Floats
    prior_N: Floats
    note_N: Floats
    judged_N: Floats

    def stack(self) -> Floats:
        """The columns side by side; float32 [N, 6]."""
        return np.stack([getattr(self, name) for name in self.__dataclass_fields__], axis=1)


def recall_nothing(candidates: int) -> Recalled:
    """Statistics without any annotated notes: all zeros."""
    return Recalled(*np.zeros((len(Recalled.__dataclass_fields__), candidates), np.float32))


@dataclass(frozen=True)
class MentionMemory:
    """Counts over annotated notes in F folds: K wordings and P pairs of wording and concept.

    Attributes:
      keys_K: uint64, sorted hashes of the wordings.
      seen_KF: int64 occurrences of each wording.
      cell_P: int64, sorted keys `wording * concepts + concept` of the pairs.
      right_PF: int64 annotated occurrences of each pair.
      holds_CF: int64 number of notes that have each concept.
      notes_F: int64 number of annotated notes.
    """

    keys_K: Keys
    seen_KF: Ints
    cell_P: Ints
    right_PF: Ints
    holds_CF: Ints
    notes_F: Ints

    @property
    def concepts(self) -> int:
        """C, the number of lexicon concepts."""
        return len(self.holds_CF)

    def recall(
        self, keys_N: Keys, concept_N: Ints, without_N: Ints, also: int = NOBODY
    ) -> Recalled:
        """Looks up wordings in the counts of the other folds; the note-level columns are zero.

        Args:
          keys_N: uint64 hashes of the wordings (`hash_spans`).
          concept_N: int64 row of the concept in question.
          without_N: int64 fold to exclude for each; NOBODY for none.
          also: one more fold to exclude, for all.
        """
        key_row, known = find_sorted(self.keys_K, keys_N)
        seen = _visible(self.seen_KF, key_row, without_N, also) * known
        cell, noted = find_sorted(self.cell_P, key_row * self.concepts + concept_N)
        right = _visible(self.right_PF, cell, without_N, also) * (noted & known)
        holds = _visible(self.holds_CF, concept_N, without_N, also)
        everyone = np.zeros(len(concept_N), np.int64)
        notes = _visible(self.notes_F[None, :], everyone, without_N, also)
        rate = (right + BELIEF * BELIEVED) / (np.maximum(seen, right) + BELIEF)
        prior = np.log((holds + NOTE_BELIEF) / (notes + 1.0))
        none = np.zeros(len(concept_N))
        columns = (np.log1p(right), np.log1p(seen), rate, prior, none, none)
        return Recalled(*(column.astype(np.float32) for column in columns))

    def knows(self, keys_U: Keys) -> NDArray[np.bool_]:
        """Whether each wording occurred in annotated notes; bool, fastest for sorted keys."""
        return find_sorted(self.keys_K, keys_U)[1]

    def list_concepts(self, keys_S: Keys, without_S: Ints) -> tuple[Ints, Ints]:
        """Concepts that wordings were annotated with; int64 span rows and concepts, parallel."""
        key_row, is_known = find_sorted(self.keys_K, keys_S)
        known = np.flatnonzero(is_known)
        first_cell = key_row[known] * self.concepts
        low = np.searchsorted(self.cell_P, first_cell)
        count = np.searchsorted(self.cell_P, first_cell + self.concepts) - low
        span, cell = np.repeat(known, count), list_ranges(low, count)
        right = _visible(self.right_PF, cell, without_S[span], NOBODY)
        kept = right > 0
        return span[kept], self.cell_P[cell[kept]] % max(self.concepts, 1)

    def keep(self, keys_N: Keys) -> MentionMemory:
        """Forgets wordings that were neither annotated nor are in `keys_N` (the candidates)."""
        named = np.zeros(len(self.keys_K), bool)
        named[self.cell_P // max(self.concepts, 1)] = True
        kept = np.flatnonzero(named | np.isin(self.keys_K, keys_N))
        new_row = np.cumsum(np.isin(np.arange(len(self.keys_K)), kept)) - 1
        old, concept = np.divmod(self.cell_P, max(self.concepts, 1))
        cell_P = new_row[old] * self.concepts + concept
        return replace(self, keys_K=self.keys_K[kept], seen_KF=self.seen_KF[kept], cell_P=cell_P)


def remember(
    parts: Sequence[tuple[NoteStream, Sequence[GoldNote | None], Ints]],
    row_of: Mapping[str, int],
    folds: int,
    settings: DetectSettings,
) -> MentionMemory:
    """Counts the wordings of annotated notes.

    Args:
      parts: batches of notes: their stream, the annotation of each, and the fold of each.
      row_of: concept id to row; concepts outside the lexicon are ignored.
      folds: F.
      settings: maximum length of a span.
    """
    concepts = len(row_of)
    seen: list[tuple[Keys, Ints]] = []
    right: list[tuple[Keys, Ints, Ints]] = []
    holds_CF, notes_F = np.zeros((concepts, folds), np.int64), np.zeros(folds, np.int64)
    for stream, gold_B, fold_B in parts:
        spans = find_spans(stream, settings.max_words, settings.max_chars)
        note = stream.note_T[spans.first_S]
        annotated = np.array([gold is not None for gold in gold_B], bool)[note]
        seen.append((spans.name_S[annotated], fold_B[note[annotated]]))
        right.append(_list_right(stream, gold_B, fold_B, row_of))
        for gold, fold in zip(gold_B, fold_B.tolist(), strict=True):
            if gold is not None:
                notes_F[fold] += 1
                rows = [row_of[name] for name in set(gold.concepts) if name in row_of]
                holds_CF[rows, fold] += 1
    keys_N = np.concatenate([keys for keys, _ in seen])
    keys_K, row_N = np.unique(keys_N, return_inverse=True)
    seen_KF = _count(row_N, np.concatenate([fold for _, fold in seen]), len(keys_K), folds)
    keys_R, concept_R, fold_R = (np.concatenate(column) for column in zip(*right, strict=True))
    key_row, known = find_sorted(keys_K, keys_R)
    cell_R = (key_row * concepts + concept_R)[known]
    cell_P, pair_R = np.unique(cell_R, return_inverse=True)
    right_PF = _count(pair_R, fold_R[known], len(cell_P), folds)
    return MentionMemory(keys_K, seen_KF, cell_P, right_PF, holds_CF, notes_F)


def _list_right(
    stream: NoteStream,
    gold_B: Sequence[GoldNote | None],
    fold_B: Ints,
    row_of: Mapping[str, int],
) -> tuple[Keys, Ints, Ints]:
    """Wordings of the gold spans and of spans that nearly equal one, with concept and fold."""
    rows: list[tuple[int, int, int, int]] = []
    for note, gold in enumerate(gold_B):
        low, high = int(stream.begin_B[note]), int(stream.begin_B[note + 1])
        starts, ends = stream.start_T[low:high], stream.end_T[low:high]
        for span in gold.spans if gold else ():
            if span.negated or span.concept_id not in row_of:
                continue
            inside = np.flatnonzero((starts < span.end) & (ends > span.start))
            if not len(inside):
                continue
            a, b = int(inside[0]), int(inside[-1])
            for i in range(max(a - 1, 0), b + 1):
                for j in range(max(i, a), min(b + 2, len(starts))):
                    common = min(span.end, ends[j]) - max(span.start, starts[i])
                    if common >= SAME * (max(span.end, ends[j]) - min(span.start, starts[i])):
                        rows.append((low + i, low + j, row_of[span.concept_id], int(fold_B[note])))
    first, last, concept, fold = np.array(rows, np.int64).reshape(-1, 4).T
    return hash_spans(stream, first, last), concept, fold


def _count(row_N: Ints, fold_N: Ints, rows: int, folds: int) -> Ints:
    counts: Ints = np.bincount(row_N * folds + fold_N, minlength=rows * folds)
    return counts.reshape(rows, folds)


def _visible(counts_KF: Ints, row_N: Ints, without_N: Ints, also: int) -> Ints:
    """Sum of counts at some rows over all folds that are not excluded."""
    if not len(counts_KF):
        return np.zeros(len(row_N), np.int64)
    total: Ints = counts_KF.sum(1)[row_N]
    if also < 0 and not (without_N >= 0).any():
        return total
    hidden = np.where(without_N >= 0, counts_KF[row_N, np.maximum(without_N, 0)], 0)
    if also >= 0:
        hidden += np.where(without_N != also, counts_KF[row_N, also], 0)
    return total - hidden
