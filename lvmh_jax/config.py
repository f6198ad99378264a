"""Every setting, as frozen dataclasses, and `--set section.key=value`, typed and checked.

This file holds the types and the defaults; `models/presets.py` holds what each preset changes.
A field's comment gives the reason for its default, or the experiment behind it (`docs/log.md`).
"""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from lvmh_jax.errors import UsageError, nearest_name

SCHEMA_VERSION = 1
MAX_SEED = 2**32 - 1  # numpy's and JAX's
FEW_NOTES = 50  # with fewer, a single note moves held-out figures by points


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The encoder of spans, aliases and contexts."""

    name: str = "ngram"  # row of models.MODELS
    width: int = 128  # embedding_dim of the model folder
    buckets: int = 16384  # rows of the hashed n-gram table (FINDINGS C)
    # Units of the phrases' gated MLP. With 256 here and for contexts, the mean F1 on gold of three
    # sets is the same to .001, but a span costs 1.8 times as much (docs/log.md).
    hidden: int = 128
    context_hidden: int = 64  # units of the contexts' MLP; 0: as many as `hidden`
    # Weight of a word pair's vector beside those of its words. At 1, a pair that only one alias has
    # outweighs the grams that it shares, and held-out accuracy is .03 lower (docs/log.md).
    pair_weight: float = 0.1
    tied_contexts: bool = False  # score contexts by the concepts' vectors, not by a dense layer


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How the encoder learns from aliases and notes."""

    epochs: int = 30
    batch_size: int = 16  # rows of a batch; a row is a run of one concept's aliases
    learning_rate: float = 0.001
    seed: int = 0
    seeds: int = 1  # models trained at once, from seed, seed + 1, ...; the best one is kept
    aliases_per_row: int = 16  # K: with B=16, 256 aliases a step keep two cores busy
    optimizer: str = "rowwise"  # row of train.optimizers.OPTIMIZERS
    schedule: str = "warmup_cosine"  # row of train.schedules.SCHEDULES
    warmup_share: float = 0.05  # of all steps
    # Few steps touch a row of the gram table, and Adagrad divides by all gradients it ever saw.
    table_rate: float = 200.0  # times learning_rate; the best of 50, 100 and 200
    gram_dropout: float = 0.5  # the best of .3, .4, .5 and .6 on held-out aliases (docs/log.md)
    weight_decay: float = 0.0001
    clip_norm: float = 1.0
    patience: int = 8  # epochs without a lower validation loss before training stops
    holdout_aliases: float = 0.1  # share of aliases hidden from training, for final_accuracy
    holdout_notes: float = 0.1  # share of notes hidden from training
    most_notes: int = 200_000  # a larger workspace is sampled, so that memory is bounded
    unlabelled_per_alias: float = 0.5  # unlabelled phrases drawn in a step, per alias
    nil_weight: float = 0.3  # below 1, because some unlabelled phrases are true mentions
    context_weight: float = 0.2  # of the masked-context loss
    # From so many concepts on, settings still at their default are those of `MANY_CONCEPTS`: a
    # softmax over 12,000 classes takes nine tenths of a step, over 1,000 a fifth (docs/log.md).
    full_softmax_below: int = 4000
    sampled_concepts: int = 0  # classes in the softmax of a step; 0: all
    near_concepts: int = 0  # hard negatives in that softmax, for each concept of the batch
    # Times learning_rate, where classes are sampled: few steps then touch a concept's vector.
    class_rate: float = 60.0
    start_from_aliases: bool = False  # concepts start at the mean of their aliases' vectors
    aliases_per_epoch: int = 0  # at most so many aliases in an epoch; 0: all
    validated_aliases: int = 0  # held-out aliases that each epoch is measured on; 0: all
    precision: str = "float32"  # row of train.precision.PRECISIONS: the type of products
    steps_per_call: int = 0  # steps of one jitted call; 0, or several seeds: a whole epoch
    shards: int = 0  # devices that share the tables; 0: one, or more for large tables


@dataclass(frozen=True, slots=True)
class CheckpointSettings:
    """When the state of a run is saved; checked after every jitted call."""

    every_epochs: int = 10  # a save costs a third of an epoch of the demo; 0: never by epochs
    every_steps: int = 0  # also the steps of a call; 0: never by steps; ignored for several seeds
    every_minutes: float = 0.0  # 0: never by the clock
    keep: int = 2  # newest checkpoints to keep, in case the newest is damaged

    @property
    def is_wanted(self) -> bool:
        """Whether a run saves at all, other than on interruption."""
        return bool(self.every_epochs or self.every_steps or self.every_minutes)


