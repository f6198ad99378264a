"""Notes to candidates and their features: exact, soft and learned proposals, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import DetectSettings
from lvmh_jax.data.examples import CONTEXT_REACH, PHRASE_TOKENS
from lvmh_jax.data.negation import is_cue
from lvmh_jax.detect.candidates import (
    Candidates,
    from_concepts,
    from_hits,
    from_windows,
    keep_best_per_span,
    merge_candidates,
)
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.evidence import FEATURES, EncoderView, Evidence, TokenFacts, compute_features
from lvmh_jax.detect.index import CUES, AliasIndex
from lvmh_jax.detect.spans import gather_contexts, gather_phrases, group_spans, list_spans
from lvmh_jax.detect.stream import NoteStream, make_stream
from lvmh_jax.detect.windows import TermStream, find_windows, weigh_words

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Proposals:
    """Candidates of a batch of notes, with features_NF."""

    candidates: Candidates
    features_NF: Floats


def propose(
    texts: Sequence[str],
    index: AliasIndex,
    encoder: PhraseEncoder,
    settings: DetectSettings,
) -> Proposals:
    """Everything that may be a mention in some notes, and what speaks for it."""
    stream = make_stream(texts, encoder.settings.buckets)
    hits_B = [index.matcher.find(text) for text in texts]
    exact = from_hits(stream, hits_B, index.concept_A)
    if not len(stream.row_T):
        return Proposals(exact, np.zeros((0, len(FEATURES)), np.float32))
    tokens_VD = encoder.embed_tokens(stream.table, index.rarity.of_table(stream.table))
    soft = _propose_soft(stream, index, settings)
    learned = _propose_learned(stream, tokens_VD, encoder, settings)
    candidates = merge_candidates([exact, soft, learned])
    candidates, view = _ask_encoder(stream, tokens_VD, candidates, index, encoder)
    evidence = Evidence(
        stream=stream,
        candidates=candidates,
        tokens=_know_tokens(stream, index),
        encoder=view,
        concepts=index.concepts,
        shared_N=np.where(candidates.alias_N >= 0, index.shared_A[candidates.alias_N], 0),
        alias_length_N=index.length_A[candidates.alias_N],
        alias_cue_N=index.cue_A[candidates.alias_N],
    )
    return Proposals(candidates, compute_features(evidence))


def _propose_soft(stream: NoteStream, index: AliasIndex, settings: DetectSettings) -> Candidates:
    terms = TermStream(
        stream.word_P,
        stream.sentence_T[stream.first_P],
        weigh_words(index.soft, list(stream.words)),
    )
    evidence_UW = index.soft.match_words(stream.words)
    windows = find_windows(
        index.soft, terms, evidence_UW, settings.max_words + 1, settings.min_coverage
    )
    return keep_best_per_span(
        merge_candidates([from_windows(stream, windows, index.concept_A)]),
        settings.concepts_per_span,
    )


def _propose_learned(
    stream: NoteStream, tokens_VD: Floats, encoder: PhraseEncoder, settings: DetectSettings
) -> Candidates:
    first, last = list_spans(stream, settings.max_words, settings.max_chars)
    spans = group_spans(stream, first, last)
    sample = spans.sample_U
    phrases = gather_phrases(stream, first[sample], last[sample], PHRASE_TOKENS)
    top = encoder.rank_concepts(tokens_VD, phrases, settings.concepts_per_span)
    sure_UK = top.probabilities_NK >= settings.min_probability
    row, rank = np.nonzero(sure_UK[spans.distinct_S])
    concept = top.concepts_NK[spans.distinct_S[row], rank]
    return from_concepts(stream, first[row], last[row], concept)


def _ask_encoder(
    stream: NoteStream,
    tokens_VD: Floats,
    candidates: Candidates,
    index: AliasIndex,
    encoder: PhraseEncoder,
) -> tuple[Candidates, EncoderView]:
    """Scores every candidate by the encoder; names the nearest alias where none was named."""
    c = candidates
    spans = group_spans(stream, c.first_N, c.last_N)
    sample = spans.sample_U
    phrases = gather_phrases(stream, c.first_N[sample], c.last_N[sample], PHRASE_TOKENS)
    vectors_ND = encoder.embed_phrases(tokens_VD, phrases)[spans.distinct_S]
    own, other, nil = encoder.compare_concepts(vectors_ND, c.concept_N)
    nearest, cosine = index.find_nearest(vectors_ND, c.concept_N)
    contexts = gather_contexts(stream, c.first_N, c.last_N, CONTEXT_REACH)
    context = encoder.score_context(tokens_VD, contexts, c.concept_N)
    named = replace(c, alias_N=np.where(c.alias_N >= 0, c.alias_N, nearest))
    return named, EncoderView(own, other, nil, cosine, context)


def _know_tokens(stream: NoteStream, index: AliasIndex) -> TokenFacts:
    forms = [form for form, _ in stream.table.row_of]
    known_V = np.array([index.rarity.knows(form) for form in forms])
    cue_V = np.array([is_cue(form, CUES) for form in forms])
    rarity_V = index.rarity.of_table(stream.table)
    return TokenFacts(rarity_V[stream.row_T], known_V[stream.row_T], cue_V[stream.row_T])
