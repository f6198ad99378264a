"""What was found of wordings before: a table of a fixed size, where a new row replaces an old one.

Notes repeat themselves. What depends on a wording alone is computed once, and what is found is the
same to the last bit with an empty table (`tests/detect/test_seen.py`). Names are 64-bit hashes that
are spread already, so their first bits are the place.
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
    """Rows of numbers under names, all of one width; several threads may use it at once.

    float32 holds every row of a lexicon below 2^24 exactly.
    """

    def __init__(self) -> None:
        """Makes an empty table; its memory is used as it fills."""
        self._names_M = np.zeros(1 << PLACES_LOG2, np.uint64)
        self._values_MC = np.zeros((1 << PLACES_LOG2, 0), np.float32)
        self._lock = Lock()

    def recall(self, names_N: Names, width: int) -> tuple[Floats, Bools]:
        """The rows of names, values_NC, and which of them are there.

        Args:
          names_N: none of them 0, which is an empty place.
          width: C; of another width nothing is there.
        """
        place_N = self._place(names_N)
        with self._lock:
            if width != self._values_MC.shape[1]:
                return np.zeros((len(names_N), width), np.float32), np.zeros(len(names_N), bool)
            there_N = self._names_M[place_N] == names_N
            place_N = np.where(there_N, place_N, place_N ^ BESIDE)
            return self._values_MC[place_N], self._names_M[place_N] == names_N

    def add(self, names_N: Names, values_NC: Floats) -> None:
        """Adds rows under distinct names; those of another width are forgotten."""
        place_N = self._place(names_N)
        with self._lock:
            if values_NC.shape[1] != self._values_MC.shape[1]:
                self._names_M = np.zeros_like(self._names_M)
                self._values_MC = np.zeros((len(self._names_M), values_NC.shape[1]), np.float32)
            # A taken place sends a newcomer to the one beside, and who was there goes. Another
            # thread may have added the same name meanwhile.
            here_N = self._names_M[place_N]
            place_N = np.where((here_N == 0) | (here_N == names_N), place_N, place_N ^ BESIDE)
            # Of names that share a place one stays, the same for its name and its row.
            place_N, kept_N = np.unique(place_N, return_index=True)
            self._names_M[place_N] = names_N[kept_N]
            self._values_MC[place_N] = values_NC[kept_N]

    def _place(self, names_N: Names) -> Names:
        return names_N >> np.uint64(64 - PLACES_LOG2)
