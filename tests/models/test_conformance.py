"""What every row of `MODELS` has to do, whatever it is inside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.config import ModelSettings
from lvmh_jax.data.features import encode_texts
from lvmh_jax.errors import UsageError
from lvmh_jax.models import MODELS, build_model
from lvmh_jax.models.scorer import MentionScorer
from tests.train.fitting import quick_compiles

WIDTH, BUCKETS, CONCEPTS, TOKENS = 8, 64, 3, 4
TEXTS = ["black bag", "AS", "黒いバッグ", "a very long phrase indeed", "silk"]
CLOSE = 2e-6  # the same sums in another order, in float32


class Subject:
    """A model with noisy parameters: those that `init` makes zero would hide what they touch."""

    def __init__(self, name, **options) -> None:
        settings = ModelSettings(name=name, width=WIDTH, buckets=BUCKETS, hidden=8, **options)
        self.model = build_model(settings, CONCEPTS)
        table, phrases = encode_texts(TEXTS, BUCKETS, TOKENS)
        rarity_V = np.linspace(0.3, 1.0, len(table.grams_VF), dtype=np.float32)
        self.inputs = (
            jnp.asarray(table.grams_VF[phrases.tokens_NT]),
            jnp.asarray(phrases.pairs_NT),
            jnp.asarray(np.where(phrases.tokens_NT > 0, rarity_V[phrases.tokens_NT], 0)),
        )
        self.jitted_init = jax.jit(partial(self.model.init, method="initialise"))
        self.start = self.init(0)
        leaves, shape = jax.tree.flatten(self.start)
        rng = np.random.default_rng(0)
        noisy = [leaf + rng.normal(0, 0.3, leaf.shape).astype(np.float32) for leaf in leaves]
        self.params = jax.tree.unflatten(shape, noisy)
        self.encode = jax.jit(self.apply)
        self.score = jax.jit(partial(self.apply, method="score"))
        self.vectors = self.encode(self.params, *self.inputs)

    def init(self, seed):
        return self.jitted_init(jax.random.key(seed), *self.inputs)["params"]

    def apply(self, params, *args, method="__call__"):
        return self.model.apply({"params": params}, *args, method=method)

    def read_context(self, params):
        grams_NTF, _, rarity_NT = self.inputs
        tokens_NTD = self.apply(params, grams_NTF, rarity_NT, method="embed_tokens")
        return tokens_NTD, self.apply(params, tokens_NTD, method="score_context")


@pytest.fixture(scope="module", autouse=True)
def _quick_compiles() -> Iterator[None]:
    with quick_compiles():
        yield


@pytest.fixture(scope="module", params=itertools.product(MODELS, (False, True)), ids=str)
def subject(request) -> Subject:
    name, is_large = request.param
    return Subject(name, tied_contexts=True, pair_weight=0.5) if is_large else Subject(name)


def test_parameters_are_float32_and_depend_on_the_seed_alone(subject) -> None:
    again, other = subject.init(0), subject.init(1)
    assert {leaf.dtype.name for leaf in jax.tree.leaves(subject.start)} == {"float32"}
    same = jax.tree.map(lambda a, b: bool((a == b).all()), subject.start, again)
    assert all(jax.tree.leaves(same))
    differs = jax.tree.map(lambda a, b: bool((a != b).any()), subject.start, other)
    assert any(jax.tree.leaves(differs))


def test_shapes(subject) -> None:
    contexts_NTD, context_NC = jax.jit(subject.read_context)(subject.params)
    logits_NC = subject.score(subject.params, subject.vectors)
    assert subject.vectors.shape == (len(TEXTS), WIDTH)
    assert contexts_NTD.shape == (len(TEXTS), TOKENS, WIDTH)
    assert logits_NC.shape == context_NC.shape == (len(TEXTS), CONCEPTS + 1)
    assert subject.vectors.dtype == logits_NC.dtype == context_NC.dtype == jnp.float32


def test_some_classes_score_as_they_do_among_all(subject) -> None:
    rows_S = jnp.asarray([CONCEPTS, 0, 2])

    def both(params, rows_S):
        tokens_NTD, context_NC = subject.read_context(params)
        logits_NS = subject.apply(params, subject.vectors, rows_S, method="score")
        context_NS = subject.apply(params, tokens_NTD, rows_S, method="score_context")
        return (logits_NS, context_NS), context_NC

    found, context_NC = jax.jit(both)(subject.params, rows_S)
    logits_NC = subject.score(subject.params, subject.vectors)
    np.testing.assert_allclose(found[0], logits_NC[:, rows_S], atol=CLOSE)
    np.testing.assert_allclose(found[1], context_NC[:, rows_S], atol=CLOSE)


def test_vectors_have_length_one_and_differ(subject) -> None:
    np.testing.assert_allclose(np.linalg.norm(subject.vectors, axis=1), 1, atol=1e-5)
    gram_NN = np.asarray(subject.vectors @ subject.vectors.T)
    assert (gram_NN[~np.eye(len(TEXTS), dtype=bool)] < 0.999).all()


def test_padding_never_changes_a_vector(subject) -> None:
    grams_NTF, pairs_NT, rarity_NT = subject.inputs
    wider = (
        jnp.pad(grams_NTF, ((0, 0), (0, 3), (0, 5))),
        jnp.pad(pairs_NT, ((0, 0), (0, 3))),
        # A rarity where there is no token must not matter either.
        jnp.pad(rarity_NT, ((0, 0), (0, 3)), constant_values=0.7),
    )
    vectors_ND = subject.encode(subject.params, *wider)
    np.testing.assert_allclose(vectors_ND, subject.vectors, atol=CLOSE)


def test_neither_company_nor_order_changes_a_vector(subject) -> None:
    order = np.array([3, 0, 4, 2, 1])
    shuffled = subject.encode(subject.params, *(each[order] for each in subject.inputs))
    np.testing.assert_allclose(shuffled, subject.vectors[order], atol=CLOSE)
    alone = subject.encode(subject.params, *(each[2:3] for each in subject.inputs))
    np.testing.assert_allclose(alone[0], subject.vectors[2], atol=CLOSE)


def test_word_order_changes_a_vector(subject) -> None:
    table, phrases = encode_texts(["red bag", "bag red"], BUCKETS, TOKENS)
    ones_NT = jnp.ones(phrases.tokens_NT.shape, "float32")
    vectors_ND = subject.encode(
        subject.params, table.grams_VF[phrases.tokens_NT], phrases.pairs_NT, ones_NT
    )
    assert float(abs(vectors_ND[0] - vectors_ND[1]).max()) > 1e-3


def test_an_empty_phrase_has_finite_vectors_and_gradients(subject) -> None:
    empty = [jnp.zeros_like(each) for each in subject.inputs]

    def loss(params):
        vectors_ND = subject.apply(params, *empty)
        return subject.apply(params, vectors_ND, method="score").sum(), vectors_ND

    for params in (subject.start, subject.params):
        grads, vectors_ND = jax.jit(jax.grad(loss, has_aux=True))(params)
        assert np.isfinite(vectors_ND).all()
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(grads))


def test_an_empty_phrase_is_the_zero_vector(subject) -> None:
    empty = [jnp.zeros_like(each) for each in subject.inputs]
    np.testing.assert_allclose(subject.encode(subject.params, *empty), 0, atol=1e-5)


def test_every_parameter_learns(subject) -> None:
    def loss(params):
        logits_NC = subject.apply(params, subject.apply(params, *subject.inputs), method="score")
        tokens_NTD = subject.apply(
            params, *(subject.inputs[i] for i in (0, 2)), method="embed_tokens"
        )
        return (
            logits_NC[:, 0] + subject.apply(params, tokens_NTD, method="score_context")[:, 0]
        ).sum()

    for path, grad in jax.tree_util.tree_leaves_with_path(jax.jit(jax.grad(loss))(subject.params)):
        assert float(abs(grad).max()) > 0, jax.tree_util.keystr(path)


def test_no_type_is_promoted_by_accident(subject) -> None:
    with jax.numpy_dtype_promotion("strict"):
        subject.score(subject.params, jax.jit(subject.apply)(subject.params, *subject.inputs))


def test_an_unknown_model_is_refused_with_the_likely_one() -> None:
    with pytest.raises(UsageError, match=r"no model named 'ngrams'; did you mean 'ngram'\?"):
        build_model(ModelSettings(name="ngrams"), CONCEPTS)


def test_the_scorer_reads_each_candidate_by_itself() -> None:
    model = MentionScorer(5)
    features_NF = jnp.asarray(np.random.default_rng(0).normal(size=(6, 4)), "float32")
    params = jax.jit(model.init)(jax.random.key(0), features_NF)
    apply = jax.jit(model.apply)
    logits_N2 = apply(params, features_NF)
    assert logits_N2.shape == (6, 2)
    np.testing.assert_allclose(apply(params, features_NF[::-1]), logits_N2[::-1], atol=CLOSE)
    changed = apply(params, features_NF.at[0].add(1.0))
    np.testing.assert_array_equal(np.any(changed != logits_N2, axis=1), [True] + [False] * 5)


def test_what_training_reads_past_the_methods_is_named_alike(subject) -> None:
    assert {"table", "classes", "scale", "bias"} <= subject.params.keys()
    assert subject.params["table"].shape == (BUCKETS, WIDTH)
    assert subject.params["classes"].shape == (CONCEPTS + 1, WIDTH)
    assert subject.params["bias"].shape == (CONCEPTS + 1,)
    assert subject.params["scale"].shape == ()


def test_a_context_is_scored_by_the_sum_of_its_words(subject) -> None:
    tokens_NTD, context_NC = subject.read_context(subject.params)
    sums_ND = tokens_NTD.sum(1)
    found_NC = subject.apply(subject.params, sums_ND[:, None], method="score_context")
    np.testing.assert_allclose(found_NC, context_NC, atol=CLOSE)
