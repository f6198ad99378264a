from __future__ import annotations

import numpy as np
import pytest

from lvmh_jax.config import NoteHeadSettings
from lvmh_jax.train.notehead import NoteTargets, fit_note_heads, note_loss
from tests.train.fitting import quick_compiles

SETTINGS = NoteHeadSettings(steps=80, batch_size=32)
NOTES, WIDTH, CONCEPTS = 60, 12, 2


def make_targets() -> NoteTargets:
    """Concept 0 is told by word 3 and concept 1 by word 5; the other words tell nothing."""
    rng = np.random.default_rng(0)
    told_NC = rng.random((NOTES, CONCEPTS)) < [0.5, 0.2]
    ids_NT = rng.integers(6, WIDTH, (NOTES, 4)).astype(np.int32)
    ids_NT[:, :2] = np.where(told_NC, [3, 5], WIDTH)
    values_NT = np.where(ids_NT < WIDTH, [0.6, 0.6, 0.2, 0.2], 0).astype(np.float32)
    return NoteTargets(ids_NT, values_NT, WIDTH, told_NC.astype(np.float32), np.arange(NOTES) % 3)


@pytest.fixture(scope="module")
def targets() -> NoteTargets:
    return make_targets()


@pytest.fixture(scope="module")
def fit(targets):
    with quick_compiles():
        return fit_note_heads(targets, SETTINGS, seed=0).fit


def score(targets: NoteTargets, fit, model: int) -> np.ndarray:
    dense_NV = np.zeros((NOTES, WIDTH + 1))
    np.add.at(dense_NV, (np.arange(NOTES)[:, None], targets.ids_NT), targets.values_NT)
    return dense_NV[:, :WIDTH] @ fit.kernel_GVC[model] + fit.bias_GC[model]


def test_a_model_for_every_fold_and_one_for_all_notes(fit) -> None:
    assert fit.group_G.tolist() == [0, 1, 2, -1]
    assert fit.kernel_GVC.shape == (4, WIDTH, CONCEPTS)
    assert fit.bias_GC.shape == (4, CONCEPTS)


def test_models_tell_concepts_of_notes_they_never_saw(targets, fit) -> None:
    for model, fold in enumerate((0, 1, 2)):
        rows = targets.fold_N == fold
        found_NC = score(targets, fit, model)[rows] > 0
        assert (found_NC == (targets.labels_NC[rows] > 0)).mean() > 0.95


def test_a_model_never_sees_its_own_fold(targets, fit) -> None:
    inside = targets.fold_N == 1
    turned_NC = np.where(inside[:, None], 1 - targets.labels_NC, targets.labels_NC)
    again = fit_note_heads(targets._replace(labels_NC=turned_NC), SETTINGS, seed=0).fit
    for model, group in enumerate(fit.group_G.tolist()):
        is_same = np.array_equal(fit.kernel_GVC[model], again.kernel_GVC[model])
        assert is_same == (group == 1)


def test_what_is_said_to_a_fold_knows_neither_its_labels_nor_the_notes_own(targets) -> None:
    """Turns the labels of one fold: what its own models are told of others does not move."""
    inside = targets.fold_N == 1
    turned_NC = np.where(inside[:, None], 1 - targets.labels_NC, targets.labels_NC)
    before, after = (
        fit_note_heads(targets._replace(labels_NC=labels_NC), SETTINGS, seed=0).logits_GNC
        for labels_NC in (targets.labels_NC, turned_NC)
    )
    assert before.shape == (4, NOTES, CONCEPTS)
    same_GN = (before == after).all(2)
    assert same_GN[1].all()  # the models of fold 1
    assert same_GN[:, inside].all()  # its own notes, for any model
    assert not same_GN[[0, 2, 3]][:, ~inside].any()


def test_what_is_said_of_a_note_is_by_models_that_its_fold_is_hidden_from(targets, fit) -> None:
    logits_GNC = fit_note_heads(targets, SETTINGS, seed=0).logits_GNC
    for fold in range(3):
        rows = targets.fold_N == fold
        own = score(targets, fit, fold)[rows]
        np.testing.assert_allclose(logits_GNC[fold, rows], own, atol=1e-4)
        np.testing.assert_allclose(logits_GNC[-1, rows], own, atol=1e-4)


def test_the_same_seed_gives_the_same_models_and_another_does_not(targets, fit) -> None:
    again, other = (fit_note_heads(targets, SETTINGS, seed=seed).fit for seed in (0, 1))
    np.testing.assert_array_equal(again.kernel_GVC, fit.kernel_GVC)
    assert not np.array_equal(other.kernel_GVC, fit.kernel_GVC)


def test_words_that_no_note_holds_weigh_nothing(targets, fit) -> None:
    unseen = np.setdiff1d(np.arange(WIDTH), targets.ids_NT)
    assert len(unseen) > 2
    assert not fit.kernel_GVC[:, unseen].any()


def test_the_loss_equals_a_loop() -> None:
    rng = np.random.default_rng(0)
    logits_BC, kernel_VC = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    labels_BC, weight_B = np.array([[1, 0], [0, 1], [1, 1]]), np.array([1, 0, 1])
    chance_BC = 1 / (1 + np.exp(-logits_BC))
    each_BC = -np.log(np.where(labels_BC > 0, chance_BC, 1 - chance_BC))
    expected = each_BC[[0, 2]].sum() / 2 + 0.5 * 0.25 * (kernel_VC**2).sum()
    arrays = (each.astype(np.float32) for each in (logits_BC, labels_BC, weight_B, kernel_VC))
    assert float(note_loss(*arrays, 0.25)) == pytest.approx(expected, rel=1e-5)
