from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from lvmh_jax.config import EARLIER, LEAST, Settings, check, from_dict, override, to_dict
from lvmh_jax.errors import UsageError
from lvmh_jax.models.presets import PRESETS

SECTIONS = [spec.name for spec in fields(Settings) if spec.name != "size"]
PATHS = [
    f"{section}.{spec.name}"
    for section in SECTIONS
    for spec in fields(getattr(Settings(), section))
]


def get(settings, path):
    section, key = path.split(".")
    return getattr(getattr(settings, section), key)


def other_value(value):
    """A value of the same type that is not the default, and in range."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, int):
        return value - 1 if value > 1 else value + 1
    return value / 2 or 0.5


@pytest.mark.parametrize("path", PATHS)
def test_every_setting_can_be_set_and_survives_json(path) -> None:
    before = Settings()
    section, key = path.split(".")
    value = other_value(get(before, path))
    if isinstance(value, str):  # a name that no table knows may be refused
        after = replace(before, **{section: replace(getattr(before, section), **{key: value})})
    else:
        after = override(before, [f"{path}={value}"])
    assert get(after, path) == value
    assert type(get(after, path)) is type(get(before, path))
    assert [other for other in PATHS if get(after, other) != get(before, other)] == [path]
    assert from_dict(json.loads(json.dumps(to_dict(after)))) == after


@pytest.mark.parametrize("size", PRESETS)
def test_presets_survive_json(size) -> None:
    settings = PRESETS[size]
    assert from_dict(json.loads(json.dumps(to_dict(settings)))) == settings


def test_a_newer_key_is_ignored_and_a_missing_one_is_the_default() -> None:
    saved = to_dict(PRESETS["large"])
    saved["train"] |= {"invented_later": 3}
    saved["invented_later"] = {"a": 1}
    del saved["train"]["patience"]
    del saved["scorer"]
    assert from_dict(saved) == PRESETS["large"]
    assert from_dict({}) == Settings()


def test_assignments_are_typed_and_the_last_wins() -> None:
    before = Settings()
    given = [" train.epochs = 50 ", "train.learning_rate=1e-2", "privacy.include_text=True"]
    after = override(before, [*given, "train.epochs=60", "model.name=ngram"])
    assert after.train.epochs == 60
    assert after.train.learning_rate == 0.01
    assert after.privacy.include_text is True
    assert before == Settings()
    assert override(before, []) == before


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("train.epoch=5", r"no setting 'train\.epoch'; did you mean 'train\.epochs'\?"),
        ("trian.epochs=5", r"no section 'trian' of settings; did you mean 'train'\?"),
        ("size.large=5", r"no section 'size' of settings; .*known: model, train"),
        ("train.epochs=many", r"train\.epochs is 'many'; expected a whole number"),
        ("train.epochs=1.5", r"train\.epochs is '1\.5'; expected a whole number"),
        ("train.epochs=", r"train\.epochs is ''; expected a whole number"),
        ("train.learning_rate=fast", r"train\.learning_rate is 'fast'; expected a number"),
        ("privacy.include_text=yes", r"privacy\.include_text is 'yes'; expected true or false"),
        ("epochs=5", r"cannot read --set 'epochs=5'; expected SECTION\.KEY=VALUE"),
        ("train.epochs", r"cannot read --set 'train\.epochs'; expected SECTION\.KEY=VALUE"),
        ("size=large", r"cannot read --set 'size=large'; expected SECTION\.KEY=VALUE"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_have_been_right(
    assignment, message
) -> None:
    with pytest.raises(UsageError, match=message):
        override(Settings(), ["train.seed=1", assignment])


@pytest.mark.parametrize("path", LEAST)
def test_a_number_below_its_least_is_refused_and_the_least_is_not(path) -> None:
    least, inclusive = LEAST[path]
    wanted = f"{least:g} or more" if inclusive else f"a number above {least:g}"
    bad = least - 1 if inclusive else least
    with pytest.raises(UsageError, match=rf"{path} is {bad}(\.0)?; expected {wanted}"):
        override(Settings(), [f"{path}={bad}"])
    good = least if inclusive else least + 0.5
    assert get(override(Settings(), [f"{path}={good}"]), path) == good


def test_every_number_has_a_least() -> None:
    numbers = {p for p in PATHS if type(get(Settings(), p)) in (int, float)}
    assert numbers == set(LEAST)


@pytest.mark.parametrize("value", ["0", "-0.1", "0.9", "1", "nan"])
@pytest.mark.parametrize("path", ["train.holdout_aliases", "train.holdout_notes"])
def test_a_share_that_is_hidden_leaves_some(path, value) -> None:
    with pytest.raises(UsageError, match=rf"{path} is .*; expected (a number above 0|less than)"):
        override(Settings(), [f"{path}={value}"])


def test_folds_have_a_most() -> None:
    assert override(Settings(), ["scorer.folds=20"]).scorer.folds == 20
    with pytest.raises(UsageError, match=r"scorer\.folds is 21; expected less than 21"):
        override(Settings(), ["scorer.folds=21"])


def test_one_fold_leaves_nothing_to_learn_from() -> None:
    with pytest.raises(UsageError, match=r"scorer\.folds is 1; expected 2 or more"):
        override(Settings(), ["scorer.folds=1"])
    assert override(Settings(), ["scorer.folds=2"]).scorer.folds == 2


def test_a_number_that_is_none_is_out_of_range() -> None:
    with pytest.raises(UsageError, match=r"train\.learning_rate is nan; expected a number above 0"):
        override(Settings(), ["train.learning_rate=nan"])


def test_settings_are_checked_however_they_were_made() -> None:
    settings = Settings()
    check(settings)
    with pytest.raises(UsageError, match=r"train\.epochs is 0"):
        check(replace(settings, train=replace(settings.train, epochs=0)))


@pytest.mark.parametrize(
    "assignment",
    [
        "train.seed=-1",  # numpy refuses it: an internal error
        "model.buckets=1",  # no bucket beside padding: ZeroDivisionError
        "train.learning_rate=inf",
        "train.clip_norm=0",  # nothing moves
        "train.nil_weight=nan",
        "train.warmup_share=2",
        "scorer.hidden=0",
        "scorer.learning_rate=-1",
        "detect.concepts_per_span=0",
    ],
)
def test_what_no_run_survives_is_refused_at_once(assignment) -> None:
    path = assignment.partition("=")[0]
    with pytest.raises(UsageError, match=path.partition(".")[2]):
        override(Settings(), [assignment])


@pytest.mark.parametrize(
    ("path", "value"),
    [("detect.min_coverage", "0.35"), ("train.epochs", True), ("train.epochs", 2.0)],
)
def test_a_saved_setting_of_another_type_is_refused(path: str, value: object) -> None:
    values = to_dict(Settings())
    section, key = path.split(".")
    values[section][key] = value
    with pytest.raises(TypeError, match=path):
        from_dict(values)


def test_a_whole_number_is_a_number() -> None:
    values = to_dict(Settings())
    values["train"]["learning_rate"] = 1
    assert from_dict(values).train.learning_rate == 1


def test_what_an_earlier_model_could_not_say_is_what_it_was() -> None:
    now = to_dict(Settings())
    assert from_dict(now) == Settings()
    earlier = {key: value for key, value in now["detect"].items() if key not in EARLIER["detect"]}
    old = from_dict({**now, "detect": earlier}).detect
    assert (old.heard, old.tight, old.min_coverage_alone, old.min_support) == (False, False, 0, 0)
    assert old.common_border > 10  # no word is as common
    model = {key: value for key, value in now["model"].items() if key != "context_hidden"}
    assert from_dict({**now, "model": model}).model.context_hidden == 0
