from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lvmh_jax.config import Settings, check
from lvmh_jax.errors import UsageError
from lvmh_jax.models import MODELS
from lvmh_jax.models.presets import (
    BASE,
    MANY_CONCEPTS,
    PRESETS,
    fit_to_lexicon,
    make_settings,
)
from lvmh_jax.train.optimizers import OPTIMIZERS
from lvmh_jax.train.schedules import SCHEDULES


@pytest.mark.parametrize("size", PRESETS)
def test_every_preset_resolves_to_names_that_exist(size) -> None:
    settings = make_settings(size)
    check(settings)
    assert settings == PRESETS[size]
    assert settings.size == size
    assert settings.model.name in MODELS
    assert settings.train.optimizer in OPTIMIZERS
    assert settings.train.schedule in SCHEDULES


def test_the_contract_of_the_sizes() -> None:
    for size, width in (("base", 128), ("large", 384)):
        settings = make_settings(size)
        train = settings.train
        assert settings.model.width == width
        assert (train.epochs, train.batch_size, train.learning_rate) == (30, 16, 0.001)
    assert make_settings() == make_settings("base")


def test_what_is_given_wins_over_the_preset_and_the_rest_stays() -> None:
    base = make_settings("tiny")
    settings = make_settings(
        "tiny",
        epochs=7,
        batch_size=3,
        learning_rate=0.5,
        seed=9,
        include_text=True,
        assignments=["train.epochs=8", "model.width=24"],
    )
    train = settings.train
    # An assignment is the more precise word, so it has the last.
    assert (train.epochs, train.batch_size, train.learning_rate, train.seed) == (8, 3, 0.5, 9)
    assert settings.privacy.include_text
    assert settings.model.width == 24
    assert settings.model.buckets == base.model.buckets
    assert settings.scorer == base.scorer
    assert make_settings("tiny") == base


def test_a_small_lexicon_trains_as_if_there_were_no_large_ones() -> None:
    for size in PRESETS:
        settings = make_settings(size)
        assert fit_to_lexicon(settings, settings.train.full_softmax_below - 1) is settings
        assert settings.train.full_softmax_below > 3000


def test_a_large_lexicon_gets_what_it_needs_and_what_was_given_stays() -> None:
    given = make_settings("large", epochs=5, assignments=["train.sampled_concepts=300"])
    settings = fit_to_lexicon(given, 12_000)
    assert settings.train.sampled_concepts == 300
    assert settings.train.epochs == 5
    assert settings.model.width == given.model.width
    assert settings.model.tied_contexts
    assert settings.train.start_from_aliases
    check(settings)
    assert fit_to_lexicon(settings, 12_000) == settings
    # What it sets exists, and is not already the default.
    for name, values in MANY_CONCEPTS.items():
        for key, value in values.items():
            assert getattr(getattr(Settings(), name), key) != value


def test_zero_and_false_are_values() -> None:
    assert make_settings(seed=0, include_text=False).privacy.include_text is False
    with pytest.raises(UsageError, match=r"train\.epochs is 0; expected 1 or more"):
        make_settings(epochs=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": "lage"}, r"no preset named 'lage'; did you mean 'large'\?"),
        ({"batch_size": -1}, r"train\.batch_size is -1; expected 1 or more"),
        ({"learning_rate": 0.0}, r"train\.learning_rate is 0\.0; expected a number above 0"),
        (
            {"assignments": ["model.widht=8"]},
            r"no setting 'model\.widht'; did you mean 'model\.width'\?",
        ),
    ],
)
def test_what_is_wrong_is_refused(arguments, message) -> None:
    with pytest.raises(UsageError, match=message):
        make_settings(**arguments)


def test_presets_are_read_without_jax() -> None:
    code = (
        "import json, sys; from lvmh_jax.models import presets; presets.make_settings('large');"
        "print(json.dumps([name for name in ('jax', 'flax', 'optax') if name in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert json.loads(done.stdout) == []


def test_near_concepts_of_very_many_are_not_looked_for() -> None:
    assert fit_to_lexicon(BASE, 100_000).train.near_concepts > 0
    assert fit_to_lexicon(BASE, 100_001).train.near_concepts == 0


def test_of_very_many_concepts_an_epoch_is_measured_on_fewer_aliases() -> None:
    assert fit_to_lexicon(BASE, 100_000).train.validated_aliases == 2048
    assert fit_to_lexicon(BASE, 100_001).train.validated_aliases == 512
    given = make_settings("base", assignments=["train.validated_aliases=2048"])
    assert fit_to_lexicon(given, 100_001).train.validated_aliases == 2048
    settings = fit_to_lexicon(BASE, 100_001)
    assert fit_to_lexicon(settings, 100_001) == settings


def test_quick_is_base_with_less_to_do() -> None:
    quick, base = make_settings("quick"), make_settings("base")
    assert quick.model == base.model
    assert quick.detect == base.detect
    assert quick.train.epochs == 1
    assert base.checkpoint.is_wanted
    assert not quick.checkpoint.is_wanted
    minutes = make_settings("quick", assignments=["checkpoint.every_minutes=5"])
    assert minutes.checkpoint.is_wanted
