"""Names of runs and models, the list of models, and the best of them.

The list reads `metadata.json` and the manifest, and compares names and sizes: what it calls whole
may still hold a flipped bit, which is found where a model is loaded. Standard library alone, so
that `lvmh-jax list` is instant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lvmh_jax.errors import InvalidInputError, LvmhError, NotFoundError, UsageError
from lvmh_jax.evaluate.basis import adds_to, count_mentions, is_measurable, read_decided
from lvmh_jax.io.manifest import holds_metadata, read_metadata, require_folder, verify_manifest

PREFIX = "concept_model_"
STAMP = "%Y%m%d_%H%M%S"
PART_NAME = re.compile(r"\.concept_model_(.+)_(\d{8}_\d{6})\.part")
MODEL_NAME = re.compile(r"concept_model_(.+)_(\d{8}_\d{6})")
LEXICONS = ("taxonomy/lexicon_v1.json", "taxonomy/lexicon_v1.csv")
TRAIN = "run `lvmh-jax train` first, or name another folder with --models-dir"


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """One model of the list; `problem` says in a line why a folder cannot be used.

    Attributes:
      protocol: how `score` was measured.
      score: the validated F1, None where the model was not validated.
      mentions: that there were to find for it; a score of too few is not told (`evaluate.basis`).
      decided_on, decided_f1: the figure that decided what ships, and what it was measured on; as
        `evaluate.basis.Decided`, and empty where it says no more than `score`.
      lexicon_sha256: scores of different lexicons are not compared.
      retrain_due: data that it was trained on was erased (`forget`).
      head_unused: its score is partly of a note-level head of words, which no version after 0.2
        uses.
    """

    name: str
    path: Path
    size: str = ""
    num_concepts: int | None = None
    final_accuracy: float | None = None
    training_date: str = ""
    protocol: str = ""
    score: float | None = None
    lexicon_sha256: str = ""
    is_best: bool = False
    problem: str = ""
    retrain_due: bool = False
    head_unused: bool = False
    mentions: int | None = None
    decided_on: str = ""
    decided_f1: float | None = None

    @property
    def told(self) -> float | None:
        """The score where it rests on enough to be told."""
        return self.score if is_measurable(self.mentions) else None


def model_name(size: str, when: datetime) -> str:
    """Name of a model folder.

    >>> model_name("base", datetime(2026, 11, 22, 16, 45, 7))
    'concept_model_base_20261122_164507'
    """
    return f"{PREFIX}{size}_{when.strftime(STAMP)}"


def new_part_folder(models_dir: Path, size: str, when: datetime) -> tuple[Path, Path]:
    """Makes the part folder of a run that starts.

    The folder itself reserves the name: of two runs in one second, one gets the next second.

    Returns: the part folder, made, and the final folder, not made.

    Raises:
      UsageError: the models folder cannot be made, or not be written to.
    """
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        while True:
            final = models_dir / model_name(size, when)
            part = models_dir / f".{final.name}.part"
            if not final.exists() and _make_folder(part):
                return part, final
            when += timedelta(seconds=1)
    except OSError as error:
        raise UsageError(
            f"cannot be written ({error.strerror or type(error).__name__})",
            where=str(models_dir),
            expected="a folder to make model folders in",
            fix="name another one with --models-dir",
        ) from error


def _make_folder(folder: Path) -> bool:
    """Makes a folder; False when there is one already."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True


def final_folder(part: Path) -> Path:
    """The final folder of a part folder: its name, or the next second that is free."""
    found = PART_NAME.fullmatch(part.name)
    if not found:
        raise ValueError(f"not the name of a part folder: {part.name}")
    when = datetime.strptime(found[2], STAMP)
    while (final := part.parent / model_name(found[1], when)).exists():
        when += timedelta(seconds=1)
    return final


def list_models(models_dir: Path) -> list[ModelSummary]:
    """All models of a folder, newest first, the best one marked; broken ones have a `problem`.

    A folder that is not there holds no models.
    """
    if not models_dir.is_dir():
        return []
    folders = [path for path in models_dir.iterdir() if path.is_dir() and path.name[0] != "."]
    found = [
        _summarise(path) for path in folders if path.name.startswith(PREFIX) or holds_metadata(path)
    ]
    found.sort(key=lambda each: (_time_of(each), each.name), reverse=True)
    best = _best(found)
    return [replace(each, is_best=best is not None and each.path == best.path) for each in found]


def describe_due(models_dir: Path) -> str:
    """A line on the models that learned from a client who was erased since; "" without any.

    For after a training: what is left of the client is in their weights, and goes with them.
    """
    due = [each.name for each in list_models(models_dir) if each.retrain_due]
    if not due:
        return ""
    older = "an older model learned" if len(due) == 1 else f"{len(due)} older models learned"
    return (
        f"{older} from a client who was erased since, and `best` leaves them alone: "
        f"{', '.join(due)} in {models_dir}; delete what is not needed any more"
    )


def resolve_model(model_path: str, models_dir: Path, *, fix: str = TRAIN) -> Path:
    """The folder that `--model-path` means: `best`, a path, or a bare name in the models folder.

    Args:
      model_path: what was given.
      models_dir: where `best` and a bare name are looked for.
      fix: what to do where no model is there.

    Raises:
      NotFoundError: nothing is there; says where it looked.
      InvalidInputError: it is a run that is not finished.
    """
    if model_path == "best":
        return _resolve_best(models_dir, fix)
    path = Path(model_path).expanduser()
    if not path.exists() and len(path.parts) == 1:
        path = models_dir / path
    require_folder(path)
    if PART_NAME.fullmatch(path.name):
        fix = f"finish it with `lvmh-jax train --resume {path}` and the same options"
        raise InvalidInputError("is a run that is not finished", where=str(path), fix=fix)
    return path


