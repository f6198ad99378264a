"""Whether a note-level head ships, and that its figures are of models that did not see the note."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from lvmh_jax.calibrate.annotate import annotate
from lvmh_jax.calibrate.confidence import Decoded
from lvmh_jax.calibrate.fit import GOLD_DEV, GOLD_DEV_CROSSVAL, Choice, DefaultScorer, choose_scorer
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.notehead import (
    FittedHead,
    calibrate_head,
    fit_head,
    list_silent,
    measure_union,
)
from lvmh_jax.config import NoteHeadSettings
from lvmh_jax.detect.scorer import ALL_NOTES
from lvmh_jax.detect.stream import make_stream
from lvmh_jax.evaluate.metrics import score_mentions
from lvmh_jax.records import GoldNote, Note
from tests.detect.builders import (
    GOLD_NOTES,
    SCORER,
    TINY,
    annotated_notes,
    make_detector,
    make_fitted,
    make_lexicon,
)
from tests.detect.heads import CONCEPT, TELLING, make_head

HEAD = NoteHeadSettings(
    features=512, steps=60, batch_size=16, min_positive=3, min_notes=GOLD_NOTES, learning_rate=0.6
)
CONCEPTS = make_lexicon().concepts
ROW = len(CONCEPTS) - 1
FOLDS = 2
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def tell(count: int) -> tuple[list[Note], list[GoldNote]]:
    """Every other note holds a concept that no span can name, and a word that tells it."""
    notes, gold = annotated_notes(count)
    for row in range(count):
        holds = row % 4 in (0, 3)
        notes[row] = replace(notes[row], text=f"{notes[row].text} {TELLING if holds else 'x'}")
        if holds:
            gold[row] = replace(gold[row], concepts=(*gold[row].concepts, CONCEPT))
    return notes, gold


@cache
def choose(*, dev: bool = False, **of_head: float) -> Choice:
    notes, gold = tell(2 * GOLD_NOTES)
    first, second = gold[:GOLD_NOTES], gold[GOLD_NOTES:]
    scorer = make_fitted()[0].scorer
    assert scorer is not None
    return choose_scorer(
        make_detector(),
        notes,
        {"train": first, "dev": second} if dev else {"dev": first},
        DefaultScorer(scorer, [(0.5, 0.5)], 0.5, 0.0),
        np.zeros(len(make_detector().index.aliases), bool),
        [],
        SCORER,
        0,
        replace(HEAD, **of_head),
    )


def test_a_head_that_helps_ships_and_its_figures_are_those_of_detection() -> None:
    choice = choose()
    level, head = choice.decision.note_level, choice.detector.note_head
    assert level is not None
    assert head is not None
    assert level.ships
    assert level.protocol == GOLD_DEV_CROSSVAL
    assert level.f1_with > level.f1_without + level.margin
    assert (level.gold_notes, ROW in head.concept_K) == (GOLD_NOTES, True)
    notes, gold = (each[:GOLD_NOTES] for each in tell(2 * GOLD_NOTES))
    folds = assign_folds(notes, gold, SCORER.folds)
    groups = [folds[note.note_id] for note in notes]
    mentions = choice.detector.detect(notes, groups)
    spans = replace(choice.detector, note_head=None).detect(notes, groups)
    assert score_mentions(gold, mentions).note_level.f1 == pytest.approx(level.f1_with)
    assert score_mentions(gold, spans).note_level.f1 == pytest.approx(level.f1_without)
    # A mention without a span is neither a right span nor a wrong one.
    assert score_mentions(gold, mentions).span_strict == score_mentions(gold, spans).span_strict


def test_the_precision_curve_counts_what_the_head_adds() -> None:
    assert choose().curve
    assert choose().curve != choose(min_notes=GOLD_NOTES + 1).curve


def test_dev_decides_where_train_fits() -> None:
    choice = choose(dev=True)
    level = choice.decision.note_level
    assert level is not None
    notes, gold = (each[GOLD_NOTES:] for each in tell(2 * GOLD_NOTES))
    found = score_mentions(gold, choice.detector.detect(notes))
    assert found.note_level.f1 == pytest.approx(level.f1_with)
    assert level.protocol == GOLD_DEV
    assert level.ships
    assert level.gold_notes == GOLD_NOTES


def test_a_head_that_does_not_help_enough_stays_out() -> None:
    choice = choose(margin=0.5)
    level = choice.decision.note_level
    assert level is not None
    assert not level.ships
    assert level.f1_without < level.f1_with < level.f1_without + level.margin
    assert choice.detector.note_head is None
    assert choice.curve == choose(min_notes=GOLD_NOTES + 1).curve
    assert choice.detector.scorer is not None


def test_too_few_notes_fit_no_head() -> None:
    choice = choose(min_notes=GOLD_NOTES + 1)
    assert choice.decision.note_level is None
    assert choice.detector.note_head is None


def fit(settings: NoteHeadSettings) -> FittedHead | None:
    notes, gold = tell(GOLD_NOTES)
    seen = annotate(make_detector(), notes, gold)
    fold_B = np.arange(GOLD_NOTES) % FOLDS
    return fit_head(make_detector(), notes, gold, seen, fold_B, settings, 0)


@pytest.mark.parametrize("change", [{"min_positive": 99}, {"min_notes": 99}])
def test_nothing_to_learn_from_gives_no_head(change: dict[str, int]) -> None:
    assert fit(replace(HEAD, **change)) is None


def test_the_most_frequent_concepts_are_learned_within_the_bound_of_weights() -> None:
    fitted = fit(replace(HEAD, max_concepts=2, weights=10))
    assert fitted is not None
    head, (_, gold) = fitted.head, tell(GOLD_NOTES)
    assert head.fit.kernel_GVC.shape == (FOLDS + 1, 5, 2)
    assert head.fit.group_G.tolist() == [0, 1, ALL_NOTES]
    assert fitted.logits_GBK.shape == (FOLDS + 1, GOLD_NOTES, 2)
    counts = [sum(c.concept_id in each.concepts for each in gold) for c in CONCEPTS]
    assert sorted(counts)[-2:] == sorted(counts[row] for row in head.concept_K)


# Calibration, by a head that is always wrong on fold 0: its model there never names a concept.


def hand_made(found: list[int], held: list[int], notes: int) -> Decoded:
    """Spans that name `found` pairs where `held` pairs hold."""
    pair_M = np.array(found, np.int64)
    no_M = np.zeros(len(found), bool)
    return Decoded(pair_M, no_M.astype(np.float32), no_M, no_M, np.isin(pair_M, held), {*held})


def score(texts: list[str], fold_B: Ints | None = None) -> Floats:
    """What the head by hand says of notes."""
    stream = make_stream(texts, TINY.model.buckets)
    signs = csr_array((len(texts), 3 * len(CONCEPTS)), dtype=np.float32)
    return make_head().view(stream, signs, fold_B).logits_BK


def test_silent_pairs_are_scored_by_the_model_of_their_fold() -> None:
    pair = [row * len(CONCEPTS) + ROW for row in range(4)]
    spans = hand_made([pair[3]], pair, 4)
    logits_BK = score([TELLING] * 4, np.array([0, 1, 0, 1]))
    silent = list_silent(make_head(), logits_BK, spans, len(CONCEPTS))
    assert silent.decoded.pair_M.tolist() == pair[:3]
    assert (silent.decoded.logit_M > 0).tolist() == [False, True, False]
    assert silent.decoded.right_M.all()
    # Two of four pairs, one by a span and one by the head.
    assert measure_union(spans, silent, 0.5) == pytest.approx(2 * 2 / (2 + 4))


def test_confidence_and_threshold_are_fitted_on_silent_pairs() -> None:
    """The word is right in three of five notes where no span is, and in all where one is."""
    logits_BK = score([TELLING if row < 80 else "other" for row in range(120)])
    pair = [row * len(CONCEPTS) + ROW for row in range(120)]
    held = [pair[row] for row in range(80) if row < 40 or row % 5 < 3]
    spans = hand_made(pair[:40], held, 120)
    head = calibrate_head(make_head(), logits_BK, spans, len(CONCEPTS))
    told, untold = head.confide(score([TELLING, "other"]))[:, 0]
    assert told == pytest.approx(0.6, abs=0.05)
    assert untold < 0.1
    assert untold < head.threshold < told


def test_a_word_that_tells_nothing_gains_nothing() -> None:
    logits_BK = score([TELLING] * 120)
    pair = [row * len(CONCEPTS) + ROW for row in range(120)]
    spans = hand_made(pair[:40], [*pair[:40], *pair[40::10]], 120)
    head = calibrate_head(make_head(), logits_BK, spans, len(CONCEPTS))
    silent = list_silent(head, logits_BK, spans, len(CONCEPTS))
    assert measure_union(spans, silent, head.threshold) == measure_union(spans, silent, 2.0)
