"""Measuring without gold: are mentions found whose alias the model never saw?

An alias hidden from training is hidden from the index too; where the full dictionary sees it in a
note held out from training, the detector has to find its concept unaided. Only those places are
judged, and places where a learned match contradicts the dictionary: elsewhere nobody knows, and
what is not known is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.matcher import Hit
from lvmh_jax.detect.index import AliasIndex
from lvmh_jax.evaluate.metrics import Score
from lvmh_jax.records import ML_ENHANCED, Mention, Note


@dataclass(frozen=True)
class HeldOutScore:
    """Mentions of hidden aliases found.

    Attributes:
      counts_B3: right, judged and hidden, per note.
      unjudged: learned mentions where the dictionary sees nothing, hidden or not.
      listed: mentions that the full dictionary sees.
    """

    counts_B3: NDArray[np.int64]
    unjudged: int
    listed: int = 0

    @property
    def total(self) -> Score:
        """Micro precision, recall and F1."""
        right, judged, hidden = self.counts_B3.sum(0).tolist()
        return Score(tp=right, predicted=judged, gold=hidden)


def score_heldout(
    notes: Sequence[Note],
    mentions: Sequence[Mention],
    index: AliasIndex,
    hidden_A: NDArray[np.bool_],
    concept_ids: Sequence[str],
) -> HeldOutScore:
    """Scores mentions that a detector with the aliases hidden found.

    Args:
      notes: what was searched.
      mentions: what was found in them.
      index: the full index; its dictionary is the measure.
      hidden_A: which of its aliases the detector could not see.
      concept_ids: the lexicon's, by row.
    """
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.note_id, []).append(mention)
    counts_B3 = np.zeros((len(notes), 3), np.int64)
    unjudged, listed = 0, 0
    hits_B = index.matcher.find_all([note.text for note in notes])
    for place, (note, hits) in enumerate(zip(notes, hits_B, strict=True)):
        listed += len(hits)
        hidden = [hit for hit in hits if all(hidden_A[row] for row in hit.aliases)]
        own = found.get(note.note_id, [])
        right = sum(any(_agrees(m, hit, index, concept_ids) for m in own) for hit in hidden)
        wrong = 0
        for mention in own:
            over = [hit for hit in hits if _overlaps(mention, hit)]
            unjudged += not over and mention.method == ML_ENHANCED
            agreed = any(_agrees(mention, hit, index, concept_ids) for hit in over)
            at_hidden = any(hit in hidden for hit in over)
            contradicts = bool(over) and mention.method == ML_ENHANCED
            wrong += not agreed and (at_hidden or contradicts)
        counts_B3[place] = right, right + wrong, len(hidden)
    return HeldOutScore(counts_B3, unjudged, listed)


def _overlaps(mention: Mention, hit: Hit) -> bool:
    if mention.start is None or mention.end is None:
        return False
    return mention.start < hit.end and hit.start < mention.end


def _agrees(mention: Mention, hit: Hit, index: AliasIndex, concept_ids: Sequence[str]) -> bool:
    names = {concept_ids[index.aliases[row].row] for row in hit.aliases}
    return mention.concept_id in names and _overlaps(mention, hit)
