"""A lexicon that a tiny encoder learns in a second, and a quick way to compile it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import jax

from lvmh_jax.data.examples import make_examples
from lvmh_jax.models.presets import make_settings
from lvmh_jax.records import Alias, Note
from lvmh_jax.train.fit import FitState, fit_encoder, start_fit

CONCEPTS = 5
STEMS = ("handbag", "perfume", "свитер", "지갑세트", "bracelet")
KINDS = ("red", "large", "old", "new", "light", "gift")


class Fitting:
    """A lexicon whose concepts have a word each, notes that mention them, and their settings."""

    def __init__(self) -> None:
        tiny = make_settings("tiny", assignments=["train.warmup_share=0.1"])
        # As many epochs in every test: the schedule is part of the compiled program.
        train = replace(tiny.train, epochs=6, patience=6, batch_size=4, aliases_per_row=4)
        self.settings = replace(tiny, train=train)
        self.aliases = [
            Alias(f"{kind} {stem}", row) for row, stem in enumerate(STEMS) for kind in KINDS
        ]
        self.examples = self.make(
            [f"she wants a {alias.text} for tomorrow {i}" for i, alias in enumerate(self.aliases)]
        )

    def make(self, texts):
        return make_examples(
            self.aliases,
            [Note(str(i), "C1", text) for i, text in enumerate(texts)],
            [],
            CONCEPTS,
            buckets=self.settings.model.buckets,
            holdout_aliases=0.2,
            holdout_notes=0.1,
            seed=0,
        )

    def start(self) -> FitState:
        return start_fit(self.examples, CONCEPTS, self.settings)

    def go_on(self, fit, settings=None):
        return fit_encoder(self.examples, CONCEPTS, settings or self.settings, fit)


@contextmanager
def quick_compiles() -> Iterator[None]:
    """Compiles with few optimizations: a third of the time, and our arrays are tiny."""
    name = "jax_disable_most_optimizations"
    before = jax.config.read(name)
    jax.config.update(name, True)
    try:
        yield
    finally:
        jax.config.update(name, before)
