"""`ConceptVectorizer`: what scikit-learn asks of a transformer, and that its cells are mentions."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.exceptions import NotFittedError, SkipTestWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from sklearn.utils.validation import check_is_fitted, validate_data

from lvmh_jax import ConceptVectorizer, Detector
from lvmh_jax.errors import InvalidInputError, LvmhWarning, NotFoundError, UsageError
from lvmh_jax.io.manifest import write_manifest
from tests.pipeline.workshop import Shop, copy_model

# scikit-learn's checks.


class OfNumbers(ConceptVectorizer):
    """Takes a table of numbers as the checks make it, and reads each row as a text."""

    WORDS = ("noir ", "cadeau ", "sac ", "nickel ", "pas de logo ", "x ")

    def fit(self, X: Any, y: object = None) -> Self:
        return super().fit(self._write(X, reset=True), y)

    def transform(self, X: Any) -> Any:
        check_is_fitted(self)
        return super().transform(self._write(X, reset=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        return tags

    def _write(self, X: Any, *, reset: bool) -> list[str]:
        rows = np.abs(validate_data(self, X, reset=reset)) * 10 % len(self.WORDS)
        return ["".join(self.WORDS[int(cell)] for cell in row) for row in rows]


def test_the_checks_of_scikit_learn_for_what_takes_text(shop: Shop) -> None:
    with warnings.catch_warnings():
        # They say themselves that they cannot make texts.
        warnings.simplefilter("ignore", SkipTestWarning)
        results = check_estimator(ConceptVectorizer(shop.model))
    assert {result["status"] for result in results} == {"passed"}


def test_the_checks_of_scikit_learn_on_rows_that_are_read_as_texts(shop: Shop) -> None:
    results = check_estimator(OfNumbers(shop.model, dense=True), on_skip=None, on_fail=None)
    failed = {r["check_name"]: repr(r["exception"]) for r in results if r["status"] == "failed"}
    assert failed == {}
    # Needs SCIPY_ARRAY_API=1 in the environment before scipy is imported.
    skipped = {r["check_name"] for r in results if r["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}
    assert sum(r["status"] == "passed" for r in results) >= 40


# Cells.


@pytest.mark.parametrize("polarity", ["affirmed", "negated", "both"])
def test_a_cell_is_the_surest_mention(
    shop: Shop, detector: Detector, texts: list[str], polarity: str
) -> None:
    vectorizer = ConceptVectorizer(shop.model, polarity=polarity, batch_size=7).fit(texts)
    found = vectorizer.transform(texts)
    assert sparse.issparse(found)
    assert found.dtype == np.float32
    assert found.has_canonical_format
    columns = list(vectorizer.get_feature_names_out())
    assert columns == list(detector.concepts)
    expected = np.zeros((len(texts), len(columns)), np.float32)
    for row, mentions in enumerate(detector.detect(texts)):
        for m in mentions:
            if polarity in (m.polarity, "both"):
                column = columns.index(m.concept_id)
                expected[row, column] = max(expected[row, column], m.confidence)
    # A score moves in the last digit with the batch that a text is in.
    np.testing.assert_allclose(found.toarray(), expected, atol=2e-6)
    assert expected.any()


def test_min_confidence_empties_cells(shop: Shop, texts: list[str]) -> None:
    everything = ConceptVectorizer(shop.model).fit_transform(texts).toarray()
    least = float(np.median(everything[everything > 0]))
    kept = ConceptVectorizer(shop.model, min_confidence=least).fit_transform(texts).toarray()
    assert 0 < np.count_nonzero(kept) < np.count_nonzero(everything)
    np.testing.assert_array_equal(kept, np.where(everything >= least, everything, 0))


def test_texts_come_as_lists_series_and_arrays(shop: Shop, texts: list[str]) -> None:
    vectorizer = ConceptVectorizer(shop.model, dense=True).fit(texts)
    expected = vectorizer.transform(texts[:5])
    assert expected.shape == (5, len(vectorizer.concepts_))
    few = texts[:5]
    column = pd.DataFrame({"text": few})
    arrays = (np.array(few), np.array(few, object), np.array(few)[:, None])
    for given in (tuple(few), *arrays, pd.Series(few), column, iter(few)):
        np.testing.assert_array_equal(vectorizer.transform(given), expected)
    np.testing.assert_array_equal(clone(vectorizer).fit_transform(iter(few)), expected)
    assert vectorizer.transform([]).shape == (0, len(vectorizer.concepts_))
    thin = ConceptVectorizer(shop.model)
    for each in (clone(vectorizer), thin):
        named = each.set_output(transform="pandas").fit_transform(pd.Series(few))
        assert list(named.columns) == list(vectorizer.concepts_)
        np.testing.assert_array_equal(named.to_numpy(), expected)
    with config_context(transform_output="pandas"):
        assert list(ConceptVectorizer(shop.model).fit_transform(few).columns) == list(named.columns)
    assert sparse.issparse(thin.set_output(transform="default").transform(few))


def test_it_works_in_pipelines(shop: Shop, texts: list[str]) -> None:
    concept = int(ConceptVectorizer(shop.model).fit_transform(texts).getnnz(axis=0).argmax())
    labels = ConceptVectorizer(shop.model).fit_transform(texts).toarray()[:, concept] > 0
    assert 5 < labels.sum() < len(texts) - 5
    pipeline = make_pipeline(ConceptVectorizer(shop.model), LogisticRegression(C=100))
    # The label is one of the columns: what learns from them must find it.
    guessed = max(labels.mean(), 1 - labels.mean())
    assert cross_val_score(pipeline, texts, labels, cv=3).mean() > guessed + 0.1
    frame = pd.DataFrame({"text": texts, "visits": 1.0})
    columns = make_column_transformer((ConceptVectorizer(shop.model), "text"))
    assert columns.fit_transform(frame).shape[0] == len(texts)


# Copies.


def test_a_pickle_holds_the_path_alone(shop: Shop, texts: list[str], tmp_path: Path) -> None:
    model = copy_model(shop, tmp_path)
    vectorizer = ConceptVectorizer(model).fit(texts)
    stored = pickle.dumps(vectorizer)
    assert len(stored) < 10_000
    again = pickle.loads(stored)
    assert (again.transform(texts) != vectorizer.transform(texts)).nnz == 0
    assert not hasattr(clone(vectorizer), "concepts_")
    (model / "README.md").write_text("another")
    write_manifest(model)
    with pytest.raises(InvalidInputError, match=r"the model has changed since fit.*fit again"):
        again.transform(texts)


# What is refused.


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model_path": ""}, "model_path is missing"),
        ({"polarity": "denied"}, "polarity is wrong; expected one of affirmed, negated, both"),
        ({"min_confidence": 2}, "min_confidence is wrong"),
        ({"min_confidence": float("nan")}, "min_confidence is wrong"),
        ({"min_confidence": None}, "min_confidence is wrong"),
        ({"min_confidence": "x"}, "min_confidence is wrong"),
        ({"polarity": []}, "polarity is wrong"),
        ({"language": None}, "language is wrong"),
        ({"batch_size": 0}, "batch_size is wrong"),
        ({"batch_size": "x"}, "batch_size is wrong"),
        ({"batch_size": 1.5}, "batch_size is wrong; expected a whole number, 1 or more"),
    ],
)
def test_a_wrong_parameter_is_told_in_fit(shop: Shop, parameters: dict, message: str) -> None:
    vectorizer = ConceptVectorizer(shop.model).set_params(**parameters)
    with pytest.raises(UsageError, match=message):
        vectorizer.fit(["x"])


@pytest.mark.parametrize(
    "wrong",
    [
        "Mme Durand",
        b"Mme Durand",
        {"Mme Durand": "x"},
        ["Mme Durand", None],
        pd.DataFrame({"text": ["Mme Durand"], "more": ["x"]}),
        np.array([["Mme Durand", "x"]]),
        3,
    ],
)
def test_what_is_no_text_is_refused_without_showing_it(shop: Shop, wrong: Any) -> None:
    vectorizer = ConceptVectorizer(shop.model).fit(["x"])
    for method in (vectorizer.fit, vectorizer.transform):
        with pytest.raises(UsageError, match=r"one column of texts|row 1 is NoneType") as refused:
            method(wrong)
        assert "Durand" not in str(refused.value)


def test_without_a_model_or_a_fit_nothing_is_transformed(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such model folder"):
        ConceptVectorizer(tmp_path / "absent").fit(["x"])
    with pytest.raises(NotFittedError, match="not fitted yet"):
        ConceptVectorizer(shop.model).transform(["x"])


def test_the_package_alone_brings_no_scikit_learn() -> None:
    code = "import sys, lvmh_jax; print({'sklearn', 'jax', 'pandas', 'spacy'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"


def test_a_language_is_read_as_the_door_reads_it(shop: Shop, detector: Detector) -> None:
    alias = next(c.aliases[0] for c in detector._model.detector.concepts if c.aliases)
    texts = [f"mai {alias}"] * 3

    def transform(language: str) -> np.ndarray:
        options = {"polarity": "both", "dense": True, "batch_size": 1, "language": language}
        return ConceptVectorizer(shop.model, **options).fit_transform(texts)

    assert (transform("Italian") == transform("IT")).all()
    assert (transform("it-IT") != transform("")).any()
    with pytest.warns(LvmhWarning, match="1 of 1 languages are none of the twelve") as caught:
        assert (transform("klingon") == transform("")).all()
    assert len(caught) == 1
