"""The scorer's features: evidence for and against each candidate.

A feature is a name, a reason and a function of `Evidence`. To add one, add a row to `FEATURES`; the
shipped scorer is refitted by `python benchmarks/default_scorer.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lvmh_jax.data.sorting import find_heads, find_tops
from lvmh_jax.detect.candidates import Candidates
from lvmh_jax.detect.memory import Recalled
from lvmh_jax.detect.neighbours import Neighbours, compare_neighbours
from lvmh_jax.detect.opposites import Turns
from lvmh_jax.detect.polarity import Polarity, judge_polarity
from lvmh_jax.detect.stream import NoteStream

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class TokenFacts:
    """Per-token facts: rarity and use in the lexicon, Zipf frequency in general language."""

    rarity_T: Floats
    zipf_T: Floats
    known_T: NDArray[np.bool_]


class Inside(NamedTuple):
    """All (candidate, token of its span) pairs, and the first pair of each candidate."""

    row_I: Ints
    token_I: Ints
    begin_N: Ints


class Best(NamedTuple):
    """Best quick score among overlapping candidates: of the same concept, and of other concepts."""

    own_N: Floats
    other_N: Floats


@dataclass(frozen=True)
class EncoderView:
    """The encoder's scores for each candidate; float32.

    Attributes:
      concept_N: log-probability of the candidate's concept.
      other_N: highest log-probability of another concept.
      nil_N: log-probability of "no known concept".
      cosine_N: cosine similarity to the concept's nearest alias.
    """

    concept_N: Floats
    other_N: Floats
    nil_N: Floats
    cosine_N: Floats


@dataclass(frozen=True)
class Evidence:
    """Everything a feature may read.

    Attributes:
      stream: the notes.
      candidates: candidates in these notes.
      tokens: facts about the tokens.
      encoder: scores of the encoder.
      concepts: C, the number of concepts in the lexicon.
      shared_N: number of concepts that share the candidate's alias.
      alias_length_N: length of its alias in characters; 0 without one.
      languages_B: upper-case ISO 639-1 code of each note; any other string if unknown.
      alias_cue_N: whether its alias, if it has a written match, contains a negation cue: "no logo".
      turns: how the text relates to the alias, or the nearest one (see `opposites.Turns`).
      negative_N: whether its concept is itself a denial.
      grams_N, other_grams_N: character n-gram similarity to its concept's aliases, and to those of
        other concepts.
      recalled: statistics from annotated notes and the note-level head; zeros without either.
    """

    stream: NoteStream
    candidates: Candidates
    tokens: TokenFacts
    encoder: EncoderView
    concepts: int
    shared_N: Ints
    alias_length_N: Ints
    languages_B: Sequence[str]
    alias_cue_N: NDArray[np.bool_]
    turns: Turns
    negative_N: NDArray[np.bool_]
    grams_N: Floats
    other_grams_N: Floats
    recalled: Recalled

    @cached_property
    def inside(self) -> Inside:
        """All (candidate, token) pairs."""
        c = self.candidates
        length_N = c.last_N - c.first_N + 1
        begin_N = np.cumsum(length_N) - length_N
        row_I = np.repeat(np.arange(len(c)), length_N)
        return Inside(row_I, c.first_N[row_I] + np.arange(len(row_I)) - begin_N[row_I], begin_N)

    @cached_property
    def quick_N(self) -> Floats:
        """A score for comparing neighbours before the scorer runs; float32 in [0, 1]."""
        soft = self.candidates.coverage_ND[:, 0]
        guess = 0.5 * soft + 0.5 * np.exp(self.encoder.concept_N)
        # Candidates from the memory alone score 0: they depend on the annotation of other folds,
        # which must not leak into the features of their neighbours.
        known = np.maximum(guess, self.candidates.exact_N) * (1 - self.candidates.recalled_N)
        return known.astype(np.float32)

    @cached_property
    def best(self) -> Best:
        """The best quick scores among overlapping candidates."""
        return _best_around(self)

    @cached_property
    def neighbours(self) -> Neighbours:
        """Comparison of each candidate with those that overlap it, by quick score."""
        return compare_neighbours(self.candidates, self.quick_N)

    @cached_property
    def polarity(self) -> Polarity:
        """Which candidates are denied; the best ones by quick score compete for each cue."""
        tokens = self.tokens.zipf_T, self.tokens.known_T
        turns = self.turns.stem_N, self.turns.ends_N
        known = self.languages_B, self.quick_N, self.alias_cue_N, *tokens, *turns
        return judge_polarity(self.stream, self.candidates, *known)


@dataclass(frozen=True)
class Feature:
    """A row of the feature table: name, reason, and the function that computes its column."""

    name: str
    reason: str
    compute: Callable[[Evidence], NDArray[np.generic]]


def _best_around(e: Evidence) -> Best:
    c, inside = e.candidates, e.inside
    if not len(c):
        return Best(e.quick_N, e.quick_N)
    key_I = inside.token_I * np.int64(e.concepts) + c.concept_N[inside.row_I]
    order = np.argsort(key_I, kind="stable")
    cells = find_heads(key_I[order])
    best_K = np.maximum.reduceat(e.quick_N[inside.row_I[order]], cells)
    other_K = _best_other(inside.token_I[order[cells]], best_K)
    cell_I = np.empty(len(order), np.int64)
    cell_I[order] = np.repeat(np.arange(len(cells)), np.diff(cells, append=len(order)))
    own_N, other_N = (_fold(e, values_K[cell_I], np.maximum) for values_K in (best_K, other_K))
    return Best(own_N, other_N)


def _best_other(group_K: Ints, value_K: Floats) -> Floats:
    """The best value among the other rows of each row's group; 0 for a row alone in its group.

    Args:
      group_K: group of each row; rows of one group must be adjacent.
      value_K: float32 values of at least 0.
    """
    if not len(value_K):
        return value_K
    heads = find_heads(group_K)
    tops = find_tops(value_K, heads)
    rest_K = value_K.copy()
    rest_K[tops] = 0.0
    other_K = np.repeat(value_K[tops], np.diff(heads, append=len(value_K)))
    other_K[tops] = np.maximum.reduceat(rest_K, heads)
    return other_K


def _fold(e: Evidence, values_I: NDArray[np.generic], how: np.ufunc) -> Floats:
    """Reduces values of (candidate, token) pairs to one value per candidate."""
    if not len(e.candidates):
        return np.zeros(0, np.float32)
    folded: Floats = how.reduceat(values_I, e.inside.begin_N)
    return folded


def _reduce(e: Evidence, values_T: NDArray[np.generic], how: str) -> Floats:
    """Minimum, maximum or mean of a token value over each candidate."""
    values_I = np.asarray(values_T, np.float32)[e.inside.token_I]
    if how != "mean":
        return _fold(e, values_I, {"min": np.minimum, "max": np.maximum}[how])
    mean_N: Floats = _fold(e, values_I, np.add) / (e.candidates.last_N - e.candidates.first_N + 1)
    return mean_N


def _beside(e: Evidence, values_T: NDArray[np.generic], before: int, after: int) -> Floats:
    """Maximum of a token value over the neighbouring tokens of the same sentence."""
    c, s = e.candidates, e.stream
    out = np.zeros(len(c), np.float32)
    steps = [(c.first_N, -d) for d in range(1, before + 1)]
    steps += [(c.last_N, d) for d in range(1, after + 1)]
    for anchor, step in steps:
        at = np.clip(anchor + step, 0, len(s.row_T) - 1)
        same = (at == anchor + step) & (s.sentence_T[at] == s.sentence_T[anchor])
        out = np.maximum(out, np.where(same, np.asarray(values_T)[at], 0))
    return out


def _comma_inside(e: Evidence) -> Floats:
    """Whether a comma separates tokens of the span; one before its first token does not count."""
    c = e.candidates
    commas = np.concatenate([[0], np.cumsum(e.stream.comma_T)])
    inside: Floats = (commas[c.last_N + 1] > commas[c.first_N + 1]).astype(np.float32)
    return inside


def _margin_on_span(e: Evidence) -> Floats:
    """Quick score minus the best one of another concept on the same span."""
    c, quick = e.candidates, e.quick_N
    heads = find_heads(c.note_N, c.start_N, c.end_N)
    group = np.repeat(np.arange(len(heads)), np.diff(heads, append=len(c)))
    return quick - _best_other(group, quick)


def _denied(e: Evidence) -> NDArray[np.bool_]:
    """Whether a candidate is denied by a cue, or is the opposite of an alias that denies.

    Cues do not count for a concept that is itself a denial, unless the dictionary matches one of
    its affirmative aliases: "not cruelty free", where "not tested on animals" is an alias too. Nor
    do they count for an alias that denies, unless its text says that something is over: "has not
    sold the house".
    """
    plain_N = (e.candidates.exact_N > 0) & ~e.turns.denies_N
    may_N = e.turns.ends_N | (~e.alias_cue_N & (plain_N | ~e.negative_N))
    denied_N = e.polarity.denied_N & may_N
    return np.where(e.turns.opposite_N, ~e.polarity.near_N, denied_N)


def _length_ratio(e: Evidence) -> Floats:
    c = e.candidates
    length = (c.end_N - c.start_N).astype(np.float32)
    return np.where(e.alias_length_N > 0, np.log((length + 1) / (e.alias_length_N + 1)), 0.0)


FEATURES: tuple[Feature, ...] = (
    Feature("exact", "the dictionary matches here", lambda e: e.candidates.exact_N),
    Feature("soft", "soft word coverage", lambda e: e.candidates.coverage_ND[:, 0]),
    Feature("alias_covered", "share of the alias said", lambda e: e.candidates.coverage_ND[:, 1]),
    Feature("span_covered", "share of the span meant", lambda e: e.candidates.coverage_ND[:, 2]),
    Feature(
        "words",
        "several words agreeing are no accident",
        lambda e: np.log1p(e.candidates.coverage_ND[:, 3]),
    ),
    Feature("encoder", "the encoder's concept", lambda e: np.exp(e.encoder.concept_N)),
    Feature(
        "encoder_log",
        "the same, telling small ones apart",
        lambda e: np.maximum(e.encoder.concept_N, -8),
    ),
    Feature(
        "encoder_margin",
        "against its next concept",
        lambda e: np.clip(e.encoder.concept_N - e.encoder.other_N, -8, 8),
    ),
    Feature("nil", "the encoder knows no concept here", lambda e: np.exp(e.encoder.nil_N)),
    Feature("cosine", "nearest alias of the concept", lambda e: e.encoder.cosine_N),
    Feature("grams", "written like one of its aliases", lambda e: e.grams_N),
    Feature("grams_margin", "and less like another's", lambda e: e.grams_N - e.other_grams_N),
    # Computed last and only for promising candidates: see `fill_context`.
    Feature("context", "the words around fit", lambda e: np.zeros(len(e.candidates))),
    Feature(
        "own_around",
        "a better span of the same concept is near",
        lambda e: e.best.own_N - e.quick_N,
    ),
    Feature("other_around", "another concept claims the words", lambda e: e.best.other_N),
    Feature(
        "tokens",
        "long spans are rarely right by accident",
        lambda e: np.log(e.candidates.last_N - e.candidates.first_N + 1.0),
    ),
    Feature(
        "characters",
        "short ones often are",
        lambda e: np.log(e.candidates.end_N - e.candidates.start_N + 0.0),
    ),
    Feature("length_ratio", "span and alias are of one length", _length_ratio),
    Feature(
        "unspaced",
        "Han and kana have shorter words",
        lambda e: _reduce(e, e.stream.unspaced_T, "mean"),
    ),
    Feature("rarest", "one telling word", lambda e: _reduce(e, e.tokens.rarity_T, "max")),
    Feature("commonest", "a filler inside", lambda e: _reduce(e, e.tokens.rarity_T, "min")),
    Feature("rarity", "how telling all words are", lambda e: _reduce(e, e.tokens.rarity_T, "mean")),
    Feature("zipf_least", "its rarest word at large", lambda e: _reduce(e, e.tokens.zipf_T, "min")),
    Feature("zipf_most", "a function word inside", lambda e: _reduce(e, e.tokens.zipf_T, "max")),
    Feature("zipf", "how common its words are", lambda e: _reduce(e, e.tokens.zipf_T, "mean")),
    Feature(
        "zipf_first", "begins with a common word", lambda e: e.tokens.zipf_T[e.candidates.first_N]
    ),
    Feature("zipf_last", "ends with a common word", lambda e: e.tokens.zipf_T[e.candidates.last_N]),
    Feature(
        "known",
        "share of words that the lexicon uses",
        lambda e: _reduce(e, e.tokens.known_T, "mean"),
    ),
    Feature(
        "known_first",
        "a border word the lexicon never uses",
        lambda e: e.tokens.known_T[e.candidates.first_N],
    ),
    Feature("known_last", "the same at the end", lambda e: e.tokens.known_T[e.candidates.last_N]),
    Feature(
        "upper", "capitals: an acronym or a name", lambda e: _reduce(e, e.stream.upper_T, "max")
    ),
    Feature("title", "a name, or German", lambda e: _reduce(e, e.stream.title_T, "mean")),
    Feature(
        "title_after",
        "followed by a capital: part of a name",
        lambda e: _beside(e, e.stream.title_T, 0, 1),
    ),
    Feature(
        "title_before",
        "after a capital: part of a name",
        lambda e: _beside(e, e.stream.title_T, 1, 0),
    ),
    Feature("digit", "amounts are not concepts", lambda e: _reduce(e, e.stream.digit_T, "max")),
    Feature("shared", "concepts that share the alias", lambda e: np.log(np.maximum(e.shared_N, 1))),
    Feature("comma", "a comma inside parts two things", _comma_inside),
    Feature("same_span", "another concept fits the same span better", _margin_on_span),
    Feature(
        "around_other", "part of another concept's span", lambda e: e.neighbours.around_other_N
    ),
    Feature("around_own", "part of a better span", lambda e: e.neighbours.around_own_N),
    Feature("inside_other", "holds another concept", lambda e: e.neighbours.inside_other_N),
    Feature("inside_own", "more words than needed", lambda e: e.neighbours.inside_own_N),
    Feature("across_other", "cut from another's span", lambda e: e.neighbours.across_other_N),
    Feature("support", "several aliases of the concept agree", lambda e: e.candidates.support_N),
    Feature("cue_in_alias", "its alias is a denial", lambda e: e.alias_cue_N),
    Feature("cue_inside", "holds a denial of its own", lambda e: e.polarity.inside_N),
    Feature("negative", "its concept is a denial: cues belong to it", lambda e: e.negative_N),
    Feature("denied", "a cue takes it", _denied),
    # The last six are the columns of `Recalled`; cross-fitting recomputes them for each model.
    Feature("memory_right", "annotated so before", lambda e: e.recalled.right_N),
    Feature("memory_seen", "seen before", lambda e: e.recalled.seen_N),
    Feature("memory_rate", "how often it was so", lambda e: e.recalled.rate_N),
    Feature("memory_prior", "how many notes hold the concept", lambda e: e.recalled.prior_N),
    Feature("note", "the words of the whole note speak of it", lambda e: e.recalled.note_N),
    Feature("note_judged", "whether they were asked", lambda e: e.recalled.judged_N),
)

CONTEXT_COLUMN = [feature.name for feature in FEATURES].index("context")


def compute_features(evidence: Evidence) -> Floats:
    """Computes the feature matrix; float32 features_NF, columns in the order of FEATURES.

    The context column is zero until `fill_context` fills it.
    """
    features_NF = np.empty((len(evidence.candidates), len(FEATURES)), np.float32)
    for column, feature in enumerate(FEATURES):
        features_NF[:, column] = feature.compute(evidence)
    return features_NF


def fill_context(features_NF: Floats, context_N: Floats) -> None:
    """Fills the context column in place; `compute_features` omits it because it costs the most.

    Args:
      features_NF: float32 features of some candidates.
      context_N: float32 log-probability of each candidate's concept given the surrounding words,
        with the span masked.
    """
    features_NF[:, CONTEXT_COLUMN] = np.maximum(context_N, -8)
