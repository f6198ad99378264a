"""The main directions of clients as rows of concept weights, and the lengths of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TINY = 1e-9  # of a row of length 1: below, what is left in a direction is rounding


def find_directions(
    weight_MC: sparse.csr_matrix, most: int, seed: int, part: Ints | None = None
) -> Floats:
    """Clients along the strongest singular directions of a part of them, strongest first.

    Returns: float64 rows_MK, columns of zeros where there are fewer directions.
    """
    from sklearn.utils.extmath import randomized_svd

    given = weight_MC if part is None else weight_MC[part]
    count = min(most, *given.shape)
    _, _, axes_KC = randomized_svd(given, count, n_iter=7, random_state=seed)
    return np.asarray(np.pad(weight_MC @ axes_KC.T, ((0, 0), (0, most - count))))


def normalize_rows(weight_MC: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divides rows by their length; zeros stay zeros.

    >>> normalize_rows(sparse.csr_matrix([[3.0, 4.0], [0.0, 0.0]])).toarray().tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    unit = sparse.csr_matrix(weight_MC, copy=True)
    row = np.repeat(np.arange(unit.shape[0]), np.diff(unit.indptr))
    length_M = np.sqrt(np.bincount(row, unit.data**2, minlength=unit.shape[0]))
    unit.data /= np.where(length_M > 0, length_M, 1)[row]
    return unit


def to_unit(space_MK: Floats) -> Floats:
    """Divides rows by their length; zeros stay zeros."""
    length_M1 = np.linalg.norm(space_MK, axis=1, keepdims=True)
    return np.asarray(space_MK / np.where(length_M1 > TINY, length_M1, np.inf))


def count_different(rows_NX: sparse.csr_matrix | Floats) -> int:
    """How many different rows there are, up to rounding.

    >>> count_different(np.array([[0.5, 1.0], [1.0, 0.5], [0.5, 1.0]]))
    2
    """
    # A random direction keeps different rows apart, and one column is quickly sorted.
    along_X = np.random.default_rng(0).normal(size=rows_NX.shape[1])
    return len(np.unique(np.round(rows_NX @ along_X, 6)))


def measure_silhouette(rows_MK: Floats, label_M: Ints) -> float:
    """Mean silhouette by cosine; 0 where there is one group, or each row is one.

    The cosine to a group's rows is on average that to the sum of them, so no pair is looked at.

    Args:
      rows_MK: float64 of length 1, or of zeros.
      label_M: int64 groups from 0, none empty.
    Source: Rousseeuw, 1987.

    >>> measure_silhouette(np.eye(2)[[0, 0, 1, 1]], np.array([0, 0, 1, 1]))
    1.0
    """
    size_G, place_M = np.bincount(label_M), np.arange(len(label_M))
    if not 1 < len(size_G) < len(label_M):
        return 0.0
    ones = sparse.csr_matrix((np.ones(len(label_M)), (label_M, place_M)))
    far_MG = size_G - rows_MK @ (ones @ rows_MK).T
    itself_M = 1 - (rows_MK**2).sum(1)
    own_M = (far_MG[place_M, label_M] - itself_M) / np.maximum(size_G[label_M] - 1, 1)
    far_MG = far_MG / size_G
    far_MG[place_M, label_M] = np.inf
    next_M = far_MG.min(1)
    gain_M = (next_M - own_M) / np.maximum(np.maximum(own_M, next_M), TINY)
    return float(np.where(size_G[label_M] > 1, gain_M, 0.0).mean())