@dataclass(frozen=True, slots=True)
class DetectSettings:
    """Candidates and decoding."""

    max_words: int = 6  # FINDINGS C: recall of true note-concepts .955
    max_chars: int = 10  # the same for scripts without spaces
    asked_words: int = 4  # longest span that the encoder alone may find
    concepts_per_span: int = 3  # for each span, from the encoder and from the soft index
    # Lowest score of a window of words that becomes a candidate. At .35 there are a tenth more
    # candidates, among them five inflections of tests/test_languages.py, but two seeds of hotel
    # reviews without gold scored lower (docs/log.md).
    min_coverage: float = 0.4
    # Lowest probability by the encoder at which a span becomes a candidate. At .1 there are a fifth
    # more candidates, and F1 is no higher (docs/log.md).
    min_probability: float = 0.2
    # The encoder skips spans without a word that resembles a word of the lexicon.
    heard: bool = True
    # A span is no candidate for a concept if the span one word shorter is as likely to express it
    # (benchmarks/pruning.py).
    tight: bool = True
    # A match of the soft index alone needs the first, or else `min_coverage` and the second, a
    # probability by the encoder. Of the 19,805 candidates of clienteling that this drops, 42 had
    # been mentions (docs/log.md).
    min_coverage_alone: float = 0.5
    min_support: float = 0.02
    # No span begins or ends with a word of this Zipf frequency or above, unless an alias does.
    common_border: float = 5.5
    max_per_alias: int = 0  # matches of an alias in a note; 0: all


@dataclass(frozen=True, slots=True)
class ScorerSettings:
    """The mention scorer and the calibration of its confidence."""

    hidden: int = 64  # FINDINGS C
    steps: int = 300  # 200, 400 and 800 give the same F1 within a point (docs/log.md)
    learning_rate: float = 0.003
    weight_decay: float = 0.01
    folds: int = 5
    members: int = 3  # averaged, because the F1 of a single one varies by a point with its seed


@dataclass(frozen=True, slots=True)
class NoteHeadSettings:
    """The note-level head: it informs the scorer, and names concepts that no span expresses."""

    features: int = 8192  # grams and signs; the most frequent are kept (docs/log.md)
    weights: int = 262144  # upper bound of features times concepts: bounds the time of a fit
    steps: int = 100
    batch_size: int = 256
    learning_rate: float = 0.3
    l2: float = 0.0001
    min_positive: int = 5  # gold notes that a concept needs: from fewer, its words are not learned
    max_concepts: int = 256  # the most frequent ones
    min_notes: int = 50  # no head is fitted on fewer annotated notes
    margin: float = 0.005  # gain of note-level F1 without which the head is not used


@dataclass(frozen=True, slots=True)
class PrivacySettings:
    """What a model folder may hold of the notes."""

    include_text: bool = False  # True: texts and client ids, unredacted


