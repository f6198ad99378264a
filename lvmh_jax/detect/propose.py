"""Generates the candidates of notes with their features, from all sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.examples import CONTEXT_REACH
from lvmh_jax.data.frequency import zipf_of_table
from lvmh_jax.detect.candidates import (
    Candidates,
    from_concepts,
    from_hits,
    from_windows,
    keep_best_per_span,
    merge_candidates,
)
from lvmh_jax.detect.compare import compare_candidates
from lvmh_jax.detect.contrast import drop_contradicted
from lvmh_jax.detect.encode import PhraseEncoder, Tokens, hold_tokens
from lvmh_jax.detect.evidence import (
    FEATURES,
    EncoderView,
    Evidence,
    TokenFacts,
    compute_features,
    fill_context,
)
from lvmh_jax.detect.figures import drop_other_numbers
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.detect.memory import NOBODY, MentionMemory, Recalled, recall_nothing
from lvmh_jax.detect.notehead import NoteHead, NoteView, list_signs
from lvmh_jax.detect.opposites import read_turns
from lvmh_jax.detect.rank import (
    choose_spans,
    drop_unsupported,
    find_borders,
    hear_tokens,
    list_likely,
    rank_spans,
)
from lvmh_jax.detect.spans import Spans, find_spans, gather_contexts, hash_spans
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.detect.windows import TermStream, find_windows, weigh_words

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
MayPass: TypeAlias = Callable[[Candidates, Floats], NDArray[np.bool_]]


@dataclass(frozen=True)
class Proposals:
    """Candidates of a batch of notes.

    Attributes:
      candidates: N candidates.
      features_NF: float32 features of each.
      keys_N: uint64 hash of each candidate's tokens.
      view: the output of the note-level head for the notes; None without a head.
    """

    candidates: Candidates
    features_NF: Floats
    keys_N: NDArray[np.uint64]
    view: NoteView | None = None

    def take(self, rows: Ints) -> Proposals:
        """Returns the candidates at the given rows."""
        columns = self.candidates.take(rows), self.features_NF[rows], self.keys_N[rows]
        return Proposals(*columns, self.view)


def propose(
    texts: Sequence[str],
    languages: Sequence[str],
    index: AliasIndex,
    encoder: PhraseEncoder,
    settings: DetectSettings,
    memory: MentionMemory | None = None,
    fold_B: Ints | None = None,
    may_pass: MayPass | None = None,
    head: NoteHead | None = None,
) -> Proposals:
    """Generates the candidates of a batch of notes and computes their features.

    Args:
      texts: texts of the notes.
      languages: upper-case ISO 639-1 code of each note; any other string if unknown.
      index: index of the lexicon's aliases.
      encoder: the trained encoder.
      settings: rules for which spans become candidates.
      memory: counts over annotated notes, if there are any.
      fold_B: int64 fold of each note, whose annotation must not be used; -1 for none.
      may_pass: `(candidates, features_NF) -> bool [N]`: which candidates are worth a context score,
        judged by all other features. The others are dropped; by default none is.
      head: the note-level head; it also provides features of spans if it informs the scorer.
    """
    stream = make_stream(texts, encoder.settings.buckets)
    exact = from_hits(stream, index.find_exact(texts), index.concept_A)
    if not len(stream.row_T):
        return Proposals(exact, np.zeros((0, len(FEATURES)), np.float32), np.zeros(0, np.uint64))
    without_B = np.full(len(texts), NOBODY) if fold_B is None else fold_B
    reading = _read(stream, index, encoder)
    tokens_VD = reading.tokens_VD
    known = index, encoder, settings, memory
    candidates = _find_candidates(reading, exact, *known, without_B)
    keys_N = hash_spans(stream, candidates.first_N, candidates.last_N)
    like = compare_candidates(stream, tokens_VD, candidates, keys_N, index, encoder)
    written_N = candidates.alias_N  # -1 if only the encoder proposed it: then no alias was written
    nearest_N = np.where(written_N >= 0, written_N, like.alias_P)
    candidates = replace(candidates, alias_N=nearest_N)
    view = None
    if head is not None:
        signs = list_signs(candidates, np.exp(like.own_P), len(texts), index.concepts)
        view = head.view(stream, signs, without_B)
    believed = view if head is not None and head.informs else None
    evidence = Evidence(
        stream=stream,
        candidates=candidates,
        tokens=_know_tokens(reading, index),
        encoder=EncoderView(like.own_P, like.other_P, like.nil_P, like.cosine_P),
        concepts=index.concepts,
        shared_N=np.where(candidates.alias_N >= 0, index.shared_A[candidates.alias_N], 0),
        alias_length_N=index.length_A[candidates.alias_N],
        languages_B=languages,
        alias_cue_N=index.cue_A[written_N],
        turns=read_turns(stream, candidates, index.denials, languages),
        negative_N=index.negative_C[candidates.concept_N],
        grams_N=like.grams_P,
        other_grams_N=like.other_grams_P,
        recalled=_recall(candidates, keys_N, memory, believed, without_B),
    )
    found = Proposals(candidates, compute_features(evidence), keys_N, view)
    if may_pass is not None:
        found = found.take(np.flatnonzero(may_pass(candidates, found.features_NF)))
    fill_context(found.features_NF, _score_contexts(stream, tokens_VD, found.candidates, encoder))
    return found


def _recall(
    candidates: Candidates,
    keys_N: NDArray[np.uint64],
    memory: MentionMemory | None,
    view: NoteView | None,
    without_B: Ints,
) -> Recalled:
    """Statistics of candidates from annotated notes and from the note-level head."""
    note_N, concept_N = candidates.note_N, candidates.concept_N
    recalled = recall_nothing(len(candidates))
    if memory is not None:
        recalled = memory.recall(keys_N, concept_N, without_B[note_N])
    return recalled if view is None else view.inform(recalled, note_N, concept_N)


class _Reading(NamedTuple):
    """A tokenised batch, with facts about its V distinct forms.

    Attributes:
      stream: the tokens.
      rarity_V: float32 rarity in the lexicon (idf).
      zipf_V: float32 Zipf frequency in general language.
      tokens_VD: token vectors.
    """

    stream: NoteStream
    rarity_V: Floats
    zipf_V: Floats
    tokens_VD: Tokens


def _read(stream: NoteStream, index: AliasIndex, encoder: PhraseEncoder) -> _Reading:
    rarity_V = index.rarity.of_table(stream.table)
    tokens_VD = hold_tokens(encoder.embed_tokens(stream.table, rarity_V))
    return _Reading(stream, rarity_V, zipf_of_table(stream.table), tokens_VD)


def _find_candidates(
    reading: _Reading,
    exact: Candidates,
    index: AliasIndex,
    encoder: PhraseEncoder,
    settings: DetectSettings,
    memory: MentionMemory | None,
    without_B: Ints,
) -> Candidates:
    """Merges the candidates of dictionary, soft index, encoder and memory."""
    stream = reading.stream
    evidence_UW = index.soft.match_words(stream.words)
    written = _propose_written(stream, exact, evidence_UW, index, settings)
    spans = find_spans(stream, settings.max_words, settings.max_chars)
    borders = find_borders(stream, index, reading.zipf_V, settings.common_border)
    heard_T = hear_tokens(stream, evidence_UW) if settings.heard else None
    asked_U = choose_spans(stream, spans, borders, heard_T, written, settings.asked_words)
    most = settings.concepts_per_span
    ranking = rank_spans(stream, spans, asked_U, reading.tokens_VD, index, encoder, most)
    written = drop_unsupported(written, spans, ranking, settings)
    learned = list_likely(stream, spans, ranking, borders, settings)
    known = _propose_recalled(stream, spans, memory, without_B)
    found = merge_candidates([written, learned, *known])
    found = drop_contradicted(stream, found, index.contrasts)
    return drop_other_numbers(stream, found, index.figures)


def _propose_written(
    stream: NoteStream,
    exact: Candidates,
    evidence_UW: sparse.csr_matrix,
    index: AliasIndex,
    settings: DetectSettings,
) -> Candidates:
    """Matches of the dictionary and the soft index, merged per (span, concept)."""
    terms = TermStream(
        stream.word_P,
        stream.sentence_T[stream.first_P],
        weigh_words(index.soft, list(stream.words)),
    )
    windows = find_windows(
        index.soft, terms, evidence_UW, settings.max_words + 1, settings.min_coverage
    )
    # Merged before pruning, so that exact matches keep their soft scores as features.
    soft = from_windows(stream, windows, index.concept_A, index.parted_A)
    found = merge_candidates([exact, soft])
    return keep_best_per_span(found, settings.concepts_per_span)


def _propose_recalled(
    stream: NoteStream, spans: Spans, memory: MentionMemory | None, without_B: Ints
) -> list[Candidates]:
    """Spans whose wording was annotated as a mention elsewhere."""
    if memory is None:
        return []
    known_U = memory.knows(spans.name_S[spans.sample_U])
    known = np.flatnonzero(known_U[spans.group_S])
    first_K, last_K = spans.first_S[known], spans.last_S[known]
    without_K = without_B[stream.note_T[first_K]]
    span, concept = memory.list_concepts(spans.name_S[known], without_K)
    found = from_concepts(stream, first_K[span], last_K[span], concept)
    return [replace(found, recalled_N=np.ones(len(found), np.int64))]


def _score_contexts(
    stream: NoteStream, tokens_VD: Tokens, candidates: Candidates, encoder: PhraseEncoder
) -> Floats:
    first_N, last_N = candidates.first_N, candidates.last_N
    # Candidates are sorted by span, so each span's context is gathered once.
    new_N = (np.diff(first_N, prepend=-1) != 0) | (np.diff(last_N, prepend=-1) != 0)
    begin_S, place_N = np.flatnonzero(new_N), np.cumsum(new_N) - 1
    contexts = gather_contexts(stream, first_N[begin_S], last_N[begin_S], CONTEXT_REACH)
    return encoder.score_context(tokens_VD, contexts, place_N, candidates.concept_N)


def _know_tokens(reading: _Reading, index: AliasIndex) -> TokenFacts:
    known_V = np.array(list(map(index.rarity.knows, reading.stream.table.forms)))
    row = reading.stream.row_T
    return TokenFacts(reading.rarity_V[row], reading.zipf_V[row], known_V[row])
