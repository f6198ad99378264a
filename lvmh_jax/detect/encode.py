"""Runs the trained encoder on phrases and contexts, in jitted blocks of one static shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from lvmh_jax.config import ModelSettings
from lvmh_jax.data.features import Phrases, TokenTable
from lvmh_jax.models import build_model
from lvmh_jax.models.rows import sum_rows
from lvmh_jax.train.programs import compile_fast
from lvmh_jax.train.validate import link_scores

BLOCK = 512  # larger blocks are no faster, and on average half of the last one is padding
LEAST_TOKENS = 4096  # minimum number of rows in a table of token vectors
LINK_BLOCK = 256  # smaller, because each phrase has a row of scores over all aliases
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Params = Mapping[str, Any]
Tokens: TypeAlias = Floats | jax.Array


class TopConcepts(NamedTuple):
    """Best K concepts of N phrases, best first, and their probabilities."""

    concepts_NK: Ints
    probabilities_NK: Floats


class PhraseEncoder:
    """A trained encoder; it holds only parameters, so concurrent reads are thread-safe."""

    def __init__(self, settings: ModelSettings, concepts: int, params: Params) -> None:
        self.settings, self.concepts = settings, concepts
        self.params = jax.device_put(dict(params))
        self._run = _jitted(settings, concepts)

    def embed_tokens(self, table: TokenTable, rarity_V: Floats) -> Floats:
        """Embeds the distinct tokens of a table; float32 tokens_VD."""
        blocks = _blocks((table.grams_VF, rarity_V))
        return _join(len(rarity_V), [self._run["tokens"](self.params, *each) for each in blocks])

    def embed_phrases(self, tokens_VD: Tokens, phrases: Phrases) -> Floats:
        """Embeds phrases; float32 unit vectors_ND."""
        parts = [
            self._run["phrases"](self.params, *_take_tokens(tokens_VD, tokens_NT), pairs_NT)
            for tokens_NT, pairs_NT in _blocks((phrases.tokens_NT, phrases.pairs_NT))
        ]
        return _join(len(phrases), parts)

    def rank_concepts(self, tokens_VD: Tokens, phrases: Phrases, best: int) -> TopConcepts:
        """Ranks the best concepts of phrases, with probabilities; vectors are not returned."""
        best = min(best, self.concepts)
        parts = [
            self._run["rank"](self.params, *_take_tokens(tokens_VD, tokens_NT), pairs_NT, best)
            for tokens_NT, pairs_NT in _blocks((phrases.tokens_NT, phrases.pairs_NT))
        ]
        concepts, probabilities = (_join(len(phrases), list(e)) for e in zip(*parts, strict=True))
        return TopConcepts(concepts.astype(np.int64), probabilities)

    def compare_concepts(
        self, vectors_ND: Floats, row_P: Ints, concept_P: Ints
    ) -> tuple[Floats, Floats, Floats]:
        """Log-probabilities of a given concept, of the best other one, and of "none"; float32 [P].

        Args:
          vectors_ND: float32 unit vectors of phrases.
          row_P: int64 phrase of each pair, ascending.
          concept_P: int64 concept of each pair.
        """
        grid = _lay_out(row_P, concept_P, len(vectors_ND))
        blocks = _blocks((vectors_ND, grid.concept_NK))
        parts = [self._run["compare"](self.params, *each) for each in blocks]
        own, other, nil = (_join(len(vectors_ND), [part[c] for part in parts]) for c in range(3))
        return own[row_P, grid.column_P], other[row_P, grid.column_P], nil[row_P]

    def link_scores(self, vectors_ND: Floats, aliases_AD: Floats, concept_A: Ints) -> Floats:
        """Scores concepts by their vector and their nearest alias; float32 scores_NC."""
        aliases, concepts = jax.device_put(aliases_AD), jax.device_put(concept_A)
        parts = [
            self._run["link"](self.params, each, aliases, concepts)
            for (each,) in _blocks((vectors_ND,), LINK_BLOCK)
        ]
        return _join(len(vectors_ND), parts)

    def score_context(
        self, tokens_VD: Tokens, context_NT: NDArray[np.int32], row_P: Ints, concept_P: Ints
    ) -> Floats:
        """Log-probability of concepts for masked mentions, given their context; float32 [P].

        Args:
          tokens_VD: float32 token vectors.
          context_NT: int32 contexts, as rows of `tokens_VD`.
          row_P: int64 context of each pair, ascending.
          concept_P: int64 concept of each pair.
        """
        table = hold_tokens(tokens_VD)
        grid = _lay_out(row_P, concept_P, len(context_NT))
        blocks = _blocks((context_NT, grid.concept_NK))
        parts = [self._run["context"](self.params, table, *each) for each in blocks]
        return _join(len(context_NT), parts)[row_P, grid.column_P]


class _Grid(NamedTuple):
    """Concepts of each row, padded with 0, and the column of each pair."""

    concept_NK: NDArray[np.int32]
    column_P: Ints


def _lay_out(row_P: Ints, concept_P: Ints, rows: int) -> _Grid:
    begin_N = np.searchsorted(row_P, np.arange(rows))
    column_P = np.arange(len(row_P)) - begin_N[row_P]
    # Hardly any wording has more than eight, so nearly all notes use one compiled shape.
    width = 8
    while width <= column_P.max(initial=0):
        width *= 4
    concept_NK = np.zeros((rows, width), np.int32)
    concept_NK[row_P, column_P] = concept_P
    return _Grid(concept_NK, column_P)


def hold_tokens(tokens_VD: Tokens) -> jax.Array:
    """Puts token vectors on the device; arrays already there are returned unchanged.

    The number of rows is rounded up to a power of two, so that few shapes are compiled.
    """
    if isinstance(tokens_VD, jax.Array):
        return tokens_VD
    rows = max(LEAST_TOKENS, 1 << (len(tokens_VD) - 1).bit_length())
    held_VD: jax.Array = jax.device_put(np.pad(tokens_VD, ((0, rows - len(tokens_VD)), (0, 0))))
    return held_VD


def _take_tokens(
    tokens_VD: Tokens, tokens_NT: NDArray[np.int32]
) -> tuple[jax.Array, NDArray[np.int32]]:
    """Returns the token table for a block of phrases, and the block as rows of that table.

    For a large vocabulary, such as a lexicon's, only the rows that the block reads are taken, so
    that its table has the shape of a note's and needs no program of its own.
    """
    if isinstance(tokens_VD, jax.Array) or len(tokens_VD) <= LEAST_TOKENS:
        return hold_tokens(tokens_VD), tokens_NT
    rows_U, place = np.unique(np.append(tokens_NT, 0), return_inverse=True)  # row 0 is padding
    return hold_tokens(tokens_VD[rows_U]), place[:-1].reshape(tokens_NT.shape).astype(np.int32)


def _blocks(columns: tuple[NDArray[Any], ...], size: int = BLOCK) -> list[tuple[NDArray[Any], ...]]:
    blocks = []
    for start in range(0, max(len(columns[0]), 1), size):
        part = [column[start : start + size] for column in columns]
        short = size - len(part[0])
        if short:
            part = [np.pad(x, [(0, short)] + [(0, 0)] * (x.ndim - 1)) for x in part]
        blocks.append(tuple(part))
    return blocks


def _join(length: int, parts: list[jax.Array]) -> NDArray[Any]:
    return np.concatenate([np.asarray(part) for part in parts])[:length]


@lru_cache(maxsize=16)
def _jitted(settings: ModelSettings, concepts: int) -> dict[str, Callable[..., Any]]:
    """Jitted functions of (params, arrays): one set per architecture, shared by all models."""
    model = build_model(settings, concepts)
    phrases, score = _phrase_functions(model)
    context, link = _concept_functions(model)
    compare = _compare_function(model, concepts)

    def rank(
        params: Params,
        tokens_VD: jax.Array,
        tokens_NT: jax.Array,
        pairs_NT: jax.Array,
        best: int,
    ) -> tuple[jax.Array, ...]:
        vectors_ND = phrases(params, tokens_VD, tokens_NT, pairs_NT)
        return _list_best(score(params, vectors_ND)[:, :-1], best)

    return {
        "tokens": compile_fast(
            lambda params, grams_NF, rarity_N: model.apply(
                {"params": params}, grams_NF, rarity_N, method="embed_tokens"
            )
        ),
        "phrases": compile_fast(phrases),
        "rank": compile_fast(rank, static_argnames="best"),
        "compare": compile_fast(compare),
        "context": compile_fast(context),
        "link": compile_fast(link),
    }


def _list_best(scores_NC: jax.Array, best: int) -> tuple[jax.Array, jax.Array]:
    """Columns and values of the highest scores, like `lax.top_k`, which sorts all on a CPU."""
    column_1C = jnp.arange(scores_NC.shape[1])[None, :]
    rows, values = [], []
    for _ in range(best):
        value_N1, row_N1 = _find_best(scores_NC)
        rows.append(row_N1)
        values.append(value_N1)
        scores_NC = jnp.where(column_1C == row_N1, -jnp.inf, scores_NC)
    return jnp.concatenate(rows, 1), jnp.concatenate(values, 1)


def _find_best(scores_NC: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Highest score of each row and its first column; two reductions are faster than argmax."""
    value_N1 = scores_NC.max(1, keepdims=True)
    column_1C = jnp.arange(scores_NC.shape[1])[None, :]
    is_best_NC = scores_NC == value_N1
    return value_N1, jnp.where(is_best_NC, column_1C, scores_NC.shape[1] - 1).min(1, keepdims=True)


