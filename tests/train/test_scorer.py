from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lvmh_jax.config import ScorerSettings
from lvmh_jax.models.scorer import DENIAL_LOGIT, FIRST, MentionScorer, gate_polarity
from lvmh_jax.train.scorer import (
    ScorerFit,
    ScorerTargets,
    fit_scorers,
    join_targets,
    scorer_loss,
    standardise,
)
from tests.train.fitting import quick_compiles

SETTINGS = ScorerSettings(hidden=4, steps=60, learning_rate=0.05, folds=3, members=2)
ROWS, FEATURES = 960, 3


def make_targets() -> ScorerTargets:
    """A candidate is a mention where feature 0 is high, negated where feature 1 is."""
    features_NF = np.random.default_rng(0).normal(size=(ROWS, FEATURES)).astype(np.float32)
    features_NF[:, 2] = 7.0  # a feature that never varies
    overlap_N = (features_NF[:, 0] > 0).astype(np.float32)
    negated_N = overlap_N * (features_NF[:, 1] > 0).astype(np.float32)
    features_NF[:, 0] *= 100
    return ScorerTargets(features_NF, overlap_N, negated_N, np.arange(ROWS) % 3)


def test_only_what_a_cue_denies_may_be_negated(targets) -> None:
    denied_N = np.arange(ROWS) % 2 == 0
    logits_N2 = np.asarray(gate_polarity(jnp.zeros((ROWS, 2)), denied_N))
    assert (logits_N2[:, 1] > 0).tolist() == denied_N.tolist()
    with quick_compiles():
        # Nothing that a cue denies is negated here: the scorer is to learn that cues say nothing.
        affirmed = targets._replace(denied_N=denied_N, negated_N=np.zeros(ROWS, np.float32))
        fit = fit_scorers(affirmed, SETTINGS, seed=0)
        params = jax.tree.map(lambda each: each[-1], fit.params_G)
        features_NF = standardise(targets.features_NF, fit.mean_F, fit.std_F)
        raw_N2 = MentionScorer(SETTINGS.hidden).apply(params, features_NF)
    mentions = targets.overlap_N > 0
    negated_N = np.asarray(gate_polarity(raw_N2, denied_N))[mentions, 1] > 0
    assert negated_N.mean() < 0.05


@pytest.fixture(scope="module")
def targets() -> ScorerTargets:
    return make_targets()


@pytest.fixture(scope="module")
def fit(targets):
    with quick_compiles():
        return fit_scorers(targets, SETTINGS, seed=0)


def test_joined_targets_stand_one_behind_the_other() -> None:
    rows, recalled = np.arange(4, dtype=np.float32), np.ones((2, 4, 3), np.float32)
    left = ScorerTargets(np.ones((4, 2), np.float32), rows, rows, np.arange(4), recalled)
    right = left._replace(overlap_N=rows + 4, recalled_GNM=2 * recalled)
    joined = join_targets([left, right])
    assert joined.features_NF.shape == (8, 2)
    assert joined.overlap_N.tolist() == list(range(8))
    assert joined.recalled_GNM.shape == (2, 8, 3)
    assert joined.recalled_GNM[1, :, 0].tolist() == [1] * 4 + [2] * 4
    assert joined.denied_N is None
    assert joined.proposals == 2
    assert join_targets([joined, left]).proposals == 3
    bare = right._replace(recalled_GNM=None)
    for parts in ([left, bare], [bare, left]):
        with pytest.raises(ValueError, match="dimension"):
            join_targets(parts)


def of_group(fit, group, tree_bytes):
    return tree_bytes(jax.tree.map(lambda each: each[fit.group_G == group], fit.params_G))


def test_every_fold_has_its_members_and_so_has_the_whole(fit) -> None:
    assert fit.group_G.tolist() == [0, 0, 1, 1, 2, 2, -1, -1]
    assert {leaf.shape[0] for leaf in jax.tree.leaves(fit.params_G)} == {8}
    kernels = jax.tree.leaves(fit.params_G)[1].reshape(8, -1)
    assert len({kernel.tobytes() for kernel in kernels}) == 8


def test_a_model_never_sees_its_own_fold(targets, fit, tree_bytes) -> None:
    inside = targets.fold_N == 1
    # The targets alone: all models share the standardisation of the features.
    other = targets._replace(
        overlap_N=np.where(inside, 1 - targets.overlap_N, targets.overlap_N),
        negated_N=np.where(inside, 1 - targets.negated_N, targets.negated_N),
    )
    again = fit_scorers(other, SETTINGS, seed=0)
    for group in (-1, 0, 1, 2):
        is_same = of_group(fit, group, tree_bytes) == of_group(again, group, tree_bytes)
        assert is_same == (group == 1)


def test_the_same_seed_gives_the_same_models_and_another_does_not(targets, fit, tree_bytes) -> None:
    again, other = (fit_scorers(targets, SETTINGS, seed=seed) for seed in (0, 1))
    assert tree_bytes(again.params_G) == tree_bytes(fit.params_G)
    assert tree_bytes(other.params_G) != tree_bytes(fit.params_G)


def test_models_tell_mentions_of_notes_they_never_saw(targets, fit) -> None:
    features_NF = standardise(targets.features_NF, fit.mean_F, fit.std_F)
    apply = jax.jit(jax.vmap(MentionScorer(SETTINGS.hidden).apply, in_axes=(0, None)))
    logits_GN2 = np.asarray(apply(fit.params_G, features_NF))
    for fold in range(3):
        rows = targets.fold_N == fold
        logits_N2 = logits_GN2[fit.group_G == fold][:, rows].mean(0)
        right_N = (logits_N2[:, 0] > 0) == (targets.overlap_N[rows] > 0)
        assert right_N.mean() > 0.9
        mentions = targets.overlap_N[rows] > 0
        gated_N2 = gate_polarity(jnp.asarray(logits_N2), jnp.ones(len(logits_N2), bool))
        negated_N = np.asarray(gated_N2)[mentions, 1] > 0
        assert (negated_N == (targets.negated_N[rows][mentions] > 0)).mean() > 0.85


