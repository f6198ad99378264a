"""Fits mention scorers: all folds and members at once, by `jax.vmap` over models.

Each model has a seed (its member) and a fold that is hidden from it, so every candidate of the
training data is scored by models that did not see its note (cross-fitting). The shipped scorer is
the mean over all models that saw every fold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from lvmh_jax.config import ScorerSettings
from lvmh_jax.models.scorer import FIRST, MentionScorer, gate_polarity, shrink_polarity
from lvmh_jax.train.programs import PLAIN, choose_options, compile_fast

BATCH = 512
AT_ONCE = 10  # steps per call: their batches take 21 MB for eighteen models
FEW_STEPS = 150  # steps x members that run in less time than an optimised program takes to compile
SILENT = 1e-6  # a feature with a lower deviation counts as constant
PRIOR_PACE = 1 / 3  # factor on the learning rate if a fit starts from a prior
RECALLED_STD = 2.0  # fixed scale of the recalled features: logs of counts, a rate and a log share
SURELY_THERE = 0.5  # minimum overlap of a candidate that counts as a mention
Floats = NDArray[np.float32]
Array = TypeVar("Array", Floats, jax.Array)


class ScorerTargets(NamedTuple):
    """Training data of the scorer, per candidate.

    Attributes:
      features_NF: float32 raw features.
      overlap_N: float32 overlap of the span with a gold span of the concept, in [0, 1].
      negated_N: float32, 1 if that gold span is negated.
      fold_N: int64 fold of the candidate's note.
      recalled_GNM: float32, the last M features as the models of each fold may see them, and then
        as those of all folds may; None if they are the same for all.
      is_recalled_N: bool, whether only the memory proposed the candidate. It then exists only for
        models that may see an annotation of its wording (first recalled feature above 0).
      denied_N: bool, whether a cue denies the candidate; None stands for all True.
      proposals: number of detectors that proposed candidates for the same notes; a denial counts
        once.
    """

    features_NF: Floats
    overlap_N: Floats
    negated_N: Floats
    fold_N: NDArray[np.int64]
    recalled_GNM: Floats | None = None
    is_recalled_N: NDArray[np.bool_] | None = None
    denied_N: NDArray[np.bool_] | None = None
    proposals: int = 1


def join_targets(parts: Sequence[ScorerTargets]) -> ScorerTargets:
    """Concatenates the candidates of several detectors; all must have the same fields.

    Raises:
      ValueError: a field is None in one and not in another.
    """
    arrays = {
        name: np.concatenate(each, axis=1 if name == "recalled_GNM" else 0)
        for name, each in zip(ScorerTargets._fields, zip(*parts, strict=True), strict=True)
        if name != "proposals" and any(column is not None for column in each)
    }
    return ScorerTargets(**arrays, proposals=sum(part.proposals for part in parts))


class ScorerFit(NamedTuple):
    """Fitted models, stacked along a leading axis G = groups x members.

    Attributes:
      params_G: parameters.
      group_G: int64 fold that a model did not see; -1 if it saw all.
      mean_F, std_F: float32 mean and deviation of the features.
    """

    params_G: Any
    group_G: NDArray[np.int64]
    mean_F: Floats
    std_F: Floats


def widen_fit(fit: ScorerFit, column_K: Sequence[int], features: int) -> ScorerFit:
    """Adapts models to more features; new ones have weight 0, like features that never varied.

    Args:
      fit: models with K features.
      column_K: columns of these features among all.
      features: F, the number of all features.
    """
    mean_F, std_F = np.zeros(features, np.float32), np.full(features, 1 / SILENT, np.float32)
    mean_F[list(column_K)], std_F[list(column_K)] = fit.mean_F, fit.std_F
    first = dict(fit.params_G["params"][FIRST])
    kernel_GKH = np.asarray(first["kernel"])
    kernel_GFH = np.zeros((len(kernel_GKH), features, kernel_GKH.shape[2]), np.float32)
    kernel_GFH[:, list(column_K)] = kernel_GKH
    layers = {**fit.params_G["params"], FIRST: {**first, "kernel": kernel_GFH}}
    return ScorerFit({**fit.params_G, "params": layers}, fit.group_G, mean_F, std_F)


def fit_scorers(
    targets: ScorerTargets, settings: ScorerSettings, seed: int, prior: ScorerFit | None = None
) -> ScorerFit:
    """Fits `members` models without each fold, and as many on everything.

    Args:
      targets: the training data.
      settings: settings of the scorer.
      seed: seed of members and batches.
      prior: models fitted on other notes, with the same number of hidden units, that the fit starts
        from instead of random ones; so little data only needs to adjust them.
    """
    known = np.unique(targets.fold_N).tolist()
    if targets.recalled_GNM is not None:  # includes folds whose notes have no candidate
        known = list(range(len(targets.recalled_GNM) - 1))
    folds = [*known, -1]
    group_G = np.repeat(np.array(folds, np.int64), settings.members)
    mean_F, std_F, last = _find_scale(targets)
    if prior is not None:
        mean_F = np.where(_is_silent(prior), mean_F, prior.mean_F)
        std_F = np.where(_is_silent(prior), std_F, prior.std_F)
    features_NF = standardise(targets.features_NF, mean_F, std_F)
    recalled_GNM = targets.recalled_GNM
    if recalled_GNM is None:
        recalled_GNM = np.zeros((len(folds), len(features_NF), 0), np.float32)
    recalled_GNM = standardise(recalled_GNM, mean_F[last:], std_F[last:])
    weight_GN = (targets.fold_N[None, :] != group_G[:, None]).astype(np.float32)
    weight_GN *= np.repeat(_list_visible(targets, len(folds)), settings.members, axis=0)
    denied_N = np.ones(len(features_NF), bool) if targets.denied_N is None else targets.denied_N
    kind_G = np.repeat(np.arange(len(folds)), settings.members)
    drawn = _Candidates(
        features_NF[:, :last], recalled_GNM, targets.overlap_N, targets.negated_N, denied_N
    )
    fitted_G = _fit_all(drawn, weight_GN, kind_G, settings, seed, prior)
    params_G = jax.tree.map(np.asarray, fitted_G)
    is_denied_N = denied_N & (targets.overlap_N >= SURELY_THERE)
    # In numpy, which saves compiling another program.
    denied_G = weight_GN @ is_denied_N.astype(np.float32) / targets.proposals
    params_G = shrink_polarity(params_G, denied_G)
    return ScorerFit(params_G, group_G, mean_F, std_F)


def begin_fit(settings: ScorerSettings, folds: int, features: int) -> Any:
    """Compiles what `fit_scorers` will call, which does not depend on the number of candidates.

    Returns: the shapes of `ScorerFit.params_G`.
    """
    begin, run = _programs(settings, features)
    lowered = begin.lower((folds + 1) * settings.members, np.uint32(0), np.int32(1))
    carry, rows_SGB = lowered.out_info
    lowered.compile()
    shape = (AT_ONCE, *rows_SGB.shape[1:])
    float32 = lambda *shape: jax.ShapeDtypeStruct(shape, "float32")  # noqa: E731
    seen = (float32(*shape, features), *[float32(*shape)] * 3)
    run.lower(carry, float32(), *seen, jax.ShapeDtypeStruct(shape, bool)).compile()
    return carry[0]


class _Candidates(NamedTuple):
    """Data to draw batches from: shared features, recalled features by group, and targets."""

    features_NF: Floats
    recalled_GNM: Floats
    overlap_N: Floats
    negated_N: Floats
    denied_N: NDArray[np.bool_]


def _fit_all(
    given: _Candidates,
    weight_GN: Floats,
    kind_G: NDArray[np.int64],
    settings: ScorerSettings,
    seed: int,
    prior: ScorerFit | None,
) -> Any:
    """Fits the parameters of all models.

    Batches are gathered in numpy: a program that gathers would depend on the number of candidates,
    and could not be compiled before it is known.
    """
    candidates = len(given.features_NF)
    features = given.features_NF.shape[1] + given.recalled_GNM.shape[2]
    begin, run = _programs(settings, features)
    carry, rows_SGB = begin(len(kind_G), np.uint32(seed), np.int32(candidates))
    rows_SGB = np.asarray(rows_SGB)
    pace = np.float32(1.0)
    if prior is not None:
        carry, pace = (_begin_at(prior, carry[0]), carry[1]), np.float32(PRIOR_PACE)
    weight_M = np.ascontiguousarray(weight_GN, np.float32).reshape(-1)
    model_G1 = np.arange(len(kind_G))[:, None]
    for start in range(0, settings.steps, AT_ONCE):
        rows_CGB = rows_SGB[start : start + AT_ONCE]
        batch = (
            np.concatenate(
                [given.features_NF[rows_CGB], given.recalled_GNM[kind_G[:, None], rows_CGB]], -1
            ),
            weight_M.take(model_G1 * candidates + rows_CGB),
            *(each.take(rows_CGB) for each in (given.overlap_N, given.negated_N, given.denied_N)),
        )
        # Calls are asynchronous: without a wait the batches of all of them would be in memory.
        carry = run(jax.block_until_ready(carry), pace, *batch)
    return carry[0]


def _is_silent(fit: ScorerFit) -> NDArray[np.bool_]:
    """Which features were constant in the training data of the models; bool [F]."""
    return fit.std_F >= np.float32(1 / SILENT)


def _begin_at(prior: ScorerFit, drawn_G: Any) -> Any:
    """Starts from the prior's models in turn; features that they never saw vary stay random."""
    model_G = np.arange(len(drawn_G["params"][FIRST]["bias"])) % len(prior.group_G)
    params_G = jax.tree.map(lambda leaf: np.asarray(leaf)[model_G], prior.params_G)
    silent = np.flatnonzero(_is_silent(prior))
    kernel_GFH = params_G["params"][FIRST]["kernel"]
    kernel_GFH[:, silent] = np.asarray(drawn_G["params"][FIRST]["kernel"])[:, silent]
    return params_G


