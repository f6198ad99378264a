"""Cache of results per wording: a table of fixed size, in which new rows replace old ones.

Notes repeat themselves. Results that depend only on a wording are computed once, and are the same
to the last bit with an empty cache (`tests/detect/test_seen.py`). Keys are 64-bit hashes, so their
leading bits serve as the position.
"""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray

Names = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float32]
PLACES_LOG2 = 20  # 8 MB, and 4 MB for each column
BESIDE = np.uint64(1)


class NameTable:
    """Cache of float32 rows of equal width, by 64-bit name; thread-safe.

    float32 represents every row number below 2^24 exactly.
    """

    def __init__(self) -> None:
        """Creates an empty cache; memory pages are allocated as it fills."""
        self._names_M = np.zeros(1 << PLACES_LOG2, np.uint64)
        self._values_MC = np.zeros((1 << PLACES_LOG2, 0), np.float32)
        self._lock = Lock()

    def recall(self, names_N: Names, width: int) -> tuple[Floats, Bools]:
        """Looks up names; returns float32 values_NC and a bool mask of the names found.

        Args:
          names_N: uint64 names other than 0, which marks an empty slot.
          width: C; if it differs from the width of the cache, nothing is found.
        """
        place_N = self._place(names_N)
        with self._lock:
            if width != self._values_MC.shape[1]:
                return np.zeros((len(names_N), width), np.float32), np.zeros(len(names_N), bool)
            there_N = self._names_M[place_N] == names_N
            place_N = np.where(there_N, place_N, place_N ^ BESIDE)
            return self._values_MC[place_N], self._names_M[place_N] == names_N

    def add(self, names_N: Names, values_NC: Floats) -> None:
        """Adds rows under distinct names; rows of another width are discarded first."""
        place_N = self._place(names_N)
        with self._lock:
            if values_NC.shape[1] != self._values_MC.shape[1]:
                self._names_M = np.zeros_like(self._names_M)
                self._values_MC = np.zeros((len(self._names_M), values_NC.shape[1]), np.float32)
            # If its slot is taken, a new name goes to the neighbouring slot and replaces what is
            # there. Another thread may have added the same name in the meantime.
            here_N = self._names_M[place_N]
            place_N = np.where((here_N == 0) | (here_N == names_N), place_N, place_N ^ BESIDE)
            # Of several names for one slot, one is kept, with its own row.
            place_N, kept_N = np.unique(place_N, return_index=True)
            self._names_M[place_N] = names_N[kept_N]
            self._values_MC[place_N] = values_NC[kept_N]

    def _place(self, names_N: Names) -> Names:
        return names_N >> np.uint64(64 - PLACES_LOG2)
