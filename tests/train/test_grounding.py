from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.models import build_model
from lvmh_jax.train import grounding as module
from lvmh_jax.train.fit import make_material
from lvmh_jax.train.grounding import (
    START_SCALE,
    embed_aliases,
    embed_tokens,
    find_near_concepts,
    start_from_aliases,
)
from tests.train.fitting import CONCEPTS


class Grounding:
    def __init__(self, fitting) -> None:
        self.examples = fitting.examples
        # One concept more than there are: it has no alias.
        self.model = build_model(fitting.settings.model, CONCEPTS + 1)
        self.material = make_material(self.examples)
        self.shown_A = jnp.asarray(~self.examples.held_A, "float32")
        zeros_NT = jnp.zeros((1, 1), "int32")
        grams_NTF = self.material.grams_VF[None, :1]
        inputs = (grams_NTF, zeros_NT, jnp.ones((1, 1), "float32"))
        self.start = self.model.init(jax.random.key(0), *inputs, method="initialise")["params"]
        self.ground = jax.jit(
            lambda params, material, shown_A: start_from_aliases(
                self.model, params, material, shown_A
            )
        )
        self.grounded = self.ground(self.start, self.material, self.shown_A)
        rows_A = jnp.arange(len(self.shown_A))
        embed = jax.jit(
            lambda params, material: embed_aliases(
                self.model, params, material, embed_tokens(self.model, params, material), rows_A
            )
        )
        self.vectors_AD = np.asarray(embed(self.grounded, self.material))


@pytest.fixture(scope="module")
def grounding(fitting) -> Grounding:
    return Grounding(fitting)


def test_sharing_tokens_does_not_change_a_vector(grounding) -> None:
    m = grounding.material
    alone = jax.jit(grounding.model.apply)(
        {"params": grounding.grounded},
        m.grams_VF[m.alias_AT],
        m.alias_pairs_AT,
        m.rarity_V[m.alias_AT],
    )
    np.testing.assert_allclose(grounding.vectors_AD, alone, atol=1e-6)


def test_a_concept_starts_at_the_mean_of_the_aliases_that_are_shown(grounding) -> None:
    examples, classes_CD = grounding.examples, np.asarray(grounding.grounded["classes"])
    for concept in range(CONCEPTS):
        rows = (examples.concept_A == concept) & ~examples.held_A
        mean = grounding.vectors_AD[rows].mean(0)
        np.testing.assert_allclose(classes_CD[concept], mean / np.linalg.norm(mean), atol=1e-5)
    # The concept without an alias, "none", and every other parameter are as they were.
    before = grounding.start
    np.testing.assert_array_equal(classes_CD[CONCEPTS:], before["classes"][CONCEPTS:])
    rest = {"classes": 0, "scale": 0}
    jax.tree.map(np.testing.assert_array_equal, before | rest, grounding.grounded | rest)
    assert float(grounding.grounded["scale"]) == START_SCALE


def test_nothing_is_learnt_from_an_alias_that_is_held_out(grounding) -> None:
    held = grounding.examples.held_A
    assert held.any()
    other = np.where(held[:, None], 1, grounding.examples.phrases.tokens_NT)
    material = grounding.material._replace(alias_AT=jnp.asarray(other))
    changed = grounding.ground(grounding.start, material, grounding.shown_A)
    jax.tree.map(np.testing.assert_array_equal, changed, grounding.grounded)


@pytest.mark.parametrize("run", [1, 2, 3, 64])
def test_near_concepts_are_the_nearest_others(monkeypatch, run) -> None:
    monkeypatch.setattr(module, "NEAR_RUN", run)
    classes_CD = np.random.default_rng(0).normal(size=(8, 5)).astype(np.float32)
    near_CH = np.asarray(find_near_concepts(jnp.asarray(classes_CD), 3))
    units_CD = classes_CD[:-1] / np.linalg.norm(classes_CD[:-1], axis=1, keepdims=True)
    cosine_CC = units_CD @ units_CD.T
    np.fill_diagonal(cosine_CC, -np.inf)
    np.testing.assert_array_equal(near_CH, np.argsort(-cosine_CC, axis=1)[:, :3])
    assert find_near_concepts(jnp.asarray(classes_CD), 99).shape == (7, 6)


def test_of_concepts_equally_near_the_first_are_taken(monkeypatch) -> None:
    monkeypatch.setattr(module, "NEAR_RUN", 2)
    classes_CD = jnp.asarray(np.ones((8, 2), np.float32))
    near_CH = np.asarray(find_near_concepts(classes_CD, 3))
    assert near_CH[0].tolist() == [1, 2, 3]
    assert near_CH[6].tolist() == [0, 1, 2]


def test_empty_notes_are_no_obstacle(fitting, grounding) -> None:
    material = make_material(replace(fitting.make([])))
    shown_A = jnp.ones(len(material.alias_AT), "float32")
    params = grounding.ground(grounding.start, material, shown_A)
    assert jax.tree.all(jax.tree.map(lambda leaf: bool(np.isfinite(leaf).all()), params))
