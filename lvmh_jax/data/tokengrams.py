"""Hashed n-grams of tokens: the encoder's only view of a word.

The n-grams of a token are its folded word, its character n-grams with boundary marks, and a mark
for capitals (case is information: folding it away is the costliest error on abstracts). Ids are
CRC-32 hashes into a fixed number of buckets (Weinberger et al., arXiv:0902.2206), so no word of a
note is ever stored; id 0 is padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.crc import crc_of_slices

GRAMS_PER_TOKEN = 16  # 99 % of the tokens of the demo lexicon have no more
SIZES = (3, 4)
DENSE_SIZES = (1, 2, 3)
# A syllable or ideograph carries as much information as two or three letters of an alphabet.
DENSE_SCRIPTS = ("\u1100", "\u11ff"), ("\u3040", "\u9fff"), ("\uac00", "\ud7a3")
PART = 4096  # tokens hashed at once, which bounds memory
MOST_HELD = 1 << 15  # cached tokens: 8 MB for each number of buckets
Bools = NDArray[np.bool_]


def hash_gram(gram: str, buckets: int) -> int:
    """Bucket of an n-gram, from 1 to buckets - 1; 0 is padding."""
    return crc32(gram.encode("utf-8", "surrogatepass")) % (buckets - 1) + 1


def list_grams(form: str, upper: bool = False) -> list[str]:
    """Lists the n-grams of a token, the whole word first.

    >>> list_grams("navy")
    ['<navy>', '<na', 'nav', 'avy', 'vy>', '<nav', 'navy', 'avy>']
    """
    dense = any(low <= form[0] <= high for low, high in DENSE_SCRIPTS)
    word = f"<{form}>"
    grams = [word] + (["^" + form] if upper else [])
    for size in DENSE_SIZES if dense else SIZES:
        body = form if dense and size == 1 else word
        grams += [body[i : i + size] for i in range(len(body) - size + 1) if size < len(word)]
    return list(dict.fromkeys(grams))


def hash_tokens(tokens: Sequence[tuple[str, bool]], buckets: int) -> NDArray[np.int32]:
    """Hashes the first n-grams of tokens, in the order of `list_grams`, with padding at the end.

    Results are cached, because notes repeat their words.

    Args:
      tokens: form, and whether it is written in capitals; an empty form gives padding only.
      buckets: see `hash_gram`.

    Returns: int32 grams_VF, F being `GRAMS_PER_TOKEN`; read-only.
    """
    met = _met_before(buckets)
    rows = {token: row for token in tokens if (row := met.get(token))}
    new = [token for token in dict.fromkeys(tokens) if token not in rows]
    for start in range(0, len(new), PART):
        part = new[start : start + PART]
        hashed = zip(part, map(bytes, _hash_part(part, buckets)), strict=True)
        if len(met) + len(part) > MOST_HELD:
            met.clear()  # safe: another thread reads only what it finds, and computes the rest
        rows.update(hashed)
    met.update((token, rows[token]) for token in new[-PART:])
    joined = b"".join(map(rows.__getitem__, tokens))
    return np.frombuffer(joined, np.int32).reshape(-1, GRAMS_PER_TOKEN)


@lru_cache(maxsize=4)
def _met_before(buckets: int) -> dict[tuple[str, bool], bytes]:
    return {("", False): bytes(4 * GRAMS_PER_TOKEN)}


def _hash_part(tokens: Sequence[tuple[str, bool]], buckets: int) -> NDArray[np.int32]:
    """Like `hash_tokens` without cache; ASCII words, which are most, are processed as arrays."""
    grams_VF = np.zeros((len(tokens), GRAMS_PER_TOKEN), np.int32)
    plain_V = np.array([bool(form) and form.isascii() for form, _ in tokens], bool)
    rows_P = np.flatnonzero(plain_V)
    grams_VF[rows_P], once_P = _hash_plain([tokens[row] for row in rows_P.tolist()], buckets)
    plain_V[rows_P] = once_P
    for row in np.flatnonzero(~plain_V).tolist():
        form, upper = tokens[row]
        listed = list_grams(form, upper)[:GRAMS_PER_TOKEN] if form else []
        ids = [hash_gram(gram, buckets) for gram in listed]
        grams_VF[row] = ids + [0] * (GRAMS_PER_TOKEN - len(ids))
    return grams_VF


def _hash_plain(
    tokens: Sequence[tuple[str, bool]], buckets: int
) -> tuple[NDArray[np.int32], Bools]:
    """Buckets of ASCII tokens, grams_PF, and which rows are valid: those without repeated grams."""
    if not tokens:
        return np.zeros((0, GRAMS_PER_TOKEN), np.int32), np.zeros(0, bool)
    words = [f"<{form}>".encode() for form, _ in tokens]
    marked = [f"^{form}".encode() if upper else b"" for form, upper in tokens]
    upper_P1 = np.array([[upper] for _, upper in tokens], bool)
    length_P1 = np.array([[len(word)] for word in words])
    # An n-gram that begins after these is not among the first.
    codes_P = np.array(words, f"S{GRAMS_PER_TOKEN + max(SIZES)}")
    codes_PL = codes_P.view(np.uint8).reshape(len(words), -1)
    crcs = [_hash_whole(words), _hash_whole(marked)]
    there = [np.ones_like(upper_P1), upper_P1]
    for size in SIZES:
        crcs.append(crc_of_slices(codes_PL, size))
        place = np.arange(crcs[-1].shape[1])
        there.append((place <= length_P1 - size) & (length_P1 > size))
    ids_PG = (np.concatenate(crcs, axis=1) % np.uint32(buckets - 1)).astype(np.int32) + 1
    once_P = _have_none_twice(crcs[2], there[2])
    return _keep_first(ids_PG, np.concatenate(there, axis=1)), once_P


def _hash_whole(words: Sequence[bytes]) -> NDArray[np.uint32]:
    return np.fromiter(map(crc32, words), np.uint32, len(words))[:, None]


def _have_none_twice(crc_PG: NDArray[np.uint32], there_PG: Bools) -> Bools:
    """Rows whose shortest n-grams all differ, and therefore the longer ones too."""
    # CRC-32 is injective on three bytes. Missing n-grams get unique numbers.
    places = np.arange(crc_PG.shape[1], dtype=np.int64)
    sorted_PG = np.sort(np.where(there_PG, crc_PG.astype(np.int64), -1 - places), axis=1)
    once_P: Bools = (sorted_PG[:, 1:] != sorted_PG[:, :-1]).all(axis=1)
    return once_P


def _keep_first(ids_PG: NDArray[np.int32], there_PG: Bools) -> NDArray[np.int32]:
    """Moves the existing ids to the front; at most F per token, with padding at the end."""
    kept_PF = np.zeros((len(ids_PG), GRAMS_PER_TOKEN), np.int32)
    place_PG = np.cumsum(there_PG, axis=1) - 1
    row, column = np.nonzero(there_PG & (place_PG < GRAMS_PER_TOKEN))
    kept_PF[row, place_PG[row, column]] = ids_PG[row, column]
    return kept_PF
