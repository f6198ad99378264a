"""Linking: a phrase to its best concepts, with a confidence and "none of them"."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.examples import PHRASE_TOKENS
from lvmh_jax.data.features import encode_texts
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import AliasIndex

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
BLOCK = 256
# Beside what the encoder learned, likeness in writing: between .15 and .35 it gains nothing or half
# a point on hidden aliases of the demo, at .5 it costs as much (docs/log.md).
GRAMS_WEIGHT = 0.25
EXACT_BONUS = 1.0


@dataclass(frozen=True)
class LinkCalibration:
    """Confidence of a linked concept: softmax of its score over `temperature`.

    Attributes:
      threshold: a phrase whose best concept is less sure is `nil`: more likely wrong than right.
    """

    temperature: float = 0.1
    threshold: float = 0.5


@dataclass(frozen=True)
class Linked:
    """Best concepts of phrases, best first; a phrase without a token has probabilities of 0.

    Attributes:
      nil_N: whether no concept is sure enough, or the best is one that nothing is linked to.
    """

    concepts_NK: Ints
    confidence_NK: Floats
    nil_N: NDArray[np.bool_]


def link_phrases(
    phrases: Sequence[str],
    index: AliasIndex,
    encoder: PhraseEncoder,
    calibration: LinkCalibration,
    best: int,
    absent: Collection[int] = (),
) -> Linked:
    """Ranks concepts for each phrase.

    Concepts of `absent` have their share of the confidence, and are none that a phrase is linked
    to: what is meant for one of them is not meant for the nearest that is left.
    """
    best = min(best, index.concepts - len(absent))
    left_out = [*absent]
    concepts, confidences, nils = [], [], []
    for start in range(0, len(phrases), BLOCK):
        scores_NC = score_phrases(phrases[start : start + BLOCK], index, encoder)
        confidence_NC = soften(scores_NC, calibration.temperature)
        sure_N = confidence_NC.max(1)  # 0 of a phrase without a word
        nil_N = (sure_N < calibration.threshold) | (sure_N == 0)
        nils.append(nil_N | np.isin(scores_NC.argmax(1), left_out))
        scores_NC[:, left_out] = -np.inf
        order_NK = np.argsort(-scores_NC, axis=1, kind="stable")[:, :best]
        concepts.append(order_NK)
        confidences.append(np.take_along_axis(confidence_NC, order_NK, 1))
    if not concepts:
        none_NK = np.zeros((0, best))
        return Linked(none_NK.astype(np.int64), none_NK.astype(np.float32), np.zeros(0, bool))
    return Linked(np.concatenate(concepts), np.concatenate(confidences), np.concatenate(nils))


def score_phrases(phrases: Sequence[str], index: AliasIndex, encoder: PhraseEncoder) -> Floats:
    """Score of every concept for every phrase; float32 scores_NC, -inf for an empty phrase."""
    table, encoded = encode_texts(phrases, encoder.settings.buckets, PHRASE_TOKENS)
    tokens_VD = encoder.embed_tokens(table, index.rarity.of_table(table))
    vectors_ND = encoder.embed_phrases(tokens_VD, encoded)
    scores_NC = encoder.link_scores(vectors_ND, index.vectors_AD, index.concept_A)
    scores_NC = scores_NC + GRAMS_WEIGHT * index.grams.score(table.forms, encoded.tokens_NT)
    for n, phrase in enumerate(phrases):
        for hit in index.matcher.find(phrase):
            if phrase[: hit.start].strip() == "" and phrase[hit.end :].strip() == "":
                for alias in hit.aliases:
                    scores_NC[n, index.concept_A[alias]] += EXACT_BONUS
    scores_NC[~(encoded.tokens_NT > 0).any(1)] = -np.inf
    return scores_NC


def embed_texts(texts: Sequence[str], index: AliasIndex, encoder: PhraseEncoder) -> Floats:
    """Unit vectors of phrases as linking reads them; float32 vectors_ND."""
    table, encoded = encode_texts(texts, encoder.settings.buckets, PHRASE_TOKENS)
    return encoder.embed_phrases(encoder.embed_tokens(table, index.rarity.of_table(table)), encoded)


def soften(scores_NC: Floats, temperature: float) -> Floats:
    """Scores to probabilities over concepts."""
    top_N1 = scores_NC.max(1, keepdims=True)
    raised_NC = np.exp((scores_NC - np.where(np.isfinite(top_N1), top_N1, 0.0)) / temperature)
    shares_NC: Floats = (raised_NC / np.maximum(raised_NC.sum(1, keepdims=True), 1e-9)).astype(
        np.float32
    )
    return shares_NC
