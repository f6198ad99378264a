"""Presets: all that `--size` sets, in one table. Imports no jax, so wrong settings fail fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lvmh_jax.config import ModelSettings, Settings, check, override
from lvmh_jax.errors import UsageError, nearest_name

BASE = Settings(size="base")
PRESETS = {
    # Width 128: a step costs 3.6 times less than at 384, with the same accuracy for equal time
    # (FINDINGS A3), and the index of 9,461 aliases takes 5 MB.
    "base": BASE,
    # Width 384 with a wider MLP, for "higher accuracy"; it gains little (docs/log.md).
    "large": replace(
        BASE, size="large", model=ModelSettings(width=384, hidden=512, context_hidden=0)
    ),
    # A first model in half the time of base, most of it compilation: one epoch, one scorer, no
    # checkpoint. F1 is .863 where base has .868 (clienteling, docs/log.md).
    "quick": replace(
        BASE,
        size="quick",
        train=replace(BASE.train, epochs=1),
        checkpoint=replace(BASE.checkpoint, every_epochs=0),
        scorer=replace(BASE.scorer, steps=150, members=1),
    ),
    # For tests and for trying things out: seconds on a CPU, no claim of quality.
    "tiny": replace(
        BASE,
        size="tiny",
        model=ModelSettings(width=16, buckets=1024, hidden=16, context_hidden=0),
        train=replace(BASE.train, epochs=2, batch_size=4, aliases_per_row=8),
        scorer=replace(BASE.scorer, hidden=8, steps=30, members=1, folds=2),
    ),
}

# Settings for a lexicon of `train.full_softmax_below` concepts or more; each applies if it was left
# at its default. All were measured on the 11,915 concepts of MEDIC (docs/log.md).
MANY_CONCEPTS: dict[str, dict[str, Any]] = {
    "model": {"tied_contexts": True},
    "train": {
        "gram_dropout": 0.3,  # higher rates were only tried on small lexicons
        "sampled_concepts": 1024,
        "near_concepts": 4,
        "start_from_aliases": True,
        "aliases_per_epoch": 1 << 14,  # 30 epochs are seven passes over 69,000 aliases
        # Gives a standard error of .8 points. Each is compared with all aliases, so validating on
        # all held-out aliases would take as long as the steps of an epoch.
        "validated_aliases": 2048,
        "unlabelled_per_alias": 0.25,  # half of the default, for twice as many steps as the demo
    },
}


# Near concepts are found by comparing all pairs: 100,000 take a minute, a million two hours.
NEAR_BELOW = 100_000
# Above NEAR_BELOW concepts each held-out alias is compared with millions: 2,048 would take ten
# times as long as the steps of an epoch. With 512 the standard error of an accuracy is 1.6 points.
VALIDATED_BEYOND = 512


def fit_to_lexicon(settings: Settings, concepts: int) -> Settings:
    """The settings for a lexicon of so many concepts; unchanged for a small lexicon.

    >>> fit_to_lexicon(BASE, 3999) == BASE
    True
    >>> fit_to_lexicon(BASE, 4000).train.sampled_concepts
    1024
    """
    if concepts < settings.train.full_softmax_below:
        return settings
    validated = settings.train.validated_aliases
    for name, values in MANY_CONCEPTS.items():
        section, default = getattr(settings, name), getattr(Settings(), name)
        untouched = {
            key: value
            for key, value in values.items()
            if getattr(section, key) == getattr(default, key)
        }
        settings = replace(settings, **{name: replace(section, **untouched)})
    if concepts > NEAR_BELOW:
        validated = validated or VALIDATED_BEYOND
        train = replace(settings.train, near_concepts=0, validated_aliases=validated)
        settings = replace(settings, train=train)
    return settings


def make_settings(
    size: str = "base",
    *,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    seeds: int | None = None,
    include_text: bool | None = None,
    assignments: Sequence[str] = (),
) -> Settings:
    """A preset with the user's changes.

    Args:
      size: a row of `PRESETS`.
      epochs: as the other numbers, a setting of `train`; None keeps the preset's.
      batch_size: rows of a batch.
      learning_rate: peak of the schedule.
      seed: of the weights, batches and dropout.
      seeds: models trained at once.
      include_text: setting of `privacy`; None keeps the preset's.
      assignments: `section.key=value`, applied last.

    Raises:
      UsageError: no such preset or setting, or a value out of its range.
    """
    if size not in PRESETS:
        raise UsageError(f"no preset named {size!r}", fix=nearest_name(size, PRESETS))
    settings = PRESETS[size]
    train = settings.train
    train = replace(
        train,
        epochs=train.epochs if epochs is None else epochs,
        batch_size=train.batch_size if batch_size is None else batch_size,
        learning_rate=train.learning_rate if learning_rate is None else learning_rate,
        seed=train.seed if seed is None else seed,
        seeds=train.seeds if seeds is None else seeds,
    )
    settings = replace(settings, train=train)
    if include_text is not None:
        privacy = replace(settings.privacy, include_text=include_text)
        settings = replace(settings, privacy=privacy)
    settings = override(settings, assignments)
    check(settings)
    return settings
