"""Chooses the scorer of a detector: fitted on gold, the shipped one, or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.annotate import annotate
from lvmh_jax.calibrate.confidence import PRIOR_PAIRS
from lvmh_jax.calibrate.folds import assign_folds
from lvmh_jax.calibrate.gate import Decision, apply_decision, decide
from lvmh_jax.calibrate.gold import (
    GoldFit,
    NothingToLearnError,
    count_annotated,
    fit_on_gold,
    hash_note,
    hash_text,
    measure_decisions,
)
from lvmh_jax.calibrate.headchoice import Judged, choose_head
from lvmh_jax.calibrate.hidden import decide_on_hidden
from lvmh_jax.calibrate.notehead import FittedHead, fit_head
from lvmh_jax.config import NoteHeadSettings, ScorerSettings
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.scorer import Scorer
from lvmh_jax.records import GoldNote, Note

Ints = NDArray[np.int64]
FEW_PAIRS = PRIOR_PAIRS  # with fewer annotated (note, concept) pairs, the shipped scorer is a prior
MIN_GOLD_NOTES = 10  # fewer notes cannot fit a scorer, but still decide whether one ships
GOLD_DEV = "gold-dev"
GOLD_TRAIN_CROSSVAL = "gold-train-crossval"
GOLD_DEV_CROSSVAL = "gold-dev-crossval"


@dataclass(frozen=True)
class DefaultScorer:
    """The scorer that ships with the package, with statistics of the gold it was fitted on.

    Attributes:
      scorer: the scorer.
      curve: (confidence, precision) on that gold, see `precision_curve`.
      dictionary_precision: precision of dictionary matches on that gold.
      zipf: mean Zipf frequency of the words of that lexicon, see `measure_zipf`.
      notes: hashes of the notes it was fitted on (`hash_text`), for which it must not be a prior.
    """

    scorer: Scorer
    curve: list[tuple[float, float]]
    dictionary_precision: float
    zipf: float
    notes: frozenset[str] = frozenset()

    def as_prior(
        self, notes: Sequence[Note], gold: Sequence[GoldNote], settings: ScorerSettings
    ) -> Scorer | None:
        """Returns the shipped scorer as a starting point if the gold is too small for a fresh fit.

        With 10 to 60 gold notes this gains .02 to .08 of F1 on hotel reviews and costs half a point
        on abstracts; with some hundreds of annotated concepts it costs F1 everywhere (docs/log.md).

        Returns: the scorer, or None if the fit should start from scratch.
        """
        if count_annotated(gold) >= FEW_PAIRS or self.scorer.hidden != settings.hidden:
            return None
        known = any(hash_text(note.text) in self.notes for note in notes)
        return None if known else self.scorer


@dataclass(frozen=True)
class Choice:
    """The chosen detector, and the reasons for the choice.

    Attributes:
      detector: the detector with its scorer, memory and note-level head, as far as they ship.
      decision: what ships, and the figures behind it.
      fold_of: hashed note id to fold, if the scorer was fitted on gold.
      curve: (confidence, precision), see `precision_curve`.
      source: origin of the scorer: `gold`, `default`, or `none`.
    """

    detector: ConceptDetector
    decision: Decision
    fold_of: dict[str, int]
    curve: list[tuple[float, float]]
    source: str


def choose_scorer(
    detector: ConceptDetector,
    notes: Sequence[Note],
    gold: Mapping[str, Sequence[GoldNote]],
    default: DefaultScorer,
    held_A: NDArray[np.bool_],
    held_notes: Sequence[Note],
    settings: ScorerSettings,
    seed: int,
    head: NoteHeadSettings | None = None,
) -> Choice:
    """Fits a scorer on gold train, else on gold dev, else takes the shipped one; then gates it.

    If both splits exist, dev decides what ships. If only one does, its cross-fitted scores decide;
    without gold, aliases hidden from training do. If `head` is given, a note-level head is tried:
    to inform the scorer, and, if a fitted scorer ships, to name concepts without a span.

    Args:
      detector: with a trained encoder and no scorer.
      notes: notes of the workspace, including the annotated ones.
      gold: annotated notes of each split.
      default: the scorer that ships with the package.
      held_A: bool, which aliases were hidden from training.
      held_notes: notes hidden from training.
      settings: settings of the scorer.
      seed: seed of the models and of sampling.
      head: settings of the note-level head; None for no head.
    """
    note_of = {note.note_id: note for note in notes}
    split = next(
        (name for name in ("train", "dev") if len(gold.get(name, ())) >= MIN_GOLD_NOTES), ""
    )
    if split:
        with suppress(NothingToLearnError):
            return _choose_fitted(detector, note_of, gold, split, default, settings, seed, head)
    return _choose_default(detector, note_of, gold, default, held_A, held_notes)


def _choose_fitted(
    detector: ConceptDetector,
    note_of: Mapping[str, Note],
    gold: Mapping[str, Sequence[GoldNote]],
    split: str,
    default: DefaultScorer,
    settings: ScorerSettings,
    seed: int,
    head: NoteHeadSettings | None,
) -> Choice:
    fitted = [note_of[each.note_id] for each in gold[split]]
    folds = assign_folds(fitted, gold[split], min(settings.folds, len(fitted)))
    fold_B = np.array([folds[note.note_id] for note in fitted], np.int64)
    prior = default.as_prior(fitted, gold[split], settings)
    learn = partial(fit_on_gold, detector, fitted, gold[split], settings, seed, prior=prior)
    ask = partial(fit_head, detector, fitted, gold[split])
    fit, fitted_head = _learn_with_head(learn, ask, fold_B, head, seed)
    known = replace(
        detector,
        dictionary_precision=fit.dictionary_precision,
        memory=fit.memory,
        note_head=fit.note_head,
    )
    judges = None
    if split == "train" and len(gold.get("dev", ())) >= MIN_GOLD_NOTES:
        asked = [note_of[each.note_id] for each in gold["dev"]]
        judges = Judged(asked, gold["dev"], annotate(known, asked, gold["dev"]))
        f1 = measure_decisions(known, asked, gold["dev"], fit.scorer, seen=judges.seen)
        decision = decide(f1, GOLD_DEV)
    else:
        f1 = measure_decisions(known, fitted, gold[split], fit.scorer, folds, fit.annotated)
        decision = decide(f1, GOLD_TRAIN_CROSSVAL if split == "train" else GOLD_DEV_CROSSVAL)
    scorer = apply_decision(fit.scorer, decision)
    choice = Choice(
        detector=replace(
            known,
            scorer=scorer,
            memory=fit.memory if scorer else None,
            note_head=fit.note_head if scorer else None,
        ),
        decision=decision,
        fold_of={hash_note(note): folds[note.note_id] for note in fitted},
        curve=fit.curve,
        source="gold" if scorer else "none",
    )
    if scorer is None or head is None or fitted_head is None:
        return choice
    learned = Judged(fitted, gold[split], fit.annotated, fold_B)
    return _let_head_speak(choice, scorer, learned, judges, fitted_head, head.margin)


def _learn_with_head(
    learn: Callable[..., GoldFit],
    ask: Callable[..., FittedHead | None],
    fold_B: Ints,
    settings: NoteHeadSettings | None,
    seed: int,
) -> tuple[GoldFit, FittedHead | None]:
    """Fits a scorer without and with a note-level head as input; keeps the second if it gains.

    Args:
      learn: `fit_on_gold`, bound to some notes.
      ask: `fit_head`, bound to the same notes.
      fold_B: int64 fold of each note.
      settings: settings of the head; None for no head.
      seed: seed of sampling.

    Returns: the scorer, and the head if one could be fitted, whether or not it informs the scorer.
    """
    fit = learn()
    if settings is None:
        return fit, None
    fitted_head = ask(fit.annotated, fold_B, settings, seed)
    if fitted_head is None:
        return fit, None
    informed = learn(fitted_head=fitted_head)
    if informed.f1 > fit.f1 + settings.margin:
        return informed, fitted_head._replace(head=replace(fitted_head.head, informs=True))
    return fit, fitted_head


def _let_head_speak(
    choice: Choice,
    scorer: Scorer,
    fitted: Judged,
    judges: Judged | None,
    fitted_head: FittedHead,
    margin: float,
) -> Choice:
    """Lets a head name concepts without a span if that helps by the protocol of `choice`."""
    protocol = choice.decision.protocol
    found = choose_head(choice.detector, scorer, fitted, judges, protocol, fitted_head, margin)
    return replace(
        choice,
        detector=replace(choice.detector, note_head=found.head),
        decision=replace(choice.decision, note_level=found.level),
        curve=found.curve if found.level.ships else choice.curve,
    )


def _choose_default(
    detector: ConceptDetector,
    note_of: Mapping[str, Note],
    gold: Mapping[str, Sequence[GoldNote]],
    default: DefaultScorer,
    held_A: NDArray[np.bool_],
    held_notes: Sequence[Note],
) -> Choice:
    known = replace(detector, dictionary_precision=default.dictionary_precision)
    scorer = default.scorer
    judged = [each for name in ("train", "dev") for each in gold.get(name, ())]
    if judged:
        notes = [note_of[each.note_id] for each in judged]
        splits = "-".join(name for name in ("train", "dev") if gold.get(name))
        f1 = measure_decisions(known, notes, judged, scorer)
        decision = decide(f1, f"gold-{splits}")
    else:
        # The aliases were hidden from training in all notes, so every note can be used. Held-out
        # notes come first, because only the first `MOST_JUDGED` count.
        first = {note.note_id: note for note in held_notes}
        judges = list((first | dict(note_of)).values())
        decision, scorer = decide_on_hidden(known, scorer, default.zipf, held_A, judges)
    shipped = apply_decision(scorer, decision)
    return Choice(
        detector=replace(known, scorer=shipped),
        decision=decision,
        fold_of={},
        curve=default.curve,
        source="default" if shipped else "none",
    )
