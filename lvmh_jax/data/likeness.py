"""String similarity of words that share few n-grams: endings, compounds, clitics and typos.

An inflection keeps the beginning of a word, a compound contains the whole word, a clitic hides its
stem, and a typo changes one letter. The rules compare folded words and are the same for all
languages, except for Arabic clitics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

LONGEST_WORD = 40  # characters; numpy pads every word to the longest
LONGEST_START = 16  # maximum length of a common prefix that is counted
SHORTEST_START = 4  # letters; a shorter prefix is a syllable, not a stem
LONGEST_ENDING = 6  # "contentissimi" shares all but five of its letters with its stem
SAME_START = 0.9  # similarity of a word and the same word with an ending
# Of Germanic and Romance languages; not "n": "Gattin" (wife) is no plural of "gatti" (cats).
PLURALS = ("s", "es", "en")
SHORTEST_SINGULAR = 3  # letters: "bag", "Uhr"
SAME_WORD = 0.93  # similarity of a word to its plural
CONTAINED = 0.9  # similarity of a word to a compound that contains all of it
SHORTEST_PART, SHORTEST_HANGUL = 4, 2  # letters of a part; a syllable counts for two
SAME_STEM = 0.85  # similarity of words that differ by Arabic clitics
SHORTEST_MISTYPED = 5  # letters; shorter words have too many real neighbours
TYPO = 1.5  # letters that a typo costs: more than the one, as it may be a different word
# Light10 (Larkey, Ballesteros and Connell 2002), with the one-letter prefixes of long words too.
ARTICLES = ("وال", "بال", "كال", "فال", "لل", "ال")
PROCLITICS = "وبلكف"
ENCLITICS = ("ها", "هم", "هن", "ان", "ات", "ون", "ين", "يه", "ته", "نا", "ه", "ي")
SHORTEST_STEM = 3  # roots have three letters
# Odd, and therefore invertible modulo 2^64: Steele and Vigna, arXiv:2001.05304.
MIX = 0xD1342543DE82EF95
UNMIX = np.uint64(pow(MIX, -1, 1 << 64))


def spell(words: Sequence[str]) -> Codes:
    """The code points of words; uint32 [W, LONGEST_WORD], padded with 0, cut after LONGEST_WORD."""
    if not len(words):
        return np.zeros((0, LONGEST_WORD), np.uint32)
    wide = np.array(words, f"<U{LONGEST_WORD}")
    return wide.view(np.uint32).reshape(len(words), LONGEST_WORD)


def count_letters(codes_WL: Codes) -> Ints:
    """Length of each word in code points; int64 [W]."""
    letters_W: Ints = np.count_nonzero(codes_WL, axis=1).astype(np.int64)
    return letters_W


def compare_starts(left_WL: Codes, right_WL: Codes, left_N: Ints, right_N: Ints) -> Floats:
    """Similarity of pairs of words with a common prefix and short endings; 0 for other pairs.

    Args:
      left_WL: uint32 words from `spell`.
      right_WL: uint32 words from `spell`.
      left_N: int64 row in `left_WL` of each pair.
      right_N: int64 row in `right_WL` of each pair.

    Returns: float32 likeness_N, at most `SAME_START`.

    >>> likeness_N = compare_starts(spell(["joggt", "sac"]), spell(["jogging"]), [0, 1], [0, 0])
    >>> [f"{each:.2f}" for each in likeness_N]
    ['0.60', '0.00']
    """
    left_N, right_N = np.asarray(left_N), np.asarray(right_N)
    stem = _list_alike(left_WL, right_WL, left_N, right_N, SHORTEST_START)
    left_SL, right_SL = left_WL[left_N[stem]], right_WL[right_N[stem]]
    n_left, n_right = count_letters(left_SL), count_letters(right_SL)
    starts = np.s_[:, :LONGEST_START]
    same_SL = (left_SL[starts] == right_SL[starts]) & (left_SL[starts] > 0)
    shared_S = np.logical_and.accumulate(same_SL, axis=1).sum(1)
    short_S = np.maximum(n_left, n_right) - shared_S <= LONGEST_ENDING
    likeness_N = np.zeros(len(left_N), np.float32)
    likeness_N[stem] = np.where(short_S, SAME_START * 2 * shared_S / (n_left + n_right), 0.0)
    return likeness_N


def compare_plurals(left_WL: Codes, right_WL: Codes, left_N: Ints, right_N: Ints) -> Floats:
    """`SAME_WORD` for pairs of a word and its plural, else 0; float32 [N].

    Takes the arguments of `compare_starts`.

    >>> bags, watch = spell(["bags", "watchful"]), spell(["bag", "watch"])
    >>> [f"{each:.2f}" for each in compare_plurals(bags, watch, [0, 1], [0, 1])]
    ['0.93', '0.00']
    """
    left_N, right_N = np.asarray(left_N), np.asarray(right_N)
    alike = _list_alike(left_WL, right_WL, left_N, right_N, SHORTEST_SINGULAR)
    left_PL, right_PL = left_WL[left_N[alike]], right_WL[right_N[alike]]
    n_left, n_right = count_letters(left_PL), count_letters(right_PL)
    begin_P, more_P = np.minimum(n_left, n_right), np.abs(n_left - n_right)
    endings_KE = spell(PLURALS)[:, : max(map(len, PLURALS))]
    longest, width = endings_KE.shape[1], left_WL.shape[1]
    may_P = (more_P > 0) & (more_P <= longest) & (begin_P + longest <= width)
    # The shorter word is padded with 0, so the maximum equals the longer word if one is a prefix.
    long_PL, short_PL = np.maximum(left_PL, right_PL), np.minimum(left_PL, right_PL)
    is_start_P = ((long_PL == short_PL) | (short_PL == 0)).all(1)
    at_PE = np.minimum(begin_P[:, None] + np.arange(longest), width - 1)
    ending_PE = np.take_along_axis(long_PL, at_PE, axis=1)
    is_plural_P = may_P & is_start_P & (ending_PE[:, None] == endings_KE).all(2).any(1)
    likeness_N = np.zeros(len(left_N), np.float32)
    likeness_N[alike[is_plural_P]] = SAME_WORD
    return likeness_N


def _list_alike(left_WL: Codes, right_WL: Codes, left_N: Ints, right_N: Ints, letters: int) -> Ints:
    """Rows of the pairs whose words share their first `letters` letters."""
    # The first two letters are compared as one number, which rules out nearly all pairs.
    starts = (
        np.ascontiguousarray(each[:, :2]).view(np.uint64)[:, 0] for each in (left_WL, right_WL)
    )
    left_W, right_W = starts
    may_N = np.flatnonzero(left_W[left_N] == right_W[right_N])
    left_NH, right_NH = left_WL[left_N[may_N], :letters], right_WL[right_N[may_N], :letters]
    alike: Ints = may_N[((left_NH == right_NH) & (left_NH > 0)).all(1)]
    return alike


def compare_parts(left: NDArray[np.str_], right: NDArray[np.str_]) -> Floats:
    """Similarity of pairs of words of which one contains the other, else 0; float32 [N].

    It is `CONTAINED` times the square root of the shorter word's share of the longer one.
    """
    n_left, n_right = np.strings.str_len(left), np.strings.str_len(right)
    inside = (np.strings.find(left, right) >= 0) & (n_right >= _shortest_part(right))
    around = (np.strings.find(right, left) >= 0) & (n_left >= _shortest_part(left))
    shorter = np.minimum(n_left, n_right) / np.maximum(np.maximum(n_left, n_right), 1)
    grown = CONTAINED * np.sqrt(shorter)
    return np.where(inside | around, grown, 0.0).astype(np.float32)


def _shortest_part(words: NDArray[np.str_]) -> Ints:
    first = words.astype("<U1").view(np.uint32)
    hangul = (first >= 0xAC00) & (first <= 0xD7A3)
    return np.where(hangul, SHORTEST_HANGUL, SHORTEST_PART)


def strip_clitics(form: str) -> str:
    """Stem of a folded Arabic word, without article, prefixes and suffixes; "" if there is none.

    >>> [strip_clitics(word) for word in ("والحقيبه", "لحفيده", "حفيدان", "bag")]
    ['حقيب', 'حفيد', 'حفيد', '']
    """
    if not "\u0621" <= form[:1] <= "\u064a":
        return ""
    article = next((a for a in ARTICLES if form.startswith(a)), "")
    if article and len(form) - len(article) >= SHORTEST_STEM:
        form = form[len(article) :]
    elif form[0] in PROCLITICS and len(form) >= SHORTEST_STEM + 2:
        form = form[1:]
    ending = next((e for e in ENCLITICS if form.endswith(e)), "")
    return form[: -len(ending)] if ending and len(form) - len(ending) >= SHORTEST_STEM else form


class Pairs(NamedTuple):
    """Similar pairs of a query and an index word; a pair may occur twice.

    Attributes:
      query_N: int64 row of the query.
      word_N: int64 row of the index word.
      similarity_N: float32 similarity of the two.
    """

    query_N: Ints
    word_N: Ints
    similarity_N: Floats


class KeyTable:
    """Index of words by keys: the stem, and the word without one of its letters.

    Two words that differ by a typo (a letter dropped, doubled or replaced, or two letters swapped)
    have such a key in common (Garbe's SymSpell, 2012). The first letter is never dropped, so
    "house" is no typo of "mouse".
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._known = frozenset(words)
        codes_WL = spell(words)
        self._lengths_W = count_letters(codes_WL)
        self._left = _sort_keys(*_drop_letters(codes_WL, _can_be_mistyped(words)))
        self._stems = _sort_keys(*_hash_stems(words))

    def join(self, words: Sequence[str]) -> Pairs:
        """Finds the index words that share a key with each of `words`.

        A word that is itself in the index is not matched as a typo of another.
        """
        codes_WL = spell(words)
        mistyped_W = _can_be_mistyped(words)
        mistyped_W &= np.array([word not in self._known for word in words], bool)
        query, word = _match_keys(self._left, *_drop_letters(codes_WL, mistyped_W))
        longest = np.maximum(count_letters(codes_WL)[query], self._lengths_W[word])
        stem_query, stem_word = _match_keys(self._stems, *_hash_stems(words))
        same_stem = np.full(len(stem_query), SAME_STEM)
        return Pairs(
            np.concatenate([query, stem_query]),
            np.concatenate([word, stem_word]),
            np.concatenate([1 - TYPO / longest, same_stem]).astype(np.float32),
        )


def _can_be_mistyped(words: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([len(word) >= SHORTEST_MISTYPED and word.isalpha() for word in words], bool)


def _hash_stems(words: Sequence[str]) -> tuple[Keys, Ints]:
    stems = [strip_clitics(word) for word in words]
    row_K = np.flatnonzero(np.array([bool(stem) for stem in stems], bool))
    return _hash_words(spell([stems[row] for row in row_K]))[:, -1], row_K


def _hash_words(codes_WL: Codes) -> Keys:
    """Polynomial hash, modulo 2^64, of the first l letters for each l; uint64 [W, L + 1]."""
    powers_L = np.full(codes_WL.shape[1], MIX, np.uint64).cumprod()
    hashes_WL = (codes_WL * powers_L).cumsum(axis=1)
    return np.concatenate([np.zeros((len(codes_WL), 1), np.uint64), hashes_WL], axis=1)


def _drop_letters(codes_WL: Codes, kept_W: NDArray[np.bool_]) -> tuple[Keys, Ints]:
    """Keys of whole words and of words without one letter (not the first), and each key's word."""
    row_W = np.flatnonzero(kept_W)
    starts_WL = _hash_words(codes_WL[row_W])
    whole_W1 = starts_WL[:, -1:]
    # The letters after the dropped one move one place down, which divides their hash by MIX.
    moved_WL = (whole_W1 - starts_WL[:, 2:]) * UNMIX
    keys_WK = np.concatenate([whole_W1, starts_WL[:, 1:-1] + moved_WL], axis=1)
    inside_WK = np.concatenate([np.ones((len(row_W), 1), bool), codes_WL[row_W, 1:] > 0], axis=1)
    rows_WK = np.broadcast_to(row_W[:, None], keys_WK.shape)
    return keys_WK[inside_WK], rows_WK[inside_WK]


def _sort_keys(key_K: Keys, row_K: Ints) -> tuple[Keys, Ints]:
    order = np.argsort(key_K, kind="stable")
    return key_K[order], row_K[order]


def _match_keys(table: tuple[Keys, Ints], key_Q: Keys, row_Q: Ints) -> tuple[Ints, Ints]:
    """Distinct pairs of a query row and an index row that share a key."""
    key_K, row_K = table
    low_Q, high_Q = np.searchsorted(key_K, key_Q), np.searchsorted(key_K, key_Q, "right")
    count_Q = high_Q - low_Q
    before_Q = np.cumsum(count_Q) - count_Q
    at = np.arange(int(count_Q.sum())) + np.repeat(low_Q - before_Q, count_Q)
    pairs = np.unique(np.stack([np.repeat(row_Q, count_Q), row_K[at]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]
