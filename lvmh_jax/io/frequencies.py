"""Frequencies of words, kept between runs beside the compiled programs.

Folding wordfreq's lists takes half a second of every process that detects; reading what came of it
a twentieth.
"""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import numpy as np

from lvmh_jax.data.frequency import LANGUAGES, LEAST, fold_lists, read_frequencies_by
from lvmh_jax.io.manifest import write_bytes
from lvmh_jax.io.runtime import cache_folder, read_version

END = "\n"  # between forms; no token holds one


def keep_frequencies() -> None:
    """Lets `data.frequency` read its words from the cache, and write them where they are not there.

    Nothing is read before a word is asked for. A cache that is switched off, broken or cannot be
    written is done without.
    """
    read_frequencies_by(_recall)


def _recall() -> dict[str, int]:
    folder = cache_folder()
    if folder is None:
        return fold_lists()
    file = folder / f"words-{_name_lists()}.npz"
    known = _read(file)
    if known is None:
        known = fold_lists()
        _write(file, known)
    return known


def _name_lists() -> str:
    """What the folded lists depend on, as a name."""
    told = (read_version(), version("wordfreq"), unicodedata.unidata_version, LEAST, LANGUAGES)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _read(file: Path) -> dict[str, int] | None:
    try:
        with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            forms = arrays["forms"].tobytes().decode("utf-8", "surrogatepass").split(END)
            centibels = arrays["centibels"].tolist()
        return dict(zip(forms, centibels, strict=True))
    # A zip has a checksum of each array; what is no zip at all numpy takes for a pickle.
    except (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile):
        return None


def _write(file: Path, known: Mapping[str, int]) -> None:
    forms = np.frombuffer(END.join(known).encode("utf-8", "surrogatepass"), np.uint8)
    data = BytesIO()
    np.savez(data, forms=forms, centibels=np.array(list(known.values()), np.int16))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(file, data.getvalue())
    except OSError:
        return