def test_few_denials_do_not_teach_to_overrule_the_cue(targets) -> None:
    """Of two denied mentions what is learned hardly ever outweighs it; of many it may."""
    few = np.zeros(ROWS, bool)
    few[np.flatnonzero(targets.overlap_N > 0)[:2]] = True
    overruled = {}
    for name, denied_N in (("few", few), ("many", np.ones(ROWS, bool))):
        fit = fit_scorers(targets._replace(denied_N=denied_N), SETTINGS, seed=0)
        ready_NF = standardise(targets.features_NF, fit.mean_F, fit.std_F)
        apply = jax.vmap(MentionScorer(SETTINGS.hidden).apply, in_axes=(0, None))
        logits_GN = np.asarray(apply(fit.params_G, ready_NF))[..., 1]
        overruled[name] = float((logits_GN < -DENIAL_LOGIT).mean())
    assert overruled["few"] < 0.05 < 0.2 < overruled["many"]


def test_features_are_standardised_and_bounded(targets, fit) -> None:
    features_NF = standardise(targets.features_NF, fit.mean_F, fit.std_F)
    assert features_NF.dtype == np.float32
    np.testing.assert_allclose(features_NF[:, :2].mean(0), 0, atol=0.02)
    np.testing.assert_allclose(features_NF[:, :2].std(0), 1, atol=0.02)
    np.testing.assert_allclose(features_NF[:, 2], 0, atol=1e-3)
    far = standardise(np.full((1, FEATURES), 1e9, np.float32), fit.mean_F, fit.std_F)
    assert far.tolist() == [[5.0] * FEATURES]


def test_the_loss_equals_a_loop_and_asks_for_polarity_of_mentions_alone() -> None:
    rng = np.random.default_rng(0)
    logits_N2 = rng.normal(size=(5, 2)).astype(np.float32)
    overlap_N = np.array([1, 0, 0.5, 1, 0], np.float32)
    negated_N = np.array([1, 1, 0, 0, 0], np.float32)
    weight_N = np.array([1, 1, 1, 0, 1], np.float32)

    def cross_entropy(logit, label):
        chance = 1 / (1 + np.exp(-float(logit)))
        return -(label * np.log(chance) + (1 - label) * np.log(1 - chance))

    total = sum(
        cross_entropy(logits[0], overlap) + overlap * cross_entropy(logits[1], negated)
        for logits, overlap, negated, weight in zip(
            logits_N2, overlap_N, negated_N, weight_N, strict=True
        )
        if weight
    )
    found = float(scorer_loss(logits_N2, overlap_N, negated_N, weight_N))
    assert found == pytest.approx(total / 4, rel=1e-5)
    assert float(scorer_loss(logits_N2, overlap_N, negated_N, 0 * weight_N)) == 0.0


def keep_whole(fit: ScorerFit) -> ScorerFit:
    """The models that saw all, as they ship."""
    kept = fit.group_G == -1
    params_G = jax.tree.map(lambda leaf: leaf[kept], fit.params_G)
    return fit._replace(params_G=params_G, group_G=fit.group_G[kept])


def tell_mentions(fit: ScorerFit, targets: ScorerTargets) -> float:
    """How often the models that saw all tell what is a mention."""
    features_NF = standardise(targets.features_NF, fit.mean_F, fit.std_F)
    apply = jax.vmap(MentionScorer(SETTINGS.hidden).apply, in_axes=(0, None))
    logits_N = np.asarray(apply(keep_whole(fit).params_G, features_NF)).mean(0)[:, 0]
    return float(((logits_N > 0) == (targets.overlap_N > 0)).mean())


def test_from_a_prior_a_few_misleading_candidates_are_not_believed(targets, fit) -> None:
    rows = np.arange(12)
    few = ScorerTargets(
        targets.features_NF[rows], 1 - targets.overlap_N[rows], targets.negated_N[rows], rows % 3
    )
    settings = replace(SETTINGS, steps=10)
    anew = fit_scorers(few, settings, seed=0)
    moved = fit_scorers(few, settings, seed=0, prior=keep_whole(fit))
    assert tell_mentions(anew, targets) < 0.6 < 0.9 < tell_mentions(fit, targets)
    assert 0.7 < tell_mentions(moved, targets) < tell_mentions(fit, targets)


def test_a_prior_says_nothing_of_a_feature_that_never_varied_for_it(targets, fit) -> None:
    features_NF = targets.features_NF.copy()
    features_NF[:, 2] = np.arange(ROWS) % 5
    varied = targets._replace(features_NF=features_NF)
    settings = replace(SETTINGS, steps=1, learning_rate=1e-12, weight_decay=0.0)
    prior = keep_whole(fit)
    begun, drawn = (fit_scorers(varied, settings, 0, each) for each in (prior, None))
    kernel_GFH, drawn_GFH, prior_GFH = (
        np.asarray(each.params_G["params"][FIRST]["kernel"]) for each in (begun, drawn, prior)
    )
    np.testing.assert_allclose(kernel_GFH[:, 2], drawn_GFH[:, 2], atol=1e-9)
    np.testing.assert_allclose(kernel_GFH[:, :2], np.tile(prior_GFH[:, :2], (4, 1, 1)), atol=1e-9)
    assert begun.mean_F.tolist() == [*prior.mean_F[:2].tolist(), drawn.mean_F[2]]
    assert begun.std_F.tolist() == [*prior.std_F[:2].tolist(), drawn.std_F[2]]
