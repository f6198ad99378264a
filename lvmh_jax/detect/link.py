"""Linking: ranks concepts for a phrase, with a confidence and a "none of them" (nil) decision."""

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
# Weight of n-gram similarity beside the encoder's score. From .15 to .35 it gains at most half a
# point on hidden aliases of the demo; at .5 it loses as much (docs/log.md).
GRAMS_WEIGHT = 0.25
EXACT_BONUS = 1.0


@dataclass(frozen=True)
class LinkCalibration:
    """Calibration of linking: confidence is the softmax of scores divided by `temperature`.

    Attributes:
      temperature: softmax temperature.
      threshold: a phrase whose best concept has a lower confidence is nil.
    """

    temperature: float = 0.1
    threshold: float = 0.5


@dataclass(frozen=True)
class Linked:
    """The K best concepts of N phrases, best first.

    Attributes:
      concepts_NK: int64 rows of the concepts.
      confidence_NK: float32 confidence of each; 0 for a phrase without tokens.
      nil_N: bool, whether the best confidence is below the threshold, or the best concept is
        absent from the lexicon in use.
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

    Args:
      phrases: texts, usually without context.
      index: index of the lexicon's aliases.
      encoder: the trained encoder.
      calibration: temperature and threshold.
      best: number of concepts per phrase, at most.
      absent: rows of concepts that are not returned. They keep their share of the confidence, and
        a phrase whose best concept is absent is nil; otherwise it would be linked to the nearest
        remaining concept.
    """
    best = min(best, index.concepts - len(absent))
    left_out = [*absent]
    concepts, confidences, nils = [], [], []
    for start in range(0, len(phrases), BLOCK):
        scores_NC = score_phrases(phrases[start : start + BLOCK], index, encoder)
        confidence_NC = soften(scores_NC, calibration.temperature)
        sure_N = confidence_NC.max(1)  # 0 for a phrase without tokens
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
    """Scores every concept for every phrase; float32 scores_NC, -inf without a token."""
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
    """Encodes phrases as linking does; float32 unit vectors_ND."""
    table, encoded = encode_texts(texts, encoder.settings.buckets, PHRASE_TOKENS)
    return encoder.embed_phrases(encoder.embed_tokens(table, index.rarity.of_table(table)), encoded)


def soften(scores_NC: Floats, temperature: float) -> Floats:
    """Softmax of scores over concepts; float32 [N, C], zeros for a row of -inf."""
    top_N1 = scores_NC.max(1, keepdims=True)
    raised_NC = np.exp((scores_NC - np.where(np.isfinite(top_N1), top_N1, 0.0)) / temperature)
    shares_NC: Floats = (raised_NC / np.maximum(raised_NC.sum(1, keepdims=True), 1e-9)).astype(
        np.float32
    )
    return shares_NC
