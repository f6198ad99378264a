"""Notes as unit vectors: the concepts that a note holds, and a little of its wording.

A note's vector is the sum of the vectors of its affirmed concepts, each weighted by the detector's
confidence, plus a small share of its pooled words, so that a note without a concept has a place
too. Why not words alone, or candidates below the threshold: docs/log.md, benchmarks/stages.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.records import NEGATED, Mention, Note

Floats = NDArray[np.float32]
# Of a sure concept's weight. At .3 recall@10 is within a point of none; a note without a concept
# is all words at any share.
TEXT_SHARE = 0.3
# Exponent of the inverse of the concepts' second moment: 0 leaves the vectors as they are trained,
# .5 whitens them. Between the two, kin concepts stay near and what all share counts less.
WHITENING = 0.25
LEAST_VARIANCE = 1e-3  # of the largest: directions below are noise that whitening would blow up


@dataclass(frozen=True)
class NoteEmbedder:
    """Embeds notes with a detector; reading it is thread-safe.

    Attributes:
      frame_CD: float32 unit vector of each concept, spread out.
    """

    detector: ConceptDetector
    frame_CD: Floats

    def embed(self, notes: Sequence[Note], groups: Sequence[int] | None = None) -> Floats:
        """Vectors of notes.

        Args:
          notes: any number, with distinct ids; texts may be empty.
          groups: for each note the fold whose models are to judge it (cross-validation).

        Returns: float32 vectors_BD of length 1; a note without a word is zeros.
        """
        mentions = self.detector.detect(notes, groups)
        evidence_BC = self._weigh(notes, mentions)
        pooled_BD = pool_words(
            [note.text for note in notes], self.detector.index, self.detector.encoder
        )
        return to_unit(evidence_BC @ self.frame_CD + TEXT_SHARE * pooled_BD)

    def _weigh(self, notes: Sequence[Note], mentions: Iterable[Mention]) -> sparse.csr_matrix:
        note_row = {note.note_id: row for row, note in enumerate(notes)}
        concept_row = {c.concept_id: row for row, c in enumerate(self.detector.concepts)}
        best: dict[tuple[int, int], float] = {}
        for mention in mentions:
            if mention.polarity != NEGATED:
                cell = (note_row[mention.note_id], concept_row[mention.concept_id])
                best[cell] = max(best.get(cell, 0.0), mention.confidence)
        rows, columns = np.array([*best], np.int64).reshape(-1, 2).T
        values = np.array([*best.values()], np.float32)
        return sparse.csr_matrix((values, (rows, columns)), shape=(len(notes), len(concept_row)))


def make_embedder(detector: ConceptDetector) -> NoteEmbedder:
    """An embedder for a detector."""
    return NoteEmbedder(detector, spread_out(list_concept_vectors(detector.encoder)))


def list_concept_vectors(encoder: PhraseEncoder) -> Floats:
    """Unit vectors of the concepts, as they are trained; float32 vectors_CD."""
    return to_unit(np.asarray(encoder.params["classes"])[:-1])


def average_aliases(index: AliasIndex) -> Floats:
    """Unit vectors of the concepts by how their aliases are worded, vectors_CD; zeros for none.

    To see which concepts are alike these serve better than the trained ones, which training drives
    apart.
    """
    sums_CD = np.zeros((index.concepts, index.vectors_AD.shape[1]), np.float32)
    np.add.at(sums_CD, index.concept_A, index.vectors_AD)
    return to_unit(sums_CD)


def spread_out(vectors_CD: Floats) -> Floats:
    """Turns down the directions that many concepts share; float32 unit vectors, frame_CD.

    With more concepts than dimensions no frame sets all apart; half-way to a tight frame is the
    better compromise between telling concepts apart and knowing which are kin.
    """
    moment_DD = vectors_CD.T.astype(np.float64) @ vectors_CD
    values_D, axes_DD = np.linalg.eigh(moment_DD)
    values_D = np.maximum(values_D, max(values_D[-1], 1e-12) * LEAST_VARIANCE)
    return to_unit(vectors_CD @ (axes_DD * values_D**-WHITENING) @ axes_DD.T)


def pool_words(texts: Sequence[str], index: AliasIndex, encoder: PhraseEncoder) -> Floats:
    """Sums each text's token vectors, gated by rarity; float32 unit vectors_BD, zeros for none."""
    stream = make_stream(texts, encoder.settings.buckets)
    if not len(stream.row_T):
        return np.zeros((len(texts), encoder.settings.width), np.float32)
    tokens_VD = encoder.embed_tokens(stream.table, index.rarity.of_table(stream.table))
    ones_T = np.ones(len(stream.row_T), np.float32)
    shape = (len(texts), len(tokens_VD))
    counts_BV = sparse.csr_matrix((ones_T, (stream.note_T, stream.row_T)), shape=shape)
    return to_unit(counts_BV @ tokens_VD)


def to_unit(vectors_ND: NDArray[np.floating]) -> Floats:
    """Divides rows by their length; zeros stay zeros.

    >>> to_unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    length_N1 = np.linalg.norm(vectors_ND, axis=1, keepdims=True)
    return np.asarray(vectors_ND / np.where(length_N1 > 0, length_N1, 1), np.float32)
