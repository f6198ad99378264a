from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.models import build_model
from lvmh_jax.train import validate as module
from lvmh_jax.train.fit import make_material
from lvmh_jax.train.validate import link_scores, make_validate, make_validation
from tests.train.fitting import CONCEPTS


def test_a_concept_is_as_near_as_its_vector_and_its_nearest_alias() -> None:
    logits_NC = jnp.asarray([[6.0, 2, -4, 99]])  # 99 is "none"
    cosine_NA = jnp.asarray([[0.1, 0.9, -0.2]])
    scores_NC = link_scores(logits_NC, cosine_NA, jnp.asarray([0, 0, 1]), jnp.asarray(10.0))
    # Concept 2 has no alias, so its nearest is as far as can be.
    expected = [[(0.6 + 0.9) / 2, (0.2 - 0.2) / 2, (-0.4 - 1) / 2]]
    np.testing.assert_allclose(scores_NC, expected, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_held_rows_come_in_whole_blocks(monkeypatch, count) -> None:
    monkeypatch.setattr(module, "BLOCK", 4)
    held_A = np.arange(9) < count
    validation = make_validation(held_A)
    assert validation.held_NB.shape == validation.weight_NB.shape == (max(1, -(-count // 4)), 4)
    assert validation.held_NB[validation.weight_NB > 0].tolist() == list(range(count))
    assert [row for row in validation.shown_SP.ravel().tolist() if row >= 0] == list(
        range(count, 9)
    )


@pytest.mark.parametrize(
    ("most", "measured"), [(0, range(0, 30, 3)), (10, range(0, 30, 3)), (5, range(0, 30, 6))]
)
def test_of_many_held_rows_some_are_measured_evenly_spread(most, measured) -> None:
    validation = make_validation(np.arange(30) % 3 == 0, most)
    assert validation.held_NB[validation.weight_NB > 0].tolist() == list(measured)
    assert (validation.shown_SP >= 0).sum() == 20


def test_of_equal_scores_the_first_concept_counts_wherever_its_part_is() -> None:
    found = module.Nearest(jnp.asarray([1.0, 1, 3, -jnp.inf]), jnp.asarray([4, 2, 6, 0]))
    scores_PB = jnp.asarray([[1.0, 1, 2, 0], [1, 1, 2, 0], [0, 0, 0, 0]])
    better = module._take_better(found, scores_PB, jnp.asarray([5, 3, 1]))
    assert better.concept_NB.tolist() == [3, 2, 6, 1]
    assert better.score_NB.tolist() == [1, 1, 3, 0]


def brute_force(params, vectors, logits, concept_A, held_A):
    """One held-out alias at a time, in float64."""
    losses, rights = [], []
    for row in np.flatnonzero(held_A):
        exponents = np.exp(logits[row])
        losses.append(-np.log(exponents[concept_A[row]] / exponents.sum()))
        scores = []
        for concept in range(CONCEPTS):
            shown = [
                float(vectors[row] @ vectors[other])
                for other in np.flatnonzero(~held_A)
                if concept_A[other] == concept
            ]
            nearest = max(shown, default=-1.0)
            scores.append((logits[row, concept] / float(params["scale"]) + nearest) / 2)
        rights.append(int(np.argmax(scores)) == concept_A[row])
    return np.mean(losses), np.mean(rights)


@pytest.mark.parametrize(("block", "part"), [(4, 3), (4, 64), (256, 2), (1, 1)])
def test_loss_and_accuracy_equal_a_brute_force_computation(
    fitting, run, monkeypatch, block, part
) -> None:
    monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr(module, "PART", part)
    examples, params = fitting.examples, run[2].state.params
    model = build_model(fitting.settings.model, CONCEPTS)
    material = make_material(examples)

    @jax.jit
    def encode(params):
        tokens_NT = examples.phrases.tokens_NT
        vectors_ND = model.apply(
            {"params": params},
            material.grams_VF[tokens_NT],
            material.alias_pairs_AT,
            material.rarity_V[tokens_NT],
        )
        return vectors_ND, model.apply({"params": params}, vectors_ND, method="score")

    # All of concept 4 is held, so that it has no alias to be near to; seven is no whole block.
    held_A = (examples.concept_A == 4) | (np.arange(len(examples.concept_A)) == 2)
    vectors, logits = (np.asarray(each, np.float64) for each in encode(params))
    loss, accuracy = jax.jit(make_validate(model))(params, material, make_validation(held_A))
    expected = brute_force(params, vectors, logits, examples.concept_A, held_A)
    assert held_A.sum() == 7
    assert 0 < expected[1] < 1
    assert float(loss) == pytest.approx(expected[0], rel=1e-4)
    assert float(accuracy) == pytest.approx(expected[1])
