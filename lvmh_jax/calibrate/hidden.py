"""Deciding without gold: by mentions whose alias was hidden from training and from the index.

Silver labels of that kind know whether a mention of a hidden alias is found, and whether a learned
match contradicts the dictionary. What a learned match is worth elsewhere they cannot know, so
agreement with the dictionary has to vouch for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.gate import MARGIN, Decision, decide
from lvmh_jax.data.frequency import zipf_of_form
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.index import AliasIndex, hide_aliases
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.evaluate.basis import HELD_OUT
from lvmh_jax.evaluate.heldout import HeldOutScore, score_heldout
from lvmh_jax.records import Mention, Note

# How much rarer the lexicon's words may be than those of the lexicon that fitted the scorer, in
# Zipf units (0.5 is three times). Among technical terms, 1.0 rarer, what looks like a concept is
# another one of its kind: additions halve the precision, and hidden mentions do not show it.
MOST_RARER = 0.5
# Among words as common, additions ship as they are only where the scorer, asked for all that it
# finds likely, agrees with the dictionary in so many of the places that it knows: .57 to .64 on
# client notes, where additions help, .36 and .22 on reviews and on origin. Asked for what is surer
# it tells these apart less well (docs/log.md).
LIKELY = 0.3
MIN_AGREEMENT = 0.51
# Else only the surest of them may, and they have to agree no less than the dictionary with
# itself: where aliases lie within each other or are shared, it names another concept too.
STRICTER = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
MOST_JUDGED = 1000  # notes that judge: 200 move the agreement by .08, 1,500 by .03


def decide_on_hidden(
    known: ConceptDetector,
    scorer: Scorer,
    zipf: float,
    held_A: NDArray[np.bool_],
    judges: Sequence[Note],
) -> tuple[Decision, Scorer]:
    """Whether a scorer of another workspace may add, and how sure it has to be here.

    Args:
      known: the detector with the dictionary alone.
      scorer: the other workspace's.
      zipf: of the words of that workspace's lexicon, by `measure_zipf`.
      held_A: which aliases were hidden from training.
      judges: notes to look at; the first `MOST_JUDGED` count.

    Returns: what ships, and the scorer with the thresholds that were chosen.
    """
    judges = judges[:MOST_JUDGED]
    limits = scorer.thresholds
    likely = replace(limits, add_learned=min(LIKELY, limits.add_learned))
    stricter = [raise_limits(limits, least) for least in STRICTER if least > limits.add_learned]
    asked = replace(known, scorer=scorer)
    found = measure_heldout_at(asked, held_A, judges, [likely, limits, *stricter])
    eager, plain, *surer = (score for score, _ in found)
    alone, _ = measure_heldout(known, held_A, judges)
    own_zipf = measure_zipf(known.index)
    f1 = {
        "dictionary": alone.total.f1,
        "agreement": eager.total.precision,
        "rarer_words": zipf - own_zipf,
        "mentions": alone.total.gold,
    }
    is_like = zipf - own_zipf <= MOST_RARER
    if is_like and eager.total.precision >= MIN_AGREEMENT:
        f1["additions"] = plain.total.f1
        return decide(f1, HELD_OUT), scorer
    f1["additions_refused"] = plain.total.f1
    best = find_cautious(surer, alone) if is_like else None
    if best is None:
        return decide(f1, HELD_OUT), scorer
    f1["additions"] = surer[best].total.f1
    return decide(f1, HELD_OUT), replace(scorer, thresholds=stricter[best])


def measure_zipf(index: AliasIndex) -> float:
    """How common the words of a lexicon's aliases are at large: their mean Zipf frequency."""
    forms = [token.form for alias in index.aliases for token in tokenize(alias.text)]
    return float(np.mean([zipf_of_form(form) for form in forms] or [0.0]))


def find_cautious(scores: Sequence[HeldOutScore], alone: HeldOutScore) -> int | None:
    """The one that finds most, of those that err no more than the dictionary; None without any."""
    allowed = [
        row
        for row, score in enumerate(scores)
        if score.total.precision >= alone.total.precision
        and score.total.f1 > alone.total.f1 + MARGIN
    ]
    return max(allowed, key=lambda row: scores[row].total.f1, default=None)


def raise_limits(limits: Thresholds, least: float) -> Thresholds:
    """Thresholds under which nothing learned is added below a confidence."""
    return replace(limits, add_learned=least, overlapping=max(least, limits.overlapping))


def measure_heldout(
    detector: ConceptDetector, held_A: NDArray[np.bool_], notes: Sequence[Note]
) -> tuple[HeldOutScore, list[Mention]]:
    """Hides the held-out aliases from the index, detects, and scores the hidden mentions.

    Returns: the score, and the mentions it was counted on.
    """
    limits = detector.scorer.thresholds if detector.scorer else Thresholds()
    return measure_heldout_at(detector, held_A, notes, [limits])[0]


def measure_heldout_at(
    detector: ConceptDetector,
    held_A: NDArray[np.bool_],
    notes: Sequence[Note],
    limits_L: Sequence[Thresholds],
) -> list[tuple[HeldOutScore, list[Mention]]]:
    """`measure_heldout` at several sets of thresholds, looking at the notes once."""
    blind = replace(detector, index=hide_aliases(detector.index, held_A, detector.encoder))
    ids = [concept.concept_id for concept in detector.concepts]
    return [
        (score_heldout(notes, mentions, detector.index, held_A, ids), mentions)
        for mentions in blind.detect_at(notes, limits_L)
    ]