def _list_visible(targets: ScorerTargets, kinds: int) -> NDArray[np.bool_]:
    """Which candidates exist for the models of each fold; bool [folds + 1, N]."""
    visible_GN = np.ones((kinds, len(targets.fold_N)), bool)
    if targets.recalled_GNM is not None and targets.is_recalled_N is not None:
        visible_GN = ~targets.is_recalled_N[None, :] | (targets.recalled_GNM[:, :, 0] > 0)
    return visible_GN


def _find_scale(targets: ScorerTargets) -> tuple[Floats, Floats, int]:
    """Mean and deviation of each feature, and the column of the first recalled one."""
    features_NF, recalled_GNM = targets.features_NF, targets.recalled_GNM
    last = features_NF.shape[1] - (0 if recalled_GNM is None else recalled_GNM.shape[2])
    if targets.is_recalled_N is not None:
        features_NF = features_NF[~targets.is_recalled_N]
    mean_F, spread_F = features_NF.mean(0), features_NF.std(0)
    # A constant feature is scaled to next to nothing, so its weight stays as initialised.
    std_F = np.where(spread_F > SILENT, spread_F + 1e-3, 1 / SILENT).astype(np.float32)
    # Recalled features depend on the annotation of all folds; their own scale would leak it.
    mean_F[last:], std_F[last:] = 0.0, RECALLED_STD
    return mean_F, std_F, last


