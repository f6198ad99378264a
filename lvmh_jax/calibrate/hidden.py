"""Decides without gold, by mentions of aliases that were hidden from training and from the index.

Such silver labels show whether a mention of a hidden alias is found, and whether a learned match
contradicts the dictionary. They do not show whether a learned match elsewhere is right, so its
agreement with the dictionary serves as a proxy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from lvmh_jax.calibrate.gate import DENIALS, DICTIONARY, MARGIN, NO_GAIN, Decision, decide
from lvmh_jax.data.frequency import zipf_of_form
from lvmh_jax.data.text import tokenize
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.index import AliasIndex, hide_aliases
from lvmh_jax.detect.scorer import Scorer, Thresholds
from lvmh_jax.evaluate.basis import HELD_OUT
from lvmh_jax.evaluate.heldout import HeldOutScore, score_heldout
from lvmh_jax.evaluate.metrics import Score
from lvmh_jax.records import Mention, Note

# How much rarer the lexicon's words may be than those of the lexicon the scorer was fitted on, in
# Zipf units (0.5 is a factor of three). Among technical terms, 1.0 rarer, a near match is usually
# another concept of its kind: additions halve the precision, which hidden mentions do not show.
MOST_RARER = 0.5
# Agreement of likely learned matches with the dictionary, above which additions ship unchanged:
# .57 to .64 on client notes, where additions help; .36 and .22 on reviews and on origin. Matches
# above a higher threshold tell these cases apart less well (docs/log.md).
LIKELY = 0.3
MIN_AGREEMENT = 0.51
# Additions are refused only if a one-sided confidence bound of this level is below MIN_AGREEMENT. A
# small workspace has some ten such places; with two lexicons of 35 and 40 concepts, which agreed in
# .46 and .38 of them, unchanged additions gained .1 and .18 of F1 on gold (docs/log.md).
REFUTED = 0.95
# With fewer hidden mentions than this, finding none more is no evidence. Of 27 such mentions for
# the lexicon of 40 concepts, one seed found none and three found some; all had .94 F1 on gold
# (docs/log.md).
FEW_MENTIONS = 60
RARER = "the lexicon's words are rarer than those that the shipped scorer knows"
DISAGREE = (
    "where the dictionary knows a place they name another concept too often "
    "(they agree in {:.2f} of {:,}, {:.2f} is asked)"
)
# Otherwise only additions above one of these thresholds may ship. They must agree with the
# dictionary at least as often as it agrees with itself, where aliases are nested or shared.
STRICTER = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
MOST_JUDGED = 1000  # notes to measure on: with 200 the agreement varies by .08, with 1,500 by .03


def decide_on_hidden(
    known: ConceptDetector,
    scorer: Scorer,
    zipf: float,
    held_A: NDArray[np.bool_],
    judges: Sequence[Note],
) -> tuple[Decision, Scorer]:
    """Decides whether a scorer from another workspace may add mentions, and at which threshold.

    Args:
      known: the detector with the dictionary alone.
      scorer: the scorer of the other workspace.
      zipf: mean Zipf frequency of that workspace's lexicon (`measure_zipf`).
      held_A: bool, which aliases were hidden from training.
      judges: notes to measure on; the first `MOST_JUDGED` count.

    Returns: what ships, and the scorer with the chosen thresholds. A lexicon of words about as
      common gets at least the dictionary with polarity. Hidden mentions cannot measure polarity,
      but on gold it gains .008 of F1, and loses .0005 at worst (docs/log.md).
    """
    limits = scorer.thresholds
    likely = replace(limits, add_learned=min(LIKELY, limits.add_learned))
    stricter = [raise_limits(limits, least) for least in STRICTER if least > limits.add_learned]
    asked = replace(known, scorer=scorer)
    ladder = [likely, limits, Thresholds(), *stricter]
    found = measure_heldout_at(asked, held_A, judges[:MOST_JUDGED], ladder)
    eager, plain, denials, *surer = (score.total for score, _ in found)
    alone = measure_heldout(known, held_A, judges[:MOST_JUDGED])[0].total
    rarer = zipf - measure_zipf(known.index)
    f1 = _tell_figures(alone, eager, rarer)
    if rarer > MOST_RARER:
        f1["additions_refused"] = plain.f1
        return Decision(DICTIONARY, HELD_OUT, f1, why_off=RARER), scorer
    why_off = NO_GAIN
    if bound_agreement(eager) >= MIN_AGREEMENT:
        f1["additions"] = plain.f1
    else:
        f1["additions_refused"] = plain.f1
        why_off = DISAGREE.format(eager.precision, eager.predicted, MIN_AGREEMENT)
        best = find_cautious(surer, alone)
        if best is not None:
            f1["additions"] = surer[best].f1
            scorer = replace(scorer, thresholds=stricter[best])
    decision = decide(f1, HELD_OUT)
    if decision.mode != DICTIONARY:
        return decision, scorer
    if alone.gold < FEW_MENTIONS and f1.get("additions") == alone.f1:
        return Decision("additions", HELD_OUT, f1), scorer
    return Decision(DENIALS, HELD_OUT, f1 | {DENIALS: denials.f1}, why_off=why_off), scorer


def _tell_figures(alone: Score, eager: Score, rarer: float) -> dict[str, float]:
    return {
        DICTIONARY: alone.f1,
        "agreement": eager.precision,
        "judged": eager.predicted,
        "rarer_words": rarer,
        "mentions": alone.gold,
    }


def bound_agreement(score: Score) -> float:
    """Upper confidence bound of the agreement (Wilson score interval, JASA 22(158), 1927).

    >>> round(bound_agreement(Score(3, 8, 27)), 2), round(bound_agreement(Score(300, 800, 900)), 2)
    (0.65, 0.4)
    >>> bound_agreement(Score(0, 0, 5))
    1.0
    """
    if not score.predicted:
        return 1.0
    # Computed here, because importing `scipy.stats` takes .8 s.
    spread = float(ndtri(REFUTED)) ** 2 / score.predicted
    share: float = score.precision
    half = float(np.sqrt(spread * (share * (1 - share) + spread / 4)))
    return (share + spread / 2 + half) / (1 + spread)


def measure_zipf(index: AliasIndex) -> float:
    """Mean Zipf frequency, in general language, of the words of a lexicon's aliases."""
    forms = [token.form for alias in index.aliases for token in tokenize(alias.text)]
    return float(np.mean([zipf_of_form(form) for form in forms] or [0.0]))


def find_cautious(scores: Sequence[Score], alone: Score) -> int | None:
    """Row of the best F1 with at least the dictionary's precision; None if none beats it."""
    allowed = [
        row
        for row, score in enumerate(scores)
        if score.precision >= alone.precision and score.f1 > alone.f1 + MARGIN
    ]
    return max(allowed, key=lambda row: scores[row].f1, default=None)


def raise_limits(limits: Thresholds, least: float) -> Thresholds:
    """Raises both thresholds for learned mentions to at least a confidence."""
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
    """`measure_heldout` at several sets of thresholds, scoring the notes once."""
    blind = replace(detector, index=hide_aliases(detector.index, held_A, detector.encoder))
    ids = [concept.concept_id for concept in detector.concepts]
    return [
        (score_heldout(notes, mentions, detector.index, held_A, ids), mentions)
        for mentions in blind.detect_at(notes, limits_L)
    ]
