"""A detector that went through a folder is the detector that went in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lvmh_jax.calibrate.gate import Decision, NoteLevel
from lvmh_jax.config import SCHEMA_VERSION, to_dict
from lvmh_jax.data.grams import GRAM_SPACE
from lvmh_jax.detect.detector import ConceptDetector
from lvmh_jax.detect.evidence import FEATURES
from lvmh_jax.detect.link import LinkCalibration
from lvmh_jax.detect.scorer import ALL_NOTES
from lvmh_jax.errors import InvalidInputError
from lvmh_jax.io import artefact, export
from lvmh_jax.io.artefact import ModelContents, read_model, write_model
from lvmh_jax.io.deciders import read_scorer, scorer_arrays, scorer_document
from lvmh_jax.io.default_scorer import load_default_scorer
from lvmh_jax.io.export import TrainedModel, pack_model, unpack_model
from lvmh_jax.models.scorer import FIRST
from lvmh_jax.pipeline.link import link_with
from lvmh_jax.train.scorer import ScorerFit
from tests.detect.builders import (
    FORMS,
    SENTENCES,
    TINY,
    list_notes,
    make_detector,
    make_fitted,
    make_scored,
    random_scorer,
)
from tests.detect.heads import make_head

NOTES = list_notes([*SENTENCES, "blackish noirs and handbags", "a pergola"])
METADATA = {
    "model_type": "concept_detector",
    "schema_version": SCHEMA_VERSION,
    "configuration": to_dict(TINY),
}


def make_model(detector: ConceptDetector) -> TrainedModel:
    held_A = np.arange(len(detector.index.aliases)) % 5 == 0
    return TrainedModel(
        detector=detector,
        settings=TINY,
        linking=LinkCalibration(0.3, 0.4),
        held_A=held_A,
        held_notes=frozenset({"0123456789abcdef", "fedcba9876543210"}),
        fold_of={"0123456789abcdef": 1, "aaaaaaaaaaaaaaaa": 0},
        curve=[(0.25, 0.5), (0.75, 1.0)],
        decision=Decision(
            "additions",
            "gold-dev",
            {"dictionary": 0.5, "additions": 0.75},
            NoteLevel(True, "gold-dev", 0.75, 0.8, 0.005, 60, 1),
        ),
        scorer_source="gold",
    )


def pack(detector: ConceptDetector) -> ModelContents:
    return pack_model(make_model(detector), METADATA, {"concept_examples": []}, "# card\n")


def carry(detector: ConceptDetector, folder: Path) -> TrainedModel:
    """Through a folder on disk and back."""
    write_model(folder, pack(detector))
    return unpack_model(read_model(folder), str(folder))


DETECTORS: dict[str, Callable[[], ConceptDetector]] = {
    "dictionary": make_detector,
    "random scorer": make_scored,
    "fitted scorer": lambda: make_fitted()[0],
    "note-level head": lambda: replace(
        make_scored(),
        scorer=random_scorer((ALL_NOTES, 0, 1), keep=0.3, add=0.0),
        note_head=make_head("the_als"),
    ),
}


@pytest.mark.parametrize("name", DETECTORS)
def test_mentions_are_the_same_to_the_last_bit(name: str, tmp_path: Path) -> None:
    detector = DETECTORS[name]()
    expected = detector.detect(NOTES)
    assert len(expected) > 10
    assert carry(detector, tmp_path / "model").detector.detect(NOTES) == expected


def test_fold_models_are_kept(tmp_path: Path) -> None:
    detector = make_fitted()[0]
    groups = [row % 2 for row in range(len(NOTES))]
    expected = detector.detect(NOTES, groups)
    assert carry(detector, tmp_path / "model").detector.detect(NOTES, groups) == expected
    assert expected != detector.detect(NOTES)


def test_links_are_the_same_to_the_last_bit(tmp_path: Path) -> None:
    model = make_model(make_detector())
    loaded = carry(make_detector(), tmp_path / "model")
    phrases = ["noir", "", "blackish", "handbags"]
    assert link_with(loaded, phrases, 3) == link_with(model, phrases, 3)


def test_everything_else_of_a_model_is_kept(tmp_path: Path) -> None:
    model, loaded = make_model(make_scored()), carry(make_scored(), tmp_path / "model")
    np.testing.assert_array_equal(loaded.held_A, model.held_A)
    for name in ("settings", "linking", "held_notes", "fold_of", "curve", "decision"):
        assert getattr(loaded, name) == getattr(model, name), name
    assert loaded.scorer_source == "gold"
    assert loaded.detector.dictionary_precision == model.detector.dictionary_precision
    assert loaded.detector.settings == model.detector.settings
    for left, right in zip(loaded.detector.concepts, model.detector.concepts, strict=True):
        assert left == replace(right, freq_notes=0, examples=())


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_model(tmp_path / name, pack(make_scored()))
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "weights.safetensors" in names
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_concept_mapping_is_parallel_to_the_concept_vectors(tmp_path: Path) -> None:
    write_model(tmp_path / "model", pack(make_detector()))
    contents = read_model(tmp_path / "model")
    mapping: Any = contents.documents["concept_mapping"]
    assert mapping["concepts"] == list(FORMS)  # those without aliases included, in file order
    assert len(mapping["labels"]) == len(mapping["buckets"]) == len(FORMS)
    vectors = contents.arrays["embeddings"]["concepts"]
    assert vectors.shape == (len(FORMS), TINY.model.width)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_files_are_of_safe_formats(tmp_path: Path) -> None:
    write_model(tmp_path / "model", pack(make_scored()))
    for path in (tmp_path / "model").rglob("*"):
        assert path.suffix in {".json", ".safetensors", ".md"}
        assert not path.read_bytes().startswith((b"\x80", b"PK", b"\x93NUMPY"))
    for module in (artefact, export):
        source = Path(module.__file__).read_text(encoding="utf-8")
        assert not re.search(r"^\s*(import|from) (pickle|marshal|shelve|joblib)", source, re.M)
        assert "allow_pickle=True" not in source


# Folders that do not fit together.


def change_document(contents: ModelContents, stem: str, *path: Any) -> ModelContents:
    """The contents with one value of a document replaced, on a copy."""
    documents: Any = json.loads(json.dumps(contents.documents))
    *folders, key, value = (stem, *path)
    place = documents
    for folder in folders:
        place = place[folder]
    place[key] = value
    return replace(contents, documents=documents)


def change_array(contents: ModelContents, stem: str, name: str, array: Any) -> ModelContents:
    arrays = {**contents.arrays, stem: {**contents.arrays[stem], name: array}}
    return replace(contents, arrays=arrays)


def features_of(contents: ModelContents) -> list[str]:
    decision: Any = contents.documents["decision"]
    return decision["scorer"]["features"]


def cut(contents: ModelContents, stem: str, name: str) -> ModelContents:
    return change_array(contents, stem, name, contents.arrays[stem][name][:-1])


def first_param(contents: ModelContents) -> str:
    return next(name for name in contents.arrays["scorer"] if name.startswith("params/"))


MISFITS: dict[str, Callable[[ModelContents], ModelContents]] = {
    "features in another order": lambda c: change_document(
        c, "decision", "scorer", "features", features_of(c)[::-1]
    ),
    "a feature less": lambda c: change_document(
        c, "decision", "scorer", "features", features_of(c)[:-1]
    ),
    "an alias vector less": lambda c: cut(c, "embeddings", "aliases"),
    "alias vectors of another width": lambda c: change_array(
        c, "embeddings", "aliases", c.arrays["embeddings"]["aliases"][:, :-1]
    ),
    "a held-out alias that is none": lambda c: change_document(c, "held_out", "aliases", [10**6]),
    "an unknown calibration": lambda c: change_document(
        c, "decision", "scorer", "calibration", {"tilt": 1.0}
    ),
    "no embeddings": lambda c: replace(
        c, arrays={k: v for k, v in c.arrays.items() if k != "embeddings"}
    ),
    "no lexicon": lambda c: replace(
        c, documents={k: v for k, v in c.documents.items() if k != "lexicon"}
    ),
    "a lexicon that is a list of numbers": lambda c: replace(
        c, documents={**c.documents, "lexicon": [1, 2]}
    ),
    "no configuration": lambda c: replace(
        c, metadata={k: v for k, v in c.metadata.items() if k != "configuration"}
    ),
}
# Sha256 proves that a folder is as it was written, not that what wrote it was sound.
UNSEEN: dict[str, Callable[[ModelContents], ModelContents]] = {
    "a concept vector less": lambda c: cut(c, "embeddings", "concepts"),
    "a gram less": lambda c: cut(c, "weights", "table"),
    "a concept class less": lambda c: cut(c, "weights", "classes"),
    "a mean less": lambda c: cut(c, "scorer", "mean"),
    "a model less": lambda c: cut(c, "scorer", first_param(c)),
}
HEADS: dict[str, Callable[[ModelContents], ModelContents]] = {
    "no arrays": lambda c: replace(
        c, arrays={k: v for k, v in c.arrays.items() if k != "note_head"}
    ),
    "a weight less": lambda c: cut(c, "note_head", "kernel"),
    "a gram less": lambda c: cut(c, "note_head", "grams"),
    "a concept outside the lexicon": lambda c: change_array(
        c, "note_head", "concepts", np.array([len(FORMS)])
    ),
    "a gram outside their space": lambda c: change_array(
        c, "note_head", "grams", np.array([GRAM_SPACE])
    ),
}


def check_refused(contents: ModelContents) -> None:
    with pytest.raises(InvalidInputError, match="the files of the model do not fit") as caught:
        unpack_model(contents, "models/x")
    message = str(caught.value)
    assert message.startswith("models/x: ")
    assert "\n" not in message


@pytest.mark.parametrize("name", MISFITS)
def test_files_that_do_not_fit_together_are_refused(name: str) -> None:
    check_refused(MISFITS[name](pack(make_scored())))


@pytest.mark.parametrize("name", UNSEEN)
def test_arrays_of_wrong_shapes_are_refused(name: str) -> None:
    check_refused(UNSEEN[name](pack(make_scored())))


@pytest.mark.parametrize("name", HEADS)
def test_a_note_level_head_that_does_not_fit_is_refused(name: str) -> None:
    check_refused(HEADS[name](pack(DETECTORS["note-level head"]())))


def test_a_note_level_head_is_kept(tmp_path: Path) -> None:
    detector = DETECTORS["note-level head"]()
    loaded = carry(detector, tmp_path / "model").detector
    assert any(mention.start is None for mention in loaded.detect(NOTES))
    # Fold 0 has a model of its own, which never names the concept.
    assert not any(m.start is None for m in loaded.detect(NOTES, [0] * len(NOTES)))


def test_a_note_level_head_of_words_is_left_out(tmp_path: Path) -> None:
    """Those of 0.2 read words and pairs of them, which nothing counts any more."""
    contents = pack(DETECTORS["note-level head"]())
    old = change_document(contents, "decision", "note_head", "buckets", 4096)
    assert unpack_model(old, "m").detector.note_head is None


def test_a_scorer_that_knows_fewer_features_decides_as_before() -> None:
    scorer = random_scorer((ALL_NOTES,), keep=0.0, add=0.0)
    known = [column for column in range(len(FEATURES)) if column % 9]
    first = scorer.fit.params_G["params"][FIRST]
    narrow = {**first, "kernel": np.asarray(first["kernel"])[:, known]}
    params_G = {"params": {**scorer.fit.params_G["params"], FIRST: narrow}}
    mean_F, std_F = scorer.fit.mean_F[known], scorer.fit.std_F[known]
    fit = ScorerFit(params_G, scorer.fit.group_G, mean_F, std_F)
    document = scorer_document(scorer)
    document["features"] = [FEATURES[column].name for column in known]
    wide = read_scorer(document, scorer_arrays(replace(scorer, fit=fit)))
    silenced = {**first, "kernel": np.asarray(first["kernel"]).copy()}
    silenced["kernel"][:, ::9] = 0
    params_G = {"params": {**scorer.fit.params_G["params"], FIRST: silenced}}
    features_NF = np.random.default_rng(0).normal(size=(50, len(FEATURES))).astype(np.float32)
    expected = replace(scorer, fit=scorer.fit._replace(params_G=params_G)).score(features_NF)
    np.testing.assert_allclose(wide.score(features_NF), expected, atol=1e-6)


def test_misfits_fit_before_they_are_changed() -> None:
    assert unpack_model(pack(make_scored()), "models/x").detector.scorer is not None


# The scorer that ships with the package.


def test_the_default_scorer_fits_this_version() -> None:
    default = load_default_scorer()
    detector = replace(make_detector(), scorer=default.scorer)
    assert detector.detect(NOTES)
    assert 0 < default.dictionary_precision <= 1
    confidences = [at for at, _ in default.curve]
    assert confidences == sorted(confidences)
    assert default.curve