@dataclass(frozen=True, slots=True)
class Settings:
    """The resolved configuration of a run; saved in `metadata.json`."""

    size: str = "base"
    model: ModelSettings = field(default_factory=ModelSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    checkpoint: CheckpointSettings = field(default_factory=CheckpointSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    scorer: ScorerSettings = field(default_factory=ScorerSettings)
    notehead: NoteHeadSettings = field(default_factory=NoteHeadSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)


# Lower bound of each number, and whether the bound itself is allowed; all must be finite.
LEAST: dict[str, tuple[float, bool]] = {
    "model.width": (1, True),
    "model.buckets": (2, True),  # one is padding
    "model.hidden": (1, True),
    "model.context_hidden": (0, True),
    "model.pair_weight": (0, True),
    "train.epochs": (1, True),
    "train.batch_size": (1, True),
    "train.learning_rate": (0, False),
    "train.seed": (0, True),
    "train.seeds": (1, True),
    "train.aliases_per_row": (1, True),
    "train.warmup_share": (0, True),
    "train.table_rate": (0, False),
    "train.gram_dropout": (0, True),
    "train.weight_decay": (0, True),
    "train.clip_norm": (0, False),
    "train.patience": (1, True),
    "train.holdout_aliases": (0, False),
    "train.holdout_notes": (0, False),
    "train.most_notes": (1, True),
    "train.unlabelled_per_alias": (0, True),
    "train.nil_weight": (0, True),
    "train.context_weight": (0, True),
    "train.full_softmax_below": (1, True),
    "train.sampled_concepts": (0, True),
    "train.near_concepts": (0, True),
    "train.class_rate": (0, True),
    "train.aliases_per_epoch": (0, True),
    "train.validated_aliases": (0, True),
    "train.steps_per_call": (0, True),
    "train.shards": (0, True),
    "checkpoint.every_epochs": (0, True),
    "checkpoint.every_steps": (0, True),
    "checkpoint.every_minutes": (0, True),
    "checkpoint.keep": (1, True),
    "detect.max_words": (1, True),
    "detect.max_chars": (1, True),
    "detect.asked_words": (1, True),
    "detect.concepts_per_span": (1, True),
    "detect.min_coverage": (0, True),
    "detect.min_probability": (0, True),
    "detect.min_coverage_alone": (0, True),
    "detect.min_support": (0, True),
    "detect.common_border": (0, True),
    "detect.max_per_alias": (0, True),
    "scorer.hidden": (1, True),
    "scorer.steps": (1, True),
    "scorer.learning_rate": (0, False),
    "scorer.weight_decay": (0, True),
    "scorer.folds": (2, True),
    "scorer.members": (1, True),
    "notehead.features": (1, True),
    "notehead.weights": (1, True),
    "notehead.steps": (1, True),
    "notehead.batch_size": (1, True),
    "notehead.learning_rate": (0, False),
    "notehead.l2": (0, True),
    "notehead.min_positive": (1, True),
    "notehead.max_concepts": (1, True),
    "notehead.min_notes": (2, True),
    "notehead.margin": (0, True),
}
# Upper bound of some numbers; the bound itself is not allowed.
BELOW = {
    "detect.min_coverage": 1.0,
    "detect.min_probability": 1.0,
    "detect.min_support": 1.0,
    "detect.max_words": 11,  # the encoder reads ten tokens of a phrase
    "detect.max_chars": 11,
    "scorer.folds": 21,  # heads of whole notes are fitted for each pair of folds
    "train.warmup_share": 1.0,
    "train.gram_dropout": 0.95,
    "train.holdout_aliases": 0.9,
    "train.holdout_notes": 0.9,
}
# Values of settings that earlier versions did not have: models saved by them were made with these.
EARLIER: dict[str, dict[str, Any]] = {
    "model": {"context_hidden": 0},
    "detect": {
        "heard": False,
        "tight": False,
        "min_coverage_alone": 0.0,
        "min_support": 0.0,
        "common_border": 99.0,
        "asked_words": 99,
    },
}


def to_dict(settings: Settings) -> dict[str, Any]:
    """Settings as JSON-ready nested dicts."""
    return asdict(settings)


def from_dict(values: Mapping[str, Any]) -> Settings:
    """Rebuilds settings from `to_dict`; unknown keys are ignored, absent sections get defaults.

    A key that a present section lacks gets its value of `EARLIER`, if it has one there: the
    settings were saved before the key existed.

    Raises:
      TypeError: a value is of another type than its setting.
    """
    sections = {}
    for spec in fields(Settings):
        if spec.name == "size":
            continue
        kind = typing.get_type_hints(Settings)[spec.name]
        kinds = typing.get_type_hints(kind)
        given = values.get(spec.name, {})
        kept = {key: given[key] for key in given if key in kinds}
        for key, value in kept.items():
            # JSON may write 1.0 as 1. `True` must not pass as an int.
            if type(value) is not kinds[key] and (kinds[key], type(value)) != (float, int):
                raise TypeError(f"{spec.name}.{key} is {value!r}")
        earlier = EARLIER.get(spec.name, {}) if spec.name in values else {}
        sections[spec.name] = kind(**{**earlier, **kept})
    return Settings(size=str(values.get("size", "base")), **sections)


def override(settings: Settings, assignments: Iterable[str]) -> Settings:
    """Applies `section.key=value` assignments.

    Raises:
      UsageError: an unknown key, a value of the wrong type, or one out of range.

    >>> override(Settings(), ["train.epochs=50"]).train.epochs
    50
    """
    for assignment in assignments:
        path, sign, text = assignment.partition("=")
        section_name, dot, key = path.strip().partition(".")
        if not sign or not dot:
            raise UsageError(f"cannot read --set {assignment!r}", expected="SECTION.KEY=VALUE")
        sections = [spec.name for spec in fields(Settings) if spec.name != "size"]
        if section_name not in sections:
            raise UsageError(
                f"no section {section_name!r} of settings", fix=nearest_name(section_name, sections)
            )
        section = getattr(settings, section_name)
        kinds = typing.get_type_hints(type(section))
        if key not in kinds:
            fix = nearest_name(key, kinds, f"{section_name}.")
            raise UsageError(f"no setting {path.strip()!r}", fix=fix)
        value = _parse_value(path.strip(), text.strip(), kinds[key])
        settings = replace(settings, **{section_name: replace(section, **{key: value})})
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Makes sure that every number is in its range.

    Raises:
      UsageError: one is not; the message names the setting and its range.
    """
    for path, (least, inclusive) in LEAST.items():
        section, key = path.split(".")
        value = getattr(getattr(settings, section), key)
        fits = value >= least if inclusive else value > least
        if not fits or not math.isfinite(value):
            wanted = f"{least:g} or more" if inclusive else f"a number above {least:g}"
            raise UsageError(f"{path} is {value}", expected=wanted)
        if value >= BELOW.get(path, math.inf):
            raise UsageError(f"{path} is {value}", expected=f"less than {BELOW[path]:g}")
    if settings.train.seed + settings.train.seeds - 1 > MAX_SEED:
        raise UsageError(f"a seed is above {MAX_SEED}", fix="give a smaller train.seed")


def _parse_value(path: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{path} is {text!r}", expected="true or false")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError:
        names = {int: "a whole number", float: "a number"}
        raise UsageError(f"{path} is {text!r}", expected=names.get(kind, kind.__name__)) from None
