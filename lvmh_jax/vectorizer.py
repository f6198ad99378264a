"""Texts to a matrix of concepts, as a transformer of scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy import sparse
from sklearn import get_config
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from lvmh_jax.api import Detector, find_model, find_no_text
from lvmh_jax.errors import InvalidInputError, UsageError
from lvmh_jax.io.languages import read_languages
from lvmh_jax.io.manifest import MANIFEST
from lvmh_jax.io.parts import digest_file
from lvmh_jax.records import AFFIRMED, NEGATED, Mention

if TYPE_CHECKING:
    from numpy.typing import NDArray

POLARITIES = {AFFIRMED: (AFFIRMED,), NEGATED: (NEGATED,), "both": (AFFIRMED, NEGATED)}


class ConceptVectorizer(TransformerMixin, BaseEstimator):
    """How sure each concept is in each text, for what scikit-learn makes of features.

    A cell is the confidence of the surest mention, 0 where there is none. `fit` learns nothing
    from the texts: the model was trained by `lvmh-jax train`. A pickle holds the path of the
    model and not the model, which must be there, and the same, where it is loaded.

    Args:
      model_path: a model folder, as `Detector.load` takes it.
      min_confidence: mentions below it count as none; 0 takes all that the model reports.
      polarity: of the mentions that count: `affirmed`, `negated` or `both`.
      language: of all texts, or "" where it is not known; see `Detector.detect`.
      dense: return an array, not a sparse matrix; with `set_output(transform="pandas")` it does.
      batch_size: texts looked at in one go; it bounds memory.

    Attributes:
      concepts_: concept ids, in the order of the columns.
      digest_: of the model.

    Example:
      pipeline = make_pipeline(ConceptVectorizer("models/concept_model_base_..."),
                               LogisticRegression())
      pipeline.fit(texts, came_again)
    """

    def __init__(
        self,
        model_path: str | Path = "",
        *,
        min_confidence: float = 0.0,
        polarity: str = AFFIRMED,
        language: str = "",
        dense: bool = False,
        batch_size: int = 4096,
    ) -> None:
        self.model_path = model_path
        self.min_confidence = min_confidence
        self.polarity = polarity
        self.language = language
        self.dense = dense
        self.batch_size = batch_size

    def fit(self, X: Iterable[str], y: object = None) -> Self:
        """Loads the model; the texts are only looked at for being texts.

        Args:
          X: texts; a table of one column is taken, too.
          y: ignored.

        Raises:
          UsageError: a wrong parameter, or no texts.
          NotFoundError, InvalidInputError: no such model, or one that was changed.
        """
        self._require_parameters()
        _require_texts(X)
        folder = find_model(self.model_path)
        self.digest_ = digest_file(folder / MANIFEST)
        concepts = _load(str(folder), self.digest_).concepts
        self.concepts_ = np.array(concepts, object)
        return self

    def fit_transform(self, X: Iterable[str], y: object = None, **options: Any) -> Any:
        """As `fit` and then `transform`, of texts that may come one by one."""
        # Of an iterator `fit` would leave nothing.
        return super().fit_transform(list(X) if isinstance(X, Iterator) else X, y, **options)

    def transform(self, X: Iterable[str]) -> sparse.csr_matrix | NDArray[np.float32]:
        """The concepts of texts.

        Args:
          X: texts; a table of one column is taken, too.

        Returns: float32 [texts, concepts], a `csr_matrix` unless `dense`, or a frame is asked for.

        Raises:
          UsageError: no texts.
          InvalidInputError: the model is another than that of `fit`.
        """
        check_is_fitted(self)
        self._require_parameters()
        folder = find_model(self.model_path)
        if digest_file(folder / MANIFEST) != self.digest_:
            raise InvalidInputError(
                "the model has changed since fit", where=folder.as_posix(), fix="fit again"
            )
        detector = _load(str(folder), self.digest_)
        texts, step = _require_texts(X), self.batch_size
        languages = read_languages([self.language])
        batches = (texts[start : start + step] for start in range(0, len(texts), step))
        parts = [self._count(detector.detect(batch, languages * len(batch))) for batch in batches]
        empty = sparse.csr_matrix((0, len(self.concepts_)), dtype=np.float32)
        matrix_BC = sparse.vstack([empty, *parts], format="csr", dtype=np.float32)
        return matrix_BC.toarray() if self.dense or self._makes_frame() else matrix_BC

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Concept ids, in the order of the columns; `input_features` is ignored."""
        check_is_fitted(self)
        return np.array(self.concepts_, object)

    def __sklearn_tags__(self) -> Any:
        """Takes strings, and no table of numbers."""
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _makes_frame(self) -> bool:
        """Whether scikit-learn is to make a frame of the matrix, which it does of dense ones."""
        chosen = getattr(self, "_sklearn_output_config", {}).get("transform")
        return (chosen or get_config()["transform_output"]) != "default"

    def _count(self, found: list[list[Mention]]) -> sparse.csr_matrix:
        column_of = {concept: column for column, concept in enumerate(self.concepts_)}
        cells: dict[tuple[int, int], float] = {}
        for row, mentions in enumerate(found):
            for mention in mentions:
                sure, cell = mention.confidence, (row, column_of[mention.concept_id])
                counts = mention.polarity in POLARITIES[self.polarity]
                if counts and sure >= self.min_confidence:
                    cells[cell] = max(sure, cells.get(cell, 0.0))
        places_N2 = np.array(list(cells), np.int64).reshape(-1, 2)
        values_N = np.fromiter(cells.values(), np.float32, len(cells))
        shape = (len(found), len(self.concepts_))
        return sparse.csr_matrix((values_N, (places_N2[:, 0], places_N2[:, 1])), shape)

    def _require_parameters(self) -> None:
        if not isinstance(self.model_path, str | Path) or not str(self.model_path):
            raise UsageError("model_path is missing", expected="the path of a model folder")
        if not isinstance(self.polarity, str) or self.polarity not in POLARITIES:
            raise UsageError("polarity is wrong", expected=f"one of {', '.join(POLARITIES)}")
        if not _is_share(self.min_confidence):
            raise UsageError("min_confidence is wrong", expected="a number from 0 to 1")
        if not isinstance(self.language, str):
            raise UsageError("language is wrong", expected="an ISO 639-1 code or ''")
        if not _is_count(self.batch_size):
            raise UsageError("batch_size is wrong", expected="a whole number, 1 or more")


# Grid search and cross-validation clone and fit over and over: each would load the model anew.
@lru_cache(maxsize=1)
def _load(path: str, digest: str) -> Detector:
    """The model of that digest."""
    return Detector.load(path)


def _is_share(value: object) -> bool:
    return isinstance(value, Real) and 0 <= float(value) <= 1


def _is_count(value: object) -> bool:
    return isinstance(value, Integral) and int(value) >= 1


def _require_texts(texts: Iterable[str]) -> list[str]:
    """A list of texts; what is no text is not shown, for it may be personal."""
    axes = getattr(texts, "ndim", 1)
    if axes == 2 and getattr(texts, "shape", ())[1:] == (1,):
        table: Any = texts
        texts, axes = table.iloc[:, 0] if hasattr(table, "iloc") else table[:, 0], 1
    if isinstance(texts, str | bytes | Mapping) or axes != 1 or not isinstance(texts, Iterable):
        raise UsageError("one column of texts is needed", expected="a list or series of strings")
    listed = list(texts)
    what, fix = find_no_text(listed)
    if what:
        raise UsageError(what, expected="a string", fix=fix)
    return listed
