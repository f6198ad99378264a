"""Presets: all that `--size` sets, in one table. Imports no jax: a wrong setting fails at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lvmh_jax.config import ModelSettings, Settings, check, override
from lvmh_jax.errors import UsageError, nearest_name

BASE = Settings(size="base")
PRESETS = {
    # 128-dim: a step costs 3.6 times less than at 384, at the same accuracy for equal time
    # (FINDINGS A3), and the index of 9,461 aliases takes 5 MB.
    "base": BASE,
    # 384-dim: the mission's "higher accuracy"; the MLP grows with the width. What it brings is
    # in docs/log.md: little.
    "large": replace(
        BASE, size="large", model=ModelSettings(width=384, hidden=512, context_hidden=0)
    ),
    # A first model in half the seconds of base, most of which its programs take to compile: one
    # epoch, one scorer, no checkpoint. F1 .863 where base has .868 (clienteling, docs/log.md).
    "quick": replace(
        BASE,
        size="quick",
        train=replace(BASE.train, epochs=1),
        checkpoint=replace(BASE.checkpoint, every_epochs=0),
        scorer=replace(BASE.scorer, steps=150, members=1),
    ),
    # For tests and for reading along: seconds on a CPU, no claim of quality.
    "tiny": replace(
        BASE,
        size="tiny",
        model=ModelSettings(width=16, buckets=1024, hidden=16, context_hidden=0),
        train=replace(BASE.train, epochs=2, batch_size=4, aliases_per_row=8),
        scorer=replace(BASE.scorer, hidden=8, steps=30, members=1, folds=2),
    ),
}

# What a lexicon of `train.full_softmax_below` concepts or more gets, where a setting was left at
# its default. Each was measured on the 11,915 concepts of MEDIC (docs/log.md).
MANY_CONCEPTS: dict[str, dict[str, Any]] = {
    "model": {"tied_contexts": True},
    "train": {
        "gram_dropout": 0.3,  # more was tried on small lexicons only
        "sampled_concepts": 1024,
        "near_concepts": 4,
        "start_from_aliases": True,
        "aliases_per_epoch": 1 << 14,  # 30 epochs are seven passes over 69,000 aliases
        # A standard error of .8 points. Each is compared with all aliases, and all of them after
        # every epoch would take as long as the steps.
        "validated_aliases": 2048,
        "unlabelled_per_alias": 0.25,  # there are twice as many steps as on the demo
    },
}


# Near concepts are found by comparing all pairs: 100,000 take a minute, a million two hours.
NEAR_BELOW = 100_000
# Beyond, each held-out alias is compared with millions: 2,048 of them take ten times as long as the
# steps of an epoch, and with a quarter of them the standard error of an accuracy is 1.6 points.
VALIDATED_BEYOND = 512


def fit_to_lexicon(settings: Settings, concepts: int) -> Settings:
    """The settings that train a lexicon of so many concepts; those of a small one are unchanged.

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
    """A preset with what the user set; None leaves it to the preset.

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