def list_unfinished(models_dir: Path) -> list[Path]:
    """Part folders of runs that were interrupted, or are under way, the newest first."""
    parts = [path for path in _children(models_dir) if PART_NAME.fullmatch(path.name)]
    return sorted(parts, key=lambda path: (_stamp(path.name), path.name), reverse=True)


def find_part(resume: str, models_dir: Path) -> Path:
    """The part folder that `--resume` means: a path, a bare name, or `last` for the newest.

    Raises:
      NotFoundError: no such run.
      UsageError: the folder is not one of a run that can go on.
    """
    if resume == "last":
        parts = list_unfinished(models_dir)
        if not parts:
            raise NotFoundError(
                "no unfinished run to resume",
                where=str(models_dir),
                fix="start one with `lvmh-jax train`, without --resume",
            )
        return parts[0]
    path = Path(resume).expanduser()
    if not path.exists() and len(path.parts) == 1:
        path = models_dir / path
    require_folder(path, lambda near: bool(PART_NAME.fullmatch(near.name)))
    if not PART_NAME.fullmatch(path.resolve().name):
        raise UsageError(
            "there is nothing to resume: the run is finished, or it is none",
            where=str(path),
            expected="a folder `.concept_model_{size}_{timestamp}.part`",
        )
    return path


def score_of(metadata: Mapping[str, Any]) -> float | None:
    """The validated F1 of a model by its metadata, None where it was not validated."""
    return _number(_mapping(metadata.get("validation")).get("f1"))


def told_score(metadata: Mapping[str, Any]) -> float | None:
    """The score where it rests on enough to be told (`evaluate.basis`), else None."""
    few = not is_measurable(count_mentions(_mapping(metadata.get("validation"))))
    return None if few else score_of(metadata)


def _summarise(path: Path) -> ModelSummary:
    summary = ModelSummary(name=path.name, path=path)
    try:
        metadata = read_metadata(path)
        verify_manifest(path, digests=False)
    except LvmhError as error:
        return replace(summary, problem=str(error))
    except OSError as error:
        return replace(summary, problem=f"{path}: {error.strerror}")
    validation = _mapping(metadata.get("validation"))
    inputs = _mapping(metadata.get("inputs"))
    concepts = metadata.get("num_concepts")
    return replace(
        summary,
        size=_text(metadata.get("size")),
        num_concepts=concepts if type(concepts) is int else None,
        final_accuracy=_number(metadata.get("final_accuracy")),
        training_date=_text(metadata.get("training_date")),
        protocol=_text(validation.get("protocol")),
        score=score_of(metadata),
        lexicon_sha256=next((_text(inputs[key]) for key in LEXICONS if key in inputs), ""),
        retrain_due=metadata.get("retrain_due") is True,
        head_unused=_has_head_of_words(metadata),
        mentions=count_mentions(validation),
        **_decided(metadata, validation),
    )


def _has_head_of_words(metadata: Mapping[str, Any]) -> bool:
    """Whether a head ships that counts words: one with `notehead.buckets`, which 0.3 has not."""
    level = _mapping(_mapping(metadata.get("learned_matches")).get("note_level"))
    settings = _mapping(_mapping(metadata.get("configuration")).get("notehead"))
    return level.get("ships") is True and "buckets" in settings


def _decided(metadata: Mapping[str, Any], validation: Mapping[str, Any]) -> dict[str, Any]:
    decided = read_decided(metadata)
    if not adds_to(decided, validation.get("protocol"), count_mentions(validation)):
        return {}
    told = is_measurable(decided.mentions)
    return {"decided_on": decided.protocol, "decided_f1": decided.f1 if told else None}


def _best(newest_first: Sequence[ModelSummary]) -> ModelSummary | None:
    """The highest score among the models that compare with the newest; of equals, the newest.

    One that learned from what was erased since is taken only where all that compare did: it may
    well score higher, for it had more to learn from. Of the rest, one whose score is partly of what
    is not used any more is taken only where all are so.
    """
    sound = [each for each in newest_first if not each.problem]
    if not sound:
        return None
    group = (sound[0].lexicon_sha256, sound[0].protocol)
    peers = [each for each in sound if (each.lexicon_sha256, each.protocol) == group]
    peers = [each for each in peers if not each.retrain_due] or peers
    peers = [each for each in peers if not each.head_unused] or peers
    # max keeps the first of equals; a model without a score is only chosen where none has one.
    return max(peers, key=lambda each: -math.inf if each.score is None else each.score)


def _resolve_best(models_dir: Path, fix: str) -> Path:
    models = list_models(models_dir)
    for model in models:
        if model.is_best:
            return model.path
    if models:
        what = f"no whole model among {len(models)} folders ({models[0].problem})"
    else:
        what = "no trained model here"
    raise NotFoundError(what, where=str(models_dir), fix=fix)


def _time_of(model: ModelSummary) -> float:
    """Seconds since 1970: `training_date`, else the stamp in the name, else the beginning."""
    try:
        return datetime.fromisoformat(model.training_date).timestamp()
    except (ValueError, OverflowError, OSError):
        return _stamp(model.name)


def _stamp(name: str) -> float:
    found = PART_NAME.fullmatch(name) or MODEL_NAME.fullmatch(name)
    try:
        return datetime.strptime(found[2], STAMP).timestamp() if found else 0.0
    except (ValueError, OverflowError, OSError):
        return 0.0


def _children(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float | None:
    """A figure, or the `value` of a figure with its interval; None where it is neither."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