def _phrase_functions(model: Any) -> tuple[Callable[..., jax.Array], Callable[..., jax.Array]]:
    """Builds two functions: phrases to vectors, and vectors to probabilities."""

    def phrases(
        params: Params, tokens_VD: jax.Array, tokens_NT: jax.Array, pairs_NT: jax.Array
    ) -> jax.Array:
        (sums_ND,) = sum_rows(tokens_VD, (tokens_NT,))
        sums_ND += model.apply({"params": params}, pairs_NT, method="embed_pairs")
        vectors_ND: jax.Array = model.apply({"params": params}, sums_ND, method="project")
        return vectors_ND

    def score(params: Params, vectors_ND: jax.Array) -> jax.Array:
        return jax.nn.softmax(model.apply({"params": params}, vectors_ND, method="score"))

    return phrases, score


def _compare_function(model: Any, concepts: int) -> Callable[..., tuple[jax.Array, ...]]:
    """Builds the function from vectors and concepts to log-probabilities."""
    _, score = _phrase_functions(model)

    def compare(
        params: Params, vectors_ND: jax.Array, concept_NK: jax.Array
    ) -> tuple[jax.Array, ...]:
        logs_NC = jnp.log(score(params, vectors_ND) + 1e-9)
        own_NK = jnp.take_along_axis(logs_NC, concept_NK, 1)
        known_NC = logs_NC[:, :-1]
        best_N1, first_N1 = _find_best(known_NC)
        is_first_NC = jnp.arange(concepts)[None, :] == first_N1
        second_N1 = jnp.where(is_first_NC, -jnp.inf, known_NC).max(1, initial=-20.0, keepdims=True)
        other_NK = jnp.where(concept_NK == first_N1, second_N1, jnp.maximum(best_N1, -20.0))
        return own_NK, other_NK, logs_NC[:, -1]

    return compare


def _concept_functions(model: Any) -> tuple[Callable[..., jax.Array], Callable[..., jax.Array]]:
    """Builds two functions: contexts to log-probabilities, and vectors to link scores."""

    def context(
        params: Params, tokens_VD: jax.Array, context_NT: jax.Array, concept_NK: jax.Array
    ) -> jax.Array:
        (sums_ND,) = sum_rows(tokens_VD, (context_NT,))
        logits_NC = model.apply({"params": params}, sums_ND[:, None], method="score_context")
        return jnp.take_along_axis(jax.nn.log_softmax(logits_NC), concept_NK, 1)

    def link(
        params: Params, vectors_ND: jax.Array, aliases_AD: jax.Array, concept_A: jax.Array
    ) -> jax.Array:
        logits_NC = model.apply({"params": params}, vectors_ND, method="score")
        cosine_NA = vectors_ND @ aliases_AD.T
        return link_scores(logits_NC, cosine_NA, concept_A, params["scale"])

    return context, link
