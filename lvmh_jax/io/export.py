"""A detector to the contents of a model folder, and back.

Everything that inference needs is there, and nothing of the notes: the lexicon, the weights, the
vectors, what the scorer decides by, and which aliases and notes (hashed) were held out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.calibrate.gate import Decision, NoteLevel
from lvmh_jax.config import Settings, from_dict
from lvmh_jax.data.lexicon import list_aliases, parse_lexicon
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.encode import PhraseEncoder
from lvmh_jax.detect.index import build_index
from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io.arrays import check_shapes, encoder_shapes, flatten, unflatten
from lvmh_jax.io.artefact import ModelContents
from lvmh_jax.io.deciders import (
    head_arrays,
    head_document,
    is_head_of_words,
    memory_arrays,
    read_head,
    read_memory,
    read_scorer,
    scorer_arrays,
    scorer_document,
)
from lvmh_jax.records import Concept, Lexicon
from lvmh_jax.stages.vectors import list_concept_vectors


@dataclass(frozen=True)
class TrainedModel:
    """A detector with what evaluation and linking need to know of its training.

    Attributes:
      held_A: aliases hidden from training, by row.
      held_notes: hashed ids of the notes that training did not see.
      fold_of: hashed id of each note that fitted the scorer -> fold that did not see it.
      curve: (confidence, precision) of the scorer, rising, where gold could tell.
      scorer_source: `gold` where the workspace's gold fitted the scorer, `default` where the one
        that ships with the package was used, `none` for the dictionary.
    """

    detector: ConceptDetector
    settings: Settings
    linking: LinkCalibration
    held_A: NDArray[np.bool_]
    held_notes: frozenset[str]
    fold_of: dict[str, int]
    curve: list[tuple[float, float]]
    decision: Decision
    scorer_source: str


def pack_model(
    model: TrainedModel, metadata: dict[str, Any], examples: dict[str, object], readme: str
) -> ModelContents:
    """Turns a model into files of safe formats."""
    detector = model.detector
    arrays = {
        "weights": flatten(detector.encoder.params),
        "embeddings": {
            "aliases": detector.index.vectors_AD,
            "concepts": list_concept_vectors(detector.encoder),
        },
    }
    if detector.scorer is not None:
        arrays["scorer"] = scorer_arrays(detector.scorer)
    if detector.memory is not None:
        arrays["memory"] = memory_arrays(detector.memory)
    if detector.note_head is not None:
        arrays["note_head"] = head_arrays(detector.note_head)
    documents: dict[str, object] = {
        "concept_mapping": {
            "concepts": [concept.concept_id for concept in detector.concepts],
            "labels": [concept.label for concept in detector.concepts],
            "buckets": [concept.bucket for concept in detector.concepts],
        },
        "training_examples": examples,
        "lexicon": [_concept_document(concept) for concept in detector.concepts],
        "decision": _decision_document(model),
        "held_out": {
            "aliases": np.flatnonzero(model.held_A).tolist(),
            "notes": sorted(model.held_notes),
            "folds": dict(sorted(model.fold_of.items())),
        },
    }
    return ModelContents(metadata, documents, arrays, readme)


def unpack_model(contents: ModelContents, where: str) -> TrainedModel:
    """Rebuilds a model from its folder.

    Raises:
      InvalidInputError: a file is missing or does not fit the others.
    """
    try:
        _check_types(contents)
        return _unpack(contents, where)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise InvalidInputError(
            f"the files of the model do not fit together ({type(error).__name__})",
            where=where,
            fix="train again, or copy the folder again",
        ) from error


def _check_types(contents: ModelContents) -> None:
    """Raises ValueError for what Python would take without a word, and decide by."""
    configuration = contents.metadata["configuration"]
    documents: Mapping[str, Any] = contents.documents
    decision, held = documents["decision"], documents["held_out"]
    sections = (each for name, each in configuration.items() if name != "size")
    sound = (
        all(isinstance(each, dict) for each in sections)
        and all(array.dtype.kind == "f" for array in contents.arrays["weights"].values())
        and all(type(row) is int and row >= 0 for row in list(held["aliases"]))
        and isinstance(held["notes"], list)
        and all(isinstance(each, str) for each in held["notes"])
        and 0 <= decision["dictionary_precision"] <= 1
    )
    if not sound:
        raise ValueError("a value is of another type or range than was written")


def _unpack(contents: ModelContents, where: str) -> TrainedModel:
    settings = from_dict(contents.metadata["configuration"])
    documents: Mapping[str, Any] = contents.documents
    concepts = _read_concepts(documents["lexicon"], f"{where}: lexicon.json")
    check_shapes(contents.arrays["weights"], encoder_shapes(settings.model, len(concepts)))
    encoder = PhraseEncoder(settings.model, len(concepts), unflatten(contents.arrays["weights"]))
    aliases = list_aliases(Lexicon(concepts))
    width = settings.model.width
    vectors = contents.arrays["embeddings"]
    check_shapes(vectors, {"aliases": (len(aliases), width), "concepts": (len(concepts), width)})
    decision, held = documents["decision"], documents["held_out"]
    scorer = None
    if decision["scorer"] is not None:
        scorer = read_scorer(decision["scorer"], contents.arrays["scorer"])
    remembers = bool(decision["remembers"])
    head = None
    if decision["note_head"] is not None and not is_head_of_words(decision["note_head"]):
        head = read_head(decision["note_head"], contents.arrays["note_head"], len(concepts))
    detector = ConceptDetector(
        concepts=concepts,
        index=build_index(aliases, len(concepts), encoder, vectors["aliases"]),
        encoder=encoder,
        scorer=scorer,
        dictionary_precision=float(decision["dictionary_precision"]),
        settings=settings.detect,
        memory=read_memory(contents.arrays["memory"], len(concepts)) if remembers else None,
        note_head=head,
    )
    held_A = np.zeros(len(aliases), bool)
    held_A[np.array(held["aliases"], np.int64)] = True
    return TrainedModel(
        detector=detector,
        settings=settings,
        linking=LinkCalibration(**decision["linking"]),
        held_A=held_A,
        held_notes=frozenset(held["notes"]),
        fold_of={str(key): int(fold) for key, fold in held["folds"].items()},
        curve=[(float(at), float(share)) for at, share in decision["precision_curve"]],
        decision=_read_decision(decision),
        scorer_source=decision["scorer_source"],
    )


def _decision_document(model: TrainedModel) -> dict[str, Any]:
    detector, decision = model.detector, model.decision
    return {
        "mode": decision.mode,
        "protocol": decision.protocol,
        "f1": decision.f1,
        "note_level": asdict(decision.note_level) if decision.note_level else None,
        "why_off": decision.why_off,
        "scorer_source": model.scorer_source,
        "scorer": scorer_document(detector.scorer) if detector.scorer else None,
        "note_head": head_document(detector.note_head) if detector.note_head else None,
        "remembers": detector.memory is not None,
        "dictionary_precision": detector.dictionary_precision,
        "linking": asdict(model.linking),
        "precision_curve": model.curve,
    }


def _read_decision(document: Mapping[str, Any]) -> Decision:
    level = document["note_level"]
    return Decision(
        document["mode"],
        document["protocol"],
        document["f1"],
        None if level is None else NoteLevel(**level),
        document.get("why_off", ""),  # of 0.3.0 and before it is not told
    )


def _concept_document(concept: Concept) -> dict[str, Any]:
    """A concept without `examples`: note ids stay in the workspace."""
    return {
        "concept_id": concept.concept_id,
        "label": concept.label,
        "aliases": list(concept.aliases),
        "bucket": concept.bucket,
        "languages": list(concept.languages),
        "sensitive": concept.sensitive,
    }


def _read_concepts(documents: list[dict[str, Any]], where: str) -> tuple[Concept, ...]:
    """The concepts, by the reader of every lexicon; it may change nothing, for rows are counted.

    Raises:
      ValueError: it would.
      InvalidInputError: it refuses them.
    """
    lexicon, _ = parse_lexicon({each["concept_id"]: each for each in documents}, where)
    if [_concept_document(concept) for concept in lexicon.concepts] != documents:
        raise ValueError("the lexicon is not as it was written")
    return lexicon.concepts