def standardise(features_NF: Array, mean_F: Array, std_F: Array) -> Array:
    """Scales features to zero mean and unit deviation, clipped to [-5, 5] for unusual corpora."""
    ready_NF: Array = ((features_NF - mean_F) / std_F).clip(-5, 5)
    return ready_NF


def scorer_loss(
    logits_N2: jax.Array, overlap_N: jax.Array, negated_N: jax.Array, weight_N: jax.Array
) -> jax.Array:
    """Weighted cross-entropy of overlap, and of negation where there is a mention; float32 []."""
    mention_N = optax.sigmoid_binary_cross_entropy(logits_N2[:, 0], overlap_N)
    negated = optax.sigmoid_binary_cross_entropy(logits_N2[:, 1], negated_N) * overlap_N
    return ((mention_N + negated) * weight_N).sum() / jnp.maximum(weight_N.sum(), 1.0)


@lru_cache(maxsize=8)
def _programs(settings: ScorerSettings, features: int) -> tuple[Any, Any]:
    """Two programs: one initialises all models and draws their batches, one runs some steps."""
    model: Any = MentionScorer(settings.hidden)
    optimizer = optax.adamw(
        optax.cosine_decay_schedule(settings.learning_rate, settings.steps),
        weight_decay=settings.weight_decay,
    )

    def start(key: jax.Array) -> tuple[Any, Any]:
        params = model.init(key, jnp.zeros((1, features)))
        return params, optimizer.init(params)

    def step(carry: tuple[Any, Any], pace: jax.Array, batch: Any) -> tuple[Any, Any]:
        (params, opt_state), (seen_BF, weight_B, overlap_B, negated_B, denied_B) = carry, batch

        def loss(params: Any) -> jax.Array:
            logits_B2 = gate_polarity(model.apply(params, seen_BF), denied_B)
            return scorer_loss(logits_B2, overlap_B, negated_B, weight_B)

        updates, opt_state = optimizer.update(jax.grad(loss)(params), opt_state, params)
        paced = jax.tree.map(lambda update: pace * update, updates)
        return optax.apply_updates(params, paced), opt_state

    # The optimizer's step count is shared by all models, so what depends on it stays scalar.
    shapes = jax.eval_shape(lambda: start(jax.random.key(0)))
    axes = jax.tree.map(lambda leaf: 0 if leaf.ndim else None, shapes)

    def run(carry_G: Any, pace: jax.Array, *batches: jax.Array) -> Any:
        every = jax.vmap(step, in_axes=(axes, None, 0), out_axes=axes)

        def take(carry: Any, batch: Any) -> tuple[Any, None]:
            return every(carry, pace, batch), None

        return jax.lax.scan(take, carry_G, batches)[0]

    begin = compile_fast(_make_begin(start, axes, settings.steps), PLAIN, static_argnums=0)
    return begin, compile_fast(run, _choose(settings), donate_argnums=0)


def _make_begin(
    start: Callable[[jax.Array], Any], axes: Any, steps: int
) -> Callable[[int, jax.Array, jax.Array], Any]:
    """Builds `(models, seed, candidates) -> (carry_G, rows_SGB)`."""

    def begin(key: jax.Array, candidates: jax.Array) -> tuple[Any, jax.Array]:
        start_key, draw_key = jax.random.split(key)

        def draw(number: jax.Array) -> jax.Array:
            own = jax.random.fold_in(draw_key, number)
            return jax.random.randint(own, (BATCH,), 0, candidates)

        rows_SB = jax.vmap(draw)(jnp.arange(steps))
        return start(start_key), rows_SB

    def begin_all(models: int, seed: jax.Array, candidates: jax.Array) -> Any:
        # Keys are made in the program, because separately they would be two more programs.
        keys_G = jax.random.split(jax.random.key(seed), models)
        return jax.vmap(begin, in_axes=(0, None), out_axes=(axes, 1))(keys_G, candidates)

    return begin_all


def _choose(settings: ScorerSettings) -> dict[str, Any]:
    return choose_options(settings.steps * settings.members, FEW_STEPS)
